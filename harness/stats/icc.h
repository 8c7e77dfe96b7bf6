#ifndef ASSAY_STATS_ICC_H
#define ASSAY_STATS_ICC_H

/* Intraclass correlation: how much of the spread is between clusters. 0 = clusters say nothing, 1 = all cases of a cluster are the same.
 *
 * Shape:  a sample with clusters (stats/mean.h).
 * Units:  0..1; a negative estimate, which chance gives, is 0.
 * Limits: fewer than two clusters, no cluster of two cases, or constant values: 0.
 * Errors: none.
 * Source: analysis of variance: (MSB - MSW) / (MSB + (n0 - 1) MSW), n0 = (n - sum n_k^2 / n) / (G - 1): A. Donner 1986, International
 *         Statistical Review 54, 67-82. */

#include "stats/mean.h"

double cluster_icc(const struct sample *s, struct arena *scratch);

#endif
