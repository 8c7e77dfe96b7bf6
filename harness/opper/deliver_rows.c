/* Rows of the outbox: taken into the window, and what became of them written back; both in transactions of whoever commits. */

#include "opper/deliver_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "store/store.h"

enum { WRITES_DUE = 32, WRITE_MS = 50, TAKE_MS = 10, RESCAN_S = 5 };

/* --- when ------------------------------------------------------------------------------------------------------------------------------------- */

static size_t room_to_take(const struct delivery *d)
{
    if (!d->has_more || d->is_stopped || d->is_closing || delivery_is_out(d)) {
        return 0;
    }
    return d->window < DELIVER_WINDOW ? DELIVER_WINDOW - d->window : 0;
}

/* Nothing goes on until what was decided is stored: the root's end waits for it. */
static bool is_at_rest(const struct delivery *d)
{
    return d->in_flight == 0 && d->ready.first == NULL;
}

bool delivery_wants_write(const struct delivery *d, int64_t now_ns)
{
    if (d->write_count >= WRITES_DUE || d->ahead_wanted.first != NULL) {
        return true;
    }
    if (d->writes != NULL && (is_at_rest(d) || now_ns >= d->oldest_write_ns + WRITE_MS * NS_PER_MS)) {
        return true;
    }
    return room_to_take(d) >= DELIVER_WINDOW / 2 && now_ns >= d->took_ns + TAKE_MS * NS_PER_MS;
}

int64_t delivery_next_write_ns(const struct delivery *d)
{
    int64_t next_ns = d->writes == NULL ? INT64_MAX
                      : is_at_rest(d)   ? d->now_ns
                                        : d->oldest_write_ns + WRITE_MS * NS_PER_MS;
    if (d->is_stopped || d->is_closing) {
        return next_ns;
    }
    if (room_to_take(d) >= DELIVER_WINDOW / 2 && d->took_ns + TAKE_MS * NS_PER_MS < next_ns) {
        next_ns = d->took_ns + TAKE_MS * NS_PER_MS;
    }
    if (d->later > 0 && !d->has_more && d->rescan_ns < next_ns) {
        next_ns = d->rescan_ns;
    }
    return next_ns;
}

/* --- what became of them --------------------------------------------------------------------------------------------------------------------- */

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

void delivery_free_writes(struct delivery *d)
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

static void keep(struct delivery *d, const struct item *item)
{
    struct outbox_row row = item->row;
    row.state = item_state_to_keep(item);
    delivery_add_write(d, WRITE_KEEP, &row, STR_NULL);
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

/* --- taking ------------------------------------------------------------------------------------------------------------------------------------ */

/* Rows of one invocation after the other, as many as there is room for. */
static bool take_rows(struct delivery *d, struct err *err)
{
    size_t room = room_to_take(d);
    d->taken_count = d->taken_later = 0;
    d->taken_limit = room < DELIVER_TAKE_ROWS ? room : DELIVER_TAKE_ROWS;
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

static bool write_lane(struct delivery *d, const struct lane *lane, struct err *err)
{
    int64_t run = lane->run->seq;
    return (!lane->has_mark || lane->is_marked ||
            store_mark_ahead(d->order.store, run, lane->mark_ordinal, lane->mark_trial, err)) &&
           (lane->new_spans == 0 || store_count_recorded(d->order.store, run, lane->new_spans, lane->new_metrics, err));
}

bool delivery_write(struct delivery *d, struct err *err)
{
    for (const struct write *w = d->writes; w != NULL; w = w->next) {
        if (!write_one(d, w, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < d->lane_count; i++) {
        if (!write_lane(d, &d->lanes[i], err)) {
            return false;
        }
    }
    return take_rows(d, err);
}

static void forget_new(struct delivery *d)
{
    for (size_t i = 0; i < d->lane_count; i++) {
        d->lanes[i].new_spans = d->lanes[i].new_metrics = 0;
    }
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
    delivery_free_writes(d);
    forget_new(d);
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
    forget_new(d);
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

void delivery_rescan(struct delivery *d)
{
    if (d->later > 0 && !d->has_more && d->now_ns >= d->rescan_ns) {
        d->source = 0;
        d->after = 0;
        d->later = 0;
        d->has_more = true;
    }
}

/* --- putting back -------------------------------------------------------------------------------------------------------------------------------- */

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

void delivery_refuse_lane(struct delivery *d, struct lane *lane)
{
    lane->is_refused = true;
    d->refused[d->refused_count++] = lane->run->seq;
    put_back_of(d, &d->parked, lane);
    put_back_of(d, &d->ready, lane);
}

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
    if (!store_end(d->order.store, ok, err)) {
        return false;
    }
    delivery_free_writes(d);
    return true;
}
