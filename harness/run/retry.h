#ifndef ASSAY_RUN_RETRY_H
#define ASSAY_RUN_RETRY_H

/* Whether and when a sample's call is made again, its target's or that of a scorer: transport faults only, never a wrong answer (docs/contracts.md).
 *
 * Programs are tried as often as their suite says. Requests wait as long as the server asks, and share a budget (base/retry.h), so that a service that is
 * down is not besieged. What the server itself puts off (429) is no fault of the sample: it counts neither for the budget nor, as long as others succeed
 * meanwhile, for `retries` (but with `retries: 0` nothing is tried again). */

#include <stdbool.h>
#include <stdint.h>

#include "run/work.h"

/* True: at w->resume_ns. */
bool retry_plan(struct work *w, const struct call_result *result, int64_t now_ns, struct work_retrying *retrying);

/* Of a request, before it is decided upon: counts it, and whether anybody answers at all. */
void retry_saw_request(const struct work *w, const struct call_result *result, int64_t now_ns,
                       struct work_retrying *retrying);

/* Whether trying on is of no use: many requests in a row could not connect (io/host.h), or this one in all its tries, and nobody has ever answered. */
bool retry_is_unreachable(const struct work *w, const struct call_result *result, const struct work_retrying *retrying);

#endif
