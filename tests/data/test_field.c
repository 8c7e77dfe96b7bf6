#include "data/field.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/err.h"
#include "data/json.h"
#include "data/yaml.h"
#include "tests/check.h"
#include "tests/temp.h"

/* A table with every type, as a loader would write it. */

enum mode { MODE_FAST, MODE_SLOW, MODE_EXACT };
static const char *const MODES[] = {"fast", "slow", "exact", NULL};

struct inner {
    struct str file;
    uint64_t limit;
};

static const struct field INNER[] = {
    {"file", FIELD_TEXT, offsetof(struct inner, file), "where the rows are", .is_required = true,
     .is_short_form = true},
    {"limit", FIELD_COUNT, offsetof(struct inner, limit), "at most so many", .min = 1, .max = 1e15},
    {0},
};

struct item {
    struct str name;
    bool is_on;
};

static const struct field ITEM[] = {
    {"name", FIELD_NAME, offsetof(struct item, name), "what it is called", .is_required = true},
    {"on", FIELD_BOOL, offsetof(struct item, is_on), "whether it is used"},
    {0},
};

struct outer {
    bool is_flag, has_count;
    uint64_t count;
    struct field_number number;
    struct field_share share;
    struct str text, name;
    int64_t duration_ns;
    double rate_per_s;
    int mode;
    const struct value *any;
    struct template *tmpl;
    struct field_texts texts;
    struct inner inner;
    struct field_list items;
    int custom;
};

static bool parse_custom(struct field_context *ctx, const struct field *field, const struct value *node, void *target)
{
    if (node->kind != VALUE_TEXT || !str_eq(node->text, STR("magic"))) {
        return diag_add(ctx->diag, node->pos, "'%s' wants magic", field->key);
    }
    *(int *)target = 77;
    return true;
}

static void schema_custom(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_open_map(w);
    json_key(w, "const");
    json_text(w, STR("magic"));
    json_close_map(w);
}

static const struct field OUTER[] = {
    {"flag", FIELD_BOOL, offsetof(struct outer, is_flag), "a truth", .default_text = "false"},
    {"count", FIELD_COUNT, offsetof(struct outer, count), "how many", .min = 1, .max = 4096, .default_text = "16",
     .has_set = true, .set_offset = offsetof(struct outer, has_count)},
    {"number", FIELD_NUMBER, offsetof(struct outer, number), "how much", .min = -1, .max = 1.5},
    {"share", FIELD_SHARE, offsetof(struct outer, share), "which part"},
    {"text", FIELD_TEXT, offsetof(struct outer, text), "what is said"},
    {"name", FIELD_NAME, offsetof(struct outer, name), "who", .is_required = true},
    {"timeout", FIELD_DURATION, offsetof(struct outer, duration_ns), "how long"},
    {"rate", FIELD_RATE, offsetof(struct outer, rate_per_s), "how often"},
    {"mode", FIELD_WORD, offsetof(struct outer, mode), "in which way", .words = MODES},
    {"any", FIELD_VALUE, offsetof(struct outer, any), "anything"},
    {"template", FIELD_TEMPLATE, offsetof(struct outer, tmpl), "anything, with templates", .template_roots = ROOT_ROW},
    {"texts", FIELD_TEXT_LIST, offsetof(struct outer, texts), "one or more"},
    {"inner", FIELD_MAP, offsetof(struct outer, inner), "a table below", .rows = INNER},
    {"items", FIELD_MAPS, offsetof(struct outer, items), "tables below", .rows = ITEM,
     .item_size = sizeof(struct item)},
    {"custom", FIELD_CUSTOM, offsetof(struct outer, custom), "its own way", .parse = parse_custom,
     .schema = schema_custom},
    {0},
};

struct bench {
    struct arena arena;
    struct diag diag;
    struct field_context ctx;
    struct outer out;
};

static bool decode(struct bench *b, const char *yaml)
{
    memset(b, 0, sizeof(*b));
    b->out.count = 16;
    diag_init(&b->diag, &b->arena);
    b->ctx = (struct field_context){.arena = &b->arena, .diag = &b->diag};
    struct value *tree = arena_new(&b->arena, struct value);
    if (!yaml_read(&b->arena, "suite.yaml", str_from(yaml), tree, &b->diag)) {
        check_true_at(false, yaml, "not YAML", __FILE__, __LINE__);
        return false;
    }
    bool ok = field_decode(&b->ctx, OUTER, tree, "suite", &b->out);
    check_true_at(ok == diag_is_clean(&b->diag), yaml, "false exactly when there are faults", __FILE__, __LINE__);
    return ok;
}

static void bench_deinit(struct bench *b)
{
    arena_deinit(&b->arena);
}

static const struct {
    const char *yaml;
    uint32_t line, col, len;
    const char *says, *hint;
} REFUSED[] = {
    /* keys */
    {"{name: n, cuont: 5}", 1, 11, 5, "suite: unknown key 'cuont'", "did you mean 'count'?"},
    {"{name: n, zzzzzzzz: 5}", 1, 11, 8, "unknown key 'zzzzzzzz'", ""},
    {"{name: n, 'cuont': 5}", 1, 11, 7, "unknown key 'cuont'", "'count'"},
    {"{count: 5}", 1, 1, 0, "suite: the key 'name' is missing", "name: who"},
    {"", 0, 0, 0, "the key 'name' is missing", "who"},
    {"just text", 1, 1, 0, "suite: wants a map of keys, not text", "key: value"},
    {"[a]", 1, 1, 0, "wants a map of keys, not a list", ""},
    {"{name: n, inner: {limit: 2}}", 1, 18, 0, "suite: inner: the key 'file' is missing", "where the rows are"},
    {"{name: n, inner: {file: f, limt: 2}}", 1, 28, 4, "suite: inner: unknown key 'limt'", "'limit'"},
    {"{name: n, items: [{name: a}, {nme: b, name: c}]}", 1, 31, 3, "suite: items: unknown key 'nme'", "'name'"},
    /* truth */
    {"{name: n, flag: yes}", 1, 17, 3, "suite: 'flag' wants true or false, not 'yes'", "write true"},
    {"{name: n, flag: off}", 1, 17, 3, "not 'off'", "write false"},
    {"{name: n, flag: TRUE}", 1, 17, 4, "not 'TRUE'", "write true"},
    {"{name: n, flag: 'true'}", 1, 17, 6, "wants true or false, not 'true'", "without quotes: true"},
    {"{name: n, flag: maybe}", 1, 17, 5, "not 'maybe'", ""},
    {"{name: n, flag: }", 1, 0, 0, "wants true or false, not nothing", ""},
    /* counts */
    {"{name: n, count: '5'}", 1, 18, 3, "suite: 'count' wants a whole number from 1 to 4096, not '5'",
     "without quotes: 5"},
    {"{name: n, count: 5.0}", 1, 18, 3, "not '5.0'", ""},
    {"{name: n, count: -1}", 1, 18, 2, "not '-1'", ""},
    {"{name: n, count: 0}", 1, 18, 1, "from 1 to 4096, not '0'", ""},
    {"{name: n, count: 4097}", 1, 18, 4, "not '4097'", ""},
    {"{name: n, count: 1_000}", 1, 18, 5, "not '1_000'", "write 1000"},
    {"{name: n, count: 1e3}", 1, 18, 3, "not '1e3'", ""},
    {"{name: n, count: 99999999999999999999}", 1, 18, 20, "a whole number", ""},
    {"{name: n, inner: {file: f, limit: 0}}", 1, 35, 1, "'limit' wants a whole number from 1, not '0'", ""},
    /* numbers */
    {"{name: n, number: '1'}", 1, 19, 3, "'number' wants a number from -1 to 1.5, not '1'", "without quotes: 1"},
    {"{name: n, number: 1.6}", 1, 19, 3, "not '1.6'", ""},
    {"{name: n, number: .5}", 1, 19, 2, "not '.5'", "write 0.5"},
    {"{name: n, number: 80%}", 1, 19, 3, "not '80%'", "write 0.8"},
    {"{name: n, number: 1e999}", 1, 19, 5, "not '1e999'", "too large"},
    {"{name: n, number: NaN}", 1, 19, 3, "not 'NaN'", ""},
    {"{name: n, number: 0x10}", 1, 19, 4, "not '0x10'", ""},
    /* shares */
    {"{name: n, share: 0.01}", 1, 18, 4, "wants a count or a percentage up to 100% (5, 1%), not '0.01'", "write 1%"},
    {"{name: n, share: 101%}", 1, 18, 4, "not '101%'", ""},
    {"{name: n, share: -1}", 1, 18, 2, "not '-1'", ""},
    {"{name: n, share: 1 %}", 1, 18, 3, "not '1 %'", ""},
    /* texts and names */
    {"{name: n, text: }", 1, 0, 0, "'text' wants text, not nothing", ""},
    {"{name: n, text: 'a {{b}}'}", 1, 17, 9, "'text' takes no template", "templates"},
    {"{name: '{{b}}'}", 1, 8, 7, "'name' takes no template", ""},
    {"{name: ''}", 1, 8, 0, "wants a name, not an empty text", ""},
    {"{name: \"a\\nb\"}", 1, 8, 0, "control character", ""},
    {"{name: n, texts: [a, '{{b}}']}", 1, 22, 7, "'texts' takes no template", ""},
    {"{name: n, texts: [a, {b: c}]}", 1, 22, 0, "'texts' wants a text or a list of texts, not a map", ""},
    {"{name: n, texts: [a, [b]]}", 1, 22, 0, "not a list", ""},
    {"{name: n, any: {a: [1, '{{b}}']}}", 1, 24, 7, "'any' takes no template", ""},
    {"{name: n, template: '{{vars.x}}'}", 1, 22, 10, "'vars' has no meaning here", "row.*"},
    /* durations and rates */
    {"{name: n, timeout: 60}", 1, 20, 2, "suite: 'timeout' wants a duration with a unit (250ms 60s 5m 2h), not '60'",
     "a duration needs a unit: write 60s"},
    {"{name: n, timeout: 60 s}", 1, 20, 4, "not '60 s'", "write 60s"},
    {"{name: n, timeout: 5 minutes}", 1, 20, 9, "not '5 minutes'", "write 5m"},
    {"{name: n, timeout: 1.5d}", 1, 20, 4, "not '1.5d'", "write 36h"},
    {"{name: n, timeout: 1m30s}", 1, 20, 5, "not '1m30s'", "one number and one unit"},
    {"{name: n, timeout: soon}", 1, 20, 4, "not 'soon'", ""},
    {"{name: n, timeout: -5s}", 1, 20, 3, "not '-5s'", ""},
    {"{name: n, timeout: 0s}", 1, 20, 2, "wants a duration above zero", "leave the key out"},
    {"{name: n, timeout: 9999999999999h}", 1, 20, 14, "below 292 years", ""},
    {"{name: n, rate: 20}", 1, 17, 2, "'rate' wants a rate above zero (20/s 300/m 1000/h), not '20'", "write 20/s"},
    {"{name: n, rate: 0/s}", 1, 17, 3, "above zero", ""},
    {"{name: n, rate: 20/d}", 1, 17, 4, "not '20/d'", ""},
    /* words */
    {"{name: n, mode: fats}", 1, 17, 4, "suite: 'mode' wants one of fast, slow, exact, not 'fats'",
     "did you mean 'fast'?"},
    {"{name: n, mode: Fast}", 1, 17, 4, "not 'Fast'", "'fast'"},
    {"{name: n, mode: zzzzzzz}", 1, 17, 7, "one of fast, slow, exact", ""},
    /* tables below */
    {"{name: n, items: [text]}", 1, 19, 0, "suite: items: wants a map of keys, not text", ""},
    {"{name: n, items: text}", 1, 18, 4, "'items' wants a list of maps, not 'text'", ""},
    {"{name: n, inner: {file: [a]}}", 1, 25, 0, "suite: inner: 'file' wants text, not a list", ""},
    {"{name: n, inner: [a]}", 1, 18, 0, "suite: inner: 'file' wants text, not a list", ""},
    {"{name: n, custom: tricks}", 1, 19, 0, "'custom' wants magic", ""},
};

static void refuses_with_place_and_hint(void)
{
    for (size_t i = 0; i < ARRAY_LEN(REFUSED); i++) {
        const char *row = REFUSED[i].yaml;
        struct bench b CLEANUP(bench_deinit);
        bool ok = decode(&b, row);
        CHECK(row, !ok);
        CHECK_INT(row, b.diag.faults.len, 1);
        if (b.diag.faults.len == 0) {
            continue;
        }
        const struct fault *fault = &b.diag.faults.items[0];
        if (REFUSED[i].line > 0) {
            CHECK_INT(row, fault->pos.line, REFUSED[i].line);
        }
        if (REFUSED[i].col > 0) {
            CHECK_INT(row, fault->pos.col, REFUSED[i].col);
        }
        CHECK_INT(row, fault->len, REFUSED[i].len);
        CHECK_CONTAINS(row, fault->text, REFUSED[i].says);
        CHECK_CONTAINS(row, fault->hint, REFUSED[i].hint);
    }
}

static void reports_every_fault(void)
{
    struct bench b CLEANUP(bench_deinit);
    CHECK("refused", !decode(&b, "flag: yes\n"
                                 "count: x\n"
                                 "unknown-thing: 1\n"
                                 "timeout: 60\n"
                                 "items: [{on: no}, {name: b}]\n"
                                 "text: fine\n"));
    /* flag, count, unknown key, timeout, items[0].on, items[0].name missing, name missing */
    CHECK_INT("faults", b.diag.faults.len, 7);
    CHECK_CSTR("the rest is decoded", b.out.text, "fine");
}

/* Every row with every kind of node that it does not take: one fault or more, the first at the value. */
static const struct {
    const char *yaml;
    unsigned wrong_for; /* bits of enum field_type */
} NODES[] = {
#define T(type) (1u << (type))
#define SCALARS                                                                                                        \
    (T(FIELD_BOOL) | T(FIELD_COUNT) | T(FIELD_NUMBER) | T(FIELD_SHARE) | T(FIELD_TEXT) | T(FIELD_NAME) |               \
     T(FIELD_DURATION) | T(FIELD_RATE) | T(FIELD_WORD))
    {"[]", (SCALARS | T(FIELD_CUSTOM) | T(FIELD_MAP))},
    {"[a, b]", (SCALARS | T(FIELD_CUSTOM) | T(FIELD_MAP) | T(FIELD_MAPS))},
    {"{}", (SCALARS | T(FIELD_CUSTOM) | T(FIELD_TEXT_LIST) | T(FIELD_MAP) | T(FIELD_MAPS))},
    {"{a: b}", (SCALARS | T(FIELD_CUSTOM) | T(FIELD_TEXT_LIST) | T(FIELD_MAP) | T(FIELD_MAPS))},
    {"''", (SCALARS & ~T(FIELD_TEXT)) | T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"word", (SCALARS & ~(T(FIELD_TEXT) | T(FIELD_NAME))) | T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"'1'", T(FIELD_BOOL) | T(FIELD_COUNT) | T(FIELD_NUMBER) | T(FIELD_DURATION) | T(FIELD_RATE) | T(FIELD_WORD) |
                T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"1", T(FIELD_BOOL) | T(FIELD_DURATION) | T(FIELD_RATE) | T(FIELD_WORD) | T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"-0.5", (SCALARS & ~(T(FIELD_TEXT) | T(FIELD_NAME) | T(FIELD_NUMBER))) | T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"true", (SCALARS & ~(T(FIELD_TEXT) | T(FIELD_NAME) | T(FIELD_BOOL))) | T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"5s", (SCALARS & ~(T(FIELD_TEXT) | T(FIELD_NAME) | T(FIELD_DURATION))) | T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"5/s", (SCALARS & ~(T(FIELD_TEXT) | T(FIELD_NAME) | T(FIELD_RATE))) | T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"5%", (SCALARS & ~(T(FIELD_TEXT) | T(FIELD_NAME) | T(FIELD_SHARE))) | T(FIELD_CUSTOM) | T(FIELD_MAPS)},
    {"'a {{b'", SCALARS | T(FIELD_CUSTOM) | T(FIELD_TEXT_LIST) | T(FIELD_VALUE) | T(FIELD_TEMPLATE) | T(FIELD_MAP) |
                    T(FIELD_MAPS)},
};

static void refuses_every_wrong_kind(void)
{
    for (const struct field *field = OUTER; field->key != NULL; field++) {
        for (size_t i = 0; i < ARRAY_LEN(NODES); i++) {
            char text[200];
            bool is_name = strcmp(field->key, "name") == 0;
            (void)snprintf(text, sizeof(text), "%s\n%s:\n  %s\n", is_name ? "text: t" : "name: n", field->key,
                           NODES[i].yaml);
            struct bench b CLEANUP(bench_deinit);
            bool ok = decode(&b, text);
            bool is_wrong = (NODES[i].wrong_for & T(field->type)) != 0;
            check_true_at(ok == !is_wrong, text, is_wrong ? "refused" : "taken", __FILE__, __LINE__);
            if (ok) {
                continue;
            }
            CHECK_INT(text, b.diag.faults.items[0].pos.line, 3);
            CHECK(text, b.diag.faults.items[0].pos.col >= 3);
            CHECK(text, b.diag.faults.items[0].text.len > 0);
        }
    }
}

static void decodes_every_type(void)
{
    struct bench b CLEANUP(bench_deinit);
    CHECK("taken", decode(&b, "flag: true\n"
                              "count: 12\n"
                              "number: -0.25\n"
                              "share: 1.5%\n"
                              "text: 012\n"
                              "name: 'n 1'\n"
                              "timeout: 1.5m\n"
                              "rate: 300/m\n"
                              "mode: exact\n"
                              "any: {a: [1, no, true]}\n"
                              "template: 'x {{row.a}}'\n"
                              "texts: [a, 1, \"\"]\n"
                              "inner: {file: f.csv, limit: 3}\n"
                              "items: [{name: a, on: true}, {name: b}]\n"
                              "custom: magic\n"));
    CHECK("flag", b.out.is_flag);
    CHECK("set", b.out.has_count);
    CHECK_INT("count", b.out.count, 12);
    CHECK("number", b.out.number.is_set);
    CHECK_DOUBLE("number", b.out.number.value, -0.25, 0);
    CHECK("share", b.out.share.is_set && b.out.share.is_share);
    CHECK_DOUBLE("share", b.out.share.value, 0.015, 0);
    CHECK_CSTR("text", b.out.text, "012");
    CHECK_CSTR("name", b.out.name, "n 1");
    CHECK_INT("duration", b.out.duration_ns, 90 * NS_PER_S);
    CHECK_DOUBLE("rate", b.out.rate_per_s, 5, 0);
    CHECK_INT("mode", b.out.mode, MODE_EXACT);
    const struct value *list = value_get(b.out.any, STR("a"));
    CHECK("any", list != NULL && list->len == 3 && list->items[0].kind == VALUE_NUMBER &&
                     list->items[1].kind == VALUE_TEXT && list->items[2].kind == VALUE_BOOL);
    CHECK("template", b.out.tmpl != NULL && !template_is_constant(b.out.tmpl));
    CHECK_INT("texts", b.out.texts.len, 3);
    CHECK_INT("texts at", b.out.texts.pos.line, 12);
    CHECK_CSTR("texts", b.out.texts.items[1], "1");
    CHECK_CSTR("inner", b.out.inner.file, "f.csv");
    CHECK_INT("inner", b.out.inner.limit, 3);
    CHECK_INT("items", b.out.items.len, 2);
    const struct item *items = b.out.items.items;
    CHECK_CSTR("items", items[1].name, "b");
    CHECK("items", items[0].is_on && !items[1].is_on);
    CHECK_INT("custom", b.out.custom, 77);
}

static void keeps_defaults_and_takes_short_forms(void)
{
    struct bench b CLEANUP(bench_deinit);
    CHECK("taken",
          decode(&b, "{name: n, inner: rows.csv, items: {name: only}, texts: one, share: 5, any: , text: ''}"));
    CHECK_INT("default kept", b.out.count, 16);
    CHECK("not set", !b.out.has_count && !b.out.number.is_set);
    CHECK_CSTR("short form", b.out.inner.file, "rows.csv");
    CHECK_INT("one map", b.out.items.len, 1);
    CHECK_CSTR("one map", ((const struct item *)b.out.items.items)[0].name, "only");
    CHECK_INT("one text", b.out.texts.len, 1);
    CHECK("a count", b.out.share.is_set && !b.out.share.is_share);
    CHECK_DOUBLE("a count", b.out.share.value, 5, 0);
    CHECK_INT("nothing is null", b.out.any->kind, VALUE_NULL);
    CHECK("empty text", b.out.text.len == 0 && b.out.text.ptr != NULL);
}

/* A tree that had its types from JSON (a project file, a stored record) decodes as the YAML one does. */
static void decodes_typed_trees(void)
{
    struct bench b CLEANUP(bench_deinit);
    memset(&b, 0, sizeof(b));
    diag_init(&b.diag, &b.arena);
    b.ctx = (struct field_context){.arena = &b.arena, .diag = &b.diag};
    struct value tree;
    struct err err = ERR_NULL;
    CHECK("json",
          json_read(&b.arena, STR("{\"name\":7,\"flag\":true,\"count\":3,\"number\":0.5,\"share\":2,\"texts\":[1]}"),
                    JSON_OURS, (struct src_pos){"x.json", 1, 1}, &tree, NULL, &err));
    CHECK("taken", field_decode(&b.ctx, OUTER, &tree, "file", &b.out));
    CHECK_CSTR("name", b.out.name, "7");
    CHECK("flag", b.out.is_flag);
    CHECK_INT("count", b.out.count, 3);
    CHECK_DOUBLE("share", b.out.share.value, 2, 0);
    CHECK("nothing at all", !field_decode(&b.ctx, OUTER, NULL, "file", &b.out));
}

static void parses_durations(void)
{
    static const struct {
        const char *text;
        int64_t ns; /* -1 = refused */
    } ROWS[] = {
        {"", -1},
        {"5", -1},
        {"s", -1},
        {"5 s", -1},
        {" 5s", -1},
        {"5S", -1},
        {"+5s", -1},
        {"-5s", -1},
        {"5.s", -1},
        {".5s", -1},
        {"5e3s", -1},
        {"1m30s", -1},
        {"5d", -1},
        {"2562048h", -1},
        {"99999999999999999999s", -1},
        {"5s ", -1},
        {"5\xc2\xb5s", -1},
        {"0x5s", -1},
        {"1,5s", -1},
        {"5ss", -1},
        {"0s", 0},
        {"250ms", 250000000},
        {"60s", 60000000000},
        {"5m", 300000000000},
        {"2h", 7200000000000},
        {"0.5s", 500000000},
        {"1.5h", 5400000000000},
        {"0.001ms", 1000},
        {"007s", 7000000000},
        {"2562047h", 9223369200000000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++) {
        int64_t ns = -7;
        struct err err = ERR_NULL;
        bool ok = field_parse_duration(str_from(ROWS[i].text), &ns, &err);
        CHECK_INT(ROWS[i].text, ok, ROWS[i].ns >= 0);
        CHECK_INT(ROWS[i].text, ns, ok ? ROWS[i].ns : -7);
        CHECK(ROWS[i].text, ok || strncmp(err.text, "wants", 5) == 0);
    }
}

static void parses_rates_and_shares(void)
{
    static const struct {
        const char *text;
        double per_s; /* 0 = refused */
    } RATES[] = {{"", 0},     {"20", 0},    {"/s", 0},    {"-1/s", 0},  {"0/s", 0},    {"1/d", 0},
                 {"1 /s", 0}, {"1e9/s", 0}, {"20/s", 20}, {"300/m", 5}, {"3600/h", 1}, {"0.5/s", 0.5}};
    static const struct {
        const char *text;
        double value; /* -1 = refused */
        bool is_share;
    } SHARES[] = {{"", -1, false},    {"%", -1, false},      {"0.5", -1, false}, {"-1", -1, false},
                  {"1 %", -1, false}, {"101%", -1, false},   {"1%%", -1, false}, {"x", -1, false},
                  {"5", 5, false},    {"0", 0, false},       {"1%", 0.01, true}, {"99.9%", 0.999, true},
                  {"100%", 1, true},  {"00.5%", 0.005, true}};
    for (size_t i = 0; i < ARRAY_LEN(RATES); i++) {
        double per_s = 0;
        struct err err = ERR_NULL;
        CHECK_INT(RATES[i].text, field_parse_rate(str_from(RATES[i].text), &per_s, &err), RATES[i].per_s > 0);
        CHECK_DOUBLE(RATES[i].text, per_s, RATES[i].per_s, 0);
    }
    for (size_t i = 0; i < ARRAY_LEN(SHARES); i++) {
        struct field_share share = {0};
        struct err err = ERR_NULL;
        bool ok = field_parse_share(str_from(SHARES[i].text), &share, &err);
        CHECK_INT(SHARES[i].text, ok, SHARES[i].value >= 0);
        CHECK_INT(SHARES[i].text, share.is_set, ok);
        if (ok) {
            CHECK_DOUBLE(SHARES[i].text, share.value, SHARES[i].value, 0);
            CHECK_INT(SHARES[i].text, share.is_share, SHARES[i].is_share);
        }
    }
}

static void finds_rows(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    CHECK("found", field_find(OUTER, STR("rate")) != NULL && field_find(OUTER, STR("rate"))->type == FIELD_RATE);
    CHECK("not found", field_find(OUTER, STR("Rate")) == NULL && field_find(OUTER, STR("")) == NULL);
    const char *const *keys = field_keys(&arena, INNER);
    CHECK("keys", strcmp(keys[0], "file") == 0 && strcmp(keys[1], "limit") == 0 && keys[2] == NULL);
}

static void writes_help(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 16);
    field_help(OUTER, 2, true, &out);
    struct str text = buf_str(&out);
    CHECK_CONTAINS("flag", text, "  flag      true|false       a truth (default false)\n");
    CHECK_CONTAINS("count", text, "  count     count 1..4096    how many (default 16)\n");
    CHECK_CONTAINS("number", text, "  number    number -1..1.5   how much\n");
    CHECK_CONTAINS("name", text, "  name      name             who (required)\n");
    CHECK_CONTAINS("mode", text, "  mode      fast|slow|exact  in which way\n");
    CHECK_CONTAINS("template", text, "  template  template         anything, with templates\n");
    CHECK_CONTAINS("below", text, "    file   text       where the rows are (required)\n");
    CHECK_CONTAINS("below", text, "    limit  count 1..  at most so many\n");
    buf_clear(&out);
    field_help(OUTER, 0, false, &out);
    CHECK("not deep", !str_find(buf_str(&out), STR("where the rows are"), NULL));
}

static const struct value *at(const struct value *v, const char *path)
{
    struct str rest = str_from(path);
    struct str part;
    while (v != NULL && str_split(&rest, '/', &part)) {
        v = v->kind == VALUE_LIST ? (v->len > 0 ? &v->items[part.ptr[0] - '0'] : NULL) : value_get(v, part);
    }
    return v;
}

static void write_schema(struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    field_schema(OUTER, &w);
}

static void writes_schema(void)
{
    static const struct {
        const char *path, *want;
    } ROWS[] = {
        {"type", "\"object\""},
        {"additionalProperties", "false"},
        {"required", "[\"name\"]"},
        {"properties/flag/type", "\"boolean\""},
        {"properties/flag/description", "\"a truth (default false)\""},
        {"properties/count/minimum", "1"},
        {"properties/count/maximum", "4096"},
        {"properties/number/minimum", "-1"},
        {"properties/mode/enum", "[\"fast\",\"slow\",\"exact\"]"},
        {"properties/timeout/pattern", "\"^[0-9]+(\\\\.[0-9]+)?(ms|s|m|h)$\""},
        {"properties/template/description", "\"anything, with templates (template)\""},
        {"properties/custom/allOf", "[{\"const\":\"magic\"}]"},
        {"properties/inner/allOf/0/anyOf/0/type", "[\"string\",\"number\",\"boolean\"]"},
        {"properties/inner/allOf/0/anyOf/1/required", "[\"file\"]"},
        {"properties/inner/allOf/0/anyOf/1/properties/limit/minimum", "1"},
        {"properties/items/anyOf/0/items/required", "[\"name\"]"},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 16);
    struct value schema = {0};
    struct err err = ERR_NULL;
    write_schema(&out);
    bool ok = json_read(&arena, buf_str(&out), JSON_OURS, (struct src_pos){0}, &schema, NULL, &err);
    check_true_at(ok, "schema is JSON", err.text, __FILE__, __LINE__);
    for (size_t i = 0; ok && i < ARRAY_LEN(ROWS); i++) {
        const struct value *found = at(&schema, ROWS[i].path);
        struct buf text CLEANUP(buf_deinit) = BUF(1 << 16);
        CHECK(ROWS[i].path, found != NULL);
        if (found != NULL) {
            json_canonical(&text, found);
            CHECK_CSTR(ROWS[i].path, buf_str(&text), ROWS[i].want);
        }
    }
    CHECK("no short form", at(&schema, "anyOf") == NULL);
    CHECK("a technical bound is not shown",
          at(&schema, "properties/inner/allOf/0/anyOf/1/properties/limit/maximum") == NULL);
}

/* The exit status of jq over a file, 127 when there is none. Its output is of no interest. */
static int jq_status(const char *program_path, const char *input_path)
{
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int nowhere = open("/dev/null", O_RDWR);
        (void)dup2(nowhere, STDOUT_FILENO);
        (void)execlp("jq", "jq", "-e", "-f", program_path, input_path, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The schema again by another program's eyes: every schema in it is an object with known types, required keys that exist, and a place for
 * every other word. Skipped, with a line, where jq is not installed. */
static const char SCHEMA_CHECK[] =
    "def schema: type == \"object\""
    " and ([.type // empty] | flatten"
    "      | all(IN(\"object\", \"array\", \"string\", \"number\", \"integer\", \"boolean\")))"
    " and (keys - [\"additionalProperties\", \"allOf\", \"anyOf\", \"const\", \"description\", \"enum\", \"items\", "
    "\"maximum\","
    "              \"minimum\", \"pattern\", \"properties\", \"required\", \"type\"] == [])"
    " and ((.required // []) - ((.properties // {}) | keys) == [])"
    " and all((.properties // {})[], (.items // empty), (.anyOf // [])[], (.allOf // [])[]; schema);"
    "schema and ([.. | objects | select(has(\"pattern\")) | .pattern | . as $p | \"\" | test($p)] | all(. == false))";

static void writes_schema_that_jq_reads(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 16);
    write_schema(&out);
    struct temp_path schema = temp_file(&dir, "schema.json", buf_str(&out));
    struct temp_path program = temp_file(&dir, "check.jq", str_from(SCHEMA_CHECK));
    int status = jq_status(program.text, schema.text);
    if (status == 127) {
        (void)printf(" (skipped: no jq here) ");
        CHECK("skipped", true);
        return;
    }
    CHECK_INT("jq agrees", status, 0);
}

int main(void)
{
    static const struct check_test TESTS[] = {
        {"refuses with place and hint", refuses_with_place_and_hint},
        {"reports every fault", reports_every_fault},
        {"refuses every wrong kind", refuses_every_wrong_kind},
        {"decodes every type", decodes_every_type},
        {"keeps defaults and takes short forms", keeps_defaults_and_takes_short_forms},
        {"decodes typed trees", decodes_typed_trees},
        {"parses durations", parses_durations},
        {"parses rates and shares", parses_rates_and_shares},
        {"finds rows", finds_rows},
        {"writes help", writes_help},
        {"writes schema", writes_schema},
        {"writes schema that jq reads", writes_schema_that_jq_reads},
    };
    return check_run("field", TESTS, ARRAY_LEN(TESTS));
}
