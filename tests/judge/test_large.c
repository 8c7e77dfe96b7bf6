/* A hundred and ten thousand cases: no sum overflows, no tail is lost, no loop takes a noticeable time. The figures are R's: qbeta, pbinom, and tango_z
 * of tests/stats/data/intervals.R with uniroot. */

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "judge/contest.h"
#include "tests/check.h"

enum { MANY = 110000 };

static struct claim rate(uint64_t passed)
{
    struct claim_parts parts = {.is_binary = true, .range = {true, 0, 1}, .passed = passed, .mean = {.n = MANY}};
    parts.mean.mean = (double)passed / MANY;
    return claim_of_parts(&parts);
}

static struct claim pairs(uint64_t b, uint64_t c)
{
    struct claim_parts parts = {.is_binary = true,
                                .is_difference = true,
                                .range = {true, 0, 1},
                                .pairs = {.n = MANY, .b = b, .c = c},
                                .mean = {.n = MANY}};
    parts.mean.mean = ((double)b - (double)c) / MANY;
    return claim_of_parts(&parts);
}

struct large_row {
    const char *name;
    bool is_pairs;
    uint64_t b, c; /* passed; or candidate alone, baseline alone */
    double line, p_fail, p_pass, lo, hi;
    enum gate_outcome outcome;
};

static void check_row(const struct large_row *row)
{
    struct claim claim = row->is_pairs ? pairs(row->b, row->c) : rate(row->b);
    struct contest c = contest_of_scores(&claim, GATE_WORSE_BELOW, row->line, 0.05);
    CHECK_DOUBLE(row->name, c.test.below, row->p_fail, 1e-9);
    CHECK_DOUBLE(row->name, c.test.above, row->p_pass, 1e-9);
    enum gate_outcome outcome = GATE_NOT_JUDGED;
    struct stat_interval bounds = {0};
    struct err err = ERR_NULL;
    CHECK(row->name, contest_decide(&c, c.test.below, &outcome, &bounds, &err));
    CHECK_CSTR(row->name, str_from(gate_outcome_word(outcome)), gate_outcome_word(row->outcome));
    CHECK_DOUBLE(row->name, bounds.lo, row->lo, 1e-9);
    CHECK_DOUBLE(row->name, bounds.hi, row->hi, 1e-9);
}

static void counts(void)
{
    static const struct large_row rows[] = {
        {"a rate above", false, 88000, 0, 0.797, 0.993453917399914, 0.00668556167380282, 0.798005852823721,
         0.80198245697985, GATE_HOLDS},
        {"at the line", false, 88000, 0, 0.8, 0.501202854730119, 0.501804273894005, 0.798005852823721, 0.80198245697985,
         GATE_CANNOT_TELL},
        {"below", false, 88000, 0, 0.803, 0.00631776125791276, 0.993815392118958, 0.798005852823721, 0.80198245697985,
         GATE_BROKEN},
        {"all pass", false, MANY, 0, 0.9999, 1, 1.66925167683956e-05, 0.99997276644108, 1, GATE_HOLDS},
        {"none passes", false, 0, 0, 0.0001, 1.66925167683956e-05, 1, 0, 1 - 0.99997276644108, GATE_BROKEN},
        {"pairs, a drop", true, 5500, 5720, 0, 0.0189049532052118, 1 - 0.0189049532052118, -0.00358420002037588,
         -0.000416134580460476, GATE_BROKEN},
        {"pairs, inside the margin", true, 5500, 5720, -0.001, 0.149512753529198, 0.850487246470802,
         -0.00358420002037588, -0.000416134580460476, GATE_CANNOT_TELL},
        {"pairs, well inside", true, 5500, 5720, -0.01, 1, 0, -0.00358420002037588, -0.000416134580460476, GATE_HOLDS},
        {"nothing differs", true, 0, 0, 0, 1, 1, -2.45952446417479e-05, 2.45952446417479e-05, GATE_CANNOT_TELL},
        {"all twenty one way", true, 0, 20, 0, 4.76837158203125e-07, 1 - 4.76837158203125e-07, -0.000262097883478718,
         -0.000126124781074152, GATE_BROKEN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check_row(&rows[i]);
    }
}

/* Numbers of 1 to 110,000 in a scrambled order, and their clusters of `size`. */
static void scrambled(double *values, uint32_t *clusters, uint32_t size)
{
    for (uint32_t i = 0; i < MANY; i++) {
        values[i] = (double)((uint64_t)i * 7919 % MANY + 1);
        clusters[i] = i / size;
    }
}

/* R: pt, with se and df written out from the formula in stats/mean.h. */
static void means(void)
{
    static const struct {
        const char *name;
        uint32_t size;
        double se, df, p_fail, lo;
        enum gate_outcome outcome;
    } rows[] = {
        {"on their own", 1, 95.7431459687846, 109999, 0.000879747694171826, 54843.0152127974, GATE_BROKEN},
        {"clusters of eleven", 11, 71.8493532187715, 9999, 1.54635249860816e-05, 54882.3073804656, GATE_BROKEN},
        {"twenty clusters", 5500, 5.70779706790817, 19, 2.50219021661158e-22, 54990.6304608084, GATE_BROKEN},
        {"a giant", 0, 28.8893431663506, 1.2099767902442, 1, NAN, GATE_CANNOT_TELL},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double *values = arena_array(&arena, double, MANY);
    uint32_t *clusters = arena_array(&arena, uint32_t, MANY);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        scrambled(values, clusters, rows[i].size == 0 ? 1 : rows[i].size);
        for (uint32_t k = 0; k < MANY && rows[i].size == 0; k++) {
            clusters[k] = k < 100000 ? 0 : k - 99999;
        }
        struct claim_in in = {.sample = {values, rows[i].size == 1 ? NULL : clusters, MANY, MANY}};
        struct claim claim = claim_of(&in, &arena);
        CHECK_DOUBLE(rows[i].name, claim.mean.se, rows[i].se, 1e-9 * rows[i].se);
        CHECK_DOUBLE(rows[i].name, claim.mean.df, rows[i].df, 1e-9 * rows[i].df);
        struct contest c = contest_of_scores(&claim, GATE_WORSE_BELOW, 55300, 0.05);
        CHECK_DOUBLE(rows[i].name, c.test.below, rows[i].p_fail, 1e-9);
        enum gate_outcome outcome = GATE_NOT_JUDGED;
        struct stat_interval bounds = {0};
        struct err err = ERR_NULL;
        CHECK(rows[i].name, contest_decide(&c, c.test.below, &outcome, &bounds, &err));
        CHECK_CSTR(rows[i].name, str_from(gate_outcome_word(outcome)), gate_outcome_word(rows[i].outcome));
        if (outcome == GATE_BROKEN) {
            CHECK_DOUBLE(rows[i].name, bounds.hi, 2 * 55000.5 - rows[i].lo, 1e-6);
        }
    }
}

/* R: the 104,500th of the pool, counts above it in one run only, pbinom and dbinom. */
static void quantiles(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double *baseline = arena_array(&arena, double, MANY);
    double *candidate = arena_array(&arena, double, MANY);
    uint32_t *clusters = arena_array(&arena, uint32_t, MANY);
    scrambled(baseline, clusters, 1);
    for (uint32_t i = 0; i < MANY; i++) {
        candidate[i] = (double)(((uint64_t)(i + 1000) * 7919 + i % 7 * 13) % MANY + 1);
    }
    struct exceedance e = {.baseline = baseline, .candidate = candidate, .n = MANY, .p = 0.95};
    exceedance_init(&e, &arena);
    struct pairs found = exceedance_pairs(&e, 1);
    CHECK_INT("candidate alone", found.b, 965);
    CHECK_INT("baseline alone", found.c, 961);
    struct contest c = contest_of_quantiles(&e, true, GATE_WORSE_ABOVE, 1.1, 0.05, 0);
    CHECK_DOUBLE("no rise of a tenth", c.test.above, 0, 1e-12);
    enum gate_outcome outcome = GATE_NOT_JUDGED;
    struct stat_interval bounds = {0};
    struct err err = ERR_NULL;
    CHECK("decided", contest_decide(&c, c.test.below, &outcome, &bounds, &err));
    CHECK_INT("holds", outcome, GATE_HOLDS);
    CHECK("about one",
          bounds.has_lo && bounds.has_hi && bounds.lo > 0.998 && bounds.lo <= 1 && bounds.hi >= 1 && bounds.hi < 1.002);
}

/* Whole numbers: the share above a cut differs, the quantile does not. That is no rise. */
static void ties(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double *few = arena_array(&arena, double, MANY);
    double *many = arena_array(&arena, double, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        many[i] = i % 10;
        few[i] = i % 10 == 9 && i % 3 == 0 ? 8 : i % 10;
    }
    for (int is_ratio = 0; is_ratio < 2; is_ratio++) {
        struct exceedance e = {.baseline = few, .candidate = many, .n = MANY, .p = 0.95};
        exceedance_init(&e, &arena);
        struct contest c = contest_of_quantiles(&e, is_ratio == 1, GATE_WORSE_ABOVE, is_ratio, 0.05, 0);
        CHECK("more of them are long", c.test.below < 1e-9);
        enum gate_outcome outcome = GATE_NOT_JUDGED;
        struct stat_interval bounds = {0};
        struct err err = ERR_NULL;
        CHECK("decided", contest_decide(&c, c.test.below, &outcome, &bounds, &err));
        CHECK_INT("but p95 is what it was", outcome, GATE_CANNOT_TELL);
        struct stat_interval drawn = contest_interval(&c, 0.05);
        CHECK("the interval holds it", drawn.has_lo && drawn.has_hi && drawn.lo <= is_ratio && drawn.hi >= is_ratio);
    }
}

/* What nobody varies: exact counts, not sums of squares. */
static void constants(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    double *values = arena_array(&arena, double, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        values[i] = 0.1; /* no sum of these is exact */
    }
    struct claim_in in = {.sample = {values, NULL, MANY, 0}, .range = {true, 0, 1}};
    struct claim claim = claim_of(&in, &arena);
    CHECK("constant", claim.mean.is_constant && claim.mean.mean == 0.1);
    struct contest c = contest_of_scores(&claim, GATE_WORSE_BELOW, 0.1, 0.05);
    CHECK("its own value is no news", c.test.below > 0.4 && c.test.above > 0.4);
    c = contest_of_scores(&claim, GATE_WORSE_BELOW, 0.11, 0.05);
    CHECK("seen", c.test.below < 1e-9);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"counts", counts}, {"means", means}, {"quantiles", quantiles}, {"ties", ties}, {"constants", constants},
    };
    return check_run("judge/large", tests, ARRAY_LEN(tests));
}
