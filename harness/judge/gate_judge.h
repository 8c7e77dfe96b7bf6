#ifndef ASSAY_JUDGE_GATE_JUDGE_H
#define ASSAY_JUDGE_GATE_JUDGE_H

/* The gates of one run: figures against numbers, other figures and baselines (docs/contracts.md, B; docs/statistics.md).
 *
 * Shape:  figure_of gives a statistic of one run; gates_judge judges all gates that belong to a run, since those with confidence depend on how many
 *         they are. What they compare with is read by judge/compared.h.
 * Errors: those of the store. What cannot be compared does not hold, and its sentence says why. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "judge/tally.h"
#include "model/gate.h"

struct arena;
struct compared;
struct err;
struct summary;

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

/* A figure of values that are at hand, `errored` more of which could have been anything from lo to hi. The kind: one that has a number of each case,
 * or an extent (min, max, sum, stddev). Sorts `values` for a quantile. n >= 1. */
struct figure figure_of_values(const struct stat_ref *stat, double *values, size_t n, struct arena *arena);

/* The words for how many cases are behind it: "143 of 200 cases" for yes and no, else "200 cases". */
struct str figure_basis(struct arena *arena, bool is_binary, double sum, uint64_t n);

struct gate_scope {
    struct tally *const *tallies; /* one a run, in order of the variants */
    size_t count;
    const struct suite *suite;
    bool is_full_selection;
    struct arena *arena;
    struct compared *compared;
};

/* The run whose figures a statistic means when the gate is judged for run `at`; `count` when the suite has no such variant. */
size_t gate_run_of(const struct gate_scope *scope, const struct stat_ref *stat, size_t at);
bool gate_names_all_variants(const struct gate_expr *e); /* judged once, with the run that its left side names */

/* The gates that are shown with a run: all but those that name other variants on every side. */
bool gate_belongs(const struct gate_scope *scope, const struct gate_expr *e, size_t at);

/* What gates need counted and read, before anything is. */
void gates_want(const struct gate_scope *scope);

/* Whether what the run's gates need of baselines is there: *ret_reason ptr NULL, or why there is no verdict. */
MUST_CHECK bool gates_find_baselines(const struct gate_scope *scope, size_t at, struct str *ret_reason,
                                     struct err *err);

/* Into s->gates: those that belong to run `at`. `is_stopped`: by run, whether it came to no verdict; then they are not judged. */
MUST_CHECK bool gates_judge(const struct gate_scope *scope, size_t at, const bool *is_stopped, struct summary *s,
                            struct err *err);

#endif
