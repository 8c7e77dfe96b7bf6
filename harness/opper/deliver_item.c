/* One row of the outbox from its first request to its end.
 *
 *   unsure of the span  -> look: there (what differs is updated), or not
 *   not there           -> create, complete
 *   unsure of metrics   -> list: equal, different, missing, one too many
 *   metrics             -> POST what is missing, PATCH what differs, DELETE what is too many; side by side
 *   update              -> PATCH the whole span
 *
 * Each step is taken from what is known then, so that any answer may change the way: a span that is gone is made again once, a conflict is looked at. */

#include "opper/deliver_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/vec.h"
#include "opper/compare.h"
#include "store/store.h"
#include "wire/page.h"
#include "wire/reply.h"

enum { DONE_BITS = 64, ROUNDS_IN_WINDOW = 6, AGAIN_MAX = 3, LATER_S = 20, OVER_BUDGET_S = 2, PAUSE_CAP_S = 10 };

static const int64_t LOOK_AGAIN_NS = LOOK_AGAIN_MS * NS_PER_MS;

void item_begin(struct delivery *d, struct item *item)
{
    enum outbox_op op = item->row.op;
    item->demanded_ns = -1;
    item->exists = op != OUTBOX_ROOT_BEGIN && op != OUTBOX_SAMPLE;
    item->needs_update = item->exists;
    item->has_sent = item->row.state == OUTBOX_UNCLEAR;
    item->is_unsure_of_span = item->row.state == OUTBOX_UNCLEAR;
    item->is_unsure_of_metrics = item->is_unsure_of_span && op != OUTBOX_ROOT_BEGIN && op != OUTBOX_SUPERSEDED;
    item->unsure_ns = d->opened_ns; /* what is unclear was sent by an earlier process, or put off long ago */
    if (item->row.state == OUTBOX_UNCLEAR) {
        item->ahead = ahead_of_row(d, item->row.seq);
        if (item->ahead != NULL) {
            item->ahead->item = item;
        }
    }
}

/* --- rendering --------------------------------------------------------------------------------------------------------------------------- */

void item_unrender(struct delivery *d, struct item *item)
{
    if (!item->is_rendered) {
        return;
    }
    d->active--;
    d->active_bytes -= item->arena.total_bytes < d->active_bytes ? item->arena.total_bytes : d->active_bytes;
    arena_reset(&item->arena);
    item->is_rendered = false;
    item->rendered = (struct rendered){0};
    item->parts = NULL;
    item->extras = NULL;
    item->extra_count = item->extra_cap = item->extra_sent = 0;
    item->listed = 0;
}

static bool render_root(struct delivery *d, struct item *item, struct err *err)
{
    struct root_record root;
    bool ended = false;
    if (item->row.op == OUTBOX_ROOT_BEGIN) {
        render_root_begin(&item->arena, item->lane->run, &item->rendered);
        return true;
    }
    return store_root(d->order.store, &item->arena, item->lane->run->seq, &ended, &root, err) &&
           render_root_end(&item->arena, item->lane->invocation, item->lane->run, &root, &item->rendered, err);
}

static bool item_render(struct delivery *d, struct item *item, struct err *err)
{
    struct sample_record sample;
    bool is_superseded = false;
    if (item->row.span == 0) {
        if (!render_root(d, item, err)) {
            return false;
        }
    } else {
        if (!store_sample(d->order.store, &item->arena, item->lane->run, item->row.span, &sample, &is_superseded,
                          err)) {
            return false;
        }
        render_sample(&item->arena, &item->lane->recording, item->lane->run, &sample, is_superseded, &item->rendered);
    }
    size_t count = item->rendered.metric_count;
    item->parts = arena_array(&item->arena, struct part, count);
    for (size_t i = 0; i < count; i++) {
        bool is_done = (i < DONE_BITS && (item->done >> i & 1) != 0) || item->row.op == OUTBOX_SUPERSEDED;
        item->parts[i].state = is_done ? PART_DONE : PART_TODO;
    }
    item->is_rendered = true;
    d->active++;
    d->active_bytes += item->arena.total_bytes;
    return true;
}

/* --- steps -------------------------------------------------------------------------------------------------------------------------------- */

static void part_done(struct item *item, size_t i)
{
    item->parts[i].state = PART_DONE;
    item->done |= i < DONE_BITS ? UINT64_C(1) << i : 0;
}

/* Every part that still is to be sent, as far as the port takes them. */
static void send_parts(struct delivery *d, struct item *item, const struct call_port *port)
{
    for (; item->extra_sent < item->extra_count; item->extra_sent++) {
        if (!request_send(d, port, item, REQUEST_DROP_METRIC, item->extra_sent)) {
            return;
        }
    }
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        struct part *part = &item->parts[i];
        if (part->state != PART_TODO && part->state != PART_CHANGE) {
            continue;
        }
        if (!request_send(d, port, item, part->state == PART_TODO ? REQUEST_METRIC : REQUEST_CHANGE_METRIC, i)) {
            return;
        }
        part->state = PART_SENT;
    }
}

static bool has_parts(const struct item *item)
{
    bool has = item->extra_sent < item->extra_count;
    for (size_t i = 0; i < item->rendered.metric_count && !has; i++) {
        has = item->parts[i].state != PART_DONE;
    }
    return has;
}

static enum item_next sent_or_blocked(const struct item *item)
{
    return item->outstanding > 0 ? ITEM_SENT : ITEM_BLOCKED;
}

static enum item_next item_over(struct delivery *d, struct item *item)
{
    if (item->row.op == OUTBOX_ROOT_BEGIN && !item->is_dead) {
        item->lane->root_is_there = true;
        delivery_unpark(d, item->lane);
    }
    if (!item->is_dead) {
        d->confirmed++;
        delivery_add_write(d, WRITE_DROP, &item->row, STR_NULL);
    }
    return ITEM_OVER;
}

static enum item_next item_send(struct delivery *d, struct item *item, const struct call_port *port)
{
    bool is_sent = true;
    if (item->is_unsure_of_span) {
        is_sent = request_send(d, port, item, REQUEST_LOOK_SPAN, 0);
    } else if (!item->exists) {
        is_sent = request_send(d, port, item, REQUEST_CREATE, 0);
    } else if (item->is_unsure_of_metrics) {
        if (item->look_ns > item->unsure_ns && d->now_ns < item->unsure_ns + LOOK_AGAIN_NS) {
            item->resume_ns = item->unsure_ns + LOOK_AGAIN_NS;
            return ITEM_WAITS;
        }
        item->look_ns = item->listed == 0 ? d->now_ns : item->look_ns;
        is_sent = request_send(d, port, item, REQUEST_LOOK_METRICS, 0);
    } else if (has_parts(item)) {
        send_parts(d, item, port);
    } else if (item->needs_update) {
        is_sent = request_send(d, port, item, REQUEST_UPDATE, 0);
    } else {
        return item_over(d, item);
    }
    (void)is_sent;
    return sent_or_blocked(item);
}

/* The root's end comes when nothing else of the run is left. */
static bool root_may_end(struct delivery *d, struct item *item, bool *ret, struct err *err)
{
    *ret = false;
    return item->lane->in_window > 1 || store_outbox_is_last(d->order.store, &item->row, ret, err);
}

bool item_step(struct delivery *d, struct item *item, const struct call_port *port, enum item_next *ret,
               struct err *err)
{
    bool may_go = item->ahead == NULL && (item->lane->root_is_there || item->row.op == OUTBOX_ROOT_BEGIN);
    if (may_go && item->row.op == OUTBOX_ROOT_END && !root_may_end(d, item, &may_go, err)) {
        return false;
    }
    if (!may_go) {
        *ret = ITEM_PARKED;
        return true;
    }
    if (!item->is_rendered) {
        if (d->active > 0 && d->active_bytes > DELIVER_BYTES) {
            *ret = ITEM_BLOCKED;
            return true;
        }
        if (!item_render(d, item, err)) {
            return false;
        }
    }
    *ret = item_send(d, item, port);
    return true;
}

/* --- dead parts ---------------------------------------------------------------------------------------------------------------------------- */

static void item_die(struct delivery *d, struct item *item, enum outbox_op op, struct str words)
{
    struct outbox_row row = item->row;
    row.op = op;
    row.state = OUTBOX_DEAD;
    item->is_dead = true;
    if (item->row.op != OUTBOX_ROOT_BEGIN) {
        delivery_add_write(d, WRITE_KEEP, &row, words);
        return;
    }
    struct str name = item->rendered.span.name;
    delivery_add_write(d, WRITE_KEEP, &row,
                       arena_printf(&item->arena, "the root span '%.*s': %.*s", STR_ARG(name), STR_ARG(words)));
    delivery_refuse_lane(d, item->lane);
}

static void part_die(struct delivery *d, struct item *item, size_t part, struct str words)
{
    struct outbox_row row = {.run = item->row.run, .span = item->row.span, .op = OUTBOX_METRIC, .part = (int64_t)part};
    struct str name = item->rendered.metrics[part].dimension;
    delivery_add_write(d, WRITE_DEAD_PART, &row,
                       arena_printf(&item->arena, "metric '%.*s': %.*s", STR_ARG(name), STR_ARG(words)));
    item->refused++;
    part_done(item, part);
}

/* --- looks ---------------------------------------------------------------------------------------------------------------------------------- */

static void look_at_span(struct item *item, const struct wire_span *span)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    item->is_unsure_of_span = false;
    item->exists = true;
    item->needs_update =
        item->row.op != OUTBOX_ROOT_BEGIN && compare_span(&scratch, &item->rendered.span, span) != NULL;
}

static void span_is_gone(struct item *item)
{
    item->is_unsure_of_span = false;
    item->is_unsure_of_metrics = false;
    item->exists = false;
    item->needs_update = false;
    item->done = 0;
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        bool is_none = item->row.op == OUTBOX_SUPERSEDED; /* not ours to send: they are the sample's row's */
        item->parts[i].state = is_none ? PART_DONE : PART_TODO;
    }
}

static void extra_add(struct item *item, struct str id)
{
    VEC(struct str) extras = {item->extras, item->extra_count, item->extra_cap};
    *vec_push(&item->arena, &extras) = arena_str(&item->arena, id);
    item->extras = extras.items;
    item->extra_count = extras.len;
    item->extra_cap = extras.cap;
}

/* Of several metrics in one dimension the oldest is kept. */
static void look_at_metric(struct item *item, const struct wire_metric *metric)
{
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        struct part *part = &item->parts[i];
        if (!str_eq(item->rendered.metrics[i].dimension, metric->dimension)) {
            continue;
        }
        if (part->was_seen && str_eq(part->id, metric->id)) {
            return; /* a page that moved */
        }
        bool is_older = !part->was_seen || (metric->created.has && metric->created.us < part->created_us);
        if (part->was_seen) {
            extra_add(item, is_older ? part->id : metric->id);
        }
        if (is_older) {
            part->was_seen = true;
            part->id = arena_str(&item->arena, metric->id);
            part->created_us = metric->created.has ? metric->created.us : INT64_MAX;
            part->is_equal = compare_metric(&item->rendered.metrics[i], metric);
        }
        return;
    }
}

static void metrics_are_seen(struct item *item)
{
    bool is_missing = false;
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        struct part *part = &item->parts[i];
        if (part->was_seen && part->is_equal) {
            part_done(item, i);
        } else if (part->was_seen) {
            part->state = PART_CHANGE;
        } else {
            part->state = PART_TODO;
            is_missing = true;
        }
        part->was_seen = false;
    }
    item->listed = 0;
    /* a server may still be at the request whose answer we did not wait for */
    item->is_unsure_of_metrics = is_missing && item->look_ns < item->unsure_ns + LOOK_AGAIN_NS;
}

static bool look_at_page(struct item *item, struct str body)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_page page;
    struct err ignored = ERR_NULL;
    if (!wire_page_read(&scratch, body, &page, &ignored)) {
        return false;
    }
    for (size_t i = 0; i < page.count; i++) {
        struct wire_metric metric;
        if (wire_metric_of(&scratch, &page.items[i], &metric)) {
            look_at_metric(item, &metric);
        }
    }
    item->listed += page.count;
    bool is_end = page.count == 0 || (page.has_total ? item->listed >= page.total_count : page.count < WIRE_PAGE_LIMIT);
    if (is_end) {
        metrics_are_seen(item);
    }
    return true;
}

/* --- answers -------------------------------------------------------------------------------------------------------------------------------- */

static bool is_other_span(struct delivery *d, struct item *item, struct str id)
{
    if (wire_id_eq(id, item->rendered.span.id)) {
        return false;
    }
    item_die(d, item, item->row.op, STR("the service gave the span an id of its own"));
    return true;
}

/* An answer of the right form, by which something is confirmed. False: it has to be taken as none. */
static bool item_take_answer(struct delivery *d, struct item *item, const struct request *r, struct str body)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_span span;
    struct str id;
    struct err ignored = ERR_NULL;
    switch (r->kind) {
    case REQUEST_CREATE:
    case REQUEST_UPDATE:
        if (!wire_read_id(&scratch, body, &id)) {
            return false;
        }
        if (!is_other_span(d, item, id)) {
            item->exists = true;
            item->needs_update = false;
        }
        return true;
    case REQUEST_LOOK_SPAN:
        if (!wire_span_read(&scratch, body, &span, &ignored)) {
            return false;
        }
        if (!is_other_span(d, item, span.id)) {
            look_at_span(item, &span);
        }
        return true;
    case REQUEST_METRIC:
    case REQUEST_CHANGE_METRIC:
        if (!wire_read_id(&scratch, body, &id)) {
            return false;
        }
        part_done(item, r->part);
        return true;
    case REQUEST_LOOK_METRICS:
        return look_at_page(item, body);
    case REQUEST_DROP_METRIC:
        break;
    }
    return true;
}

/* Whether it was done is open, or it certainly was not; it is tried again either way. */
static void item_fail(const struct delivery *d, struct item *item, const struct request *r, bool is_clear,
                      int64_t demanded_ns)
{
    item->has_failed = true;
    item->demanded_ns = demanded_ns > item->demanded_ns ? demanded_ns : item->demanded_ns;
    switch (r->kind) {
    case REQUEST_CREATE:
        item->is_unsure_of_span = item->is_unsure_of_span || !is_clear;
        break;
    case REQUEST_METRIC:
        item->parts[r->part].state = PART_TODO;
        item->unsure_ns = is_clear ? item->unsure_ns : d->now_ns;
        item->is_unsure_of_metrics = item->is_unsure_of_metrics || !is_clear || r->part >= DONE_BITS;
        break;
    case REQUEST_CHANGE_METRIC: /* equal requests, repeated, come to the same */
        item->parts[r->part].state = PART_CHANGE;
        item->is_unsure_of_metrics = true; /* its id goes with the rendering */
        break;
    case REQUEST_DROP_METRIC:
        item->is_unsure_of_metrics = true;
        break;
    case REQUEST_LOOK_METRICS:
        item->listed = 0;
        break;
    case REQUEST_UPDATE:
    case REQUEST_LOOK_SPAN:
        break;
    }
}

static void item_refuse(struct delivery *d, struct item *item, const struct request *r,
                        const struct call_result *result)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct str words = wire_reply_words(&scratch, result, r->call.timeout_ns);
    bool is_conflict = result->http_status == 409;
    if (is_conflict && item->again < AGAIN_MAX && (r->kind == REQUEST_CREATE || r->kind == REQUEST_METRIC)) {
        item->again++;
        if (r->kind == REQUEST_CREATE) {
            item->is_unsure_of_span = true;
        } else {
            item->parts[r->part].state = PART_TODO;
            item->is_unsure_of_metrics = true; /* it says itself that it is there */
        }
        return;
    }
    switch (r->kind) {
    case REQUEST_CREATE:
    case REQUEST_LOOK_SPAN:
    case REQUEST_LOOK_METRICS:
        item_die(d, item, item->row.op, words);
        break;
    case REQUEST_UPDATE:
        item_die(d, item, OUTBOX_UPDATE, words);
        break;
    case REQUEST_METRIC:
    case REQUEST_CHANGE_METRIC:
        part_die(d, item, r->part, words);
        break;
    case REQUEST_DROP_METRIC: /* one too many stays; the look that follows a resume finds it again */
        break;
    }
}

static void item_not_found(struct delivery *d, struct item *item, const struct request *r,
                           const struct call_result *result)
{
    switch (r->kind) {
    case REQUEST_LOOK_SPAN:
        span_is_gone(item);
        break;
    case REQUEST_DROP_METRIC:
        break;
    case REQUEST_CREATE:
        item_refuse(d, item, r, result);
        break;
    case REQUEST_METRIC:
    case REQUEST_CHANGE_METRIC:
    case REQUEST_UPDATE:
    case REQUEST_LOOK_METRICS:
        if (item->again++ == 0) {
            span_is_gone(item);
            item->is_unsure_of_metrics = item->row.op != OUTBOX_SUPERSEDED; /* it was there before: it may be again */
        } else if (r->kind == REQUEST_METRIC && item->parts[r->part].state == PART_TODO) {
            break; /* another metric of the same round has seen it already */
        } else {
            item_refuse(d, item, r, result);
        }
        break;
    }
}

static void item_settle(struct delivery *d, struct item *item, struct request *r, const struct call_result *result)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    enum wire_reply reply = wire_reply_of(result);
    bool is_clear = result->http_status == 429 || (result->status == CALL_NETWORK && !result->is_unclear);
    item->has_sent = item->has_sent || !is_clear;
    switch (reply) {
    case WIRE_OK:
        if (item_take_answer(d, item, r, result->output)) {
            /* a look confirms nothing: one that is followed by the same failure for ever is no progress */
            bool is_look = r->kind == REQUEST_LOOK_SPAN || r->kind == REQUEST_LOOK_METRICS;
            delivery_succeeded(d, !is_look);
            item->has_progress = item->has_progress || !is_look;
        } else {
            item_fail(d, item, r, false, -1);
            delivery_failed(d, STR("an answer that is not what the API documents"));
        }
        return;
    case WIRE_AGAIN:
    case WIRE_UNREACHABLE:
        item_fail(d, item, r, is_clear, result->retry_after_ns);
        delivery_failed(d, wire_reply_words(&scratch, result, r->call.timeout_ns));
        return;
    case WIRE_CANCELLED:
        item_fail(d, item, r, false, -1);
        return;
    case WIRE_ACCESS:
        item_fail(d, item, r, true, -1);
        delivery_refuse(d, wire_reply_words(&scratch, result, 0));
        return;
    case WIRE_MISCONFIGURED:
        if (result->http_status == 404) {
            item_not_found(d, item, r, result);
            return;
        }
        item_fail(d, item, r, true, -1);
        delivery_refuse(d, wire_reply_words(&scratch, result, 0));
        return;
    case WIRE_REFUSED:
        item_refuse(d, item, r, result);
        return;
    }
}

enum outbox_state item_state_to_keep(const struct item *item)
{
    return item->has_sent || item->is_unsure_of_span || item->is_unsure_of_metrics ? OUTBOX_UNCLEAR : OUTBOX_QUEUED;
}

/* Back to the outbox, for a later scan. */
static void item_put_off(struct delivery *d, struct item *item, int64_t pause_ns)
{
    struct outbox_row row = item->row;
    row.state = item_state_to_keep(item);
    row.not_before_unix_ms = clock_unix_ms(d->order.clock) + pause_ns / NS_PER_MS;
    delivery_add_write(d, WRITE_KEEP, &row, buf_str(&d->reason));
    d->later++;
    delivery_forget_item(d, item);
}

static void item_pause(struct delivery *d, struct item *item)
{
    int64_t pause_ns = item->demanded_ns;
    item->rounds = item->has_progress ? 0 : item->rounds;
    bool may_wait = retry_pause_ns(&d->rng, item->rounds, item->demanded_ns, &pause_ns);
    if (may_wait && item->demanded_ns < PAUSE_CAP_S * NS_PER_S && pause_ns > PAUSE_CAP_S * NS_PER_S) {
        pause_ns = PAUSE_CAP_S *
                   NS_PER_S; /* so that a drain, which ends a minute after the last progress, has tried often enough */
    }
    if (may_wait && !retry_budget_take(&d->budget)) {
        pause_ns += OVER_BUDGET_S * NS_PER_S; /* much of what is sent fails: slower */
    }
    item->row.tries++;
    item->rounds++;
    item->has_progress = false;
    /* Out of the window only to make room for others. A root stays: all of its run waits for it. When nothing succeeds, that is not the fault of this one */
    bool is_stubborn = item->rounds >= ROUNDS_IN_WINDOW && d->window > DELIVER_WINDOW / 2;
    if (item->row.op != OUTBOX_ROOT_BEGIN && !delivery_is_out(d) && (!may_wait || is_stubborn)) {
        item_put_off(d, item, may_wait ? LATER_S * NS_PER_S : pause_ns);
        return;
    }
    item->has_failed = false;
    item->demanded_ns = -1;
    item->resume_ns = d->now_ns + pause_ns;
    item_unrender(d, item);
    item_push(&d->waiting, item);
}

void item_answer(struct delivery *d, struct item *item, struct request *request, const struct call_result *result)
{
    item->outstanding--;
    if (!item->is_dead) {
        item_settle(d, item, request, result);
    }
    if (item->outstanding > 0) {
        return;
    }
    if (item->is_dead) {
        delivery_forget_item(d, item);
    } else if (item->has_failed && !d->is_stopped) {
        item_pause(d, item);
    } else {
        item->has_failed = false;
        item_push_first(&d->ready, item); /* what is begun comes to its end before others are rendered */
    }
}
