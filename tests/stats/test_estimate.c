#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "stats/estimate.h"
#include "tests/check.h"

enum { VALUES_MAX = 2000 };

static struct estimate estimate_of(const double *values, size_t count)
{
    struct estimate e = {0};
    for (size_t i = 0; i < count; i++) {
        estimate_add(&e, values[i]);
    }
    return e;
}

/* Figures by R: sum, mean, sd. */
static void test_figures(void)
{
    static const struct {
        const char *name;
        double values[8];
        size_t count;
        double sum, mean, stddev, min, max;
    } rows[] = {
        {"one", {3}, 1, 3, 3, NAN, 3, 3},
        {"two", {1, 0}, 2, 1, 0.5, 0.70710678118654757, 0, 1},
        {"equal, not representable", {0.1, 0.1, 0.1}, 3, 0.3, 0.1, 0, 0.1, 0.1},
        {"negative", {-1, -2, -4.5}, 3, -7.5, -2.5, 1.8027756377319946, -4.5, -1},
        {"far from zero",
         {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16},
         4,
         4e9 + 40,
         1e9 + 10,
         5.4772255750516612,
         1e9 + 4,
         1e9 + 16},
        {"cancels", {1e100, 1, -1e100}, 3, 1, 1.0 / 3, 1e100, -1e100, 1e100},
        {"zeros", {0, 0, 0, 0}, 4, 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct estimate e = estimate_of(rows[i].values, rows[i].count);
        CHECK_INT(rows[i].name, e.n, rows[i].count);
        CHECK_DOUBLE(rows[i].name, estimate_sum(&e), rows[i].sum, 1e-15 * fabs(rows[i].sum));
        CHECK_DOUBLE(rows[i].name, estimate_mean(&e), rows[i].mean, 1e-15 * fabs(rows[i].mean));
        CHECK_DOUBLE(rows[i].name, e.min, rows[i].min, 0);
        CHECK_DOUBLE(rows[i].name, e.max, rows[i].max, 0);
        if (!isnan(rows[i].stddev)) {
            CHECK_DOUBLE(rows[i].name, estimate_stddev(&e), rows[i].stddev, 1e-12 * rows[i].stddev);
        }
    }
}

/* The two passes that docs/statistics.md asks for. */
static double stddev_of(const double *values, size_t count)
{
    long double mean = 0;
    long double squares = 0;
    for (size_t i = 0; i < count; i++) {
        mean += values[i];
    }
    mean /= (long double)count;
    for (size_t i = 0; i < count; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
    }
    return (double)sqrtl(squares / (long double)(count - 1));
}

static void test_random(void)
{
    static double values[VALUES_MAX];
    struct rng rng;
    rng_seed(&rng, 7);
    for (int round = 0; round < 200; round++) {
        size_t count = 2 + (size_t)rng_below(&rng, VALUES_MAX - 60);
        double offset = round % 3 == 0 ? 1e6 : 0;
        for (size_t i = 0; i < count; i++) {
            values[i] = offset + (round % 2 == 0 ? (double)rng_below(&rng, 2) : rng_unit(&rng) * 50 - 25);
        }
        struct estimate e = estimate_of(values, count);
        double want = stddev_of(values, count);
        CHECK_DOUBLE("one pass is as good as two", estimate_stddev(&e), want, 1e-9 * (want + 1));
        uint64_t more = rng_below(&rng, 50);
        double value = round % 5 == 0 ? 0 : 1;
        struct estimate with = e;
        for (uint64_t i = 0; i < more; i++) {
            estimate_add(&with, value);
        }
        CHECK_DOUBLE("mean with more", estimate_mean_with(&e, more, value), estimate_mean(&with), 1e-9 * (1 + offset));
        CHECK_DOUBLE("stddev with more", estimate_stddev_with(&e, more, value), estimate_stddev(&with),
                     1e-9 * (1 + offset));
    }
}

static void test_with_nothing(void)
{
    struct estimate none = {0};
    CHECK_DOUBLE("only the worst", estimate_mean_with(&none, 3, 1), 1, 0);
    CHECK_DOUBLE("only the worst", estimate_stddev_with(&none, 3, 1), 0, 0);
}

static void test_reduce(void)
{
    static const struct {
        const char *name;
        enum reduce_kind kind;
        double values[6];
        size_t count;
        double want;
    } rows[] = {
        {"mean", REDUCE_MEAN, {1, 0, 0, 1}, 4, 0.5},
        {"mean of equals is that", REDUCE_MEAN, {0.1, 0.1, 0.1}, 3, 0.1},
        {"median, odd", REDUCE_MEDIAN, {9, 1, 5}, 3, 5},
        {"median, even", REDUCE_MEDIAN, {9, 1, 5, 2}, 4, 3.5},
        {"median of two", REDUCE_MEDIAN, {0, 1}, 2, 0.5},
        {"median, huge", REDUCE_MEDIAN, {1.6e308, 1.7e308}, 2, 1.65e308},
        {"max", REDUCE_MAX, {-3, -1, -2}, 3, -1},
        {"min", REDUCE_MIN, {3, 1, 2}, 3, 1},
        {"one", REDUCE_MEDIAN, {7}, 1, 7},
        {"one", REDUCE_MIN, {7}, 1, 7},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double values[6];
        memcpy(values, rows[i].values, sizeof(values));
        CHECK_DOUBLE(rows[i].name, reduce_values(rows[i].kind, values, rows[i].count), rows[i].want,
                     1e-15 * fabs(rows[i].want));
    }
}

/* R: sort(x)[ceiling(n * p)], quantile(type = 1). */
static void test_quantile_rank(void)
{
    static const struct {
        uint64_t n;
        double p;
        uint64_t rank;
    } rows[] = {
        {1, 0.01, 1},       {1, 0.99, 1},
        {2, 0.5, 1},        {3, 0.5, 2},
        {4, 0.5, 2},        {20, 0.95, 19},
        {100, 0.95, 95},    {100, 0.07, 7},
        {100, 0.29, 29},    {100, 0.57, 57},
        {200, 0.95, 190},   {10, 0.999, 10},
        {1000, 0.999, 999}, {1000000, 0.95, 950000},
        {3, 0.01, 1},       {19, 0.95, 19},
        {21, 0.95, 20},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT("rank", quantile_rank(rows[i].n, rows[i].p), rows[i].rank);
    }
}

static double choose(uint32_t n, uint32_t k)
{
    double value = 1;
    for (uint32_t i = 1; i <= k; i++) {
        value = value * (double)(n - k + i) / (double)i;
    }
    return k > n ? 0 : value;
}

static void test_pass_k(void)
{
    for (uint32_t n = 1; n <= 12; n++) {
        for (uint32_t c = 0; c <= n; c++) {
            for (uint32_t k = 1; k <= n; k++) {
                double none = n - c < k ? 0 : choose(n - c, k) / choose(n, k);
                double all = c < k ? 0 : choose(c, k) / choose(n, k);
                CHECK_DOUBLE("pass@k", pass_at_k(n, c, k), 1 - none, 1e-12);
                CHECK_DOUBLE("pass^k", pass_all_k(n, c, k), all, 1e-12);
            }
        }
    }
    CHECK_DOUBLE("many trials do not overflow", pass_at_k(100000, 50000, 2), 1 - 0.25, 1e-5);
}

static void test_equal(void)
{
    CHECK("a sum of tenths", estimate_equal(0.1 + 0.2, 0.3));
    CHECK("143 of 200", estimate_equal(143.0 / 200, 0.715));
    CHECK("differ", !estimate_equal(0.8, 0.8 + 1e-11));
    CHECK("zero is zero alone", !estimate_equal(0, 1e-300));
    CHECK("infinite", estimate_equal(INFINITY, INFINITY));
    CHECK("infinite and not", !estimate_equal(INFINITY, 1e308));
    CHECK("both ends", !estimate_equal(-INFINITY, INFINITY));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"figures", test_figures},
        {"random", test_random},
        {"with nothing", test_with_nothing},
        {"reduce", test_reduce},
        {"quantile rank", test_quantile_rank},
        {"pass@k, pass^k", test_pass_k},
        {"equal", test_equal},
    };
    return check_run("stats/estimate", tests, ARRAY_LEN(tests));
}
