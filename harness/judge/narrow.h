#ifndef ASSAY_JUDGE_NARROW_H
#define ASSAY_JUDGE_NARROW_H

/* The cases of one tag alone, as a table and runs of their own: for whoever asks many questions about each of many tags, which filters would answer by
 * going through all cases every time.
 *
 * Shape:  a row for each case with the tag, in the order of the table. Names, labels and dimensions are those of the whole.
 * Limits: memory as values.h, for the cases of the tag. Costs one pass over the numbers of the tags, and what it copies.
 * Errors: none. For statistics only: contents that changed are not linked (ring), and places in the plan are left out. */

#include <stddef.h>

#include "judge/values.h"

void values_narrow(const struct case_table *t, const struct run_values *runs, size_t count, struct str tag,
                   struct arena *arena, struct case_table *ret_table, struct run_values *ret_runs);

#endif
