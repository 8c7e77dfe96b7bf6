#include "data/json.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/utf8.h"
#include "data/json_check.h"
#include "data/value.h"
#include "data/value_keys.h"

void json_writer_init(struct json_writer *w, struct buf *out)
{
    *w = (struct json_writer){.out = out};
}

/* What stands before any value: nothing after a key, else a comma but for the first. */
static void begin_value(struct json_writer *w)
{
    if (w->after_key) {
        w->after_key = false;
    } else if (w->has_item[w->depth]) {
        assert(w->depth > 0); /* one value per text */
        buf_append_char(w->out, ',');
    }
    w->has_item[w->depth] = true;
}

static void open_level(struct json_writer *w, char bracket)
{
    begin_value(w);
    assert(w->depth + 1 < JSON_STACK);
    buf_append_char(w->out, bracket);
    w->depth++;
    w->has_item[w->depth] = false;
}

static void close_level(struct json_writer *w, char bracket)
{
    assert(w->depth > 0 && !w->after_key);
    w->depth--;
    buf_append_char(w->out, bracket);
}

void json_open_map(struct json_writer *w)
{
    open_level(w, '{');
}

void json_close_map(struct json_writer *w)
{
    close_level(w, '}');
}

void json_open_list(struct json_writer *w)
{
    open_level(w, '[');
}

void json_close_list(struct json_writer *w)
{
    close_level(w, ']');
}

/* ',"key":' at once, for a key that needs no escapes: half of what is written are keys. */
static void append_plain_key(struct json_writer *w, struct str key)
{
    assert(w->depth > 0 && !w->after_key);
    char *to = buf_reserve(w->out, key.len + 4);
    size_t len = 0;
    if (to != NULL) {
        to[len] = ',';
        len += w->has_item[w->depth] ? 1 : 0;
        to[len++] = '"';
        memcpy(to + len, key.ptr, key.len);
        len += key.len;
        to[len++] = '"';
        to[len++] = ':';
        buf_advance(w->out, len);
    }
    w->has_item[w->depth] = true;
    w->after_key = true;
}

void json_key(struct json_writer *w, const char *key)
{
    append_plain_key(w, (struct str){key, strlen(key)});
}

static void append_escape(struct buf *out, unsigned char c)
{
    static const char letters[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'};
    if (c < sizeof(letters) && letters[c] != '\0') {
        buf_append(out, (struct str){(char[]){'\\', letters[c]}, 2});
    } else {
        buf_printf(out, "\\u%04x", c);
    }
}

static void append_valid_quoted(struct buf *out, struct str text)
{
    size_t done = 0;
    bool has_non_ascii = false;
    for (size_t at = 0; (at = json_skip_plain(text, done, &has_non_ascii)) < text.len; done = at + 1) {
        buf_append(out, str_slice(text, done, at));
        append_escape(out, (unsigned char)text.ptr[at]);
    }
    buf_append(out, str_slice(text, done, text.len));
}

/* Names, ids, short words: nothing to escape, nothing to check. */
static bool is_plain_ascii(struct str text)
{
    bool has_non_ascii = false;
    return json_skip_plain(text, 0, &has_non_ascii) == text.len && !has_non_ascii;
}

void json_key_str(struct json_writer *w, struct str key)
{
    if (key.len > 0 && is_plain_ascii(key)) {
        append_plain_key(w, key);
        return;
    }
    assert(w->depth > 0 && !w->after_key);
    begin_value(w);
    json_append_quoted(w->out, key);
    buf_append_char(w->out, ':');
    w->after_key = true;
}

void json_append_quoted(struct buf *out, struct str text)
{
    char *at = is_plain_ascii(text) ? buf_reserve(out, text.len + 2) : NULL;
    if (at != NULL) {
        at[0] = '"';
        if (text.len > 0) {
            memcpy(at + 1, text.ptr, text.len);
        }
        at[text.len + 1] = '"';
        buf_advance(out, text.len + 2);
        return;
    }
    buf_append_char(out, '"');
    if (utf8_is_valid(text, NULL)) {
        append_valid_quoted(out, text);
    } else {
        struct buf valid CLEANUP(buf_deinit) = BUF(3 * text.len); /* a bad byte becomes three */
        utf8_append_valid(&valid, text);
        append_valid_quoted(out, buf_str(&valid));
    }
    buf_append_char(out, '"');
}

void json_text(struct json_writer *w, struct str text)
{
    begin_value(w);
    json_append_quoted(w->out, text);
}

void json_number(struct json_writer *w, double value)
{
    begin_value(w);
    if (num_is_finite(value)) {
        num_print(w->out, value);
    } else {
        buf_append(w->out, STR("null"));
    }
}

void json_int(struct json_writer *w, int64_t value)
{
    char room[32];
    begin_value(w);
    buf_append(w->out, num_int_text(value, room));
}

void json_bool(struct json_writer *w, bool value)
{
    begin_value(w);
    buf_append(w->out, value ? STR("true") : STR("false"));
}

void json_null(struct json_writer *w)
{
    begin_value(w);
    buf_append(w->out, STR("null"));
}

void json_raw(struct json_writer *w, struct str json)
{
    begin_value(w);
    buf_append(w->out, json);
}

static void append_value(struct buf *out, const struct value *v, bool is_canonical);

static void append_list(struct buf *out, const struct value *v, bool is_canonical)
{
    buf_append_char(out, '[');
    for (uint32_t i = 0; i < v->len; i++) {
        if (i > 0) {
            buf_append_char(out, ',');
        }
        append_value(out, &v->items[i], is_canonical);
    }
    buf_append_char(out, ']');
}

static void append_map(struct buf *out, const struct value *v, bool is_canonical)
{
    struct value_keys keys CLEANUP(value_keys_deinit) = {.sorted = NULL};
    if (is_canonical) {
        value_keys_sort(&keys, v);
    }
    buf_append_char(out, '{');
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value *key = is_canonical ? keys.sorted[i] : &v->keys[i];
        if (i > 0) {
            buf_append_char(out, ',');
        }
        json_append_quoted(out, key->text);
        buf_append_char(out, ':');
        append_value(out, &v->items[key - v->keys], is_canonical);
    }
    buf_append_char(out, '}');
}

/* Recurses: the readers bound the depth of a tree. */
static void append_value(struct buf *out, const struct value *v, bool is_canonical)
{
    switch (v->kind) {
    case VALUE_NULL:
        buf_append(out, STR("null"));
        break;
    case VALUE_BOOL:
        buf_append(out, v->boolean ? STR("true") : STR("false"));
        break;
    case VALUE_NUMBER:
        buf_append(out, v->text);
        break;
    case VALUE_TEXT:
        json_append_quoted(out, v->text);
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        if (v->text.ptr != NULL && !is_canonical) {
            buf_append(out, v->text);
        } else {
            (v->kind == VALUE_LIST ? append_list : append_map)(out, v, is_canonical);
        }
        break;
    }
}

void json_value(struct json_writer *w, const struct value *v)
{
    begin_value(w);
    append_value(w->out, v, false);
}

void json_canonical(struct buf *out, const struct value *v)
{
    append_value(out, v, true);
}
