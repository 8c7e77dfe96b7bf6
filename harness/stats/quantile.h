#ifndef ASSAY_STATS_QUANTILE_H
#define ASSAY_STATS_QUANTILE_H

/* A quantile of n values, each case its own, without assuming anything of their distribution.
 *
 * Shape:  `sorted` ascending; INFINITY and -INFINITY are allowed (errored cases ranked worst). 0 < p < 1. Estimate: quantile_rank of
 *         stats/estimate.h (type 1).
 * Units:  those of the values; ranks count from 1. quantile_interval takes a two-sided alpha; the one-sided bounds at a are its sides at 2a.
 * Limits: n up to 1,000,000. A bound beyond the sample does not exist (has_lo, has_hi false): never the smallest or largest value instead.
 * Errors: none.
 * Source: order statistics, e.g. W. J. Conover 1999, Practical Nonparametric Statistics, 3.2: the largest l with P(Bin(n, p) <= l - 1) <= a
 *         and the smallest u with P(Bin(n, p) >= u) <= a; the test is the sign test at the line. */

#include <stddef.h>

#include "model/how.h"

/* Ranks (from 1) of the values that bound it; 0 = no such bound. For whoever can look up a value by its rank without holding them all. */
struct quantile_ranks {
    uint64_t lo, hi;
};
struct quantile_ranks quantile_ranks_of(uint64_t n, double p, double alpha);

struct stat_interval quantile_interval(const double *sorted, size_t n, double p, double alpha);

/* `below` of n values lie below the line; that is the statistic. */
struct stat_test quantile_test_counts(uint64_t below, uint64_t n, double p);

/* The fewest cases with which both one-sided bounds exist at alpha: 5, 29, 59, 299 for p50, p90, p95, p99 at 0.05. */
uint64_t quantile_min_cases(double p, double alpha);

#endif
