#ifndef ASSAY_RUN_RETRY_H
#define ASSAY_RUN_RETRY_H

/* Whether and when a sample's call is made again, its target's or that of a scorer: transport faults only, never a wrong answer (docs/contracts.md).
 *
 * Programs are tried as often as their suite says. Requests wait as long as the server asks, and share a budget (base/retry.h), so that a service that is
 * down is not besieged; what the server itself puts off (429) does not count. */

#include <stdbool.h>
#include <stdint.h>

#include "run/work.h"

/* True: at w->resume_ns. */
bool retry_plan(struct work *w, const struct call_result *result, int64_t now_ns, struct work_retrying *retrying);

#endif
