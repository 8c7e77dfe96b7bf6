#include "stats/binomial.h"

#include <math.h>

#include "stats/beta.h"
#include "stats/saddle.h"

double binomial_exactly(uint64_t k, uint64_t n, double p)
{
    if (k > n) {
        return 0;
    }
    if (p <= 0 || p >= 1) {
        return k == (p <= 0 ? 0 : n) ? 1 : 0;
    }
    if (k == 0) {
        return exp((double)n * log1p(-p));
    }
    return k == n ? exp((double)n * log(p)) : saddle_density((double)k, (double)n, p, 1 - p);
}

double binomial_at_most(uint64_t k, uint64_t n, double p)
{
    return k >= n ? 1 : beta_tails((double)k + 1, (double)(n - k), p, 1 - p).upper;
}

double binomial_at_least(uint64_t k, uint64_t n, double p)
{
    if (k == 0) {
        return 1;
    }
    return k > n ? 0 : beta_tails((double)k, (double)(n - k) + 1, p, 1 - p).lower;
}
