#include "io/retry.h"

#include "base/clock.h"
#include "base/rng.h"

enum { CAP_S = 60, DOUBLINGS_TO_CAP = 6 };

int64_t retry_delay_ns(struct rng *rng, uint32_t earlier_tries)
{
    int64_t ceiling_s = earlier_tries >= DOUBLINGS_TO_CAP ? CAP_S : INT64_C(1) << earlier_tries;
    return (int64_t)(rng_unit(rng) * (double)(ceiling_s * NS_PER_S));
}
