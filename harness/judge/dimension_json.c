#include "base/arena.h"
#include "data/json.h"
#include "data/map_reader.h"
#include "judge/summary_parts.h"
#include "model/how_json.h"

static void put_range(struct json_writer *w, const struct dimension_summary *d)
{
    json_key(w, "range");
    if (d->type != TYPE_BOUNDED) {
        json_null(w);
        return;
    }
    json_open_list(w);
    json_number(w, d->lo);
    json_number(w, d->hi);
    json_close_list(w);
}

static void put_class(struct json_writer *w, const struct class_summary *c)
{
    json_open_map(w);
    json_put_text(w, "label", c->label);
    json_put_number(w, "wanted", c->wanted);
    json_put_number(w, "answered", c->answered);
    json_put_number(w, "right", c->right);
    json_put_number_or_null(w, "recall", c->has_recall, c->recall);
    json_put_number_or_null(w, "precision", c->has_precision, c->precision);
    json_put_number_or_null(w, "f1", c->has_f1, c->f1);
    json_close_map(w);
}

/* A cell is [wanted, answered, cases]: places in the classes, null = none of them. */
static void put_cell(struct json_writer *w, const struct confusion_cell *cell)
{
    json_open_list(w);
    json_int(w, cell->wanted);
    if (cell->answered < 0) {
        json_null(w);
    } else {
        json_int(w, cell->answered);
    }
    json_number(w, cell->cases);
    json_close_list(w);
}

static void put_classes(struct json_writer *w, const struct dimension_summary *d)
{
    if (d->class_count == 0) {
        return;
    }
    json_put_number_or_null(w, "f1_macro", d->has_f1_macro, d->f1_macro);
    json_key(w, "classes");
    json_open_list(w);
    for (size_t i = 0; i < d->class_count; i++) {
        put_class(w, &d->classes[i]);
    }
    json_close_list(w);
    json_key(w, "confusion");
    json_open_list(w);
    for (size_t i = 0; i < d->confusion_count; i++) {
        put_cell(w, &d->confusion[i]);
    }
    json_close_list(w);
}

void json_put_dimension(struct json_writer *w, const struct dimension_summary *d)
{
    bool is_measure = d->kind == DIMENSION_MEASURE;
    json_open_map(w);
    json_put_text(w, "name", d->name);
    json_put_text(w, "kind", str_from(DIMENSION_KIND_WORDS[d->kind]));
    json_put_text(w, "type", str_from(DIMENSION_TYPE_WORDS[d->type]));
    put_range(w, d);
    json_put_text(w, "direction", str_from(DIMENSION_DIRECTION_WORDS[d->direction]));
    json_put_int(w, "n", (int64_t)d->n_cases);
    json_put_int(w, "not_scored", (int64_t)d->not_scored);
    json_put_number_or_null(w, "mean", d->has_mean, d->mean);
    json_put_interval(w, "mean_interval", &d->mean_interval);
    json_put_number_or_null(w, "pass_rate", d->has_pass_rate, d->pass_rate);
    json_put_interval(w, "pass_rate_interval", &d->pass_rate_interval);
    json_put_int(w, "passed", (int64_t)d->n_passed);
    json_put_number_or_null(w, "min", d->has_mean, d->min);
    json_put_number_or_null(w, "max", d->has_mean, d->max);
    json_put_number_or_null(w, "sum", d->has_mean, d->sum);
    json_put_number_or_null(w, "stddev", d->has_stddev, d->stddev);
    json_put_number_or_null(w, "p50", d->has_mean && is_measure, d->p50);
    json_put_number_or_null(w, "p95", d->has_mean && is_measure, d->p95);
    if (is_measure) {
        json_put_interval(w, "p50_interval", &d->p50_interval);
        json_put_interval(w, "p95_interval", &d->p95_interval);
    }
    put_classes(w, d);
    json_close_map(w);
}

/* --- reading ---------------------------------------------------------------------------------------------------------------------------- */

static void map_class(struct map_reader *r, struct class_summary *ret)
{
    (void)map_text(r, "label", &ret->label);
    (void)map_number(r, "wanted", &ret->wanted);
    (void)map_number(r, "answered", &ret->answered);
    (void)map_number(r, "right", &ret->right);
    ret->has_recall = map_number(r, "recall", &ret->recall);
    ret->has_precision = map_number(r, "precision", &ret->precision);
    ret->has_f1 = map_number(r, "f1", &ret->f1);
}

static bool cell_place(const struct value *v, size_t count, int32_t *ret)
{
    double number = 0;
    if (v->kind == VALUE_NULL) {
        *ret = -1;
        return true;
    }
    if (!value_number(v, &number) || number < 0 || number >= (double)count) {
        return false;
    }
    *ret = (int32_t)number;
    return true;
}

static bool map_cell(const struct value *v, size_t classes, struct confusion_cell *ret)
{
    return v->kind == VALUE_LIST && v->len == 3 && cell_place(&v->items[0], classes, &ret->wanted) &&
           ret->wanted >= 0 && cell_place(&v->items[1], classes, &ret->answered) &&
           value_number(&v->items[2], &ret->cases);
}

static void map_classes(struct map_reader *r, struct dimension_summary *ret)
{
    const struct value *items = map_list(r, "classes", &ret->class_count);
    ret->classes = arena_array(r->arena, struct class_summary, ret->class_count + 1);
    for (size_t i = 0; i < ret->class_count; i++) {
        struct map_reader item = map_reader_of(r, &items[i]);
        map_class(&item, &ret->classes[i]);
        map_reader_join(r, &item);
    }
    items = map_list(r, "confusion", &ret->confusion_count);
    ret->confusion = arena_array(r->arena, struct confusion_cell, ret->confusion_count + 1);
    for (size_t i = 0; i < ret->confusion_count; i++) {
        if (!map_cell(&items[i], ret->class_count, &ret->confusion[i])) {
            r->bad_key = r->bad_key == NULL ? "confusion" : r->bad_key;
        }
    }
    ret->has_f1_macro = map_number(r, "f1_macro", &ret->f1_macro);
}

/* Before types were stored, judged units were the only ones with known ends. */
static void map_type(struct map_reader *r, struct dimension_summary *ret)
{
    enum dimension_type otherwise = ret->kind == DIMENSION_JUDGED ? TYPE_BOUNDED : TYPE_UNBOUNDED;
    ret->type = (enum dimension_type)map_word(r, "type", DIMENSION_TYPE_WORDS, (int)otherwise);
    ret->hi = ret->type == TYPE_UNBOUNDED ? 0 : 1;
    size_t len = 0;
    const struct value *range = map_list(r, "range", &len);
    if (len == 2 && value_number(&range[0], &ret->lo) && value_number(&range[1], &ret->hi)) {
        return;
    }
    if (len != 0) {
        r->bad_key = r->bad_key == NULL ? "range" : r->bad_key;
    }
}

void map_dimension(struct map_reader *r, struct dimension_summary *ret)
{
    (void)map_text(r, "name", &ret->name);
    ret->kind = (enum dimension_kind)map_word(r, "kind", DIMENSION_KIND_WORDS, DIMENSION_JUDGED);
    map_type(r, ret);
    ret->direction = (enum dimension_direction)map_word(r, "direction", DIMENSION_DIRECTION_WORDS, DIRECTION_NONE);
    (void)map_count(r, "n", &ret->n_cases);
    (void)map_count(r, "not_scored", &ret->not_scored);
    (void)map_count(r, "passed", &ret->n_passed);
    ret->has_mean = map_number(r, "mean", &ret->mean);
    ret->has_pass_rate = map_number(r, "pass_rate", &ret->pass_rate);
    ret->has_stddev = map_number(r, "stddev", &ret->stddev);
    (void)map_number(r, "min", &ret->min);
    (void)map_number(r, "max", &ret->max);
    (void)map_number(r, "sum", &ret->sum);
    (void)map_number(r, "p50", &ret->p50);
    (void)map_number(r, "p95", &ret->p95);
    map_interval(r, "mean_interval", &ret->mean_interval);
    map_interval(r, "pass_rate_interval", &ret->pass_rate_interval);
    map_interval(r, "p50_interval", &ret->p50_interval);
    map_interval(r, "p95_interval", &ret->p95_interval);
    map_classes(r, ret);
}
