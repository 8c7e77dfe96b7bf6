#include "run/recorder.h"

#include "base/clock.h"
#include "base/err.h"
#include "io/loop.h"
#include "io/perform.h"
#include "model/service.h"
#include "run/driver.h"
#include "run/events.h"
#include "run/pending.h"
#include "run/session.h"
#include "store/outbox.h"
#include "store/store.h"

enum {
    BUSY_MS = 5,
    HOLD_MS = 2000,
    LAST_ANSWERS_MS = 1000,
    SHOWN_MS = 200,
    SEND_OFF_MS = 20,
    SEND_OFF_TURNS = 3 /* at least: one queues, one begins a connection, in the third a near one sends */
};

/* --- opening ------------------------------------------------------------------------------------------------------------------------------ */

static bool port_has_room(void *ctx)
{
    return perform_wants_behind(ctx);
}

static bool port_start(void *ctx, const struct call *call, void *tag)
{
    return perform_start(ctx, call, tag) == PERFORM_STARTED;
}

bool recorder_check_address(struct store *store, const struct service *service,
                            const struct invocation_record *invocation, const struct run_record *run, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct recording recording;
    bool found = false;
    if (!store_recording(store, &scratch, run->seq, &found, &recording, err)) {
        return false;
    }
    struct uuid_text id = id_text(&invocation->id);
    return !found || str_eq_cstr(recording.base_url, service->base_url) ||
           err_set(err, ERR_USAGE,
                   "run %.8s is recorded at %.*s, and OPPER_BASE_URL is %s now: set it back, or record all of it there "
                   "by `assay push %.8s --again`",
                   id.text, STR_ARG(recording.base_url), service->base_url, id.text);
}

bool recorder_open(struct recorder *r, const struct recorder_order *order, struct err *err)
{
    *r = (struct recorder){.order = *order};
    uint64_t seed = 0;
    for (size_t i = 0; i < sizeof(seed) && order->invocation_count > 0; i++) {
        seed = seed << 8 | order->invocations[0]->id.bytes[i];
    }
    r->addressed = (struct delivery_order){
        .store = order->store,
        .clock = order->clock,
        .base_url = order->service->base_url,
        .key = order->service->key,
        .invocations = order->invocations,
        .invocation_count = order->invocation_count,
        .runs = order->runs,
        .run_count = order->run_count,
        .seed = seed,
    };
    if (!delivery_open(&r->addressed, &r->delivery, err)) {
        return false;
    }
    if (order->service->key == NULL) {
        delivery_refuse(r->delivery, STR("OPPER_API_KEY is not set"));
    }
    r->port = (struct call_port){.ctx = order->driver->perform, .has_room = port_has_room, .start = port_start};
    r->walks = order->session != NULL && order->ahead_max > 0;
    if (r->walks) {
        walk_init(&r->walk, order->session);
        r->hold_until_ns = clock_ns(order->clock) + HOLD_MS * NS_PER_MS;
    }
    return true;
}

void recorder_close(struct recorder *r)
{
    if (r->delivery == NULL) {
        return;
    }
    if (r->order.session != NULL) {
        walk_deinit(&r->walk);
    }
    delivery_close(&r->delivery);
    arena_deinit(&r->answers);
}

/* --- while a run goes on --------------------------------------------------------------------------------------------------------------------- */

static bool ask_ahead(struct recorder *r, struct err *err)
{
    while (r->walks && r->asked < r->started + r->order.ahead_max) {
        struct walk_place place;
        bool has = false;
        if (!walk_next(&r->walk, &has, &place, err)) {
            return false;
        }
        r->walks = has;
        if (!has) {
            return true;
        }
        const struct run_record *run = &place.suite->runs[place.variant];
        /* one whose sample has started already comes too late */
        if (r->asked++ >= r->started && delivery_wants_ahead(r->delivery)) {
            struct sample_record sample = {
                .case_id = place.planned->id,
                .ordinal = place.planned->ordinal,
                .trial = place.trial,
                .attempt = place.attempt,
                .span = id_of_sample_span(&run->id, place.planned->id, place.trial, place.attempt),
            };
            delivery_ahead(r->delivery, run, &sample);
        }
    }
    return true;
}

bool recorder_may_begin(const struct recorder *r, int64_t now_ns)
{
    if (r->started > 0 || r->hold_until_ns == 0 || now_ns >= r->hold_until_ns) {
        return true;
    }
    struct delivery_status status;
    delivery_status(r->delivery, &status);
    return status.is_stopped || r->asked > 0;
}

bool recorder_holds_next(const struct recorder *r, struct pending *pending, int64_t now_ns, bool *ret, struct err *err)
{
    struct pending_sample next;
    bool has = false;
    *ret = false;
    if (r->started >= r->order.ahead_max / 2 || now_ns >= r->hold_until_ns) {
        return true;
    }
    if (!pending_next(pending, &has, &next, err)) {
        return false;
    }
    if (has) {
        struct uuid span =
            id_of_sample_span(&next.suite->runs[next.variant].id, next.shared->eval_case.id, next.trial, next.attempt);
        *ret = delivery_is_coming(r->delivery, &span);
        pending_put_back(pending, &next);
    }
    return true;
}

void recorder_started(struct recorder *r)
{
    r->started++;
}

/* Its own transaction, when no samples are about to be stored. */
static bool write_changes(struct recorder *r, int64_t now_ns, struct err *err)
{
    bool is_busy = false;
    if (!delivery_wants_write(r->delivery, now_ns) || now_ns < r->busy_until_ns) {
        return true;
    }
    if (!store_begin(r->order.store, 0, &is_busy, err)) {
        return false;
    }
    if (is_busy) {
        r->busy_until_ns = now_ns + BUSY_MS * NS_PER_MS;
        return true;
    }
    if (!delivery_write(r->delivery, err) || !store_commit(r->order.store, err)) {
        store_rollback(r->order.store);
        delivery_rolled_back(r->delivery);
        return false;
    }
    delivery_committed(r->delivery);
    return true;
}

void recorder_turn_ahead(struct recorder *r, int64_t until_ns)
{
    delivery_turn_ahead(r->delivery, &r->port, until_ns);
}

bool recorder_turn(struct recorder *r, int64_t until_ns, struct err *err)
{
    return ask_ahead(r, err) && write_changes(r, clock_ns(r->order.clock), err) &&
           delivery_turn(r->delivery, &r->port, until_ns, err);
}

int64_t recorder_next_ns(const struct recorder *r)
{
    int64_t next_ns = delivery_next_ns(r->delivery);
    return next_ns < r->busy_until_ns ? r->busy_until_ns : next_ns;
}

bool recorder_owns(const struct recorder *r, const struct call *call)
{
    return r->delivery != NULL && call->kind == CALL_HTTP && call->http.priority == HTTP_BEHIND;
}

bool recorder_take(struct recorder *r, void *tag, const struct call *call, struct err *err)
{
    struct call_result result;
    perform_result(r->order.driver->perform, call, &r->answers, &result);
    bool ok = delivery_answer(r->delivery, tag, &result, err);
    arena_reset(&r->answers);
    return ok;
}

/* --- afterwards -------------------------------------------------------------------------------------------------------------------------------- */

struct drain {
    struct recorder *recorder;
    const struct drain_limits *limits;
    const struct run_events *events;
    struct run_delivery shown;
    int64_t began_ns, shown_ns;
    bool has_taken; /* an answer, in the last turn: others may have come as well */
};

static bool take_answers(struct drain *d, struct err *err)
{
    struct recorder *r = d->recorder;
    void *tag = NULL;
    const struct call *call = NULL;
    d->has_taken = false;
    while (perform_take(r->order.driver->perform, &tag, &call)) {
        d->has_taken = true;
        if (!recorder_take(r, tag, call, err)) {
            return false;
        }
    }
    return true;
}

static bool count_left(struct drain *d, struct err *err)
{
    const struct recorder_order *o = &d->recorder->order;
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < o->run_count; i++) {
        uint64_t spans = 0;
        if (!store_pending_spans(o->store, &scratch, o->runs[i]->seq, &spans, err)) {
            return false;
        }
        d->shown.spans += spans;
    }
    return true;
}

static void show(struct drain *d, const struct delivery_status *status, uint64_t confirmed_before)
{
    int64_t now_ns = clock_ns(d->recorder->order.clock);
    if (d->events->delivery == NULL || now_ns < d->shown_ns + SHOWN_MS * NS_PER_MS) {
        return;
    }
    d->shown_ns = now_ns;
    d->shown.confirmed = status->confirmed - confirmed_before;
    d->shown.began_ns = d->began_ns;
    d->shown.now_ns = now_ns;
    d->shown.trouble = status->reason;
    d->events->delivery(d->events->ctx, &d->shown);
}

static bool is_over(const struct drain *d, const struct delivery_status *status, enum drain_end *ret)
{
    int64_t now_ns = clock_ns(d->recorder->order.clock);
    int64_t since_ns = status->progress_ns > d->began_ns ? status->progress_ns : d->began_ns;
    *ret = status->is_idle                                                           ? DRAIN_DONE
           : status->is_stopped                                                      ? DRAIN_REFUSED
           : d->recorder->order.driver->signals.interrupts > d->recorder->interrupts ? DRAIN_INTERRUPTED
           : now_ns >= since_ns + d->limits->idle_ns                                 ? DRAIN_NO_PROGRESS
                                                                                     : DRAIN_TOO_LONG;
    return *ret != DRAIN_TOO_LONG || now_ns >= d->began_ns + d->limits->max_ns;
}

/* When there is something to do without an answer. */
static int64_t drain_next_ns(const struct recorder *r)
{
    int64_t next_ns = recorder_next_ns(r);
    int64_t perform_ns = perform_next_ns(r->order.driver->perform);
    return next_ns < perform_ns ? next_ns : perform_ns;
}

static bool drain_turn(struct drain *d, int64_t longest_ns, struct err *err)
{
    struct recorder *r = d->recorder;
    struct driver *driver = r->order.driver;
    int64_t now_ns = clock_ns(r->order.clock);
    int64_t until_ns = drain_next_ns(r);
    until_ns = until_ns < now_ns + longest_ns ? until_ns : now_ns + longest_ns;
    if (!loop_wait(driver->loop, until_ns, err)) {
        return false;
    }
    signals_drain(&driver->signals);
    perform_turn(driver->perform);
    /* a turn may be long here, for nobody else waits; but signals are heeded a few times a second */
    return take_answers(d, err) && recorder_turn(r, clock_ns(r->order.clock) + SHOWN_MS * NS_PER_MS / 4, err);
}

/* Until nothing is under way, or `end_ns`. */
static bool drain_until(struct drain *d, int64_t end_ns, struct err *err)
{
    struct recorder *r = d->recorder;
    struct delivery_status status;
    delivery_status(r->delivery, &status);
    while (status.in_flight > 0 && clock_ns(r->order.clock) < end_ns) {
        if (!drain_turn(d, SHOWN_MS * NS_PER_MS, err)) {
            return false;
        }
        delivery_status(r->delivery, &status);
    }
    return true;
}

bool recorder_send_off(struct recorder *r, struct err *err)
{
    struct drain d = {.recorder = r};
    int64_t now_ns = clock_ns(r->order.clock);
    int64_t end_ns = now_ns + SEND_OFF_MS * NS_PER_MS;
    int turns = 0;
    do {
        if (!drain_turn(&d, 0, err)) {
            return false;
        }
        now_ns = clock_ns(r->order.clock);
        turns++;
    } while (now_ns < end_ns && (turns < SEND_OFF_TURNS || d.has_taken || drain_next_ns(r) <= now_ns));
    return true;
}

bool recorder_settle(struct recorder *r, struct err *err)
{
    struct drain d = {.recorder = r};
    delivery_hold(r->delivery, true);
    bool ok = drain_until(&d, INT64_MAX, err); /* a request ends by its time-out */
    if (!ok) {                                 /* the store failed: what it knows is that they may have arrived */
        struct err ignored = ERR_NULL;
        perform_cancel_all(r->order.driver->perform, true);
        (void)take_answers(&d, &ignored);
    }
    delivery_hold(r->delivery, false);
    return ok;
}

/* What is under way has a moment to come to its end, for what is cut off has to be looked up by whoever delivers next. */
static bool drain_finish(struct drain *d, struct err *err)
{
    struct recorder *r = d->recorder;
    delivery_hold(r->delivery, true);
    if (!drain_until(d, clock_ns(r->order.clock) + LAST_ANSWERS_MS * NS_PER_MS, err)) {
        return false;
    }
    perform_cancel_all(r->order.driver->perform, true);
    return drain_until(d, INT64_MAX, err);
}

static bool drain(struct recorder *r, const struct drain_limits *limits, const struct run_events *events,
                  struct arena *arena, enum drain_end *ret, struct str *ret_why, struct err *err)
{
    struct drain d = {
        .recorder = r,
        .limits = limits,
        .events = events,
        .began_ns = clock_ns(r->order.clock),
    };
    struct delivery_status status;
    r->walks = false; /* nothing starts any more */
    delivery_rows_added(r->delivery);
    delivery_status(r->delivery, &status);
    uint64_t confirmed_before = status.confirmed;
    if (!count_left(&d, err)) {
        return false;
    }
    while (!is_over(&d, &status, ret)) {
        if (!drain_turn(&d, SHOWN_MS * NS_PER_MS, err)) {
            return false;
        }
        delivery_status(r->delivery, &status);
        show(&d, &status, confirmed_before);
    }
    *ret_why = arena_str(arena, status.reason);
    return drain_finish(&d, err) && delivery_put_back(r->delivery, err);
}

/* --- verification -------------------------------------------------------------------------------------------------------------------------------- */

static bool verify_loop(struct recorder *r, struct verification *v, const struct run_events *events,
                        struct verify_status *ret, struct err *err)
{
    struct driver *driver = r->order.driver;
    struct run_delivery shown = {.began_ns = clock_ns(r->order.clock), .is_verifying = true};
    unsigned interrupts = driver->signals.interrupts;
    bool is_cancelled = false;
    for (verify_status(v, ret); !ret->is_over; verify_status(v, ret)) {
        if (!verify_turn(v, &r->port, err)) {
            return false;
        }
        int64_t now_ns = clock_ns(r->order.clock);
        int64_t until_ns = verify_next_ns(v);
        int64_t perform_ns = perform_next_ns(driver->perform);
        until_ns = until_ns < perform_ns ? until_ns : perform_ns;
        until_ns = until_ns < now_ns + SHOWN_MS * NS_PER_MS ? until_ns : now_ns + SHOWN_MS * NS_PER_MS;
        if (!loop_wait(driver->loop, until_ns, err)) {
            return false;
        }
        signals_drain(&driver->signals);
        perform_turn(driver->perform);
        if (driver->signals.interrupts > interrupts && !is_cancelled) {
            is_cancelled = true;
            verify_cancel(v, STR("interrupted"));
            perform_cancel_all(driver->perform, true);
        }
        void *tag = NULL;
        const struct call *call = NULL;
        while (perform_take(driver->perform, &tag, &call)) {
            struct call_result result;
            perform_result(driver->perform, call, &r->answers, &result);
            verify_answer(v, tag, &result);
            arena_reset(&r->answers);
        }
        shown.now_ns = clock_ns(r->order.clock);
        shown.confirmed = ret->spans;
        if (events->delivery != NULL) {
            events->delivery(events->ctx, &shown);
        }
    }
    return true;
}

static bool store_verified(struct recorder *r, const struct verification *v, struct err *err)
{
    if (!store_begin_waiting(r->order.store, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < r->order.run_count && ok; i++) {
        struct recording_counts counts = {0};
        verify_counts(v, r->order.runs[i]->seq, &counts);
        ok = !counts.is_verified || store_set_verified(r->order.store, r->order.runs[i]->seq, &counts, err);
    }
    return store_end(r->order.store, ok, err);
}

static bool verify(struct recorder *r, const struct run_events *events, struct arena *arena, struct verify_status *ret,
                   struct err *err)
{
    struct verification *v CLEANUP(verify_close) = NULL;
    if (!verify_open(&r->addressed, &v, err) || !verify_loop(r, v, events, ret, err)) {
        return false;
    }
    ret->trouble = arena_str(arena, ret->trouble);
    for (size_t i = 0; i < ret->named_count; i++) {
        ret->named[i] = arena_str(arena, ret->named[i]);
    }
    return ret->trouble.len > 0 || store_verified(r, v, err);
}

bool recorder_finish(struct recorder *r, const struct drain_limits *limits, bool verifies,
                     const struct run_events *events, struct arena *arena, struct recorder_end *ret, struct err *err)
{
    if (!drain(r, limits, events, arena, &ret->end, &ret->why, err)) {
        return false;
    }
    ret->was_read = verifies && ret->end == DRAIN_DONE;
    return !ret->was_read || verify(r, events, arena, &ret->verified, err);
}
