/* Which statistics a comparison shows, in order: of the whole case, then dimension by dimension as the runs have them, the base's first. */

#include <math.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/json.h"
#include "data/value.h"
#include "judge/compare_private.h"

static const double LATENCY_QUANTILE = 0.95;

bool compare_names(const struct compare_in *in, struct str dimension)
{
    for (size_t i = 0; i < in->dimension_count; i++) {
        if (str_eq(in->dimensions[i], dimension)) {
            return true;
        }
    }
    return in->dimension_count == 0;
}

static struct compare_row *add_row(struct comparing *k, const struct dimension *d, enum stat_kind kind, struct str name)
{
    struct compare_row *row = vec_push(k->arena, &k->rows);
    row->stat = (struct stat_ref){.kind = kind, .dimension = d == NULL ? STR_NULL : d->name};
    row->header = (struct compared_stat){
        .dimension = row->stat.dimension,
        .name = name,
        .direction = DIRECTION_HIGHER,
        .is_share = true,
    };
    if (d != NULL) {
        row->header.kind = d->kind;
        row->header.is_call_measure = d->is_call_measure;
    }
    return row;
}

static struct str quantile_name(struct comparing *k, double quantile)
{
    char room[32];
    return arena_printf(k->arena, "p%s", num_text_short(100 * quantile, 4, room).ptr);
}

static bool has_row(const struct comparing *k, struct str dimension, struct str name)
{
    for (size_t i = 0; i < k->rows.len; i++) {
        const struct compared_stat *h = &k->rows.items[i].header;
        if (h->dimension.ptr != NULL && str_eq(h->dimension, dimension) && str_eq(h->name, name)) {
            return true;
        }
    }
    return false;
}

static void add_quantile(struct comparing *k, const struct dimension *d, double quantile)
{
    struct str name = quantile_name(k, quantile);
    if (has_row(k, d->name, name)) {
        return;
    }
    struct compare_row *row = add_row(k, d, STAT_QUANTILE, name);
    row->stat.quantile = quantile;
    row->header.direction = d->direction;
    row->header.is_share = false;
}

static void add_pass_k(struct comparing *k, const struct dimension *d, enum stat_kind kind, uint32_t count)
{
    struct str name = arena_printf(k->arena, "pass%c%u", kind == STAT_PASS_AT ? '@' : '^', count);
    if (!has_row(k, d->name, name)) {
        add_row(k, d, kind, name)->stat.k = count;
    }
}

static uint32_t fewest_trials(const struct comparing *k)
{
    uint32_t trials = k->values[0].reduction.trials;
    for (size_t i = 1; i < k->in->run_count; i++) {
        trials = k->values[i].reduction.trials < trials ? k->values[i].reduction.trials : trials;
    }
    return trials;
}

/* What the gates of the base ask of this dimension, and is not shown anyway. */
static void add_named_by_gates(struct comparing *k, const struct dimension *d, const struct value *gates)
{
    for (uint32_t i = 0; i < gates->len; i++) {
        struct gate_expr gate;
        size_t offset = 0;
        struct str hint;
        struct err ignored;
        if (gates->items[i].kind != VALUE_TEXT ||
            !gate_expr_parse(k->arena, gates->items[i].text, &gate, &offset, &hint, &ignored) ||
            gate.left.dimension.ptr == NULL || !str_eq(gate.left.dimension, d->name)) {
            continue;
        }
        if (gate.left.kind == STAT_QUANTILE) {
            add_quantile(k, d, gate.left.quantile);
        } else if (gate.left.kind == STAT_PASS_AT || gate.left.kind == STAT_PASS_ALL) {
            add_pass_k(k, d, gate.left.kind, gate.left.k);
        }
    }
}

static void add_dimension(struct comparing *k, const struct dimension *d, const struct value *gates)
{
    uint32_t trials = fewest_trials(k);
    bool is_judged = d->kind == DIMENSION_JUDGED;
    struct compare_row *row = add_row(k, d, STAT_MEAN, STR("mean"));
    row->header.direction = d->direction;
    row->header.is_share = is_judged && d->type == TYPE_BINARY;
    row->header.in_family = !d->is_call_measure;
    if (dimension_has_pass(d) && d->type != TYPE_BINARY) {
        (void)add_row(k, d, STAT_PASS_RATE, STR("pass_rate"));
    }
    if (dimension_has_pass(d) && trials > 1) {
        add_pass_k(k, d, STAT_PASS_AT, trials);
        add_pass_k(k, d, STAT_PASS_ALL, trials);
    }
    if (!is_judged && str_ends(d->name, STR("_ms"))) {
        add_quantile(k, d, LATENCY_QUANTILE);
    }
    add_named_by_gates(k, d, gates);
}

/* --- dimensions ------------------------------------------------------------------------------------------------------------------------------ */

static bool has_any_value(const struct comparing *k, struct str dimension)
{
    for (size_t run = 0; run < k->in->run_count; run++) {
        const struct run_values *v = &k->values[run];
        size_t at = 0;
        const double *values = values_dimension(v, dimension, &at) == NULL ? NULL : v->columns[at].values;
        for (size_t row = 0; values != NULL && row < v->count; row++) {
            if (!isnan(values[row])) {
                return true;
            }
        }
    }
    return false;
}

/* What every run has, whether it is of use or not: shown when it is named. */
static bool is_background(const struct dimension *d)
{
    return d->is_call_measure && !str_eq_cstr(d->name, CALL_MEASURE_NAMES[CALL_LATENCY]) &&
           !str_eq_cstr(d->name, CALL_MEASURE_NAMES[CALL_COST]);
}

static bool fail_unknown(const struct comparing *k, struct str name, struct err *err)
{
    struct buf list CLEANUP(buf_deinit) = BUF(600);
    VEC(const char *) names = {0};
    for (size_t run = 0; run < k->in->run_count; run++) {
        for (size_t i = 0; i < k->values[run].dimension_count; i++) {
            const struct dimension *d = &k->values[run].dimensions[i];
            size_t known = 0;
            if (str_eq(d->name, name)) {
                return err_set(err, ERR_EMPTY, "none of these runs has a value of '%.*s'", STR_ARG(name));
            }
            while (known < names.len && !str_eq_cstr(d->name, names.items[known])) {
                known++;
            }
            if (known == names.len) {
                *vec_push(k->arena, &names) = arena_cstr(k->arena, d->name);
                buf_printf(&list, "%s%.*s", names.len == 1 ? "" : ", ", STR_ARG(d->name));
            }
        }
    }
    *vec_push(k->arena, &names) = NULL;
    const char *near = str_nearest(name, names.items);
    return near != NULL
               ? err_set(err, ERR_USAGE, "no dimension '%.*s' in these runs: did you mean '%s'?", STR_ARG(name), near)
               : err_set(err, ERR_USAGE, "no dimension '%.*s' in these runs: there are %.*s", STR_ARG(name),
                         STR_ARG(buf_str(&list)));
}

static void add_dimensions(struct comparing *k, const struct value *gates)
{
    for (size_t run = 0; run < k->in->run_count; run++) {
        const struct run_values *v = &k->values[run];
        for (size_t i = 0; i < v->dimension_count; i++) {
            const struct dimension *d = &v->dimensions[i];
            bool is_wanted = k->in->dimension_count > 0 ? compare_names(k->in, d->name) : !is_background(d);
            if (is_wanted && !has_row(k, d->name, STR("mean")) && (!d->is_call_measure || has_any_value(k, d->name))) {
                add_dimension(k, d, gates);
            }
        }
    }
}

bool compare_list_rows(struct comparing *k, struct err *err)
{
    struct value header = {.kind = VALUE_MAP};
    struct str text = k->in->runs[0].run->header;
    if (text.len > 0 && !json_read(k->arena, text, JSON_REPLY, (struct src_pos){0}, &header, NULL, err)) {
        return err_wrap(err, "the header of the first run");
    }
    static const struct value none = {.kind = VALUE_LIST};
    const struct value *gates = value_get(&header, STR("gates"));
    gates = gates != NULL && gates->kind == VALUE_LIST ? gates : &none;
    if (k->in->dimension_count == 0) {
        struct compare_row *row = add_row(k, NULL, STAT_PASS_RATE, STR("pass_rate"));
        row->header.range = (struct stat_range){true, 0, 1};
    }
    add_dimensions(k, gates);
    for (size_t i = 0; i < k->in->dimension_count; i++) {
        if (!has_row(k, k->in->dimensions[i], STR("mean"))) {
            return fail_unknown(k, k->in->dimensions[i], err);
        }
    }
    return true;
}
