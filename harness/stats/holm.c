#include "stats/holm.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"

struct holm_claim {
    double p;
    size_t place;
};

static int holm_compare(const void *a, const void *b)
{
    const struct holm_claim *x = a;
    const struct holm_claim *y = b;
    return (x->p > y->p) - (x->p < y->p);
}

void holm_adjust(const double *p, size_t count, double *ret, struct arena *scratch)
{
    struct holm_claim *sorted = arena_array(scratch, struct holm_claim, count);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = (struct holm_claim){p[i], i};
    }
    if (count > 0) {
        qsort(sorted, count, sizeof(*sorted), holm_compare);
    }
    double highest = 0;
    for (size_t i = 0; i < count; i++) {
        highest = fmax(highest, fmin(1, (double)(count - i) * sorted[i].p));
        ret[sorted[i].place] = highest;
    }
}

double holm_level(double alpha, double p, double adjusted, size_t count)
{
    return p > 0 ? alpha * p / adjusted : alpha / (double)count;
}
