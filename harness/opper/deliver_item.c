/* One row of the outbox from its first request to its end.
 *
 *   unsure of the span  -> look: there (what differs is updated), or not
 *   not there           -> create, complete
 *   unsure of metrics   -> list: equal, different, missing, one too many
 *   metrics             -> POST what is missing, PATCH what differs, DELETE what is too many; side by side
 *   update              -> PATCH the whole span, beside its metrics; the root's waits until nothing else of its run is left
 *
 * Each step is taken from what is known then, so that any answer may change the way: a span that is gone is made again once, a conflict is looked at. */

#include "opper/deliver_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "store/store.h"

void item_begin(struct delivery *d, struct item *item)
{
    enum outbox_op op = item->row.op;
    item->demanded_ns = -1;
    item->exists = op != OUTBOX_ROOT_BEGIN && op != OUTBOX_SAMPLE;
    item->needs_update = item->exists;
    item->has_sent = item->row.state == OUTBOX_UNCLEAR;
    item->is_unsure_of_span = item->row.state == OUTBOX_UNCLEAR;
    item->may_be_bare = item->is_unsure_of_span && op == OUTBOX_SAMPLE;
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
    item->all_done = !item_has_parts(item);
    for (size_t i = ITEM_DONE_BITS; i < item->rendered.metric_count && !item->all_done; i++) {
        item->is_unsure_of_metrics |= item->parts[i].state == PART_DONE; /* nobody will remember */
    }
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        item->is_unsure_of_metrics |=
            item->parts[i].state == PART_CHANGE; /* found to be another: a look has to find it again */
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
    if (!d->is_reading && !store_read_begin(d->order.store, err)) {
        return false;
    }
    d->is_reading = true;
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
        bool is_done =
            item->all_done || (i < ITEM_DONE_BITS && (item->done >> i & 1) != 0) || item->row.op == OUTBOX_SUPERSEDED;
        item->parts[i].state = is_done ? PART_DONE : PART_TODO;
        item->parts[i].is_dead = i < ITEM_DONE_BITS && (item->dead >> i & 1) != 0;
    }
    item->is_rendered = true;
    d->active++;
    d->active_bytes += item->arena.total_bytes;
    return true;
}

/* --- steps -------------------------------------------------------------------------------------------------------------------------------- */

void item_part_done(struct item *item, size_t part)
{
    item->parts[part].state = PART_DONE;
    item->done |= part < ITEM_DONE_BITS ? UINT64_C(1) << part : 0;
}

void item_part_dead(struct item *item, size_t part)
{
    item_part_done(item, part);
    item->parts[part].is_dead = true;
    item->dead |= item->done & (part < ITEM_DONE_BITS ? UINT64_C(1) << part : 0);
}

/* Every part that still is to be sent; false: the port takes no more. */
static bool send_parts(struct delivery *d, struct item *item, const struct call_port *port)
{
    for (; item->extra_sent < item->extra_count; item->extra_sent++) {
        if (!request_send(d, port, item, REQUEST_DROP_METRIC, item->extra_sent)) {
            return false;
        }
    }
    for (size_t i = 0; i < item->rendered.metric_count; i++) {
        struct part *part = &item->parts[i];
        if (part->state != PART_TODO && part->state != PART_CHANGE) {
            continue;
        }
        if (!request_send(d, port, item, part->state == PART_TODO ? REQUEST_METRIC : REQUEST_CHANGE_METRIC, i)) {
            return false;
        }
        part->state = PART_SENT;
    }
    return true;
}

bool item_has_parts(const struct item *item)
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
        d->progress_ns = d->now_ns; /* a row that a look has found complete is one less, too */
        delivery_add_write(d, WRITE_DROP, &item->row, STR_NULL);
    }
    return ITEM_OVER;
}

/* The root's end comes when nothing else of the run is left; its metrics need not wait for that. */
static bool may_update(struct delivery *d, const struct item *item, bool *ret, struct err *err)
{
    *ret = item->row.op != OUTBOX_ROOT_END;
    return *ret || item->lane->in_window > 1 || store_outbox_is_last(d->order.store, &item->row, ret, err);
}

static enum item_next send_one(struct delivery *d, struct item *item, const struct call_port *port,
                               enum request_kind kind)
{
    (void)request_send(d, port, item, kind, 0);
    return sent_or_blocked(item);
}

static enum item_next look_at_metrics(struct delivery *d, struct item *item, const struct call_port *port)
{
    if (item->look_ns > item->unsure_ns && d->now_ns < item->unsure_ns + LOOK_AGAIN_MS * NS_PER_MS) {
        item->resume_ns = item->unsure_ns + LOOK_AGAIN_MS * NS_PER_MS;
        return ITEM_WAITS;
    }
    enum item_next next = send_one(d, item, port, REQUEST_LOOK_METRICS);
    if (next == ITEM_SENT && item->listed == 0) { /* one that the port did not take has seen nothing */
        item->look_ns = d->now_ns;
    }
    return next;
}

/* The update of a sample goes out beside its metrics. */
static enum item_next send_rest(struct delivery *d, struct item *item, const struct call_port *port)
{
    bool is_beside = item->needs_update && !item->updates_last && item->row.op != OUTBOX_ROOT_END;
    if (send_parts(d, item, port) && is_beside) {
        (void)request_send(d, port, item, REQUEST_UPDATE, 0);
    }
    return sent_or_blocked(item);
}

static bool item_send(struct delivery *d, struct item *item, const struct call_port *port, enum item_next *ret,
                      struct err *err)
{
    bool may_go = true;
    if (item->is_unsure_of_span) {
        *ret = send_one(d, item, port, REQUEST_LOOK_SPAN);
    } else if (!item->exists) {
        *ret = send_one(d, item, port, REQUEST_CREATE);
    } else if (item->is_unsure_of_metrics) {
        *ret = look_at_metrics(d, item, port);
    } else if (item_has_parts(item)) {
        *ret = send_rest(d, item, port);
    } else if (!item->needs_update) {
        *ret = item_over(d, item);
    } else if (!may_update(d, item, &may_go, err)) {
        return false;
    } else {
        *ret = may_go ? send_one(d, item, port, REQUEST_UPDATE) : ITEM_PARKED;
    }
    if (!may_go) {
        item_unrender(d, item); /* what it waits for needs the room */
    }
    return true;
}

bool item_step(struct delivery *d, struct item *item, const struct call_port *port, enum item_next *ret,
               struct err *err)
{
    bool may_go = item->ahead == NULL && (item->lane->root_is_there || item->row.op == OUTBOX_ROOT_BEGIN);
    if (may_go && item->all_done && !item->is_rendered && !may_update(d, item, &may_go, err)) {
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
    if (item->row.op == OUTBOX_ROOT_END && item->lane->root_was_there && !item->has_sent) {
        item->is_unsure_of_metrics = true;
    }
    return item_send(d, item, port, ret, err);
}
