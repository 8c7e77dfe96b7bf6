/* Gates against a baseline, and against another variant: what docs/statistics.md promises, through stored runs. */

#include <math.h>
#include <stdio.h>

#include "base/rng.h"
#include "tests/check.h"
#include "tests/judge/made.h"

/* --- against a baseline -------------------------------------------------------------------------------------------------------------------------- */

/* b only the candidate right, c only the baseline, of n; half of the rest right. */
static void add_pairs(struct made *before, struct made *after, size_t n, size_t b, size_t c)
{
    size_t both = (n - b - c) / 2;
    made_add(before, b, "F");
    made_add(after, b, "P");
    made_add(before, c, "P");
    made_add(after, c, "F");
    made_add(before, both, "P");
    made_add(after, both, "P");
    made_add(before, n - b - c - both, "F");
    made_add(after, n - b - c - both, "F");
}

static void test_pairs(void)
{
    static const struct {
        size_t n, b, c;
        const char *gate;
        enum gate_outcome outcome;
        bool fails;
        double p_fail; /* by R; < 0: not looked at */
        const char *reason;
    } rows[] = {
        {200, 5, 20, "no regression of answer.mean", GATE_BROKEN, true, 0.001246959,
         "answer.mean is 0.46 (92 of 200 cases), the baseline 0.535 (107 of 200 cases): -7.5 points, 95% interval "
         "-12.8 to -2.8 points, 5 better and 20 worse; shown: a drop (one-sided 95% bound -3.6 points, p 0.0012)"},
        {200, 5, 20, "no regression of answer.pass_rate beyond 0.02 with 95% confidence", GATE_BROKEN, true, -1,
         "shown: a drop beyond 2 points"},
        {200, 9, 14, "no regression of answer.mean", GATE_CANNOT_TELL, false, 0.15372812747955,
         "9 better and 14 worse; cannot tell: a drop is not shown (p 0.154), could have seen a drop of "},
        {200, 20, 5, "no regression of answer.mean", GATE_HOLDS, false, -1, "shown: no drop"},
        {200, 3, 3, "no regression of answer.mean beyond 0.1", GATE_HOLDS, false, -1, "no drop beyond 10 points"},
        {200, 0, 0, "no regression of answer.mean", GATE_CANNOT_TELL, false, 1, "could have seen a drop of"},
        {200, 0, 0, "no regression of answer.mean beyond 0.05", GATE_HOLDS, false, -1, "no drop beyond 5 points"},
        {200, 0, 200, "no regression of answer.mean", GATE_BROKEN, true, -1, "-100 points"},
        {200, 9, 14, "answer.mean >= baseline - 0.02 with 95% confidence", GATE_CANNOT_TELL, true, -1,
         "cannot tell: a drop beyond 2 points is not ruled out"},
        {200, 9, 14, "answer.mean >= baseline - 0.1 with 95% confidence", GATE_HOLDS, false, -1,
         "shown: no drop beyond 10 points"},
        {200, 30, 5, "answer.mean >= baseline + 0.05 with 95% confidence", GATE_HOLDS, false, -1,
         "shown: a rise of 5 points"},
        {200, 5, 5, "answer.mean >= baseline + 0.05 with 95% confidence", GATE_BROKEN, true, -1,
         "less than a rise of 5 points"},
        {200, 5, 20, "pass_rate >= baseline - 0.02 with 95% confidence", GATE_BROKEN, true, -1, "beyond 2 points"},
        {200, 5, 20, "score >= baseline - 0.02 with 95% confidence", GATE_BROKEN, true, -1, "beyond 2 points"},
        {200, 9, 14, "answer.mean >= baseline - 0.02", GATE_BROKEN, true, -1,
         "below 0.49: the baseline is 0.51 (102 of 200 cases)"},
        {200, 9, 14, "answer.mean >= baseline - 0.03", GATE_HOLDS, false, -1, "at least 0.48"},
        {200, 9, 14, "answer.mean >= baseline * 0.9", GATE_HOLDS, false, -1, "at least 0.459"},
        {200, 9, 9, "answer.mean >= baseline", GATE_HOLDS, false, -1, "exactly"},
        {200, 9, 14, "answer.sum >= baseline - 5", GATE_HOLDS, false, -1, "exactly"},
        {200, 9, 14, "answer.count == baseline", GATE_HOLDS, false, -1, "exactly 200 of the baseline"},
        {200, 9, 14, "errors <= baseline", GATE_HOLDS, false, -1, "exactly 0"},
        {200, 2, 9, "answer.mean <= baseline with 95% confidence", GATE_HOLDS, false, -1, "shown: no rise"},
        {12, 0, 6, "no regression of answer.mean", GATE_CANNOT_TELL, false, 1, "it takes 20 cases, there are 12"},
        {1, 0, 1, "no regression of answer.mean", GATE_CANNOT_TELL, false, 1, "there is 1"},
        {2, 1, 1, "no regression of answer.mean", GATE_CANNOT_TELL, false, 1, "there are 2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made before CLEANUP(made_close) = {0};
        struct made after CLEANUP(made_close) = {0};
        struct beside b CLEANUP(beside_close) = {0};
        add_pairs(&before, &after, rows[i].n, rows[i].b, rows[i].c);
        beside_open(&b, &before, &after, (struct journal_options){0});
        const struct gate_result *g = made_judge(&b.after, rows[i].gate);
        made_check(rows[i].gate, g, rows[i].outcome, rows[i].fails);
        CHECK_CONTAINS(rows[i].gate, g->reason, rows[i].reason);
        if (rows[i].p_fail >= 0) {
            CHECK_DOUBLE(rows[i].gate, g->evidence.p_fail, rows[i].p_fail, 1e-8);
        }
        CHECK_INT(rows[i].gate, g->baseline, 1);
        CHECK_INT(rows[i].gate, b.after.summaries[0].verdict, rows[i].fails ? VERDICT_FAILED : VERDICT_PASSED);
        CHECK_INT(rows[i].gate, b.after.summaries[0].baseline_count, 1);
        if (g->has_evidence && g->evidence.has_pairs) {
            CHECK_INT(rows[i].gate, g->evidence.pairs_b, rows[i].b);
            CHECK_INT(rows[i].gate, g->evidence.pairs_c, rows[i].c);
        }
    }
}

/* Latencies, which are better when lower: medians, tails, ratios and differences. */
static void test_latency(void)
{
    struct made before CLEANUP(made_close) = {0};
    struct made after CLEANUP(made_close) = {0};
    struct made slower CLEANUP(made_close) = {0};
    struct rng rng;
    rng_seed(&rng, 2);
    for (int i = 0; i < 300; i++) {
        double base = 100 * exp(rng_unit(&rng));
        made_add_one(&before, 'P', 0, base * (1 + 0.02 * rng_unit(&rng)));
        made_add_one(&after, 'P', 0, base * (1 + 0.02 * rng_unit(&rng)));
        made_add_one(&slower, 'P', 0, 1.3 * base * (1 + 0.02 * rng_unit(&rng)));
    }
    static const struct {
        const char *gate;
        enum gate_outcome same, slow;
        const char *reason; /* of the slow one */
    } rows[] = {
        {"latency_ms.mean <= baseline * 1.1 with 95% confidence", GATE_HOLDS, GATE_BROKEN, "x 1.3"},
        {"latency_ms.p95 <= baseline * 1.1 with 95% confidence", GATE_HOLDS, GATE_BROKEN, "shown: a rise beyond 10%"},
        {"latency_ms.p50 <= baseline * 1.1 with 95% confidence", GATE_HOLDS, GATE_BROKEN, "x 1.3"},
        {"latency_ms.p50 <= baseline * 1.1", GATE_HOLDS, GATE_BROKEN, "above"},
        {"latency_ms.p50 <= baseline + 20ms with 95% confidence", GATE_HOLDS, GATE_BROKEN,
         "shown: a rise beyond 20 ms"},
        {"no regression of latency_ms.mean beyond 10ms", GATE_HOLDS, GATE_BROKEN, "shown: a rise beyond 10 ms"},
        {"no regression of latency_ms.p95 beyond 10ms", GATE_HOLDS, GATE_BROKEN, "a rise beyond 10 ms"},
        {"no regression of latency_ms.mean", GATE_CANNOT_TELL, GATE_BROKEN, "a rise"},
        {"latency_ms.max <= baseline * 1.2", GATE_HOLDS, GATE_BROKEN, "above"},
        {"latency_ms.mean >= baseline * 1.2 with 95% confidence", GATE_BROKEN, GATE_HOLDS, "shown: a rise of 20%"},
    };
    struct beside same CLEANUP(beside_close) = {0};
    struct beside slow CLEANUP(beside_close) = {0};
    beside_open(&same, &before, &after, (struct journal_options){0});
    beside_open(&slow, &before, &slower, (struct journal_options){0});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct gate_result *g = made_judge(&same.after, rows[i].gate);
        bool fails = rows[i].same == GATE_BROKEN;
        made_check(rows[i].gate, g, rows[i].same, fails);
        g = made_judge(&slow.after, rows[i].gate);
        made_check(rows[i].gate, g, rows[i].slow, rows[i].slow == GATE_BROKEN);
        CHECK_CONTAINS(rows[i].gate, g->reason, rows[i].reason);
        if (g->has_evidence) {
            const struct stat_interval *d = &g->evidence.drawn;
            CHECK(rows[i].gate, d->has_lo && d->has_hi && d->lo <= g->difference && d->hi >= g->difference);
        }
    }
}

/* Holm: what is shown alone need not be shown among many. */
static void test_family(void)
{
    struct made before CLEANUP(made_close) = {0};
    struct made after CLEANUP(made_close) = {0};
    struct beside b CLEANUP(beside_close) = {0};
    add_pairs(&before, &after, 200, 2, 9);
    beside_open(&b, &before, &after, (struct journal_options){0});
    const struct gate_result *g = made_judge(&b.after, "no regression of answer.mean");
    made_check("alone", g, GATE_BROKEN, true);
    CHECK_DOUBLE("alone", g->evidence.p_fail_adjusted, 0.01928711, 1e-8);
    CHECK_INT("alone", g->evidence.family, 1);
    journal_gate(&b.after, "no regression of answer.pass_rate", GATE_FAIL);
    journal_gate(&b.after, "no regression of pass_rate", GATE_FAIL);
    journal_gate(&b.after, "answer.mean >= baseline - 0.2", GATE_FAIL); /* plain: outside */
    journal_judge(&b.after);
    for (size_t i = 0; i < 3; i++) {
        g = &b.after.summaries[0].gates[i];
        made_check("three", g, GATE_CANNOT_TELL, false);
        CHECK_INT("three", g->evidence.family, 3);
        CHECK_DOUBLE("three", g->evidence.p_fail_adjusted, 3 * 0.01928711, 1e-7);
        CHECK("its bound is on the same side", g->evidence.bounds.hi > 0);
    }
    for (size_t i = 1; i < 3; i++) {
        b.after.gates[i].severity = GATE_WARN; /* shown, never counted: not in the family either */
    }
    journal_judge(&b.after);
    made_check("two only warn", &b.after.summaries[0].gates[0], GATE_BROKEN, true);
    made_check("a warning", &b.after.summaries[0].gates[1], GATE_BROKEN, false);
    CHECK("warns", b.after.summaries[0].gates[1].warns && !b.after.summaries[0].gates[0].warns);
    CHECK_INT("its own", b.after.summaries[0].gates[1].evidence.family, 1);
}

static void test_on_inconclusive(void)
{
    struct made before CLEANUP(made_close) = {0};
    struct made after CLEANUP(made_close) = {0};
    struct beside b CLEANUP(beside_close) = {0};
    add_pairs(&before, &after, 200, 9, 14);
    beside_open(&b, &before, &after, (struct journal_options){0});
    static const struct {
        const char *gate;
        enum gate_unknown unknown;
        bool fails;
    } rows[] = {
        {"no regression of answer.mean", UNKNOWN_BY_FORM, false},
        {"no regression of answer.mean", UNKNOWN_FAILS, true},
        {"no regression of answer.mean", UNKNOWN_PASSES, false},
        {"answer.mean >= baseline - 0.02 with 95% confidence", UNKNOWN_BY_FORM, true},
        {"answer.mean >= baseline - 0.02 with 95% confidence", UNKNOWN_PASSES, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        journal_clear_gates(&b.after);
        journal_gate(&b.after, rows[i].gate, GATE_FAIL);
        b.after.gates[0].on_inconclusive = rows[i].unknown;
        journal_judge(&b.after);
        made_check(rows[i].gate, &b.after.summaries[0].gates[0], GATE_CANNOT_TELL, rows[i].fails);
        CHECK_INT(rows[i].gate, b.after.summaries[0].verdict, rows[i].fails ? VERDICT_FAILED : VERDICT_PASSED);
        /* It warns where it would have failed: not about every drop that nobody saw. */
        b.after.gates[0].severity = GATE_WARN;
        journal_judge(&b.after);
        made_check(rows[i].gate, &b.after.summaries[0].gates[0], GATE_CANNOT_TELL, false);
        CHECK_INT(rows[i].gate, b.after.summaries[0].gates[0].warns, rows[i].fails);
        CHECK_INT(rows[i].gate, str_find(b.after.summaries[0].reason, STR("1 warning"), NULL), rows[i].fails);
    }
}

/* Cases that errored in the candidate, with a number before. */
static void test_pair_errors(void)
{
    struct made before CLEANUP(made_close) = {0};
    struct made after CLEANUP(made_close) = {0};
    struct beside b CLEANUP(beside_close) = {0};
    made_add(&before, 190, "Pl100");
    made_add(&after, 190, "Pl100");
    made_add(&before, 10, "Pl100");
    made_add(&after, 10, "E");
    beside_open(&b, &before, &after, (struct journal_options){0});
    b.after.suite.allow_errors = (struct field_share){.value = 20, .is_set = true};
    static const struct {
        const char *gate;
        enum gate_outcome outcome;
        bool fails;
        const char *reason;
    } rows[] = {
        {"answer.mean >= baseline - 0.02 with 95% confidence", GATE_CANNOT_TELL, true,
         "errors could decide: answer.mean is 1 (190 of 190 cases), the baseline 1: 0 points"},
        {"answer.mean >= baseline - 0.1 with 95% confidence", GATE_HOLDS, false, "no drop beyond 10 points"},
        {"no regression of answer.mean beyond 0.02", GATE_CANNOT_TELL, false, "errors could decide"},
        {"answer.mean >= baseline", GATE_CANNOT_TELL, true, "but 0.95 if the 10 errored cases had come out worst"},
        {"answer.mean >= baseline - 0.05", GATE_HOLDS, false, "at least 0.95: the baseline is 1"},
        {"latency_ms.mean <= baseline + 10", GATE_CANNOT_TELL, true, "could be anything"},
        {"latency_ms.p50 <= baseline + 10", GATE_HOLDS, false, "at most"},
        {"latency_ms.p99 <= baseline + 10", GATE_CANNOT_TELL, true, "could be anything"},
        {"latency_ms.mean <= baseline + 10 with 95% confidence", GATE_CANNOT_TELL, true, "cannot tell"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct gate_result *g = made_judge(&b.after, rows[i].gate);
        made_check(rows[i].gate, g, rows[i].outcome, rows[i].fails);
        CHECK_CONTAINS(rows[i].gate, g->reason, rows[i].reason);
    }
}

/* --- what is no baseline -------------------------------------------------------------------------------------------------------------------------- */

static void test_no_baseline(void)
{
    struct made before CLEANUP(made_close) = {0};
    struct made after CLEANUP(made_close) = {0};
    struct beside b CLEANUP(beside_close) = {0};
    add_pairs(&before, &after, 200, 9, 14);
    beside_open(&b, &before, &after, (struct journal_options){0});
    journal_gate(&b.after, "no regression of answer.mean", GATE_FAIL);
    journal_gate(&b.after, "answer.mean >= 90%", GATE_FAIL);
    const struct summary *s;

    b.given.state = BASELINE_MISSING;
    journal_judge(&b.after);
    s = &b.after.summaries[0];
    CHECK_INT("missing: no verdict, though a gate would fail", s->verdict, VERDICT_NO_BASELINE);
    CHECK_CSTR("why", s->reason, "no baseline: there is none");
    CHECK("gates are not judged", s->gates[0].outcome == GATE_NOT_JUDGED && s->gates[1].outcome == GATE_NOT_JUDGED);
    CHECK_INT("in the record", s->baselines[0].state, BASELINE_MISSING);
    struct summary read;
    CHECK("read back", summary_from_json(summary_to_json(s, &b.after.arena), &b.after.arena, &read, &b.after.err));
    CHECK_INT("read back", read.verdict, VERDICT_NO_BASELINE);

    b.given.state = BASELINE_SKIPPED;
    journal_judge(&b.after);
    s = &b.after.summaries[0];
    CHECK_INT("skipped: the others decide", s->verdict, VERDICT_FAILED);
    made_check("skipped", &s->gates[0], GATE_NOT_JUDGED, false);
    CHECK_CONTAINS("says so", s->gates[0].reason, "no baseline: there is none");
    CHECK_INT("in the record", s->baselines[0].state, BASELINE_SKIPPED);

    b.given.state = BASELINE_USED;
    b.after.in.runs = b.after.runs;
    b.after.runs[0].dimensions[JOURNAL_ANSWER].scorer = digest_of(STR("another"));
    journal_judge(&b.after);
    s = &b.after.summaries[0];
    CHECK_INT("another scorer", s->verdict, VERDICT_NO_BASELINE);
    CHECK_CONTAINS("why", s->reason, "the baseline branch=main cannot be compared: the scorer of 'answer' changed");
    CHECK_INT("named", s->baselines[0].dimension_count, 1);
    journal_clear_gates(&b.after);
    journal_gate(&b.after, "no regression of answer.mean", GATE_WARN);
    journal_gate(&b.after, "no regression of latency_ms.mean", GATE_WARN);
    journal_judge(&b.after);
    CHECK_INT("a warning needs no baseline", b.after.summaries[0].verdict, VERDICT_PASSED);
    made_check("a warning", &b.after.summaries[0].gates[0], GATE_NOT_JUDGED, false);
    journal_clear_gates(&b.after);
    journal_gate(&b.after, "pass_rate >= baseline", GATE_FAIL);
    journal_judge(&b.after);
    CHECK_INT("what passes follows from every scorer", b.after.summaries[0].verdict, VERDICT_NO_BASELINE);
}

static void test_overlap(void)
{
    static const struct {
        const char *name;
        size_t changed, gone, added;
        double least;
        bool is_partial;
        enum verdict verdict;
        const char *reason;
    } rows[] = {
        {"all", 0, 0, 0, 0.9, false, VERDICT_PASSED, ""},
        {"just enough", 10, 10, 0, 0.9, false, VERDICT_PASSED, ""},
        {"one too few", 11, 10, 0, 0.9, false, VERDICT_NO_BASELINE,
         "179 of the baseline's 200 cases are the same on both sides, less than 90%: 11 changed, 10 are not in this "
         "run"},
        {"asked for less", 11, 10, 0, 0.5, false, VERDICT_PASSED, ""},
        {"new cases do not matter", 0, 0, 100, 0.9, false, VERDICT_PASSED, ""},
        {"a selection is no loss", 0, 150, 0, 0.9, true, VERDICT_PASSED, ""},
        {"but what it selects has to be there", 0, 150, 10, 0.9, true, VERDICT_NO_BASELINE, "50 of the selected 60"},
        {"nothing in common", 200, 0, 0, 0, false, VERDICT_NO_BASELINE, "0 of the baseline's 200"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made before CLEANUP(made_close) = {0};
        struct made after CLEANUP(made_close) = {0};
        struct beside b CLEANUP(beside_close) = {0};
        made_add(&before, 200, "P");
        made_add(&after, 200 - rows[i].gone, "P");
        for (size_t k = 0; k < rows[i].changed; k++) {
            after.cases[k].content = "changed";
        }
        for (size_t k = 0; k < rows[i].added; k++) {
            made_add(&after, 1, "P");
            after.cases[after.count - 1].id = arena_printf(&after.arena, "added-%zu", k).ptr;
        }
        beside_open(&b, &before, &after, (struct journal_options){.is_partial_selection = rows[i].is_partial});
        b.given.source.min_overlap = rows[i].least;
        (void)made_judge(&b.after, "no regression of answer.mean");
        CHECK_INT(rows[i].name, b.after.summaries[0].verdict, rows[i].verdict);
        const struct baseline_summary *s = &b.after.summaries[0].baselines[0];
        CHECK_CONTAINS(rows[i].name, s->reason, rows[i].reason);
        CHECK_INT(rows[i].name, s->changed, rows[i].changed);
        CHECK_INT(rows[i].name, s->missing, rows[i].gone);
        CHECK_INT(rows[i].name, s->added, rows[i].added);
        CHECK_INT(rows[i].name, s->common, 200 - rows[i].changed - rows[i].gone);
    }
}

static void test_age(void)
{
    static const struct {
        const char *name;
        int64_t days;
        uint64_t runs;
        size_t warnings;
    } rows[] = {
        {"new", 3, 3, 0}, {"30 days", 30, 50, 0}, {"31 days", 31, 0, 1}, {"51 runs", 0, 51, 1}, {"both", 90, 90, 1}};
    struct made before CLEANUP(made_close) = {0};
    struct made after CLEANUP(made_close) = {0};
    struct beside b CLEANUP(beside_close) = {0};
    add_pairs(&before, &after, 200, 9, 14);
    beside_open(&b, &before, &after, (struct journal_options){0});
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        b.given.finished_unix_ms = b.after.runs[0].started_unix_ms - rows[i].days * 86400000;
        b.given.runs_since = rows[i].runs;
        (void)made_judge(&b.after, "no regression of answer.mean");
        CHECK_INT(rows[i].name, b.after.summaries[0].warning_count, rows[i].warnings);
    }
    CHECK_CSTR("words", b.after.summaries[0].warnings[0], "the baseline branch=main is old: 90 days, 90 runs since");
}

/* Several runs of one version: each case averaged, quantiles by their indicators. */
static void test_set(void)
{
    static const char *const names[] = {"x", "y", "z"};
    struct made before CLEANUP(made_close) = {0};
    struct made after CLEANUP(made_close) = {0};
    struct beside b CLEANUP(beside_close) = {0};
    struct rng rng;
    rng_seed(&rng, 2);
    for (int i = 0; i < 300; i++) {
        double base = 100 * exp(rng_unit(&rng));
        struct journal_case *c = &before.cases[before.count++];
        *c = (struct journal_case){{NULL}, NULL, NULL, NULL, NULL, NULL};
        for (int k = 0; k < 3; k++) {
            c->trials[k] = arena_printf(&before.arena, "%cl%.2f", rng_unit(&rng) < 0.8 ? 'P' : 'F',
                                        base * (0.9 + 0.2 * rng_unit(&rng)))
                               .ptr;
        }
        after.cases[after.count++] =
            (struct journal_case){{arena_printf(&after.arena, "%cl%.2f", rng_unit(&rng) < 0.8 ? 'P' : 'F',
                                                base * (0.9 + 0.2 * rng_unit(&rng)))
                                       .ptr},
                                  NULL,
                                  NULL,
                                  NULL,
                                  NULL,
                                  NULL};
    }
    beside_open(&b, &before, &after, (struct journal_options){.variants = names, .variant_count = 3});
    const struct gate_result *g = made_judge(&b.after, "no regression of answer.mean");
    CHECK_INT("averages are no yes or no", g->evidence.how.method, METHOD_HALL);
    made_check("no change", g, GATE_CANNOT_TELL, false);
    CHECK_INT("three runs", b.after.summaries[0].baselines[0].run_count, 3);
    g = made_judge(&b.after, "latency_ms.p95 <= baseline * 1.2 with 95% confidence");
    made_check("no change of the tail", g, GATE_HOLDS, false);
    g = made_judge(&b.after, "no regression of latency_ms.p50");
    made_check("nor of the median", g, GATE_CANNOT_TELL, false);
    CHECK("a few per cent", fabs(g->difference / g->reference) < 0.1);
    g = made_judge(&b.after, "errors <= baseline");
    CHECK_CONTAINS("whole runs", g->reason, "of the baseline (mean of 3 runs)");
}

/* Variant against variant: paired like any two runs. */
static void test_variants(void)
{
    static const char *const names[] = {"small", "large"};
    struct made made CLEANUP(made_close) = {0};
    struct journal j CLEANUP(journal_close) = {0};
    made_add(&made, 200, "P");
    for (size_t i = 0; i < 200; i++) {
        made.cases[i].trials[0] = i < 20 ? "F" : "P";
        made.cases[i].trials[1] = i < 3 || i > 197 ? "F" : "P";
    }
    journal_open(&j, made.cases, made.count, (struct journal_options){.variants = names, .variant_count = 2});
    static const struct {
        const char *gate;
        int small, large; /* outcomes; -1 = not shown */
    } rows[] = {
        {"answer.mean[variant=large] >= answer.mean[variant=small] with 95% confidence", -1, GATE_HOLDS},
        {"answer.mean[variant=small] >= answer.mean[variant=large] with 95% confidence", GATE_BROKEN, -1},
        {"answer.mean[variant=large] >= answer.mean[variant=small] + 0.05 with 95% confidence", -1, GATE_CANNOT_TELL},
        {"answer.mean >= answer.mean[variant=small] - 0.01 with 95% confidence", GATE_NOT_JUDGED, GATE_HOLDS},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        journal_clear_gates(&j);
        journal_gate(&j, rows[i].gate, GATE_FAIL);
        journal_judge(&j);
        const struct gate_result *small = journal_result(&j, 0, rows[i].gate);
        const struct gate_result *large = journal_result(&j, 1, rows[i].gate);
        CHECK_INT(rows[i].gate, small == NULL ? -1 : (int)small->outcome, rows[i].small);
        CHECK_INT(rows[i].gate, large == NULL ? -1 : (int)large->outcome, rows[i].large);
    }
}

/* Differences that do not vary; clusters of which one is everything. */
static void test_degenerate(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    static const struct {
        const char *name;
        double quality, latency; /* of every case after; before 0.8 and 90 ms */
        size_t clusters;         /* 0: none; 1: all in one; 8: nine of ten in the first */
        const char *gate;
        enum gate_outcome outcome;
        const char *reason;
    } rows[] = {
        {"nothing changed", 0.8, 90, 0, "no regression of quality.mean", GATE_CANNOT_TELL, "could have seen a drop of"},
        {"nothing, and a margin", 0.8, 90, 0, "no regression of quality.mean beyond 0.05", GATE_HOLDS,
         "no drop beyond 5 points"},
        {"all by the same", 0.7, 90, 0, "no regression of quality.mean", GATE_BROKEN, "shown: a drop"},
        {"all by the same, in one cluster", 0.7, 90, 1, "no regression of quality.mean", GATE_CANNOT_TELL,
         "less than 4 degrees of freedom"},
        {"all by the same, nearly all in one", 0.7, 90, 8, "no regression of quality.mean", GATE_CANNOT_TELL,
         "less than 4 degrees of freedom"},
        {"nothing, of what has no ends", 0.8, 90, 0, "no regression of latency_ms.mean beyond 5ms", GATE_CANNOT_TELL,
         "cannot tell"},
        {"all by the same, of what has no ends", 0.8, 100, 0, "no regression of latency_ms.mean", GATE_CANNOT_TELL,
         "cannot tell"},
        {"the median of it", 0.8, 100, 0, "no regression of latency_ms.p50", GATE_BROKEN, "shown: a rise"},
        {"a factor", 0.8, 100, 0, "latency_ms.p50 <= baseline * 1.2 with 95% confidence", GATE_HOLDS,
         "no rise beyond 20%"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct made before CLEANUP(made_close) = {0};
        struct made after CLEANUP(made_close) = {0};
        struct beside b CLEANUP(beside_close) = {0};
        for (size_t k = 0; k < 120; k++) {
            made_add_one(&before, 'P', 0.8, 90);
            made_add_one(&after, 'P', rows[i].quality, rows[i].latency);
            if (rows[i].clusters > 0) {
                bool is_first = rows[i].clusters == 1 || k % 10 != 0;
                before.cases[k].cluster = after.cases[k].cluster = names[is_first ? 0 : k / 10 % 8];
            }
        }
        beside_open(&b, &before, &after, (struct journal_options){0});
        const struct gate_result *g = made_judge(&b.after, rows[i].gate);
        made_check(rows[i].name, g, rows[i].outcome, rows[i].outcome == GATE_BROKEN);
        CHECK_CONTAINS(rows[i].name, g->reason, rows[i].reason);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"pairs", test_pairs},
        {"degenerate", test_degenerate},
        {"latency", test_latency},
        {"a family of gates", test_family},
        {"on_inconclusive", test_on_inconclusive},
        {"errors in pairs", test_pair_errors},
        {"no baseline", test_no_baseline},
        {"overlap", test_overlap},
        {"age", test_age},
        {"several runs", test_set},
        {"variants", test_variants},
    };
    return check_run("judge/baselines", tests, ARRAY_LEN(tests));
}
