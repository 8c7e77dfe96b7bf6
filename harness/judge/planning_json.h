#ifndef ASSAY_JUDGE_PLANNING_JSON_H
#define ASSAY_JUDGE_PLANNING_JSON_H

/* A plan as JSON: every number and the sentences. `cases` and `trials` are null where none would do. */

struct json_writer;
struct planning;

void planning_json(struct json_writer *w, const struct planning *p);

#endif
