/* starts_with */

#include "tests/check.h"
#include "tests/scorers/rig.h"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"a pattern", "- starts_with: {pattern: a}", "unknown key 'pattern'", NULL, 0},
        {"an environment variable", "- starts_with: '{{env.HOME}}'", "env", NULL, 0},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

static void test_scored(void)
{
    static const struct scored rows[] = {
        {"an empty output", "starts_with: a", "", NULL, SCORE_FAIL, "the output is empty"},
        {"nothing to begin with", "starts_with: ''", "a", NULL, SCORE_NOT_SCORED, "every output begins with that"},
        {"nothing from the case", "starts_with", "a", "\"\"", SCORE_NOT_SCORED, "every output begins with that"},
        {"no expectation", "starts_with", "a", NULL, SCORE_NOT_SCORED, "no 'expected'"},
        {"null", "starts_with", "a", "null", SCORE_NOT_SCORED, "null"},
        {"absent from meta, turned", "starts_with: {expected: '{{meta.x}}', not: true}", "a", NULL, SCORE_FAIL,
         "absent"},

        {"it does", "starts_with: 'A: '", "A: 18", NULL, SCORE_PASS, "pass: 'A: 18'"},
        {"it does not", "starts_with: 'A: '", "B A: 18", NULL, SCORE_FAIL, "'B A: 18' does not start with 'A: '"},
        {"turned", "starts_with: {expected: 'A: ', not: true}", "B", NULL, SCORE_PASS, NULL},
        {"all of it", "starts_with: abc", "abc", NULL, SCORE_PASS, NULL},
        {"longer than all of it", "starts_with: abcd", "abc", NULL, SCORE_FAIL, NULL},
        {"the case's", "starts_with", "18 apples", "18", SCORE_PASS, NULL},
        {"blanks before", "starts_with: a", " a", NULL, SCORE_FAIL, NULL},
        {"blanks before, trimmed", "starts_with: {expected: 'a ', trim: true}", "\n ab", NULL, SCORE_PASS, NULL},
        {"case", "starts_with: a", "A", NULL, SCORE_FAIL, NULL},
        {"folded", "starts_with: {expected: SS, ignore_case: true}", "\xc3\x9f", NULL, SCORE_PASS, NULL},
        {"half of what is folded", "starts_with: {expected: S, ignore_case: true}", "\xc3\x9f", NULL, SCORE_PASS, NULL},
        {"extracted", "starts_with: {extract: '\\[(.*)\\]', expected: b}", "a[bc]", NULL, SCORE_PASS, NULL},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"scored", test_scored},
    };
    return check_run("scorers/starts_with", tests, ARRAY_LEN(tests));
}
