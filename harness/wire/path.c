#include "wire/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

/* `*` = an id. The first that fits is taken, so that words stand before ids; `**` = the rest, raw slashes included. */
static const char *const PATHS[] = {
    [WIRE_SPANS] = "/spans",
    [WIRE_SPAN] = "/spans/*",
    [WIRE_SPAN_METRICS] = "/spans/*/metrics",
    [WIRE_SPAN_METRIC] = "/spans/*/metrics/*",
    [WIRE_SPAN_FEEDBACK] = "/spans/*/feedback",
    [WIRE_SPAN_SAVE_EXAMPLES] = "/spans/*/save_examples",
    [WIRE_TRACES] = "/traces",
    [WIRE_TRACE] = "/traces/*",
    [WIRE_CALL] = "/call",
    [WIRE_CALL_STREAM] = "/call/stream",
    [WIRE_FUNCTIONS] = "/functions",
    [WIRE_FUNCTION_BY_NAME] = "/functions/by-name/**",
    [WIRE_FUNCTION] = "/functions/*",
    [WIRE_FUNCTION_REVISIONS] = "/functions/*/revisions",
    [WIRE_FUNCTION_REVISION] = "/functions/*/revisions/*",
    [WIRE_FUNCTION_CALL] = "/functions/*/call",
    [WIRE_FUNCTION_STREAM] = "/functions/*/call/stream",
    [WIRE_FUNCTION_STREAM_REVISION] = "/functions/*/call/stream/*",
    [WIRE_FUNCTION_CALL_REVISION] = "/functions/*/call/*",
};
_Static_assert(ARRAY_LEN(PATHS) == WIRE_ROUTE_COUNT, "a path for each route");

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

static void append_encoded(struct buf *out, struct str text)
{
    for (size_t at = 0; at < text.len; at++) {
        size_t from = at;
        while (at < text.len && is_unreserved(text.ptr[at])) {
            at++;
        }
        buf_append(out, str_slice(text, from, at));
        if (at < text.len) {
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)text.ptr[at]);
        }
    }
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool decode(struct arena *arena, struct str text, bool plus_is_blank, struct str *ret)
{
    char *bytes = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            int high = i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_digit(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        bytes[len++] = c;
    }
    *ret = (struct str){bytes, len};
    return true;
}

void wire_path_write(struct buf *out, enum wire_route route, struct str first, struct str second)
{
    struct str ids[WIRE_PATH_IDS] = {first, second};
    size_t used = 0;
    for (const char *at = PATHS[route]; *at != '\0';) {
        size_t words = strcspn(at, "*");
        buf_append(out, (struct str){at, words});
        at += words;
        if (*at == '*') {
            append_encoded(out, ids[used++]);
            at += strspn(at, "*");
        }
    }
}

static bool match_one(struct arena *arena, const char *pattern, struct str path, struct wire_match *ret)
{
    struct str words = str_from(pattern);
    struct str word, part;
    size_t used = 0;
    while (str_split(&words, '/', &word)) {
        if (str_eq_cstr(word, "**")) {
            return path.len > 0 && decode(arena, path, false, &ret->ids[used]); /* raw slashes are kept */
        }
        if (!str_split(&path, '/', &part)) {
            return false;
        }
        if (str_eq_cstr(word, "*")) {
            if (part.len == 0 || !decode(arena, part, false, &ret->ids[used++])) {
                return false;
            }
        } else if (!str_eq(word, part)) {
            return false;
        }
    }
    return path.ptr == NULL; /* all of it was taken */
}

bool wire_path_match(struct arena *arena, struct str path, struct wire_match *ret)
{
    if (path.len > 1 && str_ends(path, STR("/"))) {
        path = str_slice(path, 0, path.len - 1);
    }
    for (size_t i = 0; i < ARRAY_LEN(PATHS); i++) {
        struct wire_match match = {.route = (enum wire_route)i};
        if (match_one(arena, PATHS[i], path, &match)) {
            *ret = match;
            return true;
        }
    }
    return false;
}

void wire_query_add(struct buf *out, const char *key, struct str value)
{
    size_t at = 0;
    buf_append_char(out, str_find_char(buf_str(out), '?', &at) ? '&' : '?');
    append_encoded(out, str_from(key));
    buf_append_char(out, '=');
    append_encoded(out, value);
}

void wire_query_add_int(struct buf *out, const char *key, uint64_t value)
{
    char digits[24];
    (void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
    wire_query_add(out, key, str_from(digits));
}

bool wire_query_get(struct arena *arena, struct str query, const char *key, struct str *ret)
{
    struct str pair;
    *ret = STR_NULL;
    while (str_split(&query, '&', &pair)) {
        size_t equals = pair.len;
        (void)str_find_char(pair, '=', &equals);
        struct str name;
        if (!decode(arena, str_slice(pair, 0, equals), true, &name)) {
            return false;
        }
        if (str_eq_cstr(name, key)) {
            return decode(arena, str_slice(pair, equals + 1, pair.len), true, ret);
        }
    }
    return true;
}
