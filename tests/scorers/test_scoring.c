/* What all scorers share: from, extract and match; not, threshold, weight, optional, required, when, comment, direction; score and pass of a
 * sample; measures of target and call; samples that cannot be scored; outputs that on_error makes a fail. */

#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

/* --- absence is a fail, whatever else is said --- */

static void test_absent(void)
{
    static const char *const JUDGED[] = {
        "regex: {pattern: '.*', %s}",     "exact: {expected: x, %s}",  "contains: {all: x, %s}",
        "starts_with: {expected: x, %s}", "one_of: {values: [x], %s}", "json: {%s}",
        "numeric: {expected: 1, %s}",
    };
    static const struct {
        const char *options, *output, *comment;
    } rows[] = {
        {"from: /a", "{\"b\": 1}", "nothing at '/a'"},
        {"from: /a", "", "the output is empty"},
        {"from: /a", "text", "the output is not JSON"},
        {"from: /a/0", "{\"a\": {\"0x\": 1}}", "nothing at '/a/0'"},
        {"extract: 'A: (.+)'", "B", "no match of 'extract'"},
        {"extract: 'A: (.*)'", "A: ", "'extract' found an empty text"},
        {"extract: 'A: (.+)'", "", "the output is empty"},
        {"extract: '[ab]', match: only", "a b", "matched more than once"},
        {"from: /a, extract: 'A: (.+)'", "{\"a\": \"B\"}", "no match of 'extract'"},
        {"from: /a, extract: 'A: (.+)'", "{\"a\": null}", "null at '/a'"},
    };
    static const char *const MORE[] = {"", ", not: true", ", threshold: 0", ", not: true, threshold: 0"};
    for (size_t i = 0; i < ARRAY_LEN(JUDGED) * ARRAY_LEN(rows) * ARRAY_LEN(MORE); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        size_t row = i / ARRAY_LEN(JUDGED) % ARRAY_LEN(rows);
        const char *more = MORE[i / ARRAY_LEN(JUDGED) / ARRAY_LEN(rows)];
        struct str options = arena_printf(&arena, "%s%s", rows[row].options, more);
        struct str template = str_from(JUDGED[i % ARRAY_LEN(JUDGED)]);
        size_t at = 0;
        (void)str_find(template, STR("%s"), &at);
        struct str scorer = arena_printf(&arena, "%.*s%.*s%.*s", (int)at, template.ptr, STR_ARG(options),
                                         STR_ARG(str_slice(template, at + 2, template.len)));
        const struct scored scored = {.name = scorer.ptr,
                                      .scorer = scorer.ptr,
                                      .output = rows[row].output,
                                      .outcome = SCORE_FAIL,
                                      .comment = rows[row].comment};
        check_scored(&scored, 1);
    }
}

/* --- score and pass of a sample --- */

/* Scorers over the output "a": `regex: a` passes, `regex: b` fails. */
static const struct {
    const char *name, *scorers;
    double pass_score; /* < 0 = none */
    enum sample_pass pass;
    double score; /* < 0 = none */
} REDUCED[] = {
    {"all pass", "- regex: a\n- exact: a\n", -1, PASS_YES, 1},
    {"one fails", "- regex: a\n- exact: b\n", -1, PASS_NO, 0.5},
    {"weights", "- regex: {pattern: a, weight: 3}\n- exact: b\n", -1, PASS_NO, 0.75},
    {"weight 0 still decides", "- regex: a\n- exact: {expected: b, weight: 0}\n", -1, PASS_NO, 1},
    {"no weight at all", "- regex: {pattern: a, weight: 0}\n", -1, PASS_YES, -1},
    {"optional does not decide", "- regex: a\n- exact: {expected: b, optional: true}\n", -1, PASS_YES, 0.5},
    {"only optional ones", "- exact: {expected: b, optional: true}\n", -1, PASS_NONE, 0},
    {"only a measure", "- length\n", -1, PASS_NONE, -1},
    {"a measure beside", "- regex: a\n- length\n", -1, PASS_YES, 1},
    {"a measure with a bound decides", "- regex: a\n- length: {min: 5}\n", -1, PASS_NO, 1},
    {"a measure with a weight", "- regex: a\n- length: {min: 5, weight: 1}\n", -1, PASS_NO, 0.5},
    {"an optional measure", "- regex: a\n- length: {min: 5, optional: true}\n", -1, PASS_YES, 1},
    {"pass_score is reached", "- regex: a\n- exact: b\n", 0.5, PASS_YES, 0.5},
    {"pass_score is not reached", "- regex: a\n- exact: b\n", 0.51, PASS_NO, 0.5},
    {"pass_score and a required one", "- regex: a\n- exact: {expected: b, required: true}\n", 0.5, PASS_NO, 0.5},
    {"pass_score and a required one that passes", "- regex: {pattern: a, required: true}\n- exact: b\n", 0.5, PASS_YES,
     0.5},
    {"pass_score and no score", "- length: {max: 5}\n", 0.5, PASS_NO, -1},
    {"pass_score and a required measure", "- regex: a\n- length: {min: 5, required: true}\n", 0.5, PASS_NO, 1},
    {"pass_score and nothing that passes", "- length\n", 0.5, PASS_NONE, -1},
    {"a tenth three times",
     "- regex: {pattern: a, weight: 0.1}\n- exact: {expected: a, weight: 0.1}\n"
     "- contains: {all: a, weight: 0.1}\n",
     1, PASS_YES, 1},
    {"none applies", "- regex: {pattern: b, when: {tag: other}}\n", -1, PASS_NONE, -1},
};

static void test_reduced(void)
{
    for (size_t i = 0; i < ARRAY_LEN(REDUCED); i++) {
        RIG(rig);
        if (!rig_load(rig, REDUCED[i].name, REDUCED[i].scorers)) {
            continue;
        }
        rig->suite.has_pass_score = REDUCED[i].pass_score >= 0;
        rig->suite.pass_score = REDUCED[i].pass_score;
        rig_text(rig, STR("a"));
        rig_run(rig);
        CHECK_INT(REDUCED[i].name, rig->result.pass, REDUCED[i].pass);
        CHECK_INT(REDUCED[i].name, rig->result.has_score, REDUCED[i].score >= 0);
        CHECK_DOUBLE(REDUCED[i].name, rig->result.score, REDUCED[i].score >= 0 ? REDUCED[i].score : 0, 1e-15);
        CHECK(REDUCED[i].name, !rig->result.is_errored);
    }
}

static void test_unscored(void)
{
    RIG(rig);
    if (!rig_load(rig, "unscored", "- exact\n- regex: a\n- length\n- latency: {optional: true}\n")) {
        return;
    }
    rig_text(rig, STR("a"));
    rig_run(rig);
    CHECK("errored", rig->result.is_errored && rig->result.pass == PASS_NONE && !rig->result.has_score);
    CHECK_CSTR("why", rig->result.error_text,
               "exact not scored: the case has no 'expected', and the scorer gives none");
    CHECK("what was judged is gone", rig_score(rig, "regex") == NULL);
    CHECK_INT("the reason stays", rig_score(rig, "exact")->outcome, SCORE_NOT_SCORED);
    CHECK_INT("measures stay", rig_score(rig, "length_chars")->outcome, SCORE_NONE);
    CHECK_INT("optional ones, too", rig_score(rig, "latency_ms")->outcome, SCORE_NOT_SCORED);

    rig_expected(rig, "\"a\"");
    rig_run(rig);
    CHECK("what is optional makes no error", !rig->result.is_errored && rig->result.pass == PASS_YES);
    CHECK_INT("it is not scored", rig_score(rig, "latency_ms")->outcome, SCORE_NOT_SCORED);
}

/* --- single options --- */

static void test_options(void)
{
    RIG(rig);
    if (!rig_load(
            rig, "options",
            "- regex: {pattern: a, dimension: first, weight: 2.5, threshold: 0.25, direction: lower, required: true}\n"
            "- length: {direction: lower, optional: true}\n- exact: a\n")) {
        return;
    }
    const struct dimension *first = &rig->dimensions[0];
    const struct dimension *length = &rig->dimensions[1];
    const struct dimension *exact = &rig->dimensions[2];
    CHECK_CSTR("dimension", first->name, "first");
    CHECK_DOUBLE("weight", first->weight, 2.5, 0);
    CHECK_DOUBLE("threshold", first->threshold, 0.25, 0);
    CHECK_INT("direction", first->direction, DIRECTION_LOWER);
    CHECK("required", first->is_required && !first->is_optional);
    CHECK("optional", length->is_optional && !length->is_required && length->direction == DIRECTION_LOWER);
    CHECK_CSTR("a name by default", exact->name, "exact");
    CHECK("judged by default", exact->kind == DIMENSION_JUDGED && exact->type == TYPE_BINARY && exact->weight == 1 &&
                                   exact->threshold == 1 && exact->direction == DIRECTION_HIGHER && exact->hi == 1);
}

static void test_when(void)
{
    static const struct {
        const char *when, *tags[3];
        bool applies;
    } rows[] = {
        {"{tag: smoke}", {"smoke"}, true},         {"{tag: smoke}", {"easy", "smoke"}, true},
        {"{tag: smoke}", {"easy"}, false},         {"{tag: smoke}", {NULL}, false},
        {"{tag: smoke}", {"smoke-2"}, false},      {"{tag: [smoke, hard]}", {"hard"}, true},
        {"{tag: [smoke, hard]}", {"easy"}, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        struct str tags[3];
        struct str list = arena_printf(&rig->arena, "- regex: {pattern: a, when: %s}\n- length\n", rows[i].when);
        if (!rig_load(rig, rows[i].when, list.ptr)) {
            continue;
        }
        for (size_t k = 0; k < 3 && rows[i].tags[k] != NULL; k++) {
            tags[rig->eval_case.tag_count++] = str_from(rows[i].tags[k]);
        }
        rig->eval_case.tags = tags;
        rig_text(rig, STR("a"));
        rig_run(rig);
        CHECK_INT(rows[i].when, rig->result.score_count, rows[i].applies ? 2 : 1);
        CHECK(rows[i].when, (rig_score(rig, "regex") != NULL) == rows[i].applies);
    }
}

static void test_comments(void)
{
    static const struct scored rows[] = {
        {"words of the suite first", "regex: {pattern: a, comment: 'no politeness'}", "b", NULL, SCORE_FAIL,
         "fail: no politeness; no match of /a/"},
        {"with a template", "regex: {pattern: a, comment: 'case {{id}}, {{expected}}'}", "a", "7", SCORE_PASS,
         "pass: case case-1, 7; found 'a'"},
        {"of the output", "regex: {pattern: a, comment: '{{output}}'}", "aha", NULL, SCORE_PASS, "pass: aha; found"},
        {"absent", "regex: {pattern: a, comment: 'by {{meta.model}}'}", "a", NULL, SCORE_PASS, "pass: found 'a'"},
        {"undefined", "regex: {pattern: a, comment: 'by {{row.model}}'}", "a", NULL, SCORE_PASS, "pass: found 'a'"},
        {"of a measure", "length: {comment: how long}", "a", NULL, SCORE_NONE, "measured: how long; 1 chars"},
        {"not scored", "exact: {comment: mine}", "a", NULL, SCORE_NOT_SCORED, "not scored: mine; the case has no"},
        {"an absent answer", "exact: {expected: a, comment: mine}", "", NULL, SCORE_FAIL,
         "fail: mine; the output is empty"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

/* At most 500 bytes, cut between characters, valid whatever the output holds: the rig looks at every comment. */
static void test_long_comments(void)
{
    static const char *const PIECES[] = {"a",    "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                         "\xff", "\xf0\x9f", "\n",           "'"};
    for (size_t i = 0; i < ARRAY_LEN(PIECES) * 4; i++) {
        RIG(rig);
        struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
        buf_append_repeat(&text, 'x', i % 4);
        for (int k = 0; k < 1000; k++) {
            buf_append_cstr(&text, PIECES[i / 4]);
        }
        if (!rig_load(rig, "long",
                      "- contains: {any: [1, 2], comment: '{{output}}'}\n- exact: {expected: '{{output}}!'}\n"
                      "- one_of: {values: ['{{output}}?'], comment: '{{output}}{{output}}'}\n- numeric: {min: 1}\n"
                      "- json\n- starts_with: '{{output}}+'\n- regex: {pattern: '{{output}}-', optional: true}\n")) {
            continue;
        }
        rig_text(rig, buf_str(&text));
        rig_run(rig);
        CHECK_INT(PIECES[i / 4], rig->result.score_count, 7);
        struct str comment = rig_score(rig, "contains")->comment;
        CHECK(PIECES[i / 4], comment.len > 490 && comment.len <= 500);
        CHECK_INT(PIECES[i / 4], rig_score(rig, "exact")->outcome, SCORE_FAIL);
    }
}

/* --- a target's measures, and those of the call that a gate names --- */

static void test_measures(void)
{
    RIG(rig);
    uint32_t declared[2] = {1, 2};
    struct measure given[1] = {{.name = STR("steps"), .value = 3}};
    if (!rig_load(rig, "measures", "- regex: a\n")) {
        return;
    }
    rig->dimensions[1] = (struct dimension){.name = STR("steps"), .kind = DIMENSION_MEASURE, .has_max = true, .max = 2};
    rig->dimensions[2] = (struct dimension){.name = STR("loops"), .kind = DIMENSION_MEASURE, .is_optional = true};
    rig->dimensions[3] =
        (struct dimension){.name = STR("latency_ms"), .kind = DIMENSION_MEASURE, .is_call_measure = true};
    rig->dimensions[4] =
        (struct dimension){.name = STR("cost_usd"), .kind = DIMENSION_MEASURE, .is_call_measure = true};
    rig->suite.dimension_count = 5;
    rig->variant.dimensions = declared;
    rig->variant.dimension_count = 2;
    rig_text(rig, STR("a"));
    rig->output.metrics = given;
    rig->output.metric_count = 1;
    rig->output.measures = (struct call_measures){.has_latency = true, .latency_ms = 12, .attempts = 1};
    rig_run(rig);
    CHECK_INT("bounded", rig_score(rig, "steps")->outcome, SCORE_FAIL);
    CHECK_CSTR("in words", rig_score(rig, "steps")->comment, "fail: given by the target");
    CHECK_INT("not given", rig_score(rig, "loops")->outcome, SCORE_NOT_SCORED);
    CHECK_DOUBLE("of the call", rig_score(rig, "latency_ms")->value, 12, 0);
    CHECK("not known of the call", rig_score(rig, "cost_usd") == NULL);
    CHECK("scored", !rig->result.is_errored && rig->result.pass == PASS_NO);

    rig->dimensions[2].is_optional = false;
    rig_run(rig);
    CHECK("a metric that is missing is an error", rig->result.is_errored);
    CHECK_CONTAINS("and says so", rig->result.error_text, "loops not scored: the target gave no such metric");
}

/* --- on_error: fail --- */

static void test_on_error(void)
{
    RIG(rig);
    struct scope scope = {.expected = &rig->eval_case.expected};
    if (!rig_load(rig, "on_error",
                  "- regex: {pattern: x, not: true}\n- length: {max: 9}\n- numeric: {record_value: true, expected: 1}\n"
                  "- one_of: {values: [a, b], expected: '{{expected}}', optional: true}\n"
                  "- json: {threshold: 0}\n- exact: {expected: a, when: {tag: t}, dimension: other}\n"
                  "- command: {command: [sh], dimension: tone}\n")) {
        return;
    }
    rig_expected(rig, "\"b\"");
    rig_text(rig, STR("kept, never scored"));
    rig->output.error = ERROR_EXIT;
    rig->output.error_text = STR("exit 3");
    struct scoring_sample sample = {.suite = &rig->suite,
                                    .variant = &rig->variant,
                                    .eval_case = &rig->eval_case,
                                    .output = &rig->output,
                                    .scope = &scope};
    scoring_fail(&rig->sample_arena, &sample, &rig->result);
    CHECK_INT("what is judged and applies", rig->result.score_count, 5);
    for (size_t i = 0; i < rig->result.score_count; i++) {
        CHECK_INT("fails", rig->result.scores[i].outcome, SCORE_FAIL);
        CHECK("unit 0",
              rig->result.scores[i].has_unit && rig->result.scores[i].unit == 0 && rig->result.scores[i].value == 0);
        CHECK_CSTR("why", rig->result.scores[i].comment, "fail: exit 3 (on_error: fail)");
    }
    CHECK("measures are left out", rig_score(rig, "length_chars") == NULL && rig_score(rig, "numeric_value") == NULL);
    CHECK_CSTR("the class that was wanted", rig_score(rig, "one_of")->wanted, "b");
    CHECK("was not answered", rig_score(rig, "one_of")->answered.ptr == NULL);
    CHECK("scored, and failed", rig->result.pass == PASS_NO && !rig->result.is_errored && rig->result.has_score);
    CHECK_DOUBLE("with 0", rig->result.score, 0, 0);
}

/* Two scorers of one case do not know of each other. */
static void test_independent(void)
{
    static const char *const LISTS[] = {"- exact: a\n",
                                        "- json\n",
                                        "- regex: {pattern: 'A: {{expected}}', from: /text}\n",
                                        "- numeric: {from: /text, match: last, min: 3}\n",
                                        "- length\n",
                                        "- one_of: {from: /list, values: [a], each: true}\n"};
    struct str alone[ARRAY_LEN(LISTS)];
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf all CLEANUP(buf_deinit) = BUF(1 << 16);
    for (size_t i = 0; i <= ARRAY_LEN(LISTS); i++) {
        RIG(rig);
        if (!rig_load(rig, "independent", i < ARRAY_LEN(LISTS) ? LISTS[i] : all.ptr)) {
            return;
        }
        rig_expected(rig, "18");
        rig_text(rig, STR("{\"text\": \"A: 18\", \"list\": [\"a\", \"b\"]}"));
        rig_run(rig);
        if (i < ARRAY_LEN(LISTS)) {
            alone[i] = arena_str(&arena, rig->result.scores[0].comment);
            buf_append_cstr(&all, LISTS[i]);
        }
        for (size_t k = 0; i == ARRAY_LEN(LISTS) && k < i; k++) {
            CHECK_STR(LISTS[k], rig->result.scores[k].comment, alone[k]);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"absent", test_absent},
        {"score and pass", test_reduced},
        {"what cannot be scored", test_unscored},
        {"options", test_options},
        {"when", test_when},
        {"comments", test_comments},
        {"long comments", test_long_comments},
        {"measures", test_measures},
        {"on_error", test_on_error},
        {"independent", test_independent},
    };
    return check_run("scorers/scoring", tests, ARRAY_LEN(tests));
}
