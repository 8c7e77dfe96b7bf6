#ifndef ASSAY_JUDGE_GATE_JUDGE_H
#define ASSAY_JUDGE_GATE_JUDGE_H

/* One gate against the figures of the runs: plain claims (docs/contracts.md, B; docs/statistics.md, "Gates" and "Errors").
 *
 * Shape:  figure_of gives a statistic of one run; gate_judge compares and says so in a sentence with the numbers.
 * Errors: none; what cannot be compared does not hold, and the sentence says why. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "judge/tally.h"
#include "model/gate.h"

struct arena;

struct figure {
    bool has_value;
    double value;
    double lowest, highest; /* with every errored case at its worst, either way; = value where errors cannot decide */
    uint64_t n;             /* cases behind it; what it counts, for a count */
    uint64_t errored;       /* cases left out of it */
    bool selects_nothing;   /* its filter selects no case that ran */
    struct str basis;       /* "143 of 200 cases"; empty for counts */
    struct str why_not;     /* without a value: a clause, "no case was scored" */
};

struct figure figure_of(const struct tally *t, const struct stat_ref *stat, struct arena *arena);

struct gate_scope {
    struct tally *const *tallies; /* one a run, in order of the variants */
    size_t count;
    bool is_full_selection;
    struct arena *arena;
};

/* The run whose figures a statistic means when the gate is judged for run `at`; `count` when the suite has no such variant. */
size_t gate_run_of(const struct gate_scope *scope, const struct stat_ref *stat, size_t at);
bool gate_names_all_variants(const struct gate_expr *e); /* judged once, with the run that its left side names */
void gate_judge(const struct gate_scope *scope, const struct gate *gate, size_t at, struct gate_result *ret);

#endif
