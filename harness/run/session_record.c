#include "run/session_record.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/service.h"
#include "opper/deliver.h"
#include "run/session.h"
#include "store/outbox.h"
#include "store/store.h"
#include "suites/access.h"

enum { AHEAD_FACTOR = 2, REQUESTS_A_CALL = 8 };

bool session_record_plan(struct session *s, size_t at, struct err *err)
{
    struct session_suite *suite = &s->suites[at];
    const struct record_options *options = s->options.recordings == NULL ? NULL : &s->options.recordings[at];
    if (options == NULL || options->mode == RECORD_LOCAL) {
        return true;
    }
    suite->is_recorded = s->is_recorded = true;
    s->is_promised = s->is_promised || options->mode == RECORD_OPPER;
    for (size_t i = 0; i < suite->run_count; i++) {
        struct recording recording = {
            .run = suite->runs[i].seq,
            .options = *options,
            .base_url = str_from(s->options.service->base_url),
        };
        if (!store_add_recording(s->store, &recording, err) ||
            !store_outbox_add_root(s->store, recording.run, OUTBOX_ROOT_BEGIN, OUTBOX_QUEUED, err)) {
            return false;
        }
    }
    return true;
}

bool session_record_find(struct session *s, struct err *err)
{
    for (size_t i = 0; i < s->suite_count; i++) {
        struct session_suite *suite = &s->suites[i];
        struct recording recording = {0};
        if (suite->run_count > 0 &&
            (!store_recording(s->store, &s->arena, suite->runs[0].seq, &suite->is_recorded, &recording, err) ||
             !recorder_check_address(s->store, s->options.service, &s->invocation, &suite->runs[0], err))) {
            return false;
        }
        s->is_recorded = s->is_recorded || suite->is_recorded;
        s->is_promised = s->is_promised || (suite->is_recorded && recording.options.mode == RECORD_OPPER);
    }
    return true;
}

/* Calls that may hang below their sample's span: then spans are created ahead. */
static size_t ahead_max(const struct session *s)
{
    size_t most = 0;
    for (size_t i = 0; i < s->suite_count; i++) {
        const struct suite *suite = s->suites[i].suite;
        if (s->suites[i].is_recorded && suite_calls_service(suite, s->suites[i].sources == NULL)) {
            size_t concurrency = s->options.concurrency > 0 ? s->options.concurrency : suite->concurrency;
            most = concurrency > most ? concurrency : most;
        }
    }
    return AHEAD_FACTOR * most;
}

size_t session_record_requests(const struct session *s)
{
    size_t most = s->options.concurrency;
    for (size_t i = 0; s->options.concurrency == 0 && i < s->suite_count; i++) {
        most = s->suites[i].suite->concurrency > most ? s->suites[i].suite->concurrency : most;
    }
    return REQUESTS_A_CALL * most;
}

bool session_record_open(struct session *s, struct err *err)
{
    if (!s->is_recorded) {
        return true;
    }
    size_t count = 0;
    for (size_t i = 0; i < s->suite_count; i++) {
        count += s->suites[i].run_count;
    }
    const struct run_record **runs = arena_array(&s->arena, const struct run_record *, count);
    const struct invocation_record **invocation = arena_new(&s->arena, const struct invocation_record *);
    *invocation = &s->invocation;
    count = 0;
    for (size_t i = 0; i < s->suite_count; i++) {
        for (size_t j = 0; j < s->suites[i].run_count; j++) {
            runs[count++] = &s->suites[i].runs[j];
        }
    }
    struct recorder_order order = {
        .store = s->store,
        .clock = s->clock,
        .driver = &s->driver,
        .service = s->options.service,
        .invocations = invocation,
        .invocation_count = 1,
        .runs = runs,
        .run_count = count,
        .session = s,
        .ahead_max = ahead_max(s),
    };
    return recorder_open(&s->recorder, &order, err);
}

/* A run that ended once before may have its metrics on Opper already: they are looked at, and changed. */
bool session_record_end(struct session *s, const struct session_suite *suite, struct err *err)
{
    for (size_t i = 0; i < suite->run_count && suite->is_recorded; i++) {
        if (!store_outbox_add_root(s->store, suite->runs[i].seq, OUTBOX_ROOT_END,
                                   s->is_resumed ? OUTBOX_UNCLEAR : OUTBOX_QUEUED, err)) {
            return false;
        }
    }
    return true;
}

/* Without progress, when the run was stopped by what `assay resume` needs mended first, and when there is no hope of any. */
static const int64_t STOPPED_IDLE_NS = 5 * NS_PER_S;

/* Best effort, and nobody has answered so far: a key on a machine without a way to Opper costs no minute a run. Who says --drain is taken at the word. */
static bool is_hopeless(const struct session *s, const struct drain_limits *limits)
{
    struct delivery_status status;
    delivery_status(s->recorder.delivery, &status);
    return !s->is_promised && status.confirmed == 0 && limits->idle_ns == DRAIN_LIMITS.idle_ns;
}

static bool is_interrupted(const struct session *s)
{
    return s->stopped == VERDICT_INTERRUPTED_INT || s->stopped == VERDICT_INTERRUPTED_TERM;
}

/* The roots' ends: on their way while the store is synced. */
static bool send_off(struct session *s, struct err *err)
{
    if (s->recorder.delivery == NULL || is_interrupted(s)) {
        return true;
    }
    delivery_rows_added(s->recorder.delivery);
    return recorder_send_off(&s->recorder, err);
}

static bool deliver(struct session *s, const struct drain_limits *limits, bool verify, const struct run_events *events,
                    struct recorder_end *ret, struct err *err)
{
    if (s->recorder.delivery == NULL) {
        return true;
    }
    struct drain_limits most = *limits;
    if (is_interrupted(s)) {
        most = (struct drain_limits){0};
    } else if ((s->stopped == VERDICT_INFRASTRUCTURE && most.idle_ns > STOPPED_IDLE_NS) || is_hopeless(s, limits)) {
        most.idle_ns =
            STOPPED_IDLE_NS; /* what stopped it mostly stops delivery, too, and somebody waits for the reason */
    }
    if (!recorder_finish(&s->recorder, &most, verify, events, &s->arena, ret, err)) {
        return false;
    }
    if (is_interrupted(s) && ret->end == DRAIN_NO_PROGRESS) {
        ret->end = DRAIN_INTERRUPTED; /* it had no time to make any */
    }
    return true;
}

bool session_deliver(struct session *s, const struct drain_limits *limits, bool verify, const struct run_events *events,
                     struct recorder_end *ret, struct err *err)
{
    *ret = (struct recorder_end){.end = DRAIN_DONE};
    bool ok = send_off(s, err) && store_sync(s->store, err) && deliver(s, limits, verify, events, ret, err);
    driver_close(&s->driver);
    recorder_close(&s->recorder);
    return ok;
}
