#ifndef ASSAY_STATS_HALL_H
#define ASSAY_STATS_HALL_H

/* Hall's transformed t: the t statistic of a mean with its skewness taken out. It guards the claim "good enough" against rare disasters: where
 * 3 % of the cases crash, 50 cases often show none, or few, and t is sure of itself.
 *
 * Shape:  mean and standard deviation (n - 1) of n >= 2 values that are not constant, skew = third central moment by the second to 1.5.
 * Units:  the statistic is compared with t of n - 1 degrees of freedom; hall_line gives back the line in the values' unit.
 * Limits: unclustered values only. It is monotone in the line, so that the bound is the inverse, without search.
 * Errors: none.
 * Source: P. Hall 1992, J. Royal Statistical Society B 54, 221-228: W = (m - line) / s,
 *         sqrt(n) (W + g W^2 / 3 + g^2 W^3 / 27 + g / (6 n)), written here as sqrt(n) (((1 + g W / 3)^3 - 1) / g + g / (6 n)). */

double hall_statistic(double mean, double stddev, double skew, double n, double line);

/* The line at which the statistic is `at`. */
double hall_line(double mean, double stddev, double skew, double n, double at);

#endif
