#ifndef ASSAY_STATS_TANGO_H
#define ASSAY_STATS_TANGO_H

/* The difference of two rates over the same cases: score interval, and the test at a margin.
 *
 * Shape:  pairs as in stats/mcnemar.h; the difference is (b - c) / n, and a line D lies in -1..1.
 * Units:  differences of rates. tango_interval takes a two-sided alpha; the one-sided bounds at a are its sides at 2a.
 * Limits: n up to 1,000,000 (all in doubles). n = 0: no interval, z = 0. b = c = 0: +- z^2 / (n + z^2). All discordant one way, c = n:
 *         [-1, -1 + 2 z^2 / (n + z^2)].
 * Errors: none.
 * Source: T. Tango 1998, Statistics in Medicine 17, 891-908: z(D) = (b - c - n D) / sqrt(n (2 q + D (1 - D))), q the larger root of
 *         2 n q^2 + B q + C, B = (2 n - b + c) D - b - c, C = -c D (1 - D); here in shares of n. The limits by bisection. At D = 0 it is
 *         McNemar's z. (Wald and t on the zeros and ones falsely pass a non-inferiority 28-37 % of the time at 50 cases.)
 *         With few discordant pairs z is no longer normal: at 4 to 40 expected ones it falsely fails up to 7.3 % where 5 % were asked. There
 *         the test sums the binomials of the discordant pairs and of their split exactly, q being as likely as can be (an estimated
 *         nuisance parameter: Storer & Kim 1990, J. American Statistical Association 85, 146-155; for pairs Lloyd & Moldovan 2008, Statistics
 *         in Medicine 27, 3540-3549); that is never above 5 % on the grid that was summed (docs/statistics.md). */

#include "stats/mcnemar.h"

/* Expected discordant pairs up to which tango_test sums instead of trusting z. */
enum { TANGO_SUM_BELOW = 200 };

double tango_z(const struct pairs *p, double line);

/* Standard deviation of one pair's difference if the true one were `line`, when b and c are the shares seen: sqrt(2 q + D (1 - D)). */
double tango_spread(double b, double c, double line);

struct stat_interval tango_interval(const struct pairs *p, double alpha);

/* below = the difference is below the line, above = at or above it. statistic = z. At the line 0 mcnemar_midp is the test. Whoever decides asks
 * the bound of tango_interval too. */
struct stat_test tango_test(const struct pairs *p, double line);

#endif
