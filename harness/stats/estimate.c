#include "stats/estimate.h"

#include <math.h>
#include <stdlib.h>

static const double QUANTILE_SLACK = 1e-9; /* n p that is whole but for rounding is whole */
static const double EQUAL_RELATIVE = 1e-12;

void estimate_add(struct estimate *e, double value)
{
    e->min = e->n == 0 || value < e->min ? value : e->min;
    e->max = e->n == 0 || value > e->max ? value : e->max;
    e->n++;
    num_sum_add(&e->sum, value);
    double step = value - e->center;
    e->center += step / (double)e->n;
    e->squares += step * (value - e->center);
}

double estimate_sum(const struct estimate *e)
{
    return num_sum_total(&e->sum);
}

double estimate_mean(const struct estimate *e)
{
    return estimate_sum(e) / (double)e->n;
}

double estimate_stddev(const struct estimate *e)
{
    return e->min == e->max ? 0 : sqrt(e->squares / (double)(e->n - 1));
}

double estimate_mean_with(const struct estimate *e, uint64_t count, double value)
{
    struct num_sum sum = e->sum;
    num_sum_add(&sum, (double)count * value);
    return num_sum_total(&sum) / (double)(e->n + count);
}

double estimate_stddev_with(const struct estimate *e, uint64_t count, double value)
{
    if (count == 0) {
        return estimate_stddev(e);
    }
    /* Chan's rule for joining two groups; the second has no spread of its own */
    double n = (double)e->n;
    double more = (double)count;
    double distance = e->n == 0 ? 0 : value - e->center;
    double squares = e->squares + distance * distance * n * more / (n + more);
    return sqrt(squares / (n + more - 1));
}

static int double_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static double reduce_median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), double_compare);
    double upper = values[count / 2];
    return count % 2 == 1 ? upper : values[count / 2 - 1] / 2 + upper / 2; /* halves first: no overflow */
}

double reduce_values(enum reduce_kind kind, double *values, size_t count)
{
    if (count == 1) {
        return values[0];
    }
    if (kind == REDUCE_MEDIAN) {
        return reduce_median(values, count);
    }
    struct estimate e = {0};
    for (size_t i = 0; i < count; i++) {
        estimate_add(&e, values[i]);
    }
    if (kind == REDUCE_MEAN) {
        return e.min == e.max ? e.min : estimate_mean(&e);
    }
    return kind == REDUCE_MAX ? e.max : e.min;
}

uint64_t quantile_rank(uint64_t n, double p)
{
    double rank = ceil((double)n * p - QUANTILE_SLACK);
    if (rank < 1) {
        return 1;
    }
    return rank >= (double)n ? n : (uint64_t)rank;
}

double pass_at_k(uint32_t n, uint32_t c, uint32_t k)
{
    if (n - c < k) {
        return 1;
    }
    double none = 1;
    for (uint32_t i = 0; i < k; i++) {
        none *= (double)(n - c - i) / (double)(n - i);
    }
    return 1 - none;
}

double pass_all_k(uint32_t n, uint32_t c, uint32_t k)
{
    if (c < k) {
        return 0;
    }
    double all = 1;
    for (uint32_t i = 0; i < k; i++) {
        all *= (double)(c - i) / (double)(n - i);
    }
    return all;
}

bool estimate_equal(double a, double b)
{
    if (isinf(a) || isinf(b)) {
        return a == b;
    }
    return fabs(a - b) <= EQUAL_RELATIVE * fmax(fabs(a), fabs(b));
}
