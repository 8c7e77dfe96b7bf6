#include "base/str.h"

#include <stdio.h>

#include "base/rng.h"
#include "tests/check.h"

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

static void test_compare(void)
{
    static const struct {
        const char *name;
        struct str a, b;
        int order;
    } rows[] = {
        {"no text is empty text", {NULL, 0}, {"", 0}, 0}, {"equal", {"ab", 2}, {"ab", 2}, 0},
        {"by bytes", {"ab", 2}, {"ac", 2}, -1},           {"a prefix is less", {"ab", 2}, {"abc", 3}, -1},
        {"empty is less", {NULL, 0}, {"a", 1}, -1},       {"bytes before length", {"b", 1}, {"aaa", 3}, 1},
        {"bytes have no sign", {"\xff", 1}, {"a", 1}, 1}, {"NUL counts", {"a\0b", 3}, {"a\0c", 3}, -1},
        {"NUL is no end", {"a\0", 2}, {"a", 1}, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].name, sign(str_cmp(rows[i].a, rows[i].b)), rows[i].order);
        CHECK_INT(rows[i].name, sign(str_cmp(rows[i].b, rows[i].a)), -rows[i].order);
        CHECK_INT(rows[i].name, str_eq(rows[i].a, rows[i].b), rows[i].order == 0);
        CHECK("equal texts hash alike", rows[i].order != 0 || str_hash(rows[i].a) == str_hash(rows[i].b));
    }
    CHECK("from NULL", str_from(NULL).ptr == NULL && str_from(NULL).len == 0);
    CHECK("with C text", str_eq_cstr(STR("ab"), "ab") && !str_eq_cstr(STR("ab\0"), "ab"));
    CHECK("no text", str_same(STR_NULL, STR_NULL) && !str_same(STR_NULL, STR("")) && !str_same(STR(""), STR_NULL));
    CHECK("texts", str_same(STR("ab"), STR("ab")) && !str_same(STR("ab"), STR("a")) && str_same(STR(""), STR("")));
}

static void test_parts(void)
{
    struct str s = STR("hello");
    CHECK_CSTR("middle", str_slice(s, 1, 3), "el");
    CHECK_CSTR("clamped", str_slice(s, 3, 99), "lo");
    CHECK_CSTR("from after to", str_slice(s, 3, 2), "");
    CHECK_CSTR("from after the end", str_slice(s, 99, 100), "");
    CHECK_CSTR("of nothing", str_slice(STR_NULL, 0, 5), "");
    CHECK("starts", str_starts(s, STR("he")) && str_starts(s, STR_NULL) && str_starts(STR_NULL, STR("")));
    CHECK("does not start", !str_starts(s, STR("hellos")) && !str_starts(s, STR("e")));
    CHECK("ends", str_ends(s, STR("lo")) && str_ends(s, STR_NULL) && str_ends(STR_NULL, STR_NULL));
    CHECK("does not end", !str_ends(s, STR("ohello")) && !str_ends(s, STR("l")));
    CHECK_CSTR("trim", str_trim(STR(" \t\r\n\f\va b \n")), "a b");
    CHECK_CSTR("trim all", str_trim(STR(" \n ")), "");
    CHECK_CSTR("trim nothing", str_trim(STR_NULL), "");
    CHECK_STR("NUL is no blank", str_trim(STR(" \0 ")), STR("\0"));
}

static void test_find(void)
{
    static const struct {
        const char *name;
        struct str s, part;
        bool is_there;
        size_t at;
    } rows[] = {
        {"in nothing", {NULL, 0}, {"a", 1}, false, 99},
        {"longer than the text", {"ab", 2}, {"abc", 3}, false, 99},
        {"not there", {"abab", 4}, {"aa", 2}, false, 99},
        {"nothing in nothing", {NULL, 0}, {NULL, 0}, true, 0},
        {"nothing in something", {"ab", 2}, {"", 0}, true, 0},
        {"the first of two", {"xabab", 5}, {"ab", 2}, true, 1},
        {"at the end", {"xxab", 4}, {"ab", 2}, true, 2},
        {"over a NUL", {"a\0bc", 4}, {"\0b", 2}, true, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t at = 99;
        CHECK_INT(rows[i].name, str_find(rows[i].s, rows[i].part, &at), rows[i].is_there);
        CHECK_INT(rows[i].name, at, rows[i].at);
        CHECK_INT(rows[i].name, str_find(rows[i].s, rows[i].part, NULL), rows[i].is_there);
    }
    size_t at = 99;
    CHECK("a character", str_find_char(STR("abcb"), 'b', &at) && at == 1);
    at = 99;
    CHECK("no character", !str_find_char(STR("abc"), 'x', &at) && !str_find_char(STR_NULL, 'x', &at) && at == 99);
    CHECK("a terminator is outside", !str_find_char(STR("abc"), '\0', NULL) && !str_has_nul(STR("abc")));
    CHECK("NUL", str_has_nul(STR("a\0c")));
    CHECK("control", str_has_control(STR("a\n")) && str_has_control(STR("\x7f")) && str_has_control(STR("\0")));
    CHECK("no control", !str_has_control(STR("a \xc3\xa9\xff~")) && !str_has_control(STR_NULL));
}

static void test_split(void)
{
    static const struct {
        const char *text;
        const char *parts[4];
    } rows[] = {
        {"", {"", NULL}},      {"a", {"a", NULL}},      {"a,b", {"a", "b", NULL}}, {"a,", {"a", "", NULL}},
        {",", {"", "", NULL}}, {",a", {"", "a", NULL}}, {"a,,b", {"a", "", "b"}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str rest = str_from(rows[i].text);
        struct str part = STR_NULL;
        for (size_t n = 0; rows[i].parts[n] != NULL; n++) {
            CHECK(rows[i].text, str_split(&rest, ',', &part));
            CHECK_CSTR(rows[i].text, part, rows[i].parts[n]);
        }
        CHECK(rows[i].text, !str_split(&rest, ',', &part));
    }
    struct str none = STR_NULL;
    struct str part = STR("untouched");
    CHECK("no text has no part", !str_split(&none, ',', &part));
    CHECK_CSTR("no text has no part", part, "untouched");
}

static void test_distance(void)
{
    static const struct {
        const char *a, *b;
        size_t distance; /* with a limit of 4 */
    } rows[] = {
        {"", "", 0},          {"a", "", 1},
        {"", "abcd", 4},      {"", "abcde", 5},
        {"abc", "abc", 0},    {"abc", "abd", 1},
        {"abc", "acb", 1},    {"abc", "bac", 1},
        {"ca", "abc", 3},     {"kitten", "sitting", 3},
        {"regex", "regx", 1}, {"abcdef", "ghijkl", 5},
        {"tset", "test", 1},  {"expcted", "expected", 1},
        {"ab", "ba", 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].b, str_distance(str_from(rows[i].a), str_from(rows[i].b), 4), rows[i].distance);
        CHECK_INT(rows[i].b, str_distance(str_from(rows[i].b), str_from(rows[i].a), 4), rows[i].distance);
        CHECK_INT("never over limit + 1", str_distance(str_from(rows[i].a), str_from(rows[i].b), 1),
                  rows[i].distance < 2 ? rows[i].distance : 2);
    }
    char text[65];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = 'a';
    }
    CHECK_INT("64 bytes", str_distance((struct str){text, 64}, (struct str){text, 63}, 3), 1);
    CHECK_INT("beyond any name", str_distance((struct str){text, 65}, (struct str){text, 65}, 3), 4);
}

static void test_distance_properties(void)
{
    struct rng r;
    rng_seed(&r, 5);
    for (int i = 0; i < 3000; i++) {
        char texts[3][8];
        struct str s[3];
        for (size_t k = 0; k < 3; k++) {
            s[k] = (struct str){texts[k], (size_t)rng_below(&r, sizeof(texts[k]))};
            for (size_t n = 0; n < s[k].len; n++) {
                texts[k][n] = (char)('a' + rng_below(&r, 3));
            }
        }
        size_t distance = str_distance(s[0], s[1], 20);
        size_t longer = s[0].len > s[1].len ? s[0].len : s[1].len;
        CHECK_INT("symmetric", str_distance(s[1], s[0], 20), distance);
        CHECK_INT("zero only of equals", distance == 0, str_eq(s[0], s[1]));
        CHECK("at most the longer text", distance <= longer);
        CHECK_INT("a limit only caps", str_distance(s[0], s[1], 2), distance < 3 ? distance : 3);
    }
}

static void test_nearest(void)
{
    static const char *const names[] = {"regex", "numeric", "exact", "one_of", "json", "latency", "cost", NULL};
    static const struct {
        const char *word, *nearest;
    } rows[] = {
        {"", NULL},          {"xyz", NULL},         {"rgx", NULL}, /* two edits, but a third of it is one */
        {"reegx", "regex"},  {"numerc", "numeric"}, {"numreik", "numeric"}, {"exakt", "exact"}, {"oneof", "one_of"},
        {"latencies", NULL}, {"jsn", "json"},       {"cots", "cost"},       {"cost", "cost"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *nearest = str_nearest(str_from(rows[i].word), names);
        CHECK_CSTR(rows[i].word, str_from(nearest == NULL ? "none" : nearest),
                   rows[i].nearest == NULL ? "none" : rows[i].nearest);
    }
    static const char *const close[] = {"aab", "aac", "aaa", NULL};
    CHECK_CSTR("the exact one wins", str_from(str_nearest(STR("aaa"), close)), "aaa");
    CHECK_CSTR("else the first", str_from(str_nearest(STR("aad"), close)), "aab");
    static const char *const nothing[] = {NULL};
    CHECK("no candidates", str_nearest(STR("a"), nothing) == NULL);
}

static void test_print(void)
{
    char text[32];
    (void)snprintf(text, sizeof(text), "[%.*s]", STR_ARG(STR_NULL));
    CHECK_CSTR("no text prints as nothing", str_from(text), "[]");
    (void)snprintf(text, sizeof(text), "[%.*s]", STR_ARG(str_slice(STR("hello"), 0, 2)));
    CHECK_CSTR("only the slice", str_from(text), "[he]");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"compare", test_compare},
        {"slices", test_parts},
        {"find", test_find},
        {"split", test_split},
        {"distance", test_distance},
        {"distance, random texts", test_distance_properties},
        {"did you mean", test_nearest},
        {"print", test_print},
    };
    return check_run("str", tests, ARRAY_LEN(tests));
}
