/* Every key of the language with every kind of value: what its row does not take is refused, at the value's line, by its name; what it takes is not.
 * And every key with a letter lost is told which key was meant. */

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "suites/schema.h"
#include "suites/spec.h"
#include "tests/check.h"
#include "tests/suites/suite_text.h"

enum kind {
    NOTHING = 1 << 0,
    WORD = 1 << 1,
    QUOTED_NUMBER = 1 << 2,
    COUNT = 1 << 3,
    NEGATIVE = 1 << 4,
    FRACTION = 1 << 5,
    TRUTH = 1 << 6,
    DURATION = 1 << 7,
    RATE = 1 << 8,
    PERCENT = 1 << 9,
    LIST = 1 << 10,
    EMPTY_MAP = 1 << 11,
    MAP = 1 << 12,
    LIST_OF_MAPS = 1 << 13,
    NUL = 1 << 14,
    ALL = (1 << 15) - 1
};

static const char *const TEXTS[] = {
    "",     "wat", "'7'",        "7",  "-7",         "0.25",         "true",      "250ms",
    "20/s", "1%",  "[wat, wut]", "{}", "{wat: wut}", "[{wat: wut}]", "\"a\\0b\"",
};

static const int SCALARS = WORD | QUOTED_NUMBER | COUNT | NEGATIVE | FRACTION | TRUTH | DURATION | RATE | PERCENT | NUL;

/* The kinds that a row takes; -1 = the row's own parser decides. */
static int taken_by(const struct field *row)
{
    switch (row->type) {
    case FIELD_BOOL:
        return TRUTH;
    case FIELD_COUNT:
        return COUNT;
    case FIELD_NUMBER:
        return row->max == 1 ? FRACTION : COUNT | NEGATIVE | FRACTION;
    case FIELD_SHARE:
        return COUNT | PERCENT | QUOTED_NUMBER; /* '1%' reads as a text, so does '7' */
    case FIELD_TEXT:
        return SCALARS;
    case FIELD_NAME:
        return SCALARS & ~NUL;
    case FIELD_DURATION:
        return DURATION;
    case FIELD_RATE:
        return RATE;
    case FIELD_WORD:
        return 0;
    case FIELD_TEXT_LIST:
        return SCALARS | LIST;
    case FIELD_MAP:
        return NOTHING | EMPTY_MAP;
    case FIELD_VALUE:
    case FIELD_TEMPLATE:
    case FIELD_MAPS:
    case FIELD_CUSTOM:
        break;
    }
    return -1;
}

/* Where a table's rows stand: what comes before and after one "key: value". The key's line is the last of `before`. */
static const struct place {
    const char *name, *before, *after;
    const struct field *rows;
} PLACES[] = {
    {"suite", "target: {replay: x}\nscorers: [exact]\n", "\ncases: [{id: a, expected: 1}]\n", SUITE_ROWS},
    {"case", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases:\n  - ", "\n    expected: 1\n", CASE_ROWS},
    {"dataset", "suite: s\ntarget: {replay: x}\nscorers: [json]\ndataset:\n  file: d.jsonl\n  ", "\n", DATASET_ROWS},
    {"gate", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\ngates:\n  - gate: pass_rate >= 1\n    ",
     "\n", GATE_ROWS},
    {"include", "", "\n", INCLUDE_ROWS},
};

static uint32_t line_of_end(const char *text)
{
    uint32_t line = 1;
    for (; *text != '\0'; text++) {
        line += *text == '\n' ? 1 : 0;
    }
    return line;
}

static bool is_written_already(const struct place *place, const char *key)
{
    char written[64];
    (void)snprintf(written, sizeof(written), "%s:", key);
    return strstr(place->before, written) != NULL || strstr(place->after, written) != NULL;
}

static bool load_at(struct suite_text *t, const struct place *place, const char *key, const char *value)
{
    char text[1024];
    const char *name = place->rows == SUITE_ROWS && strcmp(key, "suite") != 0 ? "suite: s\n" : "";
    (void)snprintf(text, sizeof(text), "%s%s%s: %s%s", place->rows == SUITE_ROWS ? "" : name, place->before, key, value,
                   place->after);
    if (place->rows == SUITE_ROWS) {
        (void)snprintf(text, sizeof(text), "%s%s: %s%s%s", place->before, key, value, place->after, name);
    }
    if (place->rows != INCLUDE_ROWS) {
        return suite_text_load(t, text);
    }
    (void)temp_file(&t->dir, "part.yaml", str_from(text));
    return suite_text_load(t, "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\ninclude: part.yaml\n");
}

/* Whether a fault stands in `line`, and names the key. */
static bool is_told(const struct suite_text *t, const char *key, uint32_t line)
{
    for (size_t i = 0; i < t->diag.faults.len; i++) {
        const struct fault *fault = &t->diag.faults.items[i];
        if (fault->pos.line == line && str_find(fault->text, str_from(key), NULL)) {
            return true;
        }
    }
    return false;
}

static void check_row(struct suite_text *t, const struct place *place, const struct field *row)
{
    int taken = taken_by(row);
    for (size_t i = 0; i < ARRAY_LEN(TEXTS) && taken >= 0; i++) {
        char name[200];
        bool is_taken = (taken & 1 << i) != 0;
        bool is_loaded = load_at(t, place, row->key, TEXTS[i]);
        (void)snprintf(name, sizeof(name), "%s: %s: %s", place->name, row->key, TEXTS[i]);
        uint32_t line = line_of_end(place->before);
        if (!is_taken) {
            CHECK(name, !is_loaded);
            CHECK(name, is_told(t, row->key, line));
        } else if (!is_loaded) { /* a good value may still not fit the rest: then its own line says so in other words */
            CHECK(name, suite_text_fault(t, "wants") == NULL);
        }
    }
}

static void test_every_kind(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    (void)temp_file(&t.dir, "d.jsonl", STR("{}\n"));
    for (size_t p = 0; p < ARRAY_LEN(PLACES); p++) {
        for (const struct field *row = PLACES[p].rows; row->key != NULL; row++) {
            if (!is_written_already(&PLACES[p], row->key)) {
                check_row(&t, &PLACES[p], row);
            }
        }
    }
}

static void test_every_key(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    (void)temp_file(&t.dir, "d.jsonl", STR("{}\n"));
    for (size_t p = 0; p < ARRAY_LEN(PLACES); p++) {
        for (const struct field *row = PLACES[p].rows; row->key != NULL; row++) {
            char typo[64];
            (void)snprintf(typo, sizeof(typo), "%sq", row->key);
            CHECK(typo, !load_at(&t, &PLACES[p], typo, "1"));
            const struct fault *fault = suite_text_fault(&t, typo);
            CHECK(typo, fault != NULL);
            if (fault != NULL) {
                CHECK_CONTAINS(typo, fault->text, "unknown key");
                CHECK_CONTAINS(typo, fault->hint, row->key);
                CHECK_INT(typo, fault->pos.line, line_of_end(PLACES[p].before));
            }
        }
    }
}

/* Forms that other readers of YAML take for something else. */
static const struct wrong_suite NORWAY[] = {
    {"octal", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\ntrials: 012\n", "trials", NULL, 5, 9},
    {"octal, newer", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\ntrials: 0o14\n", "trials", NULL,
     5, 9},
    {"underscore", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\ntrials: 1_000\n", "trials",
     "1000", 5, 9},
    {"exponent", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\ntrials: 1e3\n", "trials", NULL, 5,
     9},
    {"infinity", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\npass_score: .inf\n", "pass_score",
     NULL, 5, 13},
    {"not a number", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\npass_score: nan\n",
     "pass_score", NULL, 5, 13},
    {"sexagesimal", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\ntimeout: 12:30\n", "timeout",
     NULL, 5, 10},
    {"tilde", "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a}]\ntrials: ~\n", "trials", NULL, 5, 9},
    {"yes", "suite: s\ntarget: {replay: x}\nscorers: [{exact: {trim: yes}}]\ncases: [{id: a, expected: 1}]\n", "trim",
     "true", 3, 26},
};

static void test_norway(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(NORWAY); i++) {
        check_wrong(&t, &NORWAY[i]);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"every key, every kind of value", test_every_kind},
        {"every key with a typo", test_every_key},
        {"no, 012, 1e3, .inf", test_norway},
    };
    return check_run("rows", tests, ARRAY_LEN(tests));
}
