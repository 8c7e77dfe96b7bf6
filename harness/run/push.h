#ifndef ASSAY_RUN_PUSH_H
#define ASSAY_RUN_PUSH_H

/* Delivery of stored invocations, after the fact: `assay push`. Several go on at once: what has to be looked at twice, or waits for its root, keeps no other
 * waiting. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "model/record.h"
#include "run/recorder.h"
#include "run/session.h"

struct arena;
struct clock;
struct err;
struct run_events;
struct service;
struct store;

struct push_order {
    struct store *store; /* for writing; its locks on the invocations are the caller's */
    const struct clock *clock;
    const struct service *service;
    const struct invocation_record *const *invocations; /* in the order in which they are delivered */
    size_t invocation_count;
    const struct run_record *const *runs; /* all of theirs */
    size_t run_count;
    struct driver_settings settings;
    struct drain_limits limits;
    bool verifies;
    const struct run_events *events;
};

/* Texts in `arena`. Errors: ERR_USAGE when one is recorded by another service; the store. */
MUST_CHECK bool push_deliver(const struct push_order *order, struct arena *arena, struct recorder_end *ret,
                             struct err *err);

/* What waits before anything is pushed; each in one transaction. */
MUST_CHECK bool push_again(const struct push_order *order, struct err *err); /* all of it is looked at, and put right */
MUST_CHECK bool push_refused(const struct push_order *order, struct err *err); /* what was refused is tried again */

/* Runs that were only recorded here get a recording, and all of it waits. `options`: one a run of the order. */
MUST_CHECK bool push_adopt(const struct push_order *order, const struct record_options *options, struct err *err);

#endif
