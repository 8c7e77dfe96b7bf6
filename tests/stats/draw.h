#ifndef ASSAY_TESTS_STATS_DRAW_H
#define ASSAY_TESTS_STATS_DRAW_H

/* Two runs over the same cases, drawn: what stands in for a target in the simulations of simulate.c. Without `drop` the two runs are of one
 * kind, so that there is nothing to find.
 *
 *   binary p      right with probability p; half of the cases come out the same in both runs, the others are drawn anew
 *   skewed        log-normal, by the case (0.7) and by the run (0.5): costs, durations
 *   judge-like    tenths from 0.2 to 1, most of them 0.7 to 0.9; six of ten the same in both runs
 *   disasters     the candidate crashes (0) in 3 % of the cases, else both are near 0.9: a true drop of 0.027
 *   jackpots      the baseline crashes in 3 % of the cases; the candidate makes up for that by being 0.027 worse elsewhere: no true difference
 *
 * In clusters, each cluster of each run is lucky or not as a whole (intraclass correlation about 0.3). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng;

enum draw_scores {
    DRAW_BINARY_50,
    DRAW_BINARY_90,
    DRAW_BINARY_98,
    DRAW_SKEWED,
    DRAW_JUDGE,
    DRAW_DISASTERS,
    DRAW_JACKPOTS
};
/* Ten clusters; of five each; one holds a third, or half, and the others five each. */
enum draw_shape { SHAPE_NONE, SHAPE_TENTHS, SHAPE_FIVES, SHAPE_THIRD, SHAPE_HALF };

enum { DRAW_MAX = 200000 };

struct draw {
    enum draw_scores scores;
    enum draw_shape shape;
    size_t n;
    double drop; /* binary: so many right answers of the candidate become wrong; others: subtracted from its mean */
};

struct drawn {
    double baseline[DRAW_MAX], candidate[DRAW_MAX], difference[DRAW_MAX];
    uint32_t clusters[DRAW_MAX];
    uint32_t cluster_count;
};

const char *draw_scores_name(enum draw_scores scores);
const char *draw_shape_name(enum draw_shape shape);
bool draw_is_binary(enum draw_scores scores);
double draw_rate(enum draw_scores scores); /* of a binary kind */
double draw_normal(struct rng *rng);

void draw_runs(const struct draw *d, struct rng *rng, struct drawn *ret);

/* Discordant pairs only: b with probability flips / 2, c with flips / 2 + drop. */
void draw_pairs(double flips, double drop, size_t n, struct rng *rng, struct drawn *ret);

#endif
