/* The figures of a history, over the cases that a stretch has in common; where the series breaks; and where it changed its level. */

#include <math.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/vec.h"
#include "judge/history_private.h"
#include "judge/summarize.h"
#include "stats/change.h"
#include "stats/quantile.h"
#include "stats/running.h"

/* --- reading ------------------------------------------------------------------------------------------------------------------------------ */

static bool is_wanted(const void *context, const struct dimension *d)
{
    const struct history_work *w = context;
    for (size_t i = 0; i < w->ret->series_count; i++) {
        const struct str *name = &w->followed[i].stat.dimension;
        if (name->ptr != NULL && str_eq(*name, d->name)) {
            return true;
        }
    }
    return false;
}

bool history_read(struct history_work *w, size_t night, struct run_values *ret, struct err *err)
{
    struct values_want want = {.dimension = is_wanted, .context = w, .like = &w->reduction};
    arena_reset(&w->at_hand);
    return values_read_in(&w->at_hand, &w->table, w->in->store, w->nights[night].run, want, ret, err);
}

/* --- one figure --------------------------------------------------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

/* Order statistics take every case as its own: in clusters there is no interval. */
static void quantile_point(double *values, size_t n, double p, bool is_clustered, struct history_point *ret)
{
    qsort(values, n, sizeof(*values), compare_numbers);
    ret->value = values[quantile_rank(n, p) - 1];
    if (n > 1 && !is_clustered) {
        ret->interval = quantile_interval(values, n, p, SUMMARY_ALPHA);
    }
}

static void make_point(struct history_work *w, const struct run_values *v, const struct stat_ref *stat,
                       const struct case_marks *common, struct history_point *ret)
{
    struct values_type type = values_type_of(v, stat);
    double *values = arena_array(&w->at_hand, double, w->table.count);
    struct running running;
    size_t n = 0;
    if (!values_stat(&w->table, v, stat, values)) {
        return;
    }
    running_init(&running, &type.range);
    for (size_t row = 0; row < w->table.count; row++) {
        if (!case_is_marked(common, row) || !case_table_in(&w->table, row, &stat->filter)) {
            continue;
        }
        if (isnan(values[row])) {
            ret->missing++;
            continue;
        }
        uint32_t cluster = w->table.clusters[row];
        running_add(&running, &w->at_hand, values[row], cluster == CASE_OWN_CLUSTER ? RUNNING_ALONE : (int64_t)cluster);
        values[n++] = values[row]; /* never ahead of what is read */
    }
    ret->n = n;
    ret->has_value = n > 0;
    if (n == 0) {
        return;
    }
    struct mean mean = running_mean(&running);
    if (stat->kind == STAT_QUANTILE) {
        quantile_point(values, n, stat->quantile, mean.is_clustered, ret);
        return;
    }
    ret->value = estimate_mean(&running.e);
    ret->interval = summary_interval(&running, type.is_binary);
}

bool history_points(struct history_work *w, size_t from, size_t to, const struct case_marks *common, struct err *err)
{
    for (size_t at = from; at < to; at++) {
        struct run_values v;
        if (!night_has_figures(&w->nights[at])) {
            continue;
        }
        if (!history_read(w, at, &v, err)) {
            return false;
        }
        for (size_t i = 0; i < w->ret->series_count; i++) {
            make_point(w, &v, &w->followed[i].stat, common, &w->ret->series[i].points[night_place(w, at)]);
        }
    }
    return true;
}

/* --- breaks ------------------------------------------------------------------------------------------------------------------------------- */

/* Statistics that say something else of three trials than of one. */
static bool depends_on_trials(const struct history_work *w, const struct stat_ref *stat)
{
    bool is_reduced = stat->kind == STAT_MEAN || stat->kind == STAT_QUANTILE || stat->kind == STAT_SCORE;
    return (is_reduced && w->reduction.reduce != REDUCE_MEAN) ||
           (stat->kind == STAT_PASS_RATE && stat->dimension.ptr == NULL) || stat->kind == STAT_QUANTILE;
}

/* Why two runs with a figure, the older one first, cannot be compared; ptr NULL = they can. Runs between them have none. */
static struct str why_breaks(const struct history_work *w, const struct followed *f, size_t older, size_t newer)
{
    const struct night *a = &w->nights[older];
    const struct night *b = &w->nights[newer];
    for (size_t i = newer; i < older; i++) {
        if (w->nights[i].of > 0) {
            return arena_printf(w->arena, "only %llu of %llu cases are those of before",
                                (unsigned long long)w->nights[i].kept, (unsigned long long)w->nights[i].of);
        }
    }
    if (!digest_eq(&f->scorers[older], &f->scorers[newer])) {
        return f->stat.dimension.ptr == NULL ? STR("a scorer changed") : STR("its scorer changed");
    }
    if (a->trials != b->trials && depends_on_trials(w, &f->stat)) {
        return arena_printf(w->arena, "%u %s instead of %u", (unsigned)b->trials, b->trials == 1 ? "trial" : "trials",
                            (unsigned)a->trials);
    }
    return STR_NULL;
}

struct stretch_values {
    VEC(double) values;
    VEC(size_t) places;
};

static void find_changes(struct history_work *w, struct history_series *s, struct stretch_values *v)
{
    struct change *found = NULL;
    if (v->values.len == 0) {
        return;
    }
    size_t count = change_find(v->values.items, v->values.len, w->ret->seed, &w->room, &found);
    if (count > 0) {
        struct history_change *all = arena_array(w->arena, struct history_change, s->change_count + count);
        for (size_t i = 0; i < s->change_count; i++) {
            all[i] = s->changes[i];
        }
        for (size_t i = 0; i < count; i++) {
            all[s->change_count + i] = (struct history_change){.at = v->places.items[found[i].at],
                                                               .before = found[i].before,
                                                               .after = found[i].after,
                                                               .p = found[i].p};
        }
        s->changes = all;
        s->change_count += count;
    }
    s->is_too_short = s->is_too_short && v->values.len < CHANGE_MIN_RUNS;
    v->values.len = v->places.len = 0;
}

static void series_changes(struct history_work *w, size_t at)
{
    struct history_series *s = &w->ret->series[at];
    struct stretch_values stretch = {0};
    VEC(struct history_break) breaks = {0};
    size_t before = w->count;
    s->is_too_short = true;
    for (size_t place = 0; place < w->count; place++) {
        struct history_point *point = &s->points[place];
        if (!point->has_value) {
            continue;
        }
        struct str why = before == w->count
                             ? STR_NULL
                             : why_breaks(w, &w->followed[at], night_place(w, before), night_place(w, place));
        if (why.ptr != NULL) {
            *vec_push(w->arena, &breaks) = (struct history_break){place, why};
            find_changes(w, s, &stretch);
        }
        point->has_change = before != w->count && why.ptr == NULL;
        point->change = point->has_change ? point->value - s->points[before].value : 0;
        *vec_push(&w->room, &stretch.values) = point->value;
        *vec_push(&w->room, &stretch.places) = place;
        before = place;
    }
    find_changes(w, s, &stretch);
    s->breaks = breaks.items;
    s->break_count = breaks.len;
}

void history_changes(struct history_work *w)
{
    for (size_t i = 0; i < w->ret->series_count; i++) {
        series_changes(w, i);
    }
}
