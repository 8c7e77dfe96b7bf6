/* What a case's digest covers, and what it does not (docs/contracts.md, D): two runs compare a case only where digests are equal. */

#include <stdio.h>
#include <string.h>

#include "suites/cases.h"
#include "tests/check.h"
#include "tests/suites/suite_text.h"

/* The first case of the suite; false (and a failed check) when there is none. */
static bool first_case(struct suite_text *t, const char *name, const char *text, struct digest *ret, char id[200])
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct case_reader *r CLEANUP(case_reader_close) = NULL;
    struct err err = ERR_NULL;
    struct eval_case c;
    bool has = false;
    if (!suite_text_load_clean(t, name, text) || !case_reader_open(t->suite, NULL, &r, &err) ||
        !case_reader_next(r, &arena, &has, &c, &err) || !has) {
        CHECK(name, false);
        return false;
    }
    *ret = c.digest;
    (void)snprintf(id, 200, "%.*s", STR_ARG(c.id));
    return true;
}

#define TARGET "suite: s\ntarget: {replay: x}\n"
#define EXACT "scorers: [exact]\n"

/* The canonical text is the contract: an implementation elsewhere must come to the same digest. */
static const struct {
    const char *name, *text, *canonical;
} CANONICAL[] = {
    {"text", TARGET EXACT "cases: [{input: x, expected: y}]\n", "{\"expected\":\"y\",\"input\":\"x\"}"},
    {"without expectation", TARGET "scorers: [json]\ncases: [{input: x}]\n", "{\"input\":\"x\"}"},
    {"nothing at all", TARGET "scorers: [json]\ncases: [{tags: a}]\n", "{\"input\":null}"},
    {"null is an expectation", TARGET "scorers: [json]\ncases: [{expected: }]\n", "{\"expected\":null,\"input\":null}"},
    {"numbers as written", TARGET EXACT "cases: [{input: 1.50, expected: '1.50'}]\n",
     "{\"expected\":\"1.50\",\"input\":1.50}"},
    {"keys sorted", TARGET EXACT "cases: [{input: {b: 1, a: {d: 2, c: 3}}, expected: y}]\n",
     "{\"expected\":\"y\",\"input\":{\"a\":{\"c\":3,\"d\":2},\"b\":1}}"},
    {"vars", TARGET EXACT "vars: {z: 1}\ncases: [{input: '{{z}}{{a}}', expected: y, vars: {a: 2}}]\n",
     "{\"expected\":\"y\",\"input\":\"12\",\"vars\":{\"a\":2}}"},
    {"own scorers", TARGET "cases: [{input: x, scorers: [json, {length: {max: 3}}]}]\n",
     "{\"input\":\"x\",\"scorers\":[[\"json\",1,null],[\"length\",1,{\"max\":3}]]}"},
};

static void test_canonical(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(CANONICAL); i++) {
        struct digest got;
        struct digest want = digest_of(str_from(CANONICAL[i].canonical));
        char id[200];
        char derived[64];
        if (first_case(&t, CANONICAL[i].name, CANONICAL[i].text, &got, id)) {
            CHECK(CANONICAL[i].name, digest_eq(&got, &want));
            (void)snprintf(derived, sizeof(derived), "case-%.12s", digest_hex(&want).text);
            CHECK_CSTR(CANONICAL[i].name, str_from(id), derived);
        }
    }
}

/* A suite and a data row, changed in one place each. */
#define DATA(head, scorer, more) TARGET head "scorers: [" scorer "]\ndataset: {file: d.jsonl, input: '{{q}}'" more "}\n"
#define ROW "{\"q\":\"x\",\"gold\":{\"answer\":\"a\",\"why\":\"w\"},\"a.b\":1,\"list\":[4,5]}\n"
#define BASE DATA("", "{exact: {expected: '{{gold.answer}}'}}", "")

static const struct {
    const char *name, *text, *row;
    bool is_same;
} CHANGES[] = {
    {"itself", BASE, ROW, true},
    {"order of keys", BASE, "{\"gold\":{\"why\":\"w\",\"answer\":\"a\"},\"list\":[4,5],\"a.b\":1,\"q\":\"x\"}\n", true},
    {"blanks in the row", BASE, " { \"q\" : \"x\" , \"gold\":{\"answer\":\"a\"}}\n", true},
    {"an escape", BASE, "{\"q\":\"\\u0078\",\"gold\":{\"answer\":\"a\"}}\n", true},
    {"a field that nobody reads", BASE, "{\"q\":\"x\",\"gold\":{\"answer\":\"a\",\"why\":\"other\"},\"new\":1}\n",
     true},
    {"a field that the scorer inserts", BASE, "{\"q\":\"x\",\"gold\":{\"answer\":\"b\"}}\n", false},
    {"the input", BASE, "{\"q\":\"y\",\"gold\":{\"answer\":\"a\"}}\n", false},
    {"a number for a text", BASE, "{\"q\":\"x\",\"gold\":{\"answer\":1}}\n", false},
    {"the scorer's other options", DATA("", "{exact: {expected: '{{gold.answer}}', trim: true}}", ""), ROW, true},
    {"the same field, said as row.x", DATA("", "{exact: {expected: '{{row.gold.answer}}'}}", ""), ROW, true},
    {"another field inserted", DATA("", "{exact: {expected: '{{gold.why}}'}}", ""), ROW, false},
    {"a field more", DATA("", "{exact: {expected: '{{gold.answer}}{{gold.why}}'}}", ""), ROW, false},
    {"suite vars", DATA("vars: {n: 1}\n", "{exact: {expected: '{{gold.answer}}'}}", ""), ROW, true},
    {"a suite variable that hides the field",
     DATA("vars: {gold: {answer: z}}\n", "{exact: {expected: '{{gold.answer}}'}}", ""), ROW, false},
    {"what the target reads",
     "suite: s\ntarget: {replay: '{{gold.why}}'}\nscorers: [{exact: {expected: '{{gold.answer}}'}}]\n"
     "dataset: {file: d.jsonl, input: '{{q}}'}\n",
     ROW, true},
    {"tags", DATA("", "{exact: {expected: '{{gold.answer}}'}}", ", tags: [a, b]"), ROW, true},
    {"cluster", DATA("", "{exact: {expected: '{{gold.answer}}'}}", ", cluster: c"), ROW, true},
    {"id", DATA("", "{exact: {expected: '{{gold.answer}}'}}", ", id: i"), ROW, true},
    {"description", DATA("description: d\n", "{exact: {expected: '{{gold.answer}}'}}", ""), ROW, true},
    {"an expectation", DATA("", "{exact: {expected: '{{gold.answer}}'}}", ", expected: 1"), ROW, false},
    {"dataset vars", DATA("", "{exact: {expected: '{{gold.answer}}'}}", ", vars: {v: 1}"), ROW, false},
    {"a scorer with `when` counts for all: tags are outside",
     DATA("", "{exact: {expected: '{{gold.answer}}', when: {tag: t}}}", ", tags: t"), ROW, true},
};

static void test_changes(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    struct digest first = {{0}};
    char id[200];
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(CHANGES); i++) {
        struct digest got;
        (void)temp_file(&t.dir, "d.jsonl", str_from(CHANGES[i].row));
        if (first_case(&t, CHANGES[i].name, CHANGES[i].text, &got, id)) {
            first = i == 0 ? got : first;
            CHECK(CHANGES[i].name, digest_eq(&first, &got) == CHANGES[i].is_same);
        }
    }
    struct digest want = digest_of(STR("{\"input\":\"x\",\"row\":{\"/gold/answer\":\"a\"}}"));
    CHECK("the row's part is named by its pointer", digest_eq(&first, &want));
    (void)temp_file(&t.dir, "d.jsonl", STR(ROW));
    struct digest got;
    if (first_case(&t, "odd names",
                   DATA("", "{contains: {all: ['{{row[\"a.b\"]}}', '{{list[1]}}', '{{nope | default(1)}}']}}", ""),
                   &got, id)) {
        want = digest_of(STR("{\"input\":\"x\",\"row\":{\"/a.b\":1,\"/list/1\":5}}"));
        CHECK("any name, an index, a default without a field", digest_eq(&got, &want));
        CHECK_CONTAINS("id from the file's name", str_from(id), "d-");
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"the canonical text", test_canonical},
        {"what changes it", test_changes},
    };
    return check_run("digest", tests, ARRAY_LEN(tests));
}
