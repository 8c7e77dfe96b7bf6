#ifndef ASSAY_BASE_RETRY_H
#define ASSAY_BASE_RETRY_H

/* When to try again, and whether at all. Pure arithmetic; who may be repeated is decided by whoever made the call.
 *
 * Source: full jitter, delay = random(0, min(cap 60 s, 1 s * 2^n)), n = earlier tries (Brooker 2015, "Exponential Backoff And Jitter"). */

#include <stdbool.h>
#include <stdint.h>

struct rng;

int64_t retry_delay_ns(struct rng *rng, uint32_t earlier_tries);

/* The longer of retry_delay_ns and what the server demanded (call_result.retry_after_ns; negative = nothing), and up to a tenth more, so that not all
 * come back at the same instant. False: the server wants more than LIMIT_RETRY_AFTER_S, so that the call fails now instead of sleeping. */
bool retry_pause_ns(struct rng *rng, uint32_t earlier_tries, int64_t demanded_ns, int64_t *ret_ns);

/* How much repeating one run may do: a fifth of its first tries and ten. Over it the service is broken, and repeating makes it worse: fail fast. */
struct retry_budget {
    uint64_t requests, repeats;
};
void retry_budget_request(struct retry_budget *b); /* a first try is made */
bool retry_budget_take(struct retry_budget *b);    /* one repeat, if the budget allows it */

#endif
