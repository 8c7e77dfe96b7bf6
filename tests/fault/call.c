#include "tests/fault/call.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "data/value.h"

/* A number from 0 to 1 that depends on nothing but the input. */
static double fraction_of(struct str text)
{
    struct digest d = digest_of(text);
    return (double)(d.bytes[0] << 8 | d.bytes[1]) / 65535.0;
}

static double number_of(const struct value *schema, const char *key, double otherwise)
{
    double number = otherwise;
    const struct value *v = value_get(schema, str_from(key));
    return v != NULL && value_number(v, &number) ? number : otherwise;
}

static void put_by_schema(struct json_writer *w, const struct value *schema, struct str input, int depth)
{
    const struct value *type = value_get(schema, STR("type"));
    const struct value *choice = value_get(schema, STR("enum"));
    const struct value *properties = value_get(schema, STR("properties"));
    struct str kind = type != NULL && type->kind == VALUE_TEXT ? type->text : STR("object");
    if (depth > 8) {
        json_null(w);
    } else if (choice != NULL && choice->kind == VALUE_LIST && choice->len > 0) {
        json_value(w, &choice->items[(size_t)(fraction_of(input) * 0.999 * (double)choice->len)]);
    } else if (str_eq_cstr(kind, "number") || str_eq_cstr(kind, "integer")) {
        double low = number_of(schema, "minimum", 0);
        double number = low + fraction_of(input) * (number_of(schema, "maximum", low + 1) - low);
        json_number(w, str_eq_cstr(kind, "integer") ? (double)(int64_t)(number + 0.5) : number);
    } else if (str_eq_cstr(kind, "boolean")) {
        json_bool(w, fraction_of(input) >= 0.5);
    } else if (str_eq_cstr(kind, "string")) {
        json_text(w, STR("because of the input"));
    } else if (str_eq_cstr(kind, "array")) {
        json_open_list(w);
        json_close_list(w);
    } else {
        json_open_map(w);
        for (uint32_t i = 0; properties != NULL && properties->kind == VALUE_MAP && i < properties->len; i++) {
            json_key_str(w, properties->keys[i].text);
            put_by_schema(w, &properties->items[i], input, depth + 1);
        }
        json_close_map(w);
    }
}

/* What the input wants to hear: the rest of the line (or of the JSON string) after "say: ". */
static bool find_wish(struct str input, struct str *ret)
{
    size_t at = 0;
    if (!str_find(input, STR("say: "), &at)) {
        return false;
    }
    struct str wish = str_slice(input, at + 5, input.len);
    size_t end = 0;
    *ret = str_find_char(wish, '\n', &end) ? str_slice(wish, 0, end) : wish;
    return true;
}

static void append_text(const struct value *v, struct buf *out)
{
    if (v == NULL || v->kind == VALUE_NULL) {
        return;
    }
    if (v->kind == VALUE_LIST || v->kind == VALUE_MAP) {
        for (uint32_t i = 0; i < v->len; i++) {
            append_text(&v->items[i], out);
            buf_append_char(out, '\n');
        }
        return;
    }
    (void)value_append_text(out, v);
}

static void put_usage(struct json_writer *w, size_t input_bytes, size_t output_bytes)
{
    int64_t input_tokens = (int64_t)input_bytes / 4 + 1;
    int64_t output_tokens = (int64_t)output_bytes / 4 + 1;
    json_key(w, "usage");
    json_open_map(w);
    json_put_int(w, "input_tokens", input_tokens);
    json_put_int(w, "output_tokens", output_tokens);
    json_put_int(w, "total_tokens", input_tokens + output_tokens);
    json_close_map(w);
    double generation = (double)(input_tokens + 4 * output_tokens) * 1e-6;
    json_key(w, "cost");
    json_open_map(w);
    json_put_number(w, "generation", generation);
    json_put_number(w, "platform", generation / 10);
    json_put_number(w, "total", generation + generation / 10);
    json_close_map(w);
}

void call_answer(const struct value *body, struct str span_id, struct buf *out)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf input CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct err err = ERR_NULL;
    struct src_pos nowhere = {0};
    const struct value *schema = value_get(body, STR("output_schema"));
    append_text(value_get(body, STR("input")), &input);
    struct str wish = STR_NULL;
    bool has_wish = find_wish(buf_str(&input), &wish);
    struct str message =
        has_wish ? wish : arena_printf(&scratch, "answer to %.*s", STR_ARG(str_slice(buf_str(&input), 0, 4096)));
    struct json_writer w;
    json_writer_init(&w, out);
    json_open_map(&w);
    json_put_text(&w, "span_id", span_id);
    if (schema == NULL || schema->kind == VALUE_NULL) {
        json_put_text(&w, "message", message);
        json_put_raw(&w, "json_payload", STR("null"));
    } else {
        struct value said;
        json_put_raw(&w, "message", STR("null"));
        json_key(&w, "json_payload");
        if (has_wish && json_read(&scratch, wish, JSON_REPLY, nowhere, &said, NULL, &err)) {
            json_value(&w, &said);
        } else {
            put_by_schema(&w, schema, buf_str(&input), 0);
        }
    }
    json_put_bool(&w, "cached", false);
    put_usage(&w, input.len, message.len);
    json_close_map(&w);
}
