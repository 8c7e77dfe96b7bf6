#include "stats/change.h"

#include <math.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/vec.h"

static const double MARK_AT = 0.01;
static const double EQUAL_RELATIVE = 1e-9; /* of the spread: a permutation that gives the same split again */

struct change_search {
    struct rng rng;
    struct arena *arena;
    VEC(struct change) found;
};

static double mean_in(const double *values, size_t n)
{
    struct num_sum sum = {0};
    for (size_t i = 0; i < n; i++) {
        num_sum_add(&sum, values[i]);
    }
    return num_sum_total(&sum) / (double)n;
}

/* The largest sum of squares between two sides, which grows with |mean difference| / pooled standard error and exists even when that error is
 * 0. `values` have mean 0. */
static double best_split(const double *values, size_t n, size_t *ret_at)
{
    double best = -1;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (i >= CHANGE_MIN_SIDE && n - i >= CHANGE_MIN_SIDE) {
            double between = sum * sum * (1 / (double)i + 1 / (double)(n - i));
            if (between > best) {
                best = between;
                *ret_at = i;
            }
        }
        sum += values[i];
    }
    return best;
}

static void shuffle(double *values, size_t n, struct rng *rng)
{
    for (size_t i = n; i > 1; i--) {
        size_t other = (size_t)rng_below(rng, i);
        double kept = values[i - 1];
        values[i - 1] = values[other];
        values[other] = kept;
    }
}

/* Splits and halves are in time order when the left side is searched first. */
static void search(struct change_search *s, const double *values, size_t from, size_t to)
{
    size_t n = to - from;
    if (n < CHANGE_MIN_RUNS) {
        return;
    }
    double *centred = arena_array(s->arena, double, n);
    double mean = mean_in(values + from, n);
    double spread = 0;
    double scale = 0;
    for (size_t i = 0; i < n; i++) {
        centred[i] = values[from + i] - mean;
        spread += centred[i] * centred[i];
        scale = fmax(scale, fabs(values[from + i]));
    }
    if (sqrt(spread) <= EQUAL_RELATIVE * scale) {
        return;
    }
    size_t at = 0;
    double seen = best_split(centred, n, &at);
    size_t as_large = 0;
    for (int i = 0; i < CHANGE_PERMUTATIONS; i++) {
        size_t ignored = 0;
        shuffle(centred, n, &s->rng);
        as_large += best_split(centred, n, &ignored) >= seen - EQUAL_RELATIVE * spread ? 1 : 0;
    }
    double p = (double)(1 + as_large) / (1 + CHANGE_PERMUTATIONS);
    if (p > MARK_AT) {
        return;
    }
    search(s, values, from, from + at);
    *vec_push(s->arena, &s->found) = (struct change){.at = from + at, .p = p};
    search(s, values, from + at, to);
}

size_t change_find(const double *values, size_t n, uint64_t seed, struct arena *arena, struct change **ret)
{
    struct change_search s = {.arena = arena};
    rng_seed(&s.rng, seed);
    search(&s, values, 0, n);
    for (size_t i = 0; i < s.found.len; i++) {
        struct change *c = &s.found.items[i];
        size_t start = i == 0 ? 0 : s.found.items[i - 1].at;
        size_t end = i + 1 < s.found.len ? s.found.items[i + 1].at : n;
        c->before = mean_in(values + start, c->at - start);
        c->after = mean_in(values + c->at, end - c->at);
    }
    *ret = s.found.items;
    return s.found.len;
}
