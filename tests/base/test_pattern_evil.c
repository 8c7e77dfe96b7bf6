#include "base/pattern.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "tests/check.h"

enum {
    SMALL_BYTES = 10, /* here nothing is too much */
    SUBJECT_MAX = 2 << 20,
    EVIL_MAX_MS = 5000 /* a bound on hangs, far over LIMIT_PATTERN_MS for slow machines */
};

/* Patterns with a bad name, and what makes them show it. Each ends with the right answer or at a limit, wherever in the text
 * the trouble is. */
static const struct {
    const char *text, *unit, *tail;
    bool matches; /* the right answer, where no limit is met */
} evils[] = {
    {"(a+)+$", "a", "!", false},
    {"(a+)+b", "a", "c", false},
    {"([a-zA-Z]+)*$", "a", "!", true},
    {"(a|aa)+$", "a", "!", false},
    {"(a|a?)+$", "a", "!", true},
    {"(.*a){12}$", "a", "!", false},
    {"a*a*a*c\\d", "a", "c", false},
    {"a*a*a*a*a*a*[bc]\\d", "a", "c", false},
    {"(.*)*x", "a", "", false},
    {"(x+x+)+y", "x", "", false},
    {"^(([a-z])+.)+[A-Z]([a-z])+$", "a", "", false},
    {"(?=(a+))a*b\\1", "a", "", false},
    {"(?=(?=(?=(a*)*b)))", "a", "", false},
    {"(a*)\\1+b", "a", "c", false},
    {"(a+)(a+)\\2\\1[bc]\\d", "a", "c", false},
    {"(?:[^z]*+z|a)+$", "a", "!", false},
    {"(?:\\w+:|.)*x", "a", "", false},
    {"(?<!a{200})a+b", "a", "", false},
    {"(?:a?){50}a{50}$", "a", "!", false},
    {"\\s+$", " ", "x", false},
    {"[^,]*,[^,]*,[^,]*,x", "a,", "", false},
    {"((a)|(b)|(ab))*c\\1", "ab", "", false},
    {"a(?R)?(?R)?b", "a", "", false},
    {"^(?:(?:a|b|ab)*)*$", "ab", "!", false},
    {"(?i)(k|K|\xe2\x84\xaa)+x", "k", "", false},
    {"\\b(\\w+\\s?)+\\b\\?", "word ", "", false},
};

/* `calm_bytes` of harmless text come first, then `bytes` of trouble. The first match or the end of the search is all that counts. */
static void check_evil(size_t i, size_t calm_bytes, size_t bytes, bool no_jit)
{
    struct buf subject CLEANUP(buf_deinit) = BUF(SUBJECT_MAX);
    buf_append_repeat(&subject, '\n', calm_bytes);
    while (subject.len < calm_bytes + bytes) {
        buf_append_cstr(&subject, evils[i].unit);
    }
    buf_append_cstr(&subject, evils[i].tail);
    struct pattern *p CLEANUP(pattern_free_at) = NULL;
    struct err err = ERR_NULL;
    CHECK(evils[i].text, pattern_compile(str_from(evils[i].text), STR_NULL, false, &p, NULL, &err));
    char row[120];
    (void)snprintf(row, sizeof(row), "%s on %zu + %zu bytes%s", evils[i].text, calm_bytes, bytes,
                   no_jit ? ", interpreted" : "");
    struct pattern_search s;
    struct pattern_span span = {0, 0};
    pattern_search_begin(&s, p, buf_str(&subject));
    s.no_jit = no_jit;
    int64_t start_ns = clock_ns(&CLOCK_SYSTEM);
    enum pattern_status status = pattern_search_next(&s, 0, &span, 1);
    CHECK(row, clock_ns(&CLOCK_SYSTEM) - start_ns < EVIL_MAX_MS * NS_PER_MS);
    CHECK(row, status == (evils[i].matches ? PATTERN_MATCH : PATTERN_NO_MATCH) ||
                   (bytes > SMALL_BYTES && status == PATTERN_LIMIT));
}

static void test_evil(void)
{
    for (size_t i = 0; i < ARRAY_LEN(evils); i++) {
        check_evil(i, 0, SMALL_BYTES, false);
        check_evil(i, 0, SMALL_BYTES, true);
        check_evil(i, 0, 1000, false);
        check_evil(i, 0, 1000, true);
        check_evil(i, 0, 1 << 20, false);
    }
}

static void test_evil_after_calm(void)
{
    for (size_t i = 0; i < ARRAY_LEN(evils); i += 5) {
        check_evil(i, 1 << 20, 3000, false);
        check_evil(i, 0, 60000, true);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"evil patterns", test_evil},
        {"trouble after a megabyte of calm", test_evil_after_calm},
    };
    return check_run("base/pattern_evil", tests, ARRAY_LEN(tests));
}
