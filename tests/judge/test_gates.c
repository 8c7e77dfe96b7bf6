#include <stdio.h>
#include <string.h>

#include "tests/check.h"
#include "tests/judge/journal.h"

/* 10 cases: 7 right, 3 wrong; tags, clusters, classes; latencies 10, 20, ..., 100. */
static const struct journal_case TEN[] = {
    {{"Pl10q1s1wxax"}, "[\"easy\"]", "c1", NULL},
    {{"Pl20q0.9s2wxax"}, "[\"easy\"]", "c1", NULL},
    {{"Pl30q0.8s3wxax"}, "[\"easy\",\"a,b\"]", "c2", NULL},
    {{"Pl40q0.7s4wyay"}, "[\"easy\"]", NULL, NULL},
    {{"Pl50q0.6s5wyay"}, NULL, NULL, NULL},
    {{"Pl60q0.5s5wyay"}, NULL, NULL, NULL},
    {{"Pl70q0.4s5wyay"}, NULL, NULL, NULL},
    {{"Fl80q0.3s5wxay"}, "[\"hard\"]", NULL, NULL},
    {{"Fl90q0.2s5wxaz"}, "[\"hard\"]", NULL, NULL},
    {{"Fl100q0.1s5wy"}, "[\"hard\"]", NULL, NULL},
};

struct gate_row {
    const char *gate;
    enum gate_outcome outcome;
    const char *reason; /* a part of it */
};

static void check_rows(struct journal *j, const struct gate_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        journal_clear_gates(j);
        journal_gate(j, rows[i].gate, GATE_FAIL);
        journal_judge(j);
        const struct gate_result *g = journal_result(j, 0, rows[i].gate);
        CHECK(rows[i].gate, g != NULL);
        if (g == NULL) {
            continue;
        }
        CHECK_CSTR(rows[i].gate, str_from(gate_outcome_word(g->outcome)), gate_outcome_word(rows[i].outcome));
        CHECK_CONTAINS(rows[i].gate, g->reason, rows[i].reason);
        bool fails = rows[i].outcome == GATE_BROKEN || rows[i].outcome == GATE_CANNOT_TELL;
        CHECK_INT(rows[i].gate, j->summaries[0].verdict, fails ? VERDICT_FAILED : VERDICT_PASSED);
    }
}

static void test_claims(void)
{
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, TEN, ARRAY_LEN(TEN), (struct journal_options){0});
    static const struct gate_row rows[] = {
        {"answer.pass_rate >= 80%", GATE_BROKEN, "answer.pass_rate is 0.7 (7 of 10 cases), below 0.8"},
        {"answer.pass_rate >= 70%", GATE_HOLDS, "answer.pass_rate is 0.7 (7 of 10 cases), exactly 0.7"},
        {"answer.pass_rate >= 60%", GATE_HOLDS, "at least 0.6"},
        {"answer.pass_rate > 70%", GATE_BROKEN, "not above 0.7"},
        {"answer.pass_rate <= 70%", GATE_HOLDS, "exactly 0.7"},
        {"answer.pass_rate < 70%", GATE_BROKEN, "not below 0.7"},
        {"answer.pass_rate >= 0.70000001", GATE_BROKEN, "is 0.7 (7 of 10 cases), below 0.70000001"},
        {"answer.pass_rate >= 0.99999", GATE_BROKEN, "below 0.99999"},
        {"pass_rate >= 70%", GATE_HOLDS, "pass_rate is 0.7 (7 of 10 cases)"},
        {"score >= 0.71", GATE_BROKEN, "score is 0.7 (10 cases), below 0.71"},
        {"cases == 10", GATE_HOLDS, "cases is 10, exactly 10"},
        {"cases != 10", GATE_BROKEN, "cases is 10, exactly 10"},
        {"cases == 11", GATE_BROKEN, "cases is 10, not 11"},
        {"samples > 9", GATE_HOLDS, "above 9"},
        {"errors == 0", GATE_HOLDS, "errors is 0"},
        {"error_rate <= 0%", GATE_HOLDS, "(0 of 10 samples)"},
        {"answer.count == 10", GATE_HOLDS, "10"},
        {"answer.sum >= 7", GATE_HOLDS, "7"},
        {"answer.not_scored == 0", GATE_HOLDS, "0"},
        {"quality.mean >= 0.55", GATE_HOLDS, "0.55"},
        {"quality.min >= 0.2", GATE_BROKEN, "quality.min is 0.1 (10 cases), below 0.2"},
        {"quality.pass_rate >= 60%", GATE_HOLDS, "6 of 10"},
        {"latency_ms.mean <= 54ms", GATE_BROKEN, "latency_ms.mean is 55 ms (10 cases), above 54 ms"},
        {"latency_ms.p50 <= 50ms", GATE_HOLDS, "latency_ms.p50 is 50 ms"},
        {"latency_ms.p95 <= 99ms", GATE_BROKEN, "latency_ms.p95 is 100 ms"},
        {"latency_ms.max <= 0.1s", GATE_HOLDS, "100 ms"},
        {"latency_ms.sum <= 550", GATE_HOLDS, "550 ms"},
        {"latency_ms.stddev <= 30.2766", GATE_HOLDS, "30.27"},
        {"latency_ms.stddev <= 30.276", GATE_BROKEN, "30.27"},
        {"answer.recall[label=x] >= 61%", GATE_BROKEN, "is 0.6 (3 of 5 cases wanting it), below 0.61"},
        {"answer.precision[label=y] >= 80%", GATE_HOLDS, "(4 of 5 cases answered so)"},
        {"answer.precision[label=z] >= 1%", GATE_BROKEN, "is 0 (0 of 1 case answered so)"},
        {"answer.recall[label=z] >= 1%", GATE_BROKEN, "has no value: no case wanted this class"},
        {"answer.f1_macro >= 77%", GATE_HOLDS, "0.775"}, /* x: 6/8, y: 8/10 */
        {"answer.pass_rate[tag=easy] >= 100%", GATE_HOLDS, "(4 of 4 cases)"},
        {"answer.pass_rate[tag=hard] >= 1%", GATE_BROKEN, "answer.pass_rate[tag=hard] is 0 (0 of 3 cases)"},
        {"cases[tag=\"a,b\"] == 1", GATE_HOLDS, "1"},
        {"cases[tag=a] >= 0", GATE_HOLDS, "0"},
        {"answer.pass_rate[tag=\",\"] >= 0%", GATE_BROKEN, "no case that ran has the tag ','"},
        {"answer.pass_rate[tag=nobody] >= 0%", GATE_BROKEN, "has no value: no case that ran has the tag 'nobody'"},
        {"latency_ms.mean[cluster=c1] <= 15", GATE_HOLDS, "15 ms (2 cases)"},
        {"latency_ms.mean[tag=easy,cluster=c2] <= 30", GATE_HOLDS, "30 ms (1 case)"},
        {"latency_ms.mean[cluster=c9] <= 15", GATE_BROKEN, "in the cluster 'c9'"},
        {"answer.mean >= quality.mean", GATE_HOLDS,
         "answer.mean is 0.7 (10 cases), at least 0.55 of quality.mean (10 cases)"},
        {"quality.mean >= answer.mean - 0.1", GATE_BROKEN, "below 0.6: answer.mean is 0.7 (10 cases)"},
        {"quality.mean >= answer.mean * 0.5", GATE_HOLDS, "at least 0.35"},
        {"answer.mean >= answer.pass_rate[tag=nobody]", GATE_BROKEN, "answer.pass_rate[tag=nobody] has no value"},
        {"unknown.mean >= 0", GATE_BROKEN, "unknown.mean has no value: the run has no such dimension"},
        {"latency_ms.pass_rate >= 0%", GATE_BROKEN, "no case passed or failed"},
    };
    check_rows(&j, rows, ARRAY_LEN(rows));
}

static void test_severity(void)
{
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, TEN, ARRAY_LEN(TEN), (struct journal_options){0});
    journal_gate(&j, "answer.pass_rate >= 80%", GATE_WARN);
    journal_gate(&j, "cases == 10", GATE_FAIL);
    journal_judge(&j);
    CHECK_INT("a warning does not fail", j.summaries[0].verdict, VERDICT_PASSED);
    CHECK_INT("it is shown", journal_result(&j, 0, "answer.pass_rate >= 80%")->outcome, GATE_BROKEN);
    CHECK_CSTR("and said", j.summaries[0].reason, "1 gate holds, 10 cases; 1 warning");
}

/* 8 scored cases (7 right), 2 errored. */
static const struct journal_case ERRORED[] = {
    {{"Pl10q1s1wxax"}, "[\"a\"]", NULL, NULL},
    {{"Pl20q1s1wxax"}, "[\"a\"]", NULL, NULL},
    {{"Pl30q1s1wyay"}, NULL, NULL, NULL},
    {{"Pl40q1s1wyay"}, NULL, NULL, NULL},
    {{"Pl50q1s1wyay"}, NULL, NULL, NULL},
    {{"Pl60q1s1wyay"}, NULL, NULL, NULL},
    {{"Pl70q1s1wyay"}, NULL, NULL, NULL},
    {{"Fl80q0s9wxay"}, NULL, NULL, NULL},
    {{"E"}, "[\"b\"]", NULL, NULL},
    {{"El90n"}, "[\"b\"]", NULL, NULL},
};

static void test_errors_could_decide(void)
{
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, ERRORED, ARRAY_LEN(ERRORED), (struct journal_options){0});
    j.suite.allow_errors = (struct field_share){.value = 2, .is_set = true};
    static const struct gate_row rows[] = {
        {"answer.pass_rate >= 80%", GATE_CANNOT_TELL,
         "errors could decide: answer.pass_rate is 0.875 (7 of 8 cases), but 0.7 if the 2 errored cases had come out "
         "worst, below 0.8"},
        {"answer.pass_rate >= 70%", GATE_HOLDS, "0.875"},
        {"answer.pass_rate >= 90%", GATE_BROKEN, "0.875 (7 of 8 cases), below 0.9"},
        {"answer.pass_rate <= 90%", GATE_HOLDS, "0.875"},
        {"answer.pass_rate <= 89%", GATE_CANNOT_TELL, "but 0.9 if"},
        {"pass_rate >= 71%", GATE_CANNOT_TELL, "0.7 if"},
        {"score >= 70%", GATE_HOLDS, "0.875"},
        {"score >= 71%", GATE_CANNOT_TELL, "0.7 if"},
        {"quality.mean >= 0.7", GATE_HOLDS, "0.875"},
        {"quality.mean > 0.7", GATE_CANNOT_TELL, "0.7 if"},
        {"quality.min >= 0", GATE_HOLDS, "0"},
        {"answer.sum >= 7", GATE_HOLDS, "7"},
        {"answer.sum <= 8", GATE_CANNOT_TELL, "9 if"},
        {"steps.mean <= 2", GATE_CANNOT_TELL, "but 3.6 if the 2 errored cases"}, /* (16 + 2 * 10) / 10 */
        {"steps.mean <= 3.6", GATE_HOLDS, "2"},
        {"steps.max <= 9", GATE_CANNOT_TELL, "10 if"},
        {"steps.stddev <= 3", GATE_CANNOT_TELL, "if the 2"},
        {"latency_ms.mean <= 1000", GATE_CANNOT_TELL, "but 2 cases errored and could be anything"},
        {"latency_ms.mean <= 1", GATE_BROKEN, "above"},
        {"latency_ms.max <= 1000", GATE_CANNOT_TELL, "anything"},
        {"latency_ms.min >= 1", GATE_CANNOT_TELL, "anything"},
        {"latency_ms.min <= 10", GATE_HOLDS, "10"}, /* more cases can only lower it */
        {"latency_ms.max >= 80", GATE_HOLDS, "80"},
        /* a quantile ranks them worst: 4th of 8 is 40, 5th of 10 with two above is 50, with two below 30 */
        {"latency_ms.p50 <= 50", GATE_HOLDS, "40 ms"},
        {"latency_ms.p50 <= 49", GATE_CANNOT_TELL, "but 50 ms if"},
        {"latency_ms.p50 >= 30", GATE_HOLDS, "40 ms"},
        {"latency_ms.p50 >= 31", GATE_CANNOT_TELL, "but 30 ms if"},
        {"latency_ms.p95 <= 1000", GATE_CANNOT_TELL, "anything"},
        {"quality.p50 >= 1", GATE_HOLDS, "1"},
        {"quality.p20 >= 1", GATE_CANNOT_TELL, "0 if"},
        {"answer.recall[label=x] >= 40%", GATE_HOLDS, "0.6667"},
        {"answer.recall[label=x] >= 41%", GATE_CANNOT_TELL, "0.4 if"},
        {"answer.precision[label=x] >= 51%", GATE_CANNOT_TELL, "0.5 if"},
        {"answer.f1_macro >= 85%", GATE_CANNOT_TELL, "if the 2 errored"},
        {"answer.f1_macro >= 10%", GATE_HOLDS, "0.8"},
        {"answer.count == 8", GATE_HOLDS, "8"},
        {"answer.not_scored == 1", GATE_HOLDS, "1"},
        {"cases == 10", GATE_HOLDS, "10"},
        {"errors <= 2", GATE_HOLDS, "2"},
        {"error_rate <= 20%", GATE_HOLDS, "2 of 10 samples"},
        {"answer.pass_rate[tag=a] >= 100%", GATE_HOLDS, "2 of 2"}, /* the errored ones are not in it */
        {"answer.pass_rate[tag=b] >= 0%", GATE_BROKEN, "no case was scored"},
        {"cost_usd.sum <= 1", GATE_BROKEN, "no case has a score or value of it"}, /* scored, but nobody told a cost */
        {"answer.pass_rate >= quality.pass_rate", GATE_CANNOT_TELL, "0.7 if"},
    };
    check_rows(&j, rows, ARRAY_LEN(rows));
    struct str unused;
    CHECK_INT("unscored cases", j.summaries[0].n_errored, 2);
    CHECK_INT("verdict", judge_overall(j.summaries, 1, &j.arena, &unused), j.summaries[0].verdict);
}

static const char *const AB[] = {"a", "b"};
static const struct journal_case VARIANTS[] = {
    {{"Pl10", "Pl20"}, NULL, NULL, NULL},
    {{"Pl10", "Pl20"}, NULL, NULL, NULL},
    {{"Fl10", "Pl20"}, NULL, NULL, NULL},
    {{"Fl10", "Fl20"}, NULL, NULL, NULL},
};

static void test_variants(void)
{
    static const struct {
        const char *gate;
        int a, b; /* outcomes; -1 = not shown there */
        const char *reason;
    } rows[] = {
        {"answer.pass_rate >= 60%", GATE_BROKEN, GATE_HOLDS, "is 0.5"},
        {"answer.pass_rate[variant=b] >= 60%", -1, GATE_HOLDS, ""},
        {"answer.pass_rate[variant=a] >= 60%", GATE_BROKEN, -1, "answer.pass_rate[variant=a] is 0.5"},
        {"answer.pass_rate[variant=b] >= answer.pass_rate[variant=a] + 0.2", -1, GATE_HOLDS, ""},
        {"answer.pass_rate[variant=a] >= answer.pass_rate[variant=b]", GATE_BROKEN, -1,
         "answer.pass_rate[variant=a] is 0.5 (2 of 4 cases), below 0.75 of answer.pass_rate[variant=b] (3 of 4 cases)"},
        {"answer.pass_rate >= answer.pass_rate[variant=b] - 0.2", GATE_BROKEN, GATE_NOT_JUDGED, "below 0.55"},
        {"answer.pass_rate[variant=b] > answer.pass_rate", GATE_HOLDS, GATE_NOT_JUDGED, "above 0.5"},
        {"latency_ms.mean <= latency_ms.mean[variant=a] * 1.5", GATE_NOT_JUDGED, GATE_BROKEN, "itself"},
    };
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, VARIANTS, ARRAY_LEN(VARIANTS), (struct journal_options){.variants = AB, .variant_count = 2});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        journal_clear_gates(&j);
        journal_gate(&j, rows[i].gate, GATE_FAIL);
        journal_judge(&j);
        const struct gate_result *a = journal_result(&j, 0, rows[i].gate);
        const struct gate_result *b = journal_result(&j, 1, rows[i].gate);
        CHECK_INT(rows[i].gate, a == NULL ? -1 : (int)a->outcome, rows[i].a);
        CHECK_INT(rows[i].gate, b == NULL ? -1 : (int)b->outcome, rows[i].b);
        CHECK_CONTAINS(rows[i].gate, a == NULL ? STR("") : a->reason, rows[i].reason);
        struct str reason;
        bool fails = rows[i].a == GATE_BROKEN || rows[i].b == GATE_BROKEN;
        CHECK_INT(rows[i].gate, judge_overall(j.summaries, 2, &j.arena, &reason),
                  fails ? VERDICT_FAILED : VERDICT_PASSED);
    }
}

/* A tag that no selected case has: nothing is said about it. Of the whole suite it fails, as anything on nothing. */
static void test_outside_selection(void)
{
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, TEN, ARRAY_LEN(TEN), (struct journal_options){.is_partial_selection = true});
    static const struct gate_row rows[] = {
        {"answer.pass_rate[tag=nobody] >= 90%", GATE_NOT_JUDGED,
         "no case that ran has the tag 'nobody' among the selected"},
        {"cases[tag=nobody] >= 5", GATE_NOT_JUDGED, "nobody"},
        {"answer.pass_rate[cluster=c9] >= 90%", GATE_NOT_JUDGED, "c9"},
        {"answer.pass_rate >= answer.pass_rate[tag=nobody]", GATE_NOT_JUDGED, "nobody"},
        {"answer.pass_rate[tag=hard] >= 90%", GATE_BROKEN, "0 of 3"},
        {"unknown.mean >= 0", GATE_BROKEN, "no such dimension"},
    };
    check_rows(&j, rows, ARRAY_LEN(rows));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"claims", test_claims},
        {"severity", test_severity},
        {"errors could decide", test_errors_could_decide},
        {"variants", test_variants},
        {"outside the selection", test_outside_selection},
    };
    return check_run("judge/gates", tests, ARRAY_LEN(tests));
}
