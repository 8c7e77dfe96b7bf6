#include "judge/values.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "judge/values_private.h"
#include "stats/estimate.h"
#include "store/store.h"

struct reader { /* a run being read */
    struct case_table *table;
    struct arena *arena; /* of the run's arrays */
    struct run_values *values;
    size_t cap; /* rows of the run's arrays */
};

/* --- room -------------------------------------------------------------------------------------------------------------------------------- */

static double *grow_numbers(struct arena *arena, const double *items, size_t len, size_t cap)
{
    double *grown = values_grow(arena, items, len, cap, sizeof(*grown));
    for (size_t i = len; i < cap; i++) {
        grown[i] = NAN;
    }
    return grown;
}

static void grow_column(struct reader *r, size_t dimension, size_t cap)
{
    struct arena *arena = r->arena;
    struct value_column *c = &r->values->columns[dimension];
    c->values = grow_numbers(arena, c->values, r->cap, cap);
    if (dimension_has_pass(&r->values->dimensions[dimension])) {
        c->with_pass = values_grow(arena, c->with_pass, r->cap, cap, sizeof(*c->with_pass));
        c->passed = values_grow(arena, c->passed, r->cap, cap, sizeof(*c->passed));
    }
}

static void grow_run(struct reader *r, size_t rows, const bool *wanted)
{
    struct run_values *v = r->values;
    size_t cap = r->cap + r->cap / 2;
    cap = rows > cap ? rows : cap;
    v->states = values_grow(r->arena, v->states, r->cap, cap, sizeof(*v->states));
    v->ordinals = values_grow(r->arena, v->ordinals, r->cap, cap, sizeof(*v->ordinals));
    v->scores = grow_numbers(r->arena, v->scores, r->cap, cap);
    v->with_pass = values_grow(r->arena, v->with_pass, r->cap, cap, sizeof(*v->with_pass));
    v->passed = values_grow(r->arena, v->passed, r->cap, cap, sizeof(*v->passed));
    for (size_t i = 0; i < v->dimension_count; i++) {
        if (wanted[i]) {
            grow_column(r, i, cap);
        }
    }
    r->cap = cap;
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------------- */

const struct dimension *values_dimension(const struct run_values *v, struct str name, size_t *ret_at)
{
    for (size_t i = 0; i < v->dimension_count; i++) {
        if (str_eq(v->dimensions[i].name, name)) {
            *ret_at = i;
            return &v->dimensions[i];
        }
    }
    return NULL;
}

/* The run's own, then what calls take and cost; `ret_from`: where a dimension stands in trials.h. */
static void list_dimensions(struct arena *arena, const struct run_record *run, struct run_values *v, size_t **ret_from)
{
    size_t room = run->dimension_count + CALL_MEASURE_COUNT;
    struct dimension *dimensions = arena_array(arena, struct dimension, room);
    size_t ignored = 0;
    *ret_from = arena_array(arena, size_t, room);
    v->dimensions = dimensions;
    for (size_t i = 0; i < run->dimension_count; i++) {
        (*ret_from)[i] = i;
        dimensions[i] = run->dimensions[i];
    }
    v->dimension_count = run->dimension_count;
    for (size_t i = 0; i < CALL_MEASURE_COUNT; i++) {
        if (values_dimension(v, str_from(CALL_MEASURE_NAMES[i]), &ignored) == NULL) {
            (*ret_from)[v->dimension_count] = run->dimension_count + i;
            dimensions[v->dimension_count++] = dimension_of_call(CALL_MEASURE_NAMES[i]);
        }
    }
}

static enum case_state state_of(const struct case_trials *c)
{
    if (c->is_errored) {
        return CASE_ERRORED;
    }
    return !c->has_pass ? CASE_NO_PASS : c->passes ? CASE_PASSED : CASE_FAILED;
}

static void take_classes(struct reader *r, struct value_column *column, const struct dimension_trials *d, size_t row)
{
    for (size_t i = 0; i < d->classes.len; i++) {
        struct value_class *class = vec_push(r->arena, &column->classes);
        *class = (struct value_class){(uint32_t)row, case_table_label(r->table, d->classes.items[i].wanted),
                                      case_table_label(r->table, d->classes.items[i].answered)};
    }
}

static void take_case(struct reader *r, const struct case_trials *c, size_t row, const size_t *from)
{
    struct run_values *v = r->values;
    v->states[row] = (uint8_t)state_of(c);
    v->ordinals[row] = (uint32_t)c->ordinal;
    v->scores[row] = c->has_score ? c->score : NAN;
    v->with_pass[row] = c->passed + c->failed;
    v->passed[row] = c->passed;
    v->cases++;
    v->errored += c->is_errored ? 1 : 0;
    v->samples += c->samples;
    v->errors += c->errors;
    v->has_cost = v->has_cost || c->has_cost;
    num_sum_add(&v->cost_usd, c->cost_usd);
    for (size_t i = 0; i < v->dimension_count; i++) {
        struct value_column *column = &v->columns[i];
        const struct dimension_trials *d = &c->dimensions[from[i]];
        if (column->values == NULL || !d->has_value) {
            continue;
        }
        column->values[row] = d->value;
        if (column->with_pass != NULL) {
            column->with_pass[row] = d->with_pass;
            column->passed[row] = d->passed;
        }
        take_classes(r, column, d, row);
    }
}

bool values_read(struct case_table *t, struct store *store, const struct run_record *run, struct values_want want,
                 struct run_values *ret, struct err *err)
{
    return values_read_in(t->arena, t, store, run, want, ret, err);
}

bool values_read_in(struct arena *arena, struct case_table *t, struct store *store, const struct run_record *run,
                    struct values_want want, struct run_values *ret, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct trials trials CLEANUP(trials_close) = {0};
    struct plan_record plan;
    struct run_values v = {.run = run};
    size_t *from = NULL;
    if (!store_plan(store, &scratch, run->plan, &plan, err) || !reduction_of_run(run, plan.trials, &v.reduction, err)) {
        return false;
    }
    if (want.like != NULL) {
        v.reduction.reduce = want.like->reduce;
        v.reduction.pass_trials = want.like->pass_trials;
        v.reduction.pass_trials_count = want.like->pass_trials_count;
    }
    v.reduction.trials *= (uint32_t)want.pool.count + 1;
    list_dimensions(arena, run, &v, &from);
    v.columns = arena_array(arena, struct value_column, v.dimension_count);
    bool *wanted = arena_array(arena, bool, v.dimension_count);
    struct trials_wants wants = {.pool = want.pool, .cases = true, .classes = want.classes ? wanted : NULL};
    for (size_t i = 0; i < v.dimension_count; i++) {
        wanted[i] = want.dimension == NULL || want.dimension(want.context, &v.dimensions[i]);
        wants.measures |= wanted[i] && from[i] >= run->dimension_count;
    }
    uint64_t cases = plan.case_count - plan.skipped_count;
    struct reader r = {.table = t, .arena = arena, .values = &v};
    case_table_reserve(t, cases);
    grow_run(&r, t->count > cases ? t->count : cases, wanted);
    if (!trials_open(&trials, store, run, v.reduction, wants, err)) {
        return false;
    }
    for (size_t row = SIZE_MAX;;) {
        const struct case_trials *c = NULL;
        if (!trials_next(&trials, &c, err)) {
            return false;
        }
        if (c == NULL) {
            break;
        }
        if (!case_table_row(t, c, row + 1, &row, err)) {
            return false;
        }
        if (row >= r.cap) {
            grow_run(&r, row + 1, wanted);
        }
        take_case(&r, c, row, from);
    }
    v.count = r.cap < t->count ? r.cap : t->count;
    *ret = v;
    return true;
}

enum case_state values_state(const struct run_values *v, size_t row)
{
    return row < v->count ? (enum case_state)v->states[row] : CASE_ABSENT;
}

/* --- statistics ------------------------------------------------------------------------------------------------------------------------------ */

static double case_share(const struct run_values *v, const struct value_column *c, const struct stat_ref *stat,
                         size_t row)
{
    uint32_t n = c->with_pass[row];
    uint32_t passed = c->passed[row];
    bool is_all = stat->kind == STAT_PASS_ALL;
    if (stat->kind == STAT_PASS_RATE) {
        return n == 0 ? NAN : (double)passed / (double)n;
    }
    if (n < pass_k_needs(&v->reduction, stat->k, is_all)) {
        return NAN;
    }
    return is_all ? pass_all_k(n, passed, stat->k) : pass_at_k(n, passed, stat->k);
}

static bool bare_stat(const struct run_values *v, enum stat_kind kind, double *ret)
{
    for (size_t row = 0; row < v->count; row++) {
        enum case_state state = values_state(v, row);
        bool has_pass = state == CASE_PASSED || state == CASE_FAILED;
        ret[row] = kind == STAT_SCORE ? v->scores[row] : !has_pass ? NAN : state == CASE_PASSED ? 1 : 0;
    }
    return kind == STAT_SCORE || kind == STAT_PASS_RATE;
}

bool values_stat(const struct case_table *t, const struct run_values *v, const struct stat_ref *stat, double *ret)
{
    size_t at = 0;
    for (size_t row = v->count; row < t->count; row++) {
        ret[row] = NAN;
    }
    if (stat->dimension.ptr == NULL) {
        return bare_stat(v, stat->kind, ret);
    }
    if (values_dimension(v, stat->dimension, &at) == NULL || v->columns[at].values == NULL) {
        return false;
    }
    const struct value_column *c = &v->columns[at];
    if (stat->kind == STAT_MEAN || stat->kind == STAT_QUANTILE) {
        if (v->count > 0) {
            memcpy(ret, c->values, v->count * sizeof(*ret));
        }
        return true;
    }
    bool is_share = stat->kind == STAT_PASS_RATE || stat->kind == STAT_PASS_AT || stat->kind == STAT_PASS_ALL;
    if (!is_share || c->with_pass == NULL) {
        return false;
    }
    for (size_t row = 0; row < v->count; row++) {
        ret[row] = case_share(v, c, stat, row);
    }
    return true;
}

struct sample values_sample(const struct case_table *t, const double *numbers, const struct stat_filter *filter,
                            struct arena *arena, uint32_t **ret_rows)
{
    double *values = arena_array(arena, double, t->count);
    uint32_t *rows = arena_array(arena, uint32_t, t->count);
    struct sample s = {.values = values};
    for (size_t row = 0; row < t->count; row++) {
        if (!isnan(numbers[row]) && case_table_in(t, row, filter)) {
            values[s.n] = numbers[row];
            rows[s.n++] = (uint32_t)row;
        }
    }
    s.clusters = case_table_clusters(t, rows, s.n, arena, &s.cluster_count);
    if (ret_rows != NULL) {
        *ret_rows = rows;
    }
    return s;
}

bool values_classes(const struct case_table *t, const struct run_values *v, struct str dimension,
                    const struct stat_filter *filter, struct arena *arena, struct classes *ret)
{
    size_t at = 0;
    *ret = (struct classes){0};
    if (values_dimension(v, dimension, &at) == NULL) {
        return false;
    }
    const struct value_class *items = v->columns[at].classes.items;
    size_t count = v->columns[at].classes.len;
    for (size_t first = 0; first < count;) {
        size_t end = first + 1;
        while (end < count && items[end].row == items[first].row) { /* the trials of a case share its weight */
            end++;
        }
        for (size_t i = first; i < end && case_table_in(t, items[i].row, filter); i++) {
            struct str answered = items[i].answered == CASE_NO_LABEL ? STR_NULL : t->labels.items[items[i].answered];
            classes_add(ret, arena, answered, t->labels.items[items[i].wanted], 1.0 / (double)(end - first));
        }
        first = end;
    }
    return count > 0;
}

struct values_type values_type_of(const struct run_values *v, const struct stat_ref *stat)
{
    static const struct stat_range unit = {true, 0, 1};
    uint32_t trials = v->reduction.trials;
    size_t at = 0;
    if (stat->dimension.ptr == NULL) {
        return (struct values_type){stat->kind == STAT_PASS_RATE, unit};
    }
    if (stat->kind == STAT_PASS_AT || stat->kind == STAT_PASS_ALL) {
        return (struct values_type){trials == stat->k, unit};
    }
    if (stat->kind == STAT_PASS_RATE) {
        return (struct values_type){trials == 1, unit};
    }
    const struct dimension *d = values_dimension(v, stat->dimension, &at);
    if (d == NULL || (d->kind == DIMENSION_MEASURE && d->type == TYPE_UNBOUNDED)) {
        return (struct values_type){0};
    }
    if (d->type == TYPE_BOUNDED && d->kind == DIMENSION_MEASURE) {
        return (struct values_type){false, {true, d->lo, d->hi}};
    }
    return (struct values_type){reduced_is_binary(d, v->reduction.reduce, trials), unit};
}
