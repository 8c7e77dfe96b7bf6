/* Gates with confidence about one run: what docs/statistics.md promises, through stored runs. */

#include <math.h>

#include "tests/check.h"
#include "tests/judge/made.h"

static void test_rates(void)
{
    static const struct {
        size_t n, passed;
        const char *gate;
        enum gate_outcome outcome;
        double p_fail, p_pass; /* by R's pbinom; < 0: not looked at */
        const char *reason;
    } rows[] = {
        {200, 172, "answer.pass_rate >= 80% with 95% confidence", GATE_HOLDS, -1, 0.01792922,
         "answer.pass_rate is 0.86 (172 of 200 cases); 95% interval 0.8051 to 0.9013; shown: at least 0.8 (one-sided "
         "95% "
         "bound 0.8131, p 0.018)"},
        {200, 170, "answer.pass_rate >= 80% with 95% confidence", GATE_HOLDS, -1, 0.04302156, "at least 0.8"},
        {200, 168, "answer.pass_rate >= 80% with 95% confidence", GATE_CANNOT_TELL, -1, 0.08992643,
         "cannot tell: at least 0.8 is not shown (p 0.09); about "},
        {200, 150, "answer.pass_rate >= 80% with 95% confidence", GATE_BROKEN, 0.04935333, -1, "shown: below 0.8"},
        {200, 144, "answer.pass_rate >= 80% with 95% confidence", GATE_BROKEN, 0.004099406, -1,
         "bound 0.772, p 0.0041)"},
        {200, 144, "answer.mean >= 80% with 95% confidence", GATE_BROKEN, 0.004099406, -1, "below 0.8"},
        {200, 144, "pass_rate >= 80% with 95% confidence", GATE_BROKEN, 0.004099406, -1, "below 0.8"},
        {200, 144, "answer.pass_rate >= 80% with 99.9% confidence", GATE_CANNOT_TELL, 0.004099406, -1, "not shown"},
        {200, 28, "answer.pass_rate <= 20% with 95% confidence", GATE_HOLDS, -1, 0.01792922,
         "at most 0.2 (one-sided 95% bound 0.1869"},
        {200, 56, "answer.pass_rate <= 20% with 95% confidence", GATE_BROKEN, 0.004099406, -1, "above 0.2"},
        {200, 200, "answer.pass_rate >= 99% with 95% confidence", GATE_CANNOT_TELL, -1, -1, "not shown"},
        {200, 200, "answer.pass_rate >= 98.5% with 95% confidence", GATE_HOLDS, -1, -1, "at least 0.985"},
        {200, 0, "answer.pass_rate >= 0% with 95% confidence", GATE_HOLDS, -1, 0, "at least 0"},
        {19, 19, "answer.pass_rate >= 50% with 95% confidence", GATE_CANNOT_TELL, -1, 1,
         "cannot tell: it takes 20 cases, there are 19"},
        {1, 1, "answer.pass_rate >= 50% with 95% confidence", GATE_CANNOT_TELL, -1, 1, "there is 1"},
        {2, 1, "answer.pass_rate >= 50% with 95% confidence", GATE_CANNOT_TELL, -1, 1, "there are 2"},
        {20, 20, "answer.pass_rate >= 80% with 95% confidence", GATE_HOLDS, -1, 0.011529215, "0.8"},
        {0, 0, "answer.pass_rate >= 50% with 95% confidence", GATE_BROKEN, -1, -1,
         "no case has a score or value of it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made CLEANUP(made_close) = {0};
        struct journal j CLEANUP(journal_close) = {0};
        made_add(&made, rows[i].passed, "P");
        made_add(&made, rows[i].n - rows[i].passed, "F");
        made_add(&made, rows[i].n == 0 ? 1 : 0, "M");
        journal_open(&j, made.cases, made.count, (struct journal_options){0});
        const struct gate_result *g = made_judge(&j, rows[i].gate);
        made_check(rows[i].gate, g, rows[i].outcome, rows[i].outcome != GATE_HOLDS);
        CHECK_CONTAINS(rows[i].gate, g->reason, rows[i].reason);
        if (rows[i].p_fail >= 0) {
            CHECK_DOUBLE(rows[i].gate, g->evidence.p_fail, rows[i].p_fail, 1e-8);
        }
        if (rows[i].p_pass >= 0) {
            CHECK_DOUBLE(rows[i].gate, g->evidence.p_pass, rows[i].p_pass, 1e-8);
        }
        CHECK_INT(rows[i].gate, j.summaries[0].verdict, g->fails ? VERDICT_FAILED : VERDICT_PASSED);
    }
}

/* Numbers, not yes or no: t both ways, and Hall before "good enough" is believed; 100 cases for that. */
static void test_means(void)
{
    struct made made CLEANUP(made_close) = {0};
    for (int i = 0; i < 150; i++) {
        made_add_one(&made, 'P', 0.7 + 0.2 * sin(i), 100 + 10 * (i % 11));
    }
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, made.cases, made.count, (struct journal_options){0});
    static const struct {
        const char *gate;
        enum gate_outcome outcome;
        const char *reason;
        enum stat_method method;
    } rows[] = {
        {"quality.mean >= 0.65 with 95% confidence", GATE_HOLDS, "shown: at least 0.65", METHOD_HALL},
        {"quality.mean >= 0.69 with 95% confidence", GATE_CANNOT_TELL, "about ", METHOD_HALL},
        {"quality.mean >= 0.75 with 95% confidence", GATE_BROKEN, "shown: below 0.75", METHOD_HALL},
        {"latency_ms.mean <= 160ms with 95% confidence", GATE_HOLDS, "at most 160 ms", METHOD_HALL},
        {"latency_ms.mean <= 140ms with 95% confidence", GATE_BROKEN, "above 140 ms", METHOD_HALL},
        {"latency_ms.p50 <= 160ms with 95% confidence", GATE_HOLDS, "at most 160 ms", METHOD_ORDER},
        {"latency_ms.p50 <= 150ms with 95% confidence", GATE_CANNOT_TELL, "not shown", METHOD_ORDER},
        {"latency_ms.p50 <= 130ms with 95% confidence", GATE_BROKEN, "above 130 ms (one-sided 95% bound 140 ms",
         METHOD_ORDER},
        {"latency_ms.p50 >= 130ms with 95% confidence", GATE_HOLDS, "at least 130 ms (one-sided 95% bound 140 ms",
         METHOD_ORDER},
        {"latency_ms.p95 <= 200ms with 95% confidence", GATE_HOLDS, "at most 200 ms", METHOD_ORDER},
        {"latency_ms.p99 <= 300ms with 95% confidence", GATE_CANNOT_TELL, "it takes 299 cases, there are 150",
         METHOD_ORDER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct gate_result *g = made_judge(&j, rows[i].gate);
        made_check(rows[i].gate, g, rows[i].outcome, rows[i].outcome != GATE_HOLDS);
        CHECK_CONTAINS(rows[i].gate, g->reason, rows[i].reason);
        CHECK_INT(rows[i].gate, g->evidence.how.method, rows[i].method);
        CHECK_INT(rows[i].gate, g->evidence.how.n, 150);
    }
}

static void test_few_numbers(void)
{
    struct made made CLEANUP(made_close) = {0};
    struct journal j CLEANUP(journal_close) = {0};
    for (int i = 0; i < 60; i++) {
        made_add_one(&made, 'P', 0.9 + 0.05 * sin(i), 0);
    }
    journal_open(&j, made.cases, made.count, (struct journal_options){0});
    const struct gate_result *g = made_judge(&j, "quality.mean >= 0.8 with 95% confidence");
    made_check("60 numbers show nothing good", g, GATE_CANNOT_TELL, true);
    CHECK_CONTAINS("and say how many would", g->reason, "showing it takes 100 cases");
    g = made_judge(&j, "quality.mean >= 0.95 with 95% confidence");
    made_check("but they show what is bad", g, GATE_BROKEN, true);
    j.gates[0].min_cases = 70;
    journal_judge(&j);
    g = &j.summaries[0].gates[0];
    made_check("min_cases", g, GATE_CANNOT_TELL, true);
    CHECK_CONTAINS("min_cases", g->reason, "it takes 70 cases, there are 60");
    CHECK_INT("needed", g->needed, 70);
}

/* Errors are no scores; what they could have been may decide. */
static void test_errors(void)
{
    struct made made CLEANUP(made_close) = {0};
    struct journal j CLEANUP(journal_close) = {0};
    for (int i = 0; i < 172; i++) {
        made_add_one(&made, 'P', 0.9, 100 + i % 7);
    }
    for (int i = 0; i < 28; i++) {
        made_add_one(&made, 'F', 0.6, 100 + i % 7);
    }
    made_add(&made, 4, "E");
    journal_open(&j, made.cases, made.count, (struct journal_options){0});
    j.suite.allow_errors = (struct field_share){.value = 10, .is_set = true};
    static const struct {
        const char *gate;
        enum gate_outcome outcome;
        const char *reason;
    } rows[] = {
        {"answer.pass_rate >= 78% with 95% confidence", GATE_HOLDS, "0.86"},
        {"answer.pass_rate >= 80% with 95% confidence", GATE_CANNOT_TELL,
         "errors could decide: answer.pass_rate is 0.86 (172 of 200 cases); 95% interval 0.8051 to 0.9013; at least "
         "0.8 is shown, "
         "but not if 4 errored cases had come out worst"},
        {"answer.pass_rate >= 95% with 95% confidence", GATE_BROKEN, "below 0.95"},
        {"quality.mean >= 0.8 with 95% confidence", GATE_HOLDS, "0.8"},
        {"quality.mean >= 0.84 with 95% confidence", GATE_CANNOT_TELL, "errors could decide"},
        {"latency_ms.mean <= 110ms with 95% confidence", GATE_CANNOT_TELL, "could be anything"},
        {"latency_ms.p50 <= 105ms with 95% confidence", GATE_HOLDS, "at most 105"}, /* ranked worst, and still */
        {"latency_ms.p98 <= 106ms with 95% confidence", GATE_CANNOT_TELL, "errors could decide"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct gate_result *g = made_judge(&j, rows[i].gate);
        made_check(rows[i].gate, g, rows[i].outcome, rows[i].outcome != GATE_HOLDS);
        CHECK_CONTAINS(rows[i].gate, g->reason, rows[i].reason);
    }
}

static void test_clusters(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    static const struct {
        const char *name;
        size_t clusters;
        bool is_giant; /* nine of ten cases in the first */
        enum gate_outcome outcome;
        const char *reason;
    } rows[] = {
        {"eight", 8, false, GATE_CANNOT_TELL,
         "95% interval 0.6298 to 1; cannot tell: at least 0.7 is not shown (p 0.058)"},
        {"four", 4, false, GATE_CANNOT_TELL, "less than 4 degrees of freedom"},
        {"one", 1, false, GATE_CANNOT_TELL, "less than 4 degrees of freedom"},
        {"a giant", 8, true, GATE_CANNOT_TELL, "less than 4 degrees of freedom"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made CLEANUP(made_close) = {0};
        struct journal j CLEANUP(journal_close) = {0};
        for (size_t k = 0; k < 200; k++) {
            made_add(&made, 1, k % 8 < 7 ? "P" : "F");
            size_t cluster = rows[i].is_giant && k % 10 != 0 ? 0 : (k / 3) % rows[i].clusters;
            made.cases[k].cluster = names[cluster];
        }
        journal_open(&j, made.cases, made.count, (struct journal_options){0});
        const struct gate_result *g = made_judge(&j, "answer.pass_rate >= 70% with 95% confidence");
        made_check(rows[i].name, g, rows[i].outcome, rows[i].outcome != GATE_HOLDS);
        CHECK_CONTAINS(rows[i].name, g->reason, rows[i].reason);
    }
}

/* Numbers that hardly vary, or not at all: never certain because nothing else was seen. */
static void test_constant(void)
{
    static const struct {
        size_t n, off; /* of n cases with quality 0.8 and 90 ms so many have 0.5 and 95 ms */
        const char *gate;
        enum gate_outcome outcome;
        enum stat_method method;
        const char *reason;
    } rows[] = {
        /* 0.8 (1 - u), u = 1 - 0.05^(1/120): 0.7803 */
        {120, 0, "quality.mean >= 0.78 with 95% confidence", GATE_HOLDS, METHOD_UNSEEN, "one-sided 95% bound 0.7803"},
        {120, 0, "quality.mean >= 0.79 with 95% confidence", GATE_CANNOT_TELL, METHOD_UNSEEN, "not shown"},
        {120, 0, "quality.mean >= 0.81 with 95% confidence", GATE_BROKEN, METHOD_UNSEEN, "below 0.81"},
        {99, 0, "quality.mean >= 0.5 with 95% confidence", GATE_CANNOT_TELL, METHOD_UNSEEN,
         "showing it takes 100 cases"},
        {120, 2, "quality.mean >= 0.77 with 95% confidence", GATE_HOLDS, METHOD_HULL, "at least 0.77"},
        {120, 2, "quality.mean >= 0.785 with 95% confidence", GATE_CANNOT_TELL, METHOD_HULL, "not shown"},
        {120, 0, "latency_ms.mean <= 100ms with 95% confidence", GATE_CANNOT_TELL, METHOD_NONE, "not shown"},
        {120, 0, "latency_ms.p95 <= 90ms with 95% confidence", GATE_HOLDS, METHOD_ORDER, "at most 90 ms"},
        {120, 0, "latency_ms.p95 <= 89ms with 95% confidence", GATE_BROKEN, METHOD_ORDER, "above 89 ms"},
        {120, 2, "latency_ms.p95 <= 90ms with 95% confidence", GATE_CANNOT_TELL, METHOD_ORDER, "not shown"},
        {2, 1, "quality.mean >= 0.1 with 95% confidence", GATE_CANNOT_TELL, METHOD_NONE,
         "it takes 20 cases, there are 2"},
        {1, 0, "quality.mean >= 0.1 with 95% confidence", GATE_CANNOT_TELL, METHOD_NONE,
         "it takes 20 cases, there is 1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made made CLEANUP(made_close) = {0};
        struct journal j CLEANUP(journal_close) = {0};
        for (size_t k = 0; k < rows[i].n; k++) {
            made_add_one(&made, 'P', k < rows[i].off ? 0.5 : 0.8, k < rows[i].off ? 95 : 90);
        }
        journal_open(&j, made.cases, made.count, (struct journal_options){0});
        const struct gate_result *g = made_judge(&j, rows[i].gate);
        made_check(rows[i].gate, g, rows[i].outcome, rows[i].outcome != GATE_HOLDS);
        CHECK_CONTAINS(rows[i].gate, g->reason, rows[i].reason);
        if (rows[i].n >= 20) {
            CHECK_INT(rows[i].gate, g->evidence.how.method, rows[i].method);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"rates", test_rates},   {"means", test_means},       {"few numbers", test_few_numbers},
        {"errors", test_errors}, {"clusters", test_clusters}, {"constant numbers", test_constant},
    };
    return check_run("judge/claims", tests, ARRAY_LEN(tests));
}
