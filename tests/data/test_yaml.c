#include "data/yaml.h"

#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/limits.h"
#include "base/rng.h"
#include "data/json.h"
#include "data/value.h"
#include "tests/check.h"

/* As STR, where a constant is asked for. */
#define TEXT(literal)                                                                                                  \
    {                                                                                                                  \
        (literal), sizeof(literal) - 1                                                                                 \
    }

static const struct {
    const char *name;
    struct str text;
    uint32_t line, col;
    const char *message, *hint;
} refused[] = {
    /* syntax, in libyaml's words */
    {"tab as indentation", TEXT("a:\n\t- x\n"), 2, 1, "cannot start any token", "indent with blanks"},
    {"tab at the start", TEXT("\ta: x\n"), 1, 1, "cannot start any token", "indent with blanks"},
    {"@", TEXT("a: @x\n"), 1, 4, "cannot start any token", "text that begins with '@' stands in quotes"},
    {"backquote", TEXT("a: `x`\n"), 1, 4, "cannot start any token", "begins with '`'"},
    {"percent", TEXT("a: %x\n"), 1, 4, "cannot start any token", "begins with '%'"},
    {"colon in a text", TEXT("a: b: c\n"), 1, 5, "mapping values are not allowed",
     "text that holds ': ' stands in quotes"},
    {"deeper than its sibling", TEXT("a: 1\n  b: 2\n"), 2, 4, "mapping values are not allowed", "indentation"},
    {"text out of its block", TEXT("a: |\n  x\n y\n"), 3, 2, "did not find expected key", ""},
    {"open quote", TEXT("a: 1\nb: \"x\n\n"), 2, 4, "this quote is never closed", ""},
    {"open single quote", TEXT("a: 'x\n"), 1, 4, "this quote is never closed", ""},
    {"open list", TEXT("a: [1, 2\nb: 3\n"), 2, 2,
     "did not find expected ',' or ']' (while parsing a flow sequence from 1:4)", "stands in quotes"},
    {"open map", TEXT("a: {b: 1\nc: 2\n"), 2, 2, "did not find expected ',' or '}'", "stands in quotes"},
    {"a gate in a list", TEXT("gates: [a.mean[tag=x] >= 80%]\n"), 1, 23, "cannot start any token",
     "inside [ ] and { } text that holds one of ,[]{} stands in quotes"},
    {"backslash in double quotes", TEXT("p: \"\\d+\"\n"), 1, 5, "found unknown escape character", "use single quotes"},
    {"list and map mixed", TEXT("- a\nb: c\n"), 2, 1, "did not find expected '-' indicator", ""},
    {"stars", TEXT("a: **bold**\n"), 1, 5, "did not find expected alphabetic",
     "begins with '*' or '&' stands in quotes"},
    {"another YAML", TEXT("%YAML 2.0\n---\na: 1\n"), 1, 1, "found incompatible YAML document", ""},

    /* bytes */
    {"Latin-1", TEXT("a: x\nb: caf\xe9\n"), 2, 7, "the byte 0xe9 is not valid UTF-8", "save the file as UTF-8"},
    {"encoded surrogate", TEXT("a: \xed\xa0\x80\n"), 1, 4, "the byte 0xed is not valid UTF-8", ""},
    {"cut short", TEXT("a: \xe2\x82"), 1, 4, "the byte 0xe2 is not valid UTF-8", ""},
    {"control character", TEXT("a: x\n\xc3\xa9: y\x01z\n"), 2, 5, "the control character 0x01", ""},
    {"escape", TEXT("a: \"\x1b[31m\"\n"), 1, 5, "the control character 0x1b", ""},
    {"NUL", {"a: x\0y\n", 7}, 1, 5, "the control character 0x00", ""},
    {"DEL", TEXT("a: x\x7f\n"), 1, 5, "the control character 0x7f", ""},
    {"UTF-16 little",
     {"\xff\xfe"
      "a\0:\0",
      6},
     1,
     1,
     "the file is UTF-16",
     "save it as UTF-8"},
    {"UTF-16 big", {"\xfe\xff\0a\0:", 6}, 1, 1, "the file is UTF-16", "save it as UTF-8"},
    {"UTF-16 without a mark", {"a\0:\0", 4}, 1, 1, "the file is UTF-16", "save it as UTF-8"},
    {"UTF-32", {"\0\0\xfe\xff\0\0\0a", 8}, 1, 1, "or UTF-32", "save it as UTF-8"},
    {"a mark inside", TEXT("a: 1\nb: \xef\xbb\xbfx\n"), 2, 4, "a byte order mark (U+FEFF) inside", "remove it"},
    {"a mark at a line's start",
     TEXT("a: 1\n\xef\xbb\xbf"
          "b: x\n"),
     2, 1, "a byte order mark", ""},
    {"two marks",
     TEXT("\xef\xbb\xbf\xef\xbb\xbf"
          "a: 1\n"),
     1, 1, "a byte order mark", ""},
    {"the first mark has no column", TEXT("\xef\xbb\xbf\xc3\xa9: @\n"), 1, 4, "cannot start any token", ""},

    /* documents */
    {"a second document", TEXT("a: 1\n---\nb: 2\n"), 2, 1, "a second document begins here", "one document"},
    {"a second after ...", TEXT("a: 1\n...\n---\nb: 2\n"), 3, 1, "a second document begins here", ""},
    {"an empty second", TEXT("--- x\n---\n"), 2, 1, "a second document begins here", ""},
    {"text after ...", TEXT("a: 1\n...\nb: 2\n"), 3, 1, "text after the end of the document", "one document"},

    /* keys */
    {"twice", TEXT("a: 1\nb: 2\na: 3\n"), 3, 1, "the key 'a' is written twice; the first is at 1:1", ""},
    {"twice, other quotes", TEXT("a: 1\n'a': 3\n"), 2, 1, "the key 'a' is written twice", ""},
    {"twice, flow", TEXT("x: {b: 1, c: 2, b: 3}\n"), 1, 17, "the key 'b' is written twice; the first is at 1:5", ""},
    {"twice, by alias", TEXT("&k a: 1\n*k : 2\n"), 2, 1, "the key 'a' is written twice; the first is at 1:1", ""},
    {"twice, empty", TEXT("{'': 1, '': 2}\n"), 1, 9, "the key '' is written twice", ""},
    {"a list as key", TEXT("? [a]\n: 1\n"), 1, 3, "a key is text", ""},
    {"a map as key", TEXT("? {a: 1}\n: 1\n"), 1, 3, "a key is text", ""},
    {"an alias of a list as key", TEXT("a: &l [x]\n*l : 1\n"), 2, 1, "a key is text", ""},
    {"<<", TEXT("a: &x {b: 1}\nc:\n  <<: *x\n"), 3, 3, "'<<' (merging maps)", "an alias stands for a whole value"},

    /* aliases */
    {"no anchor", TEXT("a: *x\n"), 1, 4, "no anchor '&x' stands before this alias", "text that begins with '*'"},
    {"an anchor after it", TEXT("a: *x\nb: &x 1\n"), 1, 4, "no anchor '&x'", ""},
    {"a list in itself", TEXT("a: &a [1, *a]\n"), 1, 11, "the alias '*a' stands inside its own anchor", ""},
    {"a map in itself", TEXT("a: &a\n  b:\n    c: *a\n"), 3, 8, "inside its own anchor", ""},
    {"as a key in itself", TEXT("&a {*a : 1}\n"), 1, 5, "inside its own anchor", ""},

    /* tags */
    {"!!int", TEXT("a: !!int 3\n"), 1, 4, "the tag '!!int' is not read", "text that begins with '!' stands in quotes"},
    {"!!python/object", TEXT("a: !!python/object:os.system {}\n"), 1, 4, "the tag '!!python/object:os.system'", ""},
    {"!own", TEXT("a: !own x\n"), 1, 4, "the tag '!own' is not read", ""},
    {"!", TEXT("a: ! x\n"), 1, 4, "the tag '!' is not read", ""},
    {"!! on a list", TEXT("a: !!seq [x]\n"), 1, 4, "the tag '!!seq'", ""},
    {"!!str on a map", TEXT("a: !!str {x: 1}\n"), 1, 4, "the tag '!!str'", ""},
    {"!<...>", TEXT("a: !<tag:x.org,2000:y> z\n"), 1, 4, "the tag 'tag:x.org,2000:y'", ""},
    {"%TAG", TEXT("%TAG !e! tag:x.org,2000:\n---\na: 1\n"), 1, 1, "tags are not read", "remove the line"},
    {"%TAG after a NEL", TEXT("# x\xc2\x85%TAG !e! tag:x.org,2000:\n---\na: 1\n"), 1, 5, "tags are not read", ""},

    /* templates that YAML takes for maps */
    {"{{x}}", TEXT("a: 1\ninput: {{x}}\n"), 2, 9, "'{{' without quotes", "put the whole text with '{{' in quotes"},
    {"{{ x }} and text", TEXT("input: {{ x }} and more\nb: 1\n"), 1, 9, "'{{' without quotes", "in quotes"},
    {"{{ x }} in a list", TEXT("- {{ x }}\n"), 1, 4, "'{{' without quotes", "in quotes"},
    {"{{ x }} in a flow list", TEXT("a: [ {{ x }} ]\n"), 1, 7, "'{{' without quotes", "in quotes"},
    {"{{ x }} in a flow map", TEXT("a: {b: {{x}}}\n"), 1, 9, "'{{' without quotes", "in quotes"},
    {"{{ x }} as a key", TEXT("{{x}}: 1\n"), 1, 1, "'{{' without quotes", "in quotes"},
    {"{ {x: null}: null }", TEXT("a: { {x: null}: null }\n"), 1, 6, "'{{' without quotes", "in quotes"},
    {"a default in it", TEXT("a: {{ x | default(\"y\") }}\n"), 1, 5, "'{{' without quotes", "in quotes"},
    {"an open quote in it", TEXT("a: {{ x | default('y) }}\n"), 1, 5, "'{{' without quotes", "in quotes"},
    {"a bad token in it", TEXT("a: {{ @x }}\n"), 1, 7, "cannot start any token",
     "put the whole text with '{{' in quotes"},
};

static struct str text_of_fault(const struct diag *d, bool hint)
{
    return d->faults.len == 0 ? STR_NULL : hint ? d->faults.items[0].hint : d->faults.items[0].text;
}

static void test_refused(void)
{
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct diag diag;
        diag_init(&diag, &arena);
        struct value v = {.len = 7};
        struct str text = {arena_copy(&arena, refused[i].text.ptr, refused[i].text.len), refused[i].text.len};
        CHECK(refused[i].name, !yaml_read(&arena, "suite.yaml", text, &v, &diag));
        CHECK("the output is untouched", v.len == 7);
        CHECK_INT(refused[i].name, diag.faults.len, 1);
        if (diag.faults.len == 1) {
            CHECK_INT(refused[i].name, diag.faults.items[0].kind, ERR_SUITE);
            CHECK_INT(refused[i].name, diag.faults.items[0].pos.line, refused[i].line);
            CHECK_INT(refused[i].name, diag.faults.items[0].pos.col, refused[i].col);
            CHECK_CSTR(refused[i].name, str_from(diag.faults.items[0].pos.file), "suite.yaml");
            CHECK_CONTAINS(refused[i].name, text_of_fault(&diag, false), refused[i].message);
            CHECK_CONTAINS(refused[i].name, text_of_fault(&diag, true), refused[i].hint);
        }
    }
}

/* As compact JSON, plain scalars unresolved: all are text. */
static const struct {
    const char *name;
    struct str text;
    const char *compact;
} accepted[] = {
    {"nothing", {"", 0}, "null"},
    {"only blanks", TEXT(" \n \n"), "null"},
    {"only a comment", TEXT("# nothing here\n"), "null"},
    {"only a mark", TEXT("\xef\xbb\xbf"), "null"},
    {"an empty document", TEXT("---\n...\n"), "null"},
    {"a map", TEXT("a: 1\nb:\n  - x\n  - y: z\n"), "{\"a\":\"1\",\"b\":[\"x\",{\"y\":\"z\"}]}"},
    {"flow", TEXT("{a: [1, {b: c}], d: {}, e: []}"), "{\"a\":[\"1\",{\"b\":\"c\"}],\"d\":{},\"e\":[]}"},
    {"a leading mark",
     TEXT("\xef\xbb\xbf"
          "a: 1\n"),
     "{\"a\":\"1\"}"},
    {"CRLF", TEXT("a: 1\r\nb: |\r\n  x\r\n  y\r\nc: \"p\r\n  q\"\r\n"),
     "{\"a\":\"1\",\"b\":\"x\\ny\\n\",\"c\":\"p q\"}"},
    {"a tab after a colon", TEXT("a:\t1\n"), "{\"a\":\"1\"}"},
    {"a document mark", TEXT("%YAML 1.2\n--- # one\na: 1\n...\n# the end\n"), "{\"a\":\"1\"}"},
    {"scalars stay text", TEXT("[no, on, 012, 0o14, 1_000, 12:30, ~, 1e3, .inf, null, true]"),
     "[\"no\",\"on\",\"012\",\"0o14\",\"1_000\",\"12:30\",\"~\",\"1e3\",\".inf\",\"null\",\"true\"]"},
    {"empty values", TEXT("a:\nb: ''\nc: \"\"\n"), "{\"a\":\"\",\"b\":\"\",\"c\":\"\"}"},
    {"NUL by escape", TEXT("\"a\\x00b\": \"\\x00\"\n"), "{\"a\\u0000b\":\"\\u0000\"}"},
    {"other escapes", TEXT("\"\\u00e9\\U0001F600\\t\\e\\uFEFF\""),
     "\"\xc3\xa9\xf0\x9f\x98\x80\\t\\u001b\xef\xbb\xbf\""},
    {"block texts", TEXT("a: |\n  x\n   y\n\nb: >-\n  p\n  q\n"), "{\"a\":\"x\\n y\\n\",\"b\":\"p q\"}"},
    {"!!str", TEXT("a: !!str 3\n"), "{\"a\":\"3\"}"},
    {"aliases", TEXT("a: &x [1, 2]\nb: *x\nc: [*x, *x]\n"),
     "{\"a\":[\"1\",\"2\"],\"b\":[\"1\",\"2\"],\"c\":[[\"1\",\"2\"],[\"1\",\"2\"]]}"},
    {"an alias of a map", TEXT("a: &x {b: {c: d}}\ne: *x\n"),
     "{\"a\":{\"b\":{\"c\":\"d\"}},\"e\":{\"b\":{\"c\":\"d\"}}}"},
    {"an anchor taken over", TEXT("- &a x\n- *a\n- &a y\n- *a\n"), "[\"x\",\"x\",\"y\",\"y\"]"},
    {"an inner anchor of its name", TEXT("&a [&a x, *a]\n"), "[\"x\",\"x\"]"},
    {"an alias as a key", TEXT("a: &k x\n*k : 1\n"), "{\"a\":\"x\",\"x\":\"1\"}"},
    {"an anchored key", TEXT("&k x: 1\ny: *k\n"), "{\"x\":\"1\",\"y\":\"x\"}"},
    {"'<<' in quotes", TEXT("'<<': 1\n"), "{\"<<\":\"1\"}"},
    {"templates in quotes", TEXT("a: '{{x}}'\nb: \"{{ y }}\"\nc: see {{z}}\nd: |\n  {{w}}\n"),
     "{\"a\":\"{{x}}\",\"b\":\"{{ y }}\",\"c\":\"see {{z}}\",\"d\":\"{{w}}\\n\"}"},
    {"%TAG inside a text", TEXT("a: 'x %TAG y'\nb: |\n  %TAG\nc: \xc3\xa9%TAG\n"),
     "{\"a\":\"x %TAG y\",\"b\":\"%TAG\\n\",\"c\":\"\xc3\xa9%TAG\"}"},
    {"an explicit key", TEXT("? a\n: 1\n? b\n"), "{\"a\":\"1\",\"b\":\"\"}"},
    {"pairs in a list", TEXT("[a: 1, b]"), "[{\"a\":\"1\"},\"b\"]"},
    {"the same key in other maps", TEXT("a: {a: 1}\nb: [{a: 1}, {a: 2}]\n"),
     "{\"a\":{\"a\":\"1\"},\"b\":[{\"a\":\"1\"},{\"a\":\"2\"}]}"},
    {"a text alone", TEXT("hello\n"), "\"hello\""},
    {"an empty list alone", TEXT("[]"), "[]"},
    {"an empty map alone", TEXT("{}"), "{}"},
};

static struct str written(struct arena *arena, const struct value *v)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 20);
    struct json_writer w;
    json_writer_init(&w, &out);
    json_value(&w, v);
    return arena_str(arena, buf_str(&out));
}

static void test_accepted(void)
{
    for (size_t i = 0; i < ARRAY_LEN(accepted); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct diag diag;
        diag_init(&diag, &arena);
        struct value v = {.kind = VALUE_BOOL};
        struct str text = {arena_copy(&arena, accepted[i].text.ptr, accepted[i].text.len), accepted[i].text.len};
        CHECK(accepted[i].name, yaml_read(&arena, "suite.yaml", text, &v, &diag));
        CHECK_STR(accepted[i].name, text_of_fault(&diag, false), STR_NULL);
        CHECK_CSTR(accepted[i].name, written(&arena, &v), accepted[i].compact);
    }
}

static void test_styles(void)
{
    static const struct {
        const char *name, *text;
        bool is_plain, is_double_quoted;
        enum value_kind resolved;
    } rows[] = {
        {"plain", "[no]", true, false, VALUE_TEXT},
        {"plain number", "[1e3]", true, false, VALUE_NUMBER},
        {"octal is text", "[012]", true, false, VALUE_TEXT},
        {"plain true", "[true]", true, false, VALUE_BOOL},
        {"plain True is text", "[True]", true, false, VALUE_TEXT},
        {"plain null", "[null]", true, false, VALUE_NULL},
        {"tilde is text", "[~]", true, false, VALUE_TEXT},
        {"nothing", "- ", true, false, VALUE_NULL},
        {"single quotes", "['1']", false, false, VALUE_TEXT},
        {"double quotes", "[\"1\"]", false, true, VALUE_TEXT},
        {"an empty quoted text", "[\"\"]", false, true, VALUE_TEXT},
        {"literal", "- |\n  1", false, false, VALUE_TEXT},
        {"folded", "- >\n  1", false, false, VALUE_TEXT},
        {"!!str", "[!!str 1]", false, false, VALUE_TEXT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct diag diag;
        diag_init(&diag, &arena);
        struct value v = {.kind = VALUE_NULL};
        CHECK(rows[i].name, yaml_read(&arena, "s", str_from(rows[i].text), &v, &diag) && v.len == 1);
        if (v.len == 1) {
            CHECK_INT(rows[i].name, v.items[0].kind, VALUE_TEXT);
            CHECK_INT(rows[i].name, v.items[0].is_plain, rows[i].is_plain);
            CHECK_INT(rows[i].name, v.items[0].is_double_quoted, rows[i].is_double_quoted);
            struct value resolved = value_resolve(&arena, &v);
            CHECK_INT(rows[i].name, resolved.items[0].kind, rows[i].resolved);
        }
    }
}

/* Places count as editors do: lines end at LF alone (libyaml would end them at NEL and U+2028, too), columns are characters. */
static void test_places(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag diag;
    diag_init(&diag, &arena);
    struct value v = {.kind = VALUE_NULL};
    struct str text = STR("\xef\xbb\xbf\xc3\xa9: '\xf0\x9f\x98\x80'\r\n"
                          "b: [\"\xe2\x80\xa8 \", {y: z}]\n"
                          "l:\n"
                          "  - \"p\xe2\x80\xa8 q\"\n"
                          "  - |\n"
                          "    text\n"
                          "  -\n"
                          "m: &m {n: o}\n"
                          "r: *m\n");
    CHECK("reads", yaml_read(&arena, "suite.yaml", text, &v, &diag));
    CHECK_INT("keys", v.len, 5);
    if (v.len != 5) {
        return;
    }
    const struct {
        const char *name;
        struct src_pos got;
        uint32_t line, col;
    } rows[] = {
        {"the map", v.pos, 1, 1},
        {"a key", v.keys[0].pos, 1, 1},
        {"a text", v.items[0].pos, 1, 4},
        {"after CRLF", v.keys[1].pos, 2, 1},
        {"a list", v.items[1].pos, 2, 4},
        {"in a list", v.items[1].items[0].pos, 2, 5},
        {"after U+2028", v.items[1].items[1].pos, 2, 11},
        {"its key", v.items[1].items[1].keys[0].pos, 2, 12},
        {"its value", v.items[1].items[1].items[0].pos, 2, 15},
        {"the next line", v.keys[2].pos, 3, 1},
        {"a block list", v.items[2].pos, 4, 3},
        {"its first", v.items[2].items[0].pos, 4, 5},
        {"a block text", v.items[2].items[1].pos, 5, 5},
        {"nothing", v.items[2].items[2].pos, 7, 4},
        {"an anchored map", v.items[3].pos, 8, 4},
        {"an aliased value is shown where it is written", v.items[4].pos, 8, 4},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].name, rows[i].got.line, rows[i].line);
        CHECK_INT(rows[i].name, rows[i].got.col, rows[i].col);
        CHECK_CSTR(rows[i].name, str_from(rows[i].got.file), "suite.yaml");
    }
}

/* ---- what is made to cost much */

static void repeat(struct buf *out, const char *text, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        buf_append_cstr(out, text);
    }
}

static void make_brackets(struct buf *out)
{
    repeat(out, "[", 90000);
}

static void make_braces(struct buf *out)
{
    repeat(out, "{a: ", 90000);
}

static void make_dashes(struct buf *out)
{
    repeat(out, "- ", 90000);
}

static void make_indentation(struct buf *out)
{
    for (unsigned i = 0; i < 3000; i++) {
        buf_append_repeat(out, ' ', i);
        buf_append_cstr(out, "a:\n");
    }
}

static void make_laughs(struct buf *out)
{
    buf_append_cstr(out, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (unsigned level = 1; level < 26; level++) {
        buf_printf(out, "a%u: &a%u [", level, level);
        for (unsigned i = 0; i < 9; i++) {
            buf_printf(out, "%s*a%u", i == 0 ? "" : ", ", level - 1);
        }
        buf_append_cstr(out, "]\n");
    }
}

static void make_tower(struct buf *out)
{
    buf_append_cstr(out, "a0: &a0 x\n");
    for (unsigned level = 1; level <= LIMIT_YAML_DEPTH + 1; level++) {
        buf_printf(out, "a%u: &a%u [*a%u]\n", level, level, level - 1);
    }
}

static void make_aliases(struct buf *out)
{
    buf_append_cstr(out, "a: &a x\nb: [");
    repeat(out, "*a, ", LIMIT_YAML_ALIASES + 1);
    buf_append_cstr(out, "]\n");
}

static void make_long_list(struct buf *out)
{
    buf_append_cstr(out, "[");
    repeat(out, "x,", LIMIT_YAML_NODES);
    buf_append_cstr(out, "]\n");
}

static void make_long_scalar(struct buf *out)
{
    buf_append_cstr(out, "a: \"");
    buf_append_repeat(out, 'x', LIMIT_SCALAR_BYTES + 1);
    buf_append_cstr(out, "\"\n");
}

static void make_big_file(struct buf *out)
{
    buf_append_repeat(out, '\n', LIMIT_SUITE_BYTES + 1);
}

static void make_tag_directives(struct buf *out)
{
    for (unsigned i = 0; i < 100000; i++) {
        buf_printf(out, "%%TAG !a%u! tag:x%u\n", i, i);
    }
}

static void make_many_keys(struct buf *out)
{
    for (unsigned i = 0; i < 50000; i++) {
        buf_printf(out, "key-%u: x\n", i);
    }
    buf_append_cstr(out, "key-7: x\n");
}

enum { HANG_MS = 20000 }; /* for a sanitizer build on a busy machine; what is quadratic takes minutes there */

static void test_bombs(void)
{
    static const struct {
        const char *name;
        void (*make)(struct buf *out);
        enum err_kind kind;
        uint32_t line;
        const char *message;
    } rows[] = {
        {"brackets", make_brackets, ERR_LIMIT, 1, "nested more than 64 deep"},
        {"braces", make_braces, ERR_LIMIT, 1, "nested more than 64 deep"},
        {"dashes", make_dashes, ERR_LIMIT, 1, "nested more than 64 deep"},
        {"indentation", make_indentation, ERR_LIMIT, LIMIT_YAML_DEPTH + 1, "nested more than 64 deep"},
        {"laughs", make_laughs, ERR_LIMIT, 6, "more than 1000000 values, counting what aliases stand for"},
        {"a tower of aliases", make_tower, ERR_LIMIT, LIMIT_YAML_DEPTH + 1, "with this alias"},
        {"aliases", make_aliases, ERR_LIMIT, 2, "more than 1000 aliases"},
        {"a long list", make_long_list, ERR_LIMIT, 1, "more than 1000000 values"},
        {"a long text", make_long_scalar, ERR_LIMIT, 1, "a text over 4 MiB"},
        {"a big file", make_big_file, ERR_LIMIT, 1, "the file is over 16 MiB"},
        {"tag directives", make_tag_directives, ERR_SUITE, 1, "tags are not read"},
        {"many keys", make_many_keys, ERR_SUITE, 50001, "the key 'key-7' is written twice; the first is at 8:1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct buf text CLEANUP(buf_deinit) = BUF(32 << 20);
        rows[i].make(&text);
        struct diag diag;
        diag_init(&diag, &arena);
        struct value v = {.kind = VALUE_NULL};
        clock_t before = clock();
        CHECK(rows[i].name, !yaml_read(&arena, "s", buf_str(&text), &v, &diag));
        CHECK(rows[i].name, (clock() - before) / (CLOCKS_PER_SEC / 1000) < HANG_MS);
        CHECK_INT(rows[i].name, diag.faults.len, 1);
        if (diag.faults.len == 1) {
            CHECK_INT(rows[i].name, diag.faults.items[0].kind, rows[i].kind);
            CHECK_INT(rows[i].name, diag.faults.items[0].pos.line, rows[i].line);
            CHECK_CONTAINS(rows[i].name, text_of_fault(&diag, false), rows[i].message);
        }
    }
}

static bool reads(struct buf *text)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag diag;
    diag_init(&diag, &arena);
    struct value v = {.kind = VALUE_NULL};
    bool ok = yaml_read(&arena, "s", buf_str(text), &v, &diag);
    buf_clear(text);
    return ok;
}

/* Just below the limits. */
static void test_limits(void)
{
    struct buf text CLEANUP(buf_deinit) = BUF(32 << 20);
    repeat(&text, "[", LIMIT_YAML_DEPTH);
    repeat(&text, "]", LIMIT_YAML_DEPTH);
    CHECK("depth", reads(&text));
    buf_append_cstr(&text, "- &a0 x\n");
    for (unsigned level = 1; level < LIMIT_YAML_DEPTH; level++) {
        buf_printf(&text, "- &a%u [*a%u]\n", level, level - 1);
    }
    CHECK("depth by aliases", reads(&text));
    buf_append_cstr(&text, "a: &a x\nb: [");
    repeat(&text, "*a, ", LIMIT_YAML_ALIASES);
    buf_append_cstr(&text, "]\n");
    CHECK("aliases", reads(&text));
    buf_append_cstr(&text, "\"");
    buf_append_repeat(&text, 'x', LIMIT_SCALAR_BYTES);
    buf_append_cstr(&text, "\"");
    CHECK("a long text", reads(&text));
    buf_append_repeat(&text, '\n', LIMIT_SUITE_BYTES);
    CHECK("a big file", reads(&text));
}

/* Damage to a text of every construct: refused with one fault that has a place, or read; the sanitizers watch. */
static void test_damage(void)
{
    static const char good[] =
        "%YAML 1.2\n---\na: &x [1, 'two', \"th\\x72ee\", {f: g}]\nb: *x\n? k\n: |\n  block\n  text\n"
        "c: >-\n  folded\n  text\n- d\n# comment\ne: !!str 5\n'{{x}}': \"{{y}}\"\n...\n";
    static const char bytes[] = "{}[]\"':,-?!&*|>#%@`<= \n\r\t\\ax1\x80\xc2\x85\xef\xbb\xbf";
    struct rng rng;
    rng_seed(&rng, 21);
    for (unsigned round = 0; round < 20000; round++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        size_t len = sizeof(good) - 1 - (size_t)rng_below(&rng, 40);
        char *text = arena_copy(&arena, good, len);
        for (uint64_t n = rng_below(&rng, 4) + 1; n > 0; n--) {
            text[rng_below(&rng, len)] = bytes[rng_below(&rng, sizeof(bytes))];
        }
        struct diag diag;
        diag_init(&diag, &arena);
        struct value v = {.kind = VALUE_NULL};
        bool ok = yaml_read(&arena, "s", (struct str){text, len}, &v, &diag);
        CHECK_INT("a fault or none", diag.faults.len, ok ? 0 : 1);
        CHECK("has a place", ok || (diag.faults.items[0].pos.line > 0 && diag.faults.items[0].pos.col > 0));
        if (ok) {
            struct value copy = value_copy(&arena, &v);
            CHECK("equals its copy", value_eq(&v, &copy));
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_refused}, {"accepted", test_accepted}, {"styles", test_styles}, {"places", test_places},
        {"bombs", test_bombs},     {"limits", test_limits},     {"damage", test_damage},
    };
    return check_run("yaml", tests, ARRAY_LEN(tests));
}
