#include "data/value.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"
#include "data/json.h"
#include "data/value_keys.h"

/* The calls here that walk a tree recurse: the readers bound its depth (LIMIT_JSON_DEPTH, LIMIT_YAML_DEPTH). */

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = {
        [VALUE_NULL] = "null", [VALUE_BOOL] = "true or false", [VALUE_NUMBER] = "a number",
        [VALUE_TEXT] = "text", [VALUE_LIST] = "a list",        [VALUE_MAP] = "a map",
    };
    return names[kind];
}

const struct value *value_get(const struct value *map, struct str key)
{
    if (map == NULL || map->kind != VALUE_MAP) {
        return NULL;
    }
    for (uint32_t i = 0; i < map->len; i++) {
        if (str_eq(map->keys[i].text, key)) {
            return &map->items[i];
        }
    }
    return NULL;
}

struct value value_of_text(struct str text)
{
    return (struct value){.kind = VALUE_TEXT, .text = text};
}

struct value value_of_number(struct arena *arena, double number)
{
    if (!num_is_finite(number)) { /* JSON has no such number */
        return (struct value){.kind = VALUE_NULL};
    }
    char room[32];
    return (struct value){.kind = VALUE_NUMBER, .text = arena_str(arena, num_text(number, room))};
}

struct value value_of_bool(bool boolean)
{
    return (struct value){.kind = VALUE_BOOL, .boolean = boolean};
}

bool value_number(const struct value *v, double *ret)
{
    double number = 0;
    if (v->kind != VALUE_NUMBER) {
        return false;
    }
    enum num_fault fault = num_parse_json(v->text, &number);
    if (fault != NUM_OK && fault != NUM_UNDERFLOW) {
        return false;
    }
    *ret = number;
    return true;
}

static bool number_eq(struct str a, struct str b)
{
    if (str_eq(a, b)) {
        return true;
    }
    bool is_equal = false;
    if (num_compare_integers(a, b, &is_equal)) {
        return is_equal;
    }
    double left = 0;
    double right = 0;
    /* What no double holds equals only its own text: 1e-999 is not 0. */
    return num_parse_json(a, &left) == NUM_OK && num_parse_json(b, &right) == NUM_OK && left == right;
}

static bool list_eq(const struct value *a, const struct value *b)
{
    for (uint32_t i = 0; i < a->len; i++) {
        if (!value_eq(&a->items[i], &b->items[i])) {
            return false;
        }
    }
    return true;
}

/* Both sorted by key: asking one map for each key of the other would be quadratic. */
static bool map_eq(const struct value *a, const struct value *b)
{
    struct value_keys left CLEANUP(value_keys_deinit) = {0};
    struct value_keys right CLEANUP(value_keys_deinit) = {0};
    value_keys_sort(&left, a);
    value_keys_sort(&right, b);
    for (uint32_t i = 0; i < a->len; i++) {
        if (!str_eq(left.sorted[i]->text, right.sorted[i]->text)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < a->len; i++) {
        if (!value_eq(&a->items[left.sorted[i] - a->keys], &b->items[right.sorted[i] - b->keys])) {
            return false;
        }
    }
    return true;
}

bool value_eq(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind || a->len != b->len) {
        return false;
    }
    switch (a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOL:
        return a->boolean == b->boolean;
    case VALUE_NUMBER:
        return number_eq(a->text, b->text);
    case VALUE_TEXT:
        return str_eq(a->text, b->text);
    case VALUE_LIST:
        return list_eq(a, b);
    case VALUE_MAP:
        return map_eq(a, b);
    }
    return false;
}

/* What contract E makes of a plain scalar; `v` is VALUE_TEXT. */
static struct value plain_resolve(const struct value *v)
{
    struct value result = *v;
    result.is_plain = false;
    double number = 0;
    if (!v->is_plain) {
        return result;
    }
    if (v->text.len == 0 || str_eq(v->text, STR("null"))) {
        result.kind = VALUE_NULL;
    } else if (str_eq(v->text, STR("true")) || str_eq(v->text, STR("false"))) {
        result.kind = VALUE_BOOL;
        result.boolean = v->text.ptr[0] == 't';
    } else if (num_parse_json(v->text, &number) != NUM_SYNTAX) {
        result.kind = VALUE_NUMBER;
    }
    if (result.kind == VALUE_NULL || result.kind == VALUE_BOOL) {
        result.text = STR_NULL;
    }
    return result;
}

struct value value_resolve(struct arena *arena, const struct value *v)
{
    if (v->kind == VALUE_TEXT) {
        return plain_resolve(v);
    }
    struct value result = *v;
    result.text = v->kind == VALUE_LIST || v->kind == VALUE_MAP ? STR_NULL : v->text;
    if (v->len > 0) {
        result.items = arena_array(arena, struct value, v->len);
    }
    for (uint32_t i = 0; i < v->len; i++) {
        result.items[i] = value_resolve(arena, &v->items[i]);
    }
    return result;
}

struct value value_copy(struct arena *arena, const struct value *v)
{
    struct value copy = *v;
    bool is_scalar = v->kind != VALUE_LIST && v->kind != VALUE_MAP;
    copy.text = is_scalar && v->text.ptr != NULL ? arena_str(arena, v->text) : STR_NULL;
    copy.items = v->len == 0 ? NULL : arena_array(arena, struct value, v->len);
    copy.keys = v->len == 0 || v->kind != VALUE_MAP ? NULL : arena_array(arena, struct value, v->len);
    for (uint32_t i = 0; i < v->len; i++) {
        copy.items[i] = value_copy(arena, &v->items[i]);
        if (copy.keys != NULL) {
            copy.keys[i] = value_copy(arena, &v->keys[i]);
        }
    }
    return copy;
}

bool value_append_text(struct buf *out, const struct value *v)
{
    if (v->kind == VALUE_NULL) {
        return false;
    }
    if (v->kind == VALUE_TEXT) {
        buf_append(out, v->text);
        return true;
    }
    struct json_writer w;
    json_writer_init(&w, out);
    json_value(&w, v);
    return true;
}
