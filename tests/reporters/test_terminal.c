#include <stdio.h>
#include <string.h>

#include "base/term.h"
#include "base/utf8.h"
#include "reporters/shown.h"
#include "reporters/terminal_parts.h"
#include "tests/check.h"
#include "tests/reporters/report.h"

/* What models say moves no cursor, and no line is wider than the terminal. */
static void test_hostile(void)
{
    for (size_t runs = 1; runs <= 2; runs++) {
        for (int verbose = 0; verbose < 2; verbose++) {
            for (size_t columns = 20; columns <= 120; columns += 20) {
                struct report r CLEANUP(report_deinit) = {0};
                report_init(&r, runs, REPORT_EVIL);
                r.in.is_verbose = verbose == 1;
                struct str text = report_write_text(&r, "terminal", columns);
                struct str rest = text;
                struct str line;
                CHECK("valid UTF-8", utf8_is_valid(text, NULL));
                CHECK("no direction override", !str_find(text, STR("\xe2\x80\xae"), NULL));
                while (str_split(&rest, '\n', &line)) {
                    CHECK("no control characters", !str_has_control(line));
                    CHECK_INT(arena_printf(&r.arena, "fits into %zu: %.*s", columns, STR_ARG(line)).ptr,
                              term_width(line) > columns ? term_width(line) : 0, 0);
                }
                CHECK("of a size to read", text.len < 200000);
            }
        }
    }
}

static void test_colors(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    struct str plain = report_write_text(&r, "terminal", 80);
    r.in.term.has_color = r.in.term.is_tty = true;
    struct str colored = report_write_text(&r, "terminal", 80);
    CHECK("colors are there", str_find(colored, STR("\x1b[32m"), NULL) && str_find(colored, STR("\x1b[31m"), NULL));
    char *stripped = arena_alloc(&r.arena, colored.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < colored.len; i++) {
        if (colored.ptr[i] == '\x1b') {
            while (i < colored.len && colored.ptr[i] != 'm') {
                i++;
            }
            continue;
        }
        stripped[len++] = colored.ptr[i];
    }
    CHECK_STR("and change nothing else", ((struct str){stripped, len}), plain);
}

static void test_content(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    struct str text = report_write_text(&r, "terminal", 100);
    static const char *const parts[] = {
        "nice  run 01234567\n",
        "3 cases, 5 passed, 4 failed, 4 errored, 7 skipped",
        "9.9 s",
        "3 of 4 samples recorded",
        "skipped skipped-0: nice\n",
        "and 2 more\n",
        "score                         n  pass rate         95%  not scored\n",
        "answer                        9      55.6%  25% to 75%\n",
        "a_dimension_with_a_long_name  0                                  9\n",
        "measure     n   mean             95%  p50     p95    min         max\n",
        "latency_ms  9  12346  10000 to 20000   12  123456  0.001  1000000000\n",
        "✓ cases >= 1                                14\n",
        "✗ nice                                      0.5\n",
        "! answer.mean <= 0.5                        0.5556, warning only\n      errors could decide: who knows\n",
        "- answer.pass_rate[tag=x] >= 1%             not judged\n",
        "~ no regression of answer.mean beyond 0.02  0.5556\n      nice\n",
        "  · baseline nice: 1 run, 9 of 10 cases in common, 1 not in this run; not compared:",
        "  ! no baseline: nice\n  ! nice\n",
        "failures and errors\n",
        "  ✗ plain\n    input     plain\n    output    plain\n    answer    plain\n",
        "  ! plain\n    error     plain\n    input     plain\n",
        "    output    plain\n    expected  plain\n    stderr    plain\n",
    };
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        CHECK_CONTAINS("part", text, parts[i]);
    }
}

static void test_max_shown(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    r.in.max_shown = 1;
    CHECK_CONTAINS("more", report_write_text(&r, "terminal", 80), "... and more: assay show 01234567 --failed\n");
    r.in.max_shown = 2;
    CHECK("all", !str_find(report_write_text(&r, "terminal", 80), STR("and more:"), NULL));
}

static void test_excerpts(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 1, REPORT_NICE);
    r.samples[1].output = STR("one\r\ntwo\n\nfour\nA: 5\n\n");
    CHECK_CONTAINS("first and last", report_write_text(&r, "terminal", 80),
                   "    output    one\n              ... 3 lines ...\n              A: 5\n");
    r.samples[1].output = STR("one\ntwo\nthree");
    CHECK_CONTAINS("short ones whole", report_write_text(&r, "terminal", 80),
                   "    output    one\n              two\n              three\n");
    r.samples[1].output = STR("\n\n");
    CHECK_CONTAINS("nothing to see", report_write_text(&r, "terminal", 80), "    output    (empty)\n");
    r.samples[1].input = STR("{\"a\":[1,2]}");
    CHECK_CONTAINS("a map", report_write_text(&r, "terminal", 80), "    input     {\"a\":[1,2]}\n");
}

static void test_variants(void)
{
    struct report r CLEANUP(report_deinit) = {0};
    report_init(&r, 2, REPORT_NICE);
    struct str text = report_write_text(&r, "terminal", 80);
    CHECK_CONTAINS("heading", text, "  2 variants, 9.9 s");
    CHECK_CONTAINS("columns", text, "                                       default           nice1\n");
    CHECK_CONTAINS("pass rate", text,
                   "  answer                                 55.6%           55.6%\n    95%                            "
                   " 25% to 75%      25% to 75%\n");
    CHECK_CONTAINS("measure", text, "  latency_ms\n    mean                                 12346           12346\n");
    CHECK_CONTAINS("a gate that both hold", text, "both variants\n");
    CHECK_CONTAINS("a gate that fails is said for each", text, "✗ [nice1] nice");
}

static void test_numbers(void)
{
    static const struct {
        double value;
        const char *number, *share;
    } rows[] = {
        {0, "0", "0%"},
        {1, "1", "100%"},
        {0.99999, "0.99999", "99.9%"},
        {0.0001, "0.0001", "0.1%"},
        {0.5, "0.5", "50%"},
        {2.0 / 3, "0.667", "66.7%"},
        {0.999, "0.999", "99.9%"},
        {0.001, "0.001", "0.1%"},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_CSTR(rows[i].number, shown_number(&arena, rows[i].value), rows[i].number);
        CHECK_CSTR(rows[i].share, shown_share(&arena, rows[i].value), rows[i].share);
    }
    CHECK_CSTR("not quite one", shown_number(&arena, 0.9999), "0.9999");
    CHECK_CSTR("not one at all digits", shown_number(&arena, 0.99999999), "0.999999");
    CHECK_CSTR("large", shown_number(&arena, 15320.4), "15320");
    CHECK_CSTR("negative", shown_number(&arena, -12.345), "-12.35");
    CHECK_CSTR("tiny", shown_number(&arena, 0.000012), "0.000012");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"hostile", test_hostile},     {"colors", test_colors},     {"content", test_content},
        {"max shown", test_max_shown}, {"excerpts", test_excerpts}, {"variants", test_variants},
        {"numbers", test_numbers},
    };
    return check_run("reporters/terminal", tests, ARRAY_LEN(tests));
}
