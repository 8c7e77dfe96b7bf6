#include "tests/opper/double.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "data/json.h"
#include "wire/fault.h"
#include "wire/page.h"

void double_init(struct service_double *s, struct clock *clock, uint64_t seed)
{
    *s = (struct service_double){.clock = clock, .in_flight_max = 64, .latency_ns = 20 * NS_PER_MS};
    s->end = &s->first;
    rng_seed(&s->rng, seed);
}

static void pending_free(struct pending *p)
{
    mem_free(p);
}

void double_deinit(struct service_double *s)
{
    while (s->pending != NULL) {
        struct pending *p = s->pending;
        s->pending = p->next;
        pending_free(p);
    }
    arena_deinit(&s->arena);
}

/* --- requests ---------------------------------------------------------------------------------------------------------------------------- */

static enum double_fate draw_fate(struct service_double *s, const struct pending *p)
{
    if (s->is_down) {
        return FATE_NO_WAY;
    }
    if (s->decide != NULL) {
        return s->decide(s->ctx, p);
    }
    uint64_t draw = rng_below(&s->rng, 1000);
    for (int fate = 1; fate < FATE_COUNT; fate++) {
        if (draw < s->per_mille[fate]) {
            return (enum double_fate)fate;
        }
        draw -= s->per_mille[fate];
    }
    return FATE_FINE;
}

static bool start(void *ctx, const struct call *call, void *tag)
{
    struct service_double *s = ctx;
    if (s->in_flight >= s->in_flight_max) {
        return false;
    }
    struct pending *p = mem_alloc(sizeof(*p));
    struct str url = str_from(call->http.url);
    size_t at = 0;
    (void)str_find(url, STR("/v2"), &at);
    url = arena_str(&s->arena, str_slice(url, at + 3, url.len));
    at = url.len;
    (void)str_find_char(url, '?', &at);
    *p = (struct pending){
        .call = call,
        .tag = tag,
        .method = str_from(call->http.method),
        .path = str_slice(url, 0, at),
        .query = str_slice(url, at + 1, url.len),
        .body = arena_str(&s->arena, call->input),
    };
    p->fate = draw_fate(s, p);
    bool is_timeout = p->fate == FATE_LATE;
    int64_t takes_ns = s->latency_ns / 2 + (int64_t)rng_below(&s->rng, (uint64_t)s->latency_ns + 1);
    p->at_ns = clock_ns(s->clock) + (is_timeout ? call->timeout_ns : takes_ns);
    struct pending **end = &s->pending;
    while (*end != NULL && (*end)->at_ns <= p->at_ns) {
        end = &(*end)->next;
    }
    p->next = *end;
    *end = p;
    s->in_flight++;
    s->most_in_flight = s->in_flight > s->most_in_flight ? s->in_flight : s->most_in_flight;
    s->requests++;
    s->by_fate[p->fate]++;
    return true;
}

static bool has_room(void *ctx)
{
    struct service_double *s = ctx;
    return s->room == 0 || s->in_flight < s->room;
}

struct call_port double_port(struct service_double *s)
{
    return (struct call_port){.ctx = s, .has_room = has_room, .start = start};
}

int64_t double_next_ns(const struct service_double *s)
{
    return s->pending == NULL ? INT64_MAX : s->pending->at_ns;
}

/* --- what is kept -------------------------------------------------------------------------------------------------------------------------- */

static struct double_span **bucket(const struct service_double *s, struct str id)
{
    struct service_double *open;
    memcpy(&open, &s, sizeof(open)); /* the table is looked into by readers and writers */
    return &open->buckets[str_hash(id) % DOUBLE_BUCKETS];
}

struct double_span *double_span(const struct service_double *s, struct str id)
{
    struct double_span *span = *bucket(s, id);
    while (span != NULL && !str_eq(span->span.id, id)) {
        span = span->bucket_next;
    }
    return span;
}

size_t double_live_metrics(const struct double_span *span)
{
    size_t count = 0;
    for (const struct double_metric *m = span->metrics; m != NULL; m = m->next) {
        count += m->is_deleted ? 0 : 1;
    }
    return count;
}

static void overlay(struct wire_span *span, const struct wire_span *change)
{
    struct str *const texts[] = {&span->name, &span->type, &span->input, &span->output, &span->error, &span->meta};
    const struct str changes[] = {change->name,   change->type,  change->input,
                                  change->output, change->error, change->meta};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        *texts[i] = changes[i].ptr != NULL ? changes[i] : *texts[i];
    }
    span->start = change->start.has ? change->start : span->start;
    span->end = change->end.has ? change->end : span->end;
    span->score = change->score.has ? change->score : span->score;
}

static void answer_span(struct buf *out, const struct double_span *span)
{
    wire_span_write(out, &span->span, true);
}

static unsigned post_span(struct service_double *s, struct str body, struct buf *out)
{
    struct wire_span span;
    struct wire_faults faults = {.arena = &s->arena, .part = "body"};
    if (!wire_span_read_create(&s->arena, body, &span, &faults)) {
        wire_error_write_faults(out, &faults);
        return 422;
    }
    struct double_span *there = double_span(s, span.id);
    if (there != NULL) {
        there->creates++;
        if (s->repeat == REPEAT_IS_FINE) {
            answer_span(out, there);
            return 200;
        }
        wire_error_write(out, s->repeat == REPEAT_CONFLICTS ? 409 : 500, STR("there already"));
        return s->repeat == REPEAT_CONFLICTS ? 409 : 500;
    }
    if (span.parent_id.ptr != NULL && double_span(s, span.parent_id) == NULL) {
        s->order_faults++;
    }
    struct double_span *new = arena_new(&s->arena, struct double_span);
    new->span = span;
    new->metrics_end = &new->metrics;
    new->creates = 1;
    *s->end = new;
    s->end = &new->next;
    struct double_span **at = bucket(s, span.id);
    new->bucket_next = *at;
    *at = new;
    s->span_count++;
    answer_span(out, new);
    return 200;
}

static unsigned patch_span(struct service_double *s, struct double_span *span, struct str body, struct buf *out)
{
    struct wire_span change;
    struct wire_faults faults = {.arena = &s->arena, .part = "body"};
    if (!wire_span_read_patch(&s->arena, body, &change, &faults)) {
        wire_error_write_faults(out, &faults);
        return 422;
    }
    overlay(&span->span, &change);
    span->updates++;
    s->has_ended = s->has_ended || (span->span.parent_id.ptr == NULL && span->span.end.has);
    answer_span(out, span);
    return 200;
}

static void answer_metric(struct buf *out, const struct wire_metric *metric)
{
    struct json_writer w;
    json_writer_init(&w, out);
    wire_metric_write(&w, metric, false);
}

static unsigned post_metric(struct service_double *s, struct double_span *span, struct str body, struct buf *out)
{
    struct wire_metric metric;
    struct wire_faults faults = {.arena = &s->arena, .part = "body"};
    if (!wire_metric_read_create(&s->arena, body, &metric, &faults)) {
        wire_error_write_faults(out, &faults);
        return 422;
    }
    for (const struct double_metric *m = span->metrics; s->metrics_conflict && m != NULL; m = m->next) {
        if (!m->is_deleted && str_eq(m->metric.dimension, metric.dimension)) {
            wire_error_write(out, 409, STR("there already"));
            return 409;
        }
    }
    struct double_metric *new = arena_new(&s->arena, struct double_metric);
    new->metric = metric;
    new->metric.id = arena_printf(&s->arena, "00000000-0000-4000-8000-%012llx", (unsigned long long)++s->next_id);
    new->metric.span_id = span->span.id;
    new->metric.created = (struct wire_time){true, clock_ns(s->clock) / 1000};
    *span->metrics_end = new;
    span->metrics_end = &new->next;
    span->metric_count++;
    answer_metric(out, &new->metric);
    return 200;
}

static unsigned list_metrics(struct service_double *s, const struct double_span *span, struct str query,
                             struct buf *out)
{
    struct str text = STR_NULL;
    uint64_t offset = 0;
    if (wire_query_get(&s->arena, query, "offset", &text) && text.ptr != NULL && !num_parse_u64(text, &offset)) {
        return 422;
    }
    struct json_writer w;
    json_writer_init(&w, out);
    wire_page_begin(&w, double_live_metrics(span));
    uint64_t at = 0;
    for (const struct double_metric *m = span->metrics; m != NULL; m = m->next) {
        if (m->is_deleted) {
            continue;
        }
        if (at >= offset && at < offset + WIRE_PAGE_LIMIT) {
            wire_metric_write(&w, &m->metric, false);
        }
        at++;
    }
    wire_page_end(&w);
    return 200;
}

static unsigned one_metric(struct service_double *s, struct double_span *span, struct str method, struct str id,
                           struct str body, struct buf *out)
{
    struct double_metric *m = span->metrics;
    while (m != NULL && (m->is_deleted || !str_eq(m->metric.id, id))) {
        m = m->next;
    }
    if (m == NULL) {
        wire_error_write(out, 404, STR("no such metric"));
        return 404;
    }
    if (str_eq(method, STR("DELETE"))) {
        m->is_deleted = true;
        return 204;
    }
    struct wire_metric change;
    struct wire_faults faults = {.arena = &s->arena, .part = "body"};
    if (!wire_metric_read_patch(&s->arena, body, &change, &faults)) {
        wire_error_write_faults(out, &faults);
        return 422;
    }
    m->metric.value = change.value.has ? change.value : m->metric.value;
    m->metric.comment = change.comment.ptr != NULL ? change.comment : m->metric.comment;
    answer_metric(out, &m->metric);
    return 200;
}

/* Does it, and answers. */
static unsigned handle(struct service_double *s, const struct pending *p, struct buf *out)
{
    struct wire_match match;
    if (!wire_path_match(&s->arena, p->path, &match)) {
        wire_error_write(out, 404, STR("no such path"));
        return 404;
    }
    bool is_get = str_eq(p->method, STR("GET"));
    s->by_route[match.route]++;
    s->lookups += is_get ? 1 : 0;
    if (match.route == WIRE_SPANS) {
        s->order_faults += s->has_ended && !p->is_late ? 1 : 0;
        return post_span(s, p->body, out);
    }
    struct double_span *span = double_span(s, match.ids[0]);
    if (s->has_ended && !is_get && !p->is_late && span != NULL && span->span.parent_id.ptr != NULL) {
        s->order_faults++;
    }
    if (span == NULL) {
        wire_error_write(out, 404, STR("no such span"));
        return 404;
    }
    if (match.route == WIRE_SPAN && !is_get) {
        return patch_span(s, span, p->body, out);
    }
    if (match.route == WIRE_SPAN) {
        answer_span(out, span);
        return 200;
    }
    if (match.route == WIRE_SPAN_METRICS) {
        return is_get ? list_metrics(s, span, p->query, out) : post_metric(s, span, p->body, out);
    }
    return one_metric(s, span, p->method, match.ids[1], p->body, out);
}

/* --- answers -------------------------------------------------------------------------------------------------------------------------------- */

static void refuse(struct buf *out, struct call_result *ret, unsigned status, const char *detail)
{
    buf_clear(out);
    wire_error_write(out, status, str_from(detail));
    ret->status = CALL_HTTP_STATUS;
    ret->http_status = status;
}

static void settle(struct service_double *s, const struct pending *p, struct buf *out, struct call_result *ret)
{
    *ret = (struct call_result){.status = CALL_OK, .retry_after_ns = -1};
    bool is_done =
        p->fate == FATE_FINE || p->fate == FATE_BROKEN_DONE || p->fate == FATE_LOST_DONE || p->fate == FATE_GARBLED;
    unsigned status = is_done ? handle(s, p, out) : 0;
    switch (p->fate) {
    case FATE_FINE:
        ret->status = status >= 200 && status < 300 ? CALL_OK : CALL_HTTP_STATUS;
        ret->http_status = status;
        break;
    case FATE_GARBLED:
        ret->http_status = 200;
        out->len /= 2;
        break;
    case FATE_THROTTLED:
        refuse(out, ret, 429, "slower");
        ret->retry_after_ns = NS_PER_S;
        break;
    case FATE_BROKEN:
    case FATE_BROKEN_DONE:
        refuse(out, ret, 500, "broken");
        break;
    case FATE_AWAY:
        refuse(out, ret, 503, "away");
        break;
    case FATE_REFUSED:
        refuse(out, ret, 422, "not like this");
        break;
    case FATE_DENIED:
        refuse(out, ret, 401, "The API key is invalid");
        break;
    case FATE_GONE:
        refuse(out, ret, 404, "gone");
        break;
    case FATE_CONFLICT:
        refuse(out, ret, 409, "there already");
        break;
    case FATE_LATE:
        ret->status = CALL_TIMEOUT;
        ret->is_unclear = true;
        break;
    case FATE_LOST:
    case FATE_LOST_DONE:
    case FATE_NO_WAY:
    case FATE_COUNT:
        ret->status = CALL_NETWORK;
        ret->is_unclear = p->fate != FATE_NO_WAY;
        ret->detail = STR("connection reset");
        break;
    }
}

bool double_take(struct service_double *s, struct arena *arena, void **ret_tag, struct call_result *ret)
{
    struct pending *p = s->pending;
    while (p != NULL && p->at_ns <= clock_ns(s->clock)) {
        s->pending = p->next;
        struct buf out CLEANUP(buf_deinit) = BUF(64 << 20);
        if (p->is_late) {
            (void)handle(s, p, &out);
            pending_free(p);
            p = s->pending;
            continue;
        }
        settle(s, p, &out, ret);
        ret->output = arena_str(arena, buf_str(&out));
        *ret_tag = p->tag;
        s->in_flight--;
        if (p->fate != FATE_LATE) {
            pending_free(p);
            return true;
        }
        p->is_late = true;
        p->at_ns += NS_PER_S;
        struct pending **end = &s->pending;
        while (*end != NULL && (*end)->at_ns <= p->at_ns) {
            end = &(*end)->next;
        }
        p->next = *end;
        *end = p;
        return true;
    }
    return false;
}

void double_kill(struct service_double *s)
{
    while (s->pending != NULL) {
        struct pending *p = s->pending;
        s->pending = p->next;
        struct buf out CLEANUP(buf_deinit) = BUF(64 << 20);
        if (p->is_late || rng_below(&s->rng, 2) == 0) {
            (void)handle(s, p, &out);
        }
        pending_free(p);
    }
    s->in_flight = 0;
}
