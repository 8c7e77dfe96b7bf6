#ifndef ASSAY_STATS_ESTIMATE_H
#define ASSAY_STATS_ESTIMATE_H

/* Estimates over a stream of numbers, in plan order, and the small formulae beside them. Nothing is held: a million cases cost no memory.
 *
 * Shape:  estimate_add for each number (finite), then ask. n = 0 has no statistic: callers look at n first.
 * Units:  whatever the numbers are.
 * Errors: none.
 * Source: sum by Neumaier (base/num.h); variance by Welford 1962, which agrees with the two passes of docs/statistics.md to rounding and
 *         needs one; quantiles of type 1 (Hyndman & Fan 1996); pass@k by Chen et al. 2021, pass^k by tau-bench 2024, as products. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/num.h"
#include "model/suite.h"

struct estimate {
    uint64_t n;
    struct num_sum sum;
    double min, max;
    double center, squares; /* Welford's running mean and sum of squared distances */
};

void estimate_add(struct estimate *e, double value);
double estimate_sum(const struct estimate *e);
double estimate_mean(const struct estimate *e);   /* n >= 1 */
double estimate_stddev(const struct estimate *e); /* of a sample (n - 1); n >= 2 */

/* What the mean and the standard deviation would be with `count` more numbers, all `value`. n + count >= 1, for stddev >= 2. */
double estimate_mean_with(const struct estimate *e, uint64_t count, double value);
double estimate_stddev_with(const struct estimate *e, uint64_t count, double value);

/* Trials to one number. count >= 1; `values` may be reordered (median). Median of an even count: the mean of the middle two. */
double reduce_values(enum reduce_kind kind, double *values, size_t count);

/* Rank (from 1) of the p-quantile of n values, type 1: ceil(n p - 1e-9), at least 1. n >= 1. */
uint64_t quantile_rank(uint64_t n, double p);

/* The chance that at least one (all) of k drawn from n trials, c of which passed, pass. 1 <= k <= n, c <= n. */
double pass_at_k(uint32_t n, uint32_t c, uint32_t k);
double pass_all_k(uint32_t n, uint32_t c, uint32_t k);

/* Equal within 1e-12 relative: what gates call equal. */
bool estimate_equal(double a, double b);

#endif
