#include "base/term.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "tests/check.h"

enum { OUT_MAX = 8 << 20, LONG_BYTES = 1 << 20 };

static void test_escape(void)
{
    static const struct {
        const char *name;
        struct str text;
        const char *one_line, *lines;
    } rows[] = {
        {"cursor", {"\x1b[2J", 4}, "\\x1b[2J", "\\x1b[2J"},
        {"clipboard (OSC 52)", {"\x1b]52;c;eA==\a", 12}, "\\x1b]52;c;eA==\\x07", "\\x1b]52;c;eA==\\x07"},
        {"carriage return", {"good\rbad", 8}, "good\\x0dbad", "good\\x0dbad"},
        {"backspace, delete", {"\b\x7f", 2}, "\\x08\\x7f", "\\x08\\x7f"},
        {"NUL", {"a\0b", 3}, "a\\x00b", "a\\x00b"},
        {"C1 as a byte",
         {"\x9b"
          "2J",
          3},
         "\\x9b2J",
         "\\x9b2J"},
        {"C1 as UTF-8",
         {"\xc2\x9b"
          "2J",
          4},
         "\\u009b2J",
         "\\u009b2J"},
        {"bidirectional override",
         {"a\xe2\x80\xae"
          "b",
          5},
         "a\\u202eb",
         "a\\u202eb"},
        {"embedding", {"\xe2\x80\xaa", 3}, "\\u202a", "\\u202a"},
        {"isolates", {"\xe2\x81\xa6\xe2\x81\xa9", 6}, "\\u2066\\u2069", "\\u2066\\u2069"},
        {"line separator", {"\xe2\x80\xa8", 3}, "\\u2028", "\\u2028"},
        {"invalid byte", {"\xff\xc3", 2}, "\\xff\\xc3", "\\xff\\xc3"},
        {"surrogate", {"\xed\xa0\x80", 3}, "\\xed\\xa0\\x80", "\\xed\\xa0\\x80"},
        {"newline and tab", {"a\n\tb", 4}, "a\\n\\tb", "a\n\tb"},
        {"replacement character itself", {"\xef\xbf\xbd", 3}, "\xef\xbf\xbd", "\xef\xbf\xbd"},
        {"letters",
         {"h\xc3\xa9 \xe4\xb8\x80 \xf0\x9f\x98\x80", 12},
         "h\xc3\xa9 \xe4\xb8\x80 \xf0\x9f\x98\x80",
         "h\xc3\xa9 \xe4\xb8\x80 \xf0\x9f\x98\x80"},
        {"neighbours of the overrides",
         {"\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xb0", 9},
         "\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xb0",
         "\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xb0"},
        {"empty", {NULL, 0}, "", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
        term_escape(&out, rows[i].text, TERM_ONE_LINE);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].one_line);
        buf_clear(&out);
        term_escape(&out, rows[i].text, TERM_LINES);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].lines);
    }
}

/* What is there without being seen, and the joiners, which are seen by what they do to their neighbours. */
static void test_unseen(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        {"zero width space", "a\u200bb", "a\\u200bb"},
        {"byte order mark, word joiner", "\ufeffa\u2060", "\\ufeffa\\u2060"},
        {"soft hyphen, filler", "\u00ad\u3164", "\\u00ad\\u3164"},
        {"marks of direction", "\u200e\u200f\u061c", "\\u200e\\u200f\\u061c"},
        {"text in tags", "a\U000e0041", "a\\ue0041"},
        {"a joiner that joins nothing", "a\u200db", "a\\u200db"},
        {"a joiner at the beginning and at the end", "\u200d\u00e9\u200d", "\\u200d\u00e9\\u200d"},
        {"joiners in a row", "\u00e9\u200d\u200d\u00e9", "\u00e9\\u200d\\u200d\u00e9"},
        {"a joiner beside what is escaped", "\u200b\u200d\u00e9", "\\u200b\\u200d\u00e9"},
        {"a non-joiner in Persian", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
         "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"},
        {"a joined emoji", "\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525"},
        {"letters with marks, blanks", "e\u0301 \u00a0\u3000", "e\u0301 \u00a0\u3000"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
        struct buf again CLEANUP(buf_deinit) = BUF(OUT_MAX);
        term_escape(&out, str_from(rows[i].text), TERM_LINES);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].want);
        term_escape(&again, buf_str(&out), TERM_LINES);
        CHECK_CSTR(rows[i].name, buf_str(&again), rows[i].want);
        for (size_t columns = 1; columns < 20; columns++) {
            struct buf cut CLEANUP(buf_deinit) = BUF(OUT_MAX);
            size_t used = term_escape_cut(&cut, str_from(rows[i].text), columns);
            CHECK(rows[i].name, used <= columns && term_width(buf_str(&cut)) == used);
        }
    }
}

/* Any two bytes and any code point: what comes out holds nothing that a terminal obeys, and escaping it again changes nothing. */
static void check_harmless(const char *row, struct str text, size_t *wrong)
{
    (void)row;
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
    struct buf again CLEANUP(buf_deinit) = BUF(OUT_MAX);
    term_escape(&out, text, TERM_ONE_LINE);
    term_escape(&again, buf_str(&out), TERM_ONE_LINE);
    bool is_right =
        str_eq(buf_str(&out), buf_str(&again)) && utf8_is_valid(buf_str(&out), NULL) && !str_has_control(buf_str(&out));
    *wrong += is_right ? 0 : 1;
}

static void test_nothing_obeyed(void)
{
    size_t wrong = 0;
    for (unsigned i = 0; i < 65536; i++) {
        char text[2] = {(char)(i & 0xff), (char)(i >> 8)};
        check_harmless("two bytes", (struct str){text, 2}, &wrong);
    }
    for (uint32_t point = 0; point < 0x110000; point++) {
        struct buf text CLEANUP(buf_deinit) = BUF(8);
        utf8_append(&text, point);
        check_harmless("a code point", buf_str(&text), &wrong);
    }
    CHECK_INT("all harmless", wrong, 0);
}

/* What a CI system would take for a command of its own, in its log. */
static void test_commands(void)
{
    static const struct {
        const char *name, *text, *line, *lines;
    } rows[] = {
        {"at the start", "::error::x", "\\x3a:error::x", "\\x3a:error::x"},
        {"behind blanks", " \t::error::x", " \\t\\x3a:error::x", " \t\\x3a:error::x"},
        {"on a later line", "a\n ::add-mask::x", "a\\n \\x3a:add-mask::x", "a\n \\x3a:add-mask::x"},
        {"elsewhere it is text", "std::string", "std::string", "std::string"},
        {"one colon", ":a", ":a", ":a"},
        {"three", ":::", "\\x3a::", "\\x3a::"},
        {"the older form, anywhere", "a ##[error]b", "a ##\\x5berror]b", "a ##\\x5berror]b"},
        {"others' form", "##vso[task.x]##teamcity[y]", "##vso\\x5btask.x]##teamcity\\x5by]",
         "##vso\\x5btask.x]##teamcity\\x5by]"},
        {"no command", "a[1] #[x] ## [y] #a[", "a[1] #[x] ## [y] #a[", "a[1] #[x] ## [y] #a["},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(1000);
        term_escape(&out, str_from(rows[i].text), TERM_ONE_LINE);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].line);
        CHECK_INT(rows[i].name, term_escape_cut(&out, str_from(rows[i].text), 100), strlen(rows[i].line));
        buf_clear(&out);
        term_escape(&out, str_from(rows[i].text), TERM_LINES);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].lines);
        buf_clear(&out);
        term_escape(&out, str_from(rows[i].text), TERM_DOCUMENT);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].text);
    }
}

static void test_cut(void)
{
    static const struct {
        const char *name;
        struct str text;
        size_t columns;
        const char *want;
        size_t used;
    } rows[] = {
        {"no room", {"abc", 3}, 0, "\xe2\x80\xa6", 1},
        {"one column", {"abc", 3}, 1, "\xe2\x80\xa6", 1},
        {"one column, one letter", {"a", 1}, 1, "a", 1},
        {"cut", {"abcdef", 6}, 4, "abc\xe2\x80\xa6", 4},
        {"fits", {"abcd", 4}, 4, "abcd", 4},
        {"empty", {NULL, 0}, 4, "", 0},
        {"wide, fits", {"\xe4\xb8\x80\xe4\xb8\x80", 6}, 4, "\xe4\xb8\x80\xe4\xb8\x80", 4},
        {"wide, cut", {"\xe4\xb8\x80\xe4\xb8\x80\xe4\xb8\x80", 9}, 4, "\xe4\xb8\x80\xe2\x80\xa6", 3},
        {"wide in one column", {"\xe4\xb8\x80", 3}, 1, "\xe2\x80\xa6", 1},
        {"an escape is not cut in half", {"ab\x1b[0m", 6}, 5, "ab\xe2\x80\xa6", 3},
        {"newline shown", {"a\nb", 3}, 9, "a\\nb", 4},
        {"marks stay with their letter", {"e\xcc\x81xyz", 6}, 2, "e\xcc\x81\xe2\x80\xa6", 2},
        {"ends in a mark", {"abe\xcc\x81", 5}, 3, "abe\xcc\x81", 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
        CHECK_INT(rows[i].name, term_escape_cut(&out, rows[i].text, rows[i].columns), rows[i].used);
        CHECK_CSTR(rows[i].name, buf_str(&out), rows[i].want);
        CHECK_INT(rows[i].name, term_width(buf_str(&out)), rows[i].used);
    }
}

static void test_cut_is_bounded(void)
{
    struct buf text CLEANUP(buf_deinit) = BUF(OUT_MAX);
    while (text.len < LONG_BYTES) {
        buf_append_cstr(&text, "\xcc\x81");
    }
    struct buf out CLEANUP(buf_deinit) = BUF(OUT_MAX);
    CHECK("marks without end", term_escape_cut(&out, buf_str(&text), 40) <= 40);
    CHECK("marks without end: bytes", out.len < 100);
    buf_clear(&text);
    buf_clear(&out);
    buf_append_repeat(&text, 'x', LONG_BYTES);
    CHECK_INT("a long line", term_escape_cut(&out, buf_str(&text), 40), 40);
    for (size_t columns = 1; columns < 40; columns++) {
        struct buf cut CLEANUP(buf_deinit) = BUF(OUT_MAX);
        size_t used = term_escape_cut(&cut,
                                      STR("\xe4\xb8\x80\x1b\xe4\xb8\x80\xff"
                                          "a\xe2\x80\xae\xcc\x81tail"),
                                      columns);
        CHECK("never wider", used <= columns && term_width(buf_str(&cut)) == used);
    }
}

static void test_no_terminal(void)
{
    int fds[2] = {-1, -1};
    CHECK("pipe", pipe(fds) == 0);
    struct term t = term_of(fds[1], "xterm-256color", NULL, NULL);
    CHECK("a pipe is no terminal", !t.is_tty && !t.has_color && t.columns == 80);
    CHECK_CSTR("no codes", str_from(term_on(&t, TERM_RED)), "");
    CHECK_CSTR("no codes", str_from(term_off(&t)), "");
    static const struct {
        const char *env;
        size_t columns;
    } rows[] = {
        {"", 80},          {"x", 80}, {"-5", 80}, {"0", 80}, {"1", 20}, {"120", 120}, {"99999999999999999999", 80},
        {"9999999", 10000}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].env, term_of(fds[1], "xterm", NULL, rows[i].env).columns, rows[i].columns);
    }
    (void)close(fds[0]);
    (void)close(fds[1]);
    CHECK("no descriptor", !term_of(-1, "xterm", NULL, NULL).is_tty);
}

static void test_terminal(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    int fd = -1;
    if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0) {
        fd = open(ptsname(master), O_RDWR | O_NOCTTY);
    }
    CHECK("a pseudo terminal", fd >= 0);
    static const struct {
        const char *name, *term, *no_color, *columns;
        unsigned short size;
        bool is_tty, has_color;
        size_t want_columns;
    } rows[] = {
        {"no TERM", NULL, NULL, NULL, 100, false, false, 100},
        {"empty TERM", "", NULL, NULL, 100, false, false, 100},
        {"dumb", "dumb", NULL, NULL, 100, false, false, 100},
        {"NO_COLOR", "xterm", "1", NULL, 100, true, false, 100},
        {"empty NO_COLOR is none", "xterm", "", NULL, 100, true, true, 100},
        {"plain", "xterm", NULL, NULL, 132, true, true, 132},
        {"one column", "xterm", NULL, NULL, 1, true, true, 20},
        {"unknown size", "xterm", NULL, NULL, 0, true, true, 80},
        {"COLUMNS wins", "xterm", NULL, "44", 132, true, true, 44},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows) && fd >= 0; i++) {
        struct winsize size = {.ws_row = 24, .ws_col = rows[i].size};
        CHECK(rows[i].name, ioctl(fd, TIOCSWINSZ, &size) == 0);
        struct term t = term_of(fd, rows[i].term, rows[i].no_color, rows[i].columns);
        CHECK_INT(rows[i].name, t.is_tty, rows[i].is_tty);
        CHECK_INT(rows[i].name, t.has_color, rows[i].has_color);
        CHECK_INT(rows[i].name, t.columns, rows[i].want_columns);
    }
    struct term color = {.is_tty = true, .has_color = true, .columns = 80};
    CHECK_CSTR("red", str_from(term_on(&color, TERM_RED)), "\x1b[31m");
    CHECK_CSTR("plain", str_from(term_on(&color, TERM_PLAIN)), "");
    CHECK_CSTR("off", str_from(term_off(&color)), "\x1b[0m");
    for (int style = TERM_PLAIN; style <= TERM_BLUE; style++) {
        CHECK("every style has its code", term_on(&color, (enum term_style)style) != NULL);
    }
    (void)close(fd);
    (void)close(master);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"escaping", test_escape},         {"nothing is left to obey", test_nothing_obeyed},
        {"unseen", test_unseen},           {"commands", test_commands},
        {"cutting to columns", test_cut},  {"cutting what has no end", test_cut_is_bounded},
        {"no terminal", test_no_terminal}, {"a terminal", test_terminal},
    };
    return check_run("base/term", tests, ARRAY_LEN(tests));
}
