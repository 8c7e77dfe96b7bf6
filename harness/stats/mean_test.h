#ifndef ASSAY_STATS_MEAN_TEST_H
#define ASSAY_STATS_MEAN_TEST_H

/* What a mean shows: the interval drawn, the test at a line, the bounds that belong to the test. Also for mean differences, and for binary
 * scores in clusters (zeros and ones).
 *
 * Shape:  of stats/mean.h; `range` as mean_of had it.
 * Units:  those of the values. mean_interval: two-sided alpha; mean_bounds: alpha on each side.
 * Rules:  t with the (clustered) standard error. The claim `above` needs t and, unclustered, Hall (stats/hall.h).
 *         GUARD_BOTH: both claims need Hall, in clusters too (by the skewness of the clusters' sums): for differences that are skewed though
 *         nothing differs, as those of one run from the mean of several are.
 *         Constant values: the unseen share (stats/unseen.h) in the range, with the effective number of clusters; in an unbounded range there
 *         is no interval and nothing is shown (p = 1). One to MEAN_FEW_OFF values (clusters) off the mode, which more than half of the cases
 *         have: the hull of both, so that three odd cases in a thousand do not look like certainty.
 *         Not clipped to the range: whoever draws does that.
 * Limits: without a standard error (n < 2, one cluster): no interval, p = 1.
 * Errors: none.
 * Source: Student 1908; the rest as named there. */

#include "stats/mean.h"

enum { MEAN_FEW_OFF = 4 };

enum mean_guard { GUARD_ABOVE, GUARD_BOTH };

struct stat_interval mean_interval(const struct mean *m, const struct stat_range *range, double alpha);
struct stat_interval mean_bounds(const struct mean *m, const struct stat_range *range, enum mean_guard guard,
                                 double alpha);
struct stat_test mean_test(const struct mean *m, const struct stat_range *range, enum mean_guard guard, double line);

#endif
