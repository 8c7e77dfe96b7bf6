#include "reporters/history_terminal.h"

#include <math.h>
#include <stdarg.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "model/history.h"
#include "reporters/shown.h"
#include "reporters/sparkline.h"
#include "reporters/terminal_parts.h"
#include "reporters/text_table.h"

enum {
    INDENT = TERMINAL_INDENT,
    MINUTE_CHARS = 16,
    ID_CHARS = 8,
    SPARK_MIN = 8,
    FLAKES_SHOWN = 10,
    LINE_BYTES = 1 << 20
};

struct writing {
    const struct history *h;
    const struct history_view *view;
    struct arena *scratch;
};

/* --- parts ---------------------------------------------------------------------------------------------------------------------------------- */

static struct str minute_of(const struct writing *w, int64_t unix_ms)
{
    struct clock_text time = clock_local(unix_ms);
    return arena_str(w->scratch, str_slice(str_from(time.text), 0, MINUTE_CHARS));
}

/* Without the year where all runs are of one: the heading says it. */
static struct str when_of(const struct writing *w, const struct history_run *run)
{
    enum { YEAR_CHARS = 5 };
    struct str first = minute_of(w, w->h->runs[0].finished_unix_ms);
    struct str last = minute_of(w, w->h->runs[w->h->run_count - 1].finished_unix_ms);
    struct str when = minute_of(w, run->finished_unix_ms);
    bool is_one_year = str_eq(str_slice(first, 0, YEAR_CHARS), str_slice(last, 0, YEAR_CHARS));
    return is_one_year ? str_slice(when, YEAR_CHARS, when.len) : when;
}

static struct str short_id(const struct history_run *run)
{
    return str_slice(run->id, 0, ID_CHARS < run->id.len ? ID_CHARS : run->id.len);
}

/* "9f8e7d6a", with a star where the tree was not as the commit says. */
static struct str short_commit(const struct writing *w, const struct history_run *run)
{
    size_t len = run->commit.len < ID_CHARS ? run->commit.len : ID_CHARS;
    return run->commit.ptr == NULL
               ? STR("")
               : arena_printf(w->scratch, "%.*s%s", (int)len, run->commit.ptr, run->tree == TREE_DIRTY ? "*" : "");
}

static struct str figure(const struct writing *w, const struct history_series *s, double value)
{
    return s->is_share ? shown_share(w->scratch, value) : shown_number(w->scratch, value);
}

/* "+1.2 pt" of a share, "-3.4" of anything else; empty when nothing moved. */
static struct str change_text(const struct writing *w, const struct history_series *s, double change)
{
    double moved = s->is_share ? change * 100 : change;
    const char *sign = moved > 0 ? "+" : "-";
    if (change == 0) {
        return STR("0");
    }
    struct str number = s->is_share && fabs(moved) < 0.05 ? STR("0.0") : shown_number(w->scratch, fabs(moved));
    if (s->is_share && fabs(moved) >= 0.05) {
        number = arena_printf(w->scratch, "%.1f", fabs(moved));
    }
    return arena_printf(w->scratch, "%s%.*s%s", sign, STR_ARG(number), s->is_share ? " pt" : "");
}

static enum term_style style_of(const struct history_series *s, double change)
{
    if (s->direction == DIRECTION_NONE || change == 0) {
        return TERM_PLAIN;
    }
    return (change > 0) == (s->direction == DIRECTION_HIGHER) ? TERM_GREEN : TERM_RED;
}

static void put_line(const struct writing *w, struct str text, size_t first, size_t rest, enum term_style style)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    struct buf wrapped CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    const struct term *t = &w->view->term;
    buf_append_repeat(&line, ' ', first);
    (void)terminal_wrap(&wrapped, text, rest, t->columns);
    buf_append_cstr(&line, style == TERM_PLAIN ? "" : term_on(t, style));
    buf_append(&line, buf_str(&wrapped));
    buf_append_cstr(&line, style == TERM_PLAIN ? "" : term_off(t));
    (void)fprintf(w->view->out, "%.*s\n", STR_ARG(buf_str(&line)));
}

static void put_title(const struct writing *w, const char *text)
{
    (void)fputc('\n', w->view->out);
    put_line(w, str_from(text), INDENT, INDENT, TERM_DIM);
}

/* --- heading, overview ---------------------------------------------------------------------------------------------------------------------- */

static void put_heading(const struct writing *w)
{
    const struct history *h = w->h;
    const struct history_run *first = &h->runs[0];
    const struct history_run *last = &h->runs[h->run_count - 1];
    bool is_default = str_eq_cstr(h->variant, "default");
    put_line(w, is_default ? h->suite : arena_printf(w->scratch, "%.*s [%.*s]", STR_ARG(h->suite), STR_ARG(h->variant)),
             0, INDENT, TERM_BOLD);
    struct str when = h->run_count == 1
                          ? minute_of(w, last->finished_unix_ms)
                          : arena_printf(w->scratch, "%.*s to %.*s", STR_ARG(minute_of(w, first->finished_unix_ms)),
                                         STR_ARG(minute_of(w, last->finished_unix_ms)));
    bool is_common = h->run_count > 1 && first->cases == last->cases;
    put_line(w,
             arena_printf(w->scratch, "%zu %s, %.*s, %llu %s%s", h->run_count, h->run_count == 1 ? "run" : "runs",
                          STR_ARG(when), (unsigned long long)last->cases, last->cases == 1 ? "case" : "cases",
                          is_common ? " in common" : ""),
             INDENT, INDENT, TERM_PLAIN);
}

struct extent {
    const struct history_point *now; /* NULL = there is none */
    double lo, hi;
};

static struct extent extent_of(const struct history *h, const struct history_series *s)
{
    struct extent e = {.now = NULL};
    for (size_t i = 0; i < h->run_count; i++) {
        const struct history_point *p = &s->points[i];
        if (p->has_value) {
            e.lo = e.now == NULL || p->value < e.lo ? p->value : e.lo;
            e.hi = e.now == NULL || p->value > e.hi ? p->value : e.hi;
            e.now = p;
        }
    }
    return e;
}

static struct str extent_text(const struct writing *w, const struct history_series *s, const struct extent *e)
{
    if (e->now == NULL || e->lo == e->hi) {
        return STR("");
    }
    return arena_printf(w->scratch, "%.*s to %.*s", STR_ARG(figure(w, s, e->lo)), STR_ARG(figure(w, s, e->hi)));
}

/* Columns that are left for the lines beside the widest of everything else. */
static size_t spark_columns(const struct writing *w)
{
    size_t name = 0;
    size_t now = 3;
    size_t range = 15;
    for (size_t i = 0; i < w->h->series_count; i++) {
        const struct history_series *s = &w->h->series[i];
        struct extent e = extent_of(w->h, s);
        struct str extent = extent_text(w, s, &e);
        name = s->stat.len > name ? s->stat.len : name;
        now = e.now != NULL && figure(w, s, e.now->value).len > now ? figure(w, s, e.now->value).len : now;
        range = extent.len > range ? extent.len : range;
    }
    size_t columns = w->view->term.columns;
    name = name < columns / 3 ? name : columns / 3; /* the table cuts it */
    size_t others = INDENT + name + now + range + (size_t)3 * 2;
    size_t room = columns > others + SPARK_MIN ? columns - others : SPARK_MIN;
    return room < 200 ? room : 200;
}

static void put_overview(const struct writing *w)
{
    static const char *const headings[] = {"statistic", "now", "over time", "lowest, highest"};
    struct text_table t;
    size_t columns = spark_columns(w);
    text_table_begin(&t, w->scratch, ARRAY_LEN(headings));
    for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
        text_table_cell(&t, str_from(headings[i]), TERM_DIM);
    }
    for (size_t i = 0; i < w->h->series_count; i++) {
        const struct history_series *s = &w->h->series[i];
        struct buf spark CLEANUP(buf_deinit) = BUF(LINE_BYTES);
        struct extent e = extent_of(w->h, s);
        text_table_cell(&t, s->stat, TERM_PLAIN);
        text_table_cell(&t, e.now == NULL ? STR("none") : figure(w, s, e.now->value), TERM_PLAIN);
        if (e.now != NULL) {
            (void)sparkline_append(&spark, &(struct sparkline){s, w->h->run_count, columns, w->view->is_unicode});
        }
        text_table_cell(&t, buf_str(&spark), TERM_PLAIN);
        text_table_cell(&t, extent_text(w, s, &e), TERM_PLAIN);
    }
    (void)fputc('\n', w->view->out);
    text_table_print(&t, &w->view->term, INDENT, w->view->out);
}

/* --- runs ----------------------------------------------------------------------------------------------------------------------------------- */

static enum term_style verdict_style(const struct history_run *run)
{
    return run->verdict == VERDICT_PASSED ? TERM_GREEN : run->has_figures ? TERM_RED : TERM_YELLOW;
}

static const struct history_change *change_at(const struct history_series *s, size_t at)
{
    for (size_t i = 0; i < s->change_count; i++) {
        if (s->changes[i].at == at) {
            return &s->changes[i];
        }
    }
    return NULL;
}

/* The change to the run before, with an arrow where the level changed. */
static struct str marked_change(const struct writing *w, const struct history_series *s, double change,
                                const struct history_change *level)
{
    static const char *const arrows[2][2] = {{"v", "^"}, {"\xe2\x96\xbc", "\xe2\x96\xb2"}};
    struct str text = change_text(w, s, change);
    return level == NULL ? text
                         : arena_printf(w->scratch, "%s %.*s",
                                        arrows[w->view->is_unicode][level->after > level->before], STR_ARG(text));
}

static void put_run(const struct writing *w, const struct history_series *s, size_t at, struct text_table *t)
{
    const struct history_run *run = &w->h->runs[at];
    const struct history_point *p = &s->points[at];
    const struct history_change *level = change_at(s, at);
    text_table_cell(t, when_of(w, run), TERM_PLAIN);
    text_table_cell(t, short_id(run), TERM_PLAIN);
    text_table_cell(t, short_commit(w, run), TERM_PLAIN);
    text_table_cell(t, run->branch.ptr == NULL ? STR("") : run->branch, TERM_PLAIN);
    text_table_cell(t, str_from(verdict_row(run->verdict)->word), verdict_style(run));
    text_table_cell(t, run->attempt > 1 ? shown_count(w->scratch, run->attempt) : STR(""), TERM_YELLOW);
    text_table_cell(t, p->has_value ? shown_count(w->scratch, p->n) : STR(""), TERM_PLAIN);
    text_table_cell(t, p->has_value ? figure(w, s, p->value) : STR(""),
                    level == NULL ? TERM_PLAIN : style_of(s, level->after - level->before));
    text_table_cell(t, p->has_value ? shown_interval(w->scratch, &p->interval, s->is_share) : STR(""), TERM_PLAIN);
    text_table_cell(t, p->has_change ? marked_change(w, s, p->change, level) : STR(""), TERM_PLAIN);
}

static void put_runs(const struct writing *w, const struct history_series *s)
{
    static const char *const headings[] = {"when",    "run", "commit", "branch",       "verdict",
                                           "attempt", "n",   NULL,     "95% interval", "change"};
    struct text_table t;
    text_table_begin(&t, w->scratch, ARRAY_LEN(headings));
    for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
        text_table_cell(&t, headings[i] == NULL ? s->stat : str_from(headings[i]), TERM_DIM);
    }
    for (size_t i = 0; i < w->h->run_count; i++) {
        put_run(w, s, i, &t);
    }
    (void)fputc('\n', w->view->out);
    text_table_print(&t, &w->view->term, INDENT, w->view->out);
}

/* --- what is to be known of a run ------------------------------------------------------------------------------------------------------------ */

static void add_note(struct buf *line, const char *format, ...) PRINTF_LIKE(2, 3);
static void add_note(struct buf *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_append_cstr(line, line->len == 0 ? "" : "; ");
    buf_vprintf(line, format, args);
    va_end(args);
}

static const char *plural(uint64_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

static void note_run(const struct history_run *run, struct buf *line)
{
    if (run->cases_changed > 0) {
        add_note(line, "%llu %s other content", (unsigned long long)run->cases_changed,
                 plural(run->cases_changed, "case has", "cases have"));
    }
    if (run->cases_added > 0) {
        add_note(line, "%llu %s new", (unsigned long long)run->cases_added,
                 plural(run->cases_added, "case is", "cases are"));
    }
    if (run->cases_removed > 0) {
        add_note(line, "%llu %s gone", (unsigned long long)run->cases_removed,
                 plural(run->cases_removed, "case is", "cases are"));
    }
    if (run->suite_changed) {
        add_note(line, "the suite's text changed");
    }
    if (!run->has_figures) {
        add_note(line, "%s: in no figure", verdict_row(run->verdict)->word);
    }
}

static void note_series(const struct history_series *s, size_t at, struct buf *line)
{
    const struct history_point *p = &s->points[at];
    if (p->missing > 0) {
        add_note(line, "%.*s: %llu %s no score", STR_ARG(s->stat), (unsigned long long)p->missing,
                 plural(p->missing, "case has", "cases have"));
    }
    for (size_t i = 0; i < s->break_count; i++) {
        if (s->breaks[i].at == at) {
            add_note(line, "%.*s begins anew: %.*s", STR_ARG(s->stat), STR_ARG(s->breaks[i].why));
        }
    }
}

static void put_notes(const struct writing *w, size_t tables)
{
    bool has_title = false;
    for (size_t i = 0; i < w->h->run_count; i++) {
        const struct history_run *run = &w->h->runs[i];
        struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
        note_run(run, &line);
        for (size_t j = 0; j < tables; j++) {
            note_series(&w->h->series[j], i, &line);
        }
        if (line.len == 0) {
            continue;
        }
        if (!has_title) {
            put_title(w, "notes");
            has_title = true;
        }
        put_line(w, arena_printf(w->scratch, "%.*s: %.*s", STR_ARG(short_id(run)), STR_ARG(buf_str(&line))), INDENT,
                 2 * INDENT, TERM_PLAIN);
    }
}

/* --- changes and flakes --------------------------------------------------------------------------------------------------------------------- */

static void put_change(const struct writing *w, const struct history_series *s, const struct history_change *c)
{
    const struct history_run *run = &w->h->runs[c->at];
    struct str commit = short_commit(w, run);
    put_line(w,
             arena_printf(w->scratch, "%.*s %s from %.*s to %.*s with run %.*s (%.*s%s%.*s), p = %.*s",
                          STR_ARG(s->stat), c->after > c->before ? "rose" : "fell", STR_ARG(figure(w, s, c->before)),
                          STR_ARG(figure(w, s, c->after)), STR_ARG(short_id(run)),
                          STR_ARG(minute_of(w, run->finished_unix_ms)), commit.len > 0 ? ", commit " : "",
                          STR_ARG(commit), STR_ARG(shown_p(w->scratch, c->p))),
             INDENT, 2 * INDENT, style_of(s, c->after - c->before));
}

static void put_changes(const struct writing *w)
{
    bool has_any = false;
    bool is_short = true;
    put_title(w, "changes of level");
    for (size_t i = 0; i < w->h->series_count; i++) {
        const struct history_series *s = &w->h->series[i];
        is_short = is_short && s->is_too_short;
        for (size_t j = 0; j < s->change_count; j++) {
            put_change(w, s, &s->changes[j]);
            has_any = true;
        }
    }
    if (!has_any) {
        put_line(w, is_short ? STR("not looked for: that takes 8 runs that can be compared") : STR("none"), INDENT,
                 INDENT, TERM_PLAIN);
    }
}

static void put_flake_table(const struct writing *w, const struct history_series *s)
{
    static const char *const headings[] = {"flaky case", "passed", "flips", "95% interval of passing"};
    struct text_table t;
    text_table_begin(&t, w->scratch, ARRAY_LEN(headings));
    for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
        text_table_cell(&t, str_from(headings[i]), TERM_DIM);
    }
    size_t shown = s->flake_count < FLAKES_SHOWN ? s->flake_count : FLAKES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const struct history_flake *f = &s->flakes[i];
        text_table_cell(&t, f->case_id, TERM_PLAIN);
        text_table_cell(
            &t, arena_printf(w->scratch, "%llu of %llu", (unsigned long long)f->passed, (unsigned long long)f->samples),
            TERM_PLAIN);
        text_table_cell(&t, shown_share(w->scratch, f->rate), TERM_PLAIN);
        text_table_cell(&t, shown_interval(w->scratch, &f->pass_rate, true), TERM_PLAIN);
    }
    (void)fputc('\n', w->view->out);
    text_table_print(&t, &w->view->term, INDENT, w->view->out);
    if (s->flakes_total > shown) {
        put_line(w, arena_printf(w->scratch, "and %llu more", (unsigned long long)(s->flakes_total - shown)), INDENT,
                 INDENT, TERM_PLAIN);
    }
}

static void put_flips(const struct writing *w, const struct history_series *s)
{
    if (s->flake_count > 0) {
        put_flake_table(w, s);
    }
    if (s->has_flips) {
        put_line(
            w,
            arena_printf(w->scratch,
                         "%.*s: a case differs between two runs of one version with a chance of %.*s (mean of %llu "
                         "%s)",
                         STR_ARG(s->stat), STR_ARG(shown_share(w->scratch, s->flips)),
                         (unsigned long long)s->flip_cases, plural(s->flip_cases, "case", "cases")),
            INDENT, INDENT, TERM_PLAIN);
    }
}

void history_terminal(const struct history *h, const struct history_view *view, struct arena *scratch)
{
    struct writing w = {h, view, scratch};
    size_t tables = view->is_all_shown || h->series_count == 0 ? h->series_count : 1;
    put_heading(&w);
    if (h->series_count > 0) {
        put_overview(&w);
    }
    for (size_t i = 0; i < tables; i++) {
        put_runs(&w, &h->series[i]);
    }
    put_notes(&w, tables);
    put_changes(&w);
    bool has_flips = false;
    for (size_t i = 0; i < tables; i++) {
        has_flips = has_flips || h->series[i].has_flips;
    }
    if (has_flips) {
        put_title(&w, "cases that flip though nothing was changed");
    }
    for (size_t i = 0; i < tables; i++) {
        put_flips(&w, &h->series[i]);
    }
}
