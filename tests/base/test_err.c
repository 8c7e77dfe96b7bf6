#include "base/err.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "tests/check.h"

static void test_set(void)
{
    struct err err = ERR_NULL;
    CHECK("returns false", !err_set(&err, ERR_SUITE, "bad '%s' at %d", "x", 5));
    CHECK_CSTR("text", str_from(err.text), "bad 'x' at 5");
    CHECK_INT("kind", err.kind, ERR_SUITE);
    CHECK_INT("no errno", err.sys, 0);
    CHECK("returns false", !err_set_sys(&err, ERR_IO, ENOENT, "cannot open '%s'", "f"));
    CHECK_CSTR("with the reason", str_from(err.text), "cannot open 'f': No such file or directory");
    CHECK_INT("errno", err.sys, ENOENT);
    CHECK("returns false", !err_set_at(&err, ERR_SUITE, (struct src_pos){"s.yaml", 3, 4}, "no"));
    CHECK_INT("line", err.pos.line, 3);
    CHECK_INT("column", err.pos.col, 4);
    CHECK_CSTR("file", str_from(err.pos.file), "s.yaml");
    CHECK_INT("errno of before is gone", err.sys, 0);
    CHECK("returns false", !err_set(&err, ERR_BUG, "again"));
    CHECK_INT("the place of before is gone", err.pos.line, 0);
}

static void test_wrap(void)
{
    struct err err = ERR_NULL;
    (void)err_set_at(&err, ERR_LIMIT, (struct src_pos){"f", 1, 2}, "cause");
    CHECK("returns false", !err_wrap(&err, "scorer '%s'", "regex"));
    CHECK("returns false", !err_wrap(&err, "case %d", 7));
    CHECK_CSTR("outermost first", str_from(err.text), "case 7: scorer 'regex': cause");
    CHECK_INT("kind stays", err.kind, ERR_LIMIT);
    CHECK_INT("place stays", err.pos.col, 2);
    (void)err_set(&err, ERR_IO, "other: %s", err.text);
    CHECK_CSTR("its own text as argument", str_from(err.text), "other: case 7: scorer 'regex': cause");
    (void)err_wrap(&err, "%s", err.text);
    CHECK("its own text as context", strlen(err.text) == 2 * strlen("other: case 7: scorer 'regex': cause") + 2);
}

static void test_full(void)
{
    static char longest[3000];
    struct err err = ERR_NULL;
    memset(longest, 'x', sizeof(longest) - 1);
    (void)err_set(&err, ERR_IO, "%s", longest);
    CHECK_INT("cut", strlen(err.text), sizeof(err.text) - 1);
    CHECK("full: no room for context", !err_wrap(&err, "context"));
    CHECK_INT("full", strlen(err.text), sizeof(err.text) - 1);
    (void)err_set(&err, ERR_IO, "the cause");
    (void)err_wrap(&err, "%s", longest);
    CHECK_INT("context cut", strlen(err.text), sizeof(err.text) - 1);
    CHECK("the cause is kept", str_ends(str_from(err.text), STR("x: the cause")));
    (void)err_set_sys(&err, ERR_IO, ENOSPC, "cannot write '%s'", longest);
    CHECK_INT("text cut", strlen(err.text), sizeof(err.text) - 1);
    CHECK("the reason is kept", str_ends(str_from(err.text), STR("x: No space left on device")));
}

/* Whatever the lengths, nothing overruns and no character is halved. */
static void test_cut_characters(void)
{
    static char longest[1500 * 3 + 1];
    for (size_t i = 0; i < 1500; i++) {
        memcpy(longest + 3 * i, "\xe2\x82\xac", 3);
    }
    for (int pad = 0; pad < 6; pad++) {
        struct err err = ERR_NULL;
        (void)err_set(&err, ERR_IO, "%*s%s", pad, "", longest);
        CHECK("whole characters", utf8_is_valid(str_from(err.text), NULL));
        CHECK("nearly full", strlen(err.text) > sizeof(err.text) - 4);
        (void)err_set_sys(&err, ERR_IO, EIO, "%*s%s", pad, "", longest);
        CHECK("whole before the reason", utf8_is_valid(str_from(err.text), NULL));
        (void)err_set(&err, ERR_IO, "%*s", pad, "c");
        (void)err_wrap(&err, "%s", longest);
        CHECK("whole context", utf8_is_valid(str_from(err.text), NULL));
        CHECK("the cause is kept", str_ends(str_from(err.text), STR("c")));
    }
    for (int len = 1000; len <= 1030; len++) {
        struct err err = ERR_NULL;
        (void)err_set(&err, ERR_IO, "%*s", len, "c");
        size_t before = strlen(err.text);
        (void)err_wrap(&err, "ctx");
        CHECK("ends as before", strlen(err.text) >= before && strlen(err.text) < sizeof(err.text));
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"set", test_set},
        {"wrap", test_wrap},
        {"full", test_full},
        {"cut between characters", test_cut_characters},
    };
    return check_run("err", tests, ARRAY_LEN(tests));
}
