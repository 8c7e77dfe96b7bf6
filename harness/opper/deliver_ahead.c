#include "opper/deliver_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "wire/reply.h"

/* --- the table -------------------------------------------------------------------------------------------------------------------------- */

static size_t bucket_of(const struct uuid *span)
{
    uint64_t head = 0; /* ids are digests: any bytes of them are as good as a hash */
    memcpy(&head, span->bytes, sizeof(head));
    return (size_t)(head % AHEAD_BUCKETS);
}

struct ahead *ahead_find(const struct delivery *d, const struct uuid *span)
{
    struct ahead *a = d->buckets[bucket_of(span)];
    while (a != NULL && !id_eq(&a->span, span)) {
        a = a->bucket_next;
    }
    return a;
}

struct ahead *ahead_of_row(const struct delivery *d, int64_t row)
{
    for (size_t i = 0; d->ahead_sent > 0 && i < AHEAD_BUCKETS; i++) {
        for (struct ahead *a = d->buckets[i]; a != NULL; a = a->bucket_next) {
            if (a->row == row && a->state == AHEAD_SENT) {
                return a;
            }
        }
    }
    return NULL;
}

static void ahead_free(struct ahead *a)
{
    mem_free(a->case_id);
    mem_free(a);
}

static void list_add(struct ahead_list *list, struct ahead *a)
{
    a->queue_next = NULL;
    *(list->first == NULL ? &list->first : &list->last->queue_next) = a;
    list->last = a;
}

/* `before` = the one before it; NULL = it is the first. */
static void list_take(struct ahead_list *list, struct ahead *before, struct ahead *a)
{
    *(before == NULL ? &list->first : &before->queue_next) = a->queue_next;
    list->last = list->last == a ? before : list->last;
    a->queue_next = NULL;
}

static void list_remove(struct ahead_list *list, struct ahead *ahead)
{
    struct ahead *before = NULL;
    for (struct ahead *a = list->first; a != NULL; before = a, a = a->queue_next) {
        if (a == ahead) {
            list_take(list, before, a);
            return;
        }
    }
}

static void ahead_remove(struct delivery *d, struct ahead *ahead)
{
    struct ahead **at = &d->buckets[bucket_of(&ahead->span)];
    while (*at != ahead) {
        at = &(*at)->bucket_next;
    }
    *at = ahead->bucket_next;
    d->ahead_count--;
    if (ahead->state == AHEAD_WANTED) {
        list_remove(&d->ahead_wanted, ahead);
    } else if (ahead->state == AHEAD_READY) {
        list_remove(&d->ahead_ready, ahead);
    }
    ahead_free(ahead);
}

void ahead_free_all(struct delivery *d)
{
    for (size_t i = 0; i < AHEAD_BUCKETS; i++) {
        while (d->buckets[i] != NULL) {
            struct ahead *a = d->buckets[i];
            d->buckets[i] = a->bucket_next;
            ahead_free(a);
        }
    }
}

/* --- asked for, stored, sent ---------------------------------------------------------------------------------------------------------------- */

bool delivery_wants_ahead(const struct delivery *d)
{
    return !d->is_stopped && !d->is_closing && !delivery_is_out(d);
}

static bool is_before(uint64_t ordinal, uint32_t trial, uint64_t than_ordinal, uint32_t than_trial)
{
    return ordinal < than_ordinal || (ordinal == than_ordinal && trial <= than_trial);
}

/* An earlier process may have created it: nobody knows. */
static bool may_be_there(const struct lane *lane, const struct sample_record *s)
{
    const struct recording *r = &lane->recording;
    return r->has_ahead && is_before(s->ordinal, s->trial, r->ahead_ordinal, r->ahead_trial);
}

void delivery_ahead(struct delivery *d, const struct run_record *run, const struct sample_record *sample)
{
    struct lane *lane = delivery_lane(d, run->seq);
    if (lane == NULL || lane->is_refused || may_be_there(lane, sample) || ahead_find(d, &sample->span) != NULL) {
        return;
    }
    struct ahead *a = mem_alloc(sizeof(*a));
    *a = (struct ahead){.span = sample->span, .lane = lane, .ordinal = sample->ordinal, .trial = sample->trial};
    a->case_id = mem_alloc(sample->case_id.len + 1);
    memcpy(a->case_id, sample->case_id.ptr, sample->case_id.len);
    struct ahead **bucket = &d->buckets[bucket_of(&a->span)];
    a->bucket_next = *bucket;
    *bucket = a;
    d->ahead_count++;
    list_add(&d->ahead_wanted, a);
    if (!lane->has_mark || !is_before(a->ordinal, a->trial, lane->mark_ordinal, lane->mark_trial)) {
        lane->has_mark = true;
        lane->is_marked = false;
        lane->mark_ordinal = a->ordinal;
        lane->mark_trial = a->trial;
    }
}

void ahead_marks_stored(struct delivery *d)
{
    struct ahead *a = NULL;
    while ((a = d->ahead_wanted.first) != NULL) {
        list_take(&d->ahead_wanted, NULL, a);
        a->state = AHEAD_READY;
        list_add(&d->ahead_ready, a);
    }
}

/* The first whose root is there; of several runs each has its own. */
static struct ahead *find_ready(struct delivery *d, struct ahead **ret_before)
{
    *ret_before = NULL;
    struct ahead *a = d->ahead_ready.first;
    while (a != NULL && !a->lane->root_is_there) {
        *ret_before = a;
        a = a->queue_next;
    }
    return a;
}

void ahead_send(struct delivery *d, const struct call_port *port, int64_t until_ns)
{
    while (!d->is_stopped && !d->is_closing && !delivery_is_out(d) && clock_ns(d->order.clock) < until_ns) {
        struct ahead *before = NULL;
        struct ahead *a = find_ready(d, &before);
        if (a == NULL) {
            return;
        }
        if (!request_send_ahead(d, port, a)) {
            d->is_blocked = true;
            return;
        }
        list_take(&d->ahead_ready, before, a);
        a->state = AHEAD_SENT;
        d->ahead_sent++;
    }
}

/* --- what came of it ------------------------------------------------------------------------------------------------------------------------- */

static enum ahead_state state_of(struct delivery *d, struct ahead *a, const struct call_result *result)
{
    struct str id;
    enum wire_reply reply = wire_reply_of(result);
    if (reply == WIRE_OK) {
        bool is_ours =
            wire_read_id(&d->scratch, result->output, &id) && wire_id_eq(id, str_from(id_text(&a->span).text));
        if (is_ours) {
            delivery_succeeded(d, true);
        }
        return is_ours ? AHEAD_THERE : AHEAD_UNSURE;
    }
    if (reply == WIRE_ACCESS) {
        delivery_refuse(d, wire_reply_words(&d->scratch, result, 0));
        return AHEAD_NOT;
    }
    if (reply == WIRE_AGAIN || reply == WIRE_UNREACHABLE) {
        delivery_failed(d, wire_reply_words(&d->scratch, result, 0));
    }
    bool is_clear = result->http_status == 429 || (result->status == CALL_NETWORK && !result->is_unclear);
    bool is_refused = (reply == WIRE_REFUSED && result->http_status != 409) || reply == WIRE_MISCONFIGURED;
    return is_clear || is_refused ? AHEAD_NOT : AHEAD_UNSURE; /* the sample's own row will find out, and say why */
}

void ahead_answer(struct delivery *d, struct ahead *a, const struct call_result *result)
{
    a->state = state_of(d, a, result);
    d->ahead_sent--;
    if (a->row == 0) {
        return;
    }
    /* its sample was recorded meanwhile */
    struct item *item = a->item;
    if (item != NULL) {
        item->ahead = NULL;
        item->exists = a->state == AHEAD_THERE;
        item->needs_update = item->exists;
        item->is_unsure_of_span = item->may_be_bare = a->state == AHEAD_UNSURE;
        item->is_unsure_of_metrics = a->state == AHEAD_UNSURE; /* somebody else may have made it */
        delivery_unpark(d, item->lane);
    } else if (a->state != AHEAD_UNSURE) {
        struct outbox_row row = {
            .seq = a->row,
            .op = a->state == AHEAD_THERE ? OUTBOX_SAMPLE_REST : OUTBOX_SAMPLE,
            .state = OUTBOX_QUEUED,
        };
        delivery_add_write(d, WRITE_KEEP, &row, STR_NULL);
    }
    ahead_remove(d, a);
}

bool delivery_has_span(const struct delivery *d, const struct uuid *span)
{
    const struct ahead *a = ahead_find(d, span);
    return a != NULL && a->state == AHEAD_THERE;
}

bool delivery_is_coming(const struct delivery *d, const struct uuid *span)
{
    const struct ahead *a = delivery_wants_ahead(d) ? ahead_find(d, span) : NULL;
    return a != NULL && (a->state == AHEAD_WANTED || a->state == AHEAD_READY || a->state == AHEAD_SENT);
}

bool delivery_is_ahead(const struct delivery *d)
{
    return d->ahead_wanted.first == NULL && d->ahead_ready.first == NULL && d->ahead_sent == 0;
}

bool delivery_queue_sample(struct delivery *d, const struct run_record *run, const struct sample_record *sample,
                           struct err *err)
{
    struct lane *lane = delivery_lane(d, run->seq);
    if (lane == NULL) {
        return true;
    }
    struct ahead *a = ahead_find(d, &sample->span);
    bool is_unsure = a == NULL ? may_be_there(lane, sample) : a->state == AHEAD_SENT || a->state == AHEAD_UNSURE;
    bool is_there = a != NULL && a->state == AHEAD_THERE;
    int64_t row = 0;
    if (!store_outbox_add_sample(d->order.store, run, sample, is_there ? OUTBOX_SAMPLE_REST : OUTBOX_SAMPLE,
                                 is_unsure ? OUTBOX_UNCLEAR : OUTBOX_QUEUED, &row, err)) {
        return false;
    }
    delivery_row_added(d, row);
    lane->new_spans++;
    lane->new_metrics += record_count_metrics(sample, run->dimensions);
    if (a != NULL && a->state == AHEAD_SENT) {
        a->row = row;
    } else if (a != NULL) {
        ahead_remove(d, a);
    }
    return true;
}
