#include "serve/server_private.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/secret.h"
#include "data/value.h"
#include "serve/pages.h"
#include "wire/page.h"

const struct endpoint ENDPOINTS[] = {
    {WIRE_SPANS, "POST", span_create},
    {WIRE_SPAN, "GET", span_get},
    {WIRE_SPAN, "PATCH", span_change},
    {WIRE_SPAN, "DELETE", span_delete},
    {WIRE_SPAN_FEEDBACK, "POST", span_feedback},
    {WIRE_SPAN_SAVE_EXAMPLES, "POST", span_save_examples},
    {WIRE_SPAN_METRICS, "POST", metric_create},
    {WIRE_SPAN_METRICS, "GET", metric_list},
    {WIRE_SPAN_METRIC, "GET", metric_get},
    {WIRE_SPAN_METRIC, "PATCH", metric_change},
    {WIRE_SPAN_METRIC, "DELETE", metric_delete},
    {WIRE_TRACES, "GET", trace_list},
    {WIRE_TRACE, "GET", trace_get},
    {WIRE_CALL, "POST", call_task},
    {WIRE_CALL_STREAM, "POST", call_task},
    {WIRE_FUNCTIONS, "POST", function_create},
    {WIRE_FUNCTIONS, "GET", function_list},
    {WIRE_FUNCTION, "GET", function_get},
    {WIRE_FUNCTION, "PATCH", function_change},
    {WIRE_FUNCTION, "DELETE", function_delete},
    {WIRE_FUNCTION_BY_NAME, "GET", function_by_name},
    {WIRE_FUNCTION_REVISIONS, "GET", function_revisions},
    {WIRE_FUNCTION_REVISION, "GET", function_get},
    {WIRE_FUNCTION_CALL, "POST", call_function},
    {WIRE_FUNCTION_CALL_REVISION, "POST", call_function},
    {WIRE_FUNCTION_STREAM, "POST", call_function},
    {WIRE_FUNCTION_STREAM_REVISION, "POST", call_function},
    {0},
};

/* What the ids of a path are called in faults, where they are UUIDs. */
static const char *const *id_names(enum wire_route route)
{
    static const char *const SPAN[] = {"span_id", NULL};
    static const char *const METRIC[] = {"span_id", "metric_id"};
    static const char *const TRACE[] = {"trace_id", NULL};
    static const char *const FUNCTION[] = {"function_id", NULL};
    static const char *const REVISION[] = {"function_id", "revision_id"};
    static const char *const NONE[] = {NULL, NULL};
    switch (route) {
    case WIRE_SPAN:
    case WIRE_SPAN_METRICS:
    case WIRE_SPAN_FEEDBACK:
    case WIRE_SPAN_SAVE_EXAMPLES:
        return SPAN;
    case WIRE_SPAN_METRIC:
        return METRIC;
    case WIRE_TRACE:
        return TRACE;
    case WIRE_FUNCTION:
    case WIRE_FUNCTION_REVISIONS:
    case WIRE_FUNCTION_CALL:
    case WIRE_FUNCTION_STREAM:
        return FUNCTION;
    case WIRE_FUNCTION_REVISION:
    case WIRE_FUNCTION_CALL_REVISION:
    case WIRE_FUNCTION_STREAM_REVISION:
        return REVISION;
    case WIRE_SPANS:
    case WIRE_TRACES:
    case WIRE_CALL:
    case WIRE_CALL_STREAM:
    case WIRE_FUNCTIONS:
    case WIRE_FUNCTION_BY_NAME:
    case WIRE_ROUTE_COUNT:
        break;
    }
    return NONE;
}

void reply_error(struct request *r, unsigned status, const char *format, ...)
{
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    va_list args;
    va_start(args, format);
    buf_vprintf(&words, format, args);
    va_end(args);
    buf_clear(&r->x->answer);
    r->x->status = status;
    wire_error_write(&r->x->answer, status, buf_str(&words));
}

void reply_faults(struct request *r)
{
    buf_clear(&r->x->answer);
    r->x->status = 422;
    wire_error_write_faults(&r->x->answer, &r->faults);
}

bool reply_missing(struct request *r, const char *what, struct str id)
{
    reply_error(r, 404, "%s %.*s not found", what, STR_ARG(id));
    return true;
}

/* "Bearer KEY"; any that is not empty where no key was set. */
static bool has_key(const struct request *r)
{
    static const struct str SCHEME = {"Bearer ", 7};
    struct str key = r->x->authorization;
    if (key.ptr == NULL || key.len < SCHEME.len || strncasecmp(key.ptr, SCHEME.ptr, SCHEME.len) != 0) {
        return false;
    }
    key = str_trim(str_slice(key, SCHEME.len, key.len));
    return r->server->options->key == NULL ? key.len > 0 : secret_eq(r->server->options->key, key);
}

static bool match_path(struct request *r)
{
    struct str path = r->x->path;
    return wire_path_match(r->arena, str_starts(path, STR("/v2/")) ? str_slice(path, 3, path.len) : path, &r->match);
}

static bool find_endpoint(struct request *r)
{
    struct buf allow CLEANUP(buf_deinit) = BUF(LIMIT_REQUEST_LINE_BYTES);
    if (!match_path(r)) {
        reply_error(r, 404, "There is no path %.*s", STR_ARG(r->x->path));
        return false;
    }
    for (const struct endpoint *e = ENDPOINTS; e->step != NULL; e++) {
        if (e->route != r->match.route) {
            continue;
        }
        if (str_eq_cstr(r->x->method, e->method)) {
            r->step = e->step;
            return true;
        }
        buf_append_cstr(&allow, allow.len > 0 ? ", " : "");
        buf_append_cstr(&allow, e->method);
    }
    if (allow.len == 0) {
        reply_error(r, 404, "assay serve does not offer %.*s", STR_ARG(r->x->path));
        return false;
    }
    reply_error(r, 405, "%.*s takes %.*s", STR_ARG(r->x->path), STR_ARG(buf_str(&allow)));
    r->x->allow = arena_str(r->arena, buf_str(&allow)).ptr;
    return false;
}

static bool read_ids(struct request *r)
{
    const char *const *names = id_names(r->match.route);
    bool ok = true;
    r->faults.part = "path";
    for (size_t i = 0; i < WIRE_PATH_IDS && names[i] != NULL; i++) {
        if (!id_parse(r->match.ids[i], &r->ids[i])) {
            struct value shown = value_of_text(r->match.ids[i]);
            ok = wire_fault_add(&r->faults, "uuid_parsing", names[i], STR("Input should be a valid UUID"), &shown);
        }
    }
    if (!ok) {
        reply_faults(r);
    }
    return ok;
}

bool request_begin(struct request *r)
{
    r->faults.arena = r->arena;
    if (r->x->authorization.ptr == NULL && str_eq_cstr(r->x->method, "GET") &&
        !match_path(r)) { /* somebody with a browser */
        pages_reply_elsewhere(r);
        return false;
    }
    if (!has_key(r)) {
        reply_error(r, 401,
                    r->x->authorization.ptr == NULL ? "There is no API key: send Authorization: Bearer KEY"
                                                    : "The API key is invalid");
        return false;
    }
    return find_endpoint(r) && read_ids(r);
}

bool request_query(struct request *r, const char *key, struct str *ret)
{
    if (wire_query_get(r->arena, r->x->query, key, ret)) {
        return true;
    }
    r->faults.part = "query";
    (void)wire_fault_add(&r->faults, "url_parsing", key, STR("The query has a bad escape"), NULL);
    reply_faults(r);
    return false;
}

static bool read_count(struct request *r, const char *key, uint64_t least, uint64_t most, uint64_t *ret)
{
    struct str text;
    int64_t number = 0;
    if (!wire_query_get(r->arena, r->x->query, key, &text)) {
        return wire_fault_add(&r->faults, "url_parsing", key, STR("The query has a bad escape"), NULL);
    }
    if (text.ptr == NULL) {
        return true;
    }
    struct value shown = value_of_text(text);
    if (!num_parse_i64(text, &number)) {
        return wire_fault_add(&r->faults, "int_parsing", key, STR("Input should be a valid integer"), &shown);
    }
    if (number < (int64_t)least) {
        struct str words = arena_printf(r->arena, "Input should be greater than or equal to %d", (int)least);
        return wire_fault_add(&r->faults, "greater_than_equal", key, words, &shown);
    }
    if ((uint64_t)number > most) {
        struct str words = arena_printf(r->arena, "Input should be less than or equal to %d", (int)most);
        return wire_fault_add(&r->faults, "less_than_equal", key, words, &shown);
    }
    *ret = (uint64_t)number;
    return true;
}

bool request_page(struct request *r, uint64_t default_limit, struct ledger_page *ret)
{
    *ret = (struct ledger_page){.limit = default_limit};
    r->faults.part = "query";
    bool ok = read_count(r, "offset", 0, INT64_MAX, &ret->offset);
    ok = read_count(r, "limit", 1, WIRE_PAGE_LIMIT, &ret->limit) && ok;
    if (!ok) {
        reply_faults(r);
    }
    return ok;
}
