#include "opper/deliver_private.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "wire/page.h"
#include "wire/path.h"

enum {
    TIMEOUT_S = 30,
    TERM_GRACE_S = 5,
    ANSWER_BYTES = 64 << 20,
    TEXT_BYTES = LIMIT_URL_BYTES + LIMIT_JSON_BYTES,
    TEXT_KEPT_BYTES = 4096,
    WHOLE_ROUND = 16 /* requests of a row that go out together, however full the port is */
};

static struct request *request_new(struct delivery *d)
{
    struct request *r = d->spare_requests;
    if (r == NULL) {
        r = mem_alloc(sizeof(*r));
        buf_init(&r->text, TEXT_BYTES);
        return r;
    }
    d->spare_requests = r->next;
    struct buf text = r->text;
    *r = (struct request){.text = text};
    return r;
}

static void request_link(struct delivery *d, struct request *r)
{
    r->next = d->sent;
    r->link = &d->sent;
    if (r->next != NULL) {
        r->next->link = &r->next;
    }
    d->sent = r;
}

void request_free(struct delivery *d, struct request *request)
{
    if (request->link != NULL) {
        *request->link = request->next;
        if (request->next != NULL) {
            request->next->link = request->link;
        }
        request->link = NULL;
    }
    if (request->text.cap > TEXT_KEPT_BYTES) { /* most requests are small, and hundreds of these may be kept */
        buf_deinit(&request->text);
    }
    request->next = d->spare_requests;
    d->spare_requests = request;
}

static const struct {
    const char *method;
    enum wire_route route;
} SHAPES[] = {
    [REQUEST_CREATE] = {"POST", WIRE_SPANS},
    [REQUEST_METRIC] = {"POST", WIRE_SPAN_METRICS},
    [REQUEST_CHANGE_METRIC] = {"PATCH", WIRE_SPAN_METRIC},
    [REQUEST_DROP_METRIC] = {"DELETE", WIRE_SPAN_METRIC},
    [REQUEST_UPDATE] = {"PATCH", WIRE_SPAN},
    [REQUEST_LOOK_SPAN] = {"GET", WIRE_SPAN},
    [REQUEST_LOOK_METRICS] = {"GET", WIRE_SPAN_METRICS},
};

static void write_body(struct buf *out, const struct request *r, const struct wire_span *span)
{
    switch (r->kind) {
    case REQUEST_CREATE:
        wire_span_write_create(out, span);
        break;
    case REQUEST_UPDATE:
        wire_span_write_patch(out, span);
        break;
    case REQUEST_METRIC:
    case REQUEST_CHANGE_METRIC:
        wire_metric_write_request(out, &r->item->rendered.metrics[r->part]);
        break;
    case REQUEST_DROP_METRIC:
    case REQUEST_LOOK_SPAN:
    case REQUEST_LOOK_METRICS:
        break;
    }
}

static void write_url(struct buf *out, const struct delivery *d, const struct request *r, const struct wire_span *span)
{
    struct str metric = STR_NULL;
    if (r->kind == REQUEST_CHANGE_METRIC) {
        metric = r->item->parts[r->part].id;
    } else if (r->kind == REQUEST_DROP_METRIC) {
        metric = r->item->extras[r->part];
    }
    buf_append_cstr(out, d->order.base_url);
    wire_path_write(out, SHAPES[r->kind].route, span->id, metric);
    if (r->kind == REQUEST_LOOK_METRICS) {
        wire_query_add_int(out, "limit", WIRE_PAGE_LIMIT);
        wire_query_add_int(out, "offset", r->item->listed);
    }
}

static bool request_start(struct delivery *d, const struct call_port *port, struct request *r,
                          const struct wire_span *span)
{
    struct buf *text = &r->text;
    buf_clear(text);
    write_url(text, d, r, span);
    buf_append_char(text, '\0');
    size_t url_bytes = text->len;
    write_body(text, r, span);
    r->call = (struct call){
        .kind = CALL_HTTP,
        .http =
            {
                .method = SHAPES[r->kind].method,
                .url = text->ptr,
                .key = d->order.key,
                .priority = HTTP_BEHIND,
                .max_output = ANSWER_BYTES,
                .is_repeat = r->item != NULL && r->item->row.tries > 0,
            },
        .input = str_slice(buf_str(text), url_bytes, text->len),
        .timeout_ns = TIMEOUT_S * NS_PER_S,
        .term_grace_ns = TERM_GRACE_S * NS_PER_S,
    };
    if (!port->start(port->ctx, &r->call, r)) {
        request_free(d, r);
        return false;
    }
    request_link(d, r);
    d->in_flight++;
    d->requests++;
    return true;
}

/* A row goes out whole when it is of few requests: one that is cut waits for the answers to its first part before it sends the rest. */
static bool has_room(const struct delivery *d, const struct call_port *port, const struct item *item)
{
    bool is_begun = item != NULL && item->outstanding > 0 && item->outstanding < WHOLE_ROUND;
    return d->in_flight < DELIVER_REQUESTS && (is_begun || port->has_room(port->ctx));
}

bool request_send(struct delivery *d, const struct call_port *port, struct item *item, enum request_kind kind,
                  size_t part)
{
    if (!has_room(d, port, item)) {
        return false;
    }
    struct request *r = request_new(d);
    r->item = item;
    r->kind = kind;
    r->part = part;
    if (!request_start(d, port, r, &item->rendered.span)) {
        return false;
    }
    item->outstanding++;
    return true;
}

bool request_send_ahead(struct delivery *d, const struct call_port *port, struct ahead *ahead)
{
    if (!has_room(d, port, NULL)) {
        return false;
    }
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct request *r = request_new(d);
    struct wire_span span;
    r->ahead = ahead;
    r->kind = REQUEST_CREATE;
    render_ahead(&scratch, ahead->lane->run, &ahead->span, str_from(ahead->case_id), &span);
    return request_start(d, port, r, &span);
}
