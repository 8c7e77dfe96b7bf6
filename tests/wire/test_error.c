#include "wire/error.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "tests/check.h"

static void test_words(void)
{
    static const struct {
        const char *name, *body, *words;
    } rows[] = {
        {"as documented",
         "{\"type\":\"UnauthorizedError\",\"message\":\"The request is unauthorized\",\"detail\":\"The API key is "
         "invalid\"}",
         "The request is unauthorized: The API key is invalid"},
        {"the default says it twice",
         "{\"type\":\"BadRequestError\",\"message\":\"The request is invalid\",\"detail\":\"The request is invalid\"}",
         "The request is invalid"},
        {"detail alone", "{\"detail\": \"Not authenticated\"}", "Not authenticated"},
        {"no detail", "{\"type\":\"NotFoundError\",\"message\":\"gone\",\"detail\":null}", "gone"},
        {"type alone", "{\"type\":\"RateLimitError\"}", "RateLimitError"},
        {"one finding", "{\"message\":\"m\",\"detail\":{\"input\":3,\"loc\":[\"body\",\"name\"],\"msg\":\"bad\"}}",
         "m: body.name: bad"},
        {"findings",
         "{\"detail\":[{\"loc\":[\"body\",\"examples\",0],\"msg\":\"Field required\",\"type\":\"missing\"},"
         "{\"loc\":[],\"msg\":\"too long\"},\"and a text\",{\"other\":1}]}",
         "body.examples.0: Field required; too long; and a text; {\"other\":1}"},
        {"a list at the top", "[{\"loc\":[\"query\",\"limit\"],\"msg\":\"too large\"}]", "query.limit: too large"},
        {"detail of another kind", "{\"message\":\"m\",\"detail\":{\"a\":[1,true]}}", "m: {\"a\":[1,true]}"},
        {"an error as text", "{\"error\":\"model overloaded\"}", "model overloaded"},
        {"an error as map", "{\"error\":{\"code\":7,\"message\":\"quota\"}}", "quota"},
        {"an error without message", "{\"error\":{\"code\":7}}", "{\"code\":7}"},
        {"neither", "{\"code\":7}", "{\"code\":7}"},
        {"an empty map", "{}", "{}"},
        {"an empty list", "[]", "'[]'"},
        {"a text", "\"sorry\"", "sorry"},
        {"a number", "503", "503"},
        {"null", "null", "null"},
        {"escapes", "{\"detail\":\"a\\u001b[31m\\nb\\u202ec\"}", "a\\x1b[31m\\nb\\u202ec"},
        {"a page", "\n<html><head><title>\n 502 Bad Gateway </title></head><body>x</body>", "a page '502 Bad Gateway'"},
        {"a page without title", "<html>no</html>", "'<html>no</html>'"},
        {"a title that has no end", "<html><title>x", "'<html><title>x'"},
        {"plain words", "upstream connect error\r\n", "'upstream connect error\\x0d\\n'"},
        {"cut JSON", "{\"detail\": \"x", "'{\"detail\": \"x'"},
        {"bytes", "\xff\xfe", "'\\xff\\xfe'"},
        {"nothing", "", "no words with it"},
        {"blanks", " \r\n", "no words with it"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        CHECK_CSTR(rows[i].name, wire_error_words(&arena, str_from(rows[i].body)), rows[i].words);
    }
}

static void check_bounded(const char *name, struct str body)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str words = wire_error_words(&arena, body);
    CHECK(name, words.len > 0 && words.len <= WIRE_ERROR_BYTES);
    CHECK(name, utf8_is_valid(words, NULL));
    CHECK(name, !str_has_control(words));
}

static void test_long(void)
{
    struct buf body CLEANUP(buf_deinit) = BUF(1 << 20);
    buf_append_cstr(&body, "{\"message\":\"");
    buf_append_repeat(&body, 'x', 100000);
    buf_append_cstr(&body, "\",\"detail\":\"y\"}");
    check_bounded("a long message", buf_str(&body));

    buf_clear(&body);
    buf_append_cstr(&body, "{\"detail\":\"");
    for (int i = 0; i < 3000; i++) {
        buf_append_cstr(&body, i % 2 == 0 ? "\xe2\x82\xac" : "\\u0007");
    }
    buf_append_cstr(&body, "\"}");
    check_bounded("characters of three bytes and controls", buf_str(&body));

    buf_clear(&body);
    buf_append_cstr(&body, "{\"detail\":[");
    for (int i = 0; i < 50; i++) {
        buf_append_cstr(&body, i > 0 ? ",{\"msg\":\"m\"}" : "{\"msg\":\"m\"}");
    }
    buf_append_cstr(&body, "]}");
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    CHECK_CONTAINS("many findings", wire_error_words(&arena, buf_str(&body)), "; and 30 more");

    buf_clear(&body);
    buf_append_repeat(&body, '[', 500);
    check_bounded("too deep", buf_str(&body));
}

static void test_start(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    CHECK_CSTR("empty", wire_body_start(&arena, STR("")), "(empty)");
    CHECK_CSTR("short", wire_body_start(&arena, STR("a\tb")), "'a\\tb'");
    struct buf body CLEANUP(buf_deinit) = BUF(1 << 10);
    buf_append_repeat(&body, 'x', WIRE_START_BYTES - 1);
    buf_append_cstr(&body, "\xc3\xa9");
    struct str start = wire_body_start(&arena, buf_str(&body));
    CHECK("cut at a character", str_ends(start, STR("x...'")));
    CHECK_INT("and no longer", start.len, WIRE_START_BYTES - 1 + 5);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"words", test_words},
        {"long bodies", test_long},
        {"the start of a body", test_start},
    };
    return check_run("error", tests, ARRAY_LEN(tests));
}
