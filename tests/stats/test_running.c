/* Streams against arrays: the same means, errors, degrees of freedom, skewness and modes. */

#include <math.h>

#include "base/arena.h"
#include "base/rng.h"
#include "stats/claim.h"
#include "stats/quantile.h"
#include "stats/running.h"
#include "tests/check.h"

enum { CASES_MAX = 400, ROUNDS = 3000 };

static const struct stat_range UNIT = {true, 0, 1};
static const struct stat_range ANYTHING = {.is_bounded = false};

struct drawn_sample {
    double values[CASES_MAX];
    int64_t clusters[CASES_MAX];
    uint32_t numbers[CASES_MAX]; /* with those that are alone as clusters of their own */
    size_t n;
    uint32_t cluster_count;
    bool is_clustered;
    struct stat_range range;
};

static double draw_value(struct rng *rng, int kind)
{
    switch (kind) {
    case 0:
        return rng_unit(rng) < 0.5 ? 1 : 0;
    case 1:
        return (double)rng_below(rng, 11) / 10;
    case 2: /* a few off the mode */
        return rng_unit(rng) < 0.01 ? rng_unit(rng) : 1;
    case 3:
        return 0.25;
    case 4:
        return exp(3 * rng_unit(rng)) * 1000;
    default:
        return 1e9 + rng_unit(rng);
    }
}

static void draw(struct rng *rng, struct drawn_sample *ret)
{
    int kind = (int)rng_below(rng, 6);
    uint64_t shape = rng_below(rng, 4);
    *ret = (struct drawn_sample){.n = 1 + rng_below(rng, rng_below(rng, 3) == 0 ? 6 : CASES_MAX)};
    ret->range = kind < 4 ? UNIT : ANYTHING;
    uint32_t named = 1 + (uint32_t)rng_below(rng, 12);
    uint32_t sizes[16] = {0};
    ret->cluster_count = named;
    for (size_t i = 0; i < ret->n; i++) {
        ret->values[i] = draw_value(rng, kind);
        bool is_alone = shape == 0 || (shape == 1 && rng_below(rng, 2) == 0);
        uint64_t cluster = shape == 3 && rng_below(rng, 10) > 0 ? 0 : rng_below(rng, named);
        ret->clusters[i] = is_alone ? RUNNING_ALONE : (int64_t)cluster;
        ret->numbers[i] = is_alone ? ret->cluster_count++ : (uint32_t)cluster;
        sizes[is_alone ? 15 : cluster] += is_alone ? 0 : 1;
    }
    for (size_t k = 0; k < ARRAY_LEN(sizes); k++) {
        ret->is_clustered = ret->is_clustered || sizes[k] >= 2;
    }
}

static void check_same(const char *row, const struct mean *got, const struct mean *want, const struct drawn_sample *s)
{
    double scale = 1e-9 * (fabs(want->mean) + want->stddev);
    CHECK_INT(row, got->n, want->n);
    CHECK(row, got->is_clustered == want->is_clustered);
    CHECK(row, got->has_se == want->has_se);
    CHECK(row, got->is_constant == want->is_constant);
    CHECK_DOUBLE(row, got->mean, want->mean, 1e-13 * fabs(want->mean));
    CHECK_DOUBLE(row, got->stddev, want->stddev,
                 s->range.is_bounded ? 1e-12 : 1e-15 * fabs(want->mean) + 1e-9 * want->stddev);
    CHECK_DOUBLE(row, got->skew, want->skew, 1e-4 * (1 + fabs(want->skew))); /* 1e9 + 0..1 has few digits left */
    if (want->has_se) {
        CHECK_INT(row, got->clusters, want->clusters);
        CHECK_DOUBLE(row, got->df, want->df, 1e-9 * want->df);
        CHECK_DOUBLE(row, got->clusters_effective, want->clusters_effective, 1e-9 * want->clusters_effective);
        CHECK_DOUBLE(row, got->se, want->se, scale);
    }
    bool is_few = want->has_mode && want->off_mode <= MEAN_FEW_OFF && s->range.is_bounded;
    CHECK(row, (got->has_mode && got->off_mode <= MEAN_FEW_OFF && s->range.is_bounded) == is_few);
    if (is_few) {
        CHECK_INT(row, got->off_mode, want->off_mode);
        CHECK_DOUBLE(row, got->mode, want->mode, 1e-12);
    }
}

static void test_streams(void)
{
    static struct drawn_sample s;
    struct rng rng;
    rng_seed(&rng, 11);
    for (int round = 0; round < ROUNDS; round++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct running r;
        draw(&rng, &s);
        running_init(&r, &s.range);
        for (size_t i = 0; i < s.n; i++) {
            running_add(&r, &arena, s.values[i], s.clusters[i]);
        }
        struct sample sample = {s.values, s.is_clustered ? s.numbers : NULL, s.n, s.cluster_count};
        struct mean want = mean_of(&sample, &s.range, &arena);
        struct mean got = running_mean(&r);
        check_same("stream", &got, &want, &s);
    }
}

/* Errored cases at their worst: as if they had been in the array. */
static void test_with_more(void)
{
    static struct drawn_sample s;
    struct rng rng;
    rng_seed(&rng, 12);
    for (int round = 0; round < ROUNDS / 3; round++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct running r;
        draw(&rng, &s);
        size_t more = rng_below(&rng, 5);
        size_t first = s.n - (more < s.n ? more : s.n);
        running_init(&r, &s.range);
        for (size_t i = 0; i < first; i++) {
            running_add(&r, &arena, s.values[i], RUNNING_ALONE);
        }
        for (size_t i = first; i < s.n; i++) {
            s.values[i] = s.range.is_bounded ? 0 : 7;
        }
        struct sample sample = {.values = s.values, .n = s.n};
        struct mean want = mean_of(&sample, &s.range, &arena);
        struct running with = running_with(&r, s.n - first, s.range.is_bounded ? 0 : 7);
        struct mean got = running_mean(&with);
        s.is_clustered = false;
        check_same("with more", &got, &want, &s);
    }
}

/* The same claims of what is better when lower, from negated numbers. */
static void test_mirror(void)
{
    static struct drawn_sample s;
    struct rng rng;
    rng_seed(&rng, 13);
    for (int round = 0; round < ROUNDS / 10; round++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        draw(&rng, &s);
        struct claim_in in = {.sample = {.values = s.values, .n = s.n}, .range = s.range, .min_cases = 2};
        struct claim c = claim_of(&in, &arena);
        struct claim mirrored = claim_mirror(&c);
        double axis = c.axis;
        for (size_t i = 0; i < s.n; i++) {
            s.values[i] = axis - s.values[i];
        }
        struct claim turned = claim_of(&in, &arena);
        double line = c.mean.mean + 0.01;
        struct stat_test got = claim_test(&mirrored, claim_mirror_number(&c, line));
        struct stat_test want = claim_test(&turned, axis - line);
        CHECK_DOUBLE("below", got.below, want.below, 1e-6);
        CHECK_DOUBLE("above", got.above, want.above, 1e-6);
        struct claim back = claim_mirror(&mirrored);
        CHECK_DOUBLE("there and back", back.mean.mean, c.mean.mean, 1e-12 * (1 + fabs(c.mean.mean)));
    }
    struct claim_parts parts = {.is_binary = true, .range = UNIT, .passed = 30, .mean = {.n = 200, .mean = 0.15}};
    struct claim rate = claim_of_parts(&parts);
    struct claim mirrored = claim_mirror(&rate);
    CHECK_DOUBLE("a rate of at most 20 %", claim_test(&mirrored, claim_mirror_number(&rate, 0.2)).above,
                 claim_test(&rate, 0.2).below, 1e-15);
    struct stat_interval bounds = claim_mirror_interval(&rate, claim_bounds(&mirrored, 0.05));
    struct stat_interval want = claim_bounds(&rate, 0.05);
    CHECK_DOUBLE("its bound", bounds.hi, want.hi, 1e-12);
    CHECK_DOUBLE("its other bound", bounds.lo, want.lo, 1e-12);
    parts = (struct claim_parts){.is_binary = true,
                                 .is_difference = true,
                                 .range = UNIT,
                                 .pairs = {200, 3, 20},
                                 .mean = {.n = 200, .mean = -17.0 / 200}};
    struct claim difference = claim_of_parts(&parts);
    mirrored = claim_mirror(&difference);
    CHECK_DOUBLE("a difference", claim_test(&mirrored, 0.02).above, claim_test(&difference, -0.02).below, 1e-12);
}

static void test_ranks(void)
{
    double sorted[100];
    for (size_t i = 0; i < ARRAY_LEN(sorted); i++) {
        sorted[i] = (double)i;
    }
    for (size_t n = 0; n <= ARRAY_LEN(sorted); n++) {
        struct quantile_ranks ranks = quantile_ranks_of(n, 0.9, 0.1);
        struct stat_interval interval = quantile_interval(sorted, n, 0.9, 0.1);
        CHECK("low", interval.has_lo == (ranks.lo > 0) && (ranks.lo == 0 || interval.lo == sorted[ranks.lo - 1]));
        CHECK("high", interval.has_hi == (ranks.hi > 0) && (ranks.hi == 0 || interval.hi == sorted[ranks.hi - 1]));
        CHECK("both from 29 on", n < 29 || (interval.has_lo && interval.has_hi));
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"streams", test_streams}, {"with more", test_with_more}, {"mirror", test_mirror}, {"ranks", test_ranks}};
    return check_run("stats/running", tests, ARRAY_LEN(tests));
}
