#ifndef ASSAY_STATS_STUDENT_H
#define ASSAY_STATS_STUDENT_H

/* Student's t distribution, with any real degrees of freedom (clustered standard errors have such).
 *
 * Shape:  df > 0, INFINITY = the normal distribution.
 * Units:  probabilities 0..1; t in standard errors. student_tails gives P(T <= t) and P(T > t), each good in relative terms.
 * Limits: relative error below 1e-12 against R for df 0.5..1e6; |t| over 1e150 is infinite. p = 0, 1 give infinities; for p near 1
 *         ask for -student_quantile(1 - p) with 1 - p known exactly.
 * Errors: none.
 * Source: tails by the incomplete beta function, Abramowitz & Stegun 1964, 26.7.1; quantile by inverting them (Newton's method in the
 *         logarithms of t and of the tail, where both are concave, kept inside a bracket). */

#include "stats/beta.h"

struct tails student_tails(double t, double df);
double student_quantile(double p, double df);

#endif
