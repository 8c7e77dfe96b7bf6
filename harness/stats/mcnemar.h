#ifndef ASSAY_STATS_MCNEMAR_H
#define ASSAY_STATS_MCNEMAR_H

/* Two runs over the same cases, right or wrong: do they differ? Only the discordant pairs tell.
 *
 * Shape:  b = only the candidate is right, c = only the baseline, of n pairs.
 * Units:  probabilities; below = "the candidate is worse", above = "it is better" (or equal, which the margin 0 cannot tell from it).
 *         statistic = z = (b - c) / sqrt(b + c), 0 for b = c = 0.
 * Limits: b + c up to 1,000,000; b + c = 0: p = 1.
 * Errors: none.
 * Source: Q. McNemar 1947, Psychometrika 12, 153-157; mid-p: M. W. Fagerland, S. Lydersen & P. Laake 2013, BMC Medical Research Methodology
 *         13:91. The exact p, which is printed beside it, is 2 to 14 points weaker and never decides. Neither is valid with clusters. */

#include "model/how.h"

struct pairs {
    uint64_t n, b, c; /* b + c <= n */
};

struct stat_test mcnemar_midp(const struct pairs *p);
struct stat_test mcnemar_exact(const struct pairs *p);

#endif
