#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/rng.h"
#include "data/json.h"
#include "data/value.h"
#include "tests/check.h"

static bool read_ours(struct arena *arena, struct str text, struct value *ret)
{
    struct err err = ERR_NULL;
    bool ok = json_read(arena, text, JSON_OURS, (struct src_pos){0}, ret, NULL, &err);
    CHECK_CSTR("reads", str_from(err.text), "");
    return ok;
}

static void test_quoted(void)
{
    static const struct {
        const char *name;
        const char *text;
        size_t len;
        const char *want;
    } rows[] = {
        {"empty", "", 0, "\"\""},
        {"plain", "abc", 3, "\"abc\""},
        {"escapes", "\"\\\b\f\n\r\t/", 8, "\"\\\"\\\\\\b\\f\\n\\r\\t/\""},
        {"control", "\x01\x1f\x7f", 3, "\"\\u0001\\u001f\x7f\""},
        {"NUL", "a\0b", 3, "\"a\\u0000b\""},
        {"UTF-8", "\xc3\xa9\xf0\x9f\x98\x80", 6, "\"\xc3\xa9\xf0\x9f\x98\x80\""},
        {"invalid", "a\x80\xff z", 5, "\"a\xef\xbf\xbd\xef\xbf\xbd z\""},
        {"invalid and escapes", "\"\xc3\n", 3, "\"\\\"\xef\xbf\xbd\\n\""},
        {"encoded surrogate", "\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(1000);
        json_append_quoted(&out, (struct str){rows[i].text, rows[i].len});
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].want);
    }
}

static void test_writer(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1000);
    struct json_writer w;
    json_writer_init(&w, &out);
    json_open_map(&w);
    json_key(&w, "a");
    json_open_list(&w);
    json_int(&w, INT64_MIN);
    json_number(&w, 0.1);
    json_number(&w, NAN);
    json_number(&w, INFINITY);
    json_number(&w, -0.0);
    json_bool(&w, true);
    json_bool(&w, false);
    json_null(&w);
    json_open_list(&w);
    json_close_list(&w);
    json_open_map(&w);
    json_close_map(&w);
    json_raw(&w, STR("[1,2]"));
    json_close_list(&w);
    json_key_str(&w, STR("k\"\0"));
    json_text(&w, STR("x"));
    json_key(&w, "");
    json_open_map(&w);
    json_key(&w, "y");
    json_int(&w, 0);
    json_close_map(&w);
    json_close_map(&w);
    CHECK_CSTR("all", buf_str(&out),
               "{\"a\":[-9223372036854775808,0.1,null,null,0,true,false,null,[],{},[1,2]],\"k\\\"\\u0000\":\"x\","
               "\"\":{\"y\":0}}");

    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct value v = {.kind = VALUE_NULL};
    CHECK("strict JSON", read_ours(&arena, buf_str(&out), &v));

    buf_clear(&out);
    json_writer_init(&w, &out);
    json_text(&w, STR("alone"));
    CHECK_CSTR("a value alone", buf_str(&out), "\"alone\"");
}

/* A tree of the full depth fits into a document of ours: json_value asks nothing of the writer's levels. */
static void test_deep(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf text CLEANUP(buf_deinit) = BUF(10000);
    buf_append_repeat(&text, '[', LIMIT_JSON_DEPTH);
    buf_append_repeat(&text, ']', LIMIT_JSON_DEPTH);
    struct value v = {.kind = VALUE_NULL};
    CHECK("reads", read_ours(&arena, buf_str(&text), &v));
    struct buf out CLEANUP(buf_deinit) = BUF(10000);
    struct json_writer w;
    json_writer_init(&w, &out);
    for (unsigned i = 0; i < 10; i++) {
        json_open_map(&w);
        json_key(&w, "a");
    }
    json_value(&w, &v);
    for (unsigned i = 0; i < 10; i++) {
        json_close_map(&w);
    }
    CHECK_INT("written whole", out.len, 10 * 6 + 2 * LIMIT_JSON_DEPTH);
}

static void test_overflow(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(8);
    struct json_writer w;
    json_writer_init(&w, &out);
    json_open_list(&w);
    json_text(&w, STR("too long for it"));
    json_close_list(&w);
    CHECK("is told", out.overflow);
}

static void test_canonical(void)
{
    static const struct {
        const char *a, *b; /* two texts of one canonical form */
        const char *want;
    } rows[] = {
        {"{\"b\":1,\"a\":2}", " { \"a\" : 2 , \"b\" : 1 } ", "{\"a\":2,\"b\":1}"},
        {"{\"a\":{\"d\":[],\"c\":{}}}", "{\"a\":{\"c\":{},\"d\":[]}}", "{\"a\":{\"c\":{},\"d\":[]}}"},
        {"[3,1,2]", "[3, 1, 2]", "[3,1,2]"},
        {"{\"ab\":1,\"a\":2,\"\":3,\"B\":4}", "{\"B\":4,\"\":3,\"a\":2,\"ab\":1}", "{\"\":3,\"B\":4,\"a\":2,\"ab\":1}"},
        {"{\"\xc3\xa9\":1,\"z\":2}", "{\"z\":2,\"\\u00e9\":1}", "{\"z\":2,\"\xc3\xa9\":1}"},
        {"\"a\\/\\u0041\"", "\"a/A\"", "\"a/A\""},
        {"[1.50,1e3,-0]", "[1.50,1e3,-0]", "[1.50,1e3,-0]"}, /* numbers as written */
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct buf a CLEANUP(buf_deinit) = BUF(1000);
        struct buf b CLEANUP(buf_deinit) = BUF(1000);
        struct value v = {.kind = VALUE_NULL};
        CHECK(rows[i].a, read_ours(&arena, str_from(rows[i].a), &v));
        json_canonical(&a, &v);
        CHECK(rows[i].b, read_ours(&arena, str_from(rows[i].b), &v));
        json_canonical(&b, &v);
        CHECK_CSTR(rows[i].a, buf_str(&a), rows[i].want);
        CHECK_CSTR(rows[i].b, buf_str(&b), rows[i].want);
    }
}

static void test_bytes(void)
{
    static const struct {
        const char *name;
        const char *bytes;
        size_t len;
        const char *json;
    } rows[] = {
        {"text", "caf\xc3\xa9\n", 6, "\"caf\xc3\xa9\\n\""},
        {"empty", "", 0, "\"\""},
        {"NUL is text", "\0", 1, "\"\\u0000\""},
        {"one byte", "\xff", 1, "{\"base64\":\"/w==\"}"},
        {"two bytes", "\xff\xfe", 2, "{\"base64\":\"//4=\"}"},
        {"three bytes", "\xff\xfe\x00", 3, "{\"base64\":\"//4A\"}"},
        {"four bytes", "a\x80z\x00", 4, "{\"base64\":\"YYB6AA==\"}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct buf out CLEANUP(buf_deinit) = BUF(1000);
        struct json_writer w;
        json_writer_init(&w, &out);
        json_bytes(&w, (struct str){rows[i].bytes, rows[i].len});
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].json);
        struct value v = {.kind = VALUE_NULL};
        struct str back = STR_NULL;
        CHECK(rows[i].name, read_ours(&arena, buf_str(&out), &v) && json_read_bytes(&arena, &v, &back));
        CHECK_STR(rows[i].name, back, ((struct str){rows[i].bytes, rows[i].len}));
    }
    static const char *const wrong[] = {
        "1",
        "null",
        "[]",
        "{}",
        "{\"base64\":1}",
        "{\"base64\":\"/w==\",\"x\":1}",
        "{\"base65\":\"/w==\"}",
        "{\"base64\":\"/w=\"}",
        "{\"base64\":\"/w\"}",
        "{\"base64\":\"=\"}",
        "{\"base64\":\"====\"}",
        "{\"base64\":\"/===\"}",
        "{\"base64\":\"/w==/w==\"}",
        "{\"base64\":\"/x==\"}", /* bits below the padding */
        "{\"base64\":\"//5=\"}",
        "{\"base64\":\"_w==\"}",
        "{\"base64\":\"/ w==\"}",
        "{\"base64\":\"/w\\u0000=\"}",
    };
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct value v = {.kind = VALUE_NULL};
        struct str back = STR("untouched");
        CHECK(wrong[i], read_ours(&arena, str_from(wrong[i]), &v) && !json_read_bytes(&arena, &v, &back));
        CHECK_CSTR(wrong[i], back, "untouched");
    }
}

/* ---- random trees: what is written reads back as the same tree, in any order of keys the canonical form is the same */

static struct str random_text(struct rng *r, struct arena *arena)
{
    static const char *const pieces[] = {"a", "\"", "\\", "/", "\n", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80",
                                         " ", "{",  "]"};
    struct buf out CLEANUP(buf_deinit) = BUF(1000);
    for (uint64_t n = rng_below(r, 12); n > 0; n--) {
        buf_append_cstr(&out, pieces[rng_below(r, ARRAY_LEN(pieces))]);
    }
    return arena_str(arena, buf_str(&out));
}

static struct value random_value(struct rng *r, struct arena *arena, unsigned depth)
{
    struct value v = {.kind = (enum value_kind)rng_below(r, depth == 0 ? VALUE_LIST : VALUE_MAP + 1)};
    if (v.kind == VALUE_BOOL) {
        v.boolean = rng_below(r, 2) == 0;
    } else if (v.kind == VALUE_NUMBER) {
        v = value_of_number(arena, (rng_unit(r) - 0.5) * pow(10, (double)rng_below(r, 40) - 20));
    } else if (v.kind == VALUE_TEXT) {
        v.text = random_text(r, arena);
    } else if (v.kind != VALUE_NULL) {
        v.len = (uint32_t)rng_below(r, v.kind == VALUE_MAP && rng_below(r, 10) == 0 ? 60 : 5);
        v.items = arena_array(arena, struct value, v.len);
        v.keys = v.kind == VALUE_MAP ? arena_array(arena, struct value, v.len) : NULL;
    }
    for (uint32_t i = 0; i < v.len; i++) {
        v.items[i] = random_value(r, arena, depth - 1);
        if (v.kind == VALUE_MAP) {
            struct str text = random_text(r, arena);
            v.keys[i] = value_of_text(arena_printf(arena, "%.*s%u", STR_ARG(text), i));
        }
    }
    return v;
}

static void shuffle_keys(struct rng *r, struct value *v)
{
    for (uint32_t i = 0; i < v->len; i++) {
        uint32_t other = (uint32_t)rng_below(r, v->len);
        if (v->kind == VALUE_MAP) {
            struct value key = v->keys[i];
            struct value item = v->items[i];
            v->keys[i] = v->keys[other];
            v->items[i] = v->items[other];
            v->keys[other] = key;
            v->items[other] = item;
        }
    }
    for (uint32_t i = 0; i < v->len; i++) {
        shuffle_keys(r, &v->items[i]);
    }
}

static void test_round_trip(void)
{
    struct rng rng;
    rng_seed(&rng, 22);
    for (unsigned round = 0; round < 1000; round++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct value v = random_value(&rng, &arena, 5);
        struct buf text CLEANUP(buf_deinit) = BUF(10 << 20);
        struct buf canonical CLEANUP(buf_deinit) = BUF(10 << 20);
        struct buf again CLEANUP(buf_deinit) = BUF(10 << 20);
        struct json_writer w;
        json_writer_init(&w, &text);
        json_value(&w, &v);
        json_canonical(&canonical, &v);

        struct value back = {.kind = VALUE_NULL};
        CHECK("reads back", read_ours(&arena, buf_str(&text), &back));
        CHECK("is the same", value_eq(&v, &back));
        json_writer_init(&w, &again);
        json_value(&w, &back);
        CHECK_STR("writes the same", buf_str(&again), buf_str(&text));

        struct value shuffled = value_copy(&arena, &back);
        shuffle_keys(&rng, &shuffled);
        CHECK("order is no difference", value_eq(&v, &shuffled));
        buf_clear(&again);
        json_canonical(&again, &shuffled);
        CHECK_STR("one canonical form", buf_str(&again), buf_str(&canonical));
        CHECK("which is JSON", read_ours(&arena, buf_str(&canonical), &back) && value_eq(&v, &back));
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"quoted", test_quoted},         {"writer", test_writer},       {"deep", test_deep},
        {"overflow", test_overflow},     {"canonical", test_canonical}, {"bytes", test_bytes},
        {"round trip", test_round_trip},
    };
    return check_run("json_write", tests, ARRAY_LEN(tests));
}
