#ifndef ASSAY_JUDGE_COMPARED_H
#define ASSAY_JUDGE_COMPARED_H

/* What the gates of one judgement compare with: the cases of its runs and of their baselines in one table (judge/values.h), read when the first gate
 * asks, each run once.
 *
 * Shape:  compared_new; compared_want for every statistic that is compared, before anything is read; then compared_baseline and compared_with.
 * Limits: holds the numbers of the cases of the runs that are compared, in the dimensions wanted: see judge/values.h.
 * Errors: those of the store. A baseline that is not there, or not comparable, is an answer and no error. */

#include "judge/judge.h"
#include "judge/paired.h"
#include "judge/tally.h"

struct arena;
struct err;

/* A baseline as it was found for one run. */
struct compared_baseline {
    struct judge_baseline found;
    struct baseline_summary summary;
    struct value_set set; /* USED: its runs */
    bool is_self;         /* the variant itself is the baseline */
    uint32_t place;       /* in the summary's list, plus one; 0 = not in it */
};

/* One side by side with another. */
struct reference {
    const struct run_values *candidate;
    struct value_set set;
    const struct compared_baseline *baseline; /* NULL = another variant */
};

struct compared;

struct compared *compared_new(struct arena *arena, const struct judge_in *in, const struct reduction *reduction,
                              bool is_full_selection);
void compared_want(struct compared *c, const struct stat_ref *stat);

/* The baseline of run `at` from a list of places. The same list gives the same answer. */
MUST_CHECK bool compared_baseline(struct compared *c, size_t at, const struct baseline_list *list,
                                  const struct compared_baseline **ret, struct err *err);

/* Why the statistic cannot be compared with that baseline: a clause; ptr NULL = it can. */
struct str compared_why_not(struct compared *c, size_t at, const struct compared_baseline *b,
                            const struct stat_ref *stat);

MUST_CHECK bool compared_with_baseline(struct compared *c, size_t at, const struct compared_baseline *b,
                                       struct reference *ret, struct err *err);
MUST_CHECK bool compared_with_run(struct compared *c, size_t candidate, size_t other, struct reference *ret,
                                  struct err *err);

const struct case_table *compared_table(const struct compared *c);

/* A figure of the baseline's whole runs, for statistics that are no numbers of cases (counts, classes): the mean over its runs. has_value false:
 * why_not says why. */
struct figure;
MUST_CHECK bool compared_figure(struct compared *c, const struct compared_baseline *b, const struct stat_ref *stat,
                                struct figure *ret, struct err *err);

/* The baselines that were asked for, for run `at`'s summary. */
void compared_summaries(const struct compared *c, size_t at, struct baseline_summary **ret, size_t *ret_count);

/* Adds what is to be said of them to the summary: age, runs that were not found. */
void compared_warnings(struct compared *c, size_t at, struct summary *s);

#endif
