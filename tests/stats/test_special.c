/* usage: test_stats_special DATA_DIR */

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "stats/beta.h"
#include "stats/binomial.h"
#include "stats/normal.h"
#include "stats/student.h"
#include "tests/check.h"
#include "tests/stats/reference.h"

static const char *data_dir;

static const double RELATIVE = 1e-12;
static const double SMALLEST = 1e-290; /* below, R's own figures lose digits */

static void check_near(const struct reference_row *row, double got, double want)
{
    if (fabs(want) < SMALLEST) {
        CHECK_DOUBLE(row->label, got, want, SMALLEST);
        return;
    }
    /* A tail of 1e-100 changes by 1e-12 when x changes in its last bit. */
    CHECK_DOUBLE(row->label, got, want, RELATIVE * fabs(want) * fmax(1, -log10(fabs(want)) / 40));
}

static void check_row(const struct reference_row *row)
{
    const double *v = row->values;
    if (strcmp(row->name, "pbeta") == 0) {
        struct tails got = beta_tails(v[0], v[1], v[2], 1 - v[2]);
        check_near(row, got.lower, v[3]);
        check_near(row, got.upper, v[4]);
    } else if (strcmp(row->name, "pnorm") == 0) {
        check_near(row, normal_cdf(v[0]), v[1]);
    } else if (strcmp(row->name, "qnorm") == 0) {
        check_near(row, normal_quantile(v[0]), v[1]);
    } else if (strcmp(row->name, "pt") == 0) {
        struct tails got = student_tails(v[0], v[1]);
        check_near(row, got.lower, v[2]);
        check_near(row, got.upper, v[3]);
    } else if (strcmp(row->name, "qt") == 0) {
        check_near(row, student_quantile(v[0], v[1]), v[2]);
    } else if (strcmp(row->name, "dbinom") == 0) {
        check_near(row, binomial_exactly((uint64_t)v[0], (uint64_t)v[1], v[2]), v[3]);
    } else {
        CHECK(row->label, strcmp(row->name, "pbinom") == 0);
        check_near(row, binomial_at_most((uint64_t)v[0], (uint64_t)v[1], v[2]), v[3]);
        check_near(row, binomial_at_least((uint64_t)v[0], (uint64_t)v[1], v[2]), v[4]);
    }
}

static void test_reference(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct reference reference = reference_read(&arena, data_dir, "special.txt");
    for (size_t i = 0; i < reference.len; i++) {
        check_row(&reference.rows[i]);
    }
}

static void test_edges(void)
{
    static const struct {
        const char *name;
        double p, want;
    } ends[] = {{"never", 0, -INFINITY}, {"always", 1, INFINITY}, {"the middle", 0.5, 0}};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        CHECK(ends[i].name, normal_quantile(ends[i].p) == ends[i].want);
        CHECK(ends[i].name, student_quantile(ends[i].p, 3.5) == ends[i].want);
        CHECK(ends[i].name, student_quantile(ends[i].p, INFINITY) == ends[i].want);
    }
    CHECK_DOUBLE("tan(pi (p - 1/2)), by mpmath", student_quantile(0.499999, 1), -3.14159265351607382351e-6, 1e-17);
    CHECK_DOUBLE("t beyond all", student_tails(INFINITY, 5).upper, 0, 0);
    CHECK_DOUBLE("t before all", student_tails(-INFINITY, 5).lower, 0, 0);
    CHECK_DOUBLE("t without end of df", student_tails(1.5, INFINITY).upper, normal_cdf(-1.5), 0);
    CHECK_DOUBLE("t of 1e150", student_tails(1e150, 1).upper, 1e-150 / acos(-1), 1e-162);
    CHECK_DOUBLE("x = 0", beta_tails(2, 3, 0, 1).lower, 0, 0);
    CHECK_DOUBLE("x = 1", beta_tails(2, 3, 1, 0).upper, 0, 0);
    CHECK_DOUBLE("x near 1, with its y", beta_tails(3, 1, 1, 1e-30).upper, 3e-30, 1e-42);
}

static void test_binomial_edges(void)
{
    static const struct {
        const char *name;
        uint64_t k, n;
        double p, exactly, at_most, at_least;
    } rows[] = {
        {"no cases", 0, 0, 0.3, 1, 1, 1},
        {"none of one", 0, 1, 0.25, 0.75, 0.75, 1},
        {"one of one", 1, 1, 0.25, 0.25, 1, 0.25},
        {"two of one", 2, 1, 0.25, 0, 1, 0},
        {"none where never", 0, 5, 0, 1, 1, 1},
        {"one where never", 1, 5, 0, 0, 1, 0},
        {"all where always", 5, 5, 1, 1, 1, 1},
        {"four where always", 4, 5, 1, 0, 0, 1},
        {"all of four", 4, 4, 0.5, 0.0625, 1, 0.0625},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_DOUBLE(rows[i].name, binomial_exactly(rows[i].k, rows[i].n, rows[i].p), rows[i].exactly, 1e-15);
        CHECK_DOUBLE(rows[i].name, binomial_at_most(rows[i].k, rows[i].n, rows[i].p), rows[i].at_most, 1e-15);
        CHECK_DOUBLE(rows[i].name, binomial_at_least(rows[i].k, rows[i].n, rows[i].p), rows[i].at_least, 1e-15);
    }
}

/* What R was not asked: 3,000 places drawn. */
static void test_properties(void)
{
    struct rng rng;
    rng_seed(&rng, 11);
    for (int round = 0; round < 3000; round++) {
        double p = exp(-30 * rng_unit(&rng)) * 0.5;
        double df = exp(rng_unit(&rng) * 16 - 1);
        CHECK_DOUBLE("t there and back", student_tails(student_quantile(p, df), df).lower, p, 1e-12 * p);
        CHECK_DOUBLE("t mirrors", student_quantile(1 - p, df), -student_quantile(1 - (1 - p), df), 0);
        CHECK_DOUBLE("z there and back", normal_cdf(normal_quantile(p)), p, 1e-13 * p);
        uint64_t n = 1 + rng_below(&rng, 3000);
        uint64_t k = rng_below(&rng, n + 1);
        double rate = rng_unit(&rng);
        double below = k == 0 ? 0 : binomial_at_most(k - 1, n, rate);
        double term = binomial_at_most(k, n, rate) - below;
        CHECK_DOUBLE("a term is the difference of two tails", binomial_exactly(k, n, rate), term, 1e-13);
        CHECK_DOUBLE("both tails make one", below + binomial_at_least(k, n, rate), 1, 1e-14);
    }
}

int main(int argc, char **argv)
{
    data_dir = argc > 1 ? argv[1] : ".";
    static const struct check_test tests[] = {
        {"against R", test_reference},
        {"edges", test_edges},
        {"binomial edges", test_binomial_edges},
        {"properties", test_properties},
    };
    return check_run("stats/special", tests, ARRAY_LEN(tests));
}
