#ifndef ASSAY_STATS_MDE_H
#define ASSAY_STATS_MDE_H

/* The minimum detectable effect: what a comparison could have seen, from its noise and never from the effect seen ("could have seen a drop of 4.1
 * points"; power from the observed effect says nothing that p has not said: Hoenig & Heisey 2001, The American Statistician 55, 19-24).
 *
 * Shape:  alpha one-sided, already divided by the number of claims; power 0..1 (0.8 is customary). `line`: the difference that is asked about, 0 or
 *         minus a margin; the answer is a distance below it.
 * Units:  that of the difference: rates for pairs, the values' own for means.
 * Limits: at most all that there is to fall, which says: nothing could have been seen. n = 0: that, too.
 * Errors: none.
 * Source: means (t_a + t_power) SE: every case changes a little. Pairs: the d solving Connor's formula (stats/plan.h) with the flip rate (b + c + 2) /
 *         (n + 2), which is never 0, and at a margin the spread that Tango's score has there, iterated from d = 0; at least k / n, k the fewest
 *         flips all one way that reach alpha (4 at 0.05).
 *         Falls: a few cases fall by `fall`, as answers do that are right or wrong, and what they add to the spread is in the formula, as
 *         in Connor's: d = (t_a + t_power) sqrt(SE^2 + (2 fall^2 / n + |D| fall - D^2) / n), D = line - d; two flips of the noise beside, as with
 *         pairs. Put together here: tests/stats/simulate_seen.c. */

#include "stats/mcnemar.h"

double mde_mean(double se, double df, double alpha, double power);
double mde_pairs(const struct pairs *p, double line, double alpha, double power);

struct mde_falls {
    double se, df; /* of the mean difference */
    double n;      /* cases, or clusters in effect */
    double fall;   /* of one case: from where nothing changed to the end of the range; > 0 */
};
double mde_falls(const struct mde_falls *f, double line, double alpha, double power);

#endif
