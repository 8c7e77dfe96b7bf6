#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rng.h"
#include "judge/gate_judge.h"
#include "judge/tally.h"
#include "tests/check.h"
#include "tests/judge/journal.h"

/* --- stops before the gates ------------------------------------------------------------------------------------------------------------ */

static const struct journal_case SOME_ERRORS[] = {
    {{"P"}, NULL, NULL, NULL},      {{"P"}, NULL, NULL, NULL}, {{"P"}, NULL, NULL, NULL},
    {{"E"}, "[\"x\"]", NULL, NULL}, {{"E"}, NULL, NULL, NULL},
};

static void test_allow_errors(void)
{
    static const struct {
        const char *name;
        struct field_share allowed;
        const char *gate;
        enum gate_severity severity;
        enum verdict verdict;
        const char *reason;
    } rows[] = {
        {"default",
         {0},
         "answer.pass_rate >= 10%",
         GATE_FAIL,
         VERDICT_ERRORED,
         "2 of 5 samples errored, allow_errors is 0"},
        {"too few", {.value = 1, .is_set = true}, "cases >= 1", GATE_FAIL, VERDICT_ERRORED, "allow_errors is 1"},
        {"enough", {.value = 2, .is_set = true}, "cases >= 1", GATE_FAIL, VERDICT_PASSED, "1 gate holds"},
        {"a share below",
         {.value = 0.39, .is_share = true, .is_set = true},
         "cases >= 1",
         GATE_FAIL,
         VERDICT_ERRORED,
         "39%"},
        {"a share exactly",
         {.value = 0.4, .is_share = true, .is_set = true},
         "cases >= 1",
         GATE_FAIL,
         VERDICT_PASSED,
         ""},
        {"a gate takes over", {0}, "errors <= 2", GATE_FAIL, VERDICT_PASSED, ""},
        {"a gate takes over and fails",
         {0},
         "errors <= 1",
         GATE_FAIL,
         VERDICT_FAILED,
         "1 of 1 gates failed: errors <= 1 (2)"},
        {"a rate too", {0}, "error_rate <= 40%", GATE_FAIL, VERDICT_PASSED, ""},
        {"what is written stays",
         {.value = 1, .is_set = true},
         "errors <= 5",
         GATE_FAIL,
         VERDICT_ERRORED,
         "allow_errors is 1"},
        {"a warning does not take over", {0}, "errors <= 5", GATE_WARN, VERDICT_ERRORED, ""},
        {"nor one of some cases", {0}, "errors[tag=x] <= 5", GATE_FAIL, VERDICT_ERRORED, ""},
    };
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, SOME_ERRORS, ARRAY_LEN(SOME_ERRORS), (struct journal_options){0});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        journal_clear_gates(&j);
        j.suite.allow_errors = rows[i].allowed;
        journal_gate(&j, rows[i].gate, rows[i].severity);
        journal_judge(&j);
        CHECK_INT(rows[i].name, j.summaries[0].verdict, rows[i].verdict);
        CHECK_CONTAINS(rows[i].name, j.summaries[0].reason, rows[i].reason);
        bool is_judged = j.summaries[0].gates[0].outcome != GATE_NOT_JUDGED;
        CHECK(rows[i].name, is_judged == (rows[i].verdict != VERDICT_ERRORED));
    }
}

static void test_partial(void)
{
    struct journal j CLEANUP(journal_close) = {0};
    static const struct journal_case cases[] = {
        {{"P P"}, NULL, NULL, NULL}, {{"P"}, NULL, NULL, NULL}, {{NULL}, NULL, NULL, NULL}};
    journal_open(&j, cases, ARRAY_LEN(cases), (struct journal_options){.trials = 2});
    journal_gate(&j, "answer.pass_rate >= 50%", GATE_FAIL);
    j.in.is_partial = true;
    j.in.stopped = VERDICT_INTERRUPTED_TERM;
    journal_judge(&j);
    const struct summary *s = &j.summaries[0];
    struct str reason;
    CHECK_INT("verdict", s->verdict, VERDICT_INTERRUPTED_TERM);
    CHECK_CSTR("reason", s->reason, "3 of 6 samples are recorded");
    CHECK_INT("gate", s->gates[0].outcome, GATE_NOT_JUDGED);
    CHECK_INT("figures are there", s->n_passed, 2);
    CHECK("partial", s->is_partial);
    CHECK_INT("overall", judge_overall(s, 1, &j.arena, &reason), VERDICT_INTERRUPTED_TERM);

    j.in.stopped = VERDICT_FAILED; /* --fail-fast */
    j.in.stopped_reason = STR("stopped at the first failing sample");
    journal_judge(&j);
    CHECK_INT("fail-fast", judge_overall(j.summaries, 1, &j.arena, &reason), VERDICT_FAILED);
    CHECK_CSTR("fail-fast", reason, "stopped at the first failing sample");

    j.in.is_partial = false; /* a run that says it is whole and is not */
    j.in.stopped = VERDICT_PASSED;
    journal_judge(&j);
    CHECK_INT("missing samples give no verdict", j.summaries[0].verdict, VERDICT_INTERRUPTED_INT);
    CHECK_INT("missing samples judge no gate", j.summaries[0].gates[0].outcome, GATE_NOT_JUDGED);

    j.runs[0].origin = ORIGIN_RESCORED; /* a rescored run may lack cases */
    journal_judge(&j);
    CHECK_INT("rescored", j.summaries[0].verdict, VERDICT_PASSED);
}

static void test_empty(void)
{
    static const struct journal_case cases[] = {{{"P"}, NULL, NULL, "not today"}};
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, cases, ARRAY_LEN(cases), (struct journal_options){0});
    journal_gate(&j, "errors <= 1", GATE_FAIL);
    journal_judge(&j);
    CHECK_INT("nothing ran", j.summaries[0].verdict, VERDICT_EMPTY);
    CHECK_INT("not judged", j.summaries[0].gates[0].outcome, GATE_NOT_JUDGED);
    CHECK_INT("skipped", j.summaries[0].skipped_count, 1);
    CHECK_CSTR("skipped", j.summaries[0].skipped[0].reason, "not today");
    struct str reason;
    CHECK_INT("nothing at all", judge_overall(NULL, 0, &j.arena, &reason), VERDICT_EMPTY);
}

/* A variant that errored has no verdict; what is compared with it is not judged. */
static void test_errored_variant(void)
{
    static const char *const variants[] = {"a", "b"};
    static const struct journal_case cases[] = {{{"P", "E"}, NULL, NULL, NULL}, {{"P", "P"}, NULL, NULL, NULL}};
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, cases, ARRAY_LEN(cases), (struct journal_options){.variants = variants, .variant_count = 2});
    journal_gate(&j, "answer.pass_rate >= answer.pass_rate[variant=b]", GATE_FAIL);
    journal_gate(&j, "answer.pass_rate >= 50%", GATE_FAIL);
    journal_judge(&j);
    CHECK_INT("a", j.summaries[0].verdict, VERDICT_PASSED);
    CHECK_INT("a: compared with b", j.summaries[0].gates[0].outcome, GATE_NOT_JUDGED);
    CHECK_INT("a: by itself", j.summaries[0].gates[1].outcome, GATE_HOLDS);
    CHECK_INT("b", j.summaries[1].verdict, VERDICT_ERRORED);
    struct str reason;
    CHECK_INT("overall", judge_overall(j.summaries, 2, &j.arena, &reason), VERDICT_ERRORED);
    CHECK_CSTR("overall", reason, "[b] 1 of 2 samples errored, allow_errors is 0");
}

static void test_implied(void)
{
    static const struct {
        const char *name;
        struct journal_case cases[2];
        enum verdict verdict;
        const char *reason;
    } rows[] = {
        {"all pass", {{{"P"}, 0, 0, 0}, {{"P"}, 0, 0, 0}}, VERDICT_PASSED, "2 of 2 cases pass (no gates given"},
        {"one fails", {{{"P"}, 0, 0, 0}, {{"F"}, 0, 0, 0}}, VERDICT_FAILED, "1 of 2 cases pass (no gates given"},
        {"only measured", {{{"Ml3"}, 0, 0, 0}, {{"Ml4"}, 0, 0, 0}}, VERDICT_PASSED, "2 cases measured; no gates given"},
        {"measured and passed", {{{"Ml3"}, 0, 0, 0}, {{"P"}, 0, 0, 0}}, VERDICT_PASSED, "1 of 1 case passes"},
        {"measured and failed", {{{"Ml3"}, 0, 0, 0}, {{"F"}, 0, 0, 0}}, VERDICT_FAILED, "0 of 1 case passes"},
        {"an error could have failed",
         {{{"P"}, 0, 0, 0}, {{"E"}, 0, 0, 0}},
         VERDICT_FAILED,
         "1 of 1 case passes, 1 errored (no"},
        {"nothing but errors", {{{"E"}, 0, 0, 0}, {{"E"}, 0, 0, 0}}, VERDICT_FAILED, ""},
        {"measured and errored", {{{"Ml3"}, 0, 0, 0}, {{"E"}, 0, 0, 0}}, VERDICT_FAILED, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct journal j CLEANUP(journal_close) = {0};
        journal_open(&j, rows[i].cases, 2, (struct journal_options){0});
        j.suite.allow_errors = (struct field_share){.value = 9, .is_set = true};
        journal_gate(&j, "pass_rate >= 100%", GATE_FAIL);
        j.gates[0].is_implied = true;
        journal_judge(&j);
        CHECK_INT(rows[i].name, j.summaries[0].verdict, rows[i].verdict);
        CHECK_CONTAINS(rows[i].name, j.summaries[0].reason, rows[i].reason);
    }
}

/* --- trials ------------------------------------------------------------------------------------------------------------------------------- */

static void test_trials(void)
{
    /* three trials: 3, 2, 1, 0 of them right; one with an error */
    static const struct journal_case cases[] = {
        {{"Pl1q1 Pl2q1 Pl9q1"}, NULL, NULL, NULL},   {{"Pl1q1 Fl2q0.4 Pl9q1"}, NULL, NULL, NULL},
        {{"Fl1q0 Fl2q0.4 Pl9q1"}, NULL, NULL, NULL}, {{"Fl1q0 Fl2q0 Fl9q0"}, NULL, NULL, NULL},
        {{"Pl1q1 E Pl9q1"}, NULL, NULL, NULL},
    };
    static const struct {
        const char *name;
        enum reduce_kind reduce;
        enum pass_trials_kind pass;
        uint32_t count;
        uint64_t passed, failed, errored;
        const char *stat;
        double value;
        uint64_t n;
    } rows[] = {
        {"mean, all", REDUCE_MEAN, PASS_TRIALS_ALL, 0, 2, 3, 0, "latency_ms.mean >= 0", (4 * 4.0 + 5) / 5, 5},
        {"median", REDUCE_MEDIAN, PASS_TRIALS_ALL, 0, 2, 3, 0, "latency_ms.mean >= 0", (4 * 2.0 + 5) / 5, 5},
        {"max: an error spoils it", REDUCE_MAX, PASS_TRIALS_ALL, 0, 1, 3, 1, "latency_ms.mean >= 0", 9, 4},
        {"min", REDUCE_MIN, PASS_TRIALS_ALL, 0, 1, 3, 1, "quality.mean >= 0", 0.35, 4},
        {"any", REDUCE_MEAN, PASS_TRIALS_ANY, 0, 4, 1, 0, "pass_rate >= 0", 0.8, 5},
        {"at least 2 needs all", REDUCE_MEAN, PASS_TRIALS_COUNT, 2, 2, 2, 1, "pass_rate >= 0", 0.5, 4},
        {"share of trials", REDUCE_MEAN, PASS_TRIALS_ALL, 0, 2, 3, 0, "answer.pass_rate >= 0",
         (1 + 2.0 / 3 + 1.0 / 3 + 0 + 1) / 5, 5},
        {"case score", REDUCE_MEAN, PASS_TRIALS_ALL, 0, 2, 3, 0, "score >= 0", (1 + 2.0 / 3 + 1.0 / 3 + 0 + 1) / 5, 5},
        {"pass@2", REDUCE_MEAN, PASS_TRIALS_ALL, 0, 2, 3, 0, "answer.pass@2 >= 0", (1 + 1 + 2.0 / 3 + 0 + 1) / 5, 5},
        {"pass@3 lacks a trial", REDUCE_MEAN, PASS_TRIALS_ALL, 0, 2, 3, 0, "answer.pass@3 >= 0", 0.75, 4},
        {"pass^2 needs all", REDUCE_MEAN, PASS_TRIALS_ALL, 0, 2, 3, 0, "answer.pass^2 >= 0", (1 + 1.0 / 3) / 4, 4},
        {"median of units", REDUCE_MEDIAN, PASS_TRIALS_ALL, 0, 2, 3, 0, "answer.mean >= 0", 0.6, 5},
    };
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, cases, ARRAY_LEN(cases), (struct journal_options){.trials = 3});
    j.suite.allow_errors = (struct field_share){.value = 9, .is_set = true};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        journal_clear_gates(&j);
        journal_gate(&j, rows[i].stat, GATE_FAIL);
        j.suite.reduce = rows[i].reduce;
        j.suite.pass_trials = rows[i].pass;
        j.suite.pass_trials_count = rows[i].count;
        journal_judge(&j);
        const struct summary *s = &j.summaries[0];
        CHECK_INT(rows[i].name, s->n_passed, rows[i].passed);
        CHECK_INT(rows[i].name, s->n_failed, rows[i].failed);
        CHECK_INT(rows[i].name, s->n_errored, rows[i].errored);
        CHECK_DOUBLE(rows[i].name, s->gates[0].left, rows[i].value, 1e-12);
        CHECK_INT(rows[i].name, s->gates[0].n, rows[i].n);
    }
    CHECK_INT("samples", j.summaries[0].samples, 15);
    CHECK_INT("errors", j.summaries[0].errors, 1);
}

/* A pass^k that lacks trials in a scored case may turn out either way. */
static void test_pass_k_lacks_trials(void)
{
    static const struct journal_case cases[] = {{{"P P"}, NULL, NULL, NULL}, {{"P E"}, NULL, NULL, NULL}};
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, cases, ARRAY_LEN(cases), (struct journal_options){.trials = 2});
    j.suite.allow_errors = (struct field_share){.value = 9, .is_set = true};
    journal_gate(&j, "answer.pass^2 >= 90%", GATE_FAIL);
    journal_gate(&j, "answer.pass@1 >= 90%", GATE_FAIL);
    journal_judge(&j);
    CHECK_INT("cannot tell", j.summaries[0].gates[0].outcome, GATE_CANNOT_TELL);
    CHECK_CONTAINS("cannot tell", j.summaries[0].gates[0].reason, "0.5 if the 1 errored case had");
    CHECK_INT("has trials enough", j.summaries[0].gates[1].outcome, GATE_HOLDS);
}

/* --- against counting by hand --------------------------------------------------------------------------------------------------------------- */

enum { HAND_CASES = 60, HAND_TRIALS = 4 };

struct hand { /* one dimension of the drawn run */
    double values[HAND_CASES];
    size_t n;
};

static int compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static void check_stat(struct journal *j, const struct tally *t, const char *text, bool has, double want)
{
    size_t offset = 0;
    struct str hint;
    struct gate_expr e;
    char gate[96];
    (void)snprintf(gate, sizeof(gate), "%s >= 0", text);
    CHECK(text, gate_expr_parse(&j->arena, str_from(gate), &e, &offset, &hint, &j->err));
    struct figure f = figure_of(t, &e.left, &j->arena);
    CHECK(text, f.has_value == has);
    if (has && f.has_value) {
        CHECK_DOUBLE(text, f.value, want, 1e-9 * (1 + fabs(want)));
    }
}

static void check_hand(struct journal *j, const struct tally *t, struct hand *latency, struct hand *rate,
                       const char *filter)
{
    char text[96];
    double sum = 0;
    double rates = 0;
    double squares = 0;
    for (size_t i = 0; i < latency->n; i++) {
        sum += latency->values[i];
    }
    for (size_t i = 0; i < latency->n; i++) {
        double d = latency->values[i] - sum / (double)latency->n;
        squares += d * d;
    }
    for (size_t i = 0; i < rate->n; i++) {
        rates += rate->values[i];
    }
    bool has = latency->n > 0;
    qsort(latency->values, latency->n, sizeof(double), compare);
    (void)snprintf(text, sizeof(text), "latency_ms.mean%s", filter);
    check_stat(j, t, text, has, sum / (double)latency->n);
    (void)snprintf(text, sizeof(text), "latency_ms.stddev%s", filter);
    check_stat(j, t, text, latency->n > 1, sqrt(squares / (double)(latency->n - 1)));
    (void)snprintf(text, sizeof(text), "latency_ms.p50%s", filter);
    check_stat(j, t, text, has, has ? latency->values[(latency->n + 1) / 2 - 1] : 0);
    (void)snprintf(text, sizeof(text), "latency_ms.max%s", filter);
    check_stat(j, t, text, has, has ? latency->values[latency->n - 1] : 0);
    (void)snprintf(text, sizeof(text), "answer.pass_rate%s", filter);
    check_stat(j, t, text, rate->n > 0, rates / (double)rate->n);
}

static void want_all(struct journal *j, struct tally *t, const char *filter)
{
    static const char *const stats[] = {"latency_ms.mean", "latency_ms.stddev", "latency_ms.p50", "latency_ms.max",
                                        "answer.pass_rate"};
    for (size_t i = 0; i < ARRAY_LEN(stats); i++) {
        char text[96];
        size_t offset = 0;
        struct str hint;
        struct gate_expr e;
        (void)snprintf(text, sizeof(text), "%s%s >= 0", stats[i], filter);
        CHECK(text, gate_expr_parse(&j->arena, str_from(text), &e, &offset, &hint, &j->err));
        tally_want(t, &e.left);
    }
}

static void test_by_hand(void)
{
    struct rng rng;
    rng_seed(&rng, 11);
    for (int round = 0; round < 12; round++) {
        static char trials[HAND_CASES][128];
        struct journal_case cases[HAND_CASES] = {0};
        struct hand all[2] = {0};
        struct hand tagged[2] = {0};
        uint32_t planned = 1 + (uint32_t)rng_below(&rng, HAND_TRIALS);
        for (size_t i = 0; i < HAND_CASES; i++) {
            bool has_tag = rng_below(&rng, 3) == 0;
            double sum = 0;
            uint32_t scored = 0;
            uint32_t passed = 0;
            size_t len = 0;
            for (uint32_t k = 0; k < planned; k++) {
                uint64_t draw = rng_below(&rng, 10);
                unsigned value = (unsigned)rng_below(&rng, 50);
                len += (size_t)snprintf(trials[i] + len, sizeof(trials[i]) - len,
                                        draw == 0  ? "E "
                                        : draw < 7 ? "Pl%u "
                                                   : "Fl%u ",
                                        value);
                scored += draw == 0 ? 0 : 1;
                passed += draw > 0 && draw < 7 ? 1 : 0;
                sum += draw == 0 ? 0 : value;
            }
            cases[i] = (struct journal_case){{trials[i]},
                                             has_tag      ? "[\"t\",\"u\"]"
                                             : i % 2 == 0 ? "[\"u\"]"
                                                          : NULL,
                                             NULL,
                                             NULL};
            for (int group = 0; group < (has_tag ? 2 : 1) && scored > 0; group++) {
                struct hand *h = group == 0 ? all : tagged;
                h[0].values[h[0].n++] = sum / scored;
                h[1].values[h[1].n++] = (double)passed / scored;
            }
        }
        struct journal j CLEANUP(journal_close) = {0};
        journal_open(&j, cases, HAND_CASES, (struct journal_options){.trials = planned});
        struct tally *t = tally_new(&j.arena, &j.suite, &j.runs[0], planned, false);
        want_all(&j, t, "");
        want_all(&j, t, "[tag=t]");
        CHECK("counted", tally_run(t, j.store, &j.err));
        check_hand(&j, t, &all[0], &all[1], "");
        check_hand(&j, t, &tagged[0], &tagged[1], "[tag=t]");
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"allow_errors", test_allow_errors},
        {"partial", test_partial},
        {"empty", test_empty},
        {"an errored variant", test_errored_variant},
        {"no gates", test_implied},
        {"trials", test_trials},
        {"pass^k lacks trials", test_pass_k_lacks_trials},
        {"by hand", test_by_hand},
    };
    return check_run("judge/judge", tests, ARRAY_LEN(tests));
}
