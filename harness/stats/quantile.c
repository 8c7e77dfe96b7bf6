#include "stats/quantile.h"

#include <math.h>

#include "stats/binomial.h"

/* The first k in from..to for which the tail is (not) within `limit`; to when none. Tails are monotone in k. */
static uint64_t first_rank(uint64_t from, uint64_t to, uint64_t n, double p, double limit, bool is_upper)
{
    while (from < to) {
        uint64_t middle = from + (to - from) / 2;
        bool is_found = is_upper ? binomial_at_least(middle, n, p) <= limit : binomial_at_most(middle, n, p) > limit;
        if (is_found) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return from;
}

struct quantile_ranks quantile_ranks_of(uint64_t n, double p, double alpha)
{
    uint64_t low = first_rank(0, n, n, p, alpha / 2, false); /* P(Bin <= low) > a/2: low is l, or 0 */
    uint64_t high = first_rank(0, n + 1, n, p, alpha / 2, true);
    return (struct quantile_ranks){low, high <= n ? high : 0};
}

struct stat_interval quantile_interval(const double *sorted, size_t n, double p, double alpha)
{
    struct stat_interval interval = {.how = {METHOD_ORDER, n, 0, alpha}};
    struct quantile_ranks ranks = quantile_ranks_of(n, p, alpha);
    if (ranks.lo >= 1) {
        interval.has_lo = true;
        interval.lo = sorted[ranks.lo - 1];
    }
    if (ranks.hi >= 1) {
        interval.has_hi = true;
        interval.hi = sorted[ranks.hi - 1];
    }
    return interval;
}

struct stat_test quantile_test_counts(uint64_t below, uint64_t n, double p)
{
    struct stat_test test = {.how = {METHOD_ORDER, n, 0, 0}, .statistic = (double)below};
    test.below = binomial_at_least(below, n, p);
    test.above = binomial_at_most(below, n, p);
    test.two_sided = stat_two_sided(test.below, test.above);
    return test;
}

uint64_t quantile_min_cases(double p, double alpha)
{
    return (uint64_t)ceil(log(alpha) / log(fmax(p, 1 - p)) - 1e-9);
}
