#include "base/arena.h"
#include "base/buf.h"
#include "tests/check.h"
#include "wire/path.h"

static void test_refused(void)
{
    static const char *const rows[] = {
        "",
        "/",
        "//",
        "spans",
        "/spans2",
        "/Spans",
        "/spans//",
        "/spans//metrics",
        "/spans/a/b",
        "/spans/a/metrics/b/c",
        "/traces/a/spans",
        "/call/x",
        "/spans/%",
        "/spans/%4",
        "/spans/%zz",
        "/spans/a%2",
        "/functions/a/calls",
        "/functions/by-name/%",
        "/spans?x=1",
        "/../spans",
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wire_match match;
        CHECK(rows[i], !wire_path_match(&arena, str_from(rows[i]), &match));
    }
}

static void test_both_ways(void)
{
    static const struct {
        const char *path;
        enum wire_route route;
        const char *first, *second;
    } rows[] = {
        {"/spans", WIRE_SPANS, NULL, NULL},
        {"/spans/6b7f", WIRE_SPAN, "6b7f", NULL},
        {"/spans/6b7f/metrics", WIRE_SPAN_METRICS, "6b7f", NULL},
        {"/spans/6b7f/metrics/1", WIRE_SPAN_METRIC, "6b7f", "1"},
        {"/spans/6b7f/feedback", WIRE_SPAN_FEEDBACK, "6b7f", NULL},
        {"/spans/6b7f/save_examples", WIRE_SPAN_SAVE_EXAMPLES, "6b7f", NULL},
        {"/traces", WIRE_TRACES, NULL, NULL},
        {"/traces/x", WIRE_TRACE, "x", NULL},
        {"/call", WIRE_CALL, NULL, NULL},
        {"/call/stream", WIRE_CALL_STREAM, NULL, NULL},
        {"/functions", WIRE_FUNCTIONS, NULL, NULL},
        {"/functions/f", WIRE_FUNCTION, "f", NULL},
        {"/functions/f/call", WIRE_FUNCTION_CALL, "f", NULL},
        {"/functions/f/call/r", WIRE_FUNCTION_CALL_REVISION, "f", "r"},
        {"/functions/f/call/stream", WIRE_FUNCTION_STREAM, "f", NULL},
        {"/functions/f/call/stream/r", WIRE_FUNCTION_STREAM_REVISION, "f", "r"},
        {"/functions/f/revisions", WIRE_FUNCTION_REVISIONS, "f", NULL},
        {"/functions/f/revisions/r", WIRE_FUNCTION_REVISION, "f", "r"},
        {"/spans/a%2Fb%20c%25%C3%A9", WIRE_SPAN, "a/b c%\xc3\xa9", NULL},
        {"/spans/a.b-c_d~", WIRE_SPAN, "a.b-c_d~", NULL},
        {"/functions/by-name/a%2Fb", WIRE_FUNCTION_BY_NAME, "a/b", NULL},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wire_match match = {0};
        CHECK(rows[i].path, wire_path_match(&arena, str_from(rows[i].path), &match));
        CHECK_INT(rows[i].path, match.route, rows[i].route);
        CHECK_STR(rows[i].path, match.ids[0], str_from(rows[i].first));
        CHECK_STR(rows[i].path, match.ids[1], str_from(rows[i].second));
        struct buf path CLEANUP(buf_deinit) = BUF(1000);
        if (rows[i].route != WIRE_FUNCTION_BY_NAME) {
            wire_path_write(&path, rows[i].route, match.ids[0], match.ids[1]);
            CHECK_CSTR(rows[i].path, buf_str(&path), rows[i].path);
        }
    }
}

static void test_forms(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct wire_match match = {0};
    CHECK("a slash at the end", wire_path_match(&arena, STR("/spans/a/"), &match) && match.route == WIRE_SPAN);
    CHECK("lower-case escape", wire_path_match(&arena, STR("/spans/a%2fb"), &match));
    CHECK_CSTR("lower-case escape", match.ids[0], "a/b");
    CHECK("+ is no blank in a path", wire_path_match(&arena, STR("/spans/a+b"), &match));
    CHECK_CSTR("+ is no blank in a path", match.ids[0], "a+b");
    CHECK("raw slash in a name", wire_path_match(&arena, STR("/functions/by-name/a/b"), &match));
    CHECK_INT("raw slash in a name", match.route, WIRE_FUNCTION_BY_NAME);
    CHECK_CSTR("raw slash in a name", match.ids[0], "a/b");
    struct buf path CLEANUP(buf_deinit) = BUF(1000);
    wire_path_write(&path, WIRE_FUNCTION_BY_NAME, STR("a/b c"), STR_NULL);
    CHECK_CSTR("by name", buf_str(&path), "/functions/by-name/a%2Fb%20c");
}

static void test_query(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf path CLEANUP(buf_deinit) = BUF(1000);
    wire_path_write(&path, WIRE_TRACES, STR_NULL, STR_NULL);
    wire_query_add_int(&path, "limit", 100);
    wire_query_add(&path, "name", STR("a&b=c d+e?\xc3\xa9"));
    wire_query_add_int(&path, "offset", 18446744073709551615u);
    CHECK_CSTR("built", buf_str(&path),
               "/traces?limit=100&name=a%26b%3Dc%20d%2Be%3F%C3%A9&offset=18446744073709551615");
    struct str query = str_slice(buf_str(&path), sizeof("/traces?") - 1, path.len);
    struct str value;
    CHECK("name", wire_query_get(&arena, query, "name", &value));
    CHECK_CSTR("name", value, "a&b=c d+e?\xc3\xa9");
    CHECK("not there", wire_query_get(&arena, query, "nam", &value) && value.ptr == NULL);

    static const struct {
        const char *query;
        bool ok;
        const char *want; /* NULL = none */
    } rows[] = {
        {"", true, NULL},           {"&&", true, NULL},         {"a", true, ""},
        {"a=", true, ""},           {"a==b", true, "=b"},       {"b=1&a=2&a=3", true, "2"},
        {"a=x+y%2B", true, "x y+"}, {"%61=1", true, "1"},       {"a=%", false, NULL},
        {"a=%g0", false, NULL},     {"%zz=1&a=1", false, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str got = STR_NULL;
        CHECK_INT(rows[i].query, wire_query_get(&arena, str_from(rows[i].query), "a", &got), rows[i].ok);
        if (rows[i].ok) {
            CHECK_INT(rows[i].query, got.ptr == NULL, rows[i].want == NULL);
            CHECK_STR(rows[i].query, got, str_from(rows[i].want));
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_refused},
        {"both ways", test_both_ways},
        {"forms", test_forms},
        {"query", test_query},
    };
    return check_run("wire/path", tests, ARRAY_LEN(tests));
}
