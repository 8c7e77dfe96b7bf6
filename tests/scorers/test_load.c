/* One entry of a list of scorers: its forms, what hands trained on other tools type, faults with their places, digests. */

#include "tests/check.h"
#include "tests/scorers/rig.h"

static void test_forms(void)
{
    static const struct {
        const char *name, *scorer, *type;
    } rows[] = {
        {"a bare word", "- exact", "exact"},
        {"nothing below it", "- exact:", "exact"},
        {"null below it", "- exact: null", "exact"},
        {"an empty map", "- exact: {}", "exact"},
        {"a short form", "- regex: a", "regex"},
        {"a quoted short form", "- regex: 'a'", "regex"},
        {"a list as short form", "- contains: [a, b]", "contains"},
        {"a number as short form", "- length: 30", "length"},
        {"a map", "- regex: {pattern: a}", "regex"},
        {"a map below", "- regex:\n    pattern: a\n    flags: i", "regex"},
        {"quoted name", "- 'regex': a", "regex"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        if (rig_load(rig, rows[i].name, rows[i].scorer)) {
            CHECK_CSTR(rows[i].name, str_from(rig->uses[0]->type->name), rows[i].type);
            CHECK_INT(rows[i].name, rig->uses[0]->pos.line, 1);
            CHECK_INT(rows[i].name, rig->dimensions[0].pos.col, 3);
        }
    }
}

static void test_foreign(void)
{
    static const struct refused rows[] = {
        {"equals", "- equals: a", "unknown scorer 'equals'", "- exact", 3},
        {"icontains", "- icontains: a", "unknown scorer 'icontains'", "ignore_case: true", 3},
        {"not-contains", "- not-contains: a", "unknown scorer", "not: true", 3},
        {"is-json", "- is-json", "unknown scorer 'is-json'", "- json", 3},
        {"python", "- python: score.py", "unknown scorer 'python'", "- command: [python3", 3},
        {"llm-rubric", "- llm-rubric: is it kind", "unknown scorer 'llm-rubric'", "judge", 3},
        {"a slip", "- numerik: 3", "unknown scorer 'numerik'", "did you mean 'numeric'", 3},
        {"another slip", "- one-of: [a]", "unknown scorer 'one-of'", "did you mean 'one_of'", 3},
        {"nothing near", "- sentiment", "unknown scorer 'sentiment'", NULL, 3},
        {"type and value", "- {type: regex, value: 'x+'}", "a scorer's name is its key", "write `- regex: 'x+'`", 3},
        {"type alone", "- type: exact", "a scorer's name is its key", "- exact: {...}", 3},
        {"type and more", "- {type: contains, value: [a]}", "a scorer's name is its key", "- contains: {...}", 3},
        {"a foreign type", "- {type: icontains, value: a}", "unknown scorer 'icontains'", "ignore_case: true", 10},
        {"a type that is no name", "- {type: [a], value: a}", "a scorer's name is its key", NULL, 3},
        {"not indented below", "- regex:\n  pattern: a", "'pattern' stands beside 'regex', not below it",
         "indented below their scorer", 3},
        {"two in one entry", "- exact: a\n  regex: b", "one scorer an entry: 'regex' is a second key beside 'exact'",
         "a dash of its own", 3},
    };
    check_refused(rows, ARRAY_LEN(rows));
}

static void test_refused(void)
{
    static const struct refused rows[] = {
        {"an empty map", "- {}", "an empty map", NULL, 3},
        {"a list", "- [regex, a]", "a scorer is a name or a map with one key, not a list", NULL, 3},
        {"nothing", "-", "unknown scorer ''", NULL, 0},
        {"an unknown option", "- regex: {pattern: a, flag: i}", "scorer 'regex': unknown key 'flag'",
         "did you mean 'flags'", 23},
        {"a list for a number", "- numeric: [1]", "'expected' is a list, not a number", NULL, 3},
        {"a bad name", "- exact: {dimension: 1st}", "dimension '1st'", NULL, 22},
        {"a name with a point", "- exact: {dimension: a.b}", "dimension 'a.b'", NULL, 22},
        {"a statistic's name", "- exact: {dimension: mean}", "the name of a statistic", NULL, 22},
        {"a template as a name", "- exact: {dimension: '{{id}}'}", "'dimension' takes no template", NULL, 22},
        {"a list as a name", "- exact: {dimension: [a]}", "'dimension' wants a name, not a list", NULL, 22},
        {"a negative weight", "- exact: {weight: -1}", "'weight' wants", NULL, 19},
        {"a weight that is no number", "- exact: {weight: .inf}", "'weight' wants", NULL, 19},
        {"a quoted weight", "- exact: {weight: '1'}", "'weight' wants", "without quotes", 19},
        {"a threshold over 1", "- exact: {threshold: 80%}", "'threshold' wants", NULL, 22},
        {"a threshold of 2", "- exact: {threshold: 2}", "'threshold' wants", NULL, 22},
        {"a truth in words", "- exact: {not: yes}", "'not' wants", "write true", 16},
        {"an unknown direction", "- exact: {direction: up}", "'direction' wants", NULL, 22},
        {"an unknown match", "- exact: {extract: a, match: all}", "'match' wants", NULL, 30},
        {"when without a tag", "- exact: {when: {}}", "the key 'tag' is missing", NULL, 0},
        {"when with another key", "- exact: {when: {tags: a}}", "unknown key 'tags'", NULL, 0},
        {"optional and required", "- exact: {optional: true, required: true}", "exclude each other", NULL, 3},
        {"match without extract", "- exact: {match: last}", "there is no 'extract'", NULL, 3},
        {"a comment of the environment", "- exact: {comment: '{{env.HOME}}'}", "env", NULL, 0},
        {"a comment that does not end", "- exact: {comment: 'a {{id'}", "", NULL, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        CHECK(rows[i].name,
              !rig_try_load(rig, rows[i].scorers)); /* some have a second fault: what is missing beside the wrong key */
        CHECK(rows[i].name, rig->diag.faults.len >= 1);
        if (rig->diag.faults.len == 0) {
            continue;
        }
        CHECK_CONTAINS(rows[i].name, rig_faults(rig), rows[i].part);
        CHECK(rows[i].name, rows[i].col == 0 || rig->diag.faults.items[0].pos.col == rows[i].col);
        CHECK(rows[i].name, rig->diag.faults.items[0].pos.line == 1);
        CHECK_CONTAINS(rows[i].name, rig_faults(rig), rows[i].hint == NULL ? "" : rows[i].hint);
    }
}

static void visit(void *ctx, const struct template *t)
{
    (void)t;
    (*(int *)ctx)++;
}

/* The case digest and the pre-pass see every template. */
static void test_templates(void)
{
    static const struct {
        const char *scorer;
        int count;
    } rows[] = {
        {"- exact", 0},
        {"- exact: {expected: a, comment: b}", 2},
        {"- starts_with: a", 1},
        {"- contains: [a]", 1},
        {"- contains: {any: [a]}", 1},
        {"- one_of: {values: [a], expected: a}", 2},
        {"- json: {equals: 1}", 1},
        {"- numeric: 1", 1},
        {"- regex: a", 0},
        {"- regex: {pattern: '({{id}})', capture: 1, expected: a, comment: b}", 3},
        {"- length: {comment: a}", 1},
        {"- command: [sh, '{{id}}', '{{output}}']", 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        int count = 0;
        if (rig_load(rig, rows[i].scorer, rows[i].scorer)) {
            scorer_visit_templates(rig->uses[0], visit, &count);
            CHECK_INT(rows[i].scorer, count, rows[i].count);
        }
    }
}

static struct digest digest(const char *scorer, size_t dimension)
{
    RIG(rig);
    struct digest none = {{0}};
    return rig_load(rig, scorer, scorer) ? rig->dimensions[dimension].scorer : none;
}

static bool is_same(struct digest a, struct digest b)
{
    return digest_eq(&a, &b);
}

/* Name, version and options as written, per dimension; how YAML wrote them is no part of it. */
static void test_digests(void)
{
    struct digest plain = digest("- regex: {pattern: a, flags: i}", 0);
    CHECK("quotes", is_same(plain, digest("- regex: {pattern: 'a', flags: \"i\"}", 0)));
    CHECK("order of keys", is_same(plain, digest("- regex: {flags: i, pattern: a}", 0)));
    CHECK("block form", is_same(plain, digest("- regex:\n    pattern: a\n    flags: i", 0)));
    CHECK("another option", !is_same(plain, digest("- regex: {pattern: a, flags: m}", 0)));
    CHECK("one option more", !is_same(plain, digest("- regex: {pattern: a, flags: i, not: true}", 0)));
    CHECK("another scorer", !is_same(digest("- exact: a", 0), digest("- starts_with: a", 0)));
    CHECK("text is not a number", !is_same(digest("- exact: 1", 0), digest("- exact: '1'", 0)));
    CHECK("a template as its text", !is_same(digest("- exact: '{{id}}'", 0), digest("- exact: '{{input}}'", 0)));
    CHECK("dimensions of one scorer", !is_same(digest("- numeric: {expected: 1, record_value: true}", 0),
                                               digest("- numeric: {expected: 1, record_value: true}", 1)));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"forms", test_forms},         {"foreign names", test_foreign}, {"what is refused", test_refused},
        {"templates", test_templates}, {"digests", test_digests},
    };
    return check_run("scorers/load", tests, ARRAY_LEN(tests));
}
