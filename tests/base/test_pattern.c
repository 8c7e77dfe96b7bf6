#include "base/pattern.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "tests/check.h"

enum {
    GROUPS = 4,
    SUBJECT_MAX = 2 << 20,
    MATCHES_MAX = 50,
    LONG_BYTES = 1 << 20,
    BOMB_MAX_MS = 5000, /* a bound on hangs */
    RANDOM_PATTERNS = 1500
};

/* How a search is driven: the answer may not depend on it. */
static const struct mode {
    const char *name;
    bool no_jit, is_watched;
    int64_t turn_ns;
} modes[] = {
    {"as it comes", false, false, 0},
    {"watched", false, true, 0},
    {"in turns", false, true, 1},
    {"interpreted", true, false, 0},
    {"interpreted in turns", true, false, 1},
};

static struct pattern *compiled(const char *text, const char *flags, bool full)
{
    struct pattern *p = NULL;
    struct err err = ERR_NULL;
    bool ok = pattern_compile(str_from(text), str_from(flags), full, &p, NULL, &err);
    check_true_at(ok, text, err.text, __FILE__, __LINE__);
    return p;
}

/* All matches as "0-3(1-2,-) 5-5": span, groups. "limit" where one is met. */
static void matches_list(struct buf *out, const struct pattern *p, struct str subject, const struct mode *mode)
{
    struct pattern_search s;
    pattern_search_begin(&s, p, subject);
    s.no_jit = mode->no_jit;
    s.is_watched = s.is_watched || mode->is_watched;
    for (size_t i = 0; i < MATCHES_MAX; i++) {
        struct pattern_span groups[GROUPS];
        enum pattern_status status = PATTERN_MORE;
        while (status == PATTERN_MORE) {
            status = pattern_search_next(&s, mode->turn_ns, groups, GROUPS);
        }
        if (status != PATTERN_MATCH) {
            buf_append_cstr(out, status == PATTERN_LIMIT ? "limit" : "");
            break;
        }
        buf_printf(out, "%s%zu-%zu", out->len == 0 ? "" : " ", groups[0].start, groups[0].end);
        for (size_t g = 1; g < GROUPS && g <= pattern_group_count(p); g++) {
            buf_append_char(out, g == 1 ? '(' : ',');
            if (groups[g].start == SIZE_MAX) {
                buf_append_char(out, '-');
            } else {
                buf_printf(out, "%zu-%zu", groups[g].start, groups[g].end);
            }
        }
        buf_append_cstr(out, pattern_group_count(p) > 0 ? ")" : "");
    }
}

static void test_faults(void)
{
    static const struct {
        const char *text, *flags;
        const char *message;
        size_t offset; /* SIZE_MAX: not told */
    } rows[] = {
        {"(yes|no", "", "missing closing parenthesis at byte 7", 7},
        {"yes)", "", "unmatched closing parenthesis at byte 3", 3},
        {"[a", "", "missing terminating ] for character class at byte 2", 2},
        {"*a", "", "quantifier does not follow a repeatable item at byte 0", 0},
        {"a{2,1}", "", "numbers out of order in {} quantifier at byte 5", 5},
        {"a{65536}", "", "number too big in {} quantifier at byte", 7},
        {"\\", "", "\\ at end of pattern at byte 1", 1},
        {"(?<n>a)(?<n>b)", "", "two named subpatterns have the same name", 12},
        {"\\2", "", "reference to non-existent subpattern", 1},
        {"[[:x:]]", "", "unknown POSIX class name", 3},
        {"[z-a]", "", "range out of order in character class", 3},
        {"(?<=a*)b", "", "lookbehind assertion is not fixed length", 0},
        {"(?z)", "", "unrecognized character after (?", 2},
        {"\\p{Nope}", "", "unknown property", 8},
        {"a\\C", "", "using \\C is disabled", 3},
        {"a(?C)b", "", "callouts are not supported at byte 1", 1},
        {"(?C1)", "", "callouts are not supported at byte 0", 0},
        {"a(b(?C'x'))", "", "callouts are not supported at byte 3", 3},
        {"a(?C255)b", "", "callouts are not supported at byte 1", 1},
        {"a\xff", "", "UTF-8 error", 1},
        {"a", "g", "flags are letters of 'imsx', not 'g'", SIZE_MAX},
        {"a", "iI", "flags are letters of 'imsx', not 'iI'", SIZE_MAX},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pattern *p = NULL;
        struct err err = ERR_NULL;
        size_t offset = SIZE_MAX;
        CHECK(rows[i].text,
              !pattern_compile(str_from(rows[i].text), str_from(rows[i].flags), false, &p, &offset, &err));
        CHECK(rows[i].text, p == NULL && err.kind == ERR_SUITE);
        CHECK_CONTAINS(rows[i].text, str_from(err.text), rows[i].message);
        CHECK_INT(rows[i].text, offset, rows[i].offset);
        CHECK(rows[i].text, !pattern_compile(str_from(rows[i].text), str_from(rows[i].flags), false, &p, NULL, &err));
    }
}

static void append_times(struct buf *out, const char *part, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_append_cstr(out, part);
    }
}

/* Small texts whose code would be huge, deep or slow to make: an error or a pattern, and soon. */
static void test_bombs(void)
{
    static const struct {
        const char *name, *open, *middle, *close;
        size_t count;
        bool may_compile;
    } rows[] = {
        {"300 parentheses", "(", "a", ")", 300, false},
        {"300 groups without number", "(?:", "a", ")", 300, false},
        {"20 000 parentheses", "(", "a", ")", 20000, false},
        {"20 000 brackets", "[", "a", "]", 20000, false},
        {"thousands of thousands", "(?:", "a", "){1000}", 3, false},
        {"groups of groups", "(", "a|b", "){100}", 4, false},
        {"hundreds of lookaheads", "(?=", "a", ")", 200, true},
        {"hundreds of options", "(?:", "a", ")?", 200, true},
        {"hundreds of loops", "(?:", "a", ")*", 200, true},
        {"hundreds of bounded loops", "(?:", "a", "){0,2}", 200, false},
        {"alternatives", "a|", "a", "", 3000, true},
        {"more alternatives", "a|", "a", "", 20000, false},
        {"the longest text", "", "a", "a", LIMIT_PATTERN_BYTES - 1, false},
        {"too long a text", "", "a", "a", LIMIT_PATTERN_BYTES, false},
        {"character classes", "[^a-c\\W]", "a", "", 7000, false},
        {"back references", "(a)\\1", "a", "", 10000, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
        append_times(&text, rows[i].open, rows[i].count);
        buf_append_cstr(&text, rows[i].middle);
        append_times(&text, rows[i].close, rows[i].count);
        struct pattern *p CLEANUP(pattern_free_at) = NULL;
        struct err err = ERR_NULL;
        int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
        bool ok = pattern_compile(buf_str(&text), STR_NULL, false, &p, NULL, &err);
        CHECK_INT(rows[i].name, ok, rows[i].may_compile);
        CHECK(rows[i].name, ok || (err.kind == ERR_SUITE && err.text[0] != '\0'));
        if (ok) {
            struct buf out CLEANUP(buf_deinit) = BUF(1000);
            matches_list(&out, p, STR("aaaa"), &modes[0]);
        }
        CHECK(rows[i].name, clock_ns(&CLOCK_SYSTEM) - start_ns < BOMB_MAX_MS * NS_PER_MS);
    }
}

static void test_matches(void)
{
    static const struct {
        const char *text, *flags;
        bool is_full;
        struct str subject;
        const char *want;
    } rows[] = {
        {"x", "", false, {"abc", 3}, ""},
        {"abc", "", true, {"abcd", 4}, ""},
        {"abc", "", true, {"xabc", 4}, ""},
        {"a", "", true, {"a\n", 2}, ""},
        {"A", "", false, {"a", 1}, ""},
        {"^b", "", false, {"a\nb", 3}, ""},
        {"a.b", "", false, {"a\nb", 3}, ""},
        {"a b", "x", false, {"a b", 3}, ""},
        {"\\d", "", false, {"\xd9\xa3", 2}, ""}, /* digits are ASCII */
        {"x", "", false, {NULL, 0}, ""},
        {"", "", false, {NULL, 0}, "0-0"},
        {"", "", true, {NULL, 0}, "0-0"},
        {"", "", false, {"ab", 2}, "0-0 1-1 2-2"},
        {"abc", "", true, {"abc", 3}, "0-3"},
        {"a|ab|abc", "", true, {"abc", 3}, "0-3"},
        {".*", "s", true, {"a\nb", 3}, "0-3"},
        {"a*", "", true, {"aa", 2}, "0-2"},
        {"A", "i", false, {"a", 1}, "0-1"},
        {"\xc3\x84", "i", false, {"\xc3\xa4", 2}, "0-2"},
        {"^b", "m", false, {"a\nb", 3}, "2-3"},
        {"a.b", "s", false, {"a\nb", 3}, "0-3"},
        {"a b # c", "x", false, {"ab", 2}, "0-2"},
        {"A.B", "is", false, {"a\nb", 3}, "0-3"},
        {".", "", false, {"\xc3\xa9x", 3}, "0-2 2-3"},
        {"a*", "", false, {"baac", 4}, "0-0 1-3 3-3 4-4"},
        {"a*?", "", false, {"aa", 2}, "0-0 0-1 1-1 1-2 2-2"},
        {"(?=b)|b", "", false, {"abb", 3}, "1-1 1-2 2-2 2-3"},
        {"x*", "", false, {"\xc3\xa9", 2}, "0-0 2-2"},
        {"(a)|(b)", "", false, {"ab", 2}, "0-1(0-1,-) 1-2(-,1-2)"},
        {"(?:(a)|b)*", "", false, {"ab", 2}, "0-2(0-1) 2-2(-)"},
        {"(a)(b)(c)(d)(e)", "", false, {"abcde", 5}, "0-5(0-1,1-2,2-3)"},
        {"(?<=a)b", "", false, {"abb", 3}, "1-2"},
        {"\\bb", "", false, {"ab b", 4}, "3-4"},
        {"foo\\Kbar", "", false, {"foobarfoobar", 12}, "3-6 9-12"},
        {"a\\K", "", false, {"aa", 2}, "1-1 2-2"},
        {"\\Ga", "", false, {"aaba", 4}, "0-1 1-2"},
        {"\"[^\"]*\"(*SKIP)(*F)|x", "", false, {"x\"x\"x", 5}, "0-1 4-5"},
        {"a(*COMMIT)b|x", "", false, {"acx", 3}, ""},
        {"(?s).*", "", false, {"a\nb", 3}, "0-3 3-3"},
        {"a$", "", false, {"a\r\n", 3}, ""},
        {"(*CRLF)a$", "", false, {"a\r\n", 3}, "0-1"},
        {"(*LIMIT_MATCH=1)a+b", "", false, {"aaacb", 5}, "limit"},
        {"a\0b", "", false, {"a\0b", 3}, "0-1"},
        {".b",
         "",
         false,
         {"\xff"
          "b",
          2},
         "0-2"},
        {"^.$", "", false, {"\xff", 1}, "0-1"},
        {"\\w|\xef\xbf\xbd", "", false, {"\xff\xe2\x82", 3}, ""},
        {"yes", "", true, {"yes\xff", 4}, ""},
        {"yes$", "", false, {"yes\xffno", 6}, ""},
        {"b",
         "",
         false,
         {"\xf0\x9f\x98"
          "b\x80"
          "b",
          6},
         "3-4 5-6"},
        {"..",
         "",
         false,
         {"\xe2\x82"
          "a",
          3},
         "0-2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pattern *p CLEANUP(pattern_free_at) = compiled(rows[i].text, rows[i].flags, rows[i].is_full);
        for (size_t m = 0; m < ARRAY_LEN(modes) && p != NULL; m++) {
            char row[100];
            (void)snprintf(row, sizeof(row), "%s, %s", rows[i].text, modes[m].name);
            struct buf out CLEANUP(buf_deinit) = BUF(4096);
            matches_list(&out, p, rows[i].subject, &modes[m]);
            CHECK_CSTR(row, buf_str(&out), rows[i].want);
        }
    }
}

static void test_groups(void)
{
    struct pattern *p CLEANUP(pattern_free_at) = compiled("(?<year>\\d+)-(?<month>\\d+)(x)?", "", false);
    uint32_t number = 0;
    CHECK_INT("count", pattern_group_count(p), 3);
    CHECK("named", pattern_group_number(p, STR("month"), &number) && number == 2);
    CHECK("unknown", !pattern_group_number(p, STR("day"), &number));
    CHECK("empty", !pattern_group_number(p, STR_NULL, &number));
    CHECK("with NUL", !pattern_group_number(p, STR("year\0"), &number));
    char name[300];
    memset(name, 'n', sizeof(name));
    CHECK("too long", !pattern_group_number(p, (struct str){name, sizeof(name)}, &number));
    struct pattern_search s;
    pattern_search_begin(&s, p, STR("on 2026-11"));
    struct pattern_span spans[6] = {0};
    CHECK("match", pattern_search_next(&s, 0, spans, 6) == PATTERN_MATCH);
    CHECK("group", spans[2].start == 8 && spans[2].end == 10);
    CHECK("no part in it", spans[3].start == SIZE_MAX && spans[3].end == SIZE_MAX);
    CHECK("no such group", spans[5].start == SIZE_MAX);
    struct pattern_span kept = {7, 9};
    CHECK("no more", pattern_search_next(&s, 0, &kept, 1) == PATTERN_NO_MATCH);
    CHECK("no more after that", pattern_search_next(&s, 0, &kept, 1) == PATTERN_NO_MATCH);
    CHECK("untouched", kept.start == 7 && kept.end == 9);
    pattern_search_begin(&s, p, STR("2026-11"));
    CHECK("no room for groups", pattern_search_next(&s, 0, NULL, 0) == PATTERN_MATCH);
    pattern_free(NULL);
}

/* Two searches of one pattern take turns, both over bytes that are no UTF-8. */
static void test_interleaved(void)
{
    struct pattern *p CLEANUP(pattern_free_at) = compiled(".", "", false);
    struct pattern_search a;
    struct pattern_search b;
    pattern_search_begin(&a, p,
                         STR("\xff"
                             "a\xc3\xa9"));
    pattern_search_begin(&b, p, STR("\xc3\xa9\xfe\xfd"));
    static const struct pattern_span want_a[] = {{0, 1}, {1, 2}, {2, 4}};
    static const struct pattern_span want_b[] = {{0, 2}, {2, 3}, {3, 4}};
    for (size_t i = 0; i < 3; i++) {
        struct pattern_span got = {0, 0};
        CHECK("a", pattern_search_next(&a, 0, &got, 1) == PATTERN_MATCH);
        CHECK("a", got.start == want_a[i].start && got.end == want_a[i].end);
        CHECK("b", pattern_search_next(&b, 0, &got, 1) == PATTERN_MATCH);
        CHECK("b", got.start == want_b[i].start && got.end == want_b[i].end);
    }
}

static void test_quote(void)
{
    static const char *const flags[] = {"", "x", "imsx"};
    struct buf text CLEANUP(buf_deinit) = BUF(4096);
    for (unsigned c = 0; c < 128; c++) {
        buf_append_char(&text, (char)c);
    }
    buf_append_cstr(&text, "\xc2\x85\xe2\x80\x8e\xe2\x80\xa8\xc3\xa9\xf0\x9f\x98\x80\\E\\Qa(?C)(*F)[[:alpha:]]#\n x");
    struct buf quoted CLEANUP(buf_deinit) = BUF(4096);
    pattern_quote(&quoted, buf_str(&text));
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        struct pattern *p CLEANUP(pattern_free_at) = NULL;
        struct err err = ERR_NULL;
        CHECK(flags[i], pattern_compile(buf_str(&quoted), str_from(flags[i]), true, &p, NULL, &err));
        struct pattern_span span = {0, 0};
        struct pattern_search s;
        pattern_search_begin(&s, p, buf_str(&text));
        CHECK(flags[i], p != NULL && pattern_search_next(&s, 0, &span, 1) == PATTERN_MATCH && span.end == text.len);
    }
    struct buf set CLEANUP(buf_deinit) = BUF(4096);
    buf_append_cstr(&set, "[");
    pattern_quote(&set, STR("^a-]"));
    buf_append_cstr(&set, "]");
    struct pattern *p CLEANUP(pattern_free_at) = compiled(set.ptr, "", false);
    struct buf out CLEANUP(buf_deinit) = BUF(4096);
    matches_list(&out, p, STR("b]-^a"), &modes[0]);
    CHECK_CSTR("in a class", buf_str(&out), "1-2 2-3 3-4 4-5");
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state >> 20;
}

static void append_random(struct buf *out, uint64_t *random, int depth)
{
    static const char *const atoms[] = {
        "a",      "b",        "x",      "\\d", "\\w", ".",        "[ab]",           "[^a]",
        "\\b",    "\\B",      "^",      "$",   "\\s", "\xc3\xa9", "\xe4\xb8\x80",   "(?=a)",
        "(?!b)",  "(?<=a)",   "(?<!b)", "\\K", "\\G", "(*SKIP)",  "(*COMMIT)",      "(*F)",
        "\\1",    "(?>a|ab)", "a*+",    "\\X", "\\R", "(?i:A)",   "(?<=\xc3\xa9.)", "\\z",
        "\\p{L}",
    };
    static const char *const quantifiers[] = {"", "", "", "*", "+", "?", "*?", "+?", "{2}", "{1,3}"};
    size_t count = 1 + next_random(random) % 4;
    for (size_t i = 0; i < count; i++) {
        bool is_group = depth < 3 && next_random(random) % 5 == 0;
        const char *atom = atoms[next_random(random) % ARRAY_LEN(atoms)];
        if (is_group) {
            buf_append_cstr(out, next_random(random) % 3 == 0 ? "(?:" : "(");
            append_random(out, random, depth + 1);
            buf_append_cstr(out, next_random(random) % 2 == 0 ? "|" : "");
            append_random(out, random, depth + 1);
            buf_append_char(out, ')');
        } else {
            buf_append_cstr(out, atom);
        }
        bool may_repeat = is_group || str_find_char(STR("(\\^$"), atom[0], NULL) == false;
        buf_append_cstr(out, may_repeat ? quantifiers[next_random(random) % ARRAY_LEN(quantifiers)] : "");
    }
}

/* Random patterns over random bytes: JIT or not, watched or not, in one go or stopped at every start offset. */
static void test_random(void)
{
    static const char *const units[] = {
        "a", "b", "x", "1", " ", "\n", "ab", "aa", "\xc3\xa9", "\xe4\xb8\x80", "\xff", "\x80", "\xe2\x82", "A"};
    static const char *const flags[] = {"", "i", "m", "s", "ims"};
    uint64_t random = 0x9e3779b97f4a7c15u;
    size_t compared = 0;
    for (size_t i = 0; i < RANDOM_PATTERNS; i++) {
        struct buf text CLEANUP(buf_deinit) = BUF(4096);
        append_random(&text, &random, 0);
        struct pattern *p CLEANUP(pattern_free_at) = NULL;
        struct err err = ERR_NULL;
        if (!pattern_compile(buf_str(&text), str_from(flags[i % ARRAY_LEN(flags)]), i % 8 == 0, &p, NULL, &err)) {
            continue;
        }
        struct buf subject CLEANUP(buf_deinit) = BUF(200);
        for (size_t length = next_random(&random) % 24; length > 0; length--) {
            buf_append_cstr(&subject, units[next_random(&random) % ARRAY_LEN(units)]);
        }
        struct buf want CLEANUP(buf_deinit) = BUF(1 << 16);
        matches_list(&want, p, buf_str(&subject), &modes[0]);
        for (size_t m = 1; m < ARRAY_LEN(modes); m++) {
            struct buf got CLEANUP(buf_deinit) = BUF(1 << 16);
            matches_list(&got, p, buf_str(&subject), &modes[m]);
            bool has_limit = str_ends(buf_str(&got), STR("limit")) || str_ends(buf_str(&want), STR("limit"));
            CHECK_STR(text.ptr, has_limit ? buf_str(&want) : buf_str(&got), buf_str(&want));
            compared += has_limit ? 0 : 1;
        }
    }
    CHECK("most are compared", compared > (size_t)RANDOM_PATTERNS * 2);
}

/* What stands at the end of a long text is found however the time is cut, and the cuts are real. */
static void test_turns(void)
{
    struct buf subject CLEANUP(buf_deinit) = BUF(SUBJECT_MAX);
    while (subject.len < LONG_BYTES / 8) {
        buf_append_cstr(&subject, "word word; ");
    }
    size_t start = subject.len;
    buf_append_cstr(&subject, "word 42");
    struct pattern *p CLEANUP(pattern_free_at) = compiled("\\w+ (\\d+)", "", false);
    static const int64_t turns_ns[] = {0, 1000, 100000, 5 * NS_PER_MS};
    for (size_t i = 0; i < ARRAY_LEN(turns_ns); i++) {
        struct pattern_search s;
        pattern_search_begin(&s, p, buf_str(&subject));
        struct pattern_span groups[2] = {{0, 0}};
        size_t turns = 1;
        enum pattern_status status = PATTERN_MORE;
        while ((status = pattern_search_next(&s, turns_ns[i], groups, 2)) == PATTERN_MORE) {
            turns++;
        }
        CHECK("found", status == PATTERN_MATCH && groups[0].start == start && groups[1].start == start + 5);
        CHECK("in turns", turns_ns[i] == 0 ? turns == 1 : turns_ns[i] > 1000 || turns > 10);
    }
}

/* Deeper than the JIT stack: interpreted then, which must not say "no match". */
static void test_jit_stack(void)
{
    struct buf subject CLEANUP(buf_deinit) = BUF(SUBJECT_MAX);
    buf_append_repeat(&subject, 'a', LONG_BYTES);
    buf_append_cstr(&subject, "b");
    struct pattern *p CLEANUP(pattern_free_at) = compiled("(?:.|\\n)*b", "", false);
    struct pattern_search s;
    struct pattern_span span = {0, 0};
    pattern_search_begin(&s, p, buf_str(&subject));
    CHECK("not the same as no match", pattern_search_next(&s, 0, &span, 1) != PATTERN_NO_MATCH);
    pattern_search_begin(&s, p, STR("aab"));
    CHECK("the pattern still works", pattern_search_next(&s, 0, &span, 1) == PATTERN_MATCH && span.end == 3);
    subject.ptr[30000] = 'b';
    pattern_search_begin(&s, p, str_slice(buf_str(&subject), 0, 30001));
    CHECK("deep, but within limits", pattern_search_next(&s, 0, &span, 1) == PATTERN_MATCH && span.end == 30001);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"faults with their place", test_faults},
        {"bombs", test_bombs},
        {"matches, however driven", test_matches},
        {"groups", test_groups},
        {"searches in turn", test_interleaved},
        {"quoting", test_quote},
        {"random patterns, however driven", test_random},
        {"a long search in turns", test_turns},
        {"the JIT stack", test_jit_stack},
    };
    return check_run("base/pattern", tests, ARRAY_LEN(tests));
}
