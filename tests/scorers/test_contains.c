/* contains: all and any, lists from data, case folding, nothing to look for, many texts in a long output. */

#include "base/buf.h"
#include "base/clock.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"neither", "- contains", "wants 'all' or 'any'", NULL, 3},
        {"both", "- contains: {all: a, any: b}", "wants 'all' or 'any', not both", NULL, 3},
        {"an empty list", "- contains: []", "the list 'all' is empty", NULL, 3},
        {"an empty list of any", "- contains: {any: []}", "the list 'any' is empty", NULL, 3},
        {"an empty text", "- contains: ''", "'all' has an empty text", NULL, 3},
        {"an empty text among others", "- contains: {any: [a, '']}", "'any' has an empty text", NULL, 3},
        {"null", "- contains: [a, null]", "'all' has an empty text", NULL, 3},
        {"an environment variable", "- contains: '{{env.HOME}}'", "env", NULL, 0},
        {"ignore_case in words", "- contains: {all: a, ignore_case: yes}", "'ignore_case' wants", "write true", 0},
        {"an option of exact", "- contains: {all: a, trim: true}", "unknown key 'trim'", NULL, 0},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

static void test_scored(void)
{
    static const struct scored rows[] = {
        {"an empty output", "contains: a", "", NULL, SCORE_FAIL, "the output is empty"},
        {"an empty output, turned", "contains: {all: a, not: true}", "", NULL, SCORE_FAIL, "empty"},
        {"an empty list from data", "contains: {any: '{{expected}}'}", "a", "[]", SCORE_NOT_SCORED, "empty"},
        {"an empty text from data", "contains: {any: '{{expected}}'}", "a", "\"\"", SCORE_NOT_SCORED, "empty text"},
        {"an empty text in a list from data", "contains: {all: '{{expected}}'}", "a", "[\"a\", \"\"]", SCORE_NOT_SCORED,
         "empty"},
        {"null from data", "contains: '{{expected}}'", "a", "null", SCORE_NOT_SCORED, "null"},
        {"undefined", "contains: '{{row.words}}'", "a", NULL, SCORE_NOT_SCORED, "undefined"},
        {"absent from meta", "contains: {any: '{{meta.words}}'}", "a", NULL, SCORE_FAIL, "absent"},
        {"absent from meta, turned", "contains: {any: '{{meta.words}}', not: true}", "a", NULL, SCORE_FAIL, "absent"},

        {"one text", "contains: is", "this", NULL, SCORE_PASS, "holds all 1"},
        {"its case counts", "contains: IS", "this", NULL, SCORE_FAIL, "lacks 'IS'"},
        {"all of them", "contains: [a, b]", "b a", NULL, SCORE_PASS, "holds all 2"},
        {"not all of them", "contains: {all: [a, b, c]}", "b", NULL, SCORE_FAIL, "fail: lacks 'a', 'c'"},
        {"any of them", "contains: {any: [a, b, c]}", "b c", NULL, SCORE_PASS, "pass: holds 'b', 'c'"},
        {"none of them", "contains: {any: [a, b, c]}", "x", NULL, SCORE_FAIL, "holds none of 3"},
        {"none wanted", "contains: {any: [a, b], not: true}", "x", NULL, SCORE_PASS, "holds none of 2"},
        {"one too many", "contains: {any: [a, b], not: true}", "b", NULL, SCORE_FAIL, "holds 'b'"},
        {"numbers and truths", "contains: [18, true]", "18 is true", NULL, SCORE_PASS, NULL},
        {"a map is its JSON", "contains: '{{expected}}'", "x {\"a\":1} y", "{\"a\": 1}", SCORE_PASS, NULL},
        {"a list from data", "contains: {all: '{{expected}}'}", "a b", "[\"a\", \"b\"]", SCORE_PASS, "all 2"},
        {"a text that holds an expression", "contains: 'a.c'", "abc", NULL, SCORE_FAIL, NULL},
        {"NUL is a byte", "contains: \"a\\0b\"", "a", NULL, SCORE_FAIL, NULL},
        {"at a pointer", "contains: {from: /a, all: x}", "{\"a\": \"xyz\", \"b\": 1}", NULL, SCORE_PASS, NULL},
        {"elsewhere only", "contains: {from: /a, all: x}", "{\"a\": \"yz\", \"b\": \"x\"}", NULL, SCORE_FAIL, NULL},
        {"in a list's JSON", "contains: {from: /a, all: '\"x\"'}", "{\"a\": [\"x\"]}", NULL, SCORE_PASS, NULL},
        {"a pointer to nothing", "contains: {from: /b, all: x, not: true}", "{\"a\": 1}", NULL, SCORE_FAIL,
         "nothing at '/b'"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

static void test_case_folding(void)
{
    static const struct scored rows[] = {
        {"letters of one byte and of two", "contains: {all: EIGHT123\xc3\x84xyz\xc3\x96, ignore_case: true}",
         "long before Eight123\xc3\xa4XYZ\xc3\xb6 and long behind", NULL, SCORE_PASS, NULL},
        {"ASCII", "contains: {all: PARIS, ignore_case: true}", "in Paris", NULL, SCORE_PASS, NULL},
        {"umlauts", "contains: {all: \xc3\x84rger, ignore_case: true}", "\xc3\xa4RGER", NULL, SCORE_PASS, NULL},
        {"sharp s and SS", "contains: {all: STRASSE, ignore_case: true}",
         "stra\xc3\x9f"
         "e",
         NULL, SCORE_PASS, NULL},
        {"SS and sharp s",
         "contains: {all: stra\xc3\x9f"
         "e, ignore_case: true}",
         "STRASSE", NULL, SCORE_PASS, NULL},
        {"capital sharp s",
         "contains: {all: stra\xe1\xba\x9e"
         "e, ignore_case: true}",
         "strasse", NULL, SCORE_PASS, NULL},
        {"final sigma", "contains: {all: \xcf\x83, ignore_case: true}", "\xcf\x82", NULL, SCORE_PASS, NULL},
        {"the ligature fi", "contains: {all: FI, ignore_case: true}", "\xef\xac\x81", NULL, SCORE_PASS, NULL},
        {"I is i, in Turkish too", "contains: {all: I, ignore_case: true}", "i", NULL, SCORE_PASS, NULL},
        {"dotless i is another letter", "contains: {all: \xc4\xb1, ignore_case: true}", "I", NULL, SCORE_FAIL, NULL},
        {"I with a dot folds to i and a dot", "contains: {all: i, ignore_case: true}", "\xc4\xb0", NULL, SCORE_PASS,
         NULL},
        {"and not the other way", "contains: {all: \xc4\xb0, ignore_case: true}", "i", NULL, SCORE_FAIL, NULL},
        {"composed and not", "contains: {all: \xc3\xa9, ignore_case: true}", "e\xcc\x81", NULL, SCORE_FAIL, NULL},
        {"bytes that are no text", "contains: {all: b, ignore_case: true}",
         "A\xff"
         "B",
         NULL, SCORE_PASS, NULL},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

/* Every text is looked for once, and between two of them the turn may end. */
static void test_many_in_long(void)
{
    enum { TEXTS = 300 };
    RIG(rig);
    struct buf list CLEANUP(buf_deinit) = BUF(1 << 20);
    struct buf text CLEANUP(buf_deinit) = BUF(16 << 20);
    buf_append_cstr(&list, "- contains: {ignore_case: true, any: [");
    for (int i = 0; i < TEXTS; i++) {
        buf_printf(&list, "%sword %d", i == 0 ? "" : ", ", i);
    }
    buf_append_cstr(&list, "]}");
    buf_append_repeat(&text, 'w', 1 << 20);
    buf_append_cstr(&text, " WORD 299");
    if (!rig_load(rig, "many", list.ptr)) {
        return;
    }
    rig_text(rig, buf_str(&text));
    rig->turn_ns = 1;
    int64_t begin_ns = clock_ns(&CLOCK_SYSTEM);
    rig_run(rig);
    CHECK("in time", clock_ns(&CLOCK_SYSTEM) - begin_ns < 30 * NS_PER_S);
    CHECK_INT("a turn a text", rig->turns, TEXTS - 1);
    CHECK_CSTR("found", rig->result.scores[0].comment, "pass: holds 'word 2', 'word 29', 'word 299'");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"scored", test_scored},
        {"case folding", test_case_folding},
        {"many texts in a long output", test_many_in_long},
    };
    return check_run("scorers/contains", tests, ARRAY_LEN(tests));
}
