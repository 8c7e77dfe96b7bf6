#include "tests/fault/api.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "data/value.h"
#include "tests/fault/call.h"

enum { DEFAULT_LIMIT = 100, PATH_VERSION = 0, PATH_THING = 1, PATH_ID = 2, PATH_SUB = 3, PATH_SUB_ID = 4 };

/* The order of span fields: those of SPAN_FIELD_NAMES. */
enum {
    FIELD_NAME,
    FIELD_TYPE,
    FIELD_START,
    FIELD_END,
    FIELD_INPUT,
    FIELD_OUTPUT,
    FIELD_ERROR,
    FIELD_META,
    FIELD_SCORE
};
const char *const SPAN_FIELD_NAMES[SPAN_FIELDS] = {"name",   "type",  "start_time", "end_time", "input",
                                                   "output", "error", "meta",       "score",    NULL};

void api_init(struct api *api, const struct api_options *options)
{
    *api = (struct api){.arena = ARENA_NULL, .options = *options, .spans = MAP_NULL, .calls = MAP_NULL};
    api->end = &api->first;
}

void api_deinit(struct api *api)
{
    arena_deinit(&api->arena);
}

const char *api_kind(const struct request *r)
{
    static const struct {
        const char *method, *thing;
        bool has_id;
        const char *sub;
        bool has_sub_id;
        const char *kind;
    } kinds[] = {
        {"POST", "spans", false, "", false, "create-span"},
        {"GET", "spans", true, "", false, "get-span"},
        {"PATCH", "spans", true, "", false, "patch-span"},
        {"DELETE", "spans", true, "", false, "delete-span"},
        {"POST", "spans", true, "metrics", false, "create-metric"},
        {"GET", "spans", true, "metrics", false, "list-metrics"},
        {"GET", "spans", true, "metrics", true, "get-metric"},
        {"PATCH", "spans", true, "metrics", true, "patch-metric"},
        {"DELETE", "spans", true, "metrics", true, "delete-metric"},
        {"GET", "traces", false, "", false, "list-traces"},
        {"GET", "traces", true, "", false, "get-trace"},
        {"POST", "call", false, "", false, "call"},
        {"POST", "functions", true, "call", false, "function-call"},
        {"POST", "functions", true, "call", true, "function-call"},
        {"GET", "functions", true, "", false, "get-function"},
        {"GET", "functions", false, "", false, "list-functions"},
    };
    struct str id = request_path_part(r->path, PATH_ID);
    struct str sub = request_path_part(r->path, PATH_SUB);
    struct str sub_id = request_path_part(r->path, PATH_SUB_ID);
    if (str_eq_cstr(r->method, "CONNECT")) {
        return "connect";
    }
    if (str_starts(r->path, STR("/_"))) {
        return "control";
    }
    if (!str_eq_cstr(request_path_part(r->path, PATH_VERSION), "v2")) {
        return "other";
    }
    if (str_starts(r->path, STR("/v2/functions/by-name/"))) {
        return "get-function";
    }
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (str_eq_cstr(r->method, kinds[i].method) &&
            str_eq_cstr(request_path_part(r->path, PATH_THING), kinds[i].thing) && (id.len > 0) == kinds[i].has_id &&
            str_eq_cstr(sub, kinds[i].sub) && (sub_id.len > 0) == kinds[i].has_sub_id) {
            return kinds[i].kind;
        }
    }
    return "other";
}

/* ---- answers */

static const struct {
    unsigned status;
    const char *type, *message;
} errors[] = {
    {400, "BadRequestError", "The request is invalid"},
    {401, "UnauthorizedError", "The request is unauthorized"},
    {404, "NotFoundError", "The resource was not found"},
    {409, "ConflictError", "The resource already exists"},
    {422, "RequestValidationError", "The request is invalid"},
};

static void fail(struct answer *ret, unsigned status, const char *detail)
{
    struct json_writer w;
    ret->status = status;
    buf_clear(&ret->body);
    json_writer_init(&w, &ret->body);
    json_open_map(&w);
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        if (errors[i].status == status) {
            json_put_text(&w, "type", str_from(errors[i].type));
            json_put_text(&w, "message", str_from(errors[i].message));
        }
    }
    json_put_text(&w, "detail", str_from(detail));
    json_close_map(&w);
}

static struct str or_null(struct str json)
{
    return json.len == 0 ? STR("null") : json;
}

static void put_id(struct json_writer *w, const char *key, struct str id)
{
    json_key(w, key);
    if (id.len == 0) {
        json_null(w);
    } else {
        json_text(w, id);
    }
}

static void put_span(struct json_writer *w, const struct span *s)
{
    put_id(w, "id", s->id);
    put_id(w, "trace_id", s->trace_id);
    put_id(w, "parent_id", s->parent_id);
    for (size_t i = 0; SPAN_FIELD_NAMES[i] != NULL; i++) {
        json_put_raw(w, SPAN_FIELD_NAMES[i], or_null(s->fields[i]));
    }
}

static void put_metric(struct json_writer *w, const struct metric *m, const struct span *s)
{
    json_open_map(w);
    json_put_text(w, "id", m->id);
    if (s != NULL) {
        json_put_text(w, "span_id", s->id);
    }
    json_put_text(w, "dimension", m->dimension);
    json_put_raw(w, "value", m->value);
    json_put_raw(w, "comment", or_null(m->comment));
    json_put_text(w, "created_at", m->created_at);
    json_close_map(w);
}

static void answer_span(struct answer *ret, const struct span *s)
{
    struct json_writer w;
    json_writer_init(&w, &ret->body);
    json_open_map(&w);
    put_span(&w, s);
    json_close_map(&w);
}

static void answer_metric(struct answer *ret, const struct metric *m, const struct span *s)
{
    struct json_writer w;
    json_writer_init(&w, &ret->body);
    put_metric(&w, m, s);
}

/* ---- reading what was sent */

static struct str json_of(struct arena *arena, const struct value *v)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_value(&w, v);
    return arena_str(arena, buf_str(&text));
}

static const struct value *given(const struct value *body, const char *key)
{
    const struct value *v = value_get(body, str_from(key));
    return v == NULL || v->kind == VALUE_NULL ? NULL : v;
}

/* A UUID in canonical form, from the body or made. */
static struct str id_given(struct api *api, const struct value *body, const char *key, bool *ret_bad)
{
    const struct value *v = given(body, key);
    struct uuid id;
    if (v == NULL) {
        return STR("");
    }
    if (v->kind != VALUE_TEXT || !id_parse(v->text, &id)) {
        *ret_bad = true;
        return STR("");
    }
    struct uuid_text text = id_text(&id);
    return arena_str(&api->arena, str_from(text.text));
}

static struct str new_id(struct api *api, unsigned kind)
{
    return arena_printf(&api->arena, "%08x-0000-4000-8000-%012" PRIx64, kind, ++api->next_id);
}

static struct span *span_of(struct api *api, struct str id)
{
    struct span *s = map_get(&api->spans, id);
    return s == NULL || s->is_deleted ? NULL : s;
}

static struct span *add_span(struct api *api, struct str id)
{
    struct span *s = arena_new(&api->arena, struct span);
    s->id = id;
    (void)map_put(&api->spans, &api->arena, id, s);
    *api->end = s;
    api->end = &s->next;
    api->span_count++;
    return s;
}

static bool kind_fits(size_t field, const struct value *v, bool is_patch)
{
    switch (field) {
    case FIELD_INPUT:
    case FIELD_OUTPUT:
        return !is_patch || v->kind == VALUE_TEXT;
    case FIELD_META:
        return v->kind == VALUE_MAP;
    case FIELD_SCORE:
        return v->kind == VALUE_NUMBER && !str_find_char(v->text, '.', NULL);
    default:
        return v->kind == VALUE_TEXT;
    }
}

static const char *fields_fault(const struct value *body, bool is_patch)
{
    for (size_t i = 0; SPAN_FIELD_NAMES[i] != NULL; i++) {
        const struct value *v = given(body, SPAN_FIELD_NAMES[i]);
        if (v != NULL && !kind_fits(i, v, is_patch)) {
            return SPAN_FIELD_NAMES[i];
        }
    }
    return NULL;
}

static void take_fields(struct api *api, struct span *s, const struct value *body)
{
    for (size_t i = 0; SPAN_FIELD_NAMES[i] != NULL; i++) {
        const struct value *v = given(body, SPAN_FIELD_NAMES[i]);
        if (v != NULL) {
            s->fields[i] = json_of(&api->arena, v);
        }
    }
}

static struct str quoted(struct arena *arena, struct str text)
{
    struct buf out CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    json_append_quoted(&out, text);
    return arena_str(arena, buf_str(&out));
}

/* ---- spans */

static void create_span(struct api *api, const struct value *body, int64_t unix_ms, struct answer *ret)
{
    bool is_bad = false;
    struct str id = id_given(api, body, "id", &is_bad);
    struct str trace_id = id_given(api, body, "trace_id", &is_bad);
    struct str parent_id = id_given(api, body, "parent_id", &is_bad);
    if (is_bad || given(body, "name") == NULL || fields_fault(body, false) != NULL) {
        fail(ret, 422, is_bad ? "an id is no UUID" : "name is missing, or a field has the wrong type");
        return;
    }
    struct span *before = id.len > 0 ? span_of(api, id) : NULL;
    if (before != NULL) {
        before->posts++;
        if (api->options.repeat_span_is_ok) {
            answer_span(ret, before);
        } else {
            fail(ret, 409, "the span exists");
        }
        return;
    }
    struct span *parent = parent_id.len > 0 ? span_of(api, parent_id) : NULL;
    if (parent_id.len > 0 && parent == NULL && api->options.parent_must_exist) {
        fail(ret, 404, "the parent does not exist");
        return;
    }
    struct span *s = add_span(api, id.len > 0 ? id : new_id(api, 1));
    s->posts = 1;
    s->parent_id = parent_id;
    s->trace_id = trace_id.len > 0 ? trace_id : parent != NULL ? parent->trace_id : new_id(api, 2);
    take_fields(api, s, body);
    if (s->fields[FIELD_START].len == 0) {
        struct clock_text now = clock_rfc3339(unix_ms);
        s->fields[FIELD_START] = quoted(&api->arena, str_from(now.text));
    }
    answer_span(ret, s);
}

static void patch_span(struct api *api, struct span *s, const struct value *body, struct answer *ret)
{
    const char *fault = fields_fault(body, true);
    if (fault != NULL) {
        fail(ret, 422, fault);
        return;
    }
    s->patches++;
    take_fields(api, s, body);
    answer_span(ret, s);
}

/* ---- metrics */

static struct metric *metric_of(struct span *s, struct str id)
{
    for (size_t i = 0; i < s->metrics.len; i++) {
        if (str_eq(s->metrics.items[i].id, id) && !s->metrics.items[i].is_deleted) {
            return &s->metrics.items[i];
        }
    }
    return NULL;
}

static bool take_metric(struct api *api, struct metric *m, const struct value *body)
{
    const struct value *dimension = given(body, "dimension");
    const struct value *value = given(body, "value");
    const struct value *comment = given(body, "comment");
    if ((dimension != NULL && dimension->kind != VALUE_TEXT) || (value != NULL && value->kind != VALUE_NUMBER) ||
        (comment != NULL && comment->kind != VALUE_TEXT)) {
        return false;
    }
    m->dimension = dimension != NULL ? arena_str(&api->arena, dimension->text) : m->dimension;
    m->value = value != NULL ? arena_str(&api->arena, value->text) : m->value;
    m->comment = comment != NULL ? json_of(&api->arena, comment) : m->comment;
    return true;
}

static void create_metric(struct api *api, struct span *s, const struct value *body, int64_t now_ns, int64_t unix_ms,
                          struct answer *ret)
{
    struct metric m = {0};
    if (!take_metric(api, &m, body) || m.dimension.len == 0 || m.value.len == 0) {
        fail(ret, 422, "dimension or value is missing or has the wrong type");
        return;
    }
    for (size_t i = 0; i < s->metrics.len && !api->options.repeat_metric_is_ok; i++) {
        if (!s->metrics.items[i].is_deleted && str_eq(s->metrics.items[i].dimension, m.dimension)) {
            fail(ret, 409, "the span has a metric of this dimension");
            return;
        }
    }
    struct clock_text now = clock_rfc3339(unix_ms);
    m.id = new_id(api, 3);
    m.created_at = arena_str(&api->arena, str_from(now.text));
    m.created_ns = now_ns;
    *vec_push(&api->arena, &s->metrics) = m;
    api->metric_count++;
    answer_metric(ret, &m, s);
}

static void open_page(struct json_writer *w, size_t total)
{
    json_open_map(w);
    json_key(w, "meta");
    json_open_map(w);
    json_put_int(w, "total_count", (int64_t)total);
    json_close_map(w);
    json_key(w, "data");
    json_open_list(w);
}

static bool page_of(const struct request *r, size_t *ret_offset, size_t *ret_limit, struct answer *ret)
{
    *ret_offset = request_query_number(r->query, "offset", 0);
    *ret_limit = request_query_number(r->query, "limit", DEFAULT_LIMIT);
    if (*ret_limit < 1 || *ret_limit > DEFAULT_LIMIT) {
        fail(ret, 422, "limit is 1 to 100");
        return false;
    }
    return true;
}

static void list_metrics(const struct api *api, const struct request *r, const struct span *s, int64_t now_ns,
                         struct answer *ret)
{
    size_t offset = 0;
    size_t limit = 0;
    if (!page_of(r, &offset, &limit, ret)) {
        return;
    }
    size_t total = 0;
    for (size_t i = 0; i < s->metrics.len; i++) {
        const struct metric *m = &s->metrics.items[i];
        total += !m->is_deleted && now_ns - m->created_ns >= api->options.lag_ns ? 1 : 0;
    }
    struct json_writer w;
    json_writer_init(&w, &ret->body);
    open_page(&w, total);
    size_t at = 0;
    for (size_t i = 0; i < s->metrics.len; i++) {
        const struct metric *m = &s->metrics.items[i];
        if (!m->is_deleted && now_ns - m->created_ns >= api->options.lag_ns) {
            if (at >= offset && at < offset + limit) {
                put_metric(&w, m, s);
            }
            at++;
        }
    }
    json_close_list(&w);
    json_close_map(&w);
}

static void answer_about_metric(struct api *api, struct metric *m, const struct span *s, const char *kind,
                                const struct value *body, struct answer *ret)
{
    if (m == NULL) {
        fail(ret, 404, "the metric does not exist");
    } else if (strcmp(kind, "delete-metric") == 0) {
        m->is_deleted = true;
        ret->status = 204;
    } else if (strcmp(kind, "patch-metric") == 0 && !take_metric(api, m, body)) {
        fail(ret, 422, "a field has the wrong type");
    } else {
        answer_metric(ret, m, s);
    }
}

/* ---- traces */

static struct str text_of(struct arena *arena, struct str json)
{
    struct value v;
    struct err err = ERR_NULL;
    struct src_pos nowhere = {0};
    bool is_text = json.len > 0 && json_read(arena, json, JSON_REPLY, nowhere, &v, NULL, &err) && v.kind == VALUE_TEXT;
    return is_text ? quoted(arena, v.text) : json.len > 0 ? quoted(arena, json) : STR("null");
}

static void put_trace_head(struct json_writer *w, struct arena *scratch, const struct span *root)
{
    json_put_text(w, "id", root->trace_id);
    json_put_raw(w, "name", or_null(root->fields[FIELD_NAME]));
    json_put_raw(w, "start_time", or_null(root->fields[FIELD_START]));
    json_put_raw(w, "end_time", or_null(root->fields[FIELD_END]));
    json_put_raw(w, "input", text_of(scratch, root->fields[FIELD_INPUT]));
    json_put_raw(w, "output", text_of(scratch, root->fields[FIELD_OUTPUT]));
    json_put_raw(w, "duration_ms", STR("null"));
    json_put_raw(w, "status", STR("null"));
    json_put_raw(w, "total_tokens", STR("null"));
}

static void put_trace_span(struct json_writer *w, struct arena *scratch, const struct span *s)
{
    json_open_map(w);
    json_put_text(w, "id", s->id);
    put_id(w, "parent_id", s->parent_id);
    static const size_t shown[] = {FIELD_NAME,  FIELD_TYPE, FIELD_START, FIELD_END,
                                   FIELD_ERROR, FIELD_META, FIELD_SCORE};
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        json_put_raw(w, SPAN_FIELD_NAMES[shown[i]], or_null(s->fields[shown[i]]));
    }
    json_key(w, "data");
    json_open_map(w);
    json_put_raw(w, "input", text_of(scratch, s->fields[FIELD_INPUT]));
    json_put_raw(w, "output", text_of(scratch, s->fields[FIELD_OUTPUT]));
    json_close_map(w);
    json_key(w, "metrics");
    json_open_list(w);
    for (size_t i = 0; i < s->metrics.len; i++) {
        if (!s->metrics.items[i].is_deleted) {
            put_metric(w, &s->metrics.items[i], NULL);
        }
    }
    json_close_list(w);
    json_close_map(w);
}

static void get_trace(const struct api *api, struct str trace_id, struct answer *ret)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    const struct span *root = NULL;
    for (const struct span *s = api->first; s != NULL && root == NULL; s = s->next) {
        root = !s->is_deleted && str_eq(s->trace_id, trace_id) && s->parent_id.len == 0 ? s : NULL;
    }
    if (root == NULL) {
        fail(ret, 404, "the trace does not exist");
        return;
    }
    struct json_writer w;
    json_writer_init(&w, &ret->body);
    json_open_map(&w);
    put_trace_head(&w, &scratch, root);
    json_key(&w, "spans");
    json_open_list(&w);
    for (const struct span *s = api->first; s != NULL; s = s->next) {
        if (!s->is_deleted && str_eq(s->trace_id, trace_id)) {
            put_trace_span(&w, &scratch, s);
        }
    }
    json_close_list(&w);
    json_close_map(&w);
}

static struct str percent_decoded(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        unsigned byte = (unsigned char)text.ptr[i];
        char hex[3] = {0};
        if (byte == '%' && i + 2 < text.len) {
            hex[0] = text.ptr[i + 1];
            hex[1] = text.ptr[i + 2];
            byte = (unsigned)strtoul(hex, NULL, 16);
            i += 2;
        }
        out[len++] = (char)byte;
    }
    return (struct str){out, len};
}

/* Newest first; `name` is a part of the root's name. */
static void list_traces(const struct api *api, const struct request *r, struct answer *ret)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct str name = percent_decoded(&scratch, request_query_text(r->query, "name"));
    size_t offset = 0;
    size_t limit = 0;
    if (!page_of(r, &offset, &limit, ret)) {
        return;
    }
    VEC(const struct span *) roots = {0};
    for (const struct span *s = api->first; s != NULL; s = s->next) {
        bool fits = !s->is_deleted && !s->is_call && s->parent_id.len == 0;
        if (fits && (name.len == 0 || str_find(s->fields[FIELD_NAME], name, NULL))) {
            *vec_push(&scratch, &roots) = s;
        }
    }
    struct json_writer w;
    json_writer_init(&w, &ret->body);
    open_page(&w, roots.len);
    for (size_t i = offset; i < roots.len && i < offset + limit; i++) {
        json_open_map(&w);
        put_trace_head(&w, &scratch, roots.items[roots.len - 1 - i]);
        json_close_map(&w);
    }
    json_close_list(&w);
    json_close_map(&w);
}

/* ---- calls */

static struct str call_span_id(struct api *api, struct str body)
{
    struct digest digest = digest_of(body);
    struct digest_hex hex = digest_hex(&digest);
    struct str key = arena_str(&api->arena, str_from(hex.text));
    uint64_t *times = map_get(&api->calls, key);
    if (times == NULL) {
        times = arena_new(&api->arena, uint64_t);
        (void)map_put(&api->calls, &api->arena, key, times);
    }
    ++*times;
    struct str count = arena_printf(&api->arena, "%" PRIu64, *times);
    struct uuid id = id_derive(&ID_NAMESPACE, (struct str[]){key, count}, 2);
    struct uuid_text text = id_text(&id);
    return arena_str(&api->arena, str_from(text.text));
}

static void make_call(struct api *api, const struct request *r, const struct value *body, int64_t unix_ms,
                      struct answer *ret)
{
    bool is_bad = false;
    struct str parent_id = id_given(api, body, "parent_span_id", &is_bad);
    bool is_function = str_starts(r->path, STR("/v2/functions/"));
    struct span *parent = parent_id.len > 0 ? span_of(api, parent_id) : NULL;
    if (is_bad || (!is_function && given(body, "name") == NULL)) {
        fail(ret, 422, is_bad ? "parent_span_id is no UUID" : "name is missing");
        return;
    }
    if (parent_id.len > 0 && parent == NULL) {
        fail(ret, 404, "the parent span does not exist");
        return;
    }
    struct str id = call_span_id(api, r->body);
    struct span *s = add_span(api, id);
    struct clock_text now = clock_rfc3339(unix_ms);
    s->is_call = true;
    s->parent_id = parent_id;
    s->trace_id = parent != NULL ? parent->trace_id : new_id(api, 2);
    s->fields[FIELD_TYPE] = STR("\"generation\"");
    s->fields[FIELD_START] = s->fields[FIELD_END] = quoted(&api->arena, str_from(now.text));
    const struct value *name = given(body, "name");
    s->fields[FIELD_NAME] = name != NULL ? json_of(&api->arena, name) : STR("\"function\"");
    call_answer(body, id, &ret->body);
}

static void get_function(const struct request *r, struct answer *ret)
{
    bool is_by_name = str_starts(r->path, STR("/v2/functions/by-name/"));
    struct str name = str_slice(r->path, strlen(is_by_name ? "/v2/functions/by-name/" : "/v2/functions/"), r->path.len);
    if (str_eq_cstr(name, "missing")) {
        fail(ret, 404, "the function does not exist");
        return;
    }
    struct uuid id = id_derive(&ID_NAMESPACE, &name, 1);
    struct uuid_text text = id_text(&id);
    struct json_writer w;
    json_writer_init(&w, &ret->body);
    json_open_map(&w);
    json_put_text(&w, "id", is_by_name ? str_from(text.text) : name);
    json_put_text(&w, "name", name);
    json_put_text(&w, "instructions", STR("stored"));
    json_close_map(&w);
}

/* ---- which of them */

static bool read_body(struct arena *scratch, const struct request *r, struct value *ret, struct answer *answer)
{
    struct err err = ERR_NULL;
    struct src_pos nowhere = {0};
    *ret = (struct value){.kind = VALUE_MAP};
    if (r->body.len == 0) {
        return true;
    }
    if (!json_read(scratch, r->body, JSON_OURS, nowhere, ret, NULL, &err) || ret->kind != VALUE_MAP) {
        fail(answer, 400, "the body is no JSON object");
        return false;
    }
    return true;
}

static bool is_authorized(const struct api *api, const struct request *r)
{
    static const struct str scheme = {"Bearer ", 7};
    return str_starts(r->authorization, scheme) && r->authorization.len > scheme.len &&
           (api->options.key == NULL ||
            str_eq_cstr(str_slice(r->authorization, scheme.len, r->authorization.len), api->options.key));
}

static void answer_about_span(struct api *api, const struct request *r, const char *kind, const struct value *body,
                              int64_t now_ns, int64_t unix_ms, struct answer *ret)
{
    struct span *s = span_of(api, request_path_part(r->path, PATH_ID));
    if (s == NULL) {
        fail(ret, 404, "the span does not exist");
    } else if (strcmp(kind, "get-span") == 0) {
        answer_span(ret, s);
    } else if (strcmp(kind, "patch-span") == 0) {
        patch_span(api, s, body, ret);
    } else if (strcmp(kind, "delete-span") == 0) {
        s->is_deleted = true;
        ret->status = 204;
    } else if (strcmp(kind, "create-metric") == 0) {
        create_metric(api, s, body, now_ns, unix_ms, ret);
    } else if (strcmp(kind, "list-metrics") == 0) {
        list_metrics(api, r, s, now_ns, ret);
    } else {
        answer_about_metric(api, metric_of(s, request_path_part(r->path, PATH_SUB_ID)), s, kind, body, ret);
    }
}

void api_answer(struct api *api, const struct request *r, const char *kind, int64_t now_ns, int64_t unix_ms,
                struct answer *ret)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct value body;
    ret->status = 200;
    buf_clear(&ret->body);
    if (!is_authorized(api, r)) {
        fail(ret, 401, "The API key is invalid");
    } else if (!read_body(&scratch, r, &body, ret)) {
        return;
    } else if (strcmp(kind, "create-span") == 0) {
        create_span(api, &body, unix_ms, ret);
    } else if (strcmp(kind, "call") == 0 || strcmp(kind, "function-call") == 0) {
        make_call(api, r, &body, unix_ms, ret);
    } else if (strcmp(kind, "get-function") == 0) {
        get_function(r, ret);
    } else if (strcmp(kind, "list-traces") == 0) {
        list_traces(api, r, ret);
    } else if (strcmp(kind, "get-trace") == 0) {
        get_trace(api, request_path_part(r->path, PATH_ID), ret);
    } else if (str_starts(r->path, STR("/v2/spans/"))) {
        answer_about_span(api, r, kind, &body, now_ns, unix_ms, ret);
    } else {
        fail(ret, 404, "no such address");
    }
}

void api_dump(const struct api *api, struct buf *out)
{
    for (const struct span *s = api->first; s != NULL; s = s->next) {
        if (s->is_deleted) {
            continue;
        }
        struct json_writer w;
        json_writer_init(&w, out);
        json_open_map(&w);
        json_put_text(&w, "kind", s->is_call ? STR("call") : STR("span"));
        put_span(&w, s);
        json_put_int(&w, "posts", (int64_t)s->posts);
        json_put_int(&w, "patches", (int64_t)s->patches);
        json_key(&w, "metrics");
        json_open_list(&w);
        for (size_t i = 0; i < s->metrics.len; i++) {
            if (!s->metrics.items[i].is_deleted) {
                put_metric(&w, &s->metrics.items[i], NULL);
            }
        }
        json_close_list(&w);
        json_close_map(&w);
        buf_append_char(out, '\n');
    }
}
