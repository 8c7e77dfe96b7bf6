#ifndef ASSAY_STATS_RUNNING_H
#define ASSAY_STATS_RUNNING_H

/* The mean of a stream and how far it can be trusted: what mean_of (stats/mean.h) says of an array, without holding the values. A run of a million
 * cases costs as much memory as one of ten.
 *
 * Shape:  running_init, running_add for each case in plan order (finite values; its cluster's number, or RUNNING_ALONE), then running_mean at any
 *         time. Clusters count only where one of them holds two of the values: else every case is its own.
 * Units:  those of the values.
 * Limits: memory grows with the clusters (48 bytes each), never with the cases. Values off the mode are told apart up to the MEAN_FEW_OFF that
 *         anybody asks for: with more, `off_mode` only says so, and has_mode is false.
 * Errors: none.
 * Source: the formulae are those of stats/mean.h; here moments are updated: T. F. Chan, G. H. Golub & R. J. LeVeque 1983, The American Statistician
 *         37, 242-247, the third after P. Pebay 2008, Sandia Report SAND2008-6212. They agree with two passes to rounding (tests/stats). */

#include "base/vec.h"
#include "stats/estimate.h"
#include "stats/mean.h"
#include "stats/mean_test.h"

struct arena;

enum { RUNNING_ALONE = -1, RUNNING_VALUES = MEAN_FEW_OFF + 2 };

struct running_cluster {
    uint64_t n;
    struct num_sum sum;
    double first;
    bool is_mixed; /* it holds values other than the first */
};

struct running_value {
    double value;
    uint64_t count;
};

struct running {
    struct estimate e; /* of all values */
    double cubes;      /* sum of cubed distances from the running mean */
    struct stat_range range;
    /* of the cases that are their own cluster; kept from the first on that is not: before it they are all */
    struct estimate alone;
    struct running_value values[RUNNING_VALUES]; /* of those: the different ones, as long as there are few */
    size_t value_count;
    bool has_many_values;
    VEC(struct running_cluster) clusters; /* by number; n = 0: not met */
};

void running_init(struct running *r, const struct stat_range *range);
void running_add(struct running *r, struct arena *arena, double value, int64_t cluster);

/* As if `count` more cases, each its own, had this value: what errored cases could have come to. */
struct running running_with(const struct running *r, uint64_t count, double value);

struct mean running_mean(const struct running *r);

#endif
