#include "serve/server_private.h"

#include "base/err.h"
#include "data/json.h"
#include "wire/metric.h"
#include "wire/page.h"

/* Metrics of a span. */

static bool reply_metric(struct request *r, const struct wire_metric *metric)
{
    struct json_writer w;
    r->x->status = 200;
    json_writer_init(&w, &r->x->answer);
    wire_metric_write(&w, metric, false);
    return true;
}

static bool reply_conflict(struct request *r, struct str dimension)
{
    reply_error(r, 409, "Span %.*s has a metric of dimension '%.*s' already", STR_ARG(r->match.ids[0]),
                STR_ARG(dimension));
    return true;
}

bool metric_create(struct request *r, struct err *err)
{
    struct wire_metric sent;
    struct wire_metric metric;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!wire_metric_read_create(r->arena, r->x->body, &sent, &r->faults)) {
        reply_faults(r);
        return true;
    }
    if (!ledger_add_metric(&r->server->ledger, r->arena, &r->ids[0], &sent, r->now_us, &metric, &outcome, err)) {
        return false;
    }
    switch (outcome) {
    case LEDGER_FOUND:
        return reply_metric(r, &metric);
    case LEDGER_CONFLICT:
        return reply_conflict(r, sent.dimension);
    case LEDGER_MISSING:
        break;
    }
    return reply_missing(r, "Span", r->match.ids[0]);
}

bool metric_list(struct request *r, struct err *err)
{
    struct ledger_page page;
    struct wire_metric *metrics = NULL;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!request_page(r, WIRE_PAGE_LIMIT, &page)) {
        return true;
    }
    if (!ledger_metrics(&r->server->ledger, r->arena, &r->ids[0], &page, &metrics, &outcome, err)) {
        return false;
    }
    if (outcome != LEDGER_FOUND) {
        return reply_missing(r, "Span", r->match.ids[0]);
    }
    struct json_writer w;
    r->x->status = 200;
    json_writer_init(&w, &r->x->answer);
    wire_page_begin(&w, page.total);
    for (size_t i = 0; i < page.count; i++) {
        wire_metric_write(&w, &metrics[i], false);
    }
    wire_page_end(&w);
    return true;
}

bool metric_get(struct request *r, struct err *err)
{
    struct wire_metric metric;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!ledger_metric(&r->server->ledger, r->arena, &r->ids[0], &r->ids[1], &metric, &outcome, err)) {
        return false;
    }
    return outcome == LEDGER_FOUND ? reply_metric(r, &metric) : reply_missing(r, "Metric", r->match.ids[1]);
}

bool metric_change(struct request *r, struct err *err)
{
    struct wire_metric change;
    struct wire_metric metric;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!wire_metric_read_patch(r->arena, r->x->body, &change, &r->faults)) {
        reply_faults(r);
        return true;
    }
    if (!ledger_change_metric(&r->server->ledger, r->arena, &r->ids[0], &r->ids[1], &change, &metric, &outcome, err)) {
        return false;
    }
    switch (outcome) {
    case LEDGER_FOUND:
        return reply_metric(r, &metric);
    case LEDGER_CONFLICT:
        return reply_conflict(r, change.dimension);
    case LEDGER_MISSING:
        break;
    }
    return reply_missing(r, "Metric", r->match.ids[1]);
}

bool metric_delete(struct request *r, struct err *err)
{
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!ledger_drop_metric(&r->server->ledger, &r->ids[0], &r->ids[1], &outcome, err)) {
        return false;
    }
    r->x->status = 204;
    return outcome == LEDGER_FOUND || reply_missing(r, "Metric", r->match.ids[1]);
}
