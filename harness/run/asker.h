#ifndef ASSAY_RUN_ASKER_H
#define ASSAY_RUN_ASKER_H

/* One request at a time, where there is nothing to do but to wait for its answer: what targets look up before their first sample, a run that is pulled.
 *
 * Waits itself, so nothing else may be in flight. Transport faults are tried again, later and later, as long as the server asks (base/retry.h); before
 * each try the file of the call, if it has one (http_spec.file), is cut back to nothing.
 *
 * Errors: ERR_CANCELLED by a signal, which is in `sys`. What the answer means is the caller's to say. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/call.h"

struct arena;
struct err;
struct loop;
struct perform;
struct rng;
struct signals;

struct asker {
    struct loop *loop;
    struct perform *perform;
    struct signals *signals;
    struct rng *rng;                                                         /* jitter */
    uint32_t tries;                                                          /* in all, of one request */
    bool (*is_transient)(const void *ctx, const struct call_result *result); /* whether to try again */
    const void *ctx;
};

/* `call` lives until this returns; the result's texts are in `arena`. */
MUST_CHECK bool asker_ask(const struct asker *asker, struct call *call, struct arena *arena, struct call_result *ret,
                          struct err *err);

/* False with ERR_CANCELLED once a signal came. */
MUST_CHECK bool asker_goes_on(const struct signals *signals, struct err *err);

#endif
