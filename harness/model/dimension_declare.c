#include "model/dimension_declare.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/limits.h"
#include "data/field.h"
#include "data/gate_expr.h"
#include "data/json.h"
#include "data/value.h"

struct declared {
    int kind;
    bool kind_is_set;
    int direction;
    struct field_number weight, threshold, min, max;
    const struct value *range;
};

const struct field DIMENSION_ROWS[] = {
    {.key = "kind",
     .type = FIELD_WORD,
     .offset = offsetof(struct declared, kind),
     .help = "judged: 0 to 1, passes at its threshold; measure: any number",
     .words = DIMENSION_KIND_WORDS,
     .default_text = "judged",
     .has_set = true,
     .set_offset = offsetof(struct declared, kind_is_set)},
    {.key = "direction",
     .type = FIELD_WORD,
     .offset = offsetof(struct declared, direction),
     .help = "which way is better",
     .words = DIMENSION_DIRECTION_WORDS,
     .default_text = "higher when judged, else none"},
    {.key = "weight",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct declared, weight),
     .help = "weight in the sample's score",
     .min = 0,
     .max = 1e9,
     .default_text = "judged 1, measure 0"},
    {.key = "threshold",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct declared, threshold),
     .help = "judged: passes from here on",
     .min = 0,
     .max = 1,
     .default_text = "0.5"},
    {.key = "min", .type = FIELD_NUMBER, .offset = offsetof(struct declared, min), .help = "measure: fails below it"},
    {.key = "max", .type = FIELD_NUMBER, .offset = offsetof(struct declared, max), .help = "measure: fails above it"},
    {.key = "range",
     .type = FIELD_VALUE,
     .offset = offsetof(struct declared, range),
     .help = "measure: [lowest, highest] that it can be; makes its interval narrower"},
    {0},
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool dimension_name_is_valid(struct str name, const char **ret_reason)
{
    bool ok = name.len >= 1 && name.len <= LIMIT_NAME_BYTES && is_letter(name.ptr[0]);
    for (size_t i = 0; i < name.len && ok; i++) {
        char c = name.ptr[i];
        ok = is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }
    if (!ok) {
        *ret_reason = "a dimension's name is a letter, then up to 63 letters, digits, '_' or '-'";
        return false;
    }
    if (stat_is_reserved_name(name)) {
        *ret_reason = "this is the name of a statistic";
        return false;
    }
    return true;
}

static bool read_range(struct field_context *ctx, const struct value *range, struct dimension *d)
{
    double lo = 0;
    double hi = 0;
    if (range->kind != VALUE_LIST || range->len != 2 || !value_number(&range->items[0], &lo) ||
        !value_number(&range->items[1], &hi) || !(lo < hi)) {
        (void)diag_add(ctx->diag, range->pos, "'range' is a list of two numbers, the lower one first");
        return diag_hint(ctx->diag, "write range: [0, 10]");
    }
    d->type = TYPE_BOUNDED;
    d->lo = lo;
    d->hi = hi;
    return true;
}

static bool finish_measure(struct field_context *ctx, const struct declared *in, const struct value *name,
                           struct dimension *d)
{
    d->kind = DIMENSION_MEASURE;
    d->type = TYPE_UNBOUNDED;
    d->has_min = in->min.is_set;
    d->has_max = in->max.is_set;
    d->min = in->min.value;
    d->max = in->max.value;
    if (in->threshold.is_set) {
        (void)diag_add(ctx->diag, name->pos, "dimension '%.*s': a measure has no threshold", STR_ARG(d->name));
        return diag_hint(ctx->diag, "bound it with min or max");
    }
    if (d->has_min && d->has_max && d->min > d->max) {
        return diag_add(ctx->diag, name->pos, "dimension '%.*s': min is above max", STR_ARG(d->name));
    }
    return in->range == NULL || read_range(ctx, in->range, d);
}

static bool finish_judged(struct field_context *ctx, const struct declared *in, const struct value *name,
                          struct dimension *d)
{
    d->kind = DIMENSION_JUDGED;
    d->type = TYPE_BOUNDED;
    d->lo = 0;
    d->hi = 1;
    d->threshold = in->threshold.is_set ? in->threshold.value : 0.5;
    if (in->min.is_set || in->max.is_set || in->range != NULL) {
        (void)diag_add(ctx->diag, name->pos,
                       "dimension '%.*s': a judged dimension goes from 0 to 1: no min, max, range", STR_ARG(d->name));
        return diag_hint(ctx->diag, "add kind: measure, or give it a threshold");
    }
    return true;
}

static bool declare_one(struct field_context *ctx, const struct value *name, const struct value *node,
                        bool measures_only, struct dimension *d)
{
    struct declared in = {.kind = 0};
    const struct value empty = {.kind = VALUE_MAP, .pos = name->pos};
    bool is_empty = node->kind == VALUE_NULL || (node->kind == VALUE_TEXT && node->is_plain && node->text.len == 0);
    if (!field_decode(ctx, DIMENSION_ROWS, is_empty ? &empty : node, "dimension", &in)) {
        return false;
    }
    *d = (struct dimension){.name = name->text, .pos = name->pos};
    bool has_direction = value_get(node, STR("direction")) != NULL;
    bool is_measure = measures_only || in.kind == 1;
    d->direction = has_direction ? (enum dimension_direction)in.direction
                   : is_measure  ? DIRECTION_NONE
                                 : DIRECTION_HIGHER;
    d->weight = in.weight.is_set ? in.weight.value : is_measure ? 0 : 1;
    const char *reason = NULL;
    if (!dimension_name_is_valid(d->name, &reason)) {
        return diag_add(ctx->diag, name->pos, "dimension '%.*s': %s", STR_ARG(d->name), reason);
    }
    if (measures_only && ((in.kind_is_set && in.kind == 0) || in.weight.is_set)) {
        return diag_add(ctx->diag, name->pos, "dimension '%.*s': a target's metric is always a measure, without weight",
                        STR_ARG(d->name));
    }
    return is_measure ? finish_measure(ctx, &in, name, d) : finish_judged(ctx, &in, name, d);
}

bool dimension_declare(struct field_context *ctx, const struct value *node, bool measures_only, struct dimension **ret,
                       size_t *ret_count)
{
    if (node->kind != VALUE_MAP) {
        (void)diag_add(ctx->diag, node->pos, "'dimensions' is a map of names, not %s", value_kind_name(node->kind));
        return diag_hint(ctx->diag, "write dimensions: {steps: {direction: lower}}");
    }
    struct dimension *all = arena_array(ctx->arena, struct dimension, node->len);
    bool ok = true;
    for (uint32_t i = 0; i < node->len; i++) {
        ok = declare_one(ctx, &node->keys[i], &node->items[i], measures_only, &all[i]) && ok;
    }
    if (ok) {
        *ret = all;
        *ret_count = node->len;
    }
    return ok;
}

bool dimension_declare_parse(struct field_context *ctx, const struct field *field, const struct value *node,
                             void *target)
{
    (void)ctx;
    (void)field;
    *(const struct value **)target = node;
    return true;
}

void dimension_declare_schema(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_open_map(w);
    json_put_text(w, "type", STR("object"));
    json_key(w, "additionalProperties");
    field_schema(DIMENSION_ROWS, w);
    json_close_map(w);
}
