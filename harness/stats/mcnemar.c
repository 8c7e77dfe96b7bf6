#include "stats/mcnemar.h"

#include <math.h>

#include "stats/binomial.h"

static struct stat_test mcnemar(const struct pairs *p, enum stat_method method, double counted)
{
    uint64_t discordant = p->b + p->c;
    struct stat_test test = {.how = {method, p->n, 0, 0}, .below = 1, .above = 1, .two_sided = 1};
    if (discordant == 0) {
        return test;
    }
    test.statistic = ((double)p->b - (double)p->c) / sqrt((double)discordant);
    double seen = (1 - counted) * binomial_exactly(p->b, discordant, 0.5);
    test.below = binomial_at_most(p->b, discordant, 0.5) - seen;
    test.above = binomial_at_most(p->c, discordant, 0.5) - seen;
    /* With b = c the two sides overlap in P(= b), which counts once. */
    test.two_sided = p->b == p->c ? 1 - seen : stat_two_sided(test.below, test.above);
    return test;
}

struct stat_test mcnemar_midp(const struct pairs *p)
{
    return mcnemar(p, METHOD_MCNEMAR_MIDP, 0.5);
}

struct stat_test mcnemar_exact(const struct pairs *p)
{
    return mcnemar(p, METHOD_MCNEMAR_EXACT, 1);
}
