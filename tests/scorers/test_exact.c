/* exact: as text, and by value where both sides are JSON. */

#include "tests/check.h"
#include "tests/scorers/rig.h"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"an unknown option", "- exact: {expect: a}", "unknown key 'expect'", "did you mean 'expected'", 0},
        {"trim in words", "- exact: {trim: 1}", "'trim' wants", "write true", 0},
        {"match without extract", "- exact: {match: only}", "there is no 'extract'", NULL, 3},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

static void test_text(void)
{
    static const struct scored rows[] = {
        {"an empty output", "exact", "", "\"\"", SCORE_FAIL, "the output is empty"},
        {"no expectation", "exact", "a", NULL, SCORE_NOT_SCORED, "the case has no 'expected'"},
        {"null expected", "exact", "null", "null", SCORE_NOT_SCORED, "`json: {equals: null}`"},
        {"absent from meta", "exact: '{{meta.x}}'", "a", NULL, SCORE_FAIL, "absent"},
        {"absent from meta, turned", "exact: {expected: '{{meta.x}}', not: true}", "a", NULL, SCORE_FAIL, "absent"},

        {"the case's", "exact", "Paris", "\"Paris\"", SCORE_PASS, "pass: 'Paris'"},
        {"another", "exact", "London", "\"Paris\"", SCORE_FAIL, "'London' is not 'Paris'"},
        {"turned", "exact: {not: true}", "London", "\"Paris\"", SCORE_PASS, NULL},
        {"its own", "exact: Paris", "Paris", "\"London\"", SCORE_PASS, NULL},
        {"a blank more", "exact: Paris", "Paris ", NULL, SCORE_FAIL, NULL},
        {"trimmed", "exact: {expected: ' Paris', trim: true}", "\tParis\r\n", NULL, SCORE_PASS, NULL},
        {"case", "exact: paris", "Paris", NULL, SCORE_FAIL, NULL},
        {"folded", "exact: {expected: STRASSE, ignore_case: true}",
         "Stra\xc3\x9f"
         "e",
         NULL, SCORE_PASS, NULL},
        {"a number as written", "exact", "4", "4", SCORE_PASS, NULL},
        {"a plain YAML number", "exact: 4", "4", NULL, SCORE_PASS, NULL},
        {"another spelling is another text", "exact", "4.0", "4", SCORE_FAIL, NULL},
        {"true", "exact", "true", "true", SCORE_PASS, NULL},
        {"a YAML word that is no truth", "exact: no", "no", NULL, SCORE_PASS, NULL},
        {"zeros before", "exact: 012", "012", NULL, SCORE_PASS, NULL},
        {"a list as compact JSON", "exact", "[1,2]", "[1, 2]", SCORE_PASS, NULL},
        {"a template in text", "exact: 'It is {{expected}}.'", "It is 4.", "4", SCORE_PASS, NULL},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_value(void)
{
    static const struct scored rows[] = {
        {"a number by value", "exact: {from: /a}", "{\"a\": 4.0}", "4", SCORE_PASS, NULL},
        {"a number and its text", "exact: {from: /a}", "{\"a\": 4}", "\"4\"", SCORE_PASS, NULL},
        {"a text and its number", "exact: {from: /a}", "{\"a\": \"4\"}", "4", SCORE_PASS, NULL},
        {"beyond 2^53", "exact: {from: /a}", "{\"a\": 9007199254740992}", "9007199254740993", SCORE_FAIL, NULL},
        {"a list", "exact: {from: /a}", "{\"a\": [1, \"b\"]}", "[1.0, \"b\"]", SCORE_PASS, NULL},
        {"another order of a list", "exact: {from: /a}", "{\"a\": [1, 2]}", "[2, 1]", SCORE_FAIL,
         "'[1,2]' is not '[2,1]'"},
        {"another order of keys", "exact: {from: ''}", "{\"a\": 1, \"b\": 2}", "{\"b\": 2, \"a\": 1}", SCORE_PASS,
         NULL},
        {"true is not text", "exact: {from: /a}", "{\"a\": true}", "true", SCORE_PASS, NULL},
        {"null at the pointer", "exact: {from: /a}", "{\"a\": null}", "\"\"", SCORE_FAIL, "null at '/a'"},
        {"an empty text at the pointer", "exact: {from: /a}", "{\"a\": \"\"}", "\"\"", SCORE_FAIL,
         "an empty text at '/a'"},
        {"not JSON", "exact: {from: /a}", "a: 1", "1", SCORE_FAIL, "the output is not JSON"},
        {"nothing there", "exact: {from: /a/b}", "{\"a\": 1}", "1", SCORE_FAIL, "nothing at '/a/b'"},
        {"an escaped pointer", "exact: {from: /a~1b/0}", "{\"a/b\": [7]}", "7", SCORE_PASS, NULL},
        {"extracted from there", "exact: {from: /a, extract: '\\d+'}", "{\"a\": \"is 7\"}", "7", SCORE_PASS, NULL},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

/* A target that gives JSON. */
static void test_json_output(void)
{
    RIG(rig);
    if (!rig_load(rig, "JSON output", "- exact\n- exact: {extract: '\\d+', expected: 4, dimension: text}")) {
        return;
    }
    rig_json(rig, "{\"a\": 4}");
    rig_expected(rig, "{\"a\": 4.0}");
    rig_run(rig);
    CHECK_INT("by value", rig_score(rig, "exact")->outcome, SCORE_PASS);
    CHECK_INT("extracted from its text", rig_score(rig, "text")->outcome, SCORE_PASS);
    rig_json(rig, "null");
    rig_run(rig);
    CHECK_CONTAINS("null is nothing", rig_score(rig, "exact")->comment, "fail: the output is null");
    CHECK_INT("nor to extract from", rig_score(rig, "text")->outcome, SCORE_FAIL);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"text", test_text},
        {"value", test_value},
        {"JSON output", test_json_output},
    };
    return check_run("scorers/exact", tests, ARRAY_LEN(tests));
}
