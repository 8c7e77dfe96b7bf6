/* numeric: which texts are numbers, which number is meant, what is near enough. */

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

#define IS_18 "numeric: {expected: 18}"
#define EXTRACTED "numeric: {extract: 'A: *\\$?(-?[\\d.,]+)', match: last, expected: '{{expected}}', tolerance: 1e-6}"

/* --- what is refused --- */

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"tolerance without expected", "- numeric: {tolerance: 1}", "'tolerance' wants an 'expected'",
         "expected: \"{{expected}}\"", 3},
        {"relative without expected", "- numeric: {min: 1, relative_tolerance: 1}", "'relative_tolerance' wants", NULL,
         3},
        {"negative tolerance", "- numeric: {expected: 1, tolerance: -1}", "'tolerance' wants", NULL, 0},
        {"tolerance in words", "- numeric: {expected: 1, tolerance: small}", "'tolerance' wants", NULL, 0},
        {"min above max", "- numeric: {min: 2, max: 1}", "min is above max", NULL, 3},
        {"expected is no number", "- numeric: {expected: eighteen}", "no number in 'expected': 'eighteen'", NULL, 3},
        {"expected is empty", "- numeric: {expected: ''}", "no number in 'expected'", NULL, 3},
        {"expected is null", "- numeric: {expected: null}", "'expected'", NULL, 0},
        {"expected holds two", "- numeric: {expected: 1 or 2}", "more than one number in 'expected'", NULL, 3},
        {"expected is too large", "- numeric: {expected: 1e400}", "too large", NULL, 3},
        {"an unknown match", "- numeric: {match: middle}", "'match' wants", NULL, 0},
        {"not on a measure", "- numeric: {not: true}", "'not' is for judged scores", NULL, 3},
        {"threshold on a measure", "- numeric: {threshold: 0.5}", "'threshold' is for judged scores", NULL, 3},
        {"an option of another", "- numeric: {expected: 1, ignore_case: true}", "unknown key 'ignore_case'", NULL, 0},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

/* --- what is no number fails; what is too large cannot be judged --- */

static void test_no_number(void)
{
    static const struct scored rows[] = {
        {"empty", IS_18, "", NULL, SCORE_FAIL, "the output is empty"},
        {"words", IS_18, "eighteen", NULL, SCORE_FAIL, "no number in 'eighteen'"},
        {"hex", IS_18, "0x12", NULL, SCORE_FAIL, "no number"},
        {"underscore", IS_18, "1_8", NULL, SCORE_FAIL, "no number"},
        {"inside a word", IS_18, "v18", NULL, SCORE_FAIL, "no number"},
        {"nan", IS_18, "nan", NULL, SCORE_FAIL, "no number"},
        {"inf", IS_18, "-inf", NULL, SCORE_FAIL, "no number"},
        {"infinity as a measure", "numeric", "Infinity", NULL, SCORE_NOT_SCORED, "no number"},
        {"Arabic digits", IS_18, "\xd9\xa1\xd9\xa8", NULL, SCORE_FAIL, "no number"},
        {"full width", IS_18, "\xef\xbc\x91\xef\xbc\x98", NULL, SCORE_FAIL, "no number"},
        {"a version", IS_18, "1.8.0", NULL, SCORE_FAIL, "no number"},
        {"a lone point", IS_18, ".", NULL, SCORE_FAIL, "no number"},
        {"a lone sign", IS_18, "-", NULL, SCORE_FAIL, "no number"},
        {"two numbers", IS_18, "18 of 18", NULL, SCORE_FAIL, "more than one number in '18 of 18': say which"},
        {"two, only one wanted", "numeric: {expected: 18, match: only}", "18 of 18", NULL, SCORE_FAIL, "more than one"},
        {"not of no number", "numeric: {expected: 18, not: true}", "eighteen", NULL, SCORE_FAIL, "no number"},
        {"not of two numbers", "numeric: {expected: 18, not: true}", "1 or 2", NULL, SCORE_FAIL, "more than one"},
        {"not of nothing", "numeric: {expected: 18, not: true}", "", NULL, SCORE_FAIL, "empty"},
        {"no number in a range", "numeric: {min: 0}", "none", NULL, SCORE_FAIL, "no number"},
        {"overflow", IS_18, "1e400", NULL, SCORE_NOT_SCORED, "too large: '1e400'"},
        {"overflow in a range", "numeric: {max: 5}", "-1e400", NULL, SCORE_NOT_SCORED, "too large"},
        {"extracted, no number", "numeric: {extract: 'A: (.*)', expected: 18}", "A: about 18", NULL, SCORE_FAIL,
         "no number in 'about 18'"},
        {"extracted percent", "numeric: {extract: 'A: (.*)', expected: 18}", "A: 18%", NULL, SCORE_FAIL, "no number"},
        {"no match", "numeric: {extract: 'A: (.*)', expected: 18}", "18", NULL, SCORE_FAIL, "no match of 'extract'"},
        {"not of no match", "numeric: {extract: 'A: (.*)', expected: 18, not: true}", "18", NULL, SCORE_FAIL,
         "no match"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_expected_missing(void)
{
    static const struct scored rows[] = {
        {"no number in the row", EXTRACTED, "A: 18", "\"eighteen\"", SCORE_NOT_SCORED,
         "no number in 'expected': 'eighteen'"},
        {"null in the row", EXTRACTED, "A: 18", "null", SCORE_NOT_SCORED, "null"},
        {"nothing in the row", EXTRACTED, "A: 18", NULL, SCORE_NOT_SCORED, "undefined"},
        {"too large", EXTRACTED, "A: 18", "\"1e999\"", SCORE_NOT_SCORED, "too large"},
        {"several", "numeric: {expected: '{{expected}}'}", "18", "\"18 or 19\"", SCORE_NOT_SCORED,
         "more than one number"},
        {"below meta, absent", "numeric: {expected: '{{meta.answer}}'}", "18", NULL, SCORE_FAIL,
         "absent from the output"},
        {"below meta, absent, turned", "numeric: {expected: '{{meta.answer}}', not: true}", "18", NULL, SCORE_FAIL,
         "absent from the output"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

/* --- the grammar and which number is meant --- */

static void test_numbers(void)
{
    static const struct scored rows[] = {
        {"plain", IS_18, "18", NULL, SCORE_PASS, "pass: 18"},
        {"blanks around", IS_18, " \t18\r\n", NULL, SCORE_PASS, NULL},
        {"plus", IS_18, "+18", NULL, SCORE_PASS, NULL},
        {"a final full stop", IS_18, "18.", NULL, SCORE_PASS, NULL},
        {"a sentence", IS_18, "She makes $18 a day.", NULL, SCORE_PASS, NULL},
        {"a final full stop in a sentence", IS_18, "It is 18.", NULL, SCORE_PASS, NULL},
        {"dollars", IS_18, "$18", NULL, SCORE_PASS, NULL},
        {"percent", IS_18, "18%", NULL, SCORE_PASS, NULL},
        {"a unit", IS_18, "18 km", NULL, SCORE_PASS, NULL},
        {"zeros behind", IS_18, "18.000", NULL, SCORE_PASS, NULL},
        {"an exponent", IS_18, "1.8e1", NULL, SCORE_PASS, NULL},
        {"Chinese beside it", IS_18,
         "\xe7\xad\x94\xe6\xa1\x88"
         "18\xe3\x80\x82",
         NULL, SCORE_PASS, NULL},
        {"wrong", IS_18, "19", NULL, SCORE_FAIL, "fail: 19, wanted 18"},
        {"not, right", "numeric: {expected: 18, not: true}", "18", NULL, SCORE_FAIL, "fail: 18"},
        {"not, wrong", "numeric: {expected: 18, not: true}", "19", NULL, SCORE_PASS, "pass: 19"},
        {"minus", "numeric: {expected: -18}", "-18", NULL, SCORE_PASS, NULL},
        {"a minus sign", "numeric: {expected: -18}",
         "\xe2\x88\x92"
         "18",
         NULL, SCORE_PASS, NULL},
        {"a minus sign in expected",
         "numeric: {expected: \xe2\x88\x92"
         "18}",
         "-18", NULL, SCORE_PASS, NULL},
        {"minus zero", "numeric: {expected: 0}", "-0", NULL, SCORE_PASS, NULL},
        {"minus zero point zero", "numeric: {expected: 0}", "-0.0", NULL, SCORE_PASS, NULL},
        {"thousands", "numeric: {expected: 1250}", "1,250", NULL, SCORE_PASS, NULL},
        {"thousands and a full stop", "numeric: {expected: 1250}", "1,250.", NULL, SCORE_PASS, NULL},
        {"thousands and a fraction", "numeric: {expected: 1234567.5}", "1,234,567.50", NULL, SCORE_PASS, NULL},
        {"thousands in expected", "numeric: {expected: '1,250.'}", "1250", NULL, SCORE_PASS, NULL},
        {"no thousands", "numeric: {expected: 1250}", "12,50", NULL, SCORE_FAIL, "more than one"},
        {"a decimal comma", "numeric: {expected: 0.5}", "0,5", NULL, SCORE_FAIL, "more than one"},
        {"thousands over a line", "numeric: {expected: 250, match: last}", "1,\n250", NULL, SCORE_PASS, NULL},
        {"the first", "numeric: {expected: 1, match: first}", "1 2 3", NULL, SCORE_PASS, NULL},
        {"the last", "numeric: {expected: 3, match: last}", "1 2 3", NULL, SCORE_PASS, NULL},
        {"the only one", "numeric: {expected: 3, match: only}", "it is 3", NULL, SCORE_PASS, NULL},
        {"the smallest number", "numeric: {expected: 4.9e-324}", "4.9e-324", NULL, SCORE_PASS, NULL},
        {"below the smallest", "numeric: {expected: 0}", "1e-400", NULL, SCORE_FAIL, "wanted 0"},
        {"the largest", "numeric: {expected: 1.7976931348623157e308}", "17976931348623157e292", NULL, SCORE_PASS, NULL},
        {"the short form", "numeric: 18", "18", NULL, SCORE_PASS, NULL},
        {"JSON as text", "numeric: {from: /a, expected: 18}", "{\"a\": 18.0}", NULL, SCORE_PASS, NULL},
        {"JSON holds text", "numeric: {from: /a, expected: 18}", "{\"a\": \"18 apples\"}", NULL, SCORE_PASS, NULL},
        {"JSON, a truth", "numeric: {from: /a, expected: 1}", "{\"a\": true}", NULL, SCORE_FAIL, "no number"},
        {"JSON, null", "numeric: {from: /a, expected: 1}", "{\"a\": null}", NULL, SCORE_FAIL, "null at '/a'"},
        {"JSON, a list", "numeric: {from: /a, expected: 1}", "{\"a\": [1, 1]}", NULL, SCORE_FAIL, "more than one"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_extracted_on_both_sides(void)
{
    static const struct scored rows[] = {
        {"a number", EXTRACTED, "9 * 2\nA: 18", "18", SCORE_PASS, "pass: 18"},
        {"digits as text", EXTRACTED, "A: 18", "\"18\"", SCORE_PASS, NULL},
        {"a text with the answer", EXTRACTED, "A: 18", "\"She sells 9 * 2.\\nA: 18\"", SCORE_PASS, NULL},
        {"another answer", EXTRACTED, "A: 17", "\"9 * 2\\nA: 18\"", SCORE_FAIL, "17, wanted 18 (off by 1)"},
        {"the last of each", EXTRACTED, "A: 1\nA: 18", "\"A: 2\\nA: 18\"", SCORE_PASS, NULL},
        {"dollars, thousands, a full stop", EXTRACTED, "A: $1,250.", "\"A: 1250\"", SCORE_PASS, "pass: 1,250."},
        {"no answer", EXTRACTED, "18", "18", SCORE_FAIL, "no match of 'extract'"},
        {"no answer in expected: its last number", EXTRACTED, "A: 18", "\"9 by 2 is $18\"", SCORE_PASS, NULL},
        {"a trailing comma", EXTRACTED, "A: 18,", "18", SCORE_FAIL, "no number in '18,'"},
        {"only one", "numeric: {extract: 'A: *(\\d+)', match: only, expected: '{{expected}}', tolerance: 0}",
         "A: 18 A: 18", "18", SCORE_FAIL, "matched more than once"},
        {"the first", "numeric: {extract: 'A: *(\\d+)', expected: '{{expected}}'}", "A: 18 A: 1", "18", SCORE_PASS,
         NULL},
        {"from, then extract", "numeric: {from: /text, extract: 'A: (.+)', expected: 18}", "{\"text\": \"A: 18\"}",
         NULL, SCORE_PASS, NULL},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

/* --- how near --- */

static void test_near(void)
{
    static const struct scored rows[] = {
        {"at the tolerance", "numeric: {expected: 1, tolerance: 0.1}", "1.1", NULL, SCORE_PASS, NULL},
        {"at the tolerance, below", "numeric: {expected: 1, tolerance: 0.1}", "0.9", NULL, SCORE_PASS, NULL},
        {"just over it", "numeric: {expected: 1, tolerance: 0.1}", "1.1000000000000001", NULL, SCORE_FAIL,
         "off by 0.1"},
        {"one ulp over it", "numeric: {expected: 1, tolerance: 0.5}", "1.5000000000000002", NULL, SCORE_FAIL, NULL},
        {"one ulp under it", "numeric: {expected: 1, tolerance: 0.5}", "1.4999999999999998", NULL, SCORE_PASS, NULL},
        {"many decimals at it", "numeric: {expected: 0.3, tolerance: 0.1}", "0.4", NULL, SCORE_PASS, NULL},
        {"a small one", "numeric: {expected: 18, tolerance: 1e-6}", "18.000001", NULL, SCORE_PASS, NULL},
        {"over a small one", "numeric: {expected: 18, tolerance: 1e-6}", "18.0000011", NULL, SCORE_FAIL, NULL},
        {"a share", "numeric: {expected: 200, relative_tolerance: 0.01}", "202", NULL, SCORE_PASS, NULL},
        {"a share of a fraction", "numeric: {expected: 1.1, relative_tolerance: 0.1}", "1.21", NULL, SCORE_PASS, NULL},
        {"over a share", "numeric: {expected: 200, relative_tolerance: 0.01}", "202.01", NULL, SCORE_FAIL, NULL},
        {"a share of a negative", "numeric: {expected: -200, relative_tolerance: 0.01}", "-198", NULL, SCORE_PASS,
         NULL},
        {"a share of zero", "numeric: {expected: 0, relative_tolerance: 0.5}", "0.1", NULL, SCORE_FAIL, NULL},
        {"either suffices, tolerance", "numeric: {expected: 10, tolerance: 5, relative_tolerance: 0.01}", "15", NULL,
         SCORE_PASS, NULL},
        {"either suffices, share", "numeric: {expected: 1000, tolerance: 1, relative_tolerance: 0.01}", "1010", NULL,
         SCORE_PASS, NULL},
        {"exactly 2^53 + 1", "numeric: {expected: 9007199254740993}", "9007199254740993", NULL, SCORE_PASS, NULL},
        {"2^53 is not 2^53 + 1", "numeric: {expected: 9007199254740993}", "9007199254740992", NULL, SCORE_FAIL, NULL},
        {"nor with a tolerance of 0", "numeric: {expected: 9007199254740993, tolerance: 0}", "9007199254740992", NULL,
         SCORE_FAIL, NULL},
        {"nor with a half", "numeric: {expected: 9007199254740993, tolerance: 0.5}", "9007199254740992", NULL,
         SCORE_FAIL, NULL},
        {"but with one", "numeric: {expected: 9007199254740993, tolerance: 1}", "9007199254740992", NULL, SCORE_PASS,
         NULL},
        {"two is more than one", "numeric: {expected: 9007199254740993, tolerance: 1}", "9007199254740991", NULL,
         SCORE_FAIL, NULL},
        {"thirty digits", "numeric: {expected: 100000000000000000000000000001}", "100000000000000000000000000000", NULL,
         SCORE_FAIL, NULL},
        {"thirty digits and commas", "numeric: {expected: 100000000000000000000000000001}",
         "100,000,000,000,000,000,000,000,000,001", NULL, SCORE_PASS, NULL},
        {"beyond 18 digits by doubles", "numeric: {expected: 0.12345678901234567890, tolerance: 0.1}",
         "0.22345678901234567", NULL, SCORE_PASS, NULL},
        {"far apart", "numeric: {expected: 1e-300, tolerance: 1e-6}", "1e300", NULL, SCORE_FAIL, NULL},
        {"1e20 by its digits", "numeric: {expected: 1e20}", "100000000000000000000", NULL, SCORE_PASS, NULL},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_range(void)
{
    static const struct scored rows[] = {
        {"in it", "numeric: {min: 1, max: 5}", "3", NULL, SCORE_PASS, "pass: 3"},
        {"its lower end", "numeric: {min: 1, max: 5}", "1", NULL, SCORE_PASS, NULL},
        {"its upper end", "numeric: {min: 1, max: 5}", "5.0", NULL, SCORE_PASS, NULL},
        {"below", "numeric: {min: 1, max: 5}", "0.5", NULL, SCORE_FAIL, "0.5, below 1"},
        {"over", "numeric: {min: 1, max: 5}", "6", NULL, SCORE_FAIL, "6, over 5"},
        {"not in it", "numeric: {min: 1, max: 5, not: true}", "6", NULL, SCORE_PASS, NULL},
        {"expected and a range", "numeric: {expected: 3, tolerance: 10, max: 5}", "6", NULL, SCORE_FAIL, "over 5"},
        {"a measure", "numeric", "3.5 stars", NULL, SCORE_NONE, "measured: 3.5"},
        {"a measure, the last", "numeric: {match: last}", "1 2", NULL, SCORE_NONE, "measured: 2"},
        {"a measure without a number", "numeric", "many stars", NULL, SCORE_NOT_SCORED, "no number"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_record_value(void)
{
    RIG(rig);
    if (!rig_load(rig, "value", "- numeric: {expected: 18, record_value: true, dimension: answer}")) {
        return;
    }
    CHECK_INT("dimensions", rig->suite.dimension_count, 2);
    CHECK_CSTR("part", rig->dimensions[1].name, "answer_value");
    CHECK("a measure without weight", rig->dimensions[1].kind == DIMENSION_MEASURE && rig->dimensions[1].weight == 0);
    rig_text(rig, STR("it is -1,017.5"));
    rig_run(rig);
    CHECK_INT("judged", rig_score(rig, "answer")->outcome, SCORE_FAIL);
    CHECK_INT("measured", rig_score(rig, "answer_value")->outcome, SCORE_NONE);
    CHECK_DOUBLE("the number", rig_score(rig, "answer_value")->value, -1017.5, 0);
    CHECK_DOUBLE("its weight decides nothing", rig->result.score, 0, 0);

    rig_text(rig, STR("no idea"));
    rig_run(rig);
    CHECK("no number does not make an error", !rig->result.is_errored);
    CHECK_INT("it fails", rig->result.pass, PASS_NO);
    CHECK_INT("there is no value", rig_score(rig, "answer_value")->outcome, SCORE_NOT_SCORED);

    rig_text(rig, STR("1e999"));
    rig_run(rig);
    CHECK("too large is an error", rig->result.is_errored);
    CHECK_CONTAINS("and says so", rig->result.error_text, "answer not scored: the number is too large");
}

/* --- size: linear, and in turns --- */

static void check_long(const char *name, const char *piece, const char *options, enum score_outcome want)
{
    RIG(rig);
    struct buf text CLEANUP(buf_deinit) = BUF(16 << 20);
    struct str scorer = arena_printf(&rig->arena, "- numeric: {%s}", options);
    size_t len = strlen(piece);
    for (size_t i = 0; i < ((size_t)2 << 20) / len; i++) {
        buf_append(&text, (struct str){piece, len});
    }
    if (!rig_load(rig, name, scorer.ptr)) {
        return;
    }
    rig_text(rig, buf_str(&text));
    rig->turn_ns = 5 * NS_PER_MS;
    int64_t begin_ns = clock_ns(&CLOCK_SYSTEM);
    rig_run(rig);
    CHECK(name, clock_ns(&CLOCK_SYSTEM) - begin_ns < 20 * NS_PER_S);
    check_str_at(str_from(score_outcome_word(rig->result.scores[0].outcome)), str_from(score_outcome_word(want)), name,
                 __FILE__, __LINE__);
}

static void test_long_texts(void)
{
    check_long("one long number", "7", "expected: 1", SCORE_NOT_SCORED);
    check_long("many numbers", "1 ", "expected: 1", SCORE_FAIL);
    check_long("the last of many", "1 2 ", "expected: 2, match: last", SCORE_PASS);
    check_long("commas", "1,", "expected: 1, match: last", SCORE_PASS);
    check_long("thousands", "1,000,", "expected: 1, match: last", SCORE_FAIL);
    check_long("full stops", "1.", "expected: 1", SCORE_FAIL);
    check_long("signs", "+-", "expected: 1", SCORE_FAIL);
    check_long("exponents", "1e", "expected: 1", SCORE_FAIL);
    check_long("zeros", "0", "expected: 0", SCORE_PASS);
    check_long("words", "word ", "expected: 0", SCORE_FAIL);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"no number", test_no_number},
        {"expected that is missing", test_expected_missing},
        {"numbers", test_numbers},
        {"extract on both sides", test_extracted_on_both_sides},
        {"near", test_near},
        {"range and measure", test_range},
        {"record_value", test_record_value},
        {"long texts", test_long_texts},
    };
    return check_run("scorers/numeric", tests, ARRAY_LEN(tests));
}
