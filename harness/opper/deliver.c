#include "opper/deliver.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "opper/deliver_private.h"
#include "store/store.h"

enum {
    REASON_BYTES = 4096,
    FAILURES_OUT = 32, /* in a row: nothing succeeds any more */
    PROBE_CAP_S = 10
};

/* --- lists ------------------------------------------------------------------------------------------------------------------------------ */

void item_push(struct item_list *list, struct item *item)
{
    item->next = NULL;
    *(list->first == NULL ? &list->first : &list->last->next) = item;
    list->last = item;
}

struct item *item_pop(struct item_list *list)
{
    struct item *item = list->first;
    if (item != NULL) {
        list->first = item->next;
        item->next = NULL;
    }
    return item;
}

void item_push_first(struct item_list *list, struct item *item)
{
    list->last = list->first == NULL ? item : list->last;
    item->next = list->first;
    list->first = item;
}

struct lane *delivery_lane(struct delivery *d, int64_t run)
{
    for (size_t i = 0; i < d->lane_count; i++) {
        if (d->lanes[i].run->seq == run) {
            return &d->lanes[i];
        }
    }
    return NULL;
}

struct item *item_new(struct delivery *d)
{
    struct item *item = item_pop(&d->spare);
    if (item == NULL) {
        return mem_alloc(sizeof(*item));
    }
    struct arena arena = item->arena;
    *item = (struct item){.arena = arena};
    return item;
}

void delivery_forget_item(struct delivery *d, struct item *item)
{
    item_unrender(d, item);
    if (item->ahead != NULL) {
        item->ahead->item = NULL;
    }
    item->lane->in_window--;
    d->window--;
    if (item->lane->in_window == 1) {
        delivery_unpark(d, item->lane);
    }
    item_push_first(&d->spare, item); /* the next one takes its memory */
}

void item_wait(struct delivery *d, struct item *item)
{
    item_unrender(d, item);
    arena_deinit(&item->arena); /* many may wait at once */
    item_push(&d->waiting, item);
}

void delivery_unpark(struct delivery *d, const struct lane *lane)
{
    struct item_list still = {0};
    struct item *item = NULL;
    while ((item = item_pop(&d->parked)) != NULL) {
        item_push(lane == NULL || item->lane == lane ? &d->ready : &still, item);
    }
    d->parked = still;
}

/* --- how it goes -------------------------------------------------------------------------------------------------------------------------- */

static void set_reason(struct delivery *d, struct str words)
{
    buf_clear(&d->reason);
    buf_append(&d->reason, words);
}

void delivery_succeeded(struct delivery *d, bool is_progress)
{
    d->failures = 0;
    d->probes = 0;
    d->progress_ns = is_progress ? d->now_ns : d->progress_ns;
}

bool delivery_is_out(const struct delivery *d)
{
    return d->failures >= FAILURES_OUT;
}

void delivery_failed(struct delivery *d, struct str words)
{
    d->failures++;
    if (delivery_is_out(d)) {
        int64_t pause_ns = retry_delay_ns(&d->rng, d->probes++);
        d->probe_ns = d->now_ns + (pause_ns < PROBE_CAP_S * NS_PER_S ? pause_ns : PROBE_CAP_S * NS_PER_S);
    }
    if (!d->is_stopped) {
        set_reason(d, words);
    }
}

void delivery_refuse(struct delivery *d, struct str reason)
{
    if (!d->is_stopped) {
        set_reason(d, reason);
    }
    d->is_stopped = true;
}

void delivery_hold(struct delivery *d, bool is_held)
{
    d->is_closing = is_held;
}

void delivery_status(const struct delivery *d, struct delivery_status *ret)
{
    *ret = (struct delivery_status){
        .is_stopped = d->is_stopped,
        .is_idle = d->window == 0 && d->writes == NULL && !d->has_more && d->later == 0,
        .reason = buf_str(&d->reason),
        .progress_ns = d->progress_ns,
        .in_flight = d->in_flight,
        .requests = d->requests,
        .repeats = d->budget.repeats,
        .confirmed = d->confirmed,
    };
}

/* --- opening ------------------------------------------------------------------------------------------------------------------------------ */

const struct invocation_record *delivery_order_invocation(const struct delivery_order *order,
                                                          const struct run_record *run)
{
    for (size_t i = 0; i < order->invocation_count; i++) {
        if (order->invocations[i]->seq == run->invocation) {
            return order->invocations[i];
        }
    }
    return NULL;
}

/* False in *ret_found: the run is only recorded here. */
static bool open_lane(struct delivery *d, const struct run_record *run, bool *ret_found, struct err *err)
{
    const struct delivery_order *o = &d->order;
    struct lane *lane = &d->lanes[d->lane_count];
    enum outbox_state root = OUTBOX_QUEUED;
    bool root_waits = false;
    if (!store_recording(o->store, &d->arena, run->seq, ret_found, &lane->recording, err) ||
        !store_outbox_find_root(o->store, run->seq, &root_waits, &root, err)) {
        return false;
    }
    lane->invocation = delivery_order_invocation(o, run);
    lane->run = run;
    lane->root_is_there = lane->root_was_there = !root_waits;
    if (*ret_found && root_waits && root == OUTBOX_DEAD) {
        delivery_refuse_lane(d, lane);
    }
    return true;
}

static bool open_lanes(struct delivery *d, struct err *err)
{
    const struct delivery_order *o = &d->order;
    d->lanes = arena_array(&d->arena, struct lane, o->run_count);
    d->refused = arena_array(&d->arena, int64_t, o->run_count);
    for (size_t i = 0; i < o->run_count; i++) {
        bool found = false;
        if (!open_lane(d, o->runs[i], &found, err)) {
            return false;
        }
        d->lane_count += found ? 1 : 0;
    }
    return true;
}

bool delivery_open(const struct delivery_order *order, struct delivery **ret, struct err *err)
{
    struct delivery *d CLEANUP(delivery_close) = mem_alloc(sizeof(*d));
    d->order = *order;
    d->writes_end = &d->writes;
    d->opened_ns = d->now_ns = d->progress_ns = clock_ns(order->clock);
    d->has_more = order->invocation_count > 0;
    buf_init(&d->reason, REASON_BYTES);
    d->taken = arena_array(&d->arena, struct outbox_row, DELIVER_TAKE_ROWS);
    rng_seed(&d->rng, order->seed);
    if (!open_lanes(d, err) || !store_begin_waiting(order->store, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < order->invocation_count && ok; i++) {
        ok = store_outbox_recover(order->store, order->invocations[i]->seq, err);
    }
    if (!store_end(order->store, ok, err)) {
        return false;
    }
    *ret = take_ptr(&d);
    return true;
}

/* --- turns ------------------------------------------------------------------------------------------------------------------------------------ */

static void wake_waiting(struct delivery *d)
{
    struct item_list still = {0};
    struct item *item = NULL;
    while ((item = item_pop(&d->waiting)) != NULL) {
        item_push(d->now_ns >= item->resume_ns ? &d->ready : &still, item);
    }
    d->waiting = still;
}

/* When nothing succeeds any more, one request at a time finds out whether it does again. */
static bool may_send(const struct delivery *d)
{
    if (d->is_stopped || d->is_closing) {
        return false;
    }
    return !delivery_is_out(d) || (d->in_flight == 0 && d->now_ns >= d->probe_ns);
}

static bool send_ready(struct delivery *d, const struct call_port *port, int64_t until_ns, struct err *err)
{
    struct item *item = NULL;
    while (may_send(d) && clock_ns(d->order.clock) < until_ns && (item = item_pop(&d->ready)) != NULL) {
        enum item_next next = ITEM_BLOCKED;
        if (!item_step(d, item, port, &next, err)) {
            item_push_first(&d->ready, item);
            return false;
        }
        switch (next) {
        case ITEM_SENT:
            break;
        case ITEM_BLOCKED:
            item_push_first(&d->ready, item);
            d->is_blocked = true;
            return true;
        case ITEM_PARKED:
            item_push(&d->parked, item);
            break;
        case ITEM_WAITS:
            item_wait(d, item);
            break;
        case ITEM_OVER:
            delivery_forget_item(d, item);
            break;
        }
    }
    return true;
}

void delivery_turn_ahead(struct delivery *d, const struct call_port *port, int64_t until_ns)
{
    d->now_ns = clock_ns(d->order.clock);
    ahead_send(d, port, until_ns);
}

bool delivery_turn(struct delivery *d, const struct call_port *port, int64_t until_ns, struct err *err)
{
    d->now_ns = clock_ns(d->order.clock);
    d->is_blocked = false;
    wake_waiting(d);
    delivery_rescan(d);
    ahead_send(d, port, until_ns);
    bool ok = d->is_blocked || send_ready(d, port, until_ns, err);
    if (ok && !d->is_blocked) {
        ahead_send(d, port, until_ns); /* a root may be there since */
    }
    if (d->is_reading) {
        store_read_end(d->order.store);
        d->is_reading = false;
    }
    return ok;
}

bool delivery_answer(struct delivery *d, void *tag, const struct call_result *result, struct err *err)
{
    (void)err;
    struct request *r = tag;
    d->now_ns = clock_ns(d->order.clock);
    d->in_flight--;
    if (r->ahead != NULL) {
        ahead_answer(d, r->ahead, result);
    } else {
        item_answer(d, r->item, r, result);
    }
    arena_reset(&d->scratch);
    request_free(d, r);
    return true;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t delivery_next_ns(const struct delivery *d)
{
    int64_t next_ns = delivery_next_write_ns(d);
    if (d->is_stopped || d->is_closing) {
        return next_ns;
    }
    if (d->ready.first != NULL && !d->is_blocked) {
        bool is_out = delivery_is_out(d);
        next_ns = !is_out ? d->now_ns : d->in_flight == 0 ? earlier(next_ns, d->probe_ns) : next_ns;
    }
    for (const struct item *i = d->waiting.first; i != NULL; i = i->next) {
        next_ns = earlier(next_ns, i->resume_ns);
    }
    return d->ahead_wanted.first != NULL ? d->now_ns : next_ns;
}

/* --- closing ----------------------------------------------------------------------------------------------------------------------------------- */

static void item_free(struct item *item)
{
    arena_deinit(&item->arena);
    mem_free(item);
}

static void items_free(struct item_list *list)
{
    struct item *item = NULL;
    while ((item = item_pop(list)) != NULL) {
        item_free(item);
    }
}

/* Whose answers nobody will bring any more. */
static void sent_free(struct delivery *d)
{
    while (d->sent != NULL) {
        struct request *r = d->sent;
        if (r->item != NULL && --r->item->outstanding == 0) {
            item_free(r->item);
        }
        request_free(d, r);
    }
}

void delivery_close(struct delivery **delivery)
{
    struct delivery *d = *delivery;
    if (d == NULL) {
        return;
    }
    sent_free(d);
    items_free(&d->ready);
    items_free(&d->waiting);
    items_free(&d->parked);
    items_free(&d->spare);
    while (d->spare_requests != NULL) {
        struct request *r = d->spare_requests;
        d->spare_requests = r->next;
        buf_deinit(&r->text);
        mem_free(r);
    }
    delivery_free_writes(d);
    ahead_free_all(d);
    buf_deinit(&d->reason);
    arena_deinit(&d->scratch);
    arena_deinit(&d->taken_arena);
    arena_deinit(&d->arena);
    mem_free(d);
    *delivery = NULL;
}
