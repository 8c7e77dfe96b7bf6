#include "tests/stats/draw.h"

#include <math.h>

#include "base/rng.h"
#include "stats/mean.h"
#include "stats/normal.h"

static const struct {
    const char *name;
    bool is_binary;
    double rate;
} KINDS[] = {{"binary 0.5", true, 0.5}, {"binary 0.9", true, 0.9},    {"binary 0.98", true, 0.98}, {"skewed", false, 0},
             {"judge-like", false, 0},  {"rare disasters", false, 0}, {"rare jackpots", false, 0}};

const char *draw_scores_name(enum draw_scores scores)
{
    return KINDS[scores].name;
}

bool draw_is_binary(enum draw_scores scores)
{
    return KINDS[scores].is_binary;
}

double draw_rate(enum draw_scores scores)
{
    return KINDS[scores].rate;
}

const char *draw_shape_name(enum draw_shape shape)
{
    static const char *const NAMES[] = {"none", "10 equal", "of 5", "one holds a third", "one holds half"};
    return NAMES[shape];
}

double draw_normal(struct rng *rng)
{
    return normal_quantile(rng_unit(rng) + 0x1.0p-54);
}

/* A cluster's chance of a right answer: two kinds of clusters, in such shares that the mean is the rate. */
static double lucky_rate(double rate, struct rng *rng)
{
    double u = rng_unit(rng);
    if (rate < 0.7) {
        return u < 0.5 ? rate - 0.27 : rate + 0.27;
    }
    double low = rate < 0.95 ? 0.6 : 0.8;
    return u < (1 - rate) / (1 - low) ? low : 1;
}

/* What a cluster of one run has in common. */
static double cluster_effect(const struct draw *d, struct rng *rng)
{
    if (draw_is_binary(d->scores)) {
        return lucky_rate(draw_rate(d->scores), rng);
    }
    return d->scores == DRAW_SKEWED ? 0.6 * draw_normal(rng) : 0.15 * ((double)rng_below(rng, 3) - 1);
}

static double judge_score(struct rng *rng)
{
    static const double SCORES[20] = {0.2, 0.5, 0.6, 0.7, 0.7, 0.7, 0.7, 0.8, 0.8, 0.8,
                                      0.8, 0.8, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 1,   1};
    return SCORES[rng_below(rng, 20)];
}

static uint32_t cluster_of(const struct draw *d, size_t i)
{
    switch (d->shape) {
    case SHAPE_NONE:
        return (uint32_t)i;
    case SHAPE_TENTHS:
        return (uint32_t)(i * 10 / d->n);
    case SHAPE_FIVES:
        return (uint32_t)(i / 5);
    case SHAPE_THIRD:
        return i < d->n / 3 ? 0 : (uint32_t)(1 + (i - d->n / 3) / 5);
    case SHAPE_HALF:
        return i < d->n / 2 ? 0 : (uint32_t)(1 + (i - d->n / 2) / 5);
    }
    return 0;
}

static void draw_case(const struct draw *d, struct rng *rng, const double effects[2], double *baseline,
                      double *candidate)
{
    bool has_clusters = d->shape != SHAPE_NONE;
    if (draw_is_binary(d->scores)) {
        double rate = draw_rate(d->scores);
        double u = rng_unit(rng);
        double v = has_clusters || rng_unit(rng) < 0.5 ? rng_unit(rng) : u;
        *baseline = u < (has_clusters ? effects[0] : rate) ? 1 : 0;
        *candidate = v < (has_clusters ? effects[1] : rate) ? 1 : 0;
        if (d->drop > 0 && *candidate > 0 && rng_unit(rng) < d->drop / rate) {
            *candidate = 0;
        }
    } else if (d->scores == DRAW_SKEWED) {
        double of_case = 0.7 * draw_normal(rng);
        *baseline = exp(of_case + 0.5 * draw_normal(rng) + (has_clusters ? effects[0] : 0));
        *candidate = exp(of_case + 0.5 * draw_normal(rng) + (has_clusters ? effects[1] : 0)) - d->drop;
    } else if (d->scores == DRAW_JUDGE) {
        *baseline = judge_score(rng);
        *candidate = rng_unit(rng) < 0.6 ? *baseline : judge_score(rng);
        *baseline = fmin(1, fmax(0, *baseline + (has_clusters ? effects[0] : 0)));
        *candidate = fmin(1, fmax(0, *candidate + (has_clusters ? effects[1] : 0)));
        *candidate -= rng_unit(rng) < 5 * d->drop ? 0.2 : 0; /* 0.2 in some cases */
    } else {
        bool is_crash = rng_unit(rng) < 0.03;
        double noise = 0.02 * (rng_unit(rng) - 0.5);
        *baseline = d->scores == DRAW_JACKPOTS && is_crash ? 0 : 0.9;
        *candidate =
            d->scores == DRAW_DISASTERS && is_crash ? 0 : 0.9 + noise - (d->scores == DRAW_JACKPOTS ? 0.027 : 0);
    }
}

void draw_runs(const struct draw *d, struct rng *rng, struct drawn *ret)
{
    double effects[2] = {0, 0};
    for (size_t i = 0; i < d->n; i++) {
        ret->clusters[i] = cluster_of(d, i);
        if (d->shape != SHAPE_NONE && (i == 0 || ret->clusters[i] != ret->clusters[i - 1])) {
            effects[0] = cluster_effect(d, rng);
            effects[1] = cluster_effect(d, rng);
        }
        draw_case(d, rng, effects, &ret->baseline[i], &ret->candidate[i]);
        ret->difference[i] = mean_difference(ret->candidate[i], ret->baseline[i]);
    }
    ret->cluster_count = d->n == 0 ? 0 : ret->clusters[d->n - 1] + 1;
}

void draw_pairs(double flips, double drop, size_t n, struct rng *rng, struct drawn *ret)
{
    for (size_t i = 0; i < n; i++) {
        double u = rng_unit(rng);
        ret->difference[i] = u < flips / 2 ? 1 : u < flips + drop ? -1 : 0;
    }
}
