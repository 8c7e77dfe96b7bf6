#ifndef ASSAY_WIRE_REPLY_H
#define ASSAY_WIRE_REPLY_H

/* What the result of a request to Opper means for whoever made it: the one place that knows statuses. Shared by the target, the judge and delivery.
 *
 *   OK             an answer with a status of 2xx, to be read
 *   AGAIN          a fault of the way or of the service: network, time-out, 408, 429, 500, 502, 503, 504. May be tried again
 *   REFUSED        this request is wrong (400, 409, 413, 422, ...), or its answer too long: never tried again
 *   MISCONFIGURED  every request would fare alike: 404 (no such model, task, function), 405, a redirect
 *   ACCESS         the key was refused, or may not do this: 401, 402 (no credit), 403, 407
 *   UNREACHABLE    nobody is there, after many tries in a row, or TLS does not verify
 *   CANCELLED      we stopped it
 *
 * MISCONFIGURED, ACCESS and UNREACHABLE stop a run. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "model/output.h"

struct arena;
struct call_result;
struct service;

enum wire_reply {
    WIRE_OK,
    WIRE_AGAIN,
    WIRE_REFUSED,
    WIRE_MISCONFIGURED,
    WIRE_ACCESS,
    WIRE_UNREACHABLE,
    WIRE_CANCELLED
};

enum wire_reply wire_reply_of(const struct call_result *result);

/* A refusal that may only mean that the parent span named in the request is not there: to be repeated once without it before it means anything. */
bool wire_reply_may_blame_parent(const struct call_result *result);

/* In words for people, with the server's own: "422 Unprocessable Content: The request is invalid: body.model: unknown". `timeout_ns` is the attempt's.
 * Not for WIRE_OK. */
struct str wire_reply_words(struct arena *arena, const struct call_result *result, int64_t timeout_ns);

/* The kind of an errored sample. Not for WIRE_OK. */
enum error_kind wire_reply_error(const struct call_result *result);

/* True when the result stops the run: `err` says why and what to do. `what` names the call: "target 'opper'", "judge 'tone'"; `service` says where the key
 * came from. */
bool wire_reply_stops_run(struct arena *arena, const struct call_result *result, const char *what,
                          const struct service *service, struct err *err);

#endif
