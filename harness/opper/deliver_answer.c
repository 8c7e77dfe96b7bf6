/* What an answer does to a row: confirmed, refused, to be tried again, or open. */

#include "opper/deliver_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "wire/reply.h"

enum { ROUNDS_IN_WINDOW = 6, CONFLICTS_MAX = 3, LATER_S = 20, OVER_BUDGET_S = 2, PAUSE_CAP_S = 10 };

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
    item_part_dead(item, part);
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
    struct wire_span span;
    struct str id;
    struct err ignored = ERR_NULL;
    switch (r->kind) {
    case REQUEST_CREATE:
    case REQUEST_UPDATE:
        if (!wire_read_id(&d->scratch, body, &id)) {
            return false;
        }
        if (!is_other_span(d, item, id)) {
            /* some services answer a creation by what was there before */
            item->needs_update = r->kind == REQUEST_CREATE && item->may_be_bare;
            item->exists = true;
        }
        return true;
    case REQUEST_LOOK_SPAN:
        if (!wire_span_read(&d->scratch, body, &span, &ignored)) {
            return false;
        }
        if (!is_other_span(d, item, span.id)) {
            item_look_at_span(item, &span);
        }
        return true;
    case REQUEST_METRIC:
    case REQUEST_CHANGE_METRIC:
        if (!wire_read_id(&d->scratch, body, &id)) {
            return false;
        }
        item_part_done(item, r->part);
        return true;
    case REQUEST_LOOK_METRICS:
        return item_look_at_page(item, body);
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
        item->is_unsure_of_metrics = item->is_unsure_of_metrics || !is_clear;
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

/* The service says that it is there: looked at, as often as it says so, until looks have not found it too often. False: it is a refusal. All metrics that
 * are answered so beside each other take one look. */
static bool item_conflict(struct item *item, const struct request *r)
{
    struct part *part = r->kind == REQUEST_METRIC ? &item->parts[r->part] : NULL;
    if (r->kind == REQUEST_CREATE && item->conflicts < CONFLICTS_MAX) {
        item->conflicts++;
        item->is_unsure_of_span = true;
        item_was_there(item);
        return true;
    }
    if (part != NULL && part->vain_looks < CONFLICTS_MAX) {
        part->state = PART_TODO;
        part->is_in_conflict = true;
        item->is_unsure_of_metrics = true;
        return true;
    }
    return false;
}

static void item_refuse(struct delivery *d, struct item *item, const struct request *r,
                        const struct call_result *result)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct str words = wire_reply_words(&scratch, result, r->call.timeout_ns);
    if (result->http_status == 409 && item_conflict(item, r)) {
        return;
    }
    switch (r->kind) {
    case REQUEST_CREATE:
    case REQUEST_LOOK_SPAN:
    case REQUEST_LOOK_METRICS:
        item_die(d, item, item->row.op, words);
        break;
    case REQUEST_UPDATE:
        item->updates_last = item->outstanding > 0 || item_has_parts(item);
        if (!item->updates_last) {
            item_die(d, item, OUTBOX_UPDATE, words);
        }
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
        item_span_is_gone(item);
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
        if (!item->exists) {
            break; /* another request of the same round has seen it already */
        }
        if (!item->was_gone) {
            item->was_gone = true;
            item_span_is_gone(item);
            item->may_be_bare = true; /* if it is there after all, a creation may be answered by what it was */
            item->is_unsure_of_metrics = item->row.op != OUTBOX_SUPERSEDED; /* it was there before: it may be again */
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
    item_wait(d, item);
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
