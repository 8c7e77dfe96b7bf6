#ifndef ASSAY_STATS_BINOMIAL_H
#define ASSAY_STATS_BINOMIAL_H

/* The binomial distribution: k of n cases, each with probability p.
 *
 * Shape:  k > n is allowed (at most: 1, at least: 0); n = 0 is a certain 0.
 * Units:  probabilities 0..1, each good in relative terms.
 * Limits: relative error below 1e-12 against R for n up to 1,000,000.
 * Errors: none.
 * Source: tails by the incomplete beta function, Abramowitz & Stegun 1964, 26.5.24; single terms by C. Loader 2000 (stats/saddle.h). */

#include <stdint.h>

double binomial_exactly(uint64_t k, uint64_t n, double p);
double binomial_at_most(uint64_t k, uint64_t n, double p);
double binomial_at_least(uint64_t k, uint64_t n, double p);

#endif
