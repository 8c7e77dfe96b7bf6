#ifndef ASSAY_STATS_EXCEEDANCE_H
#define ASSAY_STATS_EXCEEDANCE_H

/* Two runs' quantiles over the same cases (p95 latency, say): is the candidate's more than r times the baseline's, or more than it plus a shift?
 *
 * Shape:  paired values, finite, in case order; 0 < p < 1; for ratios none below 0. exceedance_init sorts copies once; then each question costs one
 *         pass. With clusters (not NULL) the differences of the indicators are tested by the clustered t of stats/mean_test.h.
 *         A baseline of several runs: `runs` of them, baseline[i * runs + k] is case i in run k, NAN where that run does not have it; each case
 *         has one at least. Its runs count as indicators averaged over the runs, never as values averaged: a mean of runs has a lighter tail than
 *         any run. Then, too, t decides.
 * Units:  r > 0, a ratio; shifts in the values' unit. Here the claims are about the ratio (the difference): below = "it is below r", above = "at or
 *         above r"; for latency, where lower is better, "above 1.1" is the bad news. Intervals take a two-sided alpha; the one-sided bounds at a
 *         are their sides at 2a.
 * Rules:  scale (shift) the baseline, take the type-1 p-quantile q of both pooled, count the cases above q in one run only (b candidate, c
 *         baseline), and test b against c with McNemar's mid-p. Above means by more than 1e-12 of q: rounding decides nothing. Where
 *         several values are q, those at least q are counted instead when that is nearer to a share of 1 - p.
 *         An interval holds the estimate, even where ties make the shares above a cut differ though the quantiles do not.
 * Limits: ratios from 1e-6 to 1e6; a limit beyond does not exist. All cases equal in both runs: p = 1 at r = 1.
 * Errors: none.
 * Source: the paired form of Mood's test for quantiles (A. M. Mood 1950, Introduction to the Theory of Statistics, 16.5; Conover 1999, 4.3),
 *         with Fagerland's mid-p. Put together here; docs/statistics.md has its simulated error. */

#include <stddef.h>

#include "stats/mcnemar.h"

struct arena;
struct weighted;

struct exceedance {
    const double *baseline, *candidate; /* in case order */
    const uint32_t *clusters;           /* NULL = every case its own */
    size_t n;
    size_t runs; /* of the baseline; 0 = 1 */
    uint32_t cluster_count;
    double p;
    /* by exceedance_init: */
    const double *sorted_baseline, *sorted_candidate;
    const struct weighted *weighted_baseline; /* with several runs: sorted, each by its share of its case */
    size_t weighted_count;
};

void exceedance_init(struct exceedance *e, struct arena *arena);

/* The quantiles themselves; of several runs that of all their values, each case counting one. n >= 1. */
double exceedance_candidate(const struct exceedance *e);
double exceedance_baseline(const struct exceedance *e);

struct pairs exceedance_pairs(const struct exceedance *e, double ratio); /* one run of the baseline */
struct stat_test exceedance_test(const struct exceedance *e, double ratio);
struct stat_interval exceedance_interval(const struct exceedance *e, double alpha);

/* The same about the difference of the quantiles. */
struct stat_test exceedance_shift_test(const struct exceedance *e, double shift);
struct stat_interval exceedance_shift_interval(const struct exceedance *e, double alpha);

#endif
