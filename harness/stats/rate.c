#include "stats/rate.h"

#include <math.h>

#include "stats/binomial.h"
#include "stats/bisect.h"
#include "stats/normal.h"

/* The roots of the score equation, each in the form that does not cancel, and exact at the ends. */
static double wilson_lower(double x, double n, double z)
{
    double a = 2 * x + z * z;
    return x <= 0 ? 0 : 2 * x * x / (n * (a + z * sqrt(z * z + 4 * x * (1 - x / n))));
}

static double wilson_upper(double x, double n, double z)
{
    double a = 2 * x + z * z;
    return x >= n ? 1 : (a + z * sqrt(z * z + 4 * x * (1 - x / n))) / (2 * (n + z * z));
}

struct stat_interval rate_wilson(uint64_t x, uint64_t n, double alpha)
{
    struct stat_interval interval = {.how = {METHOD_WILSON, n, 0, alpha}};
    if (n == 0) {
        return interval;
    }
    double z = -normal_quantile(alpha / 2);
    interval.has_lo = interval.has_hi = true;
    interval.lo = wilson_lower((double)x, (double)n, z);
    interval.hi = wilson_upper((double)x, (double)n, z);
    return interval;
}

struct exact_side {
    uint64_t x, n;
    double tail;
};

static bool shows_above(double line, const void *context)
{
    const struct exact_side *side = context;
    return binomial_at_least(side->x, side->n, line) <= side->tail;
}

static bool shows_below(double line, const void *context)
{
    const struct exact_side *side = context;
    return binomial_at_most(side->x, side->n, line) <= side->tail;
}

struct stat_interval rate_exact(uint64_t x, uint64_t n, double alpha)
{
    struct stat_interval interval = {.how = {METHOD_BINOMIAL, n, 0, alpha}};
    if (n == 0) {
        return interval;
    }
    struct exact_side side = {x, n, alpha / 2};
    interval.has_lo = interval.has_hi = true;
    interval.lo = x == 0 ? 0 : bisect(shows_above, &side, 0, 1);
    interval.hi = x == n ? 1 : bisect(shows_below, &side, 1, 0);
    return interval;
}

struct stat_test rate_test(uint64_t x, uint64_t n, double line)
{
    struct stat_test test = {.how = {METHOD_BINOMIAL, n, 0, 0}, .statistic = (double)x};
    test.below = binomial_at_most(x, n, line);
    test.above = binomial_at_least(x, n, line);
    test.two_sided = stat_two_sided(test.below, test.above);
    return test;
}
