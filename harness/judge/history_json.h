#ifndef ASSAY_JUDGE_HISTORY_JSON_H
#define ASSAY_JUDGE_HISTORY_JSON_H

/* A history as JSON, with all of its figures and how they were reached. Runs are named by their place in `runs`, from 0; a run without a figure is null
 * in `points`. */

struct history;
struct json_writer;

void history_json(struct json_writer *w, const struct history *h);

#endif
