#include "opper/lookup.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/service.h"
#include "wire/page.h"
#include "wire/path.h"
#include "wire/reply.h"
#include "wire/trace.h"

enum { TIMEOUT_S = 60, TRACE_TIMEOUT_S = 1800, TERM_GRACE_S = 5, ANSWER_BYTES = 64 << 20, NOT_FOUND = 404 };

static struct call get(struct arena *arena, const struct service *service, struct str path)
{
    return (struct call){
        .kind = CALL_HTTP,
        .http =
            {
                .method = "GET",
                .url = arena_printf(arena, "%s%.*s", service->base_url, STR_ARG(path)).ptr,
                .key = service->key,
                .priority = HTTP_FIRST,
                .max_output = ANSWER_BYTES,
            },
        .timeout_ns = TIMEOUT_S * NS_PER_S,
        .term_grace_ns = TERM_GRACE_S * NS_PER_S,
    };
}

static struct call get_thing(struct arena *arena, const struct service *service, enum wire_route route,
                             const struct uuid *id)
{
    struct buf path CLEANUP(buf_deinit) = BUF(LIMIT_URL_BYTES);
    wire_path_write(&path, route, str_from(id_text(id).text), STR_NULL);
    return get(arena, service, buf_str(&path));
}

struct call lookup_root(struct arena *arena, const struct service *service, const struct uuid *run)
{
    struct uuid root = id_of_root_span(run);
    return get_thing(arena, service, WIRE_SPAN, &root);
}

struct call lookup_trace(struct arena *arena, const struct service *service, const struct uuid *run, int file)
{
    struct call call = get_thing(arena, service, WIRE_TRACE, run);
    call.http.max_output = LOOKUP_TRACE_BYTES;
    call.http.is_to_file = true;
    call.http.file = file;
    call.timeout_ns = TRACE_TIMEOUT_S * NS_PER_S;
    return call;
}

struct call lookup_traces(struct arena *arena, const struct service *service, struct str suite, uint64_t offset)
{
    struct buf path CLEANUP(buf_deinit) = BUF((size_t)LIMIT_ID_BYTES * 8);
    wire_path_write(&path, WIRE_TRACES, STR_NULL, STR_NULL);
    wire_query_add(&path, "name", suite);
    wire_query_add_int(&path, "offset", offset);
    wire_query_add_int(&path, "limit", WIRE_PAGE_LIMIT);
    return get(arena, service, buf_str(&path));
}

bool lookup_is_transient(const void *unused, const struct call_result *result)
{
    (void)unused;
    return wire_reply_of(result) == WIRE_AGAIN;
}

bool lookup_check(struct arena *arena, const struct service *service, const struct call *call,
                  const struct call_result *result, const char *what, bool *ret_is_missing, struct err *err)
{
    *ret_is_missing = result->status == CALL_HTTP_STATUS && result->http_status == NOT_FOUND;
    if (*ret_is_missing || wire_reply_of(result) == WIRE_OK) {
        return true;
    }
    if (wire_reply_stops_run(arena, result, what, service, err)) {
        return false;
    }
    return err_set(err, wire_reply_of(result) == WIRE_CANCELLED ? ERR_CANCELLED : ERR_NET, "%s: %.*s", what,
                   STR_ARG(wire_reply_words(arena, result, call->timeout_ns)));
}

/* "SUITE [VARIANT]" */
static bool split_name(struct str name, struct str suite, struct str *ret_variant)
{
    bool is_named_so = name.len >= suite.len + 3 && str_starts(name, suite) && name.ptr[suite.len] == ' ' &&
                       name.ptr[suite.len + 1] == '[' && name.ptr[name.len - 1] == ']';
    *ret_variant = is_named_so ? str_slice(name, suite.len + 2, name.len - 1) : STR_NULL;
    return is_named_so;
}

bool lookup_read_page(struct arena *arena, struct str body, struct str suite, uint64_t offset, struct lookup_page *ret,
                      struct err *err)
{
    struct wire_page page;
    if (!wire_page_read(arena, body, &page, err)) {
        return false;
    }
    struct lookup_page out = {.runs = arena_array(arena, struct lookup_run, page.count + 1)};
    for (size_t i = 0; i < page.count; i++) {
        struct wire_trace trace;
        struct lookup_run *run = &out.runs[out.run_count];
        bool is_trace = wire_trace_of(arena, &page.items[i], &trace) && id_parse(trace.id, &run->id);
        if (is_trace && i == 0) {
            out.first = run->id;
        }
        if (is_trace && split_name(trace.name, suite, &run->variant)) {
            run->started_us = trace.start.has ? trace.start.us : 0;
            out.run_count++;
        }
    }
    out.next_offset = offset + page.count;
    out.is_last =
        page.count == 0 || (page.has_total ? out.next_offset >= page.total_count : page.count < WIRE_PAGE_LIMIT);
    *ret = out;
    return true;
}
