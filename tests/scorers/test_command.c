/* command: what the program is told, its dimensions, its answers, and the many ways in which there is none. */

#include <signal.h>

#include "base/buf.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

#define PROGRAM "command: [sh, -c, 'true']"
#define TONE "- command: {" PROGRAM ", dimension: tone}"
#define DECLARED                                                                                                       \
    "- command: {" PROGRAM ", dimensions: {tone: {}, polite: {threshold: 0.9, weight: 2}, "                            \
    "words: {kind: measure, max: 10, direction: lower}}}"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"no program", "- command", "command", NULL, 3},
        {"no program in a map", "- command: {dimension: tone}", "command", NULL, 0},
        {"both forms", "- command: {command: [sh], shell: 'true'}", "shell", NULL, 0},
        {"a program that is not there", "- command: [no-such-program-here]", "not found", NULL, 0},
        {"a template in a shell text", "- command: {shell: 'echo {{output}}'}", "template", NULL, 0},
        {"options that are no map", "- command: {" PROGRAM ", optoins: {}}", "unknown key 'optoins'",
         "did you mean 'options'", 0},
        {"one name and several", "- command: {" PROGRAM ", dimension: a, dimensions: {b: {}}}",
         "'dimension' names its one score", NULL, 3},
        {"a weight of which", "- command: {" PROGRAM ", weight: 2, dimensions: {a: {}, b: {}}}",
         "which of its 2 scores is 'weight' about", "below 'dimensions'", 3},
        {"a threshold of which", "- command: {" PROGRAM ", threshold: 1, dimensions: {a: {}, b: {}}}", "'threshold'",
         NULL, 3},
        {"not of which", "- command: {" PROGRAM ", not: true, dimensions: {a: {}, b: {}}}", "'not'", NULL, 3},
        {"not of a measure", "- command: {" PROGRAM ", not: true, dimensions: {a: {kind: measure}}}",
         "'not' is for judged", NULL, 3},
        {"a name that is none", "- command: {" PROGRAM ", dimensions: {a.b: {}}}", "a.b", NULL, 0},
        {"a bound on what is judged", "- command: {" PROGRAM ", dimensions: {a: {max: 1}}}", "no min, max", NULL, 0},
        {"dimensions as a list", "- command: {" PROGRAM ", dimensions: [a]}", "'dimensions' is a map of names", NULL,
         0},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

static void test_declared(void)
{
    RIG(rig);
    if (rig_load(rig, "one", TONE)) {
        const struct dimension *d = &rig->dimensions[0];
        CHECK_INT("one", rig->suite.dimension_count, 1);
        CHECK_CSTR("its name", d->name, "tone");
        CHECK("judged, 0 to 1",
              d->kind == DIMENSION_JUDGED && d->type == TYPE_BOUNDED && d->threshold == 0.5 && d->weight == 1);
    }
    if (rig_load(rig, "none declared", "- command: {" PROGRAM ", dimensions: {}}")) {
        CHECK_CSTR("the scorer's name", rig->dimensions[0].name, "command");
    }
    if (rig_load(rig, "one declared", "- command: {" PROGRAM ", weight: 2, threshold: 1, dimensions: {a: {}}}")) {
        CHECK("its own options", rig->dimensions[0].weight == 2 && rig->dimensions[0].threshold == 1);
    }
    if (rig_load(rig, "several", DECLARED)) {
        CHECK_INT("several", rig->suite.dimension_count, 3);
        CHECK_CSTR("in order", rig->dimensions[1].name, "polite");
        CHECK("a judged one", rig->dimensions[1].threshold == 0.9 && rig->dimensions[1].weight == 2);
        CHECK("a measure", rig->dimensions[2].kind == DIMENSION_MEASURE && rig->dimensions[2].has_max &&
                               rig->dimensions[2].weight == 0);
    }
    if (rig_load(rig, "all optional", "- command: {" PROGRAM ", optional: true, dimensions: {a: {}, b: {}}}")) {
        CHECK("all", rig->dimensions[0].is_optional && rig->dimensions[1].is_optional);
    }
}

/* --- what it is told --- */

static void test_asked(void)
{
    RIG(rig);
    if (!rig_load(rig, "asked", "- command: {" PROGRAM ", options: {strict: true}, params: {n: 1}}")) {
        return;
    }
    rig_expected(rig, "[18]");
    rig_text(rig, STR("A: \"18\""));
    rig_reply(rig, "{\"scores\": {\"command\": 1}}");
    rig_run(rig);
    CHECK_INT("one call", rig->calls, 1);
    CHECK_CONTAINS("the case", rig->asked, "\"case\":\"case-1\"");
    CHECK_CONTAINS("the input", rig->asked, "\"input\":\"2+2?\"");
    CHECK_CONTAINS("expected, unasked", rig->asked, "\"expected\":[18]");
    CHECK_CONTAINS("the output", rig->asked, "\"output\":\"A: \\\"18\\\"\"");
    CHECK_CONTAINS("options", rig->asked, "\"options\":{\"strict\":true}");
    CHECK_CONTAINS("params", rig->asked, "\"params\":{\"n\":1}");
    CHECK_CONTAINS("meta", rig->asked, "\"meta\":{}");
    rig_json(rig, "{\"a\": [1]}");
    rig_run(rig);
    CHECK_CONTAINS("JSON as JSON", rig->asked, "\"output\":{\"a\":[1]}");
    rig_text(rig, STR(""));
    rig_run(rig);
    CHECK_INT("an empty output is asked about", rig->calls, 1);
    CHECK_INT("and judged", rig->result.scores[0].outcome, SCORE_PASS);
}

static void test_asked_part(void)
{
    RIG(rig);
    if (!rig_load(rig, "part",
                  "- command: {" PROGRAM ", from: /text, dimension: a}\n"
                  "- command: {" PROGRAM ", extract: '\\[(.*)\\]', dimension: b, not: true}")) {
        return;
    }
    rig_text(rig, STR("{\"text\": [1, \"x\"]}"));
    rig_reply(rig, "{\"scores\": {\"a\": 1}}");
    rig_run(rig);
    CHECK_CONTAINS("what extract found", rig->asked, "\"output\":\"1, \\\"x\\\"\"");
    CHECK_INT("the first is judged", rig->calls, 2);
    rig_text(rig, STR("{\"text\": null}"));
    rig_run(rig);
    CHECK_INT("what is not there is not asked about", rig->calls, 0);
    CHECK_INT("and fails", rig_score(rig, "a")->outcome, SCORE_FAIL);
    CHECK_CONTAINS("with the reason", rig_score(rig, "a")->comment, "null at '/text'");
    CHECK_INT("turned or not", rig_score(rig, "b")->outcome, SCORE_FAIL);
    CHECK("that is no error", !rig->result.is_errored);
}

/* --- answers --- */

static void test_answers(void)
{
    static const struct {
        const char *name, *scorer, *reply;
        enum score_outcome outcome;
        double unit;
        const char *comment;
    } rows[] = {
        {"a number", TONE, "{\"scores\": {\"tone\": 0.8}}", SCORE_PASS, 0.8, "pass"},
        {"at the threshold", TONE, "{\"scores\": {\"tone\": 0.5}}\n", SCORE_PASS, 0.5, "pass"},
        {"below it", TONE, "{\"scores\": {\"tone\": 0.49}}", SCORE_FAIL, 0.49, "fail"},
        {"the ends", TONE, "{\"scores\": {\"tone\": 0}}", SCORE_FAIL, 0, NULL},
        {"a map", TONE, "{\"scores\": {\"tone\": {\"value\": 1}}}", SCORE_PASS, 1, NULL},
        {"its words", TONE, "{\"scores\": {\"tone\": {\"value\": 1, \"comment\": \"kind\"}}}", SCORE_PASS, 1,
         "pass: kind"},
        {"its verdict", TONE, "{\"scores\": {\"tone\": {\"value\": 0.1, \"pass\": true}}}", SCORE_PASS, 0.1, "pass"},
        {"its verdict against the number", TONE, "{\"scores\": {\"tone\": {\"value\": 1, \"pass\": false}}}",
         SCORE_FAIL, 1, "fail"},
        {"null is not said", TONE, "{\"scores\": {\"tone\": {\"value\": 1, \"pass\": null, \"comment\": null}}}",
         SCORE_PASS, 1, "pass"},
        {"turned", "- command: {" PROGRAM ", dimension: tone, not: true}", "{\"scores\": {\"tone\": 0.75}}", SCORE_FAIL,
         0.25, NULL},
        {"turned with its verdict", "- command: {" PROGRAM ", dimension: tone, not: true}",
         "{\"scores\": {\"tone\": {\"value\": 0.75, \"pass\": true}}}", SCORE_FAIL, 0.25, NULL},
        {"a worker's id", "- command: {" PROGRAM ", worker: true, dimension: tone}",
         "{\"id\": \"7\", \"scores\": {\"tone\": 1}}", SCORE_PASS, 1, NULL},

        {"empty", TONE, "", SCORE_NOT_SCORED, 0, "did not write JSON"},
        {"no JSON", TONE, "0.8", SCORE_NOT_SCORED, 0, "has to write {\"scores\": {\"tone\": 0.5}}"},
        {"broken JSON", TONE, "{\"scores\":\n {\"tone\": .8}}", SCORE_NOT_SCORED, 0, "did not write JSON: 2:"},
        {"two lines", TONE, "{\"scores\": {\"tone\": 1}}\n{}", SCORE_NOT_SCORED, 0, "did not write JSON"},
        {"no scores", TONE, "{\"tone\": 0.8}", SCORE_NOT_SCORED, 0, "has to write"},
        {"a list of scores", TONE, "{\"scores\": [0.8]}", SCORE_NOT_SCORED, 0, "has to write"},
        {"a key more", TONE, "{\"scores\": {\"tone\": 1}, \"why\": \"x\"}", SCORE_NOT_SCORED, 0, "unknown key 'why'"},
        {"an id that nobody asked for", TONE, "{\"scores\": {\"tone\": 1}, \"id\": \"x\"}", SCORE_NOT_SCORED, 0,
         "unknown key 'id'"},
        {"no score at all", TONE, "{\"scores\": {}}", SCORE_NOT_SCORED, 0, "gave no such score"},
        {"an undeclared one", TONE, "{\"scores\": {\"tone\": 1, \"mood\": 1}}", SCORE_NOT_SCORED, 0,
         "'mood' is not declared under 'dimensions'"},
        {"over 1", TONE, "{\"scores\": {\"tone\": 1.5}}", SCORE_NOT_SCORED, 0, "has to lie in 0..1"},
        {"below 0", TONE, "{\"scores\": {\"tone\": -0.1}}", SCORE_NOT_SCORED, 0, "has to lie in 0..1"},
        {"too large", TONE, "{\"scores\": {\"tone\": 1e999}}", SCORE_NOT_SCORED, 0, "has no number"},
        {"a text", TONE, "{\"scores\": {\"tone\": \"0.8\"}}", SCORE_NOT_SCORED, 0, "has no number"},
        {"true", TONE, "{\"scores\": {\"tone\": true}}", SCORE_NOT_SCORED, 0, "has no number"},
        {"null", TONE, "{\"scores\": {\"tone\": null}}", SCORE_NOT_SCORED, 0, "has no number"},
        {"a map without value", TONE, "{\"scores\": {\"tone\": {\"pass\": true}}}", SCORE_NOT_SCORED, 0,
         "has no number"},
        {"a key more in it", TONE, "{\"scores\": {\"tone\": {\"value\": 1, \"reason\": \"x\"}}}", SCORE_NOT_SCORED, 0,
         "unknown key 'reason'"},
        {"pass as text", TONE, "{\"scores\": {\"tone\": {\"value\": 1, \"pass\": \"yes\"}}}", SCORE_NOT_SCORED, 0,
         "'pass' is true or false"},
        {"a comment that is a number", TONE, "{\"scores\": {\"tone\": {\"value\": 1, \"comment\": 1}}}",
         SCORE_NOT_SCORED, 0, "'comment' is text"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        if (!rig_load(rig, rows[i].name, rows[i].scorer)) {
            continue;
        }
        rig_text(rig, STR("x"));
        rig_reply(rig, rows[i].reply);
        rig_run(rig);
        const struct score *score = rig_score(rig, "tone");
        CHECK(rows[i].name, score != NULL);
        if (score != NULL) {
            CHECK_INT(rows[i].name, score->outcome, rows[i].outcome);
            CHECK_DOUBLE(rows[i].name, score->unit, rows[i].unit, 0);
            CHECK_CONTAINS(rows[i].name, score->comment, rows[i].comment == NULL ? "" : rows[i].comment);
        }
        CHECK_INT(rows[i].name, rig->result.is_errored, rows[i].outcome == SCORE_NOT_SCORED);
    }
}

static void test_several(void)
{
    RIG(rig);
    if (!rig_load(rig, "several", DECLARED)) {
        return;
    }
    rig_text(rig, STR("x"));
    rig_reply(rig, "{\"scores\": {\"words\": 12.5, \"tone\": 1, \"polite\": {\"value\": 0.8, \"comment\": \"curt\"}}}");
    rig_run(rig);
    CHECK_INT("tone", rig_score(rig, "tone")->outcome, SCORE_PASS);
    CHECK_CSTR("polite", rig_score(rig, "polite")->comment, "fail: curt");
    CHECK_INT("words", rig_score(rig, "words")->outcome, SCORE_FAIL);
    CHECK_DOUBLE("the raw number", rig_score(rig, "words")->value, 12.5, 0);
    CHECK_DOUBLE("weights", rig->result.score, (1 + 2 * 0.8) / 3, 1e-15);

    rig_reply(rig, "{\"scores\": {\"tone\": 1, \"words\": 3}}");
    rig_run(rig);
    CHECK("one is missing", rig->result.is_errored);
    CHECK_CONTAINS("it is named", rig->result.error_text, "polite not scored: the program gave no such score");

    rig_reply(rig, "{\"scores\": {\"tone\": 1, \"polite\": 1, \"words\": {\"value\": 3, \"pass\": true}}}");
    rig_run(rig);
    CHECK_CONTAINS("a measure passes by its bounds", rig->result.error_text, "not by 'pass'");
}

static void test_no_answer(void)
{
    static const struct {
        struct call_result result;
        const char *comment;
    } rows[] = {
        {{.status = CALL_EXIT, .exit_code = 3, .stderr_tail = {"warn\nboom\n", 10}}, "ended with exit 3: warn\nboom"},
        {{.status = CALL_EXIT, .exit_code = 75, .output = {"{\"scores\":{\"tone\":1}}", 20}}, "ended with exit 75"},
        {{.status = CALL_SIGNAL, .signal_number = SIGSEGV}, "died by signal"},
        {{.status = CALL_TIMEOUT, .output = {"{\"scores\":{\"tone\":1}}", 20}}, "ran into its timeout"},
        {{.status = CALL_OUTPUT_LIMIT}, "max_output"},
        {{.status = CALL_PROTOCOL, .detail = {"a foreign id", 12}}, "gave no answer: a foreign id"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        if (!rig_load(rig, rows[i].comment, TONE "\n- regex: x")) {
            continue;
        }
        rig_text(rig, STR("x"));
        rig->reply = rows[i].result;
        rig_run(rig);
        CHECK(rows[i].comment, rig->result.is_errored);
        CHECK_INT(rows[i].comment, rig_score(rig, "tone")->outcome, SCORE_NOT_SCORED);
        CHECK_CONTAINS(rows[i].comment, rig_score(rig, "tone")->comment, rows[i].comment);
    }
}

/* An argument that cannot be made is no answer either: nothing is called. */
static void test_not_prepared(void)
{
    RIG(rig);
    if (!rig_load(rig, "argument", "- command: {command: [sh, '{{output}}'], dimension: tone}\n- regex: x")) {
        return;
    }
    rig_text(rig, STR("x\0y"));
    rig_run(rig);
    CHECK_INT("not called", rig->calls, 0);
    CHECK_INT("not scored", rig_score(rig, "tone")->outcome, SCORE_NOT_SCORED);
    CHECK_CONTAINS("why", rig->result.error_text, "NUL");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},       {"declared", test_declared},         {"asked", test_asked},
        {"asked about a part", test_asked_part}, {"answers", test_answers},           {"several", test_several},
        {"no answer", test_no_answer},           {"not prepared", test_not_prepared},
    };
    return check_run("scorers/command", tests, ARRAY_LEN(tests));
}
