#include "model/how_json.h"

#include "data/json.h"
#include "data/map_reader.h"

static const char *const METHOD_WORDS[] = {
#define METHOD_WORD(name, text) text,
    STAT_METHODS(METHOD_WORD)
#undef METHOD_WORD
        NULL};

void json_put_how(struct json_writer *w, const struct stat_how *how)
{
    json_put_text(w, "method", str_from(stat_method_name(how->method)));
    json_put_int(w, "n", (int64_t)how->n);
    json_put_number_or_null(w, "df", how->df > 0, how->df);
    json_put_number_or_null(w, "alpha", how->alpha > 0, how->alpha);
}

void json_put_interval(struct json_writer *w, const char *key, const struct stat_interval *interval)
{
    json_key(w, key);
    if (interval->how.method == METHOD_NONE) {
        json_null(w);
        return;
    }
    json_open_map(w);
    json_put_number_or_null(w, "lo", interval->has_lo, interval->lo);
    json_put_number_or_null(w, "hi", interval->has_hi, interval->hi);
    json_put_how(w, &interval->how);
    json_close_map(w);
}

void map_how(struct map_reader *r, struct stat_how *ret)
{
    ret->method = (enum stat_method)map_word(r, "method", METHOD_WORDS, METHOD_NONE);
    (void)map_count(r, "n", &ret->n);
    (void)map_number(r, "df", &ret->df);
    (void)map_number(r, "alpha", &ret->alpha);
}

void map_interval(struct map_reader *r, const char *key, struct stat_interval *ret)
{
    const struct value *map = NULL;
    *ret = (struct stat_interval){0};
    if (!map_node(r, key, VALUE_MAP, &map)) {
        return;
    }
    struct map_reader item = map_reader_of(r, map);
    map_how(&item, &ret->how);
    ret->has_lo = map_number(&item, "lo", &ret->lo);
    ret->has_hi = map_number(&item, "hi", &ret->hi);
    map_reader_join(r, &item);
}
