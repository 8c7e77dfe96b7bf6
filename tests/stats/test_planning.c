/* usage: test_stats_planning DATA_DIR */

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "stats/change.h"
#include "stats/claim.h"
#include "stats/exceedance.h"
#include "stats/flake.h"
#include "stats/icc.h"
#include "stats/mde.h"
#include "stats/plan.h"
#include "stats/power.h"
#include "stats/quantile.h"
#include "tests/check.h"
#include "tests/stats/reference.h"

static const char *data_dir;

static void check_near(const struct reference_row *row, double got, double want, double relative)
{
    CHECK_DOUBLE(row->label, got, want, relative * fabs(want) + 1e-300);
}

static double *numbered(struct arena *arena, size_t n)
{
    double *values = arena_array(arena, double, n);
    for (size_t i = 0; i < n; i++) {
        values[i] = (double)(i + 1);
    }
    return values;
}

static void check_ranks(const struct reference_row *row, struct arena *arena)
{
    const double *v = row->values;
    size_t n = (size_t)v[0];
    struct stat_interval got = quantile_interval(numbered(arena, n), n, v[1], v[2]);
    CHECK_INT(row->label, got.has_lo ? got.lo : 0, v[3]);
    CHECK_INT(row->label, got.has_hi ? got.hi : v[0] + 1, v[4]);
}

static void check_quantile(const struct reference_row *row, struct arena *arena)
{
    const double *v = row->values;
    (void)arena;
    struct stat_test got = quantile_test_counts((uint64_t)v[2], (uint64_t)v[0], v[1]);
    CHECK_DOUBLE(row->label, got.statistic, v[2], 0);
    check_near(row, got.below, v[3], 1e-12);
    check_near(row, got.above, v[4], 1e-12);
}

static struct exceedance exceedance_from(const double *values, size_t n, double p, struct arena *arena)
{
    struct exceedance e = {.baseline = values, .candidate = values + n, .n = n, .p = p};
    exceedance_init(&e, arena);
    return e;
}

static void check_exceedance(const struct reference_row *row, struct arena *arena)
{
    const double *v = row->values;
    struct exceedance e = exceedance_from(v + 7, (size_t)v[0], v[1], arena);
    struct pairs pairs = exceedance_pairs(&e, v[2]);
    CHECK_INT(row->label, pairs.b, v[3]);
    CHECK_INT(row->label, pairs.c, v[4]);
    struct stat_test got = exceedance_test(&e, v[2]);
    check_near(row, got.below, v[5], 1e-12);
    check_near(row, got.above, v[6], 1e-12);
}

static void check_ratios(const struct reference_row *row, struct arena *arena)
{
    const double *v = row->values;
    struct exceedance e = exceedance_from(v + 5, (size_t)v[0], v[1], arena);
    struct stat_interval got = exceedance_interval(&e, v[2]);
    CHECK(row->label, got.has_lo == (v[3] > 0) && got.has_hi == (v[4] > 0));
    check_near(row, got.lo, v[3], 1e-9);
    check_near(row, got.hi, v[4], 1e-9);
}

static void check_icc(const struct reference_row *row, struct arena *arena)
{
    size_t n = (size_t)row->values[0];
    uint32_t *clusters = arena_array(arena, uint32_t, n);
    for (size_t i = 0; i < n; i++) {
        clusters[i] = (uint32_t)row->values[2 + n + i];
    }
    struct sample s = {row->values + 2, clusters, n, (uint32_t)n};
    CHECK_DOUBLE(row->label, cluster_icc(&s, arena), row->values[1], 1e-12);
}

static void check_split(const struct reference_row *row, struct arena *arena)
{
    struct change *changes = NULL;
    size_t count = change_find(row->values + 2, (size_t)row->values[0], 1, arena, &changes);
    bool is_found = false;
    for (size_t i = 0; i < count; i++) {
        is_found = is_found || changes[i].at == (size_t)row->values[1];
    }
    /* Eight runs, three against five: no test at all could be surer than 1 of 56 splits. */
    CHECK(row->label, is_found == (row->values[0] > 8));
}

static void check_plan(const struct reference_row *row, struct arena *arena)
{
    const double *v = row->values;
    if (strcmp(row->name, "mean") == 0) {
        CHECK_INT(row->label, plan_mean(v[0], v[1], v[2], v[3]).cases, v[4]);
        return;
    }
    struct plan plan =
        strcmp(row->name, "pairs") == 0 ? plan_pairs(v[0], v[1], v[2], v[3], arena) : plan_rate(v[0], v[1], v[2], v[3]);
    CHECK(row->label, plan.is_possible && plan.is_exact);
    CHECK_INT(row->label, plan.cases, v[4]);
    check_near(row, plan.power, v[5], 1e-10);
}

static void check_mde(const struct reference_row *row)
{
    const double *v = row->values;
    if (strcmp(row->name, "mdemean") == 0) {
        check_near(row, mde_mean(v[0], v[1], v[2], v[3]), v[4], 1e-12);
        return;
    }
    if (strcmp(row->name, "mdefalls") == 0) {
        struct mde_falls falls = {v[0], v[1], v[2], v[3]};
        check_near(row, mde_falls(&falls, v[4], v[5], v[6]), v[7], 1e-9);
        return;
    }
    bool has_line = strcmp(row->name, "mdeline") == 0;
    const double *rest = v + (has_line ? 4 : 3);
    struct pairs pairs = {(uint64_t)v[0], (uint64_t)v[1], (uint64_t)v[2]};
    check_near(row, mde_pairs(&pairs, has_line ? v[3] : 0, rest[0], rest[1]), rest[2], 1e-9);
}

static void test_reference(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct reference reference = reference_read(&arena, data_dir, "planning.txt");
    for (size_t i = 0; i < reference.len; i++) {
        const struct reference_row *row = &reference.rows[i];
        if (strcmp(row->name, "ranks") == 0) {
            check_ranks(row, &arena);
        } else if (strcmp(row->name, "quantile") == 0) {
            check_quantile(row, &arena);
        } else if (strcmp(row->name, "exceedance") == 0) {
            check_exceedance(row, &arena);
        } else if (strcmp(row->name, "ratios") == 0) {
            check_ratios(row, &arena);
        } else if (strcmp(row->name, "icc") == 0) {
            check_icc(row, &arena);
        } else if (strcmp(row->name, "split") == 0) {
            check_split(row, &arena);
        } else if (strncmp(row->name, "mde", 3) == 0) {
            check_mde(row);
        } else {
            check_plan(row, &arena);
        }
    }
}

static void test_quantile_edges(void)
{
    static const double values[] = {-INFINITY, 1, 2, 3, INFINITY};
    struct stat_interval none = quantile_interval(values, 0, 0.5, 0.1);
    CHECK("no values, no bounds", !none.has_lo && !none.has_hi);
    struct stat_interval all = quantile_interval(values, 5, 0.5, 0.1);
    CHECK("infinite bounds are bounds", all.has_lo && all.has_hi && isinf(all.lo) && isinf(all.hi));
    CHECK("no bound beyond the sample", !quantile_interval(values, 5, 0.95, 0.1).has_hi);
    static const struct {
        double p;
        uint64_t cases;
    } rows[] = {{0.5, 5}, {0.9, 29}, {0.95, 59}, {0.99, 299}, {0.05, 59}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT("cases for a bound", quantile_min_cases(rows[i].p, 0.05), rows[i].cases);
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t n = 1; n <= 400; n++) {
        const double *v = numbered(&arena, n);
        struct stat_interval bounds = quantile_interval(v, n, 0.95, 0.1);
        CHECK("both bounds from the named count on",
              (bounds.has_lo && bounds.has_hi) == (n >= quantile_min_cases(0.95, 0.05)));
        for (size_t below = 0; below <= n; below += 7) {
            double line = (double)below + 0.5;
            struct stat_test test = quantile_test_counts(below, n, 0.95);
            CHECK("below agrees with its bound", (test.below <= 0.05) == (bounds.has_hi && bounds.hi < line));
            CHECK("above agrees with its bound", (test.above <= 0.05) == (bounds.has_lo && bounds.lo >= line));
        }
        arena_reset(&arena);
    }
}

static void test_exceedance_edges(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double values[400];
    for (size_t i = 0; i < 200; i++) {
        values[i] = 100 + (double)(i * 37 % 200);
        values[200 + i] = values[i];
    }
    struct exceedance same = exceedance_from(values, 200, 0.95, &arena);
    CHECK_DOUBLE("the same runs", exceedance_test(&same, 1).two_sided, 1, 0);
    for (size_t i = 0; i < 200; i++) {
        values[200 + i] = 1.1 * values[i];
    }
    struct exceedance tenth = exceedance_from(values, 200, 0.95, &arena);
    struct pairs pairs = exceedance_pairs(&tenth, 1.1);
    CHECK_INT("a tenth more is no more than a tenth more", pairs.b + pairs.c, 0);
    CHECK("a tenth more is more", exceedance_test(&tenth, 1).above < 0.05);
    struct exceedance none = exceedance_from(values, 0, 0.95, &arena);
    CHECK_DOUBLE("no cases", exceedance_test(&none, 1).two_sided, 1, 0);
    struct stat_interval interval = exceedance_interval(&none, 0.1);
    CHECK("no cases, no interval", !interval.has_lo && !interval.has_hi);
    struct exceedance few = exceedance_from(values, 3, 0.5, &arena);
    interval = exceedance_interval(&few, 0.1);
    CHECK("three cases, no interval", !interval.has_lo && !interval.has_hi);
    /* Every case its own cluster: t on the zeros and ones, near to the exact test. */
    uint32_t clusters[200];
    for (uint32_t i = 0; i < 200; i++) {
        clusters[i] = i / 2;
    }
    tenth.clusters = clusters;
    tenth.cluster_count = 100;
    struct stat_test test = exceedance_test(&tenth, 1);
    CHECK("clusters", test.above < 0.1 && test.how.df > 90);
    interval = exceedance_interval(&tenth, 0.1);
    CHECK("clusters", interval.how.alpha == 0.1 && interval.how.n == 200 && (!interval.has_lo || interval.lo <= 1.1));
}

static void test_exceedance_shift(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double values[400];
    for (size_t i = 0; i < 200; i++) {
        values[i] = -50 + (double)(i * 37 % 200); /* differences need no sign */
        values[200 + i] = values[i] + 30;
    }
    struct exceedance more = exceedance_from(values, 200, 0.9, &arena);
    CHECK_DOUBLE("quantile", exceedance_candidate(&more) - exceedance_baseline(&more), 30, 1e-12);
    CHECK_DOUBLE("30 more is no more than 30 more", exceedance_shift_test(&more, 30).two_sided, 1, 0);
    CHECK("30 more is more", exceedance_shift_test(&more, 0).above < 0.01);
    CHECK("and less than 80 more", exceedance_shift_test(&more, 80).below < 0.01);
    struct stat_interval interval = exceedance_shift_interval(&more, 0.1);
    CHECK("interval", interval.has_lo && interval.has_hi && interval.lo <= 30 && interval.hi >= 30 && interval.lo > 0);
    CHECK("the bound is the test", exceedance_shift_test(&more, interval.lo - 1e-6).above <= 0.05 &&
                                       exceedance_shift_test(&more, interval.hi + 1e-6).below <= 0.05);
    for (size_t i = 0; i < 400; i++) {
        values[i] = 7;
    }
    struct exceedance equal = exceedance_from(values, 200, 0.9, &arena);
    CHECK_DOUBLE("all equal", exceedance_shift_test(&equal, 0).two_sided, 1, 0);
    interval = exceedance_shift_interval(&equal, 0.1);
    CHECK("nothing exceeds its equals: no bound", !interval.has_lo && !interval.has_hi);
}

/* Whole numbers: nearly all cases move from 2 to 3, and the median with them, though few are above either. */
static void test_exceedance_ties(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double values[400];
    for (size_t i = 0; i < 200; i++) {
        values[i] = i < 160 ? 2 : 5;
        values[200 + i] = i < 160 ? 3 : 5;
    }
    struct exceedance moved = exceedance_from(values, 200, 0.5, &arena);
    CHECK_INT("all of them", exceedance_pairs(&moved, 1).b, 160);
    CHECK("are seen", exceedance_test(&moved, 1).above < 1e-20);
    CHECK_INT("and not the other way", exceedance_pairs(&moved, 1).c, 0);
}

/* Five runs of one version: alone they give what one gives; a case that one of them lacks counts by the others. */
static void test_exceedance_runs(void)
{
    enum { CASES = 300, RUNS = 5 };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    static double baseline[CASES * RUNS], single[2 * CASES];
    struct rng rng;
    rng_seed(&rng, 3);
    for (size_t i = 0; i < CASES; i++) {
        single[i] = exp(rng_unit(&rng) * 2);
        single[CASES + i] = single[i] * exp(rng_unit(&rng) - 0.5);
        for (size_t k = 0; k < RUNS; k++) {
            baseline[i * RUNS + k] = single[i];
        }
    }
    struct exceedance one = exceedance_from(single, CASES, 0.9, &arena);
    struct exceedance five = {.baseline = baseline, .candidate = single + CASES, .n = CASES, .runs = RUNS, .p = 0.9};
    exceedance_init(&five, &arena);
    CHECK_DOUBLE("the same quantile", exceedance_baseline(&five), exceedance_baseline(&one), 0);
    struct pairs pairs = exceedance_pairs(&one, 1);
    struct stat_test test = exceedance_test(&five, 1);
    double difference = (double)pairs.b - (double)pairs.c;
    CHECK("the same sign", test.statistic * difference >= 0);
    CHECK_DOUBLE("nearly the same p", test.above, exceedance_test(&one, 1).above, 0.05);
    /* a slow run among five: the other four say the same in nearly every case */
    for (size_t i = 0; i < CASES; i++) {
        single[CASES + i] = single[i];
        baseline[i * RUNS + 1] = i % 10 == 0 ? NAN : single[i];
    }
    exceedance_init(&five, &arena);
    CHECK_DOUBLE("no difference", exceedance_test(&five, 1).two_sided, 1, 0);
    CHECK("ten times as much is more", exceedance_test(&five, 0.1).above < 1e-6);
    struct stat_interval interval = exceedance_interval(&five, 0.1);
    CHECK("interval", interval.has_lo && interval.has_hi && interval.lo <= 1 && interval.hi >= 1);
}

static void test_plan_edges(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    CHECK("no difference", !plan_pairs(0.1, 0, 0.05, 0.8, &arena).is_possible);
    CHECK("no number", !plan_pairs(0.1, NAN, 0.05, 0.8, &arena).is_possible);
    CHECK("more than there is", !plan_pairs(0.1, 1e-6, 0.05, 0.8, &arena).is_possible);
    CHECK("all flip", plan_pairs(1, 0.5, 0.05, 0.8, &arena).is_possible);
    CHECK("all fall", plan_pairs(0, 1, 0.05, 0.8, &arena).cases >= 4);
    struct plan large = plan_pairs(0.1, 0.01, 0.05, 0.8, &arena);
    CHECK("beyond exact sums", large.is_possible && !large.is_exact && large.cases > PLAN_EXACT_MAX);
    CHECK("a mean on its line", !plan_mean(1, 0, 0.05, 0.8).is_possible);
    CHECK_INT("no noise", plan_mean(0, 0.1, 0.05, 0.8).cases, 2);
    CHECK("a rate on its line", !plan_rate(0.8, 0.8, 0.05, 0.8).is_possible);
    CHECK("beyond what can be", !plan_rate(0.8, 1.1, 0.05, 0.8).is_possible);
    CHECK("near its line", !plan_rate(0.8, 0.801, 0.05, 0.8).is_exact);
    CHECK_INT("59 of 59 show 95 %", plan_rate(0.95, 1, 0.05, 0.8).cases, 59);
    CHECK_DOUBLE("clusters of five, fully alike", plan_design_effect(100, 500, 1), 5, 0);
    struct pairs none = {0, 0, 0};
    CHECK_DOUBLE("nothing to see with", mde_pairs(&none, 0, 0.05, 0.8), 1, 0);
    struct pairs quiet = {1000000, 0, 0};
    CHECK_DOUBLE("four flips at least", mde_pairs(&quiet, 0, 0.05, 0.8) >= 4e-6, 1, 0);
    struct pairs few = {3, 0, 0};
    CHECK_DOUBLE("no more than there is to fall", mde_pairs(&few, -0.25, 0.05, 0.8), 0.75, 0);
    CHECK_DOUBLE("a line at the end", mde_pairs(&quiet, -1, 0.05, 0.8), 0, 0);
    struct mde_falls alone = {0, 1, 2, 0.5};
    CHECK_DOUBLE("as much falls", mde_falls(&alone, -0.1, 0.05, 0.8), 0.4, 0);
    CHECK_DOUBLE("nothing there", mde_falls(&(struct mde_falls){0, 0, 0, 1}, 0, 0.05, 0.8), 1, 0);
}

/* Two ways to the same power: the sum over discordant pairs by its parts, and by trying it. */
static void test_power(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct midp_power power;
    midp_power_init(&power, 0.8, 0.05, &arena);
    double exact = midp_power_at(&power, 150, 0.2);
    struct rng rng;
    rng_seed(&rng, 21);
    int shown = 0;
    enum { ROUNDS = 20000 };
    for (int round = 0; round < ROUNDS; round++) {
        struct pairs p = {150, 0, 0};
        for (int i = 0; i < 150; i++) {
            double u = rng_unit(&rng);
            p.c += u < 0.16 ? 1 : 0;
            p.b += u >= 0.16 && u < 0.2 ? 1 : 0;
        }
        shown += mcnemar_midp(&p).below <= 0.05 ? 1 : 0;
    }
    CHECK_DOUBLE("power", (double)shown / ROUNDS, exact, 0.01);
    CHECK_DOUBLE("no cases", midp_power_at(&power, 0, 0.2), 0, 0);
    CHECK_DOUBLE("a rate's", rate_power(59, 0.95, 0.99, 0.05), pow(0.99, 59), 1e-14);
    CHECK_DOUBLE("too few for any", rate_power(10, 0.95, 0.99, 0.05), 0, 0);
}

static void test_icc_edges(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double values[] = {1, 1, 5, 5};
    uint32_t two[] = {0, 0, 1, 1};
    uint32_t one[] = {0, 0, 0, 0};
    uint32_t own[] = {0, 1, 2, 3};
    CHECK_DOUBLE("all between", cluster_icc(&(struct sample){values, two, 4, 2}, &arena), 1, 0);
    CHECK_DOUBLE("one cluster", cluster_icc(&(struct sample){values, one, 4, 1}, &arena), 0, 0);
    CHECK_DOUBLE("no pair", cluster_icc(&(struct sample){values, own, 4, 4}, &arena), 0, 0);
    values[2] = values[3] = 1;
    CHECK_DOUBLE("constant", cluster_icc(&(struct sample){values, two, 4, 2}, &arena), 0, 0);
}

static void test_change(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double values[60];
    struct change *changes = NULL;
    for (size_t i = 0; i < 60; i++) {
        values[i] = 0.1;
    }
    CHECK_INT("constant", change_find(values, 60, 1, &arena, &changes), 0);
    CHECK_INT("none", change_find(values, 0, 1, &arena, &changes), 0);
    for (size_t i = 0; i < 60; i++) {
        values[i] = i < 20 ? 0.9 : i < 40 ? 0.7 : 0.8;
    }
    CHECK_INT("two steps", change_find(values, 60, 1, &arena, &changes), 2);
    CHECK("where", changes[0].at == 20 && changes[1].at == 40);
    CHECK_DOUBLE("before", changes[0].before, 0.9, 1e-15);
    CHECK_DOUBLE("between", changes[0].after, 0.7, 1e-15);
    CHECK_DOUBLE("between", changes[1].before, 0.7, 1e-15);
    CHECK_DOUBLE("after", changes[1].after, 0.8, 1e-15);
    CHECK_INT("seven runs are too few", change_find(values + 16, 7, 1, &arena, &changes), 0);
    /* Noise alone: one series in a hundred is marked (three standard errors around that). */
    struct rng rng;
    rng_seed(&rng, 12);
    int marked = 0;
    enum { SERIES = 400 };
    for (int round = 0; round < SERIES; round++) {
        for (size_t i = 0; i < 20; i++) {
            values[i] = rng_unit(&rng) + rng_unit(&rng);
        }
        marked += change_find(values, 20, (uint64_t)round, &arena, &changes) > 0 ? 1 : 0;
        arena_reset(&arena);
    }
    CHECK("noise alone", marked <= 10);
    for (size_t i = 0; i < 20; i++) {
        values[i] = (double)(i * 7 % 20) + (i < 9 ? 0 : 16);
    }
    struct change *again = NULL;
    size_t count = change_find(values, 20, 5, &arena, &changes);
    CHECK_INT("the same seed gives the same", change_find(values, 20, 5, &arena, &again), count);
    CHECK("found", count >= 1 && changes[0].p == again[0].p);
}

static void test_flake(void)
{
    static const struct {
        const char *name;
        uint64_t samples, passed;
        bool has_rate, is_listed;
        double rate;
    } rows[] = {
        {"none", 0, 0, false, false, 0},
        {"one", 1, 1, false, false, 0},
        {"two unlike", 2, 1, true, false, 1},
        {"five, one odd", 5, 4, true, false, 0.4},
        {"five, two odd", 5, 3, true, true, 0.6},
        {"never", 100, 100, true, false, 0},
        {"four, two odd", 4, 2, true, false, 2.0 / 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct flake f = flake_of(rows[i].samples, rows[i].passed, 0.05);
        CHECK(rows[i].name, f.has_rate == rows[i].has_rate && f.is_listed == rows[i].is_listed);
        CHECK_DOUBLE(rows[i].name, f.rate, rows[i].rate, 1e-15);
        CHECK(rows[i].name, f.pass_rate.has_lo == (rows[i].samples > 0));
    }
}

/* The choice of method, the minimum numbers, the three outcomes. */
static void test_claims(void)
{
    static const struct {
        const char *name;
        size_t n, high, low; /* so many of 1, so many of -1 (a difference) or 0, the rest 0 or 0.5 */
        bool is_binary, is_difference, is_clustered;
        double line;
        enum stat_method method;
        enum claim_outcome outcome;
    } rows[] = {
        {"a rate above", 200, 190, 10, true, false, false, 0.9, METHOD_BINOMIAL, CLAIM_ABOVE},
        {"a rate below", 200, 150, 50, true, false, false, 0.9, METHOD_BINOMIAL, CLAIM_BELOW},
        {"a rate near", 200, 180, 20, true, false, false, 0.9, METHOD_BINOMIAL, CLAIM_UNKNOWN},
        {"19 cases are too few", 19, 0, 19, true, false, false, 0.9, METHOD_BINOMIAL, CLAIM_UNKNOWN},
        {"20 are not", 20, 0, 20, true, false, false, 0.9, METHOD_BINOMIAL, CLAIM_BELOW},
        {"worse", 200, 3, 30, true, true, false, 0, METHOD_MCNEMAR_MIDP, CLAIM_BELOW},
        {"not worse by a tenth", 200, 3, 4, true, true, false, -0.1, METHOD_TANGO_TAIL, CLAIM_ABOVE},
        {"worse than a tenth", 200, 3, 60, true, true, false, -0.1, METHOD_TANGO_TAIL, CLAIM_BELOW},
        {"nothing changed", 200, 0, 0, true, true, false, 0, METHOD_MCNEMAR_MIDP, CLAIM_UNKNOWN},
        {"clusters", 200, 190, 10, true, false, true, 0.8, METHOD_T_CLUSTERED, CLAIM_ABOVE},
        {"a mean", 200, 100, 50, false, false, false, 0.3, METHOD_HALL, CLAIM_ABOVE},
        {"99 numbers cannot pass", 99, 60, 9, false, false, false, 0.3, METHOD_HALL, CLAIM_UNKNOWN},
        {"99 numbers can fail", 99, 20, 60, false, false, false, 0.8, METHOD_HALL, CLAIM_BELOW},
        {"constant", 200, 200, 0, false, false, false, 0.9, METHOD_UNSEEN, CLAIM_ABOVE},
        {"the end of the range", 200, 0, 200, true, false, false, 0, METHOD_BINOMIAL, CLAIM_ABOVE},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double values[200];
        uint32_t clusters[200];
        for (size_t k = 0; k < rows[i].n; k++) {
            double low = rows[i].is_difference ? -1 : 0;
            double rest = rows[i].is_difference ? 0 : 0.5;
            values[k] = k < rows[i].high ? 1 : k < rows[i].high + rows[i].low ? low : rest;
            clusters[k] = (uint32_t)k % 40;
        }
        struct claim_in in = {.sample = {values, rows[i].is_clustered ? clusters : NULL, rows[i].n, 40},
                              .is_binary = rows[i].is_binary,
                              .is_difference = rows[i].is_difference,
                              .range = {true, 0, 1}};
        struct claim c = claim_of(&in, &arena);
        struct stat_test test = claim_test(&c, rows[i].line);
        CHECK_INT(rows[i].name, test.how.method, rows[i].method);
        CHECK_INT(rows[i].name, claim_decide(&c, rows[i].line, 0.05, test.below), rows[i].outcome);
        CHECK("not when others weigh more", claim_decide(&c, rows[i].line, 0.05, 1) != CLAIM_BELOW);
        CHECK(rows[i].name, claim_interval(&c, 0.05).has_lo);
    }
}

int main(int argc, char **argv)
{
    data_dir = argc > 1 ? argv[1] : ".";
    static const struct check_test tests[] = {
        {"against R", test_reference},
        {"quantile edges", test_quantile_edges},
        {"exceedance edges", test_exceedance_edges},
        {"exceedance of a difference", test_exceedance_shift},
        {"exceedance of equal values", test_exceedance_ties},
        {"exceedance of several runs", test_exceedance_runs},
        {"plan edges", test_plan_edges},
        {"power", test_power},
        {"icc edges", test_icc_edges},
        {"change", test_change},
        {"flake", test_flake},
        {"claims", test_claims},
    };
    return check_run("stats/planning", tests, ARRAY_LEN(tests));
}
