#ifndef ASSAY_STATS_POWER_H
#define ASSAY_STATS_POWER_H

/* How likely a test shows what is there: exact sums, for stats/plan.h.
 *
 * Shape:  probabilities; 0 < alpha < 1, one-sided.
 * Units:  power 0..1.
 * Limits: the sum over discordant pairs costs some 20 sqrt(n) tails the first time, and few afterwards (the chance given M discordant pairs is
 *         kept): n up to 5,000 is instant.
 * Errors: none.
 * Source: power given M of McNemar's test, e.g. S. W. Duffy 1984, Biometrics 40, 1005-1015; here with the mid-p. */

#include <stdint.h>

#include "base/vec.h"

struct arena;

/* Chances that "worse" is shown by McNemar's mid-p, given M discordant pairs of which each is a loss with probability `loss`. */
struct midp_power {
    struct arena *arena;
    double loss, alpha;
    uint64_t critical; /* pairs won with which M pairs show it: below this many */
    VEC(double) shown; /* by M, as far as was asked */
};

void midp_power_init(struct midp_power *m, double loss, double alpha, struct arena *arena);

/* n cases, of which each is discordant with probability `discordant`. */
double midp_power_at(struct midp_power *m, uint64_t n, double discordant);

/* That the exact binomial test of n cases shows "at or above the line" when the true rate is `rate`. */
double rate_power(uint64_t n, double line, double rate, double alpha);

#endif
