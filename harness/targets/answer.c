#include "targets/answer.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"

static const char *const keys[] = {"output", "error", "metrics", "meta", "usage", "cost_usd", NULL};

PRINTF_LIKE(3, 4)
static bool refuse(struct arena *arena, struct output *ret, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    ret->error = ERROR_PROTOCOL;
    ret->error_text = arena_str(arena, str_from(text));
    return false;
}

static bool check_keys(struct arena *arena, const struct value *root, bool has_id, struct output *ret)
{
    for (uint32_t i = 0; i < root->len; i++) {
        struct str key = root->keys[i].text;
        bool is_known = has_id && str_eq_cstr(key, "id");
        for (size_t k = 0; keys[k] != NULL && !is_known; k++) {
            is_known = str_eq_cstr(key, keys[k]);
        }
        if (is_known) {
            continue;
        }
        const char *near = str_nearest(key, keys);
        if (near != NULL) {
            return refuse(arena, ret, "the answer has an unknown key '%.*s': did you mean '%s'?", STR_ARG(key), near);
        }
        return refuse(arena, ret,
                      "the answer has an unknown key '%.*s'; allowed are output, error, metrics, meta, usage, cost_usd "
                      "(bare JSON is `output: text`, read by `from`)",
                      STR_ARG(key));
    }
    return true;
}

static void set_output(struct arena *arena, const struct value *v, struct output *ret)
{
    if (v->kind == VALUE_TEXT) {
        ret->text = v->text;
        return;
    }
    ret->is_json = true;
    ret->json = *v;
    ret->text = json_compact(arena, v);
}

static bool is_declared(const struct dimension *dimensions, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(dimensions[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool read_metrics(struct arena *arena, const struct value *map, const struct dimension *dimensions, size_t count,
                         struct output *ret)
{
    if (map->kind != VALUE_MAP) {
        return refuse(arena, ret, "\"metrics\" is %s, not a map of numbers", value_kind_name(map->kind));
    }
    ret->metrics = arena_array(arena, struct measure, map->len);
    for (uint32_t i = 0; i < map->len; i++) {
        const struct value *v = &map->items[i];
        struct str name = map->keys[i].text;
        double number = 0;
        if (!is_declared(dimensions, count, name)) {
            return refuse(arena, ret, "the metric '%.*s' is not declared: name it under the target's `dimensions`",
                          STR_ARG(name));
        }
        if (v->kind != VALUE_NUMBER && v->kind != VALUE_NULL) {
            return refuse(arena, ret, "the metric '%.*s' is %s, not a number", STR_ARG(name), value_kind_name(v->kind));
        }
        if (value_number(v, &number)) {
            ret->metrics[ret->metric_count++] = (struct measure){.name = name, .value = number};
        }
    }
    return true;
}

static bool read_usage(struct arena *arena, const struct value *usage, struct output *ret)
{
    if (usage->kind != VALUE_MAP) {
        return usage->kind == VALUE_NULL ||
               refuse(arena, ret, "\"usage\" is %s, not a map", value_kind_name(usage->kind));
    }
    return call_measures_read_usage(usage, &ret->measures) ||
           refuse(arena, ret, "\"usage\": 'input_tokens' or 'output_tokens' is no count of tokens");
}

static bool read_cost(struct arena *arena, const struct value *cost, struct output *ret)
{
    if (cost->kind == VALUE_NULL) {
        return true;
    }
    struct call_measures *m = &ret->measures;
    m->has_cost = value_number(cost, &m->cost_usd) && m->cost_usd >= 0;
    return m->has_cost || refuse(arena, ret, "\"cost_usd\" is no amount of dollars");
}

static bool read_root(struct arena *arena, const struct value *root, bool has_id, const struct dimension *dimensions,
                      size_t count, struct output *ret)
{
    if (root->kind != VALUE_MAP) {
        return refuse(arena, ret,
                      "the answer is %s, not an object {\"output\": ...} (bare JSON is `output: text`, read by `from`)",
                      value_kind_name(root->kind));
    }
    if (!check_keys(arena, root, has_id, ret)) {
        return false;
    }
    const struct value *output = value_get(root, STR("output"));
    const struct value *error = value_get(root, STR("error"));
    const struct value *metrics = value_get(root, STR("metrics"));
    const struct value *meta = value_get(root, STR("meta"));
    const struct value *usage = value_get(root, STR("usage"));
    const struct value *cost = value_get(root, STR("cost_usd"));
    bool has_error = error != NULL && error->kind != VALUE_NULL;
    if (output == NULL && !has_error) {
        return refuse(arena, ret, "the answer has neither \"output\" nor \"error\"");
    }
    if (output != NULL) {
        set_output(arena, output, ret);
    }
    if (meta != NULL && meta->kind != VALUE_MAP && meta->kind != VALUE_NULL) {
        return refuse(arena, ret, "\"meta\" is %s, not a map", value_kind_name(meta->kind));
    }
    if (meta != NULL) {
        ret->meta = *meta;
    }
    if ((metrics != NULL && metrics->kind != VALUE_NULL && !read_metrics(arena, metrics, dimensions, count, ret)) ||
        (usage != NULL && !read_usage(arena, usage, ret)) || (cost != NULL && !read_cost(arena, cost, ret))) {
        return false;
    }
    if (has_error) {
        ret->error = ERROR_TARGET;
        ret->error_text = error->kind == VALUE_TEXT ? error->text : json_compact(arena, error);
    }
    return true;
}

void answer_read(struct arena *arena, struct str text, bool has_id, const struct dimension *dimensions,
                 size_t dimension_count, struct output *ret)
{
    struct value root;
    struct err err = ERR_NULL;
    struct src_pos origin = {.file = NULL, .line = 1, .col = 1};
    if (!json_read(arena, text, JSON_REPLY, origin, &root, NULL, &err)) {
        (void)refuse(arena, ret, "the answer is not JSON: %s%s", err.text,
                     str_trim(text).len == 0 ? " (it is empty)" : "");
    } else if (!read_root(arena, &root, has_id, dimensions, dimension_count, ret) && ret->text.ptr == NULL) {
        ret->text = text; /* what was said, for whoever looks for the mistake */
    }
    if (ret->error == ERROR_PROTOCOL && ret->text.ptr == NULL) {
        ret->text = text;
    }
}

void answer_add_meta(struct arena *arena, struct output *ret, const char *key, struct value v)
{
    uint32_t len = ret->meta.kind == VALUE_MAP ? ret->meta.len : 0;
    struct value *items = arena_array(arena, struct value, len + 1);
    struct value *names = arena_array(arena, struct value, len + 1);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < len; i++) {
        if (!str_eq_cstr(ret->meta.keys[i].text, key)) { /* ours wins: the contract says what stands there */
            items[kept] = ret->meta.items[i];
            names[kept++] = ret->meta.keys[i];
        }
    }
    items[kept] = v;
    names[kept] = value_of_text(str_from(key));
    ret->meta = (struct value){.kind = VALUE_MAP, .items = items, .keys = names, .len = kept + 1};
}
