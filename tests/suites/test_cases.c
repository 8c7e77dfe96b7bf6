/* The case reader: rows in every format, selection, sampling, and a case again. */

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "model/record.h"
#include "suites/cases.h"
#include "tests/check.h"
#include "tests/suites/suite_text.h"

#define HEAD "suite: s\ntarget: {replay: '{{input}}'}\nscorers: [{exact: {expected: '{{expected}}'}}]\n"

enum { SEEN_MAX = 4000 };

/* What a pass over the cases gave. */
struct seen {
    struct arena arena;
    struct plan_case cases[SEEN_MAX];
    size_t len;
    struct err err;
    bool is_fine;
};

static void seen_deinit(struct seen *s)
{
    arena_deinit(&s->arena);
}

static void read_with(struct case_reader *r, struct seen *ret)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    bool has = true;
    ret->len = 0;
    ret->err = ERR_NULL;
    while (has) {
        struct eval_case c;
        arena_reset(&arena);
        ret->is_fine = case_reader_next(r, &arena, &has, &c, &ret->err);
        if (!ret->is_fine || !has || ret->len == SEEN_MAX) {
            return;
        }
        ret->cases[ret->len++] = (struct plan_case){.ordinal = c.ordinal,
                                                    .id = arena_str(&ret->arena, c.id),
                                                    .digest = c.digest,
                                                    .row_offset = c.row_offset,
                                                    .row_line = c.row_line};
    }
}

static void read_all(const struct suite *suite, const struct case_selection *selection, struct seen *ret)
{
    struct case_reader *r CLEANUP(case_reader_close) = NULL;
    ret->is_fine = case_reader_open(suite, selection, &r, &ret->err);
    if (ret->is_fine) {
        read_with(r, ret);
    }
}

static struct str ids_of(struct seen *s)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 20);
    for (size_t i = 0; i < s->len; i++) {
        buf_printf(&out, "%s%.*s", i == 0 ? "" : " ", STR_ARG(s->cases[i].id));
    }
    return arena_str(&s->arena, buf_str(&out));
}

static const struct {
    const char *name, *file, *data, *mapping, *part;
    uint32_t line, col;
} WRONG_ROWS[] = {
    {"no JSON", "d.jsonl", "{\"q\":1}\n{\"q\":}\n", "input: '{{q}}'", "", 2, 6},
    {"a list", "d.jsonl", "{\"q\":1}\n\n[1]\n", "input: '{{q}}'", "a row is a JSON map", 3, 1},
    {"a text", "d.jsonl", "\"q\"\n", "input: x", "a row is a JSON map", 1, 1},
    {"two documents", "d.jsonl", "{\"q\":1} {}\n", "input: x", "", 1, 9},
    {"duplicate key", "d.jsonl", "{\"q\":1,\"q\":2}\n", "input: x", "q", 1, 8},
    {"a cell too many", "d.csv", "q,a\n1,2\n3,4,5\n", "input: '{{q}}'", "more cells", 3, 5},
    {"a cell too few", "d.csv", "q,a\n1\n", "input: '{{q}}'", "no 'a'", 2, 0},
    {"a quote left open", "d.csv", "q,a\n1,\"2\n", "input: '{{q}}'", "", 2, 0},
    {"a field that is not there", "d.jsonl", "{\"q\":1}\n{\"p\":1}\n", "input: '{{q}}'", "d.jsonl:2: undefined", 5, 34},
    {"a field that only the scorer wants", "d.jsonl", "{\"p\":1}\n", "input: x", "d.jsonl:1: undefined: 'row.q'", 3,
     31},
    {"an id that is null", "d.jsonl", "{\"q\":null}\n", "id: '{{q}}', expected: 1", "'id' is a text, not null", 5, 0},
    {"an empty id", "d.jsonl", "{\"q\":\"\"}\n", "id: '{{q}}', expected: 1", "'id' is empty", 5, 0},
    {"an id of two lines", "d.jsonl", "{\"q\":\"a\\nb\"}\n", "id: '{{q}}', expected: 1", "control", 5, 0},
    {"an id that is a map", "d.jsonl", "{\"q\":{}}\n", "id: '{{q}}', expected: 1", "'id' is a text, not a map", 5, 0},
    {"a tag that is a list in a list", "d.jsonl", "{\"q\":[[1]]}\n", "tags: '{{q}}', expected: 1", "'tags' is a list",
     5, 0},
    {"vars that are no map", "d.jsonl", "{\"q\":1}\n", "vars: '{{q}}', expected: 1", "'vars' is a map", 5, 0},
    {"null in a text", "d.jsonl", "{\"q\":null}\n", "input: 'say {{q}}', expected: 1", "null", 5, 0},
};

static void test_wrong_rows(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(WRONG_ROWS); i++) {
        const char *name = WRONG_ROWS[i].name;
        struct seen seen CLEANUP(seen_deinit) = {.arena = ARENA_NULL};
        char text[1024];
        (void)temp_file(&t.dir, WRONG_ROWS[i].file, str_from(WRONG_ROWS[i].data));
        (void)snprintf(
            text, sizeof(text),
            "suite: s\ntarget: {replay: '{{input}}'}\nscorers: [{exact: {expected: '{{row.q}}'}}]\ncases: []\n"
            "dataset: {file: %s, %s, limit: 100}\n",
            WRONG_ROWS[i].file, WRONG_ROWS[i].mapping);
        bool is_loaded = suite_text_load(&t, text);
        if (is_loaded) { /* the first row was fine */
            read_all(t.suite, NULL, &seen);
            CHECK(name, !seen.is_fine);
        } else {
            CHECK_INT(name, t.diag.faults.len, 1);
            seen.err.pos = t.diag.faults.items[0].pos;
            (void)snprintf(seen.err.text, sizeof(seen.err.text), "%.*s", STR_ARG(t.diag.faults.items[0].text));
        }
        CHECK_CONTAINS(name, str_from(seen.err.text), WRONG_ROWS[i].part);
        CHECK_INT(name, seen.err.pos.line, WRONG_ROWS[i].line);
        if (WRONG_ROWS[i].col != 0) {
            CHECK_INT(name, seen.err.pos.col, WRONG_ROWS[i].col);
        }
    }
}

/* Arguments and variables that a program cannot be given are known before the first call. */
static const struct {
    const char *name, *target, *row, *part;
    uint32_t col;
} WRONG_ARGUMENTS[] = {
    {"NUL in an argument", "{command: [cat, '{{row.q}}']}", "{\"q\":\"a\\u0000b\"}", "d.jsonl:2: a NUL byte", 25},
    {"NUL in a variable", "{shell: cat, env: {A: x, B: 'b {{row.q}}'}}", "{\"q\":\"\\u0000\"}", "d.jsonl:2: a NUL", 37},
    {"null as an argument", "{command: [cat, '{{row.q}}']}", "{\"q\":null}", "d.jsonl:2: null has no text", 25},
    {"null as a variable", "{shell: cat, env: {B: '{{row.q}}'}}", "{\"q\":null}", "d.jsonl:2: null has no text", 31},
    {"a longer one than the system takes", "{command: [cat, '{{row.q}}']}", NULL, "at most 130000", 25},
};

static void test_wrong_arguments(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    struct buf rows CLEANUP(buf_deinit) = BUF(1 << 20);
    for (size_t i = 0; i < ARRAY_LEN(WRONG_ARGUMENTS); i++) {
        const char *name = WRONG_ARGUMENTS[i].name;
        struct seen seen CLEANUP(seen_deinit) = {.arena = ARENA_NULL};
        char text[1024];
        buf_clear(&rows);
        buf_append_cstr(&rows, "{\"q\":\"fine\"}\n");
        if (WRONG_ARGUMENTS[i].row != NULL) {
            buf_append_cstr(&rows, WRONG_ARGUMENTS[i].row);
        } else {
            buf_append_cstr(&rows, "{\"q\":\"");
            buf_append_repeat(&rows, 'x', 130001);
            buf_append_cstr(&rows, "\"}");
        }
        (void)temp_file(&t.dir, "d.jsonl", buf_str(&rows));
        (void)snprintf(text, sizeof(text),
                       "suite: s\ntarget: %s\nscorers: [length]\ndataset: {file: d.jsonl, input: x}\n",
                       WRONG_ARGUMENTS[i].target);
        CHECK(name, suite_text_load_clean(&t, name, text));
        read_all(t.suite, NULL, &seen);
        CHECK(name, !seen.is_fine);
        CHECK_CONTAINS(name, str_from(seen.err.text), WRONG_ARGUMENTS[i].part);
        CHECK_INT(name, seen.err.pos.line, 2);
        CHECK_INT(name, seen.err.pos.col, WRONG_ARGUMENTS[i].col);
    }
}

/* Values of the wrong type are known before the first call, too: no output could be judged by them. */
static const struct {
    const char *name, *scorer, *row, *part;
} UNJUDGED[] = {
    {"a number that is none", "numeric: {expected: '{{row.q}}'}", "\"xy\"",
     "d.jsonl:2: scorer 'numeric' cannot judge any"},
    {"a number too large", "numeric: {expected: '{{row.q}}'}", "\"1e999\"", "too large"},
    {"two numbers", "numeric: {expected: '{{row.q}}'}", "\"1 or 2\"", "more than one number"},
    {"below from", "numeric: {expected: '{{row.q}}', from: /a}", "\"xy\"", "no number in 'expected'"},
    {"a class outside the values", "one_of: {values: [a, b], expected: '{{row.q}}'}", "\"c\"", "none of the values"},
    {"null as a text", "exact: {expected: '{{row.q}}'}", "null", "null is expected"},
    {"null in a list", "contains: {any: '{{row.q}}'}", "[null]", "null where a text"},
    {"no text to look for", "contains: {all: '{{row.q}}'}", "[]", "empty"},
    {"null in a pattern", "regex: '^{{row.q}}$'", "null", "null"},
    {"the case's own expectation", "exact", "null", "d.jsonl:2: scorer 'exact' cannot judge any"},
};

static void test_unjudged(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(UNJUDGED); i++) {
        const char *name = UNJUDGED[i].name;
        struct seen seen CLEANUP(seen_deinit) = {.arena = ARENA_NULL};
        char text[1024];
        bool is_list = UNJUDGED[i].row[0] == '[';
        bool is_class = strstr(UNJUDGED[i].scorer, "one_of") != NULL;
        (void)snprintf(text, sizeof(text), "{\"q\": %s}\n{\"q\": %s}\n",
                       is_list    ? "[\"a\"]"
                       : is_class ? "\"a\""
                                  : "\"1\"",
                       UNJUDGED[i].row);
        (void)temp_file(&t.dir, "d.jsonl", str_from(text));
        (void)snprintf(text, sizeof(text),
                       "suite: s\ntarget: {replay: x}\nscorers:\n  - %s\n"
                       "dataset: {file: d.jsonl, input: x, expected: '{{q}}'}\n",
                       UNJUDGED[i].scorer);
        CHECK(name, suite_text_load_clean(&t, name, text));
        read_all(t.suite, NULL, &seen);
        CHECK(name, !seen.is_fine);
        CHECK_CONTAINS(name, str_from(seen.err.text), UNJUDGED[i].part);
        CHECK_INT(name, seen.err.pos.line, 4);
    }
}

static const struct wrong_suite WRONG[] = {
    {"no file key", HEAD "dataset: {input: x}\n", "'file' is missing", NULL, 4, 10},
    {"not there", HEAD "dataset: {file: nope.jsonl}\n", "nope.jsonl", NULL, 4, 17},
    {"a folder", HEAD "dataset: {file: ., format: csv}\n", "", NULL, 4, 17},
    {"no known ending", HEAD "dataset: {file: d.txt}\n", "does not say its format", "format", 4, 17},
    {"a JSON list", HEAD "dataset: {file: d.json}\n", "does not say its format", "jq", 4, 17},
    {"an unknown format", HEAD "dataset: {file: d.txt, format: xlsx}\n", "format", NULL, 4, 32},
    {"limit zero", HEAD "dataset: {file: d.jsonl, limit: 0}\n", "limit", NULL, 4, 33},
    {"vars a list", HEAD "dataset: {file: d.jsonl, vars: [a]}\n", "'vars' is a map", NULL, 4, 32},
    {"env in an input", HEAD "dataset: {file: d.jsonl, input: '{{env.HOME}}'}\n", "env", NULL, 4, 34},
    {"a csv whose columns repeat", HEAD "dataset: {file: twice.csv}\n", "'a'", NULL, 1, 3},
    {"a short form that is a list", HEAD "dataset: [d.jsonl]\n", "", NULL, 4, 10},
    {"a template for a path", HEAD "dataset: {file: '{{x}}.jsonl'}\n", "template", NULL, 4, 17},
};

static void test_wrong(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    (void)temp_file(&t.dir, "d.jsonl", STR("{}\n"));
    (void)temp_file(&t.dir, "d.txt", STR("x\n"));
    (void)temp_file(&t.dir, "twice.csv", STR("a,a\n"));
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        check_wrong(&t, &WRONG[i]);
    }
}

static void test_formats(void)
{
    static const struct {
        const char *file, *data;
    } FORMATS[] = {
        {"d.jsonl", "{\"id\":\"a\",\"q\":\"1, 2\"}\n\n  \n{\"id\":\"b\",\"q\":\"x\\ny\"}"},
        {"d.jsonl", "\xEF\xBB\xBF{\"id\":\"a\",\"q\":\"1, 2\"}\r\n{\"q\":\"x\\ny\",\"id\":\"b\"}\r\n"},
        {"d.ndjson", "{\"id\":\"a\",\"q\":\"1, 2\"}\n{\"id\":\"b\",\"q\":\"x\\ny\"}\n"},
        {"d.csv", "id,q\na,\"1, 2\"\nb,\"x\ny\"\n"},
        {"d.tsv", "id\tq\na\t1, 2\nb\t\"x\ny\"\n"},
    };
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    struct digest first = {{0}};
    for (size_t i = 0; i < ARRAY_LEN(FORMATS); i++) {
        struct seen seen CLEANUP(seen_deinit) = {.arena = ARENA_NULL};
        char text[512];
        (void)temp_file(&t.dir, FORMATS[i].file, str_from(FORMATS[i].data));
        (void)snprintf(text, sizeof(text),
                       HEAD "dataset: {file: %s, id: '{{id}}', input: '{{q}}', expected: '{{row.q}}'}\n",
                       FORMATS[i].file);
        if (!suite_text_load_clean(&t, FORMATS[i].file, text)) {
            continue;
        }
        read_all(t.suite, NULL, &seen);
        CHECK(seen.err.text, seen.is_fine);
        CHECK_CSTR(FORMATS[i].file, ids_of(&seen), "a b");
        first = i == 0 ? seen.cases[1].digest : first;
        CHECK("the same case in every format", digest_eq(&first, &seen.cases[1].digest));
    }
}

static void test_fields(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct case_reader *r CLEANUP(case_reader_close) = NULL;
    struct err err = ERR_NULL;
    struct eval_case c;
    bool has = false;
    suite_text_open(&t);
    (void)temp_file(&t.dir, "in.put.jsonl",
                    STR("\n{\"input\":\"q\",\"id\":7,\"n\":1.50,\"l\":[\"x\",\"\",2],\"m\":{\"a\":null},\"e\":null,"
                        "\"c\":\"grp\"}\n"));
    if (!suite_text_load_clean(
            &t, "fields",
            "suite: s\ntarget: {replay: '{{row.n}}'}\n"
            "scorers: [{exact: {expected: '{{expected | default(1)}}'}}]\n"
            "vars: {a: suite, z: suite}\n"
            "dataset:\n  file: in.put.jsonl\n  id: 'r{{id}}'\n  input: {text: 'is {{input}}', n: '{{n}}'}\n"
            "  expected: '{{e}}'\n  tags: '{{l}}'\n  cluster: '{{c}}'\n"
            "  vars: {a: '{{m}}', b: 'in {{env.REGION}}', c: yes, d: 3}\n") ||
        !case_reader_open(t.suite, NULL, &r, &err) || !case_reader_next(r, &arena, &has, &c, &err)) {
        CHECK(err.text, false);
        return;
    }
    CHECK("a case", has);
    CHECK_CSTR("id", c.id, "r7");
    CHECK_CSTR("a bare name is a column, even `input`", value_get(&c.input, STR("text"))->text, "is q");
    CHECK_CSTR("digits as written", value_get(&c.input, STR("n"))->text, "1.50");
    CHECK("null is an expectation", c.has_expected && c.expected.kind == VALUE_NULL);
    CHECK_INT("tags without the empty one", c.tag_count, 2);
    CHECK_CSTR("a number is a tag too", c.tags[1], "2");
    CHECK_CSTR("cluster", c.cluster, "grp");
    CHECK_INT("a whole value", value_get(&c.vars, STR("a"))->kind, VALUE_MAP);
    CHECK_CSTR("env in vars", value_get(&c.vars, STR("b"))->text, "in eu");
    CHECK_INT("`yes` is text", value_get(&c.vars, STR("c"))->kind, VALUE_TEXT);
    CHECK_INT("a number", value_get(&c.vars, STR("d"))->kind, VALUE_NUMBER);
    CHECK_INT("line", c.row_line, 2);
    CHECK_INT("offset", c.row_offset, 1);
    struct scope scope;
    case_scope(t.suite, &t.suite->variants[0], &c, 12, &arena, &scope);
    CHECK_CSTR("scope: trial", scope.trial->text, "12");
    CHECK_CSTR("scope: variant", scope.variant->text, "default");
    CHECK_CSTR("scope: suite", scope.suite->text, "s");
    CHECK_INT("scope: tags", scope.tags->len, 2);
    CHECK("scope: row", scope.row == c.row);
    CHECK("scope: null is defined", scope.expected == &c.expected);
}

/* Names that a row does not define may be left to `default`, and to scorers that do not look at the case. */
static void test_undefined(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    (void)temp_file(&t.dir, "d.jsonl", STR("{\"q\":1}\n{\"q\":2,\"a\":3}\n"));
#define DATA                                                                                                           \
    "suite: s\ntarget: {replay: x}\ndataset: {file: d.jsonl, input: '{{q}}', tags: ['{{a | default(\"none\")}}']"
    static const struct {
        const char *name, *text;
        bool is_fine;
    } SUITES[] = {
        {"a default", DATA "}\nscorers: [{exact: {expected: '{{a | default(0)}}'}}]\n", true},
        {"no default", DATA "}\nscorers: [{exact: {expected: '{{a}}'}}]\n", false},
        {"only where it is there", DATA "}\nscorers: [{exact: {expected: '{{a}}', when: {tag: '3'}}}]\n", true},
        {"only where it is not", DATA "}\nscorers: [{exact: {expected: '{{a}}', when: {tag: none}}}]\n", false},
        {"a suite variable beats the row", DATA "}\nvars: {a: 1}\nscorers: [{exact: {expected: '{{a}}'}}]\n", true},
        {"below output it may be absent", DATA "}\nscorers: [{exact: {expected: '{{output.x}}'}}]\n", true},
        {"the whole row as variables", DATA ", vars: '{{row}}'}\nscorers: [{exact: {expected: '{{vars.q}}'}}]\n", true},
        {"a target's argument",
         "suite: s\ntarget: {command: [cat, '{{a}}']}\ndataset: {file: d.jsonl, input: '{{q}}'}\nscorers: [json]\n",
         false},
        {"a target's variant",
         "suite: s\ntarget: {replay: '{{variant}} {{trial}}'}\ndataset: {file: d.jsonl}\nscorers: [json]\n", true},
        {"an input for each variant",
         "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a, input: '{{variant}}'}]\n", false},
        {"an input for each trial",
         "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a, input: '{{trial}}'}]\n", false},
        {"an input from the case's names",
         "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{id: a, tags: b, input: '{{id}} {{tags}} "
         "{{suite}}'}]\n",
         true},
        {"a derived id is not known yet",
         "suite: s\ntarget: {replay: x}\nscorers: [json]\ncases: [{tags: b, input: '{{id}}'}]\n", false},
        {"a skipped case needs no expectation",
         "suite: s\ntarget: {replay: x}\nscorers: [{exact: {expected: '{{expected}}'}}]\ncases: [{id: a, skip: "
         "later}]\n",
         true},
    };
    for (size_t i = 0; i < ARRAY_LEN(SUITES); i++) {
        struct seen seen CLEANUP(seen_deinit) = {.arena = ARENA_NULL};
        bool is_fine = suite_text_load(&t, SUITES[i].text);
        if (is_fine) {
            read_all(t.suite, NULL, &seen);
            is_fine = seen.is_fine;
        } else {
            CHECK(SUITES[i].name, suite_text_fault(&t, "undefined") != NULL);
        }
        CHECK(SUITES[i].name, is_fine == SUITES[i].is_fine);
    }
}

static void test_written(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct case_reader *r CLEANUP(case_reader_close) = NULL;
    struct err err = ERR_NULL;
    struct eval_case c;
    bool has = false;
    suite_text_open(&t);
    if (!suite_text_load_clean(
            &t, "written",
            "suite: s\ntarget: {replay: '{{input}}'}\nscorers: [{json: {equals: '{{expected}}', dimension: same}}]\n"
            "vars: {who: you, n: [1, 2]}\n"
            "cases:\n"
            "  - id: a\n    input: {say: 'hello {{who}}', list: '{{n}}'}\n"
            "    expected: '{{input.say}}'\n    vars: {who: me}\n    tags: [x, y]\n"
            "    cluster: k\n    timeout: 5s\n    skip: later\n    scorers: [{json: {}}]\n"
            "  - {id: b, expected: }\n") ||
        !case_reader_open(t.suite, NULL, &r, &err) || !case_reader_next(r, &arena, &has, &c, &err)) {
        CHECK(err.text, false);
        return;
    }
    CHECK_CSTR("case vars win", value_get(&c.input, STR("say"))->text, "hello me");
    CHECK_INT("a list stays a list", value_get(&c.input, STR("list"))->kind, VALUE_LIST);
    CHECK_CSTR("expected may read the input", c.expected.text, "hello me");
    CHECK_INT("tags", c.tag_count, 2);
    CHECK_CSTR("cluster", c.cluster, "k");
    CHECK_CSTR("skip", c.skip, "later");
    CHECK_INT("timeout", c.timeout_ns, INT64_C(5000000000));
    CHECK_INT("own scorers", c.own_scorer_count, 1);
    CHECK("no row", c.row == NULL && c.file.ptr == NULL && c.row_line == 0);
    CHECK("the next", case_reader_next(r, &arena, &has, &c, &err) && has);
    CHECK_INT("ordinal", c.ordinal, 1);
    CHECK("nothing is null, and is there", c.has_expected && c.expected.kind == VALUE_NULL);
    CHECK("no input is null", c.input.kind == VALUE_NULL);
    CHECK("the end", case_reader_next(r, &arena, &has, &c, &err) && !has);
    CHECK("and again", case_reader_next(r, &arena, &has, &c, &err) && !has);
}

/* Ten rows r0..r9, tags even or odd and all; two cases w1 (odd) and w2. */
static bool load_ten(struct suite_text *t, const char *more)
{
    struct buf data CLEANUP(buf_deinit) = BUF(1 << 20);
    char text[1024];
    for (int i = 0; i < 10; i++) {
        buf_printf(&data, "{\"id\":\"r%d\",\"t\":\"%s\"}\n", i, i % 2 == 0 ? "even" : "odd");
    }
    (void)temp_file(&t->dir, "ten.jsonl", buf_str(&data));
    (void)snprintf(text, sizeof(text),
                   HEAD "dataset: {file: ten.jsonl, id: '{{id}}', expected: 1, tags: [all, '{{t}}']%s}\n"
                        "cases: [{id: w1, expected: 1, tags: odd}, {id: w2, expected: 1}]\n",
                   more);
    return suite_text_load_clean(t, more, text);
}

static void test_selection(void)
{
    static const char *const R1_W2[] = {"r1", "w2", NULL}, *const ONE[] = {"r1", NULL}, *const R[] = {"r", NULL};
    static const char *const ODD[] = {"odd", NULL}, *const BOTH[] = {"odd", "even", NULL}, *const NONE[] = {"zz", NULL};
    static const char *const PARTS[] = {"3", "w", NULL};
    static const struct {
        struct case_selection selection;
        const char *more, *want;
    } ROWS[] = {
        {{0}, "", "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 w1 w2"},
        {{.ids = R1_W2}, "", "r1 w2"},
        {{.ids = ONE}, "", "r1"},
        {{.filters = R}, "", "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9"},
        {{.filters = PARTS}, "", "r3 w1 w2"},
        {{.tags = ODD}, "", "r1 r3 r5 r7 r9 w1"},
        {{.tags = BOTH}, "", "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 w1"},
        {{.tags = ODD, .filters = PARTS}, "", "r3 w1"},
        {{.tags = ODD, .limit = 2}, "", "r1 r3"},
        {{.limit = 11}, "", "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 w1"},
        {{.ids = NONE}, "", ""},
        {{0}, ", limit: 3", "r0 r1 r2 w1 w2"},
        {{.tags = ODD}, ", limit: 4", "r1 r3 w1"},
        {{0}, ", sample: 100", "r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 w1 w2"},
        {{0}, ", sample: 3, limit: 3", "r0 r1 r2 w1 w2"},
    };
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct seen seen CLEANUP(seen_deinit) = {.arena = ARENA_NULL};
        if (load_ten(&t, ROWS[i].more)) {
            read_all(t.suite, &ROWS[i].selection, &seen);
            CHECK(ROWS[i].want, seen.is_fine);
            CHECK_CSTR("selected", ids_of(&seen), ROWS[i].want);
            for (size_t k = 0; k < seen.len; k++) {
                CHECK_INT("ordinals count what is selected", seen.cases[k].ordinal, k);
            }
        }
    }
}

static void test_shards(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    if (!load_ten(&t, "")) {
        return;
    }
    size_t total = 0;
    for (uint32_t shard = 1; shard <= 3; shard++) {
        struct seen seen CLEANUP(seen_deinit) = {.arena = ARENA_NULL};
        struct case_selection selection = {.shard = shard, .shards = 3};
        read_all(t.suite, &selection, &seen);
        total += seen.len;
        CHECK("not all in one", seen.len < 12);
    }
    CHECK_INT("every case once", total, 12);
}

static void test_sample(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    struct str first = STR_NULL;
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    size_t counts[10] = {0};
    enum { DRAWS = 300 };
    for (int seed = 0; seed < DRAWS; seed++) {
        struct seen seen CLEANUP(seen_deinit) = {.arena = ARENA_NULL};
        char more[64];
        (void)snprintf(more, sizeof(more), ", sample: 4, seed: %d",
                       seed % (DRAWS - 1)); /* the last is the first again */
        if (!load_ten(&t, more)) {
            return;
        }
        read_all(t.suite, NULL, &seen);
        CHECK_INT("four rows and two cases", seen.len, 6);
        for (size_t i = 0; i + 2 < seen.len; i++) {
            CHECK("in file order", i == 0 || str_cmp(seen.cases[i - 1].id, seen.cases[i].id) < 0);
            counts[seen.cases[i].id.ptr[1] - '0']++;
        }
        first = seed == 0 ? arena_str(&arena, ids_of(&seen)) : first;
        if (seed == DRAWS - 1) {
            CHECK_STR("the same seed draws the same", ids_of(&seen), first);
        }
    }
    for (size_t i = 0; i < 10; i++) { /* 300 draws of 0.4: 120, sd 8.5 */
        CHECK("each row as often", counts[i] > 120 - 43 && counts[i] < 120 + 43);
    }
}

static const char *const FETCHED[] = {
    "dataset: {file: many.jsonl, input: '{{q}}', expected: '{{a}}'}\n",
    "dataset: {file: many.csv, input: '{{q}}', expected: '{{a}}'}\n",
};

static void write_many(struct suite_text *t, size_t rows, size_t changed)
{
    struct buf jsonl CLEANUP(buf_deinit) = BUF(1 << 20);
    struct buf csv CLEANUP(buf_deinit) = BUF(1 << 20);
    buf_append_cstr(&csv, "q,a,other\n");
    for (size_t i = 0; i < rows; i++) {
        const char *word = i == changed ? "altered" : "ordinal";
        buf_printf(&jsonl, "{\"q\":\"%s %zu\",\"a\":%zu}\n%s", word, i, i, i % 7 == 0 ? "\n" : "");
        buf_printf(&csv, "\"%s\n%zu\",%zu,-\n", word, i, i);
    }
    (void)temp_file(&t->dir, "many.jsonl", buf_str(&jsonl));
    (void)temp_file(&t->dir, "many.csv", buf_str(&csv));
}

static void check_fetch(struct case_reader *r, const struct plan_case *planned, const char *row)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct eval_case c;
    struct err err = ERR_NULL;
    bool is_there = case_reader_fetch(r, planned, &arena, &c, &err);
    CHECK(is_there ? row : err.text, is_there);
    if (is_there) {
        CHECK_STR(row, c.id, planned->id);
        CHECK_INT(row, c.ordinal, planned->ordinal);
        CHECK_INT(row, c.row_line, planned->row_line);
        CHECK("the same digest", digest_eq(&c.digest, &planned->digest));
    }
}

static void test_fetch(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    write_many(&t, 500, SIZE_MAX);
    for (size_t i = 0; i < ARRAY_LEN(FETCHED); i++) {
        struct case_reader *r CLEANUP(case_reader_close) = NULL;
        struct err err = ERR_NULL;
        char text[1024];
        (void)snprintf(text, sizeof(text), HEAD "%scases: [{id: w, input: x, expected: x}]\n", FETCHED[i]);
        struct arena room CLEANUP(arena_deinit) = ARENA_NULL;
        if (!suite_text_load_clean(&t, FETCHED[i], text) || !case_reader_open(t.suite, NULL, &r, &err)) {
            return;
        }
        struct seen *seen = arena_new(&room, struct seen);
        read_with(r, seen);
        CHECK(seen->err.text, seen->is_fine);
        CHECK_INT("all", seen->len, 501);
        for (size_t k = 0; k < seen->len; k++) {
            check_fetch(r, &seen->cases[k], "in order");
            check_fetch(r, &seen->cases[k], "again");
        }
        for (size_t k = 0; seen->len > 0 && k < 50; k++) {
            check_fetch(r, &seen->cases[k * 311 % seen->len], "in any order");
        }
        struct case_reader *fresh CLEANUP(case_reader_close) = NULL;
        CHECK("another reader", case_reader_open(t.suite, NULL, &fresh, &err));
        check_fetch(fresh, &seen->cases[499], "without a pre-pass");
        seen_deinit(seen);
    }
}

/* What fetch says of case `at` when the file became something else. */
static void check_changed(struct suite_text *t, const char *dataset, size_t changed, size_t at, const char *row)
{
    struct arena room CLEANUP(arena_deinit) = ARENA_NULL;
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct seen *seen = arena_new(&room, struct seen);
    struct case_reader *r CLEANUP(case_reader_close) = NULL;
    struct err err = ERR_NULL;
    struct eval_case c;
    char text[1024];
    (void)snprintf(text, sizeof(text), HEAD "%s", dataset);
    write_many(t, 50, SIZE_MAX);
    if (!suite_text_load_clean(t, row, text) || !case_reader_open(t->suite, NULL, &r, &err)) {
        return;
    }
    read_with(r, seen);
    write_many(t, changed == 99 ? 20 : 50, changed);
    CHECK(row, !case_reader_fetch(r, &seen->cases[at], &arena, &c, &err));
    CHECK_INT(row, err.kind, ERR_SUITE);
    CHECK_CONTAINS(row, str_from(err.text), "is no longer what was planned");
    char id[200];
    (void)snprintf(id, sizeof(id), "case '%.*s'", STR_ARG(seen->cases[at].id));
    CHECK_CONTAINS(row, str_from(err.text), id);
    seen_deinit(seen);
}

static void test_changed(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    suite_text_open(&t);
    for (size_t i = 0; i < ARRAY_LEN(FETCHED); i++) {
        check_changed(&t, FETCHED[i], 31, 31, "a row of the same length");
        check_changed(&t, FETCHED[i], 99, 31, "a file cut short");
    }
    struct arena room CLEANUP(arena_deinit) = ARENA_NULL;
    struct seen *seen = arena_new(&room, struct seen);
    struct case_reader *r CLEANUP(case_reader_close) = NULL;
    struct err err = ERR_NULL;
    struct eval_case c;
    if (!suite_text_load_clean(&t, "gone", HEAD "dataset: {file: many.jsonl, input: '{{q}}', expected: 1}\n")) {
        return;
    }
    read_all(t.suite, NULL, seen);
    CHECK("removed", remove(temp_path(&t.dir, "many.jsonl").text) == 0);
    CHECK("opened", case_reader_open(t.suite, NULL, &r, &err));
    CHECK("a file that is gone", !case_reader_fetch(r, &seen->cases[3], &room, &c, &err));
    CHECK_INT("is no fault of the disk", err.kind, ERR_SUITE);
    CHECK_CONTAINS("names the case", str_from(err.text), "case 'many-");
    seen_deinit(seen);
}

static void test_files(void)
{
    struct suite_text t CLEANUP(suite_text_close);
    struct case_reader *r CLEANUP(case_reader_close) = NULL;
    struct arena room CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct seen *seen = arena_new(&room, struct seen);
    suite_text_open(&t);
    if (!load_ten(&t, "") || !case_reader_open(t.suite, NULL, &r, &err)) {
        return;
    }
    read_with(r, seen);
    struct str data = STR_NULL;
    CHECK("read", file_read(&room, temp_path(&t.dir, "ten.jsonl").text, 1 << 20, &data, &err));
    struct digest digest = digest_of(data);
    char part[256];
    (void)snprintf(part, sizeof(part), "/ten.jsonl\",\"sha256\":\"%s\",\"size\":%zu}]", digest_hex(&digest).text,
                   data.len);
    CHECK_CONTAINS("path, digest, size", case_reader_files(r, &room), part);
    seen_deinit(seen);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"datasets that are refused", test_wrong},
        {"rows that are refused", test_wrong_rows},
        {"wrong arguments", test_wrong_arguments},
        {"values that nothing could be judged by", test_unjudged},
        {"formats", test_formats},
        {"fields of a row", test_fields},
        {"names that are not defined", test_undefined},
        {"cases written in the suite", test_written},
        {"selection", test_selection},
        {"shards", test_shards},
        {"sample", test_sample},
        {"a case again", test_fetch},
        {"a case that changed", test_changed},
        {"files read", test_files},
    };
    return check_run("cases", tests, ARRAY_LEN(tests));
}
