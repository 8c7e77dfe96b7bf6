#ifndef ASSAY_JUDGE_SEEN_H
#define ASSAY_JUDGE_SEEN_H

/* What stored runs tell about a statistic of one run: its figure and spread over the cases, and how much of that is chance, so that numbers of cases
 * can be planned and chances of false alarms be named.
 *
 * Noise: the variance within a case, of one trial: over all samples of a case in the runs of one version (judge/version.h) and with equal scorers,
 *         averaged over the cases that have two or more. Of yes and no it is half the chance that two runs differ: 2 c (K - c) / (K (K - 1)), see
 *         stats/flake.h. Where no case has two samples it is not known; then it cannot be more than the whole spread between the cases
 *         (the spread is that of the cases' own levels plus the noise), and `noise` is that: is_bound.
 * Units:  of the statistic: units 0..1 of judged dimensions, raw values of measures.
 * Limits: memory: the run's numbers (judge/values.h) and 20 bytes a case for each statistic. Two passes over the run's samples, one over each other
 *         run's.
 * Errors: those of the store. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "data/gate_expr.h"
#include "judge/values.h"
#include "stats/mean.h"

struct arena;
struct err;
struct store;

struct seen_in {
    struct store *store;
    const struct run_record *run;     /* whose figures are meant */
    const struct run_record *version; /* runs of its version, `run` among them or not: for the noise */
    size_t version_count;
    const struct stat_ref *const
        *stats; /* mean, pass_rate, pass@k, pass^k, quantile of a dimension; bare pass_rate, score */
    size_t stat_count;
};

struct seen {
    const struct stat_ref *stat;
    struct str why_not; /* nothing was seen: a clause; ptr NULL = something was */
    struct values_type type;
    enum dimension_direction direction;
    struct mean mean;     /* of the cases' numbers, in clusters where there are any */
    uint64_t passed;      /* type.is_binary: cases with a 1 */
    const double *sorted; /* the cases' numbers, ascending */
    uint32_t trials;      /* of each case */
    double squared_sizes; /* sum n_k^2 of its clusters; n without any */
    double icc;           /* of the numbers; 0 without clusters */
    bool has_trial_noise; /* the statistic is a mean of trials: more of them make it less noisy */
    double noise;         /* variance of one trial within a case; where not has_trial_noise, of the case's number */
    bool is_bound;        /* nobody knows: it is this at most */
    uint64_t noise_cases, noise_runs;
};

/* ret: stat_count of them, in `arena`. */
MUST_CHECK bool seen_of(const struct seen_in *in, struct arena *arena, struct seen **ret, struct err *err);

/* The statistic itself. */
double seen_figure(const struct seen *s);

/* Variance of a case's difference between two runs of `trials` each, when nothing changed. */
double seen_difference(const struct seen *s, double trials);

/* What clusters cost: cases in clusters count as this many fewer. */
double seen_design_effect(const struct seen *s);

#endif
