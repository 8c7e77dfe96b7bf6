/* one_of: classes, the wanted one, every element of a list. */

#include "base/buf.h"
#include "base/clock.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

#define QUEUES "values: [billing, bug, other]"

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"no values", "- one_of", "the key 'values' is missing", NULL, 3},
        {"only expected", "- one_of: {expected: a}", "the key 'values' is missing", NULL, 0},
        {"no value", "- one_of: []", "the list 'values' is empty", NULL, 3},
        {"an empty value", "- one_of: [a, '']", "'values' has an empty text", NULL, 3},
        {"null among them", "- one_of: [a, null]", "'values' has an empty text", NULL, 3},
        {"a class that is not there", "- one_of: {" QUEUES ", expected: sales}",
         "the wanted class 'sales' is none of the values", NULL, 3},
        {"its case", "- one_of: {" QUEUES ", expected: Bug}", "the wanted class 'Bug' is none", NULL, 3},
        {"each and expected", "- one_of: {" QUEUES ", expected: bug, each: true}",
         "'each' and 'expected' exclude each other", NULL, 3},
    };
    check_refused(rows, ARRAY_LEN(rows));
    RIG(rig);
    CHECK("folded", rig_load(rig, "folded", "- one_of: {" QUEUES ", expected: BUG, ignore_case: true}"));
}

static void test_scored(void)
{
    static const struct scored rows[] = {
        {"an empty output", "one_of: [a]", "", NULL, SCORE_FAIL, "the output is empty"},
        {"an empty output, turned", "one_of: {values: [a], not: true}", "", NULL, SCORE_FAIL, "the output is empty"},
        {"an empty list from data", "one_of: '{{expected}}'", "a", "[]", SCORE_NOT_SCORED, "empty"},
        {"null in it", "one_of: '{{expected}}'", "a", "[\"a\", null]", SCORE_NOT_SCORED, "null"},
        {"values absent from meta", "one_of: '{{meta.classes}}'", "a", NULL, SCORE_FAIL, "absent"},
        {"the wanted class absent from meta", "one_of: {values: [a], expected: '{{meta.x}}', not: true}", "a", NULL,
         SCORE_FAIL, "absent"},
        {"the wanted class from data is none", "one_of: {" QUEUES ", expected: '{{expected}}'}", "bug", "\"sales\"",
         SCORE_NOT_SCORED, "the wanted class 'sales' is none of the values"},
        {"null wanted", "one_of: {" QUEUES ", expected: '{{expected}}'}", "bug", "null", SCORE_NOT_SCORED, "null"},

        {"one of them", "one_of: [billing, bug]", "bug", NULL, SCORE_PASS, "pass: 'bug'"},
        {"none of them", "one_of: [billing, bug]", "sales", NULL, SCORE_FAIL, "'sales' is none of the values"},
        {"not as part of a text", "one_of: [billing, bug]", "a bug", NULL, SCORE_FAIL, NULL},
        {"blanks around", "one_of: [billing, ' bug ']", "\n bug\n", NULL, SCORE_PASS, NULL},
        {"nothing but blanks", "one_of: [billing, bug]", " \n", NULL, SCORE_FAIL, "'' is none"},
        {"case", "one_of: [billing, bug]", "Bug", NULL, SCORE_FAIL, NULL},
        {"folded", "one_of: {values: [billing, BUG], ignore_case: true}", "Bug", NULL, SCORE_PASS, NULL},
        {"turned", "one_of: {values: [billing, bug], not: true}", "sales", NULL, SCORE_PASS, NULL},
        {"a list of one", "one_of: bug", "bug", NULL, SCORE_PASS, NULL},
        {"numbers", "one_of: [1, 2]", "2", NULL, SCORE_PASS, NULL},
        {"at a pointer", "one_of: {from: /queue, values: [bug]}", "{\"queue\": \"bug\"}", NULL, SCORE_PASS, NULL},
        {"the wanted one", "one_of: {" QUEUES ", expected: '{{expected}}'}", "bug", "\"bug\"", SCORE_PASS, NULL},
        {"another than wanted", "one_of: {" QUEUES ", expected: '{{expected}}'}", "bug", "\"billing\"", SCORE_FAIL,
         "'bug', wanted 'billing'"},
        {"none, and one was wanted", "one_of: {" QUEUES ", expected: '{{expected}}'}", "x", "\"bug\"", SCORE_FAIL,
         "'x' is none of the values, wanted 'bug'"},
        {"the case's is not asked", "one_of: {" QUEUES "}", "bug", "\"billing\"", SCORE_PASS, NULL},

        {"each", "one_of: {from: /ids, values: [a, b], each: true}", "{\"ids\": [\"a\", \"b\", \"a\"]}", NULL,
         SCORE_PASS, "all 3"},
        {"not each", "one_of: {from: /ids, values: [a, b], each: true}", "{\"ids\": [\"a\", \"c\"]}", NULL, SCORE_FAIL,
         "\"c\" is none of the values"},
        {"numbers and truths", "one_of: {from: /ids, values: [1, true], each: true}", "{\"ids\": [1, true]}", NULL,
         SCORE_PASS, NULL},
        {"null among them", "one_of: {from: /ids, values: [a], each: true}", "{\"ids\": [null]}", NULL, SCORE_FAIL,
         "null is none"},
        {"each of nothing", "one_of: {from: /ids, values: [a], each: true}", "{\"ids\": []}", NULL, SCORE_FAIL,
         "the list is empty"},
        {"each of nothing, turned", "one_of: {from: /ids, values: [a], each: true, not: true}", "{\"ids\": []}", NULL,
         SCORE_FAIL, "the list is empty"},
        {"each of a text", "one_of: {from: /ids, values: [a], each: true}", "{\"ids\": \"a\"}", NULL, SCORE_FAIL,
         "not a list: 'a'"},
        {"each of plain text", "one_of: {values: [a], each: true}", "a", NULL, SCORE_FAIL, "not a list"},
        {"each, folded and trimmed", "one_of: {from: '', values: [A], each: true, ignore_case: true}", "[\" a\"]", NULL,
         SCORE_PASS, NULL},
        {"each, nothing there", "one_of: {from: /x, values: [A], each: true, not: true}", "{}", NULL, SCORE_FAIL,
         "nothing at"},
    };
    check_scored(rows, ARRAY_LEN(rows));
}

/* Recall, precision and F1 are counted from these: every sample that wanted a class says which, whatever came. */
static void test_classes(void)
{
    static const struct {
        const char *name, *output, *answered;
    } rows[] = {
        {"the wanted one", "billing", "Billing"},
        {"another", " BUG\n", "bug"},
        {"none of them", "sales", NULL},
        {"nothing", "", NULL},
    };
    RIG(rig);
    if (!rig_load(rig, "classes", "- one_of: {values: [Billing, bug], expected: '{{expected}}', ignore_case: true}")) {
        return;
    }
    rig_expected(rig, "\"BILLING\"");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        rig_text(rig, str_from(rows[i].output));
        rig_run(rig);
        const struct score *score = &rig->result.scores[0];
        CHECK_INT(rows[i].name, score->outcome, i == 0 ? SCORE_PASS : SCORE_FAIL);
        CHECK_CSTR(rows[i].name, score->wanted, "Billing");
        CHECK_CSTR(rows[i].name, score->answered, rows[i].answered);
        CHECK(rows[i].name, (score->answered.ptr == NULL) == (rows[i].answered == NULL));
    }
    if (rig_load(rig, "two of a class", "- one_of: {values: [Bug, bug], expected: bug, ignore_case: true}")) {
        rig_text(rig, STR("bug"));
        rig_run(rig);
        CHECK_CSTR("the first spelling", rig->result.scores[0].wanted, "Bug");
        CHECK_CSTR("of both", rig->result.scores[0].answered, "Bug");
    }
    if (rig_load(rig, "no class wanted", "- one_of: [Billing, bug]")) {
        rig_text(rig, STR("bug"));
        rig_run(rig);
        CHECK("no class", rig->result.scores[0].wanted.ptr == NULL && rig->result.scores[0].answered.ptr == NULL);
    }
}

/* Not as many comparisons as elements times values. */
static void test_many(void)
{
    enum { VALUES = 5000, ELEMENTS = 200000 };
    RIG(rig);
    struct buf values CLEANUP(buf_deinit) = BUF(1 << 20);
    struct buf text CLEANUP(buf_deinit) = BUF(16 << 20);
    buf_append_cstr(&values, "{\"values\": [\"0\"");
    for (int i = 1; i < VALUES; i++) {
        buf_printf(&values, ",\"v%d\"", i);
    }
    buf_append_cstr(&values, "]}");
    buf_append_cstr(&text, "[\"V1\"");
    for (int i = 1; i < ELEMENTS; i++) {
        buf_printf(&text, ",\"v%d\"", 1 + i % (VALUES - 1));
    }
    buf_append_cstr(&text, "]");
    if (!rig_load(rig, "many", "- one_of: {from: '', values: '{{row.values}}', each: true, ignore_case: true}")) {
        return;
    }
    rig_row(rig, values.ptr);
    rig_text(rig, buf_str(&text));
    int64_t begin_ns = clock_ns(&CLOCK_SYSTEM);
    rig_run(rig);
    CHECK("in time", clock_ns(&CLOCK_SYSTEM) - begin_ns < 30 * NS_PER_S);
    CHECK_CSTR("all", rig->result.scores[0].comment, "pass: all 200000 are among the values");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is refused", test_refused},
        {"scored", test_scored},
        {"classes", test_classes},
        {"many elements and values", test_many},
    };
    return check_run("scorers/one_of", tests, ARRAY_LEN(tests));
}
