#ifndef ASSAY_JUDGE_SUMMARY_PARTS_H
#define ASSAY_JUDGE_SUMMARY_PARTS_H

/* Private to the stored form of a summary: its parts, each written and read by one file. Keys are added, never renamed: a reader takes what it
 * knows, and what an older assay did not write stays as an empty record has it. */

#include "model/summary.h"

struct json_writer;
struct map_reader;

/* dimension_json.c */
void json_put_dimension(struct json_writer *w, const struct dimension_summary *d);
void map_dimension(struct map_reader *r, struct dimension_summary *ret);

/* gate_json.c */
void json_put_gate(struct json_writer *w, const struct gate_result *g);
void map_gate(struct map_reader *r, struct gate_result *ret);

/* baseline_json.c */
void json_put_baseline(struct json_writer *w, const struct baseline_summary *b);
void map_baseline(struct map_reader *r, struct baseline_summary *ret);

#endif
