#ifndef ASSAY_STATS_EXCEEDANCE_H
#define ASSAY_STATS_EXCEEDANCE_H

/* The ratio of two runs' quantiles over the same cases (p95 latency, say): is the candidate's more than r times the baseline's?
 *
 * Shape:  paired values >= 0, finite, in case order; 0 < p < 1. exceedance_init sorts copies once; then each question costs one pass.
 *         With clusters (sample.clusters not NULL) the 0/1 differences are tested by the clustered t of stats/mean_test.h.
 * Units:  r > 0, a ratio. Here the claims are about the ratio: below = "it is below r", above = "at or above r"; for latency, where lower is
 *         better, "above 1.1" is the bad news. exceedance_interval takes a two-sided alpha; the one-sided bounds at a are its sides at 2a.
 * Rules:  scale the baseline by r, take the type-1 p-quantile q of both pooled, count the cases above q in one run only (b candidate, c
 *         baseline), and test b against c with McNemar's mid-p. Above means by more than 1e-12 of q: rounding decides nothing.
 * Limits: ratios from 1e-6 to 1e6; a limit beyond does not exist. All cases equal in both runs: p = 1 at r = 1.
 * Errors: none.
 * Source: the paired form of Mood's test for quantiles (A. M. Mood 1950, Introduction to the Theory of Statistics, 16.5; Conover 1999, 4.3),
 *         with Fagerland's mid-p. Put together here; docs/statistics.md has its simulated error. */

#include <stddef.h>

#include "stats/mcnemar.h"

struct arena;

struct exceedance {
    const double *baseline, *candidate; /* in case order */
    const double *sorted_baseline, *sorted_candidate;
    const uint32_t *clusters; /* NULL = every case its own */
    size_t n;
    uint32_t cluster_count;
    double p;
};

void exceedance_init(struct exceedance *e, struct arena *arena);

struct pairs exceedance_pairs(const struct exceedance *e, double ratio);
struct stat_test exceedance_test(const struct exceedance *e, double ratio);
struct stat_interval exceedance_interval(const struct exceedance *e, double alpha);

#endif
