#include "data/template.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/limits.h"
#include "base/rng.h"
#include "data/json.h"
#include "data/yaml.h"
#include "tests/check.h"

enum {
    SCORER = ROOT_ROW | ROOT_VARS | ROOT_CASE | ROOT_OUTPUT,
    EVERYTHING = SCORER | ROOT_ENV,
    DATASET = ROOT_ROW | ROOT_ENV | ROOT_BARE_IS_ROW
};

static const char ROW[] =
    "{\"q\":\"Q\",\"n\":1.50,\"big\":12345678901234567890,\"t\":true,\"z\":null,\"list\":[1,\"b\"],"
    "\"map\":{\"k\":\"v\"},\"id\":\"row-id\",\"output\":\"row-output\",\"any text\":\"x\","
    "\"0a\":{\"b\":[{\"c\":\"deep\"}]},\"braces\":\"{{q}}\",\"pad\":\"  p \",\"colour\":\"row\","
    "\"a-b\":5,\"quo\\\"te\":6,\"\":7}";

static struct value from_json(struct arena *arena, const char *text)
{
    struct value value = {0};
    struct err err = ERR_NULL;
    struct src_pos origin = {"data.json", 1, 1};
    bool ok = json_read(arena, str_from(text), JSON_OURS, origin, &value, NULL, &err);
    check_true_at(ok, text, err.text, __FILE__, __LINE__);
    return value;
}

static bool env_of(const void *ctx, struct arena *arena, struct str name, struct str *ret)
{
    (void)ctx;
    (void)arena;
    if (str_eq(name, STR("HOME"))) {
        *ret = STR("/home/x");
        return true;
    }
    if (str_eq(name, STR("API_KEY"))) {
        *ret = STR("$API_KEY");
        return true;
    }
    return false;
}

struct world {
    struct arena arena;
    struct diag diag;
    struct value row, vars[3], id, input, expected, tags, trial, variant, suite, output, meta;
    struct scope scope;
};

static void world_init(struct world *w)
{
    memset(w, 0, sizeof(*w));
    struct arena *a = &w->arena;
    diag_init(&w->diag, a);
    w->row = from_json(a, ROW);
    w->vars[0] = from_json(a, "{\"colour\":\"red\",\"nothing\":null}");
    w->vars[1] = from_json(a, "{\"colour\":\"blue\",\"shade\":\"dark\"}");
    w->vars[2] = from_json(a, "{\"number\":7,\"list\":[\"s\"],\"nested\":{\"x\":[10,20]}}");
    w->id = from_json(a, "\"case-1\"");
    w->input = from_json(a, "{\"question\":\"why?\"}");
    w->expected = from_json(a, "4");
    w->tags = from_json(a, "[\"t1\",\"t2\"]");
    w->trial = from_json(a, "2");
    w->variant = from_json(a, "\"mini\"");
    w->suite = from_json(a, "\"s\"");
    w->output = from_json(a, "{\"answer\":\"42\",\"none\":null}");
    w->meta = from_json(a, "{\"exit\":0}");
    w->scope = (struct scope){.row = &w->row,
                              .vars = {&w->vars[0], &w->vars[1], &w->vars[2]},
                              .id = &w->id,
                              .input = &w->input,
                              .expected = &w->expected,
                              .tags = &w->tags,
                              .trial = &w->trial,
                              .variant = &w->variant,
                              .suite = &w->suite,
                              .output = &w->output,
                              .meta = &w->meta,
                              .env = env_of};
}

static void world_deinit(struct world *w)
{
    arena_deinit(&w->arena);
}

/* The value of `t` in a one-line YAML text "t: ...". */
static bool compile(struct world *w, const char *yaml, unsigned roots, bool secrets, struct template **ret)
{
    struct value *tree = arena_new(&w->arena, struct value);
    diag_init(&w->diag, &w->arena);
    if (!yaml_read(&w->arena, "suite.yaml", str_from(yaml), tree, &w->diag)) {
        check_true_at(false, yaml, w->diag.faults.len > 0 ? w->diag.faults.items[0].text.ptr : "yaml", __FILE__,
                      __LINE__);
        return false;
    }
    const struct value *node = value_get(tree, STR("t"));
    struct template_rules rules = {.roots = roots, .secrets_allowed = secrets};
    return template_compile(&w->arena, node, rules, true, ret, &w->diag);
}

static const struct {
    const char *yaml;
    unsigned roots;
    uint32_t line, col, len;
    const char *says, *hint;
} REFUSED[] = {
    /* shape */
    {"t: 'a {{b'", SCORER, 1, 7, 0, "'{{' without its '}}'", "{{ \"{{\" }}"},
    {"t: 'a {{b}'", SCORER, 1, 7, 0, "'{{' without its '}}'", ""},
    {"t: \"{{b\"", SCORER, 1, 5, 0, "'{{' without its '}}'", ""},
    {"t: x {{b", SCORER, 1, 6, 0, "'{{' without its '}}'", ""},
    {"t: '\xc3\xa4\xc3\xb6 {{b'", SCORER, 1, 8, 0, "'{{' without its '}}'", ""},
    {"t: '{{a}} {{b'", SCORER, 1, 11, 0, "'{{' without its '}}'", ""},
    {"t: '{{}}'", SCORER, 1, 5, 4, "an empty template", "{{question}}"},
    {"t: '{{ }}'", SCORER, 1, 5, 5, "an empty template", ""},
    {"t: '{{{a}}}'", SCORER, 1, 5, 6, "three braces", "has two"},
    {"t: '{{.a}}'", SCORER, 1, 5, 6, "begins with a name", ""},
    {"t: '{{a.}}'", SCORER, 1, 5, 6, "missing after '.'", ""},
    {"t: '{{a..b}}'", SCORER, 1, 5, 8, "missing after '.'", ""},
    {"t: '{{#if a}}x{{/if}}'", SCORER, 1, 5, 9, "no conditions", "prepare the value"},
    {"t: '{{\"x\"}}'", SCORER, 1, 5, 7, "may stand quoted", ""},
    {"t: '{{a b}}'", SCORER, 1, 5, 7, "expected '|' or '}}' before 'b'", "any text"},
    {"t: '{{a + 1}}'", SCORER, 1, 5, 9, "expected '|' or '}}'", "no arithmetic"},
    {"t: '{{a(1)}}'", SCORER, 1, 5, 8, "expected '|' or '}}'", ""},
    {"t: '{{f\xc3\xbc}}'", SCORER, 1, 5, 6, "expected '|' or '}}'", "any text"},
    {"t: '{{\xc3\xbc}}'", SCORER, 1, 5, 5, "letters a-z", "any text"},
    {"t: '{{a[}}'", SCORER, 1, 5, 6, "is no index", "counts from 0"},
    {"t: '{{a[-1]}}'", SCORER, 1, 5, 9, "is no index", "counts from 0"},
    {"t: '{{a[99999999999999999999]}}'", SCORER, 1, 5, 27, "is no index", ""},
    {"t: '{{a[0}}'", SCORER, 1, 5, 7, "without its ']'", ""},
    {"t: \"{{a['b']}}\"", SCORER, 1, 5, 10, "is no index", "[\"b\"]"},
    {"t: '{{a[\"b}}'", SCORER, 1, 5, 8, "without its end", ""},
    {"t: '{{a[\"b\\q\"]}}'", SCORER, 1, 5, 12, "", ""},
    /* filters */
    {"t: '{{a|}}'", SCORER, 1, 5, 6, "unknown filter ''", "one of default"},
    {"t: '{{a | upper}}'", SCORER, 1, 5, 13, "unknown filter 'upper'", "one of default"},
    {"t: '{{a | jsn}}'", SCORER, 1, 5, 11, "unknown filter 'jsn'", "'json'"},
    {"t: '{{a | default}}'", SCORER, 1, 5, 15, "wants a value in brackets", "default(0)"},
    {"t: '{{a | default(x)}}'", SCORER, 1, 5, 18, "wants a JSON value", "in quotes"},
    {"t: '{{a | default()}}'", SCORER, 1, 5, 17, "wants a JSON value", ""},
    {"t: '{{a | default(1}}'", SCORER, 1, 5, 17, "without its ')'", ""},
    {"t: '{{a | default(01)}}'", SCORER, 1, 5, 19, "wants a JSON value", ""},
    /* names that are not allowed */
    {"t: '{{output}}'", ROOT_ROW | ROOT_VARS, 1, 5, 10, "'output' has no meaning here", "row.*, vars.*"},
    {"t: '{{input}}'", ROOT_ROW | ROOT_ENV, 1, 5, 9, "'input' has no meaning", "row.*, env.*"},
    {"t: '{{env.HOME}}'", SCORER, 1, 5, 12, "'env' has no meaning", "output meta.*"},
    {"t: '{{vars.x}}'", DATASET, 1, 5, 10, "'vars' has no meaning", "names of columns"},
    {"t: '{{question}}'", ROOT_ENV, 1, 5, 12, "'question' has no meaning", "allowed here: env.*"},
    {"t: '{{question}}'", ROOT_CASE, 1, 5, 12, "has no meaning", "id input expected"},
    {"t: '{{row.x}}'", ROOT_ENV | ROOT_VARS, 1, 5, 9, "'row' has no meaning", ""},
    {"t: '{{question}}'", 0, 1, 5, 12, "not read here", ""},
    {"t: '{{vars}}'", SCORER, 1, 5, 8, "'vars' needs the name", "{{vars.NAME}}"},
    {"t: '{{vars[0]}}'", SCORER, 1, 5, 11, "'vars' needs the name", ""},
    {"t: '{{env}}'", ROOT_ENV, 1, 5, 7, "'env' needs the name", "{{env.NAME}}"},
    {"t: '{{env.A.B}}'", ROOT_ENV, 1, 5, 11, "'env' needs the name", ""},
    {"t: '{{env.API_KEY}}'", ROOT_ENV, 1, 5, 15, "looks like a secret", "command's `env:`"},
    {"t: '{{env.my_token_2}}'", ROOT_ENV, 1, 5, 18, "looks like a secret", ""},
    {"t: '{{env.PASSWD}}'", ROOT_ENV, 1, 5, 14, "looks like a secret", ""},
    {"t: '{{env.secret}}'", ROOT_ENV, 1, 5, 14, "looks like a secret", ""},
    {"t: '{{env.OPPER_API_KEY}}'", ROOT_ENV, 1, 5, 21, "is never inserted", "pass_env"},
    /* below lists and maps, and where the place is the scalar's */
    {"t: [a, 'x{{b']", SCORER, 1, 10, 0, "'{{' without", ""},
    {"t: {k: 'x{{b'}", SCORER, 1, 10, 0, "'{{' without", ""},
    {"t: {'{{k}}': 1}", SCORER, 1, 5, 0, "a key cannot hold", "values only"},
    {"t: |\n  one\n  {{b\n", SCORER, 1, 4, 0, "'{{' without", ""},
    {"t: \"a\\n{{}}\"", SCORER, 1, 4, 0, "an empty template", ""},
    {"t: |-\n  x {{b", SCORER, 1, 4, 0, "'{{' without", ""},
    {"t: >-\n  x\n  {{b", SCORER, 1, 4, 0, "'{{' without", ""},
    {"t: 'x\n  {{b'", SCORER, 1, 4, 0, "'{{' without", ""},
    {"t: 'it''s {{b'", SCORER, 1, 4, 0, "'{{' without", ""},
    {"t: \"\\u00e4 {{b\"", SCORER, 1, 4, 0, "'{{' without", ""},
    {"t: !!str x {{b", SCORER, 1, 4, 0, "'{{' without", ""},
};

static void refuses_with_place_and_hint(void)
{
    for (size_t i = 0; i < ARRAY_LEN(REFUSED); i++) {
        struct world w CLEANUP(world_deinit);
        world_init(&w);
        const char *row = REFUSED[i].yaml;
        struct template *t = NULL;
        bool ok = compile(&w, row, REFUSED[i].roots, false, &t);
        CHECK(row, !ok && t == NULL);
        CHECK_INT(row, w.diag.faults.len, 1);
        if (ok || w.diag.faults.len == 0) {
            continue;
        }
        const struct fault *fault = &w.diag.faults.items[0];
        CHECK_INT(row, fault->pos.line, REFUSED[i].line);
        CHECK_INT(row, fault->pos.col, REFUSED[i].col);
        CHECK_INT(row, fault->len, REFUSED[i].len);
        CHECK_CONTAINS(row, fault->text, REFUSED[i].says);
        CHECK_CONTAINS(row, fault->hint, REFUSED[i].hint);
    }
}

static void reports_every_scalar(void)
{
    struct world w CLEANUP(world_deinit);
    world_init(&w);
    struct template *t = NULL;
    CHECK("refused", !compile(&w, "t: {a: '{{', b: ['{{}}', ok], c: '{{row.x}}', d: '{{a + b}}'}", SCORER, false, &t));
    CHECK_INT("faults", w.diag.faults.len, 3);
}

static const struct {
    const char *yaml, *want; /* canonical JSON */
    unsigned roots;          /* 0 = EVERYTHING */
} EXPANDED[] = {
    /* a scalar that is one template keeps its type */
    {"t: '{{row.q}}'", "\"Q\"", 0},
    {"t: '{{ row.q }}'", "\"Q\"", 0},
    {"t: \"{{\\trow.q\\n}}\"", "\"Q\"", 0},
    {"t: '{{row.n}}'", "1.50", 0},
    {"t: '{{row.big}}'", "12345678901234567890", 0},
    {"t: '{{row.t}}'", "true", 0},
    {"t: '{{row.z}}'", "null", 0},
    {"t: '{{row.list}}'", "[1,\"b\"]", 0},
    {"t: '{{row.map}}'", "{\"k\":\"v\"}", 0},
    {"t: '{{env.HOME}}'", "\"/home/x\"", 0},
    {"t: '{{trial}}'", "2", 0},
    {"t: '{{tags}}'", "[\"t1\",\"t2\"]", 0},
    {"t: '{{id}} {{input.question}} {{expected}} {{trial}} {{variant}} {{suite}} {{tags[1]}}'",
     "\"case-1 why? 4 2 mini s t2\"", 0},
    {"t: '{{output.answer}} {{meta.exit}}'", "\"42 0\"", 0},
    {"t: '{{output.none}}'", "null", 0},
    /* text */
    {"t: 'A{{row.q}}B'", "\"AQB\"", 0},
    {"t: ' {{row.n}}'", "\" 1.50\"", 0},
    {"t: '{{row.t}}{{row.n}}'", "\"true1.50\"", 0},
    {"t: 'x {{row.list}} {{row.map}}'", "\"x [1,\\\"b\\\"] {\\\"k\\\":\\\"v\\\"}\"", 0},
    {"t: |\n  a {{row.q}}\n  {{row.n}}\n", "\"a Q\\n1.50\\n\"", 0},
    {"t: x {{row.q}} y", "\"x Q y\"", 0},
    /* what was inserted is never read again */
    {"t: '{{row.braces}}'", "\"{{q}}\"", 0},
    {"t: '-{{row.braces}}-'", "\"-{{q}}-\"", 0},
    /* the escape, and braces that are none */
    {"t: '{{ \"{{\" }}'", "\"{{\"", 0},
    {"t: 'a {{\"{{\"}} b }} c'", "\"a {{ b }} c\"", 0},
    {"t: '{{ \"{{\" }}{{row.q}}}}'", "\"{{Q}}\"", 0},
    {"t: 'a } b { c }}'", "\"a } b { c }}\"", 0},
    {"t: '{ {row.q} }'", "\"{ {row.q} }\"", 0},
    /* paths */
    {"t: '{{row[\"any text\"]}}'", "\"x\"", 0},
    {"t: '{{row[\"quo\\\"te\"]}}'", "6", 0},
    {"t: '{{row[\"\"]}}'", "7", 0},
    {"t: '{{0a.b[0].c}}'", "\"deep\"", 0},
    {"t: '{{row.0a[\"b\"][0][\"c\"]}}'", "\"deep\"", 0},
    {"t: '{{a-b}}'", "5", 0},
    {"t: '{{row}}'", "whole row", 0},
    {"t: '{{vars.nested.x[1]}}'", "20", 0},
    /* names: vars, nearest first, then the row; the fixed names win */
    {"t: '{{colour}}'", "\"red\"", 0},
    {"t: '{{vars.colour}}'", "\"red\"", 0},
    {"t: '{{row.colour}}'", "\"row\"", 0},
    {"t: '{{shade}} {{number}} {{q}}'", "\"dark 7 Q\"", 0},
    {"t: '{{list}}'", "[\"s\"]", 0},
    {"t: '{{id}}'", "\"case-1\"", 0},
    {"t: '{{output}}'", "{\"answer\":\"42\",\"none\":null}", 0},
    {"t: '{{nothing}}'", "null", 0},
    {"t: '{{colour}}'", "\"row\"", ROOT_ROW | ROOT_ENV},
    {"t: '{{colour}}'", "\"row\"", DATASET},
    {"t: '{{id}}'", "\"row-id\"", DATASET},
    {"t: '{{output}}'", "\"row-output\"", DATASET},
    {"t: '{{id}}'", "\"case-1\"", DATASET | ROOT_CASE},
    {"t: '{{row.id}}'", "\"row-id\"", DATASET},
    {"t: '{{row.id}}'", "\"row-id\"", ROOT_BARE_IS_ROW},
    /* filters */
    {"t: '{{row.no | default(\"d\")}}'", "\"d\"", 0},
    {"t: \"{{row.no | default('d e')}}\"", "\"d e\"", 0},
    {"t: '{{row.no|default( 1.0 )}}'", "1.0", 0},
    {"t: '{{row.no | default(\"a)}}b\")}}!'", "\"a)}}b!\"", 0},
    {"t: '{{row.no | default([1, {\"a\": null}])}}'", "[1,{\"a\":null}]", 0},
    {"t: '{{row.no.deep[3] | default(null)}}'", "null", 0},
    {"t: '{{row.z | default(0)}}'", "0", 0},
    {"t: '{{row.q | default(0)}}'", "\"Q\"", 0},
    {"t: '{{env.NOPE | default(\"e\")}}'", "\"e\"", 0},
    {"t: '{{output.no | default(\"e\")}}'", "\"e\"", 0},
    {"t: '{{row.q | json}}'", "\"\\\"Q\\\"\"", 0},
    {"t: '{{row.z | json}}'", "\"null\"", 0},
    {"t: '{{row.map | json}}'", "\"{\\\"k\\\":\\\"v\\\"}\"", 0},
    {"t: '{{row.n | json}}'", "\"1.50\"", 0},
    {"t: '[{{row.pad | trim}}]'", "\"[p]\"", 0},
    {"t: '{{row.n | trim}}'", "1.50", 0},
    {"t: '{{row.no | default(\" d \") | trim | json}}'", "\"\\\"d\\\"\"", 0},
    /* trees; plain scalars get their type, quoted ones stay text, keys stay as they are */
    {"t: [1, '1', true, null, '{{row.n}}', 'a{{row.n}}', no, 012]", "[1,\"1\",true,null,1.50,\"a1.50\",\"no\",\"012\"]",
     0},
    {"t: {b: {c: ['{{row.list}}']}, a: 1e3}", "{\"a\":1e3,\"b\":{\"c\":[[1,\"b\"]]}}", 0},
    {"t: {a: 1, b: [x, {c: ''}]}", "{\"a\":1,\"b\":[\"x\",{\"c\":\"\"}]}", 0},
    {"t: ['{{ \"{{\" }}', x]", "[\"{{\",\"x\"]", 0},
    {"t: []", "[]", 0},
    {"t: ", "null", 0},
};

static void expands(void)
{
    for (size_t i = 0; i < ARRAY_LEN(EXPANDED); i++) {
        struct world w CLEANUP(world_deinit);
        world_init(&w);
        const char *row = EXPANDED[i].yaml;
        struct template *t = NULL;
        struct value value = {0};
        bool is_absent = true;
        struct err err = ERR_NULL;
        unsigned roots = EXPANDED[i].roots == 0 ? (unsigned)EVERYTHING : EXPANDED[i].roots;
        if (!compile(&w, row, roots, false, &t)) {
            CHECK_CSTR(row, w.diag.faults.items[0].text, "no fault");
            continue;
        }
        bool ok = template_expand(t, &w.scope, &w.arena, &value, &is_absent, &err);
        check_true_at(ok, row, err.text, __FILE__, __LINE__);
        CHECK(row, !is_absent);
        struct buf got CLEANUP(buf_deinit) = BUF(1 << 20);
        struct buf want CLEANUP(buf_deinit) = BUF(1 << 20);
        json_canonical(&got, &value);
        if (strcmp(EXPANDED[i].want, "whole row") == 0) {
            json_canonical(&want, &w.row);
        } else {
            buf_append_cstr(&want, EXPANDED[i].want);
        }
        CHECK_STR(row, buf_str(&got), buf_str(&want));
    }
}

static const struct {
    const char *yaml;
    enum err_kind kind;
    uint32_t col;
    const char *says;
} FAILING[] = {
    {"t: '{{row.colur}}'", ERR_SUITE, 5, "undefined: 'row.colur' (did you mean 'colour'?)"},
    {"t: 'a {{row.zzzzzzzz}}'", ERR_SUITE, 7, "undefined: 'row.zzzzzzzz'"},
    {"t: '{{vars.colur}}'", ERR_SUITE, 5, "did you mean 'colour'?"},
    {"t: '{{shde}}'", ERR_SUITE, 5, "undefined: 'shde' (did you mean 'shade'?)"},
    {"t: '{{row.list[2]}}'", ERR_SUITE, 5, "undefined: 'row.list[2]'"},
    {"t: '{{row.map[0]}}'", ERR_SUITE, 5, "undefined"},
    {"t: '{{row.list.b}}'", ERR_SUITE, 5, "undefined"},
    {"t: '{{row.q.b}}'", ERR_SUITE, 5, "undefined"},
    {"t: '{{row.z.b}}'", ERR_SUITE, 5, "undefined"},
    {"t: '{{env.NOPE}}'", ERR_SUITE, 5, "undefined: 'env.NOPE'"},
    {"t: [x, 'b {{nope}}']", ERR_SUITE, 11, "undefined: 'nope'"},
    {"t: 'a {{row.z}}'", ERR_SUITE, 7, "'row.z' is null"},
    {"t: 'a {{nothing | trim}}'", ERR_SUITE, 7, "is null"},
    {"t: '{{row.list | trim}}'", ERR_SUITE, 5, "'trim' wants text"},
    {"t: '{{row.no | json}}'", ERR_SUITE, 5, "undefined"},
};

static void fails_with_place(void)
{
    for (size_t i = 0; i < ARRAY_LEN(FAILING); i++) {
        struct world w CLEANUP(world_deinit);
        world_init(&w);
        const char *row = FAILING[i].yaml;
        struct template *t = NULL;
        struct value value = {0};
        bool is_absent = false;
        struct err err = ERR_NULL;
        if (!compile(&w, row, EVERYTHING, false, &t)) {
            CHECK_CSTR(row, w.diag.faults.items[0].text, "no fault");
            continue;
        }
        CHECK(row, !template_expand(t, &w.scope, &w.arena, &value, &is_absent, &err));
        CHECK_INT(row, err.kind, FAILING[i].kind);
        CHECK_INT(row, err.pos.line, 1);
        CHECK_INT(row, err.pos.col, FAILING[i].col);
        CHECK_CONTAINS(row, str_from(err.text), FAILING[i].says);
    }
}

static void says_absent_below_output(void)
{
    static const struct {
        const char *yaml;
        bool is_absent;
    } ROWS[] = {
        {"t: '{{output.no}}'", true},      {"t: '{{output.answer.x}}'", true},
        {"t: 'a {{meta.no}} b'", true},    {"t: [x, '{{output.no}}']", true},
        {"t: '{{output.none}}'", false},   {"t: 'a {{output.none}}'", true},
        {"t: '{{output.answer}}'", false}, {"t: '{{output.no | json}}'", true},
        {"t: '{{output[0]}}'", true},      {"t: '{{output.no | default(1)}}'", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct world w CLEANUP(world_deinit);
        world_init(&w);
        struct template *t = NULL;
        struct value value = {.kind = VALUE_TEXT};
        struct str text = STR("not touched");
        bool is_absent = !ROWS[i].is_absent;
        struct err err = ERR_NULL;
        CHECK(ROWS[i].yaml, compile(&w, ROWS[i].yaml, EVERYTHING, false, &t) &&
                                template_expand(t, &w.scope, &w.arena, &value, &is_absent, &err));
        CHECK_INT(ROWS[i].yaml, is_absent, ROWS[i].is_absent);
        if (is_absent) {
            CHECK_INT(ROWS[i].yaml, value.kind, VALUE_NULL);
            CHECK(ROWS[i].yaml, template_expand_text(t, &w.scope, &w.arena, NULL, &text, &is_absent, &err));
            CHECK(ROWS[i].yaml, is_absent);
        }
    }
    struct world w CLEANUP(world_deinit);
    world_init(&w);
    w.scope.output = NULL;
    struct template *t = NULL;
    struct value value;
    bool is_absent = false;
    struct err err = ERR_NULL;
    CHECK("no output", compile(&w, "t: '{{output}}'", EVERYTHING, false, &t) &&
                           template_expand(t, &w.scope, &w.arena, &value, &is_absent, &err) && is_absent);
}

static void quote_brackets(struct buf *out, struct str text)
{
    buf_append_char(out, '<');
    buf_append(out, text);
    buf_append_char(out, '>');
}

static void expands_as_text(void)
{
    static const struct {
        const char *yaml;
        bool is_quoting;
        const char *want; /* NULL = an error */
    } ROWS[] = {
        {"t: '{{row.q}}'", false, "Q"},
        {"t: '{{row.n}}'", false, "1.50"},
        {"t: '{{row.map}}'", false, "{\"k\":\"v\"}"},
        {"t: ['{{row.n}}', a]", false, "[1.50,\"a\"]"},
        {"t: 5", false, "5"},
        {"t: plain", true, "plain"},
        {"t: 'a+{{row.q}}+'", true, "a+<Q>+"},
        {"t: '{{row.n}}'", true, "<1.50>"},
        {"t: '{{row.z}}'", false, NULL},
        {"t: null", false, NULL},
        {"t: 'a{{row.z}}'", false, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct world w CLEANUP(world_deinit);
        world_init(&w);
        struct template *t = NULL;
        struct str text = STR_NULL;
        bool is_absent = true;
        struct err err = ERR_NULL;
        CHECK(ROWS[i].yaml, compile(&w, ROWS[i].yaml, EVERYTHING, false, &t));
        bool ok = template_expand_text(t, &w.scope, &w.arena, ROWS[i].is_quoting ? quote_brackets : NULL, &text,
                                       &is_absent, &err);
        CHECK_INT(ROWS[i].yaml, ok, ROWS[i].want != NULL);
        if (ok) {
            CHECK_CSTR(ROWS[i].yaml, text, ROWS[i].want);
            CHECK(ROWS[i].yaml, !is_absent);
        } else {
            CHECK(ROWS[i].yaml, err.kind == ERR_SUITE && err.pos.line == 1);
        }
    }
}

static void collect(void *ctx, const struct str *segments, size_t len)
{
    struct buf *out = ctx;
    for (size_t i = 0; i < len; i++) {
        buf_append_cstr(out, i == 0 ? "" : "/");
        buf_append(out, segments[i]);
    }
    buf_append_char(out, ' ');
}

static void visits_every_path(void)
{
    struct world w CLEANUP(world_deinit);
    world_init(&w);
    struct template *t = NULL;
    struct buf seen CLEANUP(buf_deinit) = BUF(1024);
    CHECK("compiles", compile(&w, "t: [x, '{{row.a[0][\"b c\"]}}', {k: '{{q}} {{vars.x.y}}', l: '{{ \"{{\" }}'}]",
                              SCORER, false, &t));
    template_visit(t, collect, &seen);
    CHECK_CSTR("paths", buf_str(&seen), "row/a/0/b c q vars/x/y ");
    CHECK("not constant", !template_is_constant(t));
    CHECK_INT("source", template_source(t)->kind, VALUE_LIST);
    CHECK("constant", compile(&w, "t: {a: [1, x, '{{ \"{{\" }}']}", SCORER, false, &t) && template_is_constant(t));
}

static void keeps_secrets_to_env(void)
{
    struct world w CLEANUP(world_deinit);
    world_init(&w);
    struct template *t = NULL;
    struct str text = STR_NULL;
    bool is_absent = false;
    struct err err = ERR_NULL;
    CHECK("allowed", compile(&w, "t: '{{env.API_KEY}}'", ROOT_ENV, true, &t) &&
                         template_expand_text(t, &w.scope, &w.arena, NULL, &text, &is_absent, &err));
    CHECK_CSTR("value", text, "$API_KEY");
    CHECK("never", !compile(&w, "t: '{{env.OPPER_API_KEY}}'", ROOT_ENV, true, &t));
}

/* Whole values are shared, not copied; a text is allocated once. 300 000 expansions stay far below a second even under sanitizers. */
static void shares_values_and_allocates_once(void)
{
    struct world w CLEANUP(world_deinit);
    world_init(&w);
    struct template *whole = NULL;
    struct template *text = NULL;
    struct value value = {0};
    bool is_absent = false;
    struct err err = ERR_NULL;
    if (!compile(&w, "t: '{{row.q}}'", SCORER, false, &whole) || !compile(&w, "t: 'A{{q}}B'", SCORER, false, &text)) {
        CHECK("compiles", false);
        return;
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    bool ok = true;
    for (int i = 0; i < 100000; i++) {
        ok = template_expand(whole, &w.scope, &arena, &value, &is_absent, &err) && ok;
    }
    CHECK("expands", ok);
    CHECK("shared", value.text.ptr == value_get(&w.row, STR("q"))->text.ptr);
    CHECK_INT("nothing allocated", arena.total_bytes, 0);
    for (int i = 0; i < 100000; i++) {
        ok = template_expand(text, &w.scope, &arena, &value, &is_absent, &err) && ok;
        if (i < 1) {
            CHECK("one small allocation", arena.total_bytes <= 16);
        }
        arena_reset(&arena);
    }
    CHECK("expands", ok);
}

static void refuses_to_grow_without_bound(void)
{
    struct world w CLEANUP(world_deinit);
    world_init(&w);
    size_t len = LIMIT_TEMPLATE_BYTES / 2;
    char *big = arena_alloc(&w.arena, len);
    memset(big, 'x', len);
    struct value output = value_of_text((struct str){big, len});
    w.scope.output = &output;
    static const char *const ROWS[] = {"t: '{{output}}{{output}}.'", "t: '{{output}}-{{output | json}}'"};
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        struct template *t = NULL;
        struct value value;
        bool is_absent = false;
        struct err err = ERR_NULL;
        CHECK(ROWS[i], compile(&w, ROWS[i], SCORER, false, &t) &&
                           !template_expand(t, &w.scope, &w.arena, &value, &is_absent, &err));
        CHECK_INT(ROWS[i], err.kind, ERR_LIMIT);
        CHECK_CONTAINS(ROWS[i], str_from(err.text), "64 MiB");
    }
}

/* Whatever stands in a scalar: a template or one fault, and expanding never crashes. No NUL behind the text, so that a read past it is seen. */
static void survives_any_text(void)
{
    static const char *const PIECES[] = {"{{", "}}", "row",     ".q",  "[0]",    "[\"",  "\"]",  "\"{{\"",
                                         " ",  "|",  "default", "(1)", "(\"",    "json", "trim", "vars",
                                         "\\", "{",  "}",       "'",   "output", "\xc3", "\xa4", "env.",
                                         "A",  ")",  "\"",      "\n",  "-1",     "list"};
    struct rng rng;
    rng_seed(&rng, 99);
    size_t accepted = 0;
    for (int i = 0; i < 30000; i++) {
        struct world w CLEANUP(world_deinit);
        memset(&w, 0, sizeof(w));
        diag_init(&w.diag, &w.arena);
        struct buf made CLEANUP(buf_deinit) = BUF(4096);
        buf_append_cstr(&made, rng_below(&rng, 2) == 0 ? "{{" : "{{row.q");
        for (uint64_t left = rng_below(&rng, 8); left > 0; left--) {
            buf_append_cstr(&made, PIECES[rng_below(&rng, ARRAY_LEN(PIECES))]);
        }
        buf_append_cstr(&made, rng_below(&rng, 2) == 0 ? "}}" : "");
        struct value node = value_of_text((struct str){arena_copy(&w.arena, made.ptr, made.len), made.len});
        node.pos = (struct src_pos){"s", 3, 9};
        struct template *t = NULL;
        struct template_rules rules = {.roots = EVERYTHING};
        if (!template_compile(&w.arena, &node, rules, true, &t, &w.diag)) {
            CHECK_INT("one fault", w.diag.faults.len, 1);
            continue;
        }
        accepted++;
        struct scope empty = {0};
        struct value value;
        bool is_absent = false;
        struct err err = ERR_NULL;
        if (!template_expand(t, &empty, &w.arena, &value, &is_absent, &err)) {
            CHECK("a sentence", err.text[0] != '\0');
        }
    }
    CHECK("some are templates", accepted > 500);
}

int main(void)
{
    static const struct check_test TESTS[] = {
        {"refuses with place and hint", refuses_with_place_and_hint},
        {"reports every scalar", reports_every_scalar},
        {"expands", expands},
        {"fails with place", fails_with_place},
        {"says absent below output", says_absent_below_output},
        {"expands as text", expands_as_text},
        {"visits every path", visits_every_path},
        {"keeps secrets to env", keeps_secrets_to_env},
        {"shares values and allocates once", shares_values_and_allocates_once},
        {"refuses to grow without bound", refuses_to_grow_without_bound},
        {"survives any text", survives_any_text},
    };
    return check_run("template", TESTS, ARRAY_LEN(TESTS));
}
