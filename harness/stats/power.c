#include "stats/power.h"

#include <math.h>

#include "base/arena.h"
#include "stats/binomial.h"

static const double REACH = 10; /* standard deviations: what lies beyond adds nothing that can be seen */

void midp_power_init(struct midp_power *m, double loss, double alpha, struct arena *arena)
{
    *m = (struct midp_power){.arena = arena, .loss = loss, .alpha = alpha};
}

static double midp(uint64_t won, uint64_t discordant)
{
    return binomial_at_most(won, discordant, 0.5) - binomial_exactly(won, discordant, 0.5) / 2;
}

static double midp_power_given(struct midp_power *m, uint64_t discordant)
{
    while (m->shown.len <= discordant) {
        uint64_t next = m->shown.len;
        /* One pair more moves the critical count by one at most. */
        if (next > 0 && midp(m->critical, next) <= m->alpha) {
            m->critical++;
        }
        double shown = m->critical == 0 ? 0 : binomial_at_most(m->critical - 1, next, 1 - m->loss);
        *vec_push(m->arena, &m->shown) = shown;
    }
    return m->shown.items[discordant];
}

double midp_power_at(struct midp_power *m, uint64_t n, double discordant)
{
    double mean = (double)n * discordant;
    double reach = REACH * sqrt(mean * (1 - discordant)) + REACH;
    uint64_t from = mean > reach ? (uint64_t)(mean - reach) : 0;
    uint64_t to = mean + reach < (double)n ? (uint64_t)(mean + reach) : n;
    double power = 0;
    for (uint64_t k = from; k <= to; k++) {
        power += binomial_exactly(k, n, discordant) * midp_power_given(m, k);
    }
    return power;
}

double rate_power(uint64_t n, double line, double rate, double alpha)
{
    uint64_t from = 0;
    uint64_t to = n + 1; /* at_least(n + 1) = 0 shows it, and cannot happen */
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        if (binomial_at_least(middle, n, line) <= alpha) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return binomial_at_least(from, n, rate);
}
