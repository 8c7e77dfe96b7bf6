#include "tests/stats/table.h"

#include <math.h>

#include "base/rng.h"
#include "tests/stats/simulate.h"

static const char *const KINDS[] = {"binary 0.998", "1, and 0.5 in 1 %",      "binary 0.9", "binary 0.98", "judge-like",
                                    "skewed",       "skewed, in whole tenths"};
static const double RATES[] = {[KIND_998] = 0.998, [KIND_RARE] = 0.99, [KIND_90] = 0.9, [KIND_98] = 0.98};

const char *kind_name(enum kind kind)
{
    return KINDS[kind];
}

static double judge_like(struct rng *rng)
{
    static const double SCORES[20] = {0.2, 0.5, 0.6, 0.7, 0.7, 0.7, 0.7, 0.8, 0.8, 0.8,
                                      0.8, 0.8, 0.8, 0.9, 0.9, 0.9, 0.9, 0.9, 1,   1};
    return SCORES[rng_below(rng, 20)];
}

/* What is common to a case (or to a cluster of five): has_own says whether it decides alone. */
struct own {
    double value;
    bool is_settled;
};

static double low_of(enum kind kind)
{
    return kind == KIND_RARE ? 0.5 : 0;
}

static struct own draw_own(const struct table *t, struct rng *rng)
{
    switch (t->kind) {
    case KIND_998:
    case KIND_RARE:
    case KIND_90:
    case KIND_98:
        return (struct own){rng_unit(rng) < RATES[t->kind] ? 1 : low_of(t->kind), rng_unit(rng) < 0.5};
    case KIND_JUDGE:
        return (struct own){judge_like(rng), rng_unit(rng) < 0.6};
    case KIND_SKEWED:
    case KIND_SECONDS:
        break;
    }
    return (struct own){0.7 * draw_normal(rng), false};
}

static double draw_value(const struct table *t, const struct own *own, double of_cluster, struct rng *rng)
{
    switch (t->kind) {
    case KIND_998:
    case KIND_RARE:
    case KIND_90:
    case KIND_98:
        return own->is_settled ? own->value : rng_unit(rng) < RATES[t->kind] ? 1 : low_of(t->kind);
    case KIND_JUDGE:
        return own->is_settled ? own->value : judge_like(rng);
    case KIND_SKEWED:
        return exp(own->value + of_cluster + 0.5 * draw_normal(rng));
    case KIND_SECONDS:
        break;
    }
    return ceil(10 * exp(own->value + of_cluster + 0.5 * draw_normal(rng))) / 10;
}

void table_draw(struct table *t, struct rng *rng, size_t from_run)
{
    double of_cluster[RUNS_MAX] = {0};
    static struct own own[CASES_MAX]; /* kept for later runs over the same cases */
    for (size_t i = 0; i < t->n; i++) {
        own[i] = from_run == 0 ? draw_own(t, rng) : own[i];
        t->clusters[i] = (uint32_t)(i / 5);
        for (size_t k = from_run; k < t->runs; k++) {
            if (t->shape == SHAPE_FIVES && i % 5 == 0) {
                of_cluster[k] = 0.4 * draw_normal(rng);
            }
            t->values[k][i] = draw_value(t, &own[i], of_cluster[k], rng);
        }
    }
}

static bool is_binary(const struct table *t)
{
    return t->kind != KIND_RARE && t->kind < KIND_JUDGE && t->runs == 2;
}

/* candidate - factor * (mean of the baseline's runs) */
struct claim table_claim(struct table *t, struct arena *arena, double factor)
{
    for (size_t i = 0; i < t->n; i++) {
        double sum = 0;
        for (size_t k = 0; k + 1 < t->runs; k++) {
            sum += t->values[k][i];
        }
        t->difference[i] = mean_difference(t->values[t->runs - 1][i], factor * sum / (double)(t->runs - 1));
    }
    bool is_unit = t->kind <= KIND_JUDGE;
    struct claim_in in = {
        .sample = {t->difference, t->shape == SHAPE_NONE ? NULL : t->clusters, t->n, (uint32_t)(t->n / 5) + 1},
        .is_binary = is_binary(t) && factor == 1,
        .is_difference = true,
        .is_lopsided = t->runs > 2,
        .falls_whole = t->kind != KIND_RARE && t->kind < KIND_JUDGE && factor == 1,
        .range = {is_unit, 0, is_unit ? fmax(1, factor) : 0},
    };
    return claim_of(&in, arena);
}

enum claim_outcome table_outcome(const struct claim *c, double line)
{
    return claim_decide(c, line, SIMULATED_ALPHA, claim_test(c, line).below);
}
