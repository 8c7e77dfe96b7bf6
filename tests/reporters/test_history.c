/* Histories for people: sparklines, and the whole on terminals of every width with names that want to be something else. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "model/history.h"
#include "reporters/history_terminal.h"
#include "reporters/sparkline.h"
#include "tests/check.h"

enum { RUNS_MAX = 64 };

/* Values from digits and letters: a digit is a tenth, '-' is no figure, '|' a break before the next. */
static struct history_series series_of(struct arena *arena, const char *text, size_t *ret_count)
{
    struct history_series s = {.stat = STR("answer.pass_rate"), .is_share = true, .direction = DIRECTION_HIGHER};
    s.points = arena_array(arena, struct history_point, strlen(text) + 1);
    s.breaks = arena_array(arena, struct history_break, strlen(text) + 1);
    *ret_count = 0;
    for (; *text != '\0'; text++) {
        if (*text == '|') {
            s.breaks[s.break_count++] = (struct history_break){*ret_count, STR("its scorer changed")};
        } else {
            s.points[*ret_count].has_value = *text != '-';
            s.points[*ret_count].n = 10;
            s.points[(*ret_count)++].value = *text == '-' ? 0 : (*text - '0') / 10.0;
        }
    }
    return s;
}

static void test_sparkline(void)
{
    static const struct {
        const char *name, *series;
        size_t columns;
        const char *ascii, *blocks;
    } rows[] = {
        {"nothing", "", 10, "", ""},
        {"one", "7", 10, "5", "▅"},
        {"constant", "777", 10, "555", "▅▅▅"},
        {"up", "0189", 10, "0189", "▁▁██"},
        {"its own scale", "4545", 10, "0909", "▁█▁█"},
        {"no figure", "4-5", 10, "0 9", "▁ █"},
        {"none has", "--", 10, "  ", "  "},
        {"a break", "45|45", 10, "09|09", "▁█┆▁█"},
        {"the newest fit", "012345", 3, "059", "▁▅█"},
        {"a break that does not fit", "45|45", 2, "09", "▁█"},
        {"a break before the first", "|45", 10, "09", "▁█"},
        {"no room", "45", 0, "", ""},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t count = 0;
        struct history_series s = series_of(&arena, rows[i].series, &count);
        for (int is_unicode = 0; is_unicode < 2; is_unicode++) {
            struct buf out CLEANUP(buf_deinit) = BUF(1000);
            size_t used = sparkline_append(&out, &(struct sparkline){&s, count, rows[i].columns, is_unicode});
            CHECK_CSTR(rows[i].name, buf_str(&out), is_unicode ? rows[i].blocks : rows[i].ascii);
            CHECK_INT(rows[i].name, used, term_width(buf_str(&out)));
        }
    }
}

static const char HOSTILE[] = "a\x1b[2J\n::error::x\xe2\x80\xae\xff very long name that goes on and on and on and on";

static struct history hostile_history(struct arena *arena)
{
    size_t count = 0;
    struct history_series *series = arena_array(arena, struct history_series, 2);
    struct history h = {.suite = str_from(HOSTILE), .variant = str_from(HOSTILE), .series = series, .series_count = 2};
    series[0] = series_of(arena, "8887878|22-23222", &count);
    series[1] = series_of(arena, "8887878|22-23222", &count);
    series[1].stat = STR("latency_ms.p95[tag=a very long tag that somebody chose]");
    series[1].is_share = false;
    h.run_count = count;
    h.runs = arena_array(arena, struct history_run, count);
    for (size_t i = 0; i < count; i++) {
        h.runs[i] = (struct history_run){.id = STR("01234567-89ab"),
                                         .finished_unix_ms = 1700000000000 + (int64_t)i * 86400000,
                                         .commit = str_from(HOSTILE),
                                         .branch = str_from(HOSTILE),
                                         .tree = TREE_DIRTY,
                                         .verdict = i == 9 ? VERDICT_ERRORED : VERDICT_PASSED,
                                         .has_figures = i != 9,
                                         .attempt = i,
                                         .cases = 10,
                                         .suite_changed = i == 3,
                                         .cases_changed = i == 3 ? 1 : 0};
        series[0].points[i].has_change = i > 0 && i != 7;
        series[0].points[i].change = i % 3 == 0 ? 0.0001 : -0.1;
        series[0].points[i].interval = (struct stat_interval){
            .how = {METHOD_WILSON, 10, 0, 0.05}, .has_lo = true, .has_hi = true, .lo = 0.1, .hi = 0.9};
    }
    series[0].changes = arena_new(arena, struct history_change);
    series[0].changes[0] = (struct history_change){5, 0.8, 0.2, 0.001};
    series[0].change_count = 1;
    series[0].has_flips = true;
    series[0].flips = 0.1;
    series[0].flip_cases = 10;
    series[0].flakes = arena_new(arena, struct history_flake);
    series[0].flakes[0] = (struct history_flake){.case_id = str_from(HOSTILE), .samples = 9, .passed = 4, .rate = 0.5};
    series[0].flake_count = 1;
    series[0].flakes_total = 30;
    return h;
}

static struct str shown(struct arena *arena, const struct history *h, struct history_view view)
{
    char *text = NULL;
    size_t size = 0;
    view.out = open_memstream(&text, &size);
    history_terminal(h, &view, arena);
    (void)fclose(view.out);
    struct str copy = arena_str(arena, (struct str){text, size});
    free(text);
    return copy;
}

/* Whatever the width: no line is longer, nothing moves the cursor, and in plain ASCII nothing else is written. */
static void test_terminal(void)
{
    for (size_t columns = 20; columns < 160; columns += 7) {
        for (int is_unicode = 0; is_unicode < 2; is_unicode++) {
            struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
            struct history h = hostile_history(&arena);
            char name[64];
            (void)snprintf(name, sizeof(name), "%zu columns", columns);
            struct str text = shown(
                &arena, &h,
                (struct history_view){.term = {.columns = columns}, .is_unicode = is_unicode, .is_all_shown = true});
            CHECK(name, !str_find_char(text, '\x1b', NULL));
            CHECK(name, utf8_is_valid(text, NULL));
            struct str rest = text;
            struct str line;
            while (str_split(&rest, '\n', &line)) {
                check_true_at(term_width(line) <= columns, name, arena_cstr(&arena, line), __FILE__, __LINE__);
                CHECK(name, !str_starts(str_trim(line), STR("::error::")));
            }
            if (columns > 80) {
                CHECK_CONTAINS(name, text, is_unicode ? "┆" : "|");
            }
        }
    }
}

static void test_words(void)
{
    static const char *const parts[] = {
        "15 runs, 2023-11-14",
        "notes",
        "the suite's text changed",
        "1 case has other content",
        "attempt  ",
        "begins anew: its scorer changed",
        "errored: in no figure",
        "fell from 80% to 20% with run 01234567",
        "p = 0.001",
        "4 of 9",
        "and 29 more",
        "a chance of 10% (mean of 10 cases)",
        "10% to 90%",
        "v -10.0 pt",
        "+0.0 pt",
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct history h = hostile_history(&arena);
    h.suite = STR("sums");
    h.variant = STR("default");
    struct str text = shown(&arena, &h, (struct history_view){.term = {.columns = 400}});
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        CHECK_CONTAINS(parts[i], text, parts[i]);
    }
    struct str colored =
        shown(&arena, &h, (struct history_view){.term = {.columns = 400, .is_tty = true, .has_color = true}});
    CHECK_CONTAINS("color", colored, "\x1b[31m");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"sparkline", test_sparkline},
        {"terminal", test_terminal},
        {"words", test_words},
    };
    return check_run("reporters history", tests, ARRAY_LEN(tests));
}
