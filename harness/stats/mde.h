#ifndef ASSAY_STATS_MDE_H
#define ASSAY_STATS_MDE_H

/* The minimum detectable effect: what a comparison could have seen, from its noise and never from the effect seen ("could have seen a drop of 4.1
 * points"; power from the observed effect says nothing that p has not said: Hoenig & Heisey 2001, The American Statistician 55, 19-24).
 *
 * Shape:  alpha one-sided, already divided by the number of claims; power 0..1 (0.8 is customary).
 * Units:  that of the difference: rates for pairs, the values' own for means.
 * Limits: mde_pairs is at most 1, which says: nothing could have been seen. n = 0: 1.
 * Errors: none.
 * Source: means (t_a + t_power) SE; pairs: the d solving Connor's formula (stats/plan.h) with the flip rate (b + c + 2) / (n + 2), which is
 *         never 0, iterated from d = 0; and at least k / n, k the fewest flips all one way that reach alpha (4 at 0.05). */

#include "stats/mcnemar.h"

double mde_mean(double se, double df, double alpha, double power);
double mde_pairs(const struct pairs *p, double alpha, double power);

#endif
