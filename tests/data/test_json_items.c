#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"
#include "data/json.h"
#include "data/json_items.h"
#include "data/value.h"
#include "tests/check.h"

/* A pipe that holds `text`, or a file for what is too long. */
static FILE *file_of(struct str text)
{
    FILE *file = tmpfile();
    CHECK("file", file != NULL && fwrite(text.ptr, 1, text.len, file) == text.len && fflush(file) == 0);
    rewind(file);
    return file;
}

/* The items, each in brackets; "!" and the error's words at a fault. */
static struct str read_all(struct arena *arena, struct str text, size_t max)
{
    struct buf out CLEANUP(buf_deinit) = BUF(64 << 20);
    struct err err = ERR_NULL;
    FILE *file = file_of(text);
    struct json_items items CLEANUP(json_items_deinit);
    json_items_init(&items, fileno(file), "spans", max);
    struct str item;
    bool has = true;
    while (has) {
        if (!json_items_next(&items, &has, &item, &err)) {
            buf_printf(&out, "!%s", err.text);
            break;
        }
        if (has) {
            buf_printf(&out, "(%.*s)", STR_ARG(item));
        }
    }
    (void)fclose(file);
    return arena_str(arena, buf_str(&out));
}

static void test_documents(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        {"three", "{\"spans\":[1,\"a\",{\"b\":[2,3]}]}", "(1)(\"a\")({\"b\":[2,3]})"},
        {"none", "{\"spans\":[]}", ""},
        {"blanks", " { \"spans\" : [ 1 , 2 ] } \n", "(1)(2)"},
        {"other keys before and behind", "{\"a\":{\"spans\":[9]},\"spans\":[1],\"b\":[[],\"]\"],\"c\":null}", "(1)"},
        {"brackets and quotes in texts", "{\"spans\":[\"]},{\\\"\",\"\\\\\"]}", "(\"]},{\\\"\")(\"\\\\\")"},
        {"a key with an escape is another", "{\"span\\u0073\":[1],\"spans\":[2]}", "(2)"},
        {"the second list of that name is passed over", "{\"spans\":[1],\"spans\":[2]}", "(1)"},
        {"no list", "{\"a\":1}", "!there is no list 'spans' in it"},
        {"null is no list", "{\"spans\":null}", "!there is no list 'spans' in it"},
        {"empty", "", "!not JSON at byte 0: it ends too early"},
        {"no map", "[1]", "!not JSON at byte 0: '{' is wanted"},
        {"cut in an item", "{\"spans\":[1,{\"a\":", "(1)!not JSON at byte 17: it ends too early"},
        {"cut in a text", "{\"spans\":[\"abc", "!not JSON at byte 14: it ends too early"},
        {"cut behind an item", "{\"spans\":[1", "!not JSON at byte 11: it ends too early"},
        {"cut behind the list", "{\"spans\":[1]", "(1)!not JSON at byte 12: it ends too early"},
        {"cut in what follows", "{\"spans\":[1],\"a\":[", "(1)!not JSON at byte 18: it ends too early"},
        {"text behind the end", "{\"spans\":[1]}x", "(1)!not JSON at byte 13: something stands behind its end"},
        {"a comma too many", "{\"spans\":[1,]}", "(1)!not JSON at byte 12: a value is missing"},
        {"a comma too few", "{\"spans\":[{}{}]}", "({}{})"}, /* an item's own fault: its reader sees it */
        {"a colon too few", "{\"spans\"[1]}", "!not JSON at byte 8: ':' is wanted"},
        {"a key that is none", "{1:2}", "!not JSON at byte 1: '\"' is wanted"},
        {"too long", "{\"spans\":[1,\"0123456789012345678901234567890123456789\"]}",
         "(1)!an item of more than 32 bytes"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        CHECK_CSTR(rows[i].name, read_all(&arena, str_from(rows[i].text), 32), rows[i].want);
    }
}

/* Items on the borders of chunks, and a long document whose items are counted: memory is that of one. */
static void test_long(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf text CLEANUP(buf_deinit) = BUF(64 << 20);
    enum { COUNT = 30000 };
    buf_append_cstr(&text, "{\"id\":\"x\",\"spans\":[");
    for (int i = 0; i < COUNT; i++) {
        buf_printf(
            &text, "%s{\"n\":%d,\"text\":\"%.*s\\\"]}\"}", i == 0 ? "" : ",\n ", i, i % 97,
            "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    }
    buf_append_cstr(&text, "],\"end\":true}");
    struct err err = ERR_NULL;
    FILE *file = file_of(buf_str(&text));
    struct json_items items CLEANUP(json_items_deinit);
    json_items_init(&items, fileno(file), "spans", 4096);
    for (int i = 0; i < COUNT; i++) {
        struct str item;
        struct value v;
        double n = -1;
        bool has = false;
        bool ok = json_items_next(&items, &has, &item, &err) && has &&
                  json_read(&arena, item, JSON_OURS, (struct src_pos){0}, &v, NULL, &err) &&
                  value_number(value_get(&v, STR("n")), &n) && n == (double)i;
        arena_reset(&arena);
        if (!ok) {
            CHECK(err.text, ok);
            break;
        }
    }
    struct str item;
    bool has = true;
    CHECK("end", json_items_next(&items, &has, &item, &err) && !has);
    CHECK("one item at a time", items.item.cap < 1 << 16);
    (void)fclose(file);
}

/* Cut anywhere, it is an error, never an end. */
static void test_every_cut(void)
{
    static const char whole[] =
        "{\"id\":\"a\\\"b\",\"spans\":[{\"a\":[1,{\"b\":\"]\"}]},\"\\\\\",3],\"meta\":{\"x\":[null]}}";
    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct str got = read_all(&arena, (struct str){whole, len}, 4096);
        CHECK(arena_printf(&arena, "cut at %zu", len).ptr, str_find(got, STR("!"), NULL));
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"documents", test_documents}, {"long", test_long}, {"every cut", test_every_cut}};
    return check_run("json items", tests, ARRAY_LEN(tests));
}
