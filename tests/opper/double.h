#ifndef ASSAY_TESTS_OPPER_DOUBLE_H
#define ASSAY_TESTS_OPPER_DOUBLE_H

/* A service in memory, behind a call_port, in the time of a test's clock: it keeps spans and metrics as Opper documents them, answers late, and has
 * every fault of faults that matter to exactly-once: refused before or after it was done, answers lost, done long after the client gave up.
 *
 *   double_init(&s, &clock, seed); port = double_port(&s);
 *   ... double_next_ns says when the next answer is due; double_take gives it ...
 *
 * `kill` forgets who waits for answers; what was on its way is still done, or not. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/rng.h"
#include "model/call.h"
#include "wire/metric.h"
#include "wire/path.h"
#include "wire/span.h"

struct double_metric {
    struct double_metric *next;
    struct wire_metric metric;
    bool is_deleted;
};

struct double_span {
    struct double_span *next, *bucket_next;
    struct wire_span span;
    struct double_metric *metrics, **metrics_end;
    size_t metric_count;
    unsigned creates, updates;
};

/* What becomes of a request. */
enum double_fate {
    FATE_FINE,
    FATE_THROTTLED,   /* 429, not done */
    FATE_BROKEN,      /* 500, not done */
    FATE_BROKEN_DONE, /* 500, done */
    FATE_AWAY,        /* 503, not done */
    FATE_NO_WAY,      /* could not connect */
    FATE_LOST,        /* no answer, not done */
    FATE_LOST_DONE,   /* no answer, done */
    FATE_LATE,        /* no answer within the client's patience, done a second after that */
    FATE_GARBLED,     /* 200 and half an answer, done */
    FATE_REFUSED,     /* 422 */
    FATE_DENIED,      /* 401 */
    FATE_GONE,        /* 404 */
    FATE_CONFLICT,    /* 409, and nothing is there */
    FATE_COUNT
};

enum double_repeat {
    REPEAT_CONFLICTS,
    REPEAT_IS_FINE,
    REPEAT_BREAKS
}; /* POST of a span whose id is there: 409, 200, 500 */

struct pending {
    struct pending *next;
    const struct call *call;
    void *tag;
    int64_t at_ns;
    bool is_late; /* at_ns is when it is done: nobody waits */
    struct str method, path, query, body;
    enum double_fate fate;
};

#define DOUBLE_BUCKETS 4096

struct service_double {
    struct clock *clock;
    struct rng rng;
    struct arena arena;
    struct double_span *first, **end, *buckets[DOUBLE_BUCKETS];
    size_t span_count;
    struct pending *pending;
    size_t in_flight, in_flight_max, most_in_flight;
    size_t room; /* the port has some while fewer are in flight; 0 = always */
    enum double_repeat repeat;
    bool metrics_conflict;                                                /* a second metric in a dimension is 409 */
    unsigned per_mille[FATE_COUNT];                                       /* of requests; the rest is fine */
    enum double_fate (*decide)(void *ctx, const struct pending *request); /* instead, when set */
    void *ctx;
    bool is_down; /* nobody can connect */
    int64_t latency_ns;
    uint64_t requests, by_fate[FATE_COUNT], by_route[WIRE_ROUTE_COUNT], lookups, next_id;
    uint64_t order_faults; /* a child before its root was there, a change to one after its root's end */
    bool has_ended;        /* the root of the trace */
};

void double_init(struct service_double *s, struct clock *clock, uint64_t seed);
void double_deinit(struct service_double *s);
struct call_port double_port(struct service_double *s);

int64_t double_next_ns(const struct service_double *s); /* INT64_MAX = nothing is under way */
/* One answer that is due; false = none. Texts live in `arena`. */
bool double_take(struct service_double *s, struct arena *arena, void **ret_tag, struct call_result *ret);
void double_kill(struct service_double *s);

struct double_span *double_span(const struct service_double *s, struct str id);
size_t double_live_metrics(const struct double_span *span);

#endif
