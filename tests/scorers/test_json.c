/* json: valid, or equal by value. */

#include "base/buf.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"a pointer of its own", "- json: {pointer: /a, equals: 1}", "unknown key 'pointer'", NULL, 0},
        {"a pointer without its slash", "- json: {from: a, equals: 1}", "'from'", "JSON Pointer", 0},
        {"a broken escape", "- json: {from: /a~2, equals: 1}", "'from'", "JSON Pointer", 0},
        {"a template in from", "- json: {from: '/{{id}}'}", "'from' takes no template", NULL, 0},
        {"from as a list", "- json: {from: [a]}", "'from' wants a JSON Pointer, not a list", NULL, 0},
        {"an environment variable", "- json: {equals: '{{env.HOME}}'}", "env", NULL, 0},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

static void test_valid(void)
{
    static const struct scored rows[] = {
        {"an empty output", "json", "", NULL, SCORE_FAIL, "the output is empty"},
        {"an empty output, turned", "json: {not: true}", "", NULL, SCORE_FAIL, "empty"},
        {"no JSON", "json", "hello", NULL, SCORE_FAIL, "not JSON: 1:1"},
        {"no JSON, turned: absent all the same", "json: {not: true}", "hello", NULL, SCORE_FAIL, "not JSON"},
        {"a comma too many", "json", "[1,]", NULL, SCORE_FAIL, "not JSON: 1:4"},
        {"its line", "json", "{\n \"a\": 01}", NULL, SCORE_FAIL, "not JSON: 2:"},
        {"two texts", "json", "{} {}", NULL, SCORE_FAIL, "1:4"},
        {"NaN", "json", "NaN", NULL, SCORE_FAIL, NULL},
        {"single quotes", "json", "{'a': 1}", NULL, SCORE_FAIL, NULL},
        {"a fence around it", "json", "```json\n{}\n```", NULL, SCORE_FAIL, NULL},
        {"bytes that are no text", "json", "\"\xff\"", NULL, SCORE_FAIL, NULL},
        {"nothing at the pointer", "json: {from: /b}", "{\"a\": 1}", NULL, SCORE_FAIL, "nothing at '/b'"},

        {"a map", "json", "{\"a\": [1, null]}", NULL, SCORE_PASS, "valid JSON"},
        {"blanks around", "json", " [1]\n", NULL, SCORE_PASS, NULL},
        {"a bare word", "json", "true", NULL, SCORE_PASS, NULL},
        {"null", "json", "null", NULL, SCORE_PASS, NULL},
        {"duplicate keys, as replies may", "json", "{\"a\": 1, \"a\": 2}", NULL, SCORE_PASS, NULL},
        {"out of a fence", "json: {extract: '(?s)```json\\s*(.*?)```'}", "So:\n```json\n{\"a\": 1}\n```", NULL,
         SCORE_PASS, NULL},
        {"out of a fence, broken", "json: {extract: '(?s)```json\\s*(.*?)```'}", "```json\n{\n```", NULL, SCORE_FAIL,
         "not JSON"},
        {"something at the pointer", "json: {from: /a}", "{\"a\": \"text\"}", NULL, SCORE_PASS, NULL},
        {"null at the pointer is something", "json: {from: /a}", "{\"a\": null}", NULL, SCORE_PASS, NULL},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_equals(void)
{
    static const struct scored rows[] = {
        {"a number by value", "json: {from: /a, equals: 0.9}", "{\"a\": 0.90}", NULL, SCORE_PASS, NULL},
        {"another", "json: {from: /a, equals: 0.9}", "{\"a\": 0.8}", NULL, SCORE_FAIL, "0.8, wanted 0.9"},
        {"turned", "json: {from: /a, equals: 0.9, not: true}", "{\"a\": 0.8}", NULL, SCORE_PASS, NULL},
        {"the short form", "json: 4", "4.0", NULL, SCORE_PASS, NULL},
        {"text is not a number", "json: {from: /a, equals: '4'}", "{\"a\": 4}", NULL, SCORE_FAIL, "4, wanted \"4\""},
        {"text", "json: {from: /a, equals: yes}", "{\"a\": \"yes\"}", NULL, SCORE_PASS, NULL},
        {"true", "json: {from: /a, equals: true}", "{\"a\": true}", NULL, SCORE_PASS, NULL},
        {"true as text", "json: {from: /a, equals: 'true'}", "{\"a\": true}", NULL, SCORE_FAIL, NULL},
        {"null", "json: {from: /a, equals: null}", "{\"a\": null}", NULL, SCORE_PASS, "pass: null"},
        {"null, and it is not", "json: {from: /a, equals: null}", "{\"a\": 0}", NULL, SCORE_FAIL, "0, wanted null"},
        {"null, and nothing there", "json: {from: /b, equals: null}", "{\"a\": 0}", NULL, SCORE_FAIL, "nothing at"},
        {"an empty text", "json: {from: /a, equals: ''}", "{\"a\": \"\"}", NULL, SCORE_PASS, NULL},
        {"an empty list", "json: {from: /a, equals: []}", "{\"a\": []}", NULL, SCORE_PASS, NULL},
        {"a map, in another order", "json: {equals: {a: 1, b: [true, null]}}", "{\"b\": [true, null], \"a\": 1e0}",
         NULL, SCORE_PASS, NULL},
        {"a key more", "json: {equals: {a: 1}}", "{\"b\": 1, \"a\": 1}", NULL, SCORE_FAIL, NULL},
        {"the case's", "json: {equals: '{{expected}}'}", "{\"a\": 1}", "{\"a\": 1}", SCORE_PASS, NULL},
        {"a value of the case inside", "json: {equals: {a: '{{expected}}'}}", "{\"a\": [1]}", "[1]", SCORE_PASS, NULL},
        {"null of the case", "json: {from: /a, equals: '{{expected}}'}", "{\"a\": null}", "null", SCORE_PASS, NULL},
        {"absent from meta", "json: {equals: '{{meta.x}}'}", "null", NULL, SCORE_FAIL, "absent"},
        {"absent from meta, turned", "json: {equals: '{{meta.x}}', not: true}", "1", NULL, SCORE_FAIL, "absent"},
        {"undefined", "json: {equals: '{{row.x}}'}", "1", NULL, SCORE_NOT_SCORED, "undefined"},
        {"null with extract is nothing", "json: {from: /a, extract: '.*', equals: null}", "{\"a\": null}", NULL,
         SCORE_FAIL, "null at"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_deep(void)
{
    RIG(rig);
    struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
    buf_append_repeat(&text, '[', 100000);
    if (rig_load(rig, "deep", "- json\n- exact: {from: /0, expected: 1}")) {
        rig_text(rig, buf_str(&text));
        rig_run(rig);
        CHECK_INT("too deep is no JSON", rig_score(rig, "json")->outcome, SCORE_FAIL);
        CHECK_INT("nor to look into", rig_score(rig, "exact")->outcome, SCORE_FAIL);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"valid", test_valid},
        {"equals", test_equals},
        {"deep", test_deep},
    };
    return check_run("scorers/json", tests, ARRAY_LEN(tests));
}
