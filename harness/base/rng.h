#ifndef ASSAY_BASE_RNG_H
#define ASSAY_BASE_RNG_H

/* A small seeded generator (xoshiro256**, Blackman and Vigna 2018, seeded by splitmix64): the same seed gives the same draws on every
 * machine. For sampling, jitter and simulation; never for secrets or ids. */

#include <stdint.h>

struct rng {
    uint64_t state[4];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_u64(struct rng *r);
double rng_unit(struct rng *r);                    /* [0, 1) with 53 bits */
uint64_t rng_below(struct rng *r, uint64_t bound); /* uniform in 0..bound-1, bound > 0, without modulo bias */

#endif
