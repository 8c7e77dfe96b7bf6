/* A suite's last runs: a small drawing for each statistic, oldest run left, with the interval of each figure, where the series breaks and where it
 * changed; the figures as a table, folded; and the cases that flip though nothing was changed. Everything is said by the record (model/history.h).
 * Places across are shares of the width, so that a drawing fits any screen. */

#include "base/arena.h"
#include "reporters/html_sections.h"
#include "reporters/shown.h"

enum { DRAWN_MAX = 24, FLAKES_MAX = 20, HEIGHT = 72, EDGE = 6 };

struct axis {
    double lo, hi;
    size_t runs;
};

static struct str value_text(struct arena *arena, const struct history_series *s, double value)
{
    return s->is_share ? shown_share(arena, value) : shown_number(arena, value);
}

static void stretch_axis(struct axis *axis, bool *has_any, double value)
{
    axis->lo = !*has_any || value < axis->lo ? value : axis->lo;
    axis->hi = !*has_any || value > axis->hi ? value : axis->hi;
    *has_any = true;
}

static struct axis axis_of(const struct history *h, const struct history_series *s)
{
    struct axis axis = {.runs = h->run_count};
    bool has_any = false;
    for (size_t i = 0; i < h->run_count; i++) {
        const struct history_point *p = &s->points[i];
        if (!p->has_value) {
            continue;
        }
        stretch_axis(&axis, &has_any, p->value);
        if (shown_has(&p->interval)) {
            stretch_axis(&axis, &has_any, p->interval.has_lo ? p->interval.lo : p->value);
            stretch_axis(&axis, &has_any, p->interval.has_hi ? p->interval.hi : p->value);
        }
    }
    if (s->is_share) { /* no interval leads out of what a share can be, and no small wave looks like a storm */
        static const double least = 0.1;
        double missing = least - (axis.hi - axis.lo);
        axis.lo -= missing > 0 ? missing / 2 : 0;
        axis.hi += missing > 0 ? missing / 2 : 0;
        double over = axis.hi > 1 ? axis.hi - 1 : axis.lo < 0 ? axis.lo : 0;
        axis.lo = axis.lo - over > 0 ? axis.lo - over : 0;
        axis.hi = axis.hi - over < 1 ? axis.hi - over : 1;
    }
    return axis;
}

static double across(const struct axis *axis, size_t run)
{
    static const double margin = 2;
    double share = axis->runs > 1 ? (double)run / (double)(axis->runs - 1) : 0.5;
    return margin + (100 - 2 * margin) * share;
}

static double down(const struct axis *axis, double value)
{
    double span = axis->hi - axis->lo;
    double share = span > 0 ? (value - axis->lo) / span : 0.5;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share;
}

static void put_stroke(struct buf *out, const char *class_name, double x1, double y1, double x2, double y2)
{
    buf_printf(out, "<line class=\"%s\" x1=\"%.2f%%\" y1=\"%.1f\" x2=\"%.2f%%\" y2=\"%.1f\"/>", class_name, x1, y1, x2,
               y2);
}

static bool breaks_at(const struct history_series *s, size_t run)
{
    for (size_t i = 0; i < s->break_count; i++) {
        if (s->breaks[i].at == run) {
            return true;
        }
    }
    return false;
}

static void put_marks(struct buf *out, const struct history_series *s, const struct axis *axis)
{
    double half = axis->runs > 1 ? (across(axis, 1) - across(axis, 0)) / 2 : 0;
    for (size_t i = 0; i < s->break_count; i++) {
        double x = across(axis, s->breaks[i].at) - half;
        put_stroke(out, "break", x, 0, x, HEIGHT);
    }
    for (size_t i = 0; i < s->change_count; i++) {
        double x = across(axis, s->changes[i].at) - half;
        put_stroke(out, "change", x, 0, x, HEIGHT);
    }
}

static void put_points(struct buf *out, const struct history *h, const struct history_series *s,
                       const struct axis *axis)
{
    size_t before = SIZE_MAX; /* the point before, in the same stretch */
    for (size_t i = 0; i < h->run_count; i++) {
        const struct history_point *p = &s->points[i];
        before = breaks_at(s, i) ? SIZE_MAX : before;
        if (!p->has_value) {
            continue;
        }
        double x = across(axis, i);
        if (shown_has(&p->interval)) {
            put_stroke(out, "range", x, down(axis, p->interval.has_lo ? p->interval.lo : axis->lo), x,
                       down(axis, p->interval.has_hi ? p->interval.hi : axis->hi));
        }
        if (before != SIZE_MAX) {
            put_stroke(out, "path", across(axis, before), down(axis, s->points[before].value), x, down(axis, p->value));
        }
        before = i;
    }
    for (size_t i = 0; i < h->run_count; i++) {
        if (s->points[i].has_value) {
            bool failed = h->runs[i].verdict == VERDICT_FAILED;
            buf_printf(out, "<circle class=\"%s\" cx=\"%.2f%%\" cy=\"%.1f\" r=\"%s\"/>", failed ? "fail" : "pass",
                       across(axis, i), down(axis, s->points[i].value), i + 1 == h->run_count ? "3.5" : "2.5");
        }
    }
}

static size_t last_point(const struct history *h, const struct history_series *s)
{
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < h->run_count; i++) {
        last = s->points[i].has_value ? i : last;
    }
    return last;
}

static void put_chart(struct html_writing *w, const struct history *h, const struct history_series *s)
{
    struct axis axis = axis_of(h, s);
    size_t last = last_point(h, s);
    const struct history_point *p = &s->points[last];
    struct str value = value_text(w->scratch, s, p->value);
    buf_append_cstr(&w->out, "<figure><figcaption><b>");
    html_line(&w->out, s->stat);
    buf_append_cstr(&w->out, "</b> ");
    html_line(&w->out, value);
    if (p->has_change && p->change != 0) {
        double change = s->is_share ? p->change * 100 : p->change;
        struct str text = shown_number(w->scratch, change < 0 ? -change : change);
        buf_printf(&w->out, " <span class=\"muted\">%s%.*s%s</span>", change < 0 ? "−" : "+", STR_ARG(text),
                   s->is_share ? " pts" : "");
    }
    buf_append_cstr(&w->out, "</figcaption><svg class=\"chart\" role=\"img\"");
    html_attribute(&w->out, "aria-label",
                   arena_printf(w->scratch, "%.*s over %zu runs, last %.*s; %zu changes", STR_ARG(s->stat),
                                h->run_count, STR_ARG(value), s->change_count));
    buf_append_char(&w->out, '>');
    put_marks(&w->out, s, &axis);
    put_points(&w->out, h, s, &axis);
    buf_append_cstr(&w->out, "</svg><p class=\"scale\"><span>");
    html_line(&w->out, value_text(w->scratch, s, axis.lo));
    buf_append_cstr(&w->out, " to ");
    html_line(&w->out, value_text(w->scratch, s, axis.hi));
    buf_append_cstr(&w->out, "</span></p>");
    for (size_t i = 0; i < s->change_count; i++) {
        const struct history_change *c = &s->changes[i];
        buf_append_cstr(&w->out, "<p class=\"reason\">");
        html_line(&w->out, arena_printf(w->scratch, "changed from %.*s to %.*s on %.*s (p %.*s)",
                                        STR_ARG(value_text(w->scratch, s, c->before)),
                                        STR_ARG(value_text(w->scratch, s, c->after)),
                                        STR_ARG(shown_time(w->scratch, h->runs[c->at].finished_unix_ms)),
                                        STR_ARG(shown_p(w->scratch, c->p))));
        buf_append_cstr(&w->out, "</p>");
    }
    for (size_t i = 0; i < s->break_count; i++) {
        buf_append_cstr(&w->out, "<p class=\"reason\">");
        html_line(&w->out, arena_printf(w->scratch, "not comparable before %.*s: %.*s",
                                        STR_ARG(shown_time(w->scratch, h->runs[s->breaks[i].at].finished_unix_ms)),
                                        STR_ARG(s->breaks[i].why)));
        buf_append_cstr(&w->out, "</p>");
    }
    buf_append_cstr(&w->out, "</figure>\n");
}

/* Newest first: what one looks for is there at once. */
static void put_runs(struct html_writing *w, const struct history *h, size_t shown)
{
    struct html_column *columns = arena_array(w->scratch, struct html_column, shown + 5);
    size_t count = 0;
    columns[count++] = (struct html_column){"finished", false};
    columns[count++] = (struct html_column){"run", false};
    columns[count++] = (struct html_column){"verdict", false};
    columns[count++] = (struct html_column){"commit", false};
    columns[count++] = (struct html_column){"cases", true};
    for (size_t k = 0; k < shown; k++) {
        const char *name = arena_cstr(w->scratch, h->series[k].stat);
        columns[count++] = (struct html_column){name == NULL ? "?" : name, true};
    }
    struct html_table t;
    buf_printf(&w->out, "<details class=\"fold\"><summary>%zu runs</summary>", h->run_count);
    html_table_begin(&t, &w->out, columns, count);
    for (size_t i = h->run_count; i-- > 0;) {
        const struct history_run *r = &h->runs[i];
        html_table_cell(&t, shown_time(w->scratch, r->finished_unix_ms));
        html_table_cell(&t, str_slice(r->id, 0, 8));
        html_table_open_cell(&t);
        html_mark_word(&w->out, html_verdict_mark(r->verdict), str_from(verdict_row(r->verdict)->word));
        html_table_close_cell(&t);
        html_table_cell(&t, str_slice(r->commit, 0, 12));
        html_table_cell(&t, shown_count(w->scratch, r->cases));
        for (size_t k = 0; k < shown; k++) {
            const struct history_series *s = &h->series[k];
            html_table_cell(&t, s->points[i].has_value ? value_text(w->scratch, s, s->points[i].value) : STR(""));
        }
    }
    html_table_end(&t);
    buf_append_cstr(&w->out, "</details>\n");
}

static void put_flakes(struct html_writing *w, const struct history_series *s)
{
    static const struct html_column columns[] = {
        {"case that flips", false}, {"samples", true}, {"passed", true}, {"chance that two runs differ", true}};
    struct html_table t;
    if (s->flake_count == 0) {
        return;
    }
    size_t shown = s->flake_count < FLAKES_MAX ? s->flake_count : FLAKES_MAX;
    buf_printf(&w->out, "<details class=\"fold\"><summary>%llu cases flip though nothing was changed (",
               (unsigned long long)s->flakes_total);
    html_line(&w->out, s->stat);
    buf_append_cstr(&w->out, ")</summary>");
    html_table_begin(&t, &w->out, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < shown; i++) {
        const struct history_flake *f = &s->flakes[i];
        html_table_cell(&t, f->case_id);
        html_table_cell(&t, shown_count(w->scratch, f->samples));
        html_table_cell(&t, shown_count(w->scratch, f->passed));
        html_table_cell(&t, shown_share(w->scratch, f->rate));
    }
    html_table_end(&t);
    buf_append_cstr(&w->out, "</details>\n");
}

static void put_history(struct html_writing *w, const struct history *h, bool has_variants)
{
    size_t drawn = h->series_count < DRAWN_MAX ? h->series_count : DRAWN_MAX;
    buf_append_cstr(&w->out, "<h2>History");
    if (has_variants) {
        buf_append_cstr(&w->out, " of ");
        html_line(&w->out, h->variant);
    }
    buf_append_cstr(&w->out, "</h2>\n<div class=\"charts\">\n");
    for (size_t i = 0; i < drawn; i++) {
        if (last_point(h, &h->series[i]) != SIZE_MAX) {
            put_chart(w, h, &h->series[i]);
        }
    }
    buf_append_cstr(&w->out, "</div>\n");
    put_runs(w, h, drawn);
    for (size_t i = 0; i < drawn; i++) {
        put_flakes(w, &h->series[i]);
    }
}

void html_histories(struct html_writing *w, const struct html_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        const struct summary *s = group->runs[i].summary;
        for (size_t k = 0; k < w->in->history_count; k++) {
            const struct history *h = &w->in->histories[k];
            if (h->run_count > 1 && str_eq(h->suite, s->suite) && str_eq(h->variant, s->variant)) {
                put_history(w, h, group->count > 1);
            }
        }
    }
}
