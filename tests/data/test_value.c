#include "data/value.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/rng.h"
#include "data/json.h"
#include "tests/check.h"

static struct value read_json(struct arena *arena, const char *text)
{
    struct err err = ERR_NULL;
    struct value v = {.kind = VALUE_NULL};
    CHECK(text, json_read(arena, str_from(text), JSON_OURS, (struct src_pos){0}, &v, NULL, &err));
    return v;
}

static void test_eq(void)
{
    static const struct {
        const char *a, *b;
        bool is_equal;
    } rows[] = {
        {"1", "1.0", true},
        {"1", "1e0", true},
        {"1", "10e-1", true},
        {"100", "1E2", true},
        {"0", "-0", true},
        {"0", "-0.0", true},
        {"0", "0e5", true},
        {"0.1", "0.10", true},
        {"0.1", "0.10000000000000001", true}, /* one double */
        {"1", "2", false},
        {"1", "-1", false},
        {"0.1", "0.2", false},
        {"9007199254740993", "9007199254740993", true},
        {"9007199254740993", "9007199254740992", false}, /* one double, two integers */
        {"9007199254740992", "9007199254740993", false},
        {"-9007199254740993", "9007199254740993", false},
        {"123456789012345678901234567890", "123456789012345678901234567890", true},
        {"123456789012345678901234567890", "123456789012345678901234567891", false},
        {"1e20", "100000000000000000000", true},
        {"1e400", "1e400", true},
        {"1e400", "1e401", false},
        {"1e-400", "0", false},
        {"1", "\"1\"", false},
        {"1", "true", false},
        {"0", "false", false},
        {"null", "null", true},
        {"null", "0", false},
        {"null", "\"\"", false},
        {"true", "true", true},
        {"true", "false", false},
        {"\"a\"", "\"\\u0061\"", true},
        {"\"a\"", "\"A\"", false},
        {"\"\xc3\xa9\"", "\"e\\u0301\"", false}, /* no normal forms */
        {"\"\"", "\"\\u0000\"", false},
        {"[]", "[]", true},
        {"[]", "{}", false},
        {"[1,2]", "[1.0,2e0]", true},
        {"[1,2]", "[2,1]", false},
        {"[1,2]", "[1,2,3]", false},
        {"[[1],[2]]", "[[1],[3]]", false},
        {"{}", "{}", true},
        {"{\"a\":1,\"b\":2}", "{\"b\":2.0,\"a\":1}", true},
        {"{\"a\":1,\"b\":2}", "{\"b\":1,\"a\":2}", false},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":null}", "{}", false},
        {"{\"a\":null}", "{\"b\":null}", false},
        {"{\"a\":{\"x\":[1,{\"y\":null}]}}", "{\"a\":{\"x\":[1.0,{\"y\":null}]}}", true},
        {"{\"a\":{\"x\":[1,{\"y\":null}]}}", "{\"a\":{\"x\":[1,{\"y\":false}]}}", false},
        {"{\"a\":1,\"ab\":2,\"\":3}", "{\"\":3,\"ab\":2,\"a\":1}", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct value a = read_json(&arena, rows[i].a);
        struct value b = read_json(&arena, rows[i].b);
        CHECK_INT(rows[i].a, value_eq(&a, &b), rows[i].is_equal);
        CHECK_INT(rows[i].b, value_eq(&b, &a), rows[i].is_equal);
        CHECK("equals itself", value_eq(&a, &a));
    }
}

/* Maps of any size, in two orders, equal until one value changes. */
static void test_eq_big_maps(void)
{
    static const uint32_t sizes[] = {2, 23, 24, 25, 26, 100, 5000};
    for (size_t n = 0; n < ARRAY_LEN(sizes); n++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        uint32_t size = sizes[n];
        struct value up = {.kind = VALUE_MAP, .len = size};
        up.keys = arena_array(&arena, struct value, size);
        up.items = arena_array(&arena, struct value, size);
        struct value down = up;
        down.keys = arena_array(&arena, struct value, size);
        down.items = arena_array(&arena, struct value, size);
        for (uint32_t i = 0; i < size; i++) {
            up.keys[i] = value_of_text(arena_printf(&arena, "key-%u", i));
            up.items[i] = value_of_number(&arena, i);
            down.keys[size - 1 - i] = up.keys[i];
            down.items[size - 1 - i] = up.items[i];
        }
        CHECK("equal", value_eq(&up, &down));
        down.items[size / 2] = value_of_bool(true);
        CHECK("a value differs", !value_eq(&up, &down));
        down.items[size / 2] = up.items[size - 1 - size / 2];
        CHECK("equal again", value_eq(&up, &down));
        down.keys[size / 2] = value_of_text(STR("other"));
        CHECK("a key differs", !value_eq(&up, &down));
    }
}

static void test_get(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct value v = read_json(&arena, "{\"a\":1,\"\":2,\"a\\u0000\":3,\"n\":null}");
    CHECK("a", value_get(&v, STR("a")) == &v.items[0]);
    CHECK("empty", value_get(&v, STR("")) == &v.items[1]);
    CHECK("with NUL", value_get(&v, STR("a\0")) == &v.items[2]);
    CHECK("null is there", value_get(&v, STR("n")) == &v.items[3]);
    CHECK("absent", value_get(&v, STR("b")) == NULL);
    CHECK("no map", value_get(&v.items[0], STR("a")) == NULL);
    CHECK("nothing", value_get(NULL, STR("a")) == NULL);
}

static void test_numbers(void)
{
    static const struct {
        const char *text;
        bool ok;
        double value;
    } rows[] = {
        {"1.5", true, 1.5},  {"-0", true, 0},     {"1e3", true, 1000}, {"1e-999", true, 0},
        {"1e999", false, 0}, {"\"1\"", false, 0}, {"true", false, 0},  {"null", false, 0},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value v = read_json(&arena, rows[i].text);
        double got = 7;
        CHECK_INT(rows[i].text, value_number(&v, &got), rows[i].ok);
        CHECK_DOUBLE(rows[i].text, got, rows[i].ok ? rows[i].value : 7, 0);
    }
    CHECK_CSTR("0.1", value_of_number(&arena, 0.1).text, "0.1");
    CHECK_INT("0.1", value_of_number(&arena, 0.1).kind, VALUE_NUMBER);
    CHECK_INT("NaN is no number", value_of_number(&arena, NAN).kind, VALUE_NULL);
    CHECK_INT("nor is infinity", value_of_number(&arena, -INFINITY).kind, VALUE_NULL);
}

static void test_resolve(void)
{
    static const struct {
        const char *text;
        enum value_kind kind; /* of the plain text */
    } rows[] = {
        {"", VALUE_NULL},       {"null", VALUE_NULL},    {"true", VALUE_BOOL},   {"false", VALUE_BOOL},
        {"0", VALUE_NUMBER},    {"-1", VALUE_NUMBER},    {"1.50", VALUE_NUMBER}, {"1e3", VALUE_NUMBER},
        {"1E+3", VALUE_NUMBER}, {"1e999", VALUE_NUMBER}, {"~", VALUE_TEXT},      {"Null", VALUE_TEXT},
        {"True", VALUE_TEXT},   {"yes", VALUE_TEXT},     {"no", VALUE_TEXT},     {"012", VALUE_TEXT},
        {"0o14", VALUE_TEXT},   {"0x1F", VALUE_TEXT},    {"1_000", VALUE_TEXT},  {"1,000", VALUE_TEXT},
        {"12:30", VALUE_TEXT},  {".5", VALUE_TEXT},      {"5.", VALUE_TEXT},     {"+1", VALUE_TEXT},
        {".inf", VALUE_TEXT},   {".nan", VALUE_TEXT},    {"NaN", VALUE_TEXT},    {"1e", VALUE_TEXT},
        {"1 ", VALUE_TEXT},     {"-", VALUE_TEXT},       {"1%", VALUE_TEXT},     {"2026-11-21", VALUE_TEXT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct value plain = value_of_text(str_from(rows[i].text));
        struct value quoted = plain;
        plain.is_plain = true;
        plain.pos = (struct src_pos){"s", 3, 4};
        struct value inner[2] = {plain, quoted};
        struct value keys[2] = {plain, value_of_text(STR("k"))};
        struct value tree = {.kind = VALUE_MAP, .len = 2, .items = inner, .keys = keys};
        struct value resolved = value_resolve(&arena, &tree);
        CHECK_INT(rows[i].text, resolved.items[0].kind, rows[i].kind);
        CHECK_INT("quoted is text", resolved.items[1].kind, VALUE_TEXT);
        CHECK_INT("a key is text", resolved.keys[0].kind, VALUE_TEXT);
        CHECK_CSTR("quoted keeps its text", resolved.items[1].text, rows[i].text);
        CHECK_INT("the place stays", resolved.items[0].pos.line, 3);
        CHECK("the source stays", inner[0].is_plain && inner[0].kind == VALUE_TEXT);
        if (rows[i].kind == VALUE_TEXT || rows[i].kind == VALUE_NUMBER) {
            CHECK_CSTR("as written", resolved.items[0].text, rows[i].text);
        } else if (rows[i].kind == VALUE_BOOL) {
            CHECK_INT(rows[i].text, resolved.items[0].boolean, strcmp(rows[i].text, "true") == 0);
        }
        struct value again = value_resolve(&arena, &resolved);
        CHECK("once is enough", value_eq(&again, &resolved));
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct value empty = {.kind = VALUE_LIST};
    CHECK_INT("an empty list", value_resolve(&arena, &empty).kind, VALUE_LIST);
}

static void test_copy(void)
{
    struct value copy;
    struct arena kept CLEANUP(arena_deinit) = ARENA_NULL;
    const char *text = "{\"a\":[1,\"x\\ny\",{\"b\":true}],\"c\":null,\"d\":{},\"e\":[],\"f\":\"\"}";
    {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct str source = arena_str(&arena, str_from(text));
        struct err err = ERR_NULL;
        struct value v = {.kind = VALUE_NULL};
        CHECK("reads", json_read(&arena, source, JSON_OURS, (struct src_pos){"f", 5, 1}, &v, NULL, &err));
        copy = value_copy(&kept, &v);
        CHECK("equal", value_eq(&v, &copy));
    } /* the sanitizer sees any share in what is gone */
    struct buf out CLEANUP(buf_deinit) = BUF(1000);
    CHECK("prints", value_append_text(&out, &copy));
    CHECK_CSTR("the same", buf_str(&out), text);
    CHECK_INT("places stay", copy.items[0].items[2].pos.line, 5);
}

static void test_text(void)
{
    static const struct {
        const char *json, *text; /* NULL: none */
    } rows[] = {
        {"\"a \\\"b\\\"\"", "a \"b\""},
        {"\"\"", ""},
        {"1.50", "1.50"},
        {"true", "true"},
        {"false", "false"},
        {"null", NULL},
        {"[1, \"a\", null]", "[1,\"a\",null]"},
        {"{\"a\": {\"b\": \"\\n\"}}", "{\"a\":{\"b\":\"\\n\"}}"},
        {"[]", "[]"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct buf out CLEANUP(buf_deinit) = BUF(1000);
        struct value v = read_json(&arena, rows[i].json);
        buf_append_cstr(&out, ">");
        CHECK_INT(rows[i].json, value_append_text(&out, &v), rows[i].text != NULL);
        CHECK_CSTR(rows[i].json, str_slice(buf_str(&out), 1, out.len), rows[i].text == NULL ? "" : rows[i].text);
    }
}

static void test_names(void)
{
    CHECK_CSTR("null", str_from(value_kind_name(VALUE_NULL)), "null");
    CHECK_CSTR("bool", str_from(value_kind_name(VALUE_BOOL)), "true or false");
    CHECK_CSTR("number", str_from(value_kind_name(VALUE_NUMBER)), "a number");
    CHECK_CSTR("text", str_from(value_kind_name(VALUE_TEXT)), "text");
    CHECK_CSTR("list", str_from(value_kind_name(VALUE_LIST)), "a list");
    CHECK_CSTR("map", str_from(value_kind_name(VALUE_MAP)), "a map");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"eq", test_eq},           {"eq_big_maps", test_eq_big_maps},
        {"get", test_get},         {"numbers", test_numbers},
        {"resolve", test_resolve}, {"copy", test_copy},
        {"text", test_text},       {"names", test_names},
    };
    return check_run("value", tests, ARRAY_LEN(tests));
}
