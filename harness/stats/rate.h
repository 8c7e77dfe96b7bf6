#ifndef ASSAY_STATS_RATE_H
#define ASSAY_STATS_RATE_H

/* A binary rate: x of n cases, each its own (with clusters: stats/mean_test.h on the zeros and ones).
 *
 * Shape:  0 <= x <= n.
 * Units:  rates 0..1. rate_wilson and rate_exact take a two-sided alpha; the one-sided bounds at a are the sides of rate_exact at 2a.
 * Limits: n up to 1,000,000. n = 0: no interval, p = 1.
 * Errors: none.
 * Source: the interval drawn: E. B. Wilson 1927, J. American Statistical Association 22, 209-212, exactly 0 at x = 0 and 1 at x = n. The claim:
 *         the binomial tail at the line, whose inversion is the bound of Clopper & Pearson 1934, Biometrika 26, 404-413. Wilson is short and
 *         covers on average; as a gate it fails up to 8.7 % where 5 % were asked, the exact tail never more than asked. */

#include "model/how.h"

struct stat_interval rate_wilson(uint64_t x, uint64_t n, double alpha);
struct stat_interval rate_exact(uint64_t x, uint64_t n, double alpha);

/* below = P(Bin(n, line) <= x), above = P(Bin(n, line) >= x); statistic = x. 0 <= line <= 1. */
struct stat_test rate_test(uint64_t x, uint64_t n, double line);

#endif
