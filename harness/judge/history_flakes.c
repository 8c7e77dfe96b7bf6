/* Which cases pass and fail by turns though nothing was changed: samples are counted by case, over the runs of one version. One version at a time, one
 * run at a time. */

#include <stdlib.h>

#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"
#include "judge/history_private.h"
#include "judge/tally.h"
#include "judge/values_private.h"
#include "stats/flake.h"

struct counter {                /* of one statistic, over the runs of a version and level */
    uint32_t *samples, *passed; /* by row */
    size_t cap;
    bool is_used;
    size_t first, last; /* places of the runs */
    size_t scored_by;   /* night whose scorer it is */
    size_t level;       /* changes of level before it */
};

struct ledger { /* of one statistic, over all versions */
    struct num_sum flips;
    uint64_t cases, listed;
    VEC(struct history_flake) flakes;
};

static int compare_flakes(const void *a, const void *b)
{
    const struct history_flake *left = a;
    const struct history_flake *right = b;
    if (left->rate != right->rate) {
        return left->rate < right->rate ? 1 : -1;
    }
    if (left->samples != right->samples) {
        return left->samples < right->samples ? 1 : -1;
    }
    int by_id = str_cmp(left->case_id, right->case_id);
    return by_id != 0 ? by_id : (left->first > right->first) - (left->first < right->first);
}

static void keep_worst(struct ledger *l)
{
    if (l->flakes.len < 2) {
        return;
    }
    qsort(l->flakes.items, l->flakes.len, sizeof(*l->flakes.items), compare_flakes);
    l->flakes.len = l->flakes.len > HISTORY_FLAKES_MAX ? HISTORY_FLAKES_MAX : l->flakes.len;
}

/* What was counted goes into the ledger; the counter is empty again. */
static void fold(struct history_work *w, struct counter *c, struct ledger *l)
{
    for (size_t row = 0; c->is_used && row < c->cap; row++) {
        struct flake f = flake_of(c->samples[row], c->passed[row], SUMMARY_ALPHA);
        if (!f.has_rate) {
            continue;
        }
        num_sum_add(&l->flips, f.rate);
        l->cases++;
        if (!f.is_listed) {
            continue;
        }
        l->listed++;
        *vec_push(&w->room, &l->flakes) = (struct history_flake){.case_id = w->table.ids[row],
                                                                 .first = c->first,
                                                                 .last = c->last,
                                                                 .samples = c->samples[row],
                                                                 .passed = c->passed[row],
                                                                 .rate = f.rate,
                                                                 .pass_rate = f.pass_rate};
        if (l->flakes.len == 2 * (size_t)HISTORY_FLAKES_MAX) {
            keep_worst(l);
        }
    }
    for (size_t row = 0; row < c->cap; row++) {
        c->samples[row] = c->passed[row] = 0;
    }
    c->is_used = false;
}

/* The counts of a statistic in a run; NULL where nothing of it passes or fails. */
static const uint32_t *counts_of(const struct run_values *v, const struct stat_ref *stat, const uint32_t **ret_passed)
{
    size_t at = 0;
    if (stat->dimension.ptr == NULL) {
        *ret_passed = v->passed;
        return v->with_pass;
    }
    if (values_dimension(v, stat->dimension, &at) == NULL || v->columns[at].values == NULL) {
        return NULL;
    }
    *ret_passed = v->columns[at].passed;
    return v->columns[at].with_pass;
}

static size_t level_of(const struct history_series *s, size_t place)
{
    size_t level = 0;
    while (level < s->change_count && s->changes[level].at <= place) {
        level++;
    }
    return level;
}

static void count_run(struct history_work *w, size_t at, size_t night, const struct run_values *v, struct counter *c,
                      struct ledger *l)
{
    const struct followed *f = &w->followed[at];
    const uint32_t *passed = NULL;
    const uint32_t *samples = counts_of(v, &f->stat, &passed);
    size_t place = night_place(w, night);
    size_t level = level_of(&w->ret->series[at], place);
    if (samples == NULL) {
        return;
    }
    if (c->is_used && (c->level != level || !digest_eq(&f->scorers[night], &f->scorers[c->scored_by]))) {
        fold(w, c, l);
    }
    if (c->cap < w->table.count) {
        c->samples = values_grow(&w->room, c->samples, c->cap, w->table.count, sizeof(*c->samples));
        c->passed = values_grow(&w->room, c->passed, c->cap, w->table.count, sizeof(*c->passed));
        c->cap = w->table.count;
    }
    c->first = c->is_used ? c->first : place;
    c->last = place;
    c->scored_by = night;
    c->level = level;
    c->is_used = true;
    for (size_t row = 0; row < v->count; row++) {
        if (samples[row] > 0 && case_table_in(&w->table, row, &f->stat.filter)) {
            c->samples[row] += samples[row];
            c->passed[row] += passed[row];
        }
    }
}

/* All runs of the version of run `first`, oldest first. */
static bool count_version(struct history_work *w, size_t first, bool *done, struct counter *counters,
                          struct ledger *ledgers, struct err *err)
{
    uint64_t trials = 0;
    for (size_t i = 0; i <= first; i++) {
        if (!done[i] && digest_eq(&w->nights[i].version, &w->nights[first].version)) {
            trials += w->nights[i].trials;
        }
    }
    for (size_t i = first + 1; i-- > 0;) {
        if (done[i] || !digest_eq(&w->nights[i].version, &w->nights[first].version)) {
            continue;
        }
        done[i] = true;
        struct run_values v;
        if (trials < 2 || !night_has_figures(&w->nights[i])) { /* one sample tells nothing of flips */
            continue;
        }
        if (!history_read(w, i, &v, err)) {
            return false;
        }
        for (size_t s = 0; s < w->ret->series_count; s++) {
            count_run(w, s, i, &v, &counters[s], &ledgers[s]);
        }
    }
    for (size_t s = 0; s < w->ret->series_count; s++) {
        fold(w, &counters[s], &ledgers[s]);
    }
    return true;
}

static void take_ledger(struct history_work *w, struct ledger *l, struct history_series *ret)
{
    keep_worst(l);
    ret->has_flips = l->cases > 0;
    ret->flips = l->cases > 0 ? num_sum_total(&l->flips) / (double)l->cases : 0;
    ret->flip_cases = l->cases;
    ret->flakes_total = l->listed;
    ret->flake_count = l->flakes.len;
    ret->flakes = arena_array(w->arena, struct history_flake, l->flakes.len);
    for (size_t i = 0; i < l->flakes.len; i++) {
        ret->flakes[i] = l->flakes.items[i];
        ret->flakes[i].case_id = arena_str(w->arena, ret->flakes[i].case_id);
    }
}

bool history_flakes(struct history_work *w, struct err *err)
{
    size_t count = w->ret->series_count;
    bool *done = arena_array(&w->room, bool, w->count);
    struct counter *counters = arena_array(&w->room, struct counter, count);
    struct ledger *ledgers = arena_array(&w->room, struct ledger, count);
    for (size_t i = w->count; i-- > 0;) {
        if (!done[i] && !count_version(w, i, done, counters, ledgers, err)) {
            return false;
        }
    }
    for (size_t s = 0; s < count; s++) {
        take_ledger(w, &ledgers[s], &w->ret->series[s]);
    }
    return true;
}
