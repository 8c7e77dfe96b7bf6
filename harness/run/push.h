#ifndef ASSAY_RUN_PUSH_H
#define ASSAY_RUN_PUSH_H

/* Delivery of a stored invocation, after the fact: `assay push`. */

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
    struct store *store; /* for writing; its lock on the invocation is the caller's */
    const struct clock *clock;
    const struct service *service;
    const struct invocation_record *invocation;
    const struct run_record *runs;
    size_t run_count;
    struct driver_settings settings;
    struct drain_limits limits;
    bool verifies;
    const struct run_events *events;
};

/* Texts in `arena`. Errors: ERR_USAGE when it is recorded by another service; the store. */
MUST_CHECK bool push_invocation(const struct push_order *order, struct arena *arena, struct recorder_end *ret,
                                struct err *err);

/* What waits before anything is pushed; each in one transaction. */
MUST_CHECK bool push_again(const struct push_order *order, struct err *err); /* all of it is looked at, and put right */
MUST_CHECK bool push_refused(const struct push_order *order, struct err *err); /* what was refused is tried again */

/* A run that was only recorded here gets a recording, and all of it waits. */
MUST_CHECK bool push_adopt(const struct push_order *order, const struct record_options *options, struct err *err);

#endif
