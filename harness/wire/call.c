#include "wire/call.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "model/call.h"
#include "wire/error.h"
#include "wire/path.h"

#define CACHE_KEY "invocation.cache.ttl"

static void put_value(struct json_writer *w, const char *key, const struct value *v)
{
    if (v != NULL) {
        json_key(w, key);
        json_value(w, v);
    }
}

static void put_configuration(struct json_writer *w, const struct value *given)
{
    json_key(w, "configuration");
    json_open_map(w);
    for (uint32_t i = 0; given != NULL && i < given->len; i++) {
        json_key_str(w, given->keys[i].text);
        json_value(w, &given->items[i]);
    }
    if (given == NULL || value_get(given, STR(CACHE_KEY)) == NULL) {
        json_put_int(w, CACHE_KEY, 0);
    }
    json_close_map(w);
}

static void put_text(struct json_writer *w, const char *key, struct str text)
{
    if (text.ptr != NULL) {
        json_put_text(w, key, text);
    }
}

void wire_call_write(struct buf *out, const struct wire_call *call)
{
    struct json_writer w;
    bool is_task = call->name.ptr != NULL;
    json_writer_init(&w, out);
    json_open_map(&w);
    put_text(&w, "name", call->name);
    put_text(&w, "instructions", call->instructions);
    put_value(&w, "input", call->input);
    put_value(&w, "input_schema", call->input_schema);
    put_value(&w, "output_schema", call->output_schema);
    put_value(&w, "examples", call->examples);
    put_value(&w, "model", call->model);
    put_text(&w, "parent_span_id", call->parent_span);
    put_value(&w, "tags", call->tags);
    if (is_task) {
        put_configuration(&w, call->configuration);
    }
    json_close_map(&w);
}

bool wire_segment_is_sendable(struct str segment)
{
    return segment.len > 0 && !str_eq(segment, STR(".")) && !str_eq(segment, STR(".."));
}

const char *wire_call_url(struct arena *arena, const char *base_url, struct str function, struct str revision)
{
    struct str base = str_from(base_url);
    struct buf url CLEANUP(buf_deinit) = BUF(base.len + (size_t)LIMIT_ID_BYTES * 8);
    enum wire_route route = function.ptr == NULL   ? WIRE_CALL
                            : revision.ptr == NULL ? WIRE_FUNCTION_CALL
                                                   : WIRE_FUNCTION_CALL_REVISION;
    buf_append(&url, base);
    wire_path_write(&url, route, function, revision);
    return arena_str(arena, buf_str(&url)).ptr;
}

/* "application/json", whatever parameters follow. No content type at all is let pass: the strict reader decides. */
static bool is_json_type(struct str type)
{
    size_t end = type.len;
    (void)str_find_char(type, ';', &end);
    struct str kind = str_trim(str_slice(type, 0, end));
    static const char want[] = "application/json";
    if (kind.len == 0) {
        return true;
    }
    if (kind.len != sizeof(want) - 1) {
        return false;
    }
    for (size_t i = 0; i < kind.len; i++) {
        char c = kind.ptr[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != want[i]) {
            return false;
        }
    }
    return true;
}

static bool fault(struct arena *arena, const struct call_result *result, struct str what, struct str *ret_fault)
{
    struct str start = wire_body_start(arena, result->output);
    *ret_fault = arena_printf(arena, "not an answer of Opper (status %u): %.*s: %.*s", result->http_status,
                              STR_ARG(what), STR_ARG(start));
    return false;
}

/* What an answer is read for; all other members of it are checked and passed over. */
enum { SPAN_ID, MESSAGE, CACHED, PAYLOAD, IMAGES, USAGE, COST, ANSWER_MEMBERS };
static const char *const ANSWER_KEYS[] = {
    [SPAN_ID] = "span_id", [MESSAGE] = "message", [CACHED] = "cached", [PAYLOAD] = "json_payload",
    [IMAGES] = "images",   [USAGE] = "usage",     [COST] = "cost",
};

enum { FUNCTION_ID, FUNCTION_REVISION, FUNCTION_MEMBERS };
static const char *const FUNCTION_KEYS[] = {[FUNCTION_ID] = "id", [FUNCTION_REVISION] = "revision_id"};

/* Members of the body, which is a map. One that is null counts as absent. */
static bool read_members(struct arena *arena, const struct call_result *result, const char *const *keys, size_t count,
                         const struct value **ret, struct str *ret_fault)
{
    struct err err;
    err_clear(&err);
    bool is_map = false;
    if (!is_json_type(result->content_type)) {
        return fault(
            arena, result,
            arena_printf(arena, "its content type is %.*s", STR_ARG(wire_body_start(arena, result->content_type))),
            ret_fault);
    }
    if (!json_read_members(arena, result->output, keys, count, ret, &is_map, &err)) {
        return fault(arena, result, arena_printf(arena, "no JSON: %s", err.text), ret_fault);
    }
    for (size_t i = 0; i < count; i++) {
        ret[i] = ret[i] == NULL || ret[i]->kind == VALUE_NULL ? NULL : ret[i];
    }
    return is_map || fault(arena, result, STR("no JSON object"), ret_fault);
}

static const struct value *get(const struct value *map, const char *key)
{
    const struct value *v = value_get(map, str_from(key));
    return v == NULL || v->kind == VALUE_NULL ? NULL : v;
}

static bool get_text(const struct value *v, struct str *ret)
{
    if (v == NULL || v->kind != VALUE_TEXT || v->text.len == 0) {
        return false;
    }
    *ret = v->text;
    return true;
}

/* {"generation", "platform", "total"}, or the total as a number. What cannot be read is not known. */
static void read_cost(const struct value *cost, struct call_measures *ret)
{
    double total = 0;
    double generation = 0;
    double platform = 0;
    const struct value *v = cost == NULL || cost->kind != VALUE_MAP ? cost : get(cost, "total");
    bool is_known = v != NULL && value_number(v, &total);
    if (!is_known && cost != NULL && cost->kind == VALUE_MAP && get(cost, "generation") != NULL &&
        value_number(get(cost, "generation"), &generation)) {
        (void)(get(cost, "platform") != NULL && value_number(get(cost, "platform"), &platform));
        total = generation + platform;
        is_known = true;
    }
    if (is_known && total >= 0) {
        ret->has_cost = true;
        ret->cost_usd = total;
    }
}

bool wire_answer_read(struct arena *arena, const struct call_result *result, struct wire_answer *ret,
                      struct str *ret_fault)
{
    const struct value *found[ANSWER_MEMBERS] = {NULL};
    if (!read_members(arena, result, ANSWER_KEYS, ANSWER_MEMBERS, found, ret_fault)) {
        return false;
    }
    struct wire_answer answer = {
        .payload = found[PAYLOAD],
        .images = found[IMAGES],
        .usage = found[USAGE],
        .cost = found[COST],
    };
    const struct value *message = found[MESSAGE];
    const struct value *cached = found[CACHED];
    if (!get_text(found[SPAN_ID], &answer.span_id)) { /* a gateway's {"message": "try later"} is no output */
        return fault(arena, result, STR("it has no span_id"), ret_fault);
    }
    if (message != NULL && message->kind != VALUE_TEXT) {
        return fault(arena, result, STR("its message is no text"), ret_fault);
    }
    if (message == NULL && answer.payload == NULL && answer.images == NULL) {
        return fault(arena, result, STR("it holds neither message nor json_payload"), ret_fault);
    }
    answer.has_message = message != NULL;
    answer.message = message == NULL ? STR_NULL : message->text;
    answer.cached = cached != NULL && cached->kind == VALUE_BOOL && cached->boolean;
    if (answer.usage != NULL) {
        (void)call_measures_read_usage(answer.usage, &answer.measures);
    }
    read_cost(answer.cost, &answer.measures);
    *ret = answer;
    return true;
}

bool wire_function_read(struct arena *arena, const struct call_result *result, struct wire_function *ret,
                        struct str *ret_fault)
{
    const struct value *found[FUNCTION_MEMBERS] = {NULL};
    struct wire_function function = {.revision = STR_NULL};
    if (!read_members(arena, result, FUNCTION_KEYS, FUNCTION_MEMBERS, found, ret_fault)) {
        return false;
    }
    if (!get_text(found[FUNCTION_ID], &function.id) || !wire_segment_is_sendable(function.id)) {
        return fault(arena, result, STR("a function without id"), ret_fault);
    }
    (void)get_text(found[FUNCTION_REVISION], &function.revision);
    *ret = function;
    return true;
}
