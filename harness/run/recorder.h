#ifndef ASSAY_RUN_RECORDER_H
#define ASSAY_RUN_RECORDER_H

/* Recording on Opper, driven: delivery (opper/deliver.h) between the store and the calls of this process.
 *
 * While a run goes on it is a guest of the run's loop: a share of each turn (RECORD_TURN_MS), requests behind those that a sample waits for, its
 * changes of the outbox in the transaction that stores samples. It asks for the spans of the samples that come next, so that a call can name
 * its sample's span as parent; no call waits for it but those of the first round (recorder_may_begin). Afterwards recorder_finish drives it alone. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "model/call.h"
#include "model/record.h"
#include "opper/deliver.h"
#include "opper/verify.h"
#include "run/walk.h"

struct clock;
struct delivery;
struct driver;
struct err;
struct pending;
struct run_events;
struct service;
struct session;
struct store;

enum { RECORD_TURN_MS = 1 };

struct recorder_order {
    struct store *store;
    const struct clock *clock;
    struct driver *driver;         /* open */
    const struct service *service; /* without a key nothing is sent */
    const struct invocation_record *const *invocations;
    size_t invocation_count;
    const struct run_record *const *runs; /* of these */
    size_t run_count;
    struct session *session; /* of a run that goes on: its samples' spans are created ahead; NULL = none are */
    size_t ahead_max;        /* so many at most */
};

struct recorder {
    struct recorder_order order;
    struct delivery_order addressed; /* the same for delivery and verification */
    struct delivery *delivery;       /* NULL = closed */
    struct call_port port;
    struct walk walk; /* of the spans asked for ahead */
    bool walks;
    uint64_t asked, started; /* samples, in the order of the walk */
    int64_t hold_until_ns;   /* the first samples wait for the first spans, at most until then */
    int64_t busy_until_ns;   /* another process was writing */
    unsigned interrupts;     /* heeded before what is left is delivered: one more ends that */
    struct arena answers;
};

/* Under the invocations' locks. Each run is recorded by this service (recorder_check_address), or only here. Errors: the store. */
MUST_CHECK bool recorder_open(struct recorder *r, const struct recorder_order *order, struct err *err);
void recorder_close(struct recorder *r); /* harmless when it is closed; no call of it is under way any more */

/* Whether the first samples may start: their spans are asked for, or will not be. */
bool recorder_may_begin(const struct recorder *r, int64_t now_ns);
/* Whether the next sample waits, for its span is on its way: so do those of the first round, at most until hold_until_ns. */
MUST_CHECK bool recorder_holds_next(const struct recorder *r, struct pending *pending, int64_t now_ns, bool *ret,
                                    struct err *err);
void recorder_started(struct recorder *r); /* a sample has started */

MUST_CHECK bool recorder_turn(struct recorder *r, int64_t until_ns, struct err *err);
void recorder_turn_ahead(struct recorder *r,
                         int64_t until_ns); /* of a turn only the spans of the samples that come next */
int64_t recorder_next_ns(const struct recorder *r);
/* ERR_USAGE when the run is being recorded by another service than this one. */
MUST_CHECK bool recorder_check_address(struct store *store, const struct service *service,
                                       const struct invocation_record *invocation, const struct run_record *run,
                                       struct err *err);
bool recorder_owns(const struct recorder *r, const struct call *call);
/* The result of a call that it owns, just taken from perform. */
MUST_CHECK bool recorder_take(struct recorder *r, void *tag, const struct call *call, struct err *err);

/* What can be sent at once is on its way then, so that answers come while the caller is busy with other things; no turn begins after SEND_OFF_MS. No
 * other calls are under way. */
MUST_CHECK bool recorder_send_off(struct recorder *r, struct err *err);

/* Waits until nothing of it is under way: no new requests meanwhile. On an error, too, nothing is. */
MUST_CHECK bool recorder_settle(struct recorder *r, struct err *err);

/* --- afterwards ------------------------------------------------------------------------------------------------------------------------- */

struct drain_limits {
    int64_t idle_ns; /* without progress */
    int64_t max_ns;  /* in all */
};

#define DRAIN_LIMITS ((struct drain_limits){.idle_ns = 60 * NS_PER_S, .max_ns = 15 * 60 * NS_PER_S})

enum drain_end { DRAIN_DONE, DRAIN_REFUSED /* access */, DRAIN_NO_PROGRESS, DRAIN_TOO_LONG, DRAIN_INTERRUPTED };

struct recorder_end {
    enum drain_end end;
    struct str why; /* what went wrong last; may be empty */
    bool was_read;  /* read back to compare; then `verified` says how that went */
    struct verify_status verified;
};

/* Delivers what is left, while there is progress; a signal ends it, and what could not be done is put back. Then, when all is delivered and `verifies`,
 * reads back all that is recorded and compares it (opper/verify.h): what that came to is stored with the runs, unless it could not be read to its
 * end, when ret->verified.trouble says why. Texts in `arena`. */
MUST_CHECK bool recorder_finish(struct recorder *r, const struct drain_limits *limits, bool verifies,
                                const struct run_events *events, struct arena *arena, struct recorder_end *ret,
                                struct err *err);

#endif
