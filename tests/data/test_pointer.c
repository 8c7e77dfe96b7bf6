#include "data/pointer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "data/value.h"
#include "tests/check.h"

static void test_bad(void)
{
    static const struct {
        const char *name, *text, *message;
    } rows[] = {
        {"no slash", "a", "begins with '/'"},
        {"a path", "a/b", "begins with '/'"},
        {"a fragment", "#/a", "begins with '/'"},
        {"a blank before", " /a", "begins with '/'"},
        {"a lone ~", "/a~", "'~' is written '~0'"},
        {"~2", "/a~2b", "'~' is written '~0'"},
        {"~ before a slash", "/~/a", "'~' is written '~0'"},
        {"~~", "/ok/~~0", "'~' is written '~0'"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct err err = ERR_NULL;
        struct pointer p = {.len = 99};
        CHECK(rows[i].name, !pointer_parse(&arena, str_from(rows[i].text), &p, &err));
        CHECK_INT(rows[i].name, p.len, 99);
        CHECK_INT(rows[i].name, err.kind, ERR_SUITE);
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].message);
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].text);
    }
}

static struct value text_node(const char *text)
{
    return (struct value){.kind = VALUE_TEXT, .text = str_from(text)};
}

/* The document of RFC 6901, section 5, and a few more: every text says which member it is. */
static struct value document(struct arena *arena)
{
    static const char *const names[] = {"foo",  "",  "a/b", "c%d", "e^f", "g|h", "i\\j",
                                        "k\"l", " ", "m~n", "~1",  "0",   "-"};
    struct value root = {.kind = VALUE_MAP, .len = ARRAY_LEN(names)};
    root.keys = arena_array(arena, struct value, root.len);
    root.items = arena_array(arena, struct value, root.len);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        root.keys[i] = text_node(names[i]);
        root.items[i] = text_node(names[i]);
    }
    root.items[0] = (struct value){.kind = VALUE_LIST, .len = 12};
    root.items[0].items = arena_array(arena, struct value, 12);
    for (uint32_t i = 0; i < 12; i++) {
        root.items[0].items[i] = (struct value){.kind = VALUE_TEXT, .text = arena_printf(arena, "[%u]", i)};
    }
    root.items[0].items[2] = (struct value){.kind = VALUE_MAP, .len = 1};
    root.items[0].items[2].keys = arena_copy(arena, &root.keys[2], sizeof(struct value));
    root.items[0].items[2].items = arena_copy(arena, &root.items[3], sizeof(struct value));
    return root;
}

static void test_find(void)
{
    static const struct {
        const char *pointer, *text; /* NULL = absent */
    } rows[] = {
        {"/foo/0", "[0]"},
        {"/foo/11", "[11]"},
        {"/", ""},
        {"/a~1b", "a/b"},
        {"/c%d", "c%d"},
        {"/e^f", "e^f"},
        {"/g|h", "g|h"},
        {"/i\\j", "i\\j"},
        {"/k\"l", "k\"l"},
        {"/ ", " "},
        {"/m~0n", "m~n"},
        {"/~01", "~1"}, /* "~0" first would make "~1" a slash */
        {"/0", "0"},
        {"/-", "-"},
        {"/foo/2/a~1b", "c%d"},
        {"/nothing", NULL},
        {"/fo", NULL},
        {"/foo/12", NULL},
        {"/foo/-", NULL},
        {"/foo/-1", NULL},
        {"/foo/+1", NULL},
        {"/foo/01", NULL},
        {"/foo/00", NULL},
        {"/foo/1 ", NULL},
        {"/foo/1.0", NULL},
        {"/foo/1e0", NULL},
        {"/foo/", NULL},
        {"/foo/x", NULL},
        {"/foo/4294967296", NULL},
        {"/foo/4294967297", NULL},
        {"/foo/18446744073709551617", NULL},
        {"/foo/0/0", NULL},
        {"/foo/0/", NULL},
        {"/foo/2/a~1b/x", NULL},
        {"//", NULL},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct value root = document(&arena);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct err err = ERR_NULL;
        struct pointer p = {0};
        CHECK(rows[i].pointer, pointer_parse(&arena, str_from(rows[i].pointer), &p, &err));
        CHECK_CSTR("as written", p.text, rows[i].pointer);
        const struct value *found = pointer_find(&p, &root);
        CHECK_INT(rows[i].pointer, found != NULL, rows[i].text != NULL);
        if (found != NULL && rows[i].text != NULL) {
            CHECK_CSTR(rows[i].pointer, found->text, rows[i].text);
        }
    }
    struct err err = ERR_NULL;
    struct pointer whole = {.len = 99};
    CHECK("the whole", pointer_parse(&arena, STR_NULL, &whole, &err) && whole.len == 0);
    CHECK("the whole", pointer_find(&whole, &root) == &root);
    struct value null = {.kind = VALUE_NULL};
    CHECK("the whole, be it null", pointer_find(&whole, &null) == &null);
    CHECK("of nothing", pointer_find(&whole, NULL) == NULL);
}

/* Any keys, escaped as RFC 6901 says, come back as they were. */
static void test_round_trip(void)
{
    static const char alphabet[] = {'~', '/', '0', '1', 'a', '\0', '\xc3'};
    struct rng r;
    rng_seed(&r, 11);
    for (int round = 0; round < 2000; round++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct buf text CLEANUP(buf_deinit) = BUF(1000);
        struct str keys[4];
        size_t count = (size_t)rng_below(&r, ARRAY_LEN(keys) + 1);
        for (size_t i = 0; i < count; i++) {
            struct buf key CLEANUP(buf_deinit) = BUF(10);
            buf_append_char(&text, '/');
            for (uint64_t n = rng_below(&r, 6); n > 0; n--) {
                char c = alphabet[rng_below(&r, sizeof(alphabet))];
                buf_append_char(&key, c);
                buf_append(&text, c == '~' ? STR("~0") : c == '/' ? STR("~1") : (struct str){&c, 1});
            }
            keys[i] = arena_str(&arena, buf_str(&key));
        }
        struct err err = ERR_NULL;
        struct pointer p = {0};
        CHECK("parses", pointer_parse(&arena, buf_str(&text), &p, &err));
        CHECK_INT("segments", p.len, count);
        for (size_t i = 0; i < count && p.len == count; i++) {
            CHECK_STR("segment", p.segments[i], keys[i]);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused texts", test_bad},
        {"the document of RFC 6901", test_find},
        {"any keys", test_round_trip},
    };
    return check_run("pointer", tests, ARRAY_LEN(tests));
}
