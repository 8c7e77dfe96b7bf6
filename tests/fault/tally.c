#include "tests/fault/tally.h"

#include <string.h>

#include "base/clock.h"
#include "data/json.h"

enum { KEY_PREFIX = 8, SEEN_BYTES = 64 << 20, LINE_BYTES = 256 << 20 };

void tally_status(struct tally *t, unsigned status)
{
    t->statuses[status < TALLY_STATUSES ? status : 0]++;
}

static void count_kind(struct tally *t, const char *kind)
{
    size_t i = 0;
    while (i + 1 < TALLY_KINDS && t->kinds[i].kind != NULL && strcmp(t->kinds[i].kind, kind) != 0) {
        i++;
    }
    t->kinds[i].kind = kind;
    t->kinds[i].count++;
}

/* All of the head but the bearer, and the body. */
static void note_bytes(struct tally *t, const struct request *r)
{
    static const struct str scheme = {"Bearer ", 7};
    struct buf seen CLEANUP(buf_deinit) = BUF(SEEN_BYTES);
    if (r->authorization.len > 0) {
        size_t at = (size_t)(r->authorization.ptr - r->head.ptr);
        buf_append(&seen, str_slice(r->head, 0, at));
        buf_append_cstr(&seen, "<authorization>");
        buf_append(&seen, str_slice(r->head, at + r->authorization.len, r->head.len));
    } else {
        buf_append(&seen, r->head);
    }
    buf_append(&seen, r->body);
    if (str_starts(r->authorization, scheme) && r->authorization.len >= scheme.len + KEY_PREFIX) {
        struct str prefix = str_slice(r->authorization, scheme.len, scheme.len + KEY_PREFIX);
        t->key_seen += str_find(buf_str(&seen), prefix, NULL) ? 1 : 0;
    }
    if (t->raw != NULL) {
        (void)fwrite(seen.ptr, 1, seen.len, t->raw);
    }
}

void tally_request(struct tally *t, const struct request *r, const char *kind)
{
    t->total++;
    t->in_flight++;
    t->most_in_flight = t->in_flight > t->most_in_flight ? t->in_flight : t->most_in_flight;
    count_kind(t, kind);
    note_bytes(t, r);
}

void tally_answered(struct tally *t)
{
    t->in_flight--;
}

void tally_log(const struct tally *t, const struct request *r, const char *kind, uint64_t conn, uint64_t on_conn,
               uint64_t rule)
{
    if (t->requests == NULL) {
        return;
    }
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    struct json_writer w;
    json_writer_init(&w, &line);
    json_open_map(&w);
    json_put_int(&w, "n", (int64_t)t->total);
    json_put_int(&w, "conn", (int64_t)conn);
    json_put_int(&w, "on_conn", (int64_t)on_conn);
    json_put_text(&w, "method", r->method);
    json_put_text(&w, "target", r->target);
    json_put_text(&w, "kind", str_from(kind));
    json_put_text(&w, "head", r->head);
    json_put_text(&w, "body", r->body);
    json_put_int(&w, "rule", (int64_t)rule);
    json_put_int(&w, "ms", (clock_ns(&CLOCK_SYSTEM) - t->started_ns) / NS_PER_MS);
    json_close_map(&w);
    buf_append_char(&line, '\n');
    (void)fwrite(line.ptr, 1, line.len, t->requests);
}

void tally_dump(const struct tally *t, struct buf *out)
{
    struct json_writer w;
    char name[16];
    json_writer_init(&w, out);
    json_open_map(&w);
    json_put_text(&w, "kind", STR("requests"));
    json_put_int(&w, "total", (int64_t)t->total);
    json_put_int(&w, "connections", (int64_t)t->connections);
    json_put_int(&w, "max_in_flight", (int64_t)t->most_in_flight);
    json_put_int(&w, "faults", (int64_t)t->faults);
    json_put_int(&w, "key_seen", (int64_t)t->key_seen);
    json_key(&w, "by");
    json_open_map(&w);
    for (size_t i = 0; i < TALLY_KINDS && t->kinds[i].kind != NULL; i++) {
        json_put_int(&w, t->kinds[i].kind, (int64_t)t->kinds[i].count);
    }
    json_close_map(&w);
    json_key(&w, "by_status");
    json_open_map(&w);
    for (unsigned i = 0; i < TALLY_STATUSES; i++) {
        if (t->statuses[i] > 0) {
            (void)snprintf(name, sizeof(name), "%u", i);
            json_put_int(&w, name, (int64_t)t->statuses[i]);
        }
    }
    json_close_map(&w);
    json_close_map(&w);
    buf_append_char(out, '\n');
}

void tally_flush(const struct tally *t)
{
    if (t->requests != NULL) {
        (void)fflush(t->requests);
    }
    if (t->raw != NULL) {
        (void)fflush(t->raw);
    }
}

static bool write_ledger(const struct tally *t, const struct api *api)
{
    struct buf text CLEANUP(buf_deinit) = BUF((size_t)4 << 30);
    FILE *file = fopen(t->ledger_path, "we");
    if (file == NULL) {
        return false;
    }
    api_dump(api, &text);
    tally_dump(t, &text);
    bool is_whole = fwrite(text.ptr, 1, text.len, file) == text.len;
    return fclose(file) == 0 && is_whole;
}

bool tally_end(struct tally *t, const struct api *api)
{
    bool ok = t->ledger_path == NULL || write_ledger(t, api);
    ok = (t->requests == NULL || fclose(t->requests) == 0) && ok;
    return (t->raw == NULL || fclose(t->raw) == 0) && ok;
}
