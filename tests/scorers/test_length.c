/* length: characters, words, lines, bytes. */

#include "tests/check.h"
#include "tests/scorers/rig.h"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"an unknown unit", "- length: {unit: letters}", "'unit' wants", NULL, 0},
        {"max in words", "- length: {max: ten}", "'max' wants", NULL, 0},
        {"min above max", "- length: {min: 3, max: 2}", "min is above max", NULL, 3},
        {"not", "- length: {max: 3, not: true}", "'not' is for judged scores", NULL, 3},
        {"threshold", "- length: {max: 3, threshold: 1}", "'threshold' is for judged scores", NULL, 3},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

static void test_scored(void)
{
    static const struct scored rows[] = {
        {"nothing at the pointer", "length: {from: /a}", "{}", NULL, SCORE_NOT_SCORED, "nothing at '/a'"},
        {"null at the pointer", "length: {from: /a, max: 3}", "{\"a\": null}", NULL, SCORE_NOT_SCORED, "null at '/a'"},
        {"no JSON", "length: {from: /a}", "x", NULL, SCORE_NOT_SCORED, "not JSON"},
        {"no match", "length: {extract: x}", "y", NULL, SCORE_NOT_SCORED, "no match"},
        {"an empty output to extract from", "length: {extract: x}", "", NULL, SCORE_NOT_SCORED, "empty"},

        {"an empty output", "length: {max: 3}", "", NULL, SCORE_PASS, "pass: 0 chars"},
        {"an empty output is short", "length: {min: 1}", "", NULL, SCORE_FAIL, "0 chars, below 1"},
        {"an empty text at the pointer", "length: {from: /a, min: 1}", "{\"a\": \"\"}", NULL, SCORE_FAIL, "0 chars"},
        {"an empty match", "length: {extract: 'x(.*)'}", "x", NULL, SCORE_NONE, "measured: 0 chars"},
        {"no bound", "length", "abc", NULL, SCORE_NONE, "measured: 3 chars"},
        {"characters are code points", "length: {max: 2}", "\xc3\xa4\xe2\x82\xac", NULL, SCORE_PASS, "2 chars"},
        {"bytes that are no text", "length", "a\xff\xfe", NULL, SCORE_NONE, "3 chars"},
        {"bytes", "length: {unit: bytes}", "\xc3\xa4\xe2\x82\xac", NULL, SCORE_NONE, "5 bytes"},
        {"words", "length: {unit: words}", "  one two\n\tthree ", NULL, SCORE_NONE, "3 words"},
        {"words apart by wide blanks", "length: {unit: words}", "one\xe3\x80\x80two\xc2\xa0three", NULL, SCORE_NONE,
         "3 words"},
        {"lines", "length: {unit: lines}", "a\nb\nc", NULL, SCORE_NONE, "3 lines"},
        {"a line end behind", "length: {unit: lines}", "a\nb\n", NULL, SCORE_NONE, "2 lines"},
        {"empty lines", "length: {unit: lines}", "\n\n", NULL, SCORE_NONE, "2 lines"},
        {"at the upper bound", "length: 3", "abc", NULL, SCORE_PASS, NULL},
        {"over it", "length: 3", "abcd", NULL, SCORE_FAIL, "4 chars, over 3"},
        {"at the lower bound", "length: {min: 3}", "abc", NULL, SCORE_PASS, NULL},
        {"below it", "length: {min: 3.5}", "abc", NULL, SCORE_FAIL, "3 chars, below 3.5"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_names(void)
{
    static const struct {
        const char *scorer, *dimension;
    } rows[] = {
        {"- length", "length_chars"},
        {"- length: {unit: words}", "length_words"},
        {"- length: {unit: lines, max: 3}", "length_lines"},
        {"- length: {unit: bytes}", "length_bytes"},
        {"- length: {unit: bytes, dimension: size}", "size"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        if (rig_load(rig, rows[i].scorer, rows[i].scorer)) {
            const struct dimension *d = &rig->dimensions[0];
            CHECK_CSTR(rows[i].scorer, d->name, rows[i].dimension);
            CHECK(rows[i].scorer, d->kind == DIMENSION_MEASURE && d->direction == DIRECTION_NONE && d->weight == 0);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"scored", test_scored},
        {"names", test_names},
    };
    return check_run("scorers/length", tests, ARRAY_LEN(tests));
}
