#ifndef ASSAY_JUDGE_SELFTEST_JSON_H
#define ASSAY_JUDGE_SELFTEST_JSON_H

/* A self-test as JSON, with counts, rates and intervals. */

struct json_writer;
struct selftest;

void selftest_json(struct json_writer *w, const struct selftest *t);

#endif
