#ifndef ASSAY_OPPER_DELIVER_H
#define ASSAY_OPPER_DELIVER_H

/* Delivery: what the outbox names, brought to Opper, while a run goes on or later. It describes requests and hands them over by a port; whoever drives
 * that brings the results back. It never waits and never slows anybody: each turn has a deadline, and requests go behind those that a sample
 * waits for.
 *
 *   each turn    delivery_turn; the results: delivery_answer
 *   each commit  delivery_write inside the transaction, then delivery_committed, or delivery_rolled_back
 *                (where nobody else commits: when delivery_wants_write says so)
 *
 * Invocations come one after the other as they are given, as far as the window reaches: several are under way at once.
 *
 * Order. The root first: nothing else of a run is sent before it is confirmed. Per sample: create, then the metrics and the update beside each
 * other; a span that does not exist when its sample is done is created complete, so that no update follows. The root's metrics go out beside
 * the last samples; its end comes when nothing else of the run is left.
 *
 * Exactly once in effect. Ids of spans are derived, so two creations cannot make two. Metrics have no id of ours: after an outcome that leaves
 * open whether one was stored, the span's metrics are listed, and what is still missing LOOK_AGAIN_MS later is sent again; of two in
 * one dimension the later is deleted. A repeated creation with another content than ours is updated; and where somebody else made the span, its
 * metrics are listed before any is sent. 409 of metrics is believed until several looks have not found them.
 *
 * Trouble. A refusal (400, 422, ...) makes the row dead, with the server's words: it is counted, and never hides a verdict. 401 and 403 stop delivery.
 * All else is tried again with full jitter, never before Retry-After, within the retry budget; when nothing succeeds any more one
 * request at a time probes. What keeps failing goes back to the outbox for later.
 *
 * Memory: DELIVER_WINDOW rows at most, of which only those under way are rendered (DELIVER_BYTES over all). Whatever the outbox holds, it does not grow. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"
#include "store/outbox.h"

struct call_port;
struct call_result;
struct clock;
struct delivery;
struct err;
struct secret;
struct store;

enum { DELIVER_WINDOW = 1024, DELIVER_BYTES = 32 << 20, DELIVER_REQUESTS = 512, LOOK_AGAIN_MS = 2000 };

struct delivery_order {
    struct store *store;
    const struct clock *clock;
    const char *base_url;     /* without a '/' at its end; outlives the delivery, as the key does */
    const struct secret *key; /* NULL = none is sent */
    const struct invocation_record *const *invocations;
    size_t invocation_count;
    const struct run_record *const
        *runs; /* of these invocations; those that have a recording are delivered. They outlive the delivery */
    size_t run_count;
    uint64_t seed; /* of the jitter */
};

/* The one that a run is of. */
const struct invocation_record *delivery_order_invocation(const struct delivery_order *order,
                                                          const struct run_record *run);

/* Under the invocations' locks. What an earlier process left in flight is unclear from here on (one transaction). */
MUST_CHECK bool delivery_open(const struct delivery_order *order, struct delivery **ret, struct err *err);

/* Puts back what it holds: waits for the store, outside the loop. What is still under way is unclear to whoever delivers next. */
MUST_CHECK bool delivery_put_back(struct delivery *d, struct err *err);
void delivery_close(struct delivery **d); /* for CLEANUP; the port has let go of every call by then */

/* --- the loop ----------------------------------------------------------------------------------------------------------------------- */

/* Renders and hands over requests until `until_ns` (monotonic) or until the port takes no more. Errors: the store. */
MUST_CHECK bool delivery_turn(struct delivery *d, const struct call_port *port, int64_t until_ns, struct err *err);

/* Of a turn only the spans that samples will want soon. */
void delivery_turn_ahead(struct delivery *d, const struct call_port *port, int64_t until_ns);

/* A result of one that was handed over. */
MUST_CHECK bool delivery_answer(struct delivery *d, void *tag, const struct call_result *result, struct err *err);

int64_t
delivery_next_ns(const struct delivery *d); /* when it wants a turn, besides with every answer; INT64_MAX = never */

bool delivery_wants_write(const struct delivery *d, int64_t now_ns);
MUST_CHECK bool delivery_write(struct delivery *d, struct err *err);
void delivery_committed(struct delivery *d);
void delivery_rolled_back(struct delivery *d);
void delivery_rows_added(struct delivery *d); /* the outbox holds more */

/* --- spans before their samples ------------------------------------------------------------------------------------------------------ */

bool delivery_wants_ahead(
    const struct delivery *d); /* requests are answered; how many are asked for ahead is the caller's to bound */

/* The span of a sample that will start soon is wanted: its span, case_id, ordinal and trial are. */
void delivery_ahead(struct delivery *d, const struct run_record *run, const struct sample_record *sample);

/* Whether that span is on Opper: then a call may name it as its parent. */
bool delivery_has_span(const struct delivery *d, const struct uuid *span);
bool delivery_is_coming(const struct delivery *d, const struct uuid *span); /* asked for, and not answered yet */

/* Nothing that was asked for ahead is still on its way. */
bool delivery_is_ahead(const struct delivery *d);

/* When a sample is stored, in its transaction: its row. */
MUST_CHECK bool delivery_queue_sample(struct delivery *d, const struct run_record *run,
                                      const struct sample_record *sample, struct err *err);

/* --- how it stands ---------------------------------------------------------------------------------------------------------------------- */

struct delivery_status {
    bool is_stopped;     /* access refused: nothing more is sent; `reason` */
    bool is_idle;        /* nothing is left that could be sent now */
    struct str reason;   /* why it stopped, or what went wrong last; empty = nothing did */
    int64_t progress_ns; /* when something was confirmed last; at first, when delivery began */
    size_t in_flight;
    uint64_t requests, repeats, confirmed; /* confirmed: rows */
};
void delivery_status(const struct delivery *d, struct delivery_status *ret);

/* Nothing is sent: as after a refusal of access, for this reason. */
void delivery_refuse(struct delivery *d, struct str reason);

/* No new requests for now; those under way may end. */
void delivery_hold(struct delivery *d, bool is_held);

#endif
