#ifndef ASSAY_JUDGE_SUMMARIZE_H
#define ASSAY_JUDGE_SUMMARIZE_H

/* The figures of one run's summary, with their intervals, from its counters.
 *
 * Shape:  summary_want before the pass over the run (judge/tally.h), summary_of_run after it. Verdict, gates and skipped cases are others' work.
 * Rules:  intervals are two-sided 95 %, by the method of docs/statistics.md for what the dimension can be (its type, the reducer, the trials), never
 *         for what was seen: Wilson for rates of single yes-or-no values, t for means, order statistics for quantiles; in clusters always t,
 *         and none for quantiles. One case has none. */

#include "judge/tally.h"
#include "model/summary.h"

struct arena;

/* The interval of a mean, or of a rate (is_binary: each value 0 or 1). */
struct stat_interval summary_interval(const struct running *r, bool is_binary);

void summary_want(struct tally *t);
void summary_of_run(const struct tally *t, const struct plan_record *plan, struct arena *arena, struct summary *ret);

#endif
