#include <string.h>

#include "base/rng.h"
#include "tests/check.h"
#include "tests/judge/journal.h"

static struct summary full_summary(void)
{
    static struct dimension_summary dimensions[2];
    static struct gate_result gates[4];
    static struct skipped_case skipped[1];
    static struct class_summary classes[2];
    static struct confusion_cell confusion[3] = {{0, 0, 2.5}, {0, 1, 1.0 / 3}, {1, -1, 1}};
    static struct baseline_summary baselines[2];
    static struct str runs[] = {{"r-1", 3}, {"r-2", 3}};
    static struct str names[] = {{"tone", 4}};
    static struct str warnings[] = {{"the baseline is 40 days old", 27}, {"attempt 3", 9}};
    classes[0] = (struct class_summary){.label = STR("billing"),
                                        .wanted = 3,
                                        .answered = 2.5,
                                        .right = 2.5,
                                        .has_recall = true,
                                        .has_precision = true,
                                        .has_f1 = true,
                                        .recall = 5.0 / 6,
                                        .precision = 1,
                                        .f1 = 10.0 / 11};
    classes[1] = (struct class_summary){.label = STR("other"), .wanted = 1};
    dimensions[0] = (struct dimension_summary){.name = STR("answer"),
                                               .kind = DIMENSION_JUDGED,
                                               .direction = DIRECTION_HIGHER,
                                               .n_cases = 200,
                                               .not_scored = 3,
                                               .has_mean = true,
                                               .has_pass_rate = true,
                                               .mean = 0.1 + 0.2,
                                               .pass_rate = 1.0 / 3,
                                               .min = 0,
                                               .max = 1,
                                               .sum = 60,
                                               .has_stddev = true,
                                               .stddev = 0.47,
                                               .n_passed = 66,
                                               .mean_interval = {{METHOD_T_CLUSTERED, 200, 17.25, 0.05},
                                                                 .has_lo = true,
                                                                 .has_hi = true,
                                                                 .lo = 0.1,
                                                                 .hi = 2.0 / 3},
                                               .pass_rate_interval = {{METHOD_WILSON, 200, 0, 0.05}, true, true, 0, 1},
                                               .classes = classes,
                                               .class_count = 2,
                                               .confusion = confusion,
                                               .confusion_count = 3,
                                               .has_f1_macro = true,
                                               .f1_macro = 5.0 / 11};
    dimensions[1] = (struct dimension_summary){.name = STR("latency_ms"),
                                               .kind = DIMENSION_MEASURE,
                                               .type = TYPE_BOUNDED,
                                               .lo = -1,
                                               .hi = 1.0 / 3,
                                               .direction = DIRECTION_LOWER,
                                               .p95_interval = {{METHOD_ORDER, 20, 0, 0.05}, .has_lo = true, .lo = 7}};
    gates[0] = (struct gate_result){.text = STR("answer.mean >= 0.3"),
                                    .outcome = GATE_HOLDS,
                                    .has_left = true,
                                    .has_right = true,
                                    .left = 0.1 + 0.2,
                                    .right = 0.3,
                                    .n = 200,
                                    .reason = STR("fine")};
    gates[1] = (struct gate_result){.text = STR("x[tag=\"\x1b[31m\"] >= 1"),
                                    .severity = GATE_WARN,
                                    .outcome = GATE_CANNOT_TELL,
                                    .reason = STR("\"\n\\")};
    gates[2] = (struct gate_result){
        .text = STR("pass_rate >= 100%"), .outcome = GATE_NOT_JUDGED, .is_implied = true, .reason = STR("")};
    gates[3] = (struct gate_result){.text = STR("no regression of answer.mean beyond 0.02"),
                                    .outcome = GATE_CANNOT_TELL,
                                    .form = GATE_REGRESSION,
                                    .has_left = true,
                                    .has_right = true,
                                    .left = 0.7,
                                    .right = 0.69,
                                    .n = 180,
                                    .clusters = 20,
                                    .needed = 812,
                                    .reason = STR("cannot tell"),
                                    .has_reference = true,
                                    .reference = 0.71,
                                    .difference = 0.7 - 0.71,
                                    .margin = 0.02,
                                    .baseline = 2,
                                    .has_evidence = true,
                                    .evidence = {.confidence = 0.95,
                                                 .worse = GATE_WORSE_BELOW,
                                                 .drawn = {{METHOD_TANGO, 180, 0, 0.05}, true, true, -0.05, 0.03},
                                                 .bounds = {{METHOD_TANGO, 180, 0, 0.025}, true, true, -0.04, 0.02},
                                                 .how = {METHOD_TANGO_TAIL, 180, 0, 0},
                                                 .statistic = 0.6,
                                                 .p_fail = 0.7,
                                                 .p_pass = 0.3,
                                                 .p_fail_adjusted = 1,
                                                 .family = 2,
                                                 .has_pairs = true,
                                                 .pairs_b = 9,
                                                 .pairs_c = 11,
                                                 .p_exact = 0.41,
                                                 .has_mde = true,
                                                 .mde = 0.041,
                                                 .mde_beyond = 0.061}};
    baselines[0] = (struct baseline_summary){
        .state = BASELINE_SKIPPED, .source = STR("baselines/math.jsonl"), .reason = STR("there is no such file")};
    baselines[1] = (struct baseline_summary){.state = BASELINE_USED,
                                             .source = STR("branch=main"),
                                             .runs = runs,
                                             .run_count = 2,
                                             .commit = STR("abc"),
                                             .finished_unix_ms = 1690000000123,
                                             .runs_since = 3,
                                             .cases = 200,
                                             .common = 180,
                                             .changed = 15,
                                             .missing = 5,
                                             .added = 2,
                                             .dimensions = names,
                                             .dimension_count = 1};
    skipped[0] = (struct skipped_case){.ordinal = 5,
                                       .id = STR("five"),
                                       .digest = STR("00"),
                                       .tags = STR("[\"a\",\"b\"]"),
                                       .cluster = STR("c"),
                                       .reason = STR("flaky")};
    return (struct summary){.suite = STR("s\xc3\xa9"),
                            .variant = STR("v"),
                            .run_id = STR("id"),
                            .planned_samples = 400,
                            .samples = 399,
                            .n_cases = 200,
                            .n_passed = 66,
                            .n_failed = 130,
                            .n_errored = 4,
                            .n_no_pass = 0,
                            .n_skipped = 1,
                            .errors = 5,
                            .trials = 2,
                            .has_score = true,
                            .has_pass_rate = true,
                            .score = 0.25,
                            .pass_rate = 66.0 / 196,
                            .score_interval = {{METHOD_UNSEEN, 2, 0, 0.05}, true, true, 0.1, 1},
                            .pass_rate_interval = {{METHOD_WILSON, 196, 0, 0.05}, true, true, 0.2, 0.4},
                            .clusters = 20,
                            .attempt = 3,
                            .pooled = 2,
                            .span_score = 3,
                            .started_unix_ms = 1700000000123,
                            .finished_unix_ms = 1700000009456,
                            .dimensions = dimensions,
                            .dimension_count = 2,
                            .gates = gates,
                            .gate_count = 4,
                            .baselines = baselines,
                            .baseline_count = 2,
                            .warnings = warnings,
                            .warning_count = 2,
                            .skipped = skipped,
                            .skipped_count = 1,
                            .verdict = VERDICT_INTERRUPTED_TERM,
                            .reason = STR("because"),
                            .is_partial = true};
}

static void test_round_trip(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct summary want = full_summary();
    struct summary got = {0};
    struct str json = summary_to_json(&want, &arena);
    CHECK("read", summary_from_json(json, &arena, &got, &err));
    CHECK_STR("written again", summary_to_json(&got, &arena), json);
    CHECK_STR("suite", got.suite, want.suite);
    CHECK_INT("samples", got.samples, want.samples);
    CHECK_INT("planned", got.planned_samples, want.planned_samples);
    CHECK_INT("trials", got.trials, 2);
    CHECK_INT("verdict", got.verdict, VERDICT_INTERRUPTED_TERM);
    CHECK_DOUBLE("to the bit", got.dimensions[0].mean, want.dimensions[0].mean, 0);
    CHECK_DOUBLE("to the bit", got.pass_rate, want.pass_rate, 0);
    CHECK("no mean", !got.dimensions[1].has_mean && !got.dimensions[1].has_pass_rate);
    CHECK_STR("gate", got.gates[1].text, want.gates[1].text);
    CHECK_STR("reason", got.gates[1].reason, want.gates[1].reason);
    CHECK_INT("outcome", got.gates[1].outcome, GATE_CANNOT_TELL);
    CHECK_INT("severity", got.gates[1].severity, GATE_WARN);
    CHECK("implied", got.gates[2].is_implied && !got.gates[0].is_implied);
    CHECK_STR("skipped", got.skipped[0].tags, want.skipped[0].tags);
    CHECK_INT("time", got.finished_unix_ms, want.finished_unix_ms);
    const struct gate_evidence *e = &got.gates[3].evidence;
    CHECK("evidence", got.gates[3].has_evidence && !got.gates[0].has_evidence);
    CHECK_INT("method", e->how.method, METHOD_TANGO_TAIL);
    CHECK_INT("baseline", got.gates[3].baseline, 2);
    CHECK_DOUBLE("bound", e->bounds.hi, 0.02, 0);
    CHECK_INT("pairs", e->pairs_c, 11);
    CHECK_INT("an interval that is not there", got.dimensions[1].mean_interval.how.method, METHOD_NONE);
    CHECK("half an interval", got.dimensions[1].p95_interval.has_lo && !got.dimensions[1].p95_interval.has_hi);
    CHECK_INT("cell", got.dimensions[0].confusion[2].answered, -1);
    CHECK_DOUBLE("range", got.dimensions[1].hi, 1.0 / 3, 0);
    CHECK_STR("baseline run", got.baselines[1].runs[1], STR("r-2"));
    CHECK_STR("warning", got.warnings[1], STR("attempt 3"));
}

/* As assay 0.1.0 stored it: what came later is absent, and which gates counted as failed follows from their outcomes. */
static void test_older(void)
{
    static const char json[] =
        "{\"format\":1,\"suite\":\"demo\",\"variant\":\"default\",\"run\":\"x\",\"verdict\":\"failed\",\"exit_code\":1,"
        "\"reason\":\"r\",\"partial\":false,\"started\":null,\"finished\":null,\"planned_samples\":3,\"samples\":3,"
        "\"trials\":1,\"cases\":3,\"passed\":1,\"failed\":2,\"errored\":0,\"no_pass\":0,\"skipped\":0,\"errors\":0,"
        "\"score\":0.5,\"pass_rate\":null,\"span_score\":5,\"dimensions\":[{\"name\":\"answer\",\"kind\":\"judged\","
        "\"direction\":\"higher\",\"n\":3,\"not_scored\":0,\"mean\":0.5,\"pass_rate\":0.5,\"passed\":1,\"min\":0,"
        "\"max\":1,"
        "\"sum\":1.5,\"stddev\":0.5,\"p50\":null,\"p95\":null}],\"gates\":["
        "{\"gate\":\"a\",\"severity\":\"fail\",\"outcome\":\"failed\",\"implied\":false,\"left\":1,\"right\":2,\"n\":3,"
        "\"reason\":\"\"},{\"gate\":\"b\",\"severity\":\"warn\",\"outcome\":\"failed\",\"reason\":\"\"},"
        "{\"gate\":\"c\",\"severity\":\"fail\",\"outcome\":\"cannot_tell\",\"reason\":\"\"},"
        "{\"gate\":\"d\",\"severity\":\"fail\",\"outcome\":\"not_judged\",\"reason\":\"\"}],\"skipped_cases\":[]}";
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct summary got = {0};
    CHECK("read", summary_from_json(str_from(json), &arena, &got, &err));
    CHECK("what counted", got.gates[0].fails && !got.gates[1].fails && got.gates[2].fails && !got.gates[3].fails);
    CHECK("no evidence", !got.gates[0].has_evidence && got.gates[0].baseline == 0);
    CHECK_INT("no interval", got.dimensions[0].mean_interval.how.method, METHOD_NONE);
    CHECK_INT("type", got.dimensions[0].type, TYPE_BOUNDED);
    CHECK("nothing new", got.baseline_count == 0 && got.warning_count == 0 && got.attempt == 0);
}

static void test_every_verdict(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        struct summary want = {.verdict = VERDICTS[i].verdict, .span_score = -1};
        struct summary got = {0};
        CHECK(VERDICTS[i].word, summary_from_json(summary_to_json(&want, &arena), &arena, &got, &err));
        CHECK_INT(VERDICTS[i].word, got.verdict, VERDICTS[i].verdict);
        CHECK_INT(VERDICTS[i].word, got.span_score, -1);
        CHECK("unfinished", got.finished_unix_ms == 0 && !got.has_score);
    }
}

static void test_bad(void)
{
    static const struct {
        const char *name, *json, *text;
    } rows[] = {
        {"nothing", "", "stored summary"},
        {"not JSON", "{", "stored summary"},
        {"a list", "[]", "no map"},
        {"no format", "{}", "format 0"},
        {"newer", "{\"format\":2,\"exit_code\":0}", "newer"},
        {"no verdict", "{\"format\":1}", "exit_code"},
        {"unknown verdict", "{\"format\":1,\"exit_code\":77}", "exit_code"},
        {"count is a text", "{\"format\":1,\"exit_code\":0,\"samples\":\"3\"}", "samples"},
        {"negative count", "{\"format\":1,\"exit_code\":0,\"samples\":-3}", "samples"},
        {"half a count", "{\"format\":1,\"exit_code\":0,\"samples\":0.5}", "samples"},
        {"huge count", "{\"format\":1,\"exit_code\":0,\"samples\":1e300}", "samples"},
        {"overflow", "{\"format\":1,\"exit_code\":0,\"score\":1e999}", "score"},
        {"time", "{\"format\":1,\"exit_code\":0,\"started\":\"yesterday\"}", "started"},
        {"dimensions are a map", "{\"format\":1,\"exit_code\":0,\"dimensions\":{}}", "dimensions"},
        {"dimension kind", "{\"format\":1,\"exit_code\":0,\"dimensions\":[{\"kind\":\"guess\"}]}", "kind"},
        {"interval is a number", "{\"format\":1,\"exit_code\":0,\"score_interval\":0.5}", "score_interval"},
        {"interval of an unknown method", "{\"format\":1,\"exit_code\":0,\"score_interval\":{\"method\":\"guess\"}}",
         "method"},
        {"a cell outside", "{\"format\":1,\"exit_code\":0,\"dimensions\":[{\"confusion\":[[0,0,1]]}]}", "confusion"},
        {"no such baseline", "{\"format\":1,\"exit_code\":0,\"gates\":[{\"baseline\":0}]}", "baseline"},
        {"gate outcome", "{\"format\":1,\"exit_code\":0,\"gates\":[{\"outcome\":\"maybe\"}]}", "outcome"},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = ERR_NULL;
        struct summary got = {0};
        CHECK(rows[i].name, !summary_from_json(str_from(rows[i].json), &arena, &got, &err));
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].text);
    }
}

/* Damaged texts give an error or a summary, never a fault of ours. */
static void test_damaged(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct summary want = full_summary();
    struct str json = summary_to_json(&want, &arena);
    struct rng rng;
    rng_seed(&rng, 5);
    for (int i = 0; i < 2000; i++) {
        struct arena one CLEANUP(arena_deinit) = ARENA_NULL;
        struct str copy = arena_str(&one, json);
        char *bytes = arena_copy(&one, copy.ptr, copy.len);
        for (int k = 0; k < 3; k++) {
            bytes[rng_below(&rng, copy.len)] = "\"{}[]:,0-9e\\ x\n"[rng_below(&rng, 15)];
        }
        struct err err = ERR_NULL;
        struct summary got;
        bool ok = summary_from_json((struct str){bytes, copy.len}, &one, &got, &err);
        CHECK("read or refused", ok || err.text[0] != '\0');
    }
}

static void test_overall(void)
{
    static struct gate_result failed[5];
    for (size_t i = 0; i < ARRAY_LEN(failed); i++) {
        failed[i] = (struct gate_result){.text = STR("answer.pass_rate >= 85%"),
                                         .outcome = GATE_BROKEN,
                                         .fails = true,
                                         .has_left = true,
                                         .left = 0.714};
    }
    static struct gate_result holds[1];
    holds[0] = (struct gate_result){.text = STR("cases >= 1"), .outcome = GATE_HOLDS, .has_left = true, .left = 7};
    struct summary a = {.variant = STR("a"), .verdict = VERDICT_FAILED, .gates = failed, .gate_count = 2, .n_cases = 7};
    struct summary many = {
        .variant = STR("many"), .verdict = VERDICT_FAILED, .gates = failed, .gate_count = 5, .n_cases = 7};
    struct summary b = {.variant = STR("b"), .verdict = VERDICT_PASSED, .gates = holds, .gate_count = 1, .n_cases = 7};
    static struct gate_result none[1];
    none[0] = (struct gate_result){.text = STR("pass_rate >= 100%"), .outcome = GATE_HOLDS, .is_implied = true};
    struct summary implied = {
        .variant = STR("n"), .verdict = VERDICT_PASSED, .gates = none, .gate_count = 1, .n_cases = 7, .n_passed = 7};
    struct summary errored = {.variant = STR("e"), .verdict = VERDICT_ERRORED, .reason = STR("too many")};
    struct summary empty = {
        .suite = STR("sums"), .variant = STR("default"), .verdict = VERDICT_EMPTY, .reason = STR("nothing was run")};
    struct summary odd = {.suite = STR("odd"), .variant = STR("big"), .verdict = VERDICT_EMPTY, .reason = STR("none")};
    struct summary even = {.suite = STR("odd"), .variant = STR("small"), .verdict = VERDICT_PASSED};
    struct summary internal = {.variant = STR("i"), .verdict = VERDICT_INTERNAL, .reason = STR("a bug")};
    struct summary interrupted = {
        .variant = STR("x"), .verdict = VERDICT_INTERRUPTED_INT, .reason = STR("Ctrl-C"), .is_partial = true};
    const struct {
        const char *name;
        struct summary all[3];
        size_t count;
        enum verdict verdict;
        const char *reason;
    } rows[] = {
        {"one passed", {b}, 1, VERDICT_PASSED, "1 gate holds, 7 cases"},
        {"two passed", {b, b}, 2, VERDICT_PASSED, "2 gates hold, 14 cases in 2 runs"},
        {"one failed",
         {a},
         1,
         VERDICT_FAILED,
         "2 of 2 gates failed: answer.pass_rate >= 85% (0.714), answer.pass_rate >= 85% (0.714)"},
        {"named by variant",
         {b, a},
         2,
         VERDICT_FAILED,
         "2 of 3 gates failed: [a] answer.pass_rate >= 85% (0.714), [a] answer.pass_rate >= 85% (0.714)"},
        {"many",
         {many},
         1,
         VERDICT_FAILED,
         "5 of 5 gates failed: answer.pass_rate >= 85% (0.714), answer.pass_rate >= 85% (0.714), answer.pass_rate >= "
         "85% (0.714) and 2 more"},
        {"no gates in two runs",
         {implied, implied},
         2,
         VERDICT_PASSED,
         "14 of 14 cases pass (no gates given: every case has to)"},
        {"no gates in one of two", {b, implied}, 2, VERDICT_PASSED, "2 gates hold, 14 cases in 2 runs"},
        {"named by suite", {b, empty}, 2, VERDICT_EMPTY, "[sums] nothing was run"},
        {"named by both", {b, even, odd}, 3, VERDICT_EMPTY, "[odd: big] none"},
        {"errored over failed", {a, errored}, 2, VERDICT_ERRORED, "[e] too many"},
        {"interrupted over errored", {errored, interrupted}, 2, VERDICT_INTERRUPTED_INT, "Ctrl-C"},
        {"internal over all", {errored, interrupted, internal}, 3, VERDICT_INTERNAL, "[i] a bug"},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str reason;
        CHECK_INT(rows[i].name, judge_overall(rows[i].all, rows[i].count, &arena, &reason), rows[i].verdict);
        CHECK_CSTR(rows[i].name, reason, rows[i].reason);
    }
    /* of any two the one that comes first in the order of docs/contracts.md, B */
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        for (size_t k = 0; k < VERDICT_COUNT; k++) {
            struct summary two[2] = {{.verdict = VERDICTS[i].verdict}, {.verdict = VERDICTS[k].verdict}};
            struct str reason;
            enum verdict worse = VERDICTS[i].rank < VERDICTS[k].rank ? VERDICTS[i].verdict : VERDICTS[k].verdict;
            CHECK_INT("precedence", judge_overall(two, 2, &arena, &reason), worse);
        }
    }
}

static void test_reason_is_a_line(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    static char text[100000];
    memset(text, 'x', sizeof(text));
    struct gate_result gates[20];
    for (size_t i = 0; i < ARRAY_LEN(gates); i++) {
        gates[i] = (struct gate_result){
            .text = {text, sizeof(text)}, .outcome = GATE_BROKEN, .fails = true, .has_left = true, .left = 1e300};
    }
    struct summary s[2] = {
        {.variant = {text, sizeof(text)}, .verdict = VERDICT_FAILED, .gates = gates, .gate_count = 20}};
    s[1] = s[0];
    struct str reason;
    (void)judge_overall(s, 2, &arena, &reason);
    CHECK("short", reason.len < 1000);
}

static void test_root(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct summary s = full_summary();
    struct root_metric *metrics = NULL;
    size_t count = 0;
    summary_root_metrics(&s, &arena, &metrics, &count);
    static const struct {
        const char *name;
        double value;
    } want[] = {{"answer.mean", 0.1 + 0.2},
                {"answer.pass_rate", 1.0 / 3},
                {"n_cases", 200},
                {"n_failed", 130},
                {"n_errors", 4}};
    CHECK_INT("count", count, ARRAY_LEN(want));
    for (size_t i = 0; i < count && i < ARRAY_LEN(want); i++) {
        CHECK_CSTR("metric", metrics[i].dimension, want[i].name);
        CHECK_DOUBLE(want[i].name, metrics[i].value, want[i].value, 0);
    }
    struct str words = summary_in_words(&s, &arena);
    CHECK_CONTAINS("words", words, "interrupted: because. 200 cases: 66 passed, 130 failed, 4 errored, 1 skipped.");
    CHECK_CONTAINS("words", words, "answer: mean 0.3, pass rate 0.3333 (n = 200).");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"round trip", test_round_trip},
        {"older", test_older},
        {"every verdict", test_every_verdict},
        {"bad", test_bad},
        {"damaged", test_damaged},
        {"overall", test_overall},
        {"a reason is a line", test_reason_is_a_line},
        {"root", test_root},
    };
    return check_run("judge/summary", tests, ARRAY_LEN(tests));
}
