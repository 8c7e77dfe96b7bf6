#include "stats/exceedance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "stats/bisect.h"
#include "stats/estimate.h"
#include "stats/mean_test.h"

static const double RATIO_MAX = 1e6;
static const double EQUAL_RELATIVE = 1e-12;

static int double_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static const double *sorted_copy(struct arena *arena, const double *values, size_t n)
{
    double *copy = arena_array(arena, double, n);
    if (n > 0) {
        memcpy(copy, values, n * sizeof(*copy));
        qsort(copy, n, sizeof(*copy), double_compare);
    }
    return copy;
}

void exceedance_init(struct exceedance *e, struct arena *arena)
{
    e->sorted_baseline = sorted_copy(arena, e->baseline, e->n);
    e->sorted_candidate = sorted_copy(arena, e->candidate, e->n);
}

/* The value of that rank (from 1) among both sorted runs, without merging them: how many come from the baseline is bisected. */
static double pooled_value(const struct exceedance *e, double ratio, size_t rank)
{
    size_t from = rank > e->n ? rank - e->n : 0;
    size_t to = rank < e->n ? rank : e->n;
    while (from < to) {
        size_t baseline = from + (to - from) / 2;
        if (e->sorted_candidate[rank - baseline - 1] > ratio * e->sorted_baseline[baseline]) {
            from = baseline + 1;
        } else {
            to = baseline;
        }
    }
    double last_baseline = from > 0 ? ratio * e->sorted_baseline[from - 1] : -INFINITY;
    double last_candidate = rank > from ? e->sorted_candidate[rank - from - 1] : -INFINITY;
    return fmax(last_baseline, last_candidate);
}

/* Above this a value exceeds the pooled quantile. */
static double exceedance_line(const struct exceedance *e, double ratio)
{
    if (e->n == 0) {
        return 0;
    }
    double q = pooled_value(e, ratio, (size_t)quantile_rank(2 * (uint64_t)e->n, e->p));
    return q + EQUAL_RELATIVE * fabs(q);
}

struct pairs exceedance_pairs(const struct exceedance *e, double ratio)
{
    struct pairs pairs = {.n = e->n};
    double line = exceedance_line(e, ratio);
    for (size_t i = 0; i < e->n; i++) {
        bool is_baseline = ratio * e->baseline[i] > line;
        bool is_candidate = e->candidate[i] > line;
        pairs.b += is_candidate && !is_baseline ? 1 : 0;
        pairs.c += is_baseline && !is_candidate ? 1 : 0;
    }
    return pairs;
}

static struct stat_test clustered_test(const struct exceedance *e, double ratio)
{
    static const struct stat_range DIFFERENCE = {true, -1, 1};
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    double *differences = arena_array(&scratch, double, e->n);
    double line = exceedance_line(e, ratio);
    for (size_t i = 0; i < e->n; i++) {
        differences[i] = (e->candidate[i] > line ? 1 : 0) - (ratio * e->baseline[i] > line ? 1 : 0);
    }
    struct sample s = {differences, e->clusters, e->n, e->cluster_count};
    struct mean m = mean_of(&s, &DIFFERENCE, &scratch);
    return mean_test(&m, &DIFFERENCE, 0);
}

struct stat_test exceedance_test(const struct exceedance *e, double ratio)
{
    if (e->clusters != NULL) {
        return clustered_test(e, ratio);
    }
    struct pairs pairs = exceedance_pairs(e, ratio);
    struct stat_test test = mcnemar_midp(&pairs);
    test.how.method = METHOD_EXCEEDANCE;
    return test;
}

struct exceedance_side {
    const struct exceedance *exceedance;
    double tail;
};

static bool shows_above(double log_ratio, const void *context)
{
    const struct exceedance_side *side = context;
    return exceedance_test(side->exceedance, exp(log_ratio)).above <= side->tail;
}

static bool shows_below(double log_ratio, const void *context)
{
    const struct exceedance_side *side = context;
    return exceedance_test(side->exceedance, exp(log_ratio)).below <= side->tail;
}

struct stat_interval exceedance_interval(const struct exceedance *e, double alpha)
{
    struct stat_interval interval = {.how = exceedance_test(e, 1).how};
    interval.how.alpha = alpha;
    struct exceedance_side side = {e, alpha / 2};
    double end = log(RATIO_MAX);
    interval.has_lo = shows_above(-end, &side);
    interval.has_hi = shows_below(end, &side);
    interval.lo = interval.has_lo ? exp(bisect(shows_above, &side, -end, end)) : 0;
    interval.hi = interval.has_hi ? exp(bisect(shows_below, &side, end, -end)) : 0;
    return interval;
}
