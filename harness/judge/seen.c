#include "judge/seen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "judge/values_private.h"
#include "stats/estimate.h"
#include "stats/icc.h"
#include "stats/plan.h"
#include "store/store.h"

struct moments { /* of the samples of one case, Welford */
    double mean, squares;
    uint32_t n;
};

struct seeing {
    const struct seen_in *in;
    struct arena *arena;
    struct arena room;
    struct case_table table;
    struct run_values values; /* of in->run */
    struct seen *seen;
    struct moments **moments; /* by statistic, by row */
    size_t *cap;
};

/* --- figures ------------------------------------------------------------------------------------------------------------------------------ */

static bool is_wanted(const void *context, const struct dimension *d)
{
    const struct seen_in *in = context;
    for (size_t i = 0; i < in->stat_count; i++) {
        if (in->stats[i]->dimension.ptr != NULL && str_eq(in->stats[i]->dimension, d->name)) {
            return true;
        }
    }
    return false;
}

static int compare_numbers(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

static void see_clusters(struct seeing *w, struct seen *s, const struct sample *sample)
{
    double *sizes = arena_array(&w->room, double, sample->cluster_count);
    s->squared_sizes = (double)sample->n;
    if (sample->clusters == NULL) {
        return;
    }
    for (size_t i = 0; i < sample->n; i++) {
        sizes[sample->clusters[i]] += 1;
    }
    s->squared_sizes = 0;
    for (uint32_t k = 0; k < sample->cluster_count; k++) {
        s->squared_sizes += sizes[k] * sizes[k];
    }
    s->icc = cluster_icc(sample, &w->room);
}

static void see_figure(struct seeing *w, struct seen *s)
{
    double *numbers = arena_array(&w->room, double, w->table.count);
    uint32_t *rows = arena_array(&w->room, uint32_t, w->table.count);
    size_t n = 0;
    if (!values_stat(&w->table, &w->values, s->stat, numbers)) {
        s->why_not = STR("the run has no such statistic");
        return;
    }
    s->type = values_type_of(&w->values, s->stat);
    for (size_t row = 0; row < w->table.count; row++) {
        if (!isnan(numbers[row]) && case_table_in(&w->table, row, &s->stat->filter)) {
            numbers[n] = numbers[row];
            rows[n++] = (uint32_t)row;
        }
    }
    if (n < 2) {
        s->why_not = n == 0 ? STR("no case has a value") : STR("only one case has a value");
        return;
    }
    struct sample sample = {.values = numbers, .n = n};
    sample.clusters = case_table_clusters(&w->table, rows, n, &w->room, &sample.cluster_count);
    s->mean = mean_of(&sample, &s->type.range, &w->room);
    see_clusters(w, s, &sample);
    double *sorted = arena_array(w->arena, double, n);
    memcpy(sorted, numbers, n * sizeof(*sorted));
    qsort(sorted, n, sizeof(*sorted), compare_numbers);
    s->sorted = sorted;
    for (size_t i = 0; i < n && s->type.is_binary; i++) {
        s->passed += numbers[i] > 0.5 ? 1 : 0;
    }
}

/* --- noise -------------------------------------------------------------------------------------------------------------------------------- */

static void moments_add(struct moments *m, double value)
{
    double step = value - m->mean;
    m->n++;
    m->mean += step / m->n;
    m->squares += step * (value - m->mean);
}

static bool dimension_of(const struct run_record *run, struct str name, size_t *ret)
{
    for (size_t i = 0; i < run->dimension_count; i++) {
        if (str_eq(run->dimensions[i].name, name)) {
            *ret = i;
            return true;
        }
    }
    for (size_t i = 0; i < CALL_MEASURE_COUNT; i++) {
        if (str_eq_cstr(name, CALL_MEASURE_NAMES[i])) {
            *ret = run->dimension_count + i;
            return true;
        }
    }
    return false;
}

/* Whether the run's scores in what the statistic looks at mean the same. */
static bool has_same_scorers(const struct seeing *w, const struct run_record *run, const struct stat_ref *stat)
{
    const struct run_record *ours = w->in->run;
    for (size_t i = 0; i < ours->dimension_count; i++) {
        const struct dimension *d = &ours->dimensions[i];
        size_t at = 0;
        bool is_asked = stat->dimension.ptr == NULL || str_eq(stat->dimension, d->name);
        if (is_asked && (!dimension_of(run, d->name, &at) || at >= run->dimension_count ||
                         !digest_eq(&run->dimensions[at].scorer, &d->scorer))) {
            return false;
        }
    }
    return true;
}

/* Yes and no: one number a trial that passed or failed. */
static void add_passes(struct moments *m, uint32_t passed, uint32_t failed)
{
    for (uint32_t i = 0; i < passed + failed; i++) {
        moments_add(m, i < passed ? 1 : 0);
    }
}

static void take_case(const struct seen *s, const struct case_trials *c, size_t dimension, struct moments *m)
{
    if (s->stat->dimension.ptr == NULL && s->stat->kind == STAT_SCORE) {
        if (c->has_score) {
            moments_add(m, c->score);
        }
        return;
    }
    if (s->stat->dimension.ptr == NULL) {
        if (s->has_trial_noise) {
            add_passes(m, c->passed, c->failed);
        } else if (c->has_pass) {
            moments_add(m, c->passes ? 1 : 0);
        }
        return;
    }
    const struct dimension_trials *d = &c->dimensions[dimension];
    if (!s->has_trial_noise) {
        if (d->has_value) {
            moments_add(m, d->value);
        }
    } else if (s->stat->kind == STAT_PASS_RATE) {
        add_passes(m, d->passed, d->with_pass - d->passed);
    } else {
        for (size_t i = 0; i < d->values.len; i++) {
            moments_add(m, d->values.items[i]);
        }
    }
}

static struct moments *moments_of(struct seeing *w, size_t stat, size_t row)
{
    if (row >= w->cap[stat]) {
        w->moments[stat] = values_grow(&w->room, w->moments[stat], w->cap[stat], w->table.cap, sizeof(**w->moments));
        w->cap[stat] = w->table.cap;
    }
    return &w->moments[stat][row];
}

static bool take_run(struct seeing *w, const struct run_record *run, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct trials trials CLEANUP(trials_close) = {0};
    struct plan_record plan;
    struct reduction reduction = w->values.reduction;
    size_t count = w->in->stat_count;
    bool *is_used = arena_array(&scratch, bool, count);
    size_t *dimensions = arena_array(&scratch, size_t, count);
    if (!store_plan(w->in->store, &scratch, run->plan, &plan, err)) {
        return false;
    }
    reduction.trials = plan.trials == 0 ? 1 : plan.trials;
    for (size_t i = 0; i < count; i++) {
        const struct seen *s = &w->seen[i];
        /* a case's number is only that of another run when it is of as many trials */
        is_used[i] = s->why_not.ptr == NULL && has_same_scorers(w, run, s->stat) &&
                     (s->has_trial_noise || reduction.trials == w->values.reduction.trials) &&
                     (s->stat->dimension.ptr == NULL || dimension_of(run, s->stat->dimension, &dimensions[i]));
        w->seen[i].noise_runs += is_used[i] ? 1 : 0;
    }
    if (!trials_open(&trials, w->in->store, run, reduction, (struct trials_wants){.cases = true, .measures = true},
                     err)) {
        return false;
    }
    for (size_t row = SIZE_MAX;;) {
        const struct case_trials *c = NULL;
        if (!trials_next(&trials, &c, err)) {
            return false;
        }
        if (c == NULL) {
            return true;
        }
        if (!case_table_row(&w->table, c, row + 1, &row, err)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (is_used[i] && case_table_in(&w->table, row, &w->seen[i].stat->filter)) {
                take_case(&w->seen[i], c, dimensions[i], moments_of(w, i, row));
            }
        }
    }
}

static void see_noise(struct seeing *w, size_t at)
{
    struct seen *s = &w->seen[at];
    struct num_sum sum = {0};
    for (size_t row = 0; row < w->cap[at] && row < w->table.count; row++) {
        const struct moments *m = &w->moments[at][row];
        if (m->n >= 2) {
            num_sum_add(&sum, m->squares / (m->n - 1));
            s->noise_cases++;
        }
    }
    s->is_bound = s->noise_cases == 0;
    double spread = s->mean.stddev * s->mean.stddev;
    s->noise =
        s->is_bound ? spread * (s->has_trial_noise ? s->trials : 1) : num_sum_total(&sum) / (double)s->noise_cases;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------------------- */

/* Whether a case's number is the mean of its trials' numbers. */
static bool is_mean_of_trials(const struct reduction *r, const struct stat_ref *stat)
{
    if (stat->kind == STAT_PASS_RATE) {
        return stat->dimension.ptr != NULL || r->trials == 1;
    }
    return stat->kind == STAT_MEAN && (r->reduce == REDUCE_MEAN || r->trials == 1);
}

static enum dimension_direction direction_of(const struct run_values *v, const struct stat_ref *stat)
{
    size_t at = 0;
    bool is_raw = stat->dimension.ptr != NULL && (stat->kind == STAT_MEAN || stat->kind == STAT_QUANTILE);
    const struct dimension *d = is_raw ? values_dimension(v, stat->dimension, &at) : NULL;
    return d == NULL || d->kind == DIMENSION_JUDGED ? DIRECTION_HIGHER : d->direction;
}

static bool see_all(struct seeing *w, struct err *err)
{
    const struct seen_in *in = w->in;
    struct values_want want = {.dimension = is_wanted, .context = in};
    bool has_own = false;
    if (!values_read_in(&w->room, &w->table, in->store, in->run, want, &w->values, err)) {
        return false;
    }
    for (size_t i = 0; i < in->stat_count; i++) {
        struct seen *s = &w->seen[i];
        *s = (struct seen){.stat = in->stats[i], .trials = w->values.reduction.trials};
        s->has_trial_noise = is_mean_of_trials(&w->values.reduction, s->stat);
        s->direction = direction_of(&w->values, s->stat);
        see_figure(w, s);
    }
    for (size_t i = 0; i < in->version_count; i++) {
        has_own = has_own || in->version[i].seq == in->run->seq;
        if (!take_run(w, &in->version[i], err)) {
            return false;
        }
    }
    if (!has_own && !take_run(w, in->run, err)) {
        return false;
    }
    for (size_t i = 0; i < in->stat_count; i++) {
        see_noise(w, i);
    }
    return true;
}

bool seen_of(const struct seen_in *in, struct arena *arena, struct seen **ret, struct err *err)
{
    struct seeing w = {.in = in, .arena = arena, .seen = arena_array(arena, struct seen, in->stat_count)};
    case_table_init(&w.table, &w.room);
    w.moments = arena_array(&w.room, struct moments *, in->stat_count);
    w.cap = arena_array(&w.room, size_t, in->stat_count);
    bool ok = see_all(&w, err);
    arena_deinit(&w.room);
    *ret = w.seen;
    return ok;
}

double seen_figure(const struct seen *s)
{
    return s->stat->kind == STAT_QUANTILE ? s->sorted[quantile_rank(s->mean.n, s->stat->quantile) - 1] : s->mean.mean;
}

double seen_difference(const struct seen *s, double trials)
{
    return 2 * s->noise / (s->has_trial_noise ? trials : 1);
}

double seen_design_effect(const struct seen *s)
{
    return plan_design_effect((double)s->mean.n, s->squared_sizes, s->icc);
}
