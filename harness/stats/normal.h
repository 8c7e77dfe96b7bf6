#ifndef ASSAY_STATS_NORMAL_H
#define ASSAY_STATS_NORMAL_H

/* The standard normal distribution.
 *
 * Units:  probabilities 0..1, z in standard deviations. P(Z > z) = normal_cdf(-z), without loss.
 * Limits: relative error below 1e-13 (cdf, for z >= -37), 1e-15 (quantile). p = 0 and 1 give -INFINITY and INFINITY. For p near 1 ask for
 *         -normal_quantile(1 - p) with 1 - p known exactly.
 * Errors: none.
 * Source: cdf by erfc of the C library; quantile by M. J. Wichura 1988, algorithm AS 241 (PPND16), Applied Statistics 37, 477-484. */

double normal_cdf(double z);
double normal_quantile(double p);

#endif
