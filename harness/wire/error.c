#include "wire/error.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/term.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/value.h"

enum { ITEMS_SHOWN = 20, ROOM = 4 * WIRE_ERROR_BYTES };

struct str wire_body_start(struct arena *arena, struct str body)
{
    struct buf text CLEANUP(buf_deinit) = BUF(ROOM);
    if (body.len == 0) {
        return STR("(empty)");
    }
    struct str start = utf8_cut(body, WIRE_START_BYTES);
    buf_append_char(&text, '\'');
    term_escape(&text, start, TERM_ONE_LINE);
    buf_append_cstr(&text, start.len < body.len ? "...'" : "'");
    return arena_str(arena, buf_str(&text));
}

static bool is_given(const struct value *v)
{
    return v != NULL && v->kind != VALUE_NULL && !(v->kind == VALUE_TEXT && str_trim(v->text).len == 0);
}

/* Text as it is, anything else as compact JSON; what exceeds the room is dropped. */
static void add_value(struct buf *out, const struct value *v)
{
    if (v->kind == VALUE_TEXT) {
        buf_append(out, utf8_cut(str_trim(v->text), WIRE_ERROR_BYTES));
        return;
    }
    struct buf json CLEANUP(buf_deinit) = BUF(ROOM);
    struct json_writer w;
    json_writer_init(&w, &json);
    json_value(&w, v);
    buf_append(out, utf8_cut(buf_str(&json), WIRE_ERROR_BYTES));
}

/* ["body", "examples", 0] = body.examples.0 */
static void add_place(struct buf *out, const struct value *loc)
{
    for (uint32_t i = 0; i < loc->len; i++) {
        buf_append_cstr(out, i > 0 ? "." : "");
        add_value(out, &loc->items[i]);
    }
}

/* One finding of a validation: "body.name: Field required". False when it is something else. */
static bool add_finding(struct buf *out, const struct value *v)
{
    const struct value *msg = value_get(v, STR("msg"));
    const struct value *loc = value_get(v, STR("loc"));
    if (!is_given(msg)) {
        return false;
    }
    if (loc != NULL && loc->kind == VALUE_LIST && loc->len > 0) {
        add_place(out, loc);
        buf_append_cstr(out, ": ");
    }
    add_value(out, msg);
    return true;
}

static void add_detail(struct buf *out, const struct value *detail)
{
    if (detail->kind != VALUE_LIST) {
        if (!add_finding(out, detail)) {
            add_value(out, detail);
        }
        return;
    }
    for (uint32_t i = 0; i < detail->len && i < ITEMS_SHOWN; i++) {
        buf_append_cstr(out, i > 0 ? "; " : "");
        if (!add_finding(out, &detail->items[i])) {
            add_value(out, &detail->items[i]);
        }
    }
    if (detail->len > ITEMS_SHOWN) {
        buf_printf(out, "; and %u more", (unsigned)(detail->len - ITEMS_SHOWN));
    }
}

/* The server's sentence: `message`, or what gateways write instead of it. NULL = none. */
static const struct value *find_message(const struct value *root)
{
    const struct value *message = value_get(root, STR("message"));
    const struct value *error = value_get(root, STR("error"));
    if (!is_given(message) && error != NULL && error->kind == VALUE_MAP) {
        message = value_get(error, STR("message"));
    }
    if (!is_given(message)) {
        message = is_given(error) ? error : value_get(root, STR("type"));
    }
    return is_given(message) ? message : NULL;
}

static void add_root(struct buf *out, const struct value *root)
{
    const struct value *message = root->kind == VALUE_MAP ? find_message(root) : NULL;
    const struct value *detail = root->kind == VALUE_MAP ? value_get(root, STR("detail")) : root;
    if (message != NULL) {
        add_value(out, message);
    }
    if (!is_given(detail)) {
        if (message == NULL) {
            add_value(out, root);
        }
        return;
    }
    struct buf words CLEANUP(buf_deinit) = BUF(ROOM);
    add_detail(&words, detail);
    if (message != NULL && str_eq(buf_str(&words), buf_str(out))) {
        return; /* the documented default says the same twice */
    }
    buf_append_cstr(out, message != NULL && words.len > 0 ? ": " : "");
    buf_append(out, buf_str(&words));
}

/* What a page says of itself; false when the text is none. */
static bool find_title(struct str body, struct str *ret)
{
    size_t start = 0;
    size_t end = 0;
    if (!str_starts(str_trim(body), STR("<")) || !str_find(body, STR("<title>"), &start)) {
        return false;
    }
    struct str rest = str_slice(body, start + STR("<title>").len, body.len);
    if (!str_find(rest, STR("</title>"), &end)) {
        return false;
    }
    *ret = str_trim(str_slice(rest, 0, end));
    return ret->len > 0;
}

struct str wire_error_words(struct arena *arena, struct str body)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf words CLEANUP(buf_deinit) = BUF(ROOM);
    struct buf safe CLEANUP(buf_deinit) = BUF((size_t)ROOM * 4);
    struct value root;
    struct str title;
    struct err ignored = ERR_NULL;
    if (str_trim(body).len == 0) {
        return STR("no words with it");
    }
    if (json_read(&scratch, body, JSON_REPLY, (struct src_pos){0}, &root, NULL, &ignored)) {
        add_root(&words, &root);
    } else if (find_title(body, &title)) {
        buf_printf(&words, "a page '%.*s'", STR_ARG(utf8_cut(title, WIRE_START_BYTES)));
    } else {
        return wire_body_start(arena, body);
    }
    if (words.len == 0) {
        return wire_body_start(arena, body);
    }
    term_escape(&safe, buf_str(&words), TERM_ONE_LINE);
    return arena_str(arena, utf8_cut(buf_str(&safe), WIRE_ERROR_BYTES));
}
