#ifndef ASSAY_STATS_SADDLE_H
#define ASSAY_STATS_SADDLE_H

/* The binomial density for real arguments, without the cancellation of lgamma: with 110,000 cases the three lgamma are about 1e6 each and
 * their difference is good to ten digits only, this to fourteen.
 *
 * Shape:  x of n, 0 < x < n (real), at the probability p with q = 1 - p (given apart: who has q exactly keeps its digits).
 * Units:  a density; multiplied by x(n-x)/n it is p^x q^(n-x) / B(x, n-x), the factor of the incomplete beta function.
 * Limits: 0 < p < 1. Relative error about 1e-14, growing with the size of the exponent (1e-13 where the density is 1e-300).
 * Errors: none.
 * Source: C. Loader 2000, "Fast and accurate computation of binomial probabilities"; the error of Stirling's formula by its asymptotic
 *         series from 16 on, by lgamma below. */

double saddle_density(double x, double n, double p, double q);

#endif
