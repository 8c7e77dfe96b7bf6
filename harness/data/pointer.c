#include "data/pointer.h"

#include "base/arena.h"
#include "base/err.h"
#include "data/value.h"

/* "~1" is "/", "~0" is "~"; any other "~" is a mistake. */
static bool segment_unescape(struct arena *arena, struct str part, struct str *ret, struct err *err)
{
    if (!str_find_char(part, '~', NULL)) {
        *ret = part;
        return true;
    }
    char *text = arena_alloc(arena, part.len);
    size_t len = 0;
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (c == '~') {
            i++;
            if (i == part.len || (part.ptr[i] != '0' && part.ptr[i] != '1')) {
                return err_set(err, ERR_SUITE, "in a JSON Pointer '~' is written '~0' and '/' inside a key '~1'");
            }
            c = part.ptr[i] == '0' ? '~' : '/';
        }
        text[len++] = c;
    }
    *ret = (struct str){text, len};
    return true;
}

bool pointer_parse(struct arena *arena, struct str text, struct pointer *ret, struct err *err)
{
    if (text.len > 0 && text.ptr[0] != '/') {
        return err_set(err, ERR_SUITE, "a JSON Pointer is empty or begins with '/', as in '/items/0/name': '%.*s'",
                       STR_ARG(text));
    }
    struct pointer result = {.text = arena_str(arena, text)};
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '/' ? 1 : 0;
    }
    result.segments = arena_array(arena, struct str, count);
    struct str rest = str_slice(result.text, 1, text.len);
    struct str part = STR_NULL;
    while (result.len < count && str_split(&rest, '/', &part)) {
        if (!segment_unescape(arena, part, &result.segments[result.len++], err)) {
            return err_wrap(err, "'%.*s'", STR_ARG(text));
        }
    }
    *ret = result;
    return true;
}

/* RFC 6901: digits without leading zeros; "-" (the place after the last) is never there to be read. */
static bool index_parse(struct str segment, uint32_t *ret)
{
    uint64_t index = 0;
    if (segment.len == 0 || (segment.len > 1 && segment.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < segment.len; i++) {
        char c = segment.ptr[i];
        if (c < '0' || c > '9') {
            return false;
        }
        index = index * 10 + (uint64_t)(c - '0');
        if (index > UINT32_MAX) {
            return false;
        }
    }
    *ret = (uint32_t)index;
    return true;
}

const struct value *pointer_find(const struct pointer *p, const struct value *root)
{
    const struct value *at = root;
    for (size_t i = 0; i < p->len && at != NULL; i++) {
        uint32_t index = 0;
        if (at->kind == VALUE_LIST) {
            at = index_parse(p->segments[i], &index) && index < at->len ? &at->items[index] : NULL;
        } else {
            at = value_get(at, p->segments[i]);
        }
    }
    return at;
}
