#include "data/json.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "data/value.h"

/* Members of a map: most of what is written as JSON here is one after the other. */

void json_put_text(struct json_writer *w, const char *key, struct str text)
{
    json_key(w, key);
    json_text(w, text);
}

void json_put_bytes(struct json_writer *w, const char *key, struct str bytes)
{
    json_key(w, key);
    json_bytes(w, bytes);
}

void json_put_int(struct json_writer *w, const char *key, int64_t value)
{
    json_key(w, key);
    json_int(w, value);
}

void json_put_number(struct json_writer *w, const char *key, double value)
{
    json_key(w, key);
    json_number(w, value);
}

void json_put_number_or_null(struct json_writer *w, const char *key, bool has, double value)
{
    json_key(w, key);
    if (has) {
        json_number(w, value);
    } else {
        json_null(w);
    }
}

void json_put_bool(struct json_writer *w, const char *key, bool value)
{
    json_key(w, key);
    json_bool(w, value);
}

void json_put_time(struct json_writer *w, const char *key, int64_t unix_ms)
{
    json_key(w, key);
    if (unix_ms == 0) {
        json_null(w);
    } else {
        json_text(w, str_from(clock_rfc3339(unix_ms).text));
    }
}

void json_put_raw(struct json_writer *w, const char *key, struct str json)
{
    json_key(w, key);
    json_raw(w, json);
}

struct str json_compact(struct arena *arena, const struct value *v)
{
    if ((v->kind == VALUE_LIST || v->kind == VALUE_MAP) && v->text.ptr != NULL) {
        return arena_str(arena, v->text); /* as it was read */
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_value(&w, v);
    return arena_str(arena, buf_str(&text));
}
