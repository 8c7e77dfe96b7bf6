#ifndef ASSAY_STATS_BETA_H
#define ASSAY_STATS_BETA_H

/* The regularised incomplete beta function I_x(a, b): what the tails of t and of the binomial are made of.
 *
 * Shape:  a, b > 0; 0 <= x <= 1, and y = 1 - x, given apart so that an x near 1 keeps its digits.
 * Units:  probabilities; lower + upper = 1, each good in relative terms, so that a tail of 1e-200 is one.
 * Limits: relative error below 1e-12 against R's pbeta for a, b up to 1e6; the work grows with the root of the larger one.
 * Errors: none.
 * Source: the continued fraction of Didonato & Morris 1992 (algorithm 708, ACM Transactions on Mathematical Software 18, 360-373), evaluated
 *         by Lentz's method (Thompson & Barnett 1986) on the side of the mean where it converges fast; its factor by stats/saddle.h. */

struct tails {
    double lower, upper; /* P(X <= x), P(X > x) */
};

struct tails beta_tails(double a, double b, double x, double y);

/* x^a y^b / B(a, b): x y times the density. 0 < x < 1. */
double beta_factor(double a, double b, double x, double y);

#endif
