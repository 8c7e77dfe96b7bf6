#include "opper/deliver.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "opper/deliver_private.h"
#include "store/store.h"

enum {
    REASON_BYTES = 4096,
    WRITES_DUE = 32,
    WRITE_MS = 50,
    TAKE_ROWS = 256,
    TAKE_MS = 10,
    FAILURES_OUT = 32, /* in a row: nothing succeeds any more */
    PROBE_CAP_S = 10,
    RESCAN_S = 5,
    STORE_WAIT_MS = 30000
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

static struct item *item_new(struct delivery *d)
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
    item_push(&d->spare, item);
}

static void keep(struct delivery *d, const struct item *item)
{
    struct outbox_row row = item->row;
    row.state = item_state_to_keep(item);
    delivery_add_write(d, WRITE_KEEP, &row, STR_NULL);
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

static void put_back_of(struct delivery *d, struct item_list *list, const struct lane *lane)
{
    struct item_list all = *list;
    struct item *item = NULL;
    *list = (struct item_list){0};
    while ((item = item_pop(&all)) != NULL) {
        if (item->lane != lane) {
            item_push(list, item);
            continue;
        }
        keep(d, item);
        delivery_forget_item(d, item);
    }
}

static void refuse_lane(struct delivery *d, struct lane *lane)
{
    lane->is_refused = true;
    d->refused[d->refused_count++] = lane->run->seq;
}

void delivery_refuse_lane(struct delivery *d, struct lane *lane)
{
    refuse_lane(d, lane);
    put_back_of(d, &d->parked, lane);
    put_back_of(d, &d->ready, lane);
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

void delivery_refuse(struct delivery *d, struct str words)
{
    if (!d->is_stopped) {
        set_reason(d, words);
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
    lane->root_is_there = !root_waits;
    if (*ret_found && root_waits && root == OUTBOX_DEAD) {
        refuse_lane(d, lane);
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

static bool store_begin_waiting(struct store *store, struct err *err)
{
    bool is_busy = false;
    if (!store_begin(store, STORE_WAIT_MS, &is_busy, err)) {
        return false;
    }
    return !is_busy ||
           err_set(err, ERR_IO, "the store is busy: another process has been writing for %d s", STORE_WAIT_MS / 1000);
}

static bool commit_or_roll_back(struct store *store, bool is_good, struct err *err)
{
    if (is_good && store_commit(store, err)) {
        return true;
    }
    store_rollback(store);
    return false;
}

bool delivery_open(const struct delivery_order *order, struct delivery **ret, struct err *err)
{
    struct delivery *d CLEANUP(delivery_close) = mem_alloc(sizeof(*d));
    d->order = *order;
    d->writes_end = &d->writes;
    d->opened_ns = d->now_ns = d->progress_ns = clock_ns(order->clock);
    d->has_more = order->invocation_count > 0;
    buf_init(&d->reason, REASON_BYTES);
    d->taken = arena_array(&d->arena, struct outbox_row, TAKE_ROWS);
    rng_seed(&d->rng, order->seed);
    if (!open_lanes(d, err) || !store_begin_waiting(order->store, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < order->invocation_count && ok; i++) {
        ok = store_outbox_recover(order->store, order->invocations[i]->seq, err);
    }
    if (!commit_or_roll_back(order->store, ok, err)) {
        return false;
    }
    *ret = take_ptr(&d);
    return true;
}

/* --- changes of the outbox ------------------------------------------------------------------------------------------------------------------ */

void delivery_add_write(struct delivery *d, enum write_kind kind, const struct outbox_row *row, struct str error)
{
    struct write *w = mem_alloc(sizeof(*w));
    *w = (struct write){.kind = kind, .row = *row};
    if (error.len > 0) {
        w->error = mem_alloc(error.len + 1);
        memcpy(w->error, error.ptr, error.len);
    }
    w->row.last_error = str_from(w->error);
    if (d->writes == NULL) {
        d->oldest_write_ns = d->now_ns;
    }
    *d->writes_end = w;
    d->writes_end = &w->next;
    d->write_count++;
}

static void writes_free(struct delivery *d)
{
    while (d->writes != NULL) {
        struct write *w = d->writes;
        d->writes = w->next;
        mem_free(w->error);
        mem_free(w);
    }
    d->writes_end = &d->writes;
    d->write_count = 0;
}

static size_t room_to_take(const struct delivery *d)
{
    if (!d->has_more || d->is_stopped || d->is_closing || delivery_is_out(d)) {
        return 0;
    }
    return d->window < DELIVER_WINDOW ? DELIVER_WINDOW - d->window : 0;
}

bool delivery_wants_write(const struct delivery *d, int64_t now_ns)
{
    if (d->write_count >= WRITES_DUE || d->ahead_wanted.first != NULL) {
        return true;
    }
    bool is_at_rest = d->in_flight == 0 && d->ready.first == NULL; /* the root's end waits for it */
    if (d->writes != NULL && (is_at_rest || now_ns >= d->oldest_write_ns + WRITE_MS * NS_PER_MS)) {
        return true;
    }
    return room_to_take(d) >= DELIVER_WINDOW / 2 && now_ns >= d->took_ns + TAKE_MS * NS_PER_MS;
}

static bool write_one(struct delivery *d, const struct write *w, struct err *err)
{
    switch (w->kind) {
    case WRITE_DROP:
        return store_outbox_drop(d->order.store, w->row.seq, err);
    case WRITE_KEEP:
        return store_outbox_keep(d->order.store, &w->row, err);
    case WRITE_DEAD_PART:
        break;
    }
    return store_outbox_add_dead(d->order.store, &w->row, err);
}

/* Rows of one invocation after the other, as many as there is room for. */
static bool take_rows(struct delivery *d, struct err *err)
{
    size_t room = room_to_take(d);
    d->taken_count = d->taken_later = 0;
    d->taken_limit = room < TAKE_ROWS ? room : TAKE_ROWS;
    d->taken_source = d->source;
    d->taken_scanned = d->after;
    while (d->taken_count < d->taken_limit) {
        struct outbox_take take = {
            .invocation = d->order.invocations[d->taken_source]->seq,
            .after = d->taken_scanned,
            .now_unix_ms = clock_unix_ms(d->order.clock),
            .limit = d->taken_limit - d->taken_count,
            .runs_not = d->refused,
            .runs_not_count = d->refused_count,
        };
        size_t count = 0;
        size_t later = 0;
        if (!store_outbox_take(d->order.store, &d->taken_arena, &take, &d->taken[d->taken_count], &count,
                               &d->taken_scanned, &later, err)) {
            return false;
        }
        d->taken_count += count;
        d->taken_later += later;
        if (count == take.limit || d->taken_source + 1 == d->order.invocation_count) {
            break;
        }
        d->taken_source++;
        d->taken_scanned = 0;
    }
    return true;
}

bool delivery_write(struct delivery *d, struct err *err)
{
    for (const struct write *w = d->writes; w != NULL; w = w->next) {
        if (!write_one(d, w, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < d->lane_count; i++) {
        struct lane *lane = &d->lanes[i];
        if (lane->has_mark && !lane->is_marked &&
            !store_mark_ahead(d->order.store, lane->run->seq, lane->mark_ordinal, lane->mark_trial, err)) {
            return false;
        }
    }
    return take_rows(d, err);
}

static void enter_window(struct delivery *d, const struct outbox_row *row)
{
    struct lane *lane = delivery_lane(d, row->run);
    if (lane == NULL) { /* a run without a recording has no rows */
        return;
    }
    struct item *item = item_new(d);
    item->row = *row;
    item->row.last_error = STR_NULL;
    item->lane = lane;
    lane->in_window++;
    d->window++;
    item_begin(d, item);
    retry_budget_request(&d->budget);
    item_push(&d->ready, item);
}

void delivery_committed(struct delivery *d)
{
    writes_free(d);
    for (size_t i = 0; i < d->lane_count; i++) {
        d->lanes[i].is_marked = d->lanes[i].has_mark;
    }
    ahead_marks_stored(d);
    if (d->taken_limit > 0) {
        d->took_ns = d->now_ns;
        d->source = d->taken_source;
        d->after = d->taken_scanned;
        d->later += d->taken_later;
        d->has_more = d->taken_count == d->taken_limit;
        if (!d->has_more && d->later > 0) {
            d->rescan_ns = d->now_ns + RESCAN_S * NS_PER_S;
        }
    }
    for (size_t i = 0; i < d->taken_count; i++) {
        enter_window(d, &d->taken[i]);
    }
    d->taken_count = d->taken_limit = 0;
    arena_reset(&d->taken_arena);
    delivery_unpark(d, NULL); /* a root's end may have waited for this */
}

void delivery_rolled_back(struct delivery *d)
{
    d->taken_count = d->taken_limit = 0;
    arena_reset(&d->taken_arena);
}

/* Numbers of rows that are gone are given again, so a new row may stand before the place that was scanned last. */
void delivery_row_added(struct delivery *d, int64_t seq)
{
    d->has_more = true;
    d->after = d->source > 0 ? 0 : seq <= d->after ? seq - 1 : d->after;
    d->source = 0;
}

void delivery_rows_added(struct delivery *d)
{
    delivery_row_added(d, 1);
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
    if (d->later > 0 && !d->has_more && d->now_ns >= d->rescan_ns) {
        d->source = 0;
        d->after = 0;
        d->later = 0;
        d->has_more = true;
    }
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
            item_unrender(d, item);
            item_push(&d->waiting, item);
            break;
        case ITEM_OVER:
            delivery_forget_item(d, item);
            break;
        }
    }
    return true;
}

bool delivery_turn(struct delivery *d, const struct call_port *port, int64_t until_ns, struct err *err)
{
    d->now_ns = clock_ns(d->order.clock);
    d->is_blocked = false;
    wake_waiting(d);
    ahead_send(d, port, until_ns);
    return d->is_blocked || send_ready(d, port, until_ns, err);
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
    request_free(d, r);
    return true;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t delivery_next_ns(const struct delivery *d)
{
    if (d->is_stopped || d->is_closing) {
        return d->writes != NULL ? d->oldest_write_ns + WRITE_MS * NS_PER_MS : INT64_MAX;
    }
    bool is_out = delivery_is_out(d);
    int64_t next_ns = INT64_MAX;
    if (d->ready.first != NULL && !d->is_blocked) {
        next_ns = !is_out ? d->now_ns : d->in_flight == 0 ? d->probe_ns : INT64_MAX;
    }
    for (const struct item *i = d->waiting.first; i != NULL; i = i->next) {
        next_ns = earlier(next_ns, i->resume_ns);
    }
    if (d->writes != NULL) {
        next_ns = earlier(next_ns, d->oldest_write_ns + WRITE_MS * NS_PER_MS);
    }
    if (d->ahead_wanted.first != NULL) {
        next_ns = d->now_ns;
    }
    if (room_to_take(d) >= DELIVER_WINDOW / 2) {
        next_ns = earlier(next_ns, d->took_ns + TAKE_MS * NS_PER_MS);
    }
    if (d->later > 0 && !d->has_more) {
        next_ns = earlier(next_ns, d->rescan_ns);
    }
    return next_ns;
}

/* --- closing ----------------------------------------------------------------------------------------------------------------------------------- */

static void keep_all(struct delivery *d, const struct item_list *list)
{
    for (const struct item *item = list->first; item != NULL; item = item->next) {
        keep(d, item);
    }
}

bool delivery_put_back(struct delivery *d, struct err *err)
{
    d->is_closing = true;
    keep_all(d, &d->ready);
    keep_all(d, &d->waiting);
    keep_all(d, &d->parked);
    if (d->writes == NULL) {
        return true;
    }
    if (!store_begin_waiting(d->order.store, err)) {
        return false;
    }
    bool ok = delivery_write(d, err);
    if (!commit_or_roll_back(d->order.store, ok, err)) {
        return false;
    }
    writes_free(d);
    return true;
}

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
        arena_deinit(&r->arena);
        mem_free(r);
    }
    writes_free(d);
    ahead_free_all(d);
    buf_deinit(&d->reason);
    arena_deinit(&d->taken_arena);
    arena_deinit(&d->arena);
    mem_free(d);
    *delivery = NULL;
}
