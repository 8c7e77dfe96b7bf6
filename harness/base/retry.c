#include "base/retry.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/rng.h"

enum { CAP_S = 60, DOUBLINGS_TO_CAP = 6, BUDGET_DIVISOR = 5, BUDGET_FREE = 10 };

static const double extra_share = 0.1;

int64_t retry_delay_ns(struct rng *rng, uint32_t earlier_tries)
{
    int64_t ceiling_s = earlier_tries >= DOUBLINGS_TO_CAP ? CAP_S : INT64_C(1) << earlier_tries;
    return (int64_t)(rng_unit(rng) * (double)(ceiling_s * NS_PER_S));
}

bool retry_pause_ns(struct rng *rng, uint32_t earlier_tries, int64_t demanded_ns, int64_t *ret_ns)
{
    int64_t own_ns = retry_delay_ns(rng, earlier_tries);
    if (demanded_ns > LIMIT_RETRY_AFTER_S * NS_PER_S) {
        return false;
    }
    if (demanded_ns < 0) {
        *ret_ns = own_ns;
        return true;
    }
    int64_t longer_ns = own_ns > demanded_ns ? own_ns : demanded_ns;
    *ret_ns = longer_ns + (int64_t)(rng_unit(rng) * extra_share * (double)longer_ns);
    return true;
}

void retry_budget_request(struct retry_budget *b)
{
    b->requests++;
}

bool retry_budget_take(struct retry_budget *b)
{
    if (b->repeats >= b->requests / BUDGET_DIVISOR + BUDGET_FREE) {
        return false;
    }
    b->repeats++;
    return true;
}
