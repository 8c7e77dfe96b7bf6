#include "data/map_reader.h"

#include <math.h>

#include "base/arena.h"
#include "base/clock.h"

static const double COUNT_MAX = 9007199254740992.0;

static bool map_bad(struct map_reader *r, const char *key)
{
    r->bad_key = r->bad_key == NULL ? key : r->bad_key;
    return false;
}

bool map_node(struct map_reader *r, const char *key, enum value_kind kind, const struct value **ret)
{
    const struct value *v = value_get(r->map, str_from(key));
    if (v == NULL || v->kind == VALUE_NULL) {
        return false;
    }
    if (v->kind != kind) {
        return map_bad(r, key);
    }
    *ret = v;
    return true;
}

bool map_text(struct map_reader *r, const char *key, struct str *ret)
{
    const struct value *v = NULL;
    if (!map_node(r, key, VALUE_TEXT, &v)) {
        return false;
    }
    *ret = arena_str(r->arena, v->text);
    return true;
}

bool map_flag(struct map_reader *r, const char *key, bool *ret)
{
    const struct value *v = NULL;
    if (!map_node(r, key, VALUE_BOOL, &v)) {
        return false;
    }
    *ret = v->boolean;
    return true;
}

bool map_number(struct map_reader *r, const char *key, double *ret)
{
    const struct value *v = NULL;
    if (!map_node(r, key, VALUE_NUMBER, &v)) {
        return false;
    }
    return value_number(v, ret) || map_bad(r, key);
}

bool map_count(struct map_reader *r, const char *key, uint64_t *ret)
{
    double number = 0;
    if (!map_number(r, key, &number)) {
        return false;
    }
    if (number < 0 || number > COUNT_MAX || floor(number) != number) {
        return map_bad(r, key);
    }
    *ret = (uint64_t)number;
    return true;
}

bool map_time(struct map_reader *r, const char *key, int64_t *ret_unix_ms)
{
    const struct value *v = NULL;
    if (!map_node(r, key, VALUE_TEXT, &v)) {
        return false;
    }
    return clock_parse_rfc3339(v->text, ret_unix_ms) || map_bad(r, key);
}

int map_word(struct map_reader *r, const char *key, const char *const *words, int otherwise)
{
    const struct value *v = NULL;
    if (!map_node(r, key, VALUE_TEXT, &v)) {
        return otherwise;
    }
    for (int i = 0; words[i] != NULL; i++) {
        if (str_eq_cstr(v->text, words[i])) {
            return i;
        }
    }
    (void)map_bad(r, key);
    return otherwise;
}

const struct value *map_list(struct map_reader *r, const char *key, size_t *ret_len)
{
    const struct value *list = NULL;
    *ret_len = map_node(r, key, VALUE_LIST, &list) ? list->len : 0;
    return *ret_len == 0 ? NULL : list->items;
}

struct str *map_texts(struct map_reader *r, const char *key, size_t *ret_len)
{
    const struct value *items = map_list(r, key, ret_len);
    struct str *texts = arena_array(r->arena, struct str, *ret_len + 1);
    for (size_t i = 0; i < *ret_len; i++) {
        if (items[i].kind != VALUE_TEXT) {
            (void)map_bad(r, key);
            continue;
        }
        texts[i] = arena_str(r->arena, items[i].text);
    }
    return texts;
}

struct map_reader map_reader_of(const struct map_reader *r, const struct value *item)
{
    return (struct map_reader){.map = item, .arena = r->arena};
}

void map_reader_join(struct map_reader *r, const struct map_reader *item)
{
    if (item->bad_key != NULL) {
        (void)map_bad(r, item->bad_key);
    }
}
