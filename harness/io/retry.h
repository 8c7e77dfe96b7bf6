#ifndef ASSAY_IO_RETRY_H
#define ASSAY_IO_RETRY_H

/* When to try again: full jitter, delay = random(0, min(cap 60 s, 1 s * 2^n)) (Brooker 2015, "Exponential Backoff And Jitter"), n = earlier tries. */

#include <stdint.h>

struct rng;

int64_t retry_delay_ns(struct rng *rng, uint32_t earlier_tries);

#endif
