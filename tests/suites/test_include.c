#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "suites/spec.h"
#include "tests/check.h"
#include "tests/suites/suite_text.h"

#define HEAD "suite: s\ntarget: {command: [cat]}\n"

static void make_files(struct suite_text *t)
{
    static const struct {
        const char *name, *text;
    } FILES[] = {
        {"scorers.yaml", "scorers: [exact, {numeric: {expected: 1, optional: true}}]\n"},
        {"cases.yaml", "cases: [{id: b, expected: y}, {id: c, expected: y}]\n"},
        {"both.yaml", "include: [scorers.yaml, cases.yaml]\n"},
        {"self.yaml", "include: self.yaml\n"},
        {"a.yaml", "include: b.yaml\n"},
        {"b.yaml", "include: a.yaml\n"},
        {"again.yaml", "include: [suite.yaml]\n"},
        {"wrong.yaml", "scorers: [json]\ngates: []\n"},
        {"typo.yaml", "scorer: [exact]\n"},
        {"list.yaml", "- exact\n"},
        {"empty.yaml", ""},
        {"same.yaml", "cases: [{id: a, expected: y}]\n"},
        {"missing.yaml", "include: nowhere.yaml\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        (void)temp_file(&t->dir, FILES[i].name, str_from(FILES[i].text));
    }
    struct temp_path to = temp_path(&t->dir, "link.yaml");
    CHECK("symlink", symlink("self2.yaml", to.text) == 0);
    (void)temp_file(&t->dir, "self2.yaml", STR("include: link.yaml\n"));
}

#define WITH(files) HEAD "scorers: [exact]\ncases: [{id: a, expected: y}]\ninclude: " files "\n"

static const struct wrong_suite WRONG[] = {
    {"not there", WITH("nowhere.yaml"), "nowhere.yaml", NULL, 5, 10},
    {"a folder", WITH("."), ".", NULL, 5, 10},
    {"an empty name", WITH("['']"), "names a file", NULL, 5, 10},
    {"not there, from an included file", WITH("missing.yaml"), "nowhere.yaml", NULL, 1, 10},
    {"itself", WITH("self.yaml"), "a file includes itself", "take one", 1, 10},
    {"two that include each other", WITH("a.yaml"), "a file includes itself", NULL, 1, 10},
    {"itself by another name", WITH("self2.yaml"), "a file includes itself", NULL, 1, 10},
    {"back to the suite", WITH("again.yaml"), "a file includes itself", NULL, 1, 10},
    {"a key of suites alone", WITH("wrong.yaml"), "unknown key 'gates'", NULL, 2, 1},
    {"a typo", WITH("typo.yaml"), "unknown key 'scorer'", "'scorers'", 1, 1},
    {"no map", WITH("list.yaml"), "a map of keys", NULL, 1, 1},
    {"an empty file", WITH("empty.yaml"), "the file is empty", NULL, 1, 1},
    {"an id of the suite", WITH("same.yaml"), "case id 'a' is used twice", NULL, 1, 9},
    {"a template", WITH("'{{x}}.yaml'"), "template", NULL, 5, 10},
};

static void test_wrong(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    make_files(&t);
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        check_wrong(&t, &WRONG[i]);
    }
}

static void test_too_deep(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (unsigned i = 0; i <= LIMIT_INCLUDE_DEPTH; i++) {
        char name[32];
        char text[64];
        (void)snprintf(name, sizeof(name), "f%u.yaml", i);
        (void)snprintf(text, sizeof(text), "include: f%u.yaml\n", i + 1);
        (void)temp_file(&t.dir, name, str_from(text));
    }
    (void)temp_file(&t.dir, "f16.yaml", STR("cases: []\n"));
    const struct wrong_suite deep = {"one too many", WITH("f0.yaml"), "more than 16 deep", NULL, 1, 10};
    check_wrong(&t, &deep);
    (void)suite_text_load_clean(&t, "as deep as allowed", WITH("f1.yaml"));
}

static void test_good(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    make_files(&t);
    if (!suite_text_load_clean(&t, "good",
                               HEAD "cases: [{id: a, expected: y}]\ninclude: [both.yaml, scorers.yaml]\n")) {
        return;
    }
    const struct suite *s = t.suite;
    CHECK_INT("scorers, once by whatever way", s->scorer_count, 2);
    CHECK_INT("cases", s->case_count, 3);
    CHECK_CSTR("its own first", s->cases[0].id, "a");
    CHECK_CSTR("then the included", s->cases[2].id, "c");
    CHECK_INT("files", s->file_count, 4);
    CHECK("the suite first", strstr(s->files[0].path, "suite.yaml") != NULL);
    CHECK("then in order", strstr(s->files[2].path, "scorers.yaml") != NULL);
    CHECK("a digest of all", !digest_eq(&s->digest, &s->files[0].digest));
    CHECK("place in its file", strstr(s->cases[1].pos.file, "cases.yaml") != NULL);
}

static void test_stored(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    const struct suite_file stored[] = {
        {.path = "old/suite.yaml",
         .text = STR(HEAD "scorers: [exact]\ndataset: {file: gone.jsonl, expected: x}\ninclude: more/cases.yaml\n")},
        {.path = "old/more/cases.yaml", .text = STR("cases: [{id: a, expected: y}]\n")},
    };
    t.options.stored = stored;
    t.options.stored_count = ARRAY_LEN(stored);
    if (!suite_text_load_clean(&t, "as stored, whatever is on the disk", "nonsense: [")) {
        return;
    }
    CHECK_CSTR("path as stored", str_from(t.suite->path), "old/suite.yaml");
    CHECK_INT("its cases", t.suite->case_count, 1);
    CHECK_INT("its files", t.suite->file_count, 2);
    char real[512];
    CHECK("the folder of today", realpath(t.dir.path, real) != NULL && strcmp(t.suite->dir, real) == 0);
    t.options.stored_count = 1;
    CHECK("an include that was not stored", !suite_text_load(&t, ""));
    CHECK("is named", suite_text_fault(&t, "old/more/cases.yaml") != NULL);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_wrong},
        {"depth", test_too_deep},
        {"good ones", test_good},
        {"stored files", test_stored},
    };
    return check_run("include", tests, ARRAY_LEN(tests));
}
