#include <math.h>
#include <string.h>

#include "stats/mean_test.h"
#include "stats/rate.h"
#include "tests/check.h"
#include "tests/judge/journal.h"

/* The intervals of a summary: which method, and its figures. */

static void check_interval(const char *row, const struct stat_interval *got, enum stat_method method, double lo,
                           double hi)
{
    CHECK_CSTR(row, str_from(stat_method_name(got->how.method)), stat_method_name(method));
    CHECK_DOUBLE(row, got->lo, lo, 1e-4);
    CHECK_DOUBLE(row, got->hi, hi, 1e-4);
    CHECK_DOUBLE(row, got->how.alpha, method == METHOD_NONE ? got->how.alpha : 0.05, 0);
}

/* 10 cases: 7 right, latencies 10 to 100, quality 1.0 down to 0.1, steps 1 2 3 4 5 5 5 5 5 5. Figures by R 4.2: binom, t.test. */
static const struct journal_case TEN[] = {
    {{"Pl10q1s1wxax"}, NULL, NULL, NULL},   {{"Pl20q0.9s2wxax"}, NULL, NULL, NULL},
    {{"Pl30q0.8s3wxax"}, NULL, NULL, NULL}, {{"Pl40q0.7s4wyay"}, NULL, NULL, NULL},
    {{"Pl50q0.6s5wyay"}, NULL, NULL, NULL}, {{"Pl60q0.5s5wyay"}, NULL, NULL, NULL},
    {{"Pl70q0.4s5wyay"}, NULL, NULL, NULL}, {{"Fl80q0.3s5wxay"}, NULL, NULL, NULL},
    {{"Fl90q0.2s5wxaz"}, NULL, NULL, NULL}, {{"Fl100q0.1s5wy"}, NULL, NULL, NULL},
};

static void test_methods(void)
{
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, TEN, ARRAY_LEN(TEN), (struct journal_options){0});
    journal_judge(&j);
    const struct summary *s = &j.summaries[0];
    const struct dimension_summary *d = s->dimensions;
    check_interval("a rate", &d[JOURNAL_ANSWER].mean_interval, METHOD_WILSON, 0.3968, 0.8922);
    check_interval("its pass rate", &d[JOURNAL_ANSWER].pass_rate_interval, METHOD_WILSON, 0.3968, 0.8922);
    check_interval("cases that pass", &s->pass_rate_interval, METHOD_WILSON, 0.3968, 0.8922);
    check_interval("units 0..1", &d[JOURNAL_QUALITY].mean_interval, METHOD_T, 0.3334, 0.7666);
    /* six of ten are 5, the others few: up to a share of 1 - 0.025^(1/10) may be unseen, at 10 */
    check_interval("a bounded measure", &d[JOURNAL_STEPS].mean_interval, METHOD_HULL, 2.9336, 5 + 5 * 0.3085);
    check_interval("unbounded", &d[JOURNAL_LATENCY].mean_interval, METHOD_T, 33.3415, 76.6585);
    check_interval("a median", &d[JOURNAL_LATENCY].p50_interval, METHOD_ORDER, 20, 90);
    const struct stat_interval *p95 = &d[JOURNAL_LATENCY].p95_interval;
    CHECK("the 95 % quantile of 10 has no upper bound", p95->how.method == METHOD_ORDER && !p95->has_hi && p95->has_lo);
    CHECK_DOUBLE("its lower bound", p95->lo, 80, 0);
    CHECK_INT("no clusters", s->clusters, 0);
}

static void test_classes(void)
{
    static const struct {
        int32_t wanted, answered;
        double cases;
    } want[] = {{0, 0, 3}, {0, 1, 1}, {0, 2, 1}, {1, 1, 4}, {1, -1, 1}};
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, TEN, ARRAY_LEN(TEN), (struct journal_options){0});
    journal_judge(&j);
    const struct dimension_summary *d = &j.summaries[0].dimensions[JOURNAL_ANSWER];
    CHECK_INT("classes", d->class_count, 3);
    CHECK_CSTR("in the order they appeared", d->classes[0].label, "x");
    CHECK_DOUBLE("recall of x", d->classes[0].recall, 0.6, 1e-15);
    CHECK_DOUBLE("precision of x", d->classes[0].precision, 1, 0);
    CHECK_DOUBLE("f1 of x", d->classes[0].f1, 0.75, 1e-15);
    CHECK_DOUBLE("precision of y", d->classes[1].precision, 0.8, 1e-15);
    CHECK("nobody wanted z", !d->classes[2].has_recall && d->classes[2].has_precision);
    CHECK_DOUBLE("macro f1", d->f1_macro, (0.75 + 0.8) / 2, 1e-15);
    CHECK_INT("cells", d->confusion_count, ARRAY_LEN(want));
    for (size_t i = 0; i < ARRAY_LEN(want) && i < d->confusion_count; i++) {
        CHECK_INT("wanted", d->confusion[i].wanted, want[i].wanted);
        CHECK_INT("answered", d->confusion[i].answered, want[i].answered);
        CHECK_DOUBLE("cases", d->confusion[i].cases, want[i].cases, 0);
    }
    CHECK_INT("what has no classes", j.summaries[0].dimensions[JOURNAL_QUALITY].class_count, 0);
}

/* Trials make shares: bounded, no longer yes or no. Extremes of yes and no are yes or no. */
static void test_trials(void)
{
    static const struct journal_case cases[] = {{{"P P"}, NULL, NULL, NULL},
                                                {{"P F"}, NULL, NULL, NULL},
                                                {{"F F"}, NULL, NULL, NULL},
                                                {{"P P"}, NULL, NULL, NULL}};
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, cases, ARRAY_LEN(cases), (struct journal_options){.trials = 2});
    journal_judge(&j);
    CHECK_INT("mean of trials", j.summaries[0].dimensions[JOURNAL_ANSWER].mean_interval.how.method, METHOD_T);
    CHECK_INT("cases pass or do not", j.summaries[0].pass_rate_interval.how.method, METHOD_WILSON);
    j.suite.reduce = REDUCE_MAX;
    journal_judge(&j);
    CHECK_INT("best of trials", j.summaries[0].dimensions[JOURNAL_ANSWER].mean_interval.how.method, METHOD_WILSON);
}

static void test_clusters(void)
{
    static const struct journal_case cases[] = {
        {{"Pl1"}, NULL, "a", NULL}, {{"Pl2"}, NULL, "a", NULL}, {{"Fl3"}, NULL, "b", NULL}, {{"Fl4"}, NULL, "b", NULL},
        {{"Pl5"}, NULL, "c", NULL}, {{"Pl6"}, NULL, "c", NULL}, {{"Pl7"}, NULL, "d", NULL}, {{"Fl8"}, NULL, "d", NULL},
    };
    struct journal j CLEANUP(journal_close) = {0};
    journal_open(&j, cases, ARRAY_LEN(cases), (struct journal_options){0});
    journal_judge(&j);
    const struct stat_interval *rate = &j.summaries[0].dimensions[JOURNAL_ANSWER].mean_interval;
    /* T_k = +.75 -1.25 +.75 -.25, SE^2 = sum T^2 / (3/4) / 64 = 2.75 / 48, df = 3 */
    double reach = 3.182446305 * sqrt(2.75 / 48);
    check_interval("a rate in clusters", rate, METHOD_T_CLUSTERED, 0.625 - reach, 0.625 + reach);
    CHECK_DOUBLE("df", rate->how.df, 3, 1e-12);
    CHECK_INT("clusters", j.summaries[0].clusters, 4);
    CHECK_INT("no quantile bounds", j.summaries[0].dimensions[JOURNAL_LATENCY].p50_interval.how.method, METHOD_NONE);
}

static void test_degenerate(void)
{
    static const struct {
        const char *name;
        struct journal_case cases[3];
        size_t count;
        enum stat_method answer, latency, quality;
    } rows[] = {
        {"one case", {{{"Pl1q1"}, NULL, NULL, NULL}}, 1, METHOD_NONE, METHOD_NONE, METHOD_NONE},
        {"two equal ones",
         {{{"Pl1q1"}, NULL, NULL, NULL}, {{"Pl1q1"}, NULL, NULL, NULL}},
         2,
         METHOD_WILSON,
         METHOD_NONE,
         METHOD_UNSEEN},
        {"two", {{{"Pl1q1"}, NULL, NULL, NULL}, {{"Fl2q0.5"}, NULL, NULL, NULL}}, 2, METHOD_WILSON, METHOD_T, METHOD_T},
        {"one cluster",
         {{{"Pl1q1"}, NULL, "c", NULL}, {{"Fl2q0.5"}, NULL, "c", NULL}, {{"Fl2q0.5"}, NULL, "c", NULL}},
         3,
         METHOD_NONE,
         METHOD_NONE,
         METHOD_NONE},
        {"nothing but errors", {{{"E"}, NULL, NULL, NULL}}, 1, METHOD_NONE, METHOD_NONE, METHOD_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct journal j CLEANUP(journal_close) = {0};
        journal_open(&j, rows[i].cases, rows[i].count, (struct journal_options){0});
        journal_judge(&j);
        const struct dimension_summary *d = j.summaries[0].dimensions;
        CHECK_INT(rows[i].name, d[JOURNAL_ANSWER].mean_interval.how.method, rows[i].answer);
        CHECK_INT(rows[i].name, d[JOURNAL_LATENCY].mean_interval.how.method, rows[i].latency);
        CHECK_INT(rows[i].name, d[JOURNAL_QUALITY].mean_interval.how.method, rows[i].quality);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"methods", test_methods},   {"classes", test_classes},       {"trials", test_trials},
        {"clusters", test_clusters}, {"degenerate", test_degenerate},
    };
    return check_run("judge/intervals", tests, ARRAY_LEN(tests));
}
