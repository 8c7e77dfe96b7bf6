#include "base/caret.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/limits.h"
#include "base/term.h"
#include "tests/check.h"

enum { OUT_MAX = 1 << 20, LONG_LINE_BYTES = 1 << 20 };

static struct src_pos at(uint32_t line, uint32_t col)
{
    return (struct src_pos){"s.yaml", line, col};
}

static void test_render(void)
{
    static const struct {
        const char *name;
        struct str source;
        struct src_pos pos;
        uint32_t len;
        const char *text, *hint;
        size_t columns;
        const char *want;
    } rows[] = {
        {"no place", {"a", 1}, {NULL, 0, 0}, 0, "broken", NULL, 80, "broken\n"},
        {"a file only", {"a", 1}, {"s.yaml", 0, 0}, 0, "broken", "mend it", 80, "s.yaml: broken\n  hint: mend it\n"},
        {"a line only", {"a: b", 4}, {"s.yaml", 1, 0}, 0, "broken", NULL, 80, "s.yaml:1: broken\n  1 | a: b\n"},
        {"another file", {"a", 1}, {"t.yaml", 1, 1}, 0, "broken", NULL, 80, "t.yaml:1:1: broken\n"},
        {"past the last line", {"a\nb", 3}, {"s.yaml", 3, 1}, 0, "broken", NULL, 80, "s.yaml:3:1: broken\n"},
        {"no source bytes", {NULL, 0}, {"s.yaml", 1, 1}, 0, "broken", NULL, 80, "s.yaml:1:1: broken\n"},
        {"text and hint are escaped",
         {"a", 1},
         {"s.yaml", 0, 0},
         0,
         "bad \x1b[31m\n",
         "x\ny",
         80,
         "s.yaml: bad \\x1b[31m\\n\n  hint: x\\ny\n"},
        {"after the end", {"ab\n", 3}, {"s.yaml", 1, 3}, 0, "t", NULL, 80, "s.yaml:1:3: t\n  1 | ab\n    |   ^\n"},
        {"far after the end",
         {"ab\n", 3},
         {"s.yaml", 1, 99},
         5,
         "t",
         NULL,
         80,
         "s.yaml:1:99: t\n  1 | ab\n    |   ^\n"},
        {"the empty line at the end",
         {"ab\n", 3},
         {"s.yaml", 2, 1},
         0,
         "t",
         NULL,
         80,
         "s.yaml:2:1: t\n  2 | \n    | ^\n"},
        {"first column", {"ab\ncd\n", 6}, {"s.yaml", 2, 1}, 0, "t", NULL, 80, "s.yaml:2:1: t\n  2 | cd\n    | ^\n"},
        {"CRLF", {"ab\r\ncd\r\n", 8}, {"s.yaml", 2, 2}, 0, "t", NULL, 80, "s.yaml:2:2: t\n  2 | cd\n    |  ^\n"},
        {"underlined",
         {"a: wrong x", 10},
         {"s.yaml", 1, 4},
         5,
         "t",
         NULL,
         80,
         "s.yaml:1:4: t\n  1 | a: wrong x\n    |    ^~~~~\n"},
        {"underlined to the end of the line",
         {"abc", 3},
         {"s.yaml", 1, 2},
         9,
         "t",
         NULL,
         80,
         "s.yaml:1:2: t\n  1 | abc\n    |  ^~\n"},
        {"a tab is one blank",
         {"\t\tab", 4},
         {"s.yaml", 1, 4},
         0,
         "t",
         NULL,
         80,
         "s.yaml:1:4: t\n  1 |   ab\n    |    ^\n"},
        {"wide characters",
         {"\xe4\xb8\x80\xe4\xba\x8c: x", 9},
         {"s.yaml", 1, 3},
         0,
         "t",
         NULL,
         80,
         "s.yaml:1:3: t\n  1 | \xe4\xb8\x80\xe4\xba\x8c: x\n    |     ^\n"},
        {"wide and underlined",
         {"a\xe4\xb8\x80\xe4\xba\x8c", 7},
         {"s.yaml", 1, 2},
         2,
         "t",
         NULL,
         80,
         "s.yaml:1:2: t\n  1 | a\xe4\xb8\x80\xe4\xba\x8c\n    |  ^~~~\n"},
        {"combining mark",
         {"e\xcc\x81x", 4},
         {"s.yaml", 1, 3},
         0,
         "t",
         NULL,
         80,
         "s.yaml:1:3: t\n  1 | e\xcc\x81x\n    |  ^\n"},
        {"control character and bad byte",
         {"\x1b\xffz", 3},
         {"s.yaml", 1, 3},
         0,
         "t",
         NULL,
         80,
         "s.yaml:1:3: t\n  1 | \\x1b\\xffz\n    |         ^\n"},
        {"NUL", {"\0z", 2}, {"s.yaml", 1, 2}, 0, "t", NULL, 80, "s.yaml:1:2: t\n  1 | \\x00z\n    |     ^\n"},
        {"cut at the right",
         {"0123456789abcdefghij", 20},
         {"s.yaml", 1, 3},
         0,
         "t",
         NULL,
         18,
         "s.yaml:1:3: t\n  1 | 012345678...\n    |   ^\n"},
        {"cut at the left",
         {"0123456789abcdefghij", 20},
         {"s.yaml", 1, 20},
         0,
         "t",
         NULL,
         18,
         "s.yaml:1:20: t\n  1 | ...bcdefghij\n    |            ^\n"},
        {"cut at both ends",
         {"0123456789abcdefghij", 20},
         {"s.yaml", 1, 11},
         0,
         "t",
         NULL,
         18,
         "s.yaml:1:11: t\n  1 | ...789abc...\n    |       ^\n"},
        {"columns too few",
         {"0123456789abcdefghij", 20},
         {"s.yaml", 1, 3},
         0,
         "t",
         NULL,
         1,
         "s.yaml:1:3: t\n  1 | 012345678...\n    |   ^\n"},
        {"no cut",
         {"0123456789abcdefghij", 20},
         {"s.yaml", 1, 3},
         0,
         "t",
         NULL,
         0,
         "s.yaml:1:3: t\n  1 | 0123456789abcdefghij\n    |   ^\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
        struct diag d;
        diag_init(&d, &arena);
        diag_source(&d, "s.yaml", rows[i].source);
        struct fault fault = {
            .pos = rows[i].pos, .len = rows[i].len, .text = str_from(rows[i].text), .hint = str_from(rows[i].hint)};
        caret_render(&out, &d, &fault, rows[i].columns);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].want);
    }
}

static void test_header_example(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf source CLEANUP(buf_deinit) = BUF(OUT_MAX);
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
    buf_append_repeat(&source, '\n', 13);
    buf_append_cstr(&source, "      pattern: \"(yes|no\"\n");
    struct diag d;
    diag_init(&d, &arena);
    diag_source(&d, "other.yaml", STR("x"));
    diag_source(&d, "suite.yaml", buf_str(&source));
    CHECK("returns false", !diag_add(&d, (struct src_pos){"suite.yaml", 14, 16},
                                     "scorer '%s': missing closing parenthesis at byte %d", "regex", 7));
    CHECK("returns false", !diag_hint(&d, "use %s quotes", "single"));
    caret_render(&out, &d, &d.faults.items[0], 80);
    CHECK_CSTR("as in the header", buf_str(&out),
               "suite.yaml:14:16: scorer 'regex': missing closing parenthesis at byte 7\n"
               "  14 |       pattern: \"(yes|no\"\n"
               "     |                ^\n"
               "  hint: use single quotes\n");
}

/* Wherever the fault is and however narrow the terminal: the line fits, and the caret stands under its character. */
static void test_cut_everywhere(void)
{
    static const char text[] = "a\xe4\xb8\x80"
                               "b\xe4\xba\x8c\x1b"
                               "c\xcc\x81"
                               "d\xf0\x9f\x98\x80"
                               "efghij\xff"
                               "klmnopqrst";
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag d;
    diag_init(&d, &arena);
    diag_source(&d, "s.yaml", str_from(text));
    for (size_t columns = 18; columns < 50; columns++) {
        for (uint32_t col = 1; col < 30; col++) {
            struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
            struct fault fault = {.pos = at(1, col), .len = col % 4};
            caret_render(&out, &d, &fault, columns);
            struct str rest = buf_str(&out);
            struct str heading = STR_NULL;
            struct str line = STR_NULL;
            struct str mark = STR_NULL;
            bool is_whole =
                str_split(&rest, '\n', &heading) && str_split(&rest, '\n', &line) && str_split(&rest, '\n', &mark);
            CHECK("three lines", is_whole && rest.len == 0);
            CHECK("fits", term_width(line) <= columns && term_width(mark) <= columns);
            CHECK("one caret", str_find_char(mark, '^', NULL));
        }
    }
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
    struct fault under_q = {.pos = at(1, 23)};
    caret_render(&out, &d, &under_q, 30);
    CHECK_CSTR("the caret is under its letter", buf_str(&out),
               "s.yaml:1:23: \n"
               "  1 | ... efghij\\xffklmnopqrst\n"
               "    |                     ^\n");
}

static void test_long_line(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf source CLEANUP(buf_deinit) = BUF(LONG_LINE_BYTES);
    buf_append_repeat(&source, 'x', LONG_LINE_BYTES);
    struct diag d;
    diag_init(&d, &arena);
    diag_source(&d, "s.yaml", buf_str(&source));
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
    struct fault fault = {.pos = at(1, LONG_LINE_BYTES / 2), .len = LONG_LINE_BYTES};
    caret_render(&out, &d, &fault, 80);
    CHECK("cut", out.len < 300);
}

static void test_list(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag d;
    diag_init(&d, &arena);
    CHECK("clean", diag_is_clean(&d));
    CHECK("a hint for nothing", !diag_hint(&d, "lost") && !diag_span(&d, 3) && diag_is_clean(&d));
    for (unsigned i = 0; i < LIMIT_FAULTS; i++) {
        CHECK("add", !diag_add(&d, at(i + 1, 1), "fault %u", i));
    }
    CHECK("the last one's hint", !diag_hint(&d, "hint"));
    CHECK("span", !diag_span(&d, 3));
    CHECK("one more", !diag_add(&d, at(1, 1), "dropped"));
    CHECK("its hint goes with it", !diag_hint(&d, "dropped") && !diag_span(&d, 9));
    struct err err = ERR_NULL;
    (void)err_set(&err, ERR_IO, "dropped too");
    CHECK("another", !diag_add_err(&d, at(1, 1), &err));
    CHECK_INT("kept", d.faults.len, LIMIT_FAULTS);
    CHECK_INT("dropped", d.dropped, 2);
    CHECK("not clean", !diag_is_clean(&d));
    CHECK_CSTR("text", d.faults.items[7].text, "fault 7");
    CHECK_CSTR("hint", d.faults.items[LIMIT_FAULTS - 1].hint, "hint");
    CHECK_INT("span", d.faults.items[LIMIT_FAULTS - 1].len, 3);
    CHECK_INT("kind", d.faults.items[0].kind, ERR_SUITE);
}

static void test_long_text(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    char text[5000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    struct diag d;
    diag_init(&d, &arena);
    CHECK("add", !diag_add(&d, at(1, 1), "%s!", text));
    CHECK_INT("nothing is cut", d.faults.items[0].text.len, sizeof(text));
}

static void test_add_err(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag d;
    diag_init(&d, &arena);
    struct err err = ERR_NULL;
    (void)err_set(&err, ERR_LIMIT, "too large");
    CHECK("add", !diag_add_err(&d, at(3, 4), &err));
    (void)err_set_at(&err, ERR_IO, (struct src_pos){"data.csv", 9, 0}, "unreadable");
    CHECK("add", !diag_add_err(&d, at(3, 4), &err));
    memset(err.text, '?', 5);
    CHECK("its own place", d.faults.items[0].pos.line == 3 && d.faults.items[0].kind == ERR_LIMIT);
    CHECK_CSTR("text", d.faults.items[0].text, "too large");
    CHECK("the error's place", d.faults.items[1].pos.line == 9 && d.faults.items[1].kind == ERR_IO);
    CHECK_CSTR("a copy of the text", d.faults.items[1].text, "unreadable");
}

static void test_nearest(void)
{
    static const char *const few[] = {"contains", "exact", "regex", NULL};
    static const char *const many[] = {"aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd", "eeeeeeeeee",
                                       "ffffffffff", "gggggggggg", "hhhhhhhhhh", "iiiiiiiiii", "jjjjjjjjjj",
                                       "kkkkkkkkkk", "llllllllll", "mmmmmmmmmm", NULL};
    static const char *const none[] = {NULL};
    static const struct {
        const char *word;
        const char *const *names;
        const char *hint;
    } rows[] = {
        {"regx", few, "did you mean 'regex'?"},
        {"contians", few, "did you mean 'contains'?"},
        {"zzz", few, "known: contains, exact, regex"},
        {"zzz", many, ""},
        {"aaaaaaaaab", many, "did you mean 'aaaaaaaaaa'?"},
        {"zzz", none, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct diag d;
        diag_init(&d, &arena);
        CHECK("add", !diag_add(&d, at(1, 1), "unknown"));
        CHECK("hint", !diag_hint_nearest(&d, str_from(rows[i].word), rows[i].names));
        CHECK_CSTR(rows[i].word, d.faults.items[0].hint, rows[i].hint);
    }
}

static void test_sort(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag d;
    diag_init(&d, &arena);
    static const struct {
        const char *file;
        uint32_t line, col;
        const char *text;
    } rows[] = {
        {"b.yaml", 1, 1, "6"}, {"a.yaml", 9, 1, "4"}, {"a.yaml", 2, 5, "2"}, {"a.yaml", 2, 5, "3"},
        {"a.yaml", 2, 1, "1"}, {NULL, 0, 0, "0"},     {"a.yaml", 9, 1, "5"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK("add", !diag_add(&d, (struct src_pos){rows[i].file, rows[i].line, rows[i].col}, "%s", rows[i].text));
    }
    diag_sort(&d);
    struct buf order CLEANUP(buf_deinit) = BUF(100);
    for (size_t i = 0; i < d.faults.len; i++) {
        buf_append(&order, d.faults.items[i].text);
    }
    CHECK_CSTR("order", buf_str(&order), "0123456");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"the line and the caret", test_render},
        {"the header's example", test_header_example},
        {"cut wherever the fault is", test_cut_everywhere},
        {"a line of a megabyte", test_long_line},
        {"the list has a ceiling", test_list},
        {"long texts", test_long_text},
        {"errors become faults", test_add_err},
        {"did you mean", test_nearest},
        {"sorting", test_sort},
    };
    return check_run("base/caret", tests, ARRAY_LEN(tests));
}
