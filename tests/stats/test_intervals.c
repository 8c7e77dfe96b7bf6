/* usage: test_stats_intervals DATA_DIR */

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "stats/hall.h"
#include "stats/holm.h"
#include "stats/mean_test.h"
#include "stats/rate.h"
#include "stats/student.h"
#include "stats/tango.h"
#include "tests/check.h"
#include "tests/stats/reference.h"

static const char *data_dir;

static const struct stat_range ANYTHING = {.is_bounded = false};

static void check_near(const struct reference_row *row, double got, double want, double relative)
{
    CHECK_DOUBLE(row->label, got, want, relative * fabs(want) + 1e-300);
}

static void check_rate(const struct reference_row *row)
{
    const double *v = row->values;
    if (strcmp(row->name, "rate") == 0) {
        struct stat_test test = rate_test((uint64_t)v[0], (uint64_t)v[1], v[2]);
        check_near(row, test.below, v[3], 1e-12);
        check_near(row, test.above, v[4], 1e-12);
        return;
    }
    bool is_wilson = strcmp(row->name, "wilson") == 0;
    struct stat_interval got = (is_wilson ? rate_wilson : rate_exact)((uint64_t)v[0], (uint64_t)v[1], v[2]);
    CHECK(row->label, got.has_lo && got.has_hi);
    CHECK(row->label, got.how.n == (uint64_t)v[1] && got.how.alpha == v[2]);
    check_near(row, got.lo, v[3], is_wilson ? 1e-10 : 1e-12); /* R's own form cancels for few x */
    check_near(row, got.hi, v[4], 1e-12);
}

static void check_t(const struct reference_row *row, struct arena *arena)
{
    const double *v = row->values;
    struct sample s = {.values = v + 8, .n = row->count - 8};
    struct mean m = mean_of(&s, &ANYTHING, arena);
    check_near(row, m.mean, v[2], 1e-15);
    check_near(row, m.stddev, v[3], 1e-13);
    struct stat_interval got = mean_interval(&m, &ANYTHING, v[0]);
    CHECK(row->label, got.how.method == METHOD_T && got.how.df == (double)(s.n - 1));
    check_near(row, got.lo, v[4], 1e-11);
    check_near(row, got.hi, v[5], 1e-11);
    struct stat_test test = mean_test(&m, &ANYTHING, GUARD_ABOVE, v[1]);
    check_near(row, test.below, v[6], 1e-11);
    CHECK(row->label, test.above >= v[7] * (1 - 1e-11)); /* t's, or Hall's where that is larger */
}

static void check_hall(const struct reference_row *row, struct arena *arena)
{
    const double *v = row->values;
    struct sample s = {.values = v + 3, .n = row->count - 3};
    struct mean m = mean_of(&s, &ANYTHING, arena);
    double n = (double)s.n;
    CHECK_DOUBLE(row->label, hall_statistic(m.mean, m.stddev, m.skew, n, v[0]), v[1], 1e-9);
    CHECK_DOUBLE(row->label, hall_statistic(m.mean, m.stddev, m.skew, n, v[2]), -student_quantile(0.05, n - 1), 1e-6);
    CHECK_DOUBLE(row->label, hall_line(m.mean, m.stddev, m.skew, n, -student_quantile(0.05, n - 1)), v[2],
                 1e-8 * m.stddev + 1e-9 * fabs(v[2]));
}

static void check_cr2(const struct reference_row *row, struct arena *arena)
{
    const double *v = row->values;
    size_t n = (size_t)v[0];
    uint32_t *clusters = arena_array(arena, uint32_t, n);
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        clusters[i] = (uint32_t)v[4 + n + i];
        count = clusters[i] + 1 > count ? clusters[i] + 1 : count;
    }
    struct sample s = {v + 4, clusters, n, count};
    struct mean m = mean_of(&s, &ANYTHING, arena);
    CHECK(row->label, m.has_se && m.is_clustered && m.clusters == count);
    check_near(row, m.mean, v[1], 1e-14);
    check_near(row, m.se, v[2], 1e-11);
    check_near(row, m.df, v[3], 1e-11);
}

static void check_mcnemar(const struct reference_row *row)
{
    const double *v = row->values;
    struct pairs p = {(uint64_t)v[0], (uint64_t)v[1], (uint64_t)v[2]};
    struct stat_test tests[] = {mcnemar_midp(&p), mcnemar_exact(&p)};
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(row->label, tests[i].how.n, p.n);
        check_near(row, tests[i].below, v[3 + 3 * i], 1e-11);
        check_near(row, tests[i].above, v[4 + 3 * i], 1e-11);
        check_near(row, tests[i].two_sided, v[5 + 3 * i], 1e-11);
    }
}

static void check_tango(const struct reference_row *row)
{
    const double *v = row->values;
    struct pairs p = {(uint64_t)v[0], (uint64_t)v[1], (uint64_t)v[2]};
    if (strcmp(row->name, "tangoz") == 0) {
        CHECK_DOUBLE(row->label, tango_z(&p, v[3]), v[4], 1e-9 * (1 + fabs(v[4])));
        return;
    }
    if (strcmp(row->name, "tangotail") == 0) {
        struct stat_test test = tango_test(&p, v[3]);
        CHECK_INT(row->label, test.how.method, METHOD_TANGO_TAIL);
        CHECK_DOUBLE(row->label, test.below, v[4], 1e-11);
        CHECK_DOUBLE(row->label, test.above, v[5], 1e-11);
        return;
    }
    struct stat_interval got = tango_interval(&p, v[3]);
    CHECK(row->label, got.has_lo && got.has_hi && got.how.method == METHOD_TANGO);
    CHECK_DOUBLE(row->label, got.lo, v[4], 1e-10);
    CHECK_DOUBLE(row->label, got.hi, v[5], 1e-10);
}

static void check_holm(const struct reference_row *row, struct arena *arena)
{
    size_t count = row->count / 2;
    double *adjusted = arena_array(arena, double, count);
    holm_adjust(row->values, count, adjusted, arena);
    for (size_t i = 0; i < count; i++) {
        check_near(row, adjusted[i], row->values[count + i], 1e-14);
        double level = holm_level(0.05, row->values[i], adjusted[i], count);
        CHECK(row->label, (row->values[i] <= level) == (adjusted[i] <= 0.05));
    }
}

static void test_reference(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct reference reference = reference_read(&arena, data_dir, "intervals.txt");
    for (size_t i = 0; i < reference.len; i++) {
        const struct reference_row *row = &reference.rows[i];
        if (strcmp(row->name, "t") == 0) {
            check_t(row, &arena);
        } else if (strcmp(row->name, "hall") == 0) {
            check_hall(row, &arena);
        } else if (strcmp(row->name, "cr2") == 0) {
            check_cr2(row, &arena);
        } else if (strcmp(row->name, "mcnemar") == 0) {
            check_mcnemar(row);
        } else if (strncmp(row->name, "tango", 5) == 0) {
            check_tango(row);
        } else if (strcmp(row->name, "holm") == 0) {
            check_holm(row, &arena);
        } else {
            check_rate(row);
        }
    }
}

static const struct stat_range UNIT = {true, 0, 1};
static const struct stat_range DIFFERENCE = {true, -1, 1};

/* What few, equal or one-sided values give. NAN: no such side. */
static void test_degenerate_means(void)
{
    static const struct {
        const char *name;
        double values[24];
        size_t n;
        uint32_t clusters[24]; /* all 0 and cluster_count 0: none */
        uint32_t cluster_count;
        const struct stat_range *range;
        enum stat_method method;
        double lo, hi, below, above; /* at 95 %; the line is 0.5 */
    } rows[] = {
        {"none", {0}, 0, {0}, 0, &UNIT, METHOD_NONE, NAN, NAN, 1, 1},
        {"one", {1}, 1, {0}, 0, &UNIT, METHOD_NONE, NAN, NAN, 1, 1},
        {"one cluster", {1, 0, 0, 1}, 4, {0}, 1, &UNIT, METHOD_NONE, NAN, NAN, 1, 1},
        {"one cluster, constant", {1, 1, 1, 1}, 4, {0}, 1, &UNIT, METHOD_NONE, NAN, NAN, 1, 1},
        {"one cluster that holds all of two", {1, 0}, 2, {1, 1}, 3, &UNIT, METHOD_NONE, NAN, NAN, 1, 1},
        {"constant, anything", {5, 5, 5}, 3, {0}, 0, &ANYTHING, METHOD_NONE, NAN, NAN, 1, 1},
        /* 1 - 0.025^(1/2) of the room below; the p of "at least half": 0.5^2 */
        {"two equal", {1, 1}, 2, {0}, 0, &UNIT, METHOD_UNSEEN, 0.15811388300841897, 1, 1, 0.25},
        {"all at the bottom", {0, 0, 0, 0}, 4, {0}, 0, &UNIT, METHOD_UNSEEN, 0, 0.60236463561647469, 0.0625, 1},
        {"all in the middle",
         {0.5, 0.5},
         2,
         {0},
         0,
         &UNIT,
         METHOD_UNSEEN,
         0.079056941504209485,
         0.92094305849579051,
         1,
         1},
        {"no difference",
         {0, 0},
         2,
         {0},
         0,
         &DIFFERENCE,
         METHOD_UNSEEN,
         -0.841886116991581,
         0.841886116991581,
         0.25,
         1},
        {"clusters count, not cases",
         {1, 1, 1, 1},
         4,
         {0, 0, 1, 1},
         2,
         &UNIT,
         METHOD_UNSEEN,
         0.15811388300841897,
         1,
         1,
         0.25},
        {"equal but for rounding",
         {0.3, 0.30000000000000004},
         2,
         {0},
         0,
         &UNIT,
         METHOD_UNSEEN,
         0.047434164902525687,
         0.88932028189410661,
         0.51020408163265307,
         1},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sample s = {rows[i].values, rows[i].cluster_count == 0 ? NULL : rows[i].clusters, rows[i].n,
                           rows[i].cluster_count};
        struct mean m = mean_of(&s, rows[i].range, &arena);
        struct stat_interval got = mean_interval(&m, rows[i].range, 0.05);
        CHECK_INT(rows[i].name, got.how.method, rows[i].method);
        CHECK_INT(rows[i].name, got.how.n, rows[i].n);
        CHECK(rows[i].name, got.has_lo == !isnan(rows[i].lo) && got.has_hi == !isnan(rows[i].hi));
        if (got.has_lo) {
            CHECK_DOUBLE(rows[i].name, got.lo, rows[i].lo, 1e-14);
            CHECK_DOUBLE(rows[i].name, got.hi, rows[i].hi, 1e-14);
        }
        struct stat_test test = mean_test(&m, rows[i].range, GUARD_ABOVE, 0.5);
        CHECK_DOUBLE(rows[i].name, test.below, rows[i].below, 1e-14);
        CHECK_DOUBLE(rows[i].name, test.above, rows[i].above, 1e-14);
    }
}

/* One to four values off the mode: never narrower than what may be unseen, nor than t. */
static void test_few_off(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double values[100];
    for (size_t off = 0; off <= 6; off++) {
        for (size_t i = 0; i < ARRAY_LEN(values); i++) {
            values[i] = i < off ? 0.9 : 1;
        }
        struct sample s = {.values = values, .n = ARRAY_LEN(values)};
        struct mean m = mean_of(&s, &UNIT, &arena);
        CHECK_INT("off the mode", m.off_mode, off);
        CHECK_DOUBLE("mode", m.mode, 1, 0);
        struct stat_interval got = mean_interval(&m, &UNIT, 0.05);
        enum stat_method want = off == 0 ? METHOD_UNSEEN : off <= 4 ? METHOD_HULL : METHOD_T;
        CHECK_INT("method", got.how.method, want);
        struct stat_test test = mean_test(&m, &UNIT, GUARD_ABOVE, 0.98);
        if (off <= 4) {
            /* 1 - 0.025^(1/100), 0.98^100: as if none had been seen, though t would be sure */
            CHECK_DOUBLE("lower limit", got.lo, 0.96378330735482354, 1e-13);
            CHECK_DOUBLE("p", test.above, 0.13261955589475, 1e-13);
        } else {
            CHECK("t and Hall are on their own", test.above < 0.02);
        }
        CHECK("without a range there is only t", off == 0 || mean_interval(&m, &ANYTHING, 0.05).how.method == METHOD_T);
    }
}

/* A cluster that holds nearly all leaves next to no degrees of freedom; deviations that cancel are no certainty. */
static void test_odd_clusters(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double values[1000];
    uint32_t clusters[1000];
    for (uint32_t i = 0; i < 1000; i++) {
        values[i] = i % 2;
        clusters[i] = i < 990 ? 0 : i;
    }
    struct sample giant = {values, clusters, 1000, 1000};
    struct mean m = mean_of(&giant, &UNIT, &arena);
    CHECK_INT("clusters", m.clusters, 11);
    CHECK("giant: df", m.has_se && m.df < 1.1);
    for (uint32_t i = 0; i < 1000; i++) {
        clusters[i] = i / 2;
    }
    struct sample pairs_that_cancel = {values, clusters, 1000, 500};
    m = mean_of(&pairs_that_cancel, &UNIT, &arena);
    CHECK_DOUBLE("the plain standard error", m.se, m.stddev / sqrt(1000), 1e-15);
    CHECK_DOUBLE("the clustered df", m.df, 499, 1e-9);
    for (uint32_t i = 0; i < 1000; i++) {
        clusters[i] = i;
    }
    struct sample own = {values, clusters, 1000, 1000};
    struct sample none = {values, NULL, 1000, 0};
    struct mean a = mean_of(&own, &UNIT, &arena);
    struct mean b = mean_of(&none, &UNIT, &arena);
    CHECK_DOUBLE("every case its own cluster", a.se, b.se, 1e-16);
    CHECK_DOUBLE("every case its own cluster", a.df, b.df, 1e-9);
}

/* Counts whose products no 64-bit integer holds. */
static void test_many(void)
{
    enum { MANY = 110000 };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct pairs one_way = {MANY, 0, MANY};
    double z = 1.959963984540054;
    struct stat_interval tango = tango_interval(&one_way, 0.05);
    CHECK_DOUBLE("all one way", tango.lo, -1, 0);
    CHECK_DOUBLE("all one way", tango.hi, -1 + 2 * z * z / (MANY + z * z), 1e-11);
    struct pairs none = {MANY, 0, 0};
    tango = tango_interval(&none, 0.05);
    CHECK_DOUBLE("none", tango.hi, z * z / (MANY + z * z), 1e-15);
    CHECK_DOUBLE("none", tango.lo, -z * z / (MANY + z * z), 1e-15);
    double *values = arena_array(&arena, double, MANY);
    for (size_t i = 0; i < MANY; i++) {
        values[i] = (double)(i + 1);
    }
    struct sample s = {.values = values, .n = MANY};
    struct mean m = mean_of(&s, &ANYTHING, &arena);
    CHECK_DOUBLE("mean", m.mean, (MANY + 1) / 2.0, 1e-9);
    CHECK_DOUBLE("stddev", m.stddev, sqrt(MANY * (MANY + 1.0) / 12), 1e-7);
    CHECK_DOUBLE("df", m.df, MANY - 1, 1e-6);
}

static void test_degenerate_counts(void)
{
    struct stat_interval none = rate_wilson(0, 0, 0.05);
    CHECK("no cases, no interval", !none.has_lo && !none.has_hi);
    none = rate_exact(0, 0, 0.05);
    CHECK("no cases, no interval", !none.has_lo && !none.has_hi);
    CHECK("no cases show nothing", rate_test(0, 0, 0.5).below >= 1 && rate_test(0, 0, 0.5).above >= 1);
    CHECK_DOUBLE("Wilson at 0", rate_wilson(0, 7, 0.05).lo, 0, 0);
    CHECK_DOUBLE("Wilson at n", rate_wilson(7, 7, 0.05).hi, 1, 0);
    struct pairs empty = {0, 0, 0};
    CHECK("no pairs, no interval", !tango_interval(&empty, 0.05).has_lo);
    CHECK_DOUBLE("no pairs show nothing", tango_test(&empty, -0.1).below, 1, 0);
    struct pairs same = {50, 0, 0};
    CHECK_DOUBLE("nothing discordant", mcnemar_midp(&same).two_sided, 1, 0);
    CHECK_DOUBLE("nothing discordant", mcnemar_midp(&same).below, 1, 0);
    CHECK_DOUBLE("0/0 is 0", tango_z(&same, 0), 0, 0);
    struct pairs lost = {3, 0, 3};
    CHECK_DOUBLE("the end itself", tango_z(&lost, -1), 0, 0);
    CHECK("beyond what is possible", tango_test(&lost, 1).below <= 0);
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double p[] = {0.5};
    holm_adjust(p, 0, p, &arena);
    CHECK_CSTR("names", str_from(stat_method_name(METHOD_MCNEMAR_MIDP)), "mcnemar mid-p");
}

/* A claim holds exactly where its bound lies beyond the line: print and verdict cannot differ. */
static void test_bounds_agree(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct rng rng;
    rng_seed(&rng, 3);
    double values[60];
    for (int round = 0; round < 2000; round++) {
        size_t n = 2 + (size_t)rng_below(&rng, 58);
        size_t off = (size_t)rng_below(&rng, n);
        for (size_t i = 0; i < n; i++) {
            values[i] = round % 3 == 0   ? (i < off ? 0 : 1)
                        : round % 3 == 1 ? rng_unit(&rng)
                                         : (i < 2 ? rng_unit(&rng) : 1);
        }
        double line = rng_unit(&rng);
        struct sample s = {.values = values, .n = n};
        struct mean m = mean_of(&s, &UNIT, &arena);
        struct stat_interval bounds = mean_bounds(&m, &UNIT, GUARD_ABOVE, 0.05);
        struct stat_test test = mean_test(&m, &UNIT, GUARD_ABOVE, line);
        CHECK("mean above", (test.above <= 0.05) == (bounds.lo >= line));
        CHECK("mean below", (test.below <= 0.05) == (bounds.hi <= line));
        CHECK_INT("the same method", test.how.method, bounds.how.method);
        bounds = rate_exact(off, n, 0.1);
        test = rate_test(off, n, line);
        CHECK("rate above", (test.above <= 0.05) == (bounds.lo >= line));
        CHECK("rate below", (test.below <= 0.05) == (bounds.hi <= line));
        struct pairs p = {n, off / 2, (n - off) / 2};
        bounds = tango_interval(&p, 0.1);
        test = tango_test(&p, line - 0.5);
        CHECK("z above", (test.statistic >= 1.6448536269514722) == (bounds.lo >= line - 0.5));
        CHECK("z below", (test.statistic <= -1.6448536269514722) == (bounds.hi <= line - 0.5));
        arena_reset(&arena);
    }
}

/* With a guard on both sides a claim and its mirror are one; clusters of one each are no clusters; bounds and test agree in clusters, too. */
static void test_guards(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct rng rng;
    rng_seed(&rng, 4);
    double values[60], mirrored[60];
    uint32_t alone[60], fives[60];
    for (int round = 0; round < 500; round++) {
        size_t n = 10 + (size_t)rng_below(&rng, 50);
        for (size_t i = 0; i < n; i++) {
            values[i] = -log(1 - rng_unit(&rng));
            mirrored[i] = -values[i];
            alone[i] = (uint32_t)i;
            fives[i] = (uint32_t)(i / 5);
        }
        double line = 2 * rng_unit(&rng);
        struct mean m[4];
        for (int k = 0; k < 4; k++) {
            struct sample s = {k == 1 ? mirrored : values, k < 2 ? NULL : k == 2 ? alone : fives, n, 60};
            m[k] = mean_of(&s, &ANYTHING, &arena);
        }
        struct stat_test both = mean_test(&m[0], &ANYTHING, GUARD_BOTH, line);
        CHECK_DOUBLE("above", both.above, mean_test(&m[0], &ANYTHING, GUARD_ABOVE, line).above, 0);
        CHECK_DOUBLE("below", both.below, mean_test(&m[1], &ANYTHING, GUARD_ABOVE, -line).above, 1e-12);
        CHECK_DOUBLE("alone", both.below, mean_test(&m[2], &ANYTHING, GUARD_BOTH, line).below, 1e-12);
        CHECK_DOUBLE("alone", both.above, mean_test(&m[2], &ANYTHING, GUARD_BOTH, line).above, 1e-12);
        for (int k = 0; k < 4; k += 3) {
            struct stat_interval bounds = mean_bounds(&m[k], &ANYTHING, GUARD_BOTH, 0.05);
            both = mean_test(&m[k], &ANYTHING, GUARD_BOTH, line);
            CHECK("bound above", (both.above <= 0.05) == (bounds.lo >= line));
            CHECK("bound below", (both.below <= 0.05) == (bounds.hi <= line));
        }
        arena_reset(&arena);
    }
}

static void test_differences(void)
{
    CHECK_DOUBLE("rounding is no difference", mean_difference(0.1 + 0.2, 0.3), 0, 0);
    CHECK_DOUBLE("a difference", mean_difference(0.5, 0.75), -0.25, 0);
}

int main(int argc, char **argv)
{
    data_dir = argc > 1 ? argv[1] : ".";
    static const struct check_test tests[] = {
        {"against R", test_reference},
        {"degenerate means", test_degenerate_means},
        {"few off the mode", test_few_off},
        {"odd clusters", test_odd_clusters},
        {"many", test_many},
        {"degenerate counts", test_degenerate_counts},
        {"bounds agree", test_bounds_agree},
        {"guards", test_guards},
        {"differences", test_differences},
    };
    return check_run("stats/intervals", tests, ARRAY_LEN(tests));
}
