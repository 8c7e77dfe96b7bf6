/* A page of its own (html_parts.h): the runs, their figures, each candidate's differences with their intervals drawn about "no difference", classes, and
 * the cases that flipped with what both runs said. One page for all suites of a call. Flips are streamed. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "reporters/compare.h"
#include "reporters/compare_sections.h"
#include "reporters/compare_words.h"
#include "reporters/html_parts.h"
#include "reporters/reporter.h"
#include "reporters/shown.h"

enum { NAMED = 50, BODY_BYTES = 16 << 10 };

struct writing {
    struct buf out;
    struct arena *scratch;
    const struct comparison *c;
};

static void put_paragraph(struct writing *w, const char *class_name, struct str text)
{
    buf_printf(&w->out, "<p class=\"%s\">", class_name);
    html_line(&w->out, text);
    buf_append_cstr(&w->out, "</p>\n");
}

static void put_heading(struct writing *w, const char *level, struct str text)
{
    buf_printf(&w->out, "<%s>", level);
    html_line(&w->out, text);
    buf_printf(&w->out, "</%s>\n", level);
}

/* --- the runs and their figures ---------------------------------------------------------------------------------------------------------------- */

static void put_runs(struct writing *w)
{
    static const struct html_column columns[] = {{"run", false},  {"id", false},      {"finished", false},
                                                 {"cases", true}, {"errored", true},  {"trials", true},
                                                 {"cost", true},  {"version", false}, {"source", false}};
    struct html_table t;
    html_table_begin(&t, &w->out, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < w->c->run_count; i++) {
        const struct compared_run *r = &w->c->runs[i];
        html_table_cell(&t, i == 0 ? arena_printf(w->scratch, "%.*s (base)", STR_ARG(r->name)) : r->name);
        html_table_cell(&t, arena_printf(w->scratch, "%.8s", id_text(&r->run->id).text));
        html_table_cell(&t, r->run->state == RUN_FINISHED ? shown_time(w->scratch, r->run->finished_unix_ms)
                                                          : compare_state(r));
        html_table_cell(&t, shown_count(w->scratch, r->cases));
        html_table_cell(&t, shown_count(w->scratch, r->errored));
        html_table_cell(&t, shown_count(w->scratch, r->trials));
        html_table_cell(&t, compare_cost(w->scratch, r));
        html_table_cell(&t, compare_version(w->scratch, r));
        html_table_cell(&t, r->source);
    }
    html_table_end(&t);
}

/* A table with a column for each run. */
static void begin_run_table(struct writing *w, struct html_table *t, const char *first)
{
    struct html_column *columns = arena_array(w->scratch, struct html_column, w->c->run_count + 1);
    columns[0] = (struct html_column){first, false};
    for (size_t run = 0; run < w->c->run_count; run++) {
        /* what cannot be a C text is told by the table of the runs */
        const char *name = arena_cstr(w->scratch, w->c->runs[run].name);
        columns[run + 1] = (struct html_column){name == NULL ? "?" : name, true};
    }
    html_table_begin(t, &w->out, columns, w->c->run_count + 1);
}

static void put_figures(struct writing *w, const struct compared_table *table, bool is_classes)
{
    struct html_table t;
    bool has_any = false;
    for (size_t i = 0; i < table->stat_count; i++) {
        const struct compared_stat *s = &table->stats[i];
        if (is_classes ? !compare_is_class(s) : !compare_shows(w->c, table, s, false)) {
            continue;
        }
        if (!has_any) {
            begin_run_table(w, &t, is_classes ? "class" : "");
            has_any = true;
        }
        html_table_cell(&t, compare_stat_label(w->scratch, s));
        for (size_t run = 0; run < w->c->run_count; run++) {
            struct str range = compare_value_interval(w->scratch, s, &s->figures[run]);
            html_table_open_cell(&t);
            html_line(&w->out, compare_value(w->scratch, s, &s->figures[run]));
            if (range.len > 0) {
                buf_append_cstr(&w->out, "<br><span class=\"muted\">");
                html_line(&w->out, range);
                buf_append_cstr(&w->out, "</span>");
            }
            html_table_close_cell(&t);
        }
    }
    if (has_any) {
        html_table_end(&t);
    }
}

/* --- differences ------------------------------------------------------------------------------------------------------------------------------------ */

static enum html_mark mark_of(const struct compared_difference *d)
{
    return d->word == COMPARED_BETTER ? HTML_BETTER : d->word == COMPARED_WORSE ? HTML_WORSE : HTML_UNSURE;
}

static struct html_interval drawing_of(const struct compared_difference *d)
{
    const struct stat_interval *i = &d->interval;
    bool has_interval = i->how.method != METHOD_NONE;
    struct html_interval drawn = {
        .has_lo = has_interval && i->has_lo,
        .has_hi = has_interval && i->has_hi,
        .lo = i->lo,
        .hi = i->hi,
        .has_point = true,
        .point = d->has_ratio ? d->ratio : d->difference,
        .has_zero = true,
        .zero = d->has_ratio ? 1 : 0,
        .verdict = d->word == COMPARED_BETTER || d->word == COMPARED_WORSE ? mark_of(d) : HTML_NONE,
    };
    html_interval_fit(&drawn);
    return drawn;
}

/* On the axis that all candidates of the row share. */
static void put_drawing(struct writing *w, const struct compared_stat *s, size_t run)
{
    const struct compared_difference *d = &s->differences[run];
    struct html_interval drawn = drawing_of(d);
    for (size_t i = 1; i < w->c->run_count; i++) {
        struct html_interval other = drawing_of(&s->differences[i]);
        bool is_there = s->differences[i].has_value;
        drawn.axis_lo = is_there && other.axis_lo < drawn.axis_lo ? other.axis_lo : drawn.axis_lo;
        drawn.axis_hi = is_there && other.axis_hi > drawn.axis_hi ? other.axis_hi : drawn.axis_hi;
    }
    struct str change = compare_change(w->scratch, s, d);
    struct str range = compare_change_interval(w->scratch, s, d);
    html_interval(&w->out, &drawn,
                  arena_printf(w->scratch, "%.*s%s%.*s", STR_ARG(change), range.len > 0 ? ", " : "", STR_ARG(range)));
}

static void put_verdict(struct writing *w, const struct compared_difference *d)
{
    if (d->why_not.ptr != NULL) {
        html_mark_word(&w->out, HTML_NONE, STR("not compared"));
    } else if (d->word != COMPARED_NO_CLAIM) {
        html_mark_word(&w->out, mark_of(d), compare_verdict(d));
    }
}

static void put_differences(struct writing *w, const struct compared_table *table, size_t run)
{
    static const struct html_column columns[] = {
        {"", false},       {"", false},         {"change", true}, {"", false},    {"95% interval", true}, {"p", true},
        {"exact p", true}, {"could see", true}, {"gained", true}, {"lost", true}, {"cases", true}};
    struct html_table t;
    buf_append_cstr(&w->out, "<div class=\"figures\">\n");
    html_table_begin(&t, &w->out, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < table->stat_count; i++) {
        const struct compared_stat *s = &table->stats[i];
        const struct compared_difference *d = &s->differences[run];
        if (!compare_shows(w->c, table, s, false)) {
            continue;
        }
        html_table_cell(&t, compare_stat_label(w->scratch, s));
        html_table_open_cell(&t);
        put_verdict(w, d);
        struct str note = compare_note(w->scratch, s, d);
        if (note.len > 0) {
            put_paragraph(w, "reason", note);
        }
        html_table_close_cell(&t);
        html_table_cell(&t, compare_change(w->scratch, s, d));
        html_table_open_cell(&t);
        if (d->has_value) {
            put_drawing(w, s, run);
        }
        html_table_close_cell(&t);
        html_table_cell(&t, compare_change_interval(w->scratch, s, d));
        html_table_cell(&t, d->in_family ? shown_p(w->scratch, d->p_adjusted) : STR(""));
        html_table_cell(&t, d->in_family && d->has_exact ? shown_p(w->scratch, d->p_exact) : STR(""));
        html_table_cell(&t, compare_could_see(w->scratch, s, d));
        html_table_cell(&t, d->is_binary ? shown_count(w->scratch, d->only_candidate) : STR(""));
        html_table_cell(&t, d->is_binary ? shown_count(w->scratch, d->only_base) : STR(""));
        html_table_cell(&t, shown_count(w->scratch, d->n));
    }
    html_table_end(&t);
    buf_append_cstr(&w->out, "</div>\n");
}

static void put_candidate(struct writing *w, const struct compared_table *table, size_t run)
{
    const struct comparison *c = w->c;
    const struct compared_run *r = &c->runs[run];
    struct str sentences[COMPARE_SENTENCES];
    put_heading(w, "h3",
                arena_printf(w->scratch, "%.*s compared with %.*s", STR_ARG(r->name), STR_ARG(c->runs[0].name)));
    if (table == &c->tables[0]) {
        if (r->why_not.ptr != NULL) {
            put_paragraph(w, "trouble", r->why_not);
        }
        size_t count = compare_meeting(w->scratch, c, run, NAMED, sentences);
        for (size_t i = 0; i < count; i++) {
            put_paragraph(w, "muted", sentences[i]);
        }
    }
    put_differences(w, table, run);
}

/* --- flips --------------------------------------------------------------------------------------------------------------------------------------------- */

static void put_body(struct writing *w, const char *heading, struct str text)
{
    buf_printf(&w->out, "<section><h4>%s</h4>", heading);
    html_body(&w->out, text, BODY_BYTES);
    buf_append_cstr(&w->out, "</section>\n");
}

static void put_said(struct writing *w, const char *heading, const struct run_record *run,
                     const struct sample_record *s, struct arena *arena)
{
    buf_printf(&w->out, "<section><h4>%s</h4>", heading);
    html_body(&w->out, s->output.ptr == NULL ? STR("") : shown_output(arena, s), BODY_BYTES);
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        if (score->dimension < run->dimension_count && score->outcome != SCORE_NONE) {
            struct str name = run->dimensions[score->dimension].name;
            struct str words = shown_words(score);
            put_paragraph(w, score->outcome == SCORE_FAIL ? "reason fail" : "reason",
                          arena_printf(arena, "%.*s: %.*s", STR_ARG(name), STR_ARG(words)));
        }
    }
    buf_append_cstr(&w->out, "</section>\n");
}

static bool put_flip(struct writing *w, size_t run, const struct compared_flip *flip, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct flip_samples samples = {0};
    if (!w->c->samples(w->c->ctx, run, flip, &arena, &samples, err)) {
        return false;
    }
    const struct sample_record *any = samples.has_candidate ? &samples.candidate : &samples.base;
    buf_append_cstr(&w->out, "<details class=\"fold flip\"><summary>");
    html_mark(&w->out, flip->is_worse ? HTML_WORSE : HTML_BETTER);
    buf_append_cstr(&w->out, " <bdi class=\"id\">");
    html_line(&w->out, flip->case_id);
    buf_append_cstr(&w->out, "</bdi></summary>\n<div class=\"body texts\">\n");
    if (any->input.ptr != NULL) {
        put_body(w, "input", shown_json(&arena, any->input));
    }
    if (any->expected.ptr != NULL) {
        put_body(w, "expected", shown_json(&arena, any->expected));
    }
    if (samples.has_base) {
        put_said(w, "base", w->c->runs[0].run, &samples.base, &arena);
    }
    if (samples.has_candidate) {
        put_said(w, "now", w->c->runs[run].run, &samples.candidate, &arena);
    }
    buf_append_cstr(&w->out, "</div></details>\n");
    return true;
}

static bool put_flips(struct writing *w, FILE *stream, size_t run, struct err *err)
{
    const struct compared_run *r = &w->c->runs[run];
    uint64_t all = r->flips_worse + r->flips_better;
    if (r->why_not.ptr != NULL) {
        return true;
    }
    struct str words = compare_flips(w->scratch, r);
    put_heading(w, "h3", arena_printf(w->scratch, "%.*s: %.*s", STR_ARG(r->name), STR_ARG(words)));
    for (size_t i = 0; i < r->flip_count; i++) {
        if (!put_flip(w, run, &r->flips[i], err) || !report_flush(&w->out, stream, err)) {
            return false;
        }
    }
    if (all > r->flip_count) {
        put_paragraph(
            w, "muted",
            arena_printf(w->scratch, "%llu more are not shown (--flips)", (unsigned long long)(all - r->flip_count)));
    }
    return true;
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------------------------------ */

static void put_table(struct writing *w, const struct compared_table *table)
{
    const struct comparison *c = w->c;
    if (table->tag.ptr != NULL) {
        put_heading(w, "h2", arena_printf(w->scratch, "Tag %.*s", STR_ARG(table->tag)));
    }
    put_heading(w, "h3", STR("Figures"));
    put_figures(w, table, false);
    for (size_t run = 1; run < c->run_count; run++) {
        put_candidate(w, table, run);
    }
    put_figures(w, table, true);
}

static bool put_comparison(struct writing *w, FILE *stream, struct err *err)
{
    const struct comparison *c = w->c;
    put_runs(w);
    for (size_t t = 0; t < c->table_count; t++) {
        put_table(w, &c->tables[t]);
        if (!report_flush(&w->out, stream, err)) {
            return false;
        }
    }
    put_paragraph(w, "muted", compare_legend(w->scratch, c));
    for (size_t run = 1; run < c->run_count; run++) {
        if (!put_flips(w, stream, run, err)) {
            return false;
        }
    }
    return true;
}

static bool write_all(struct writing *w, struct compare_out *to, struct err *err)
{
    const struct comparison *c = w->c;
    if (to->at == 0) {
        html_page_begin(&w->out, arena_printf(w->scratch, "%.*s: comparison", STR_ARG(c->suite)));
    }
    buf_append_cstr(&w->out, "<section class=\"suite\">\n");
    put_paragraph(w, "eyebrow", c->suite);
    put_heading(w, "h1",
                arena_printf(w->scratch, "%zu runs, compared with %.*s", c->run_count, STR_ARG(c->runs[0].name)));
    if (!put_comparison(w, to->out, err)) {
        return false;
    }
    buf_append_cstr(&w->out, "</section>\n");
    if (to->at + 1 == to->count) {
        html_page_end(&w->out);
    }
    return report_flush(&w->out, to->out, err);
}

bool compare_html_section(struct buf *out, FILE *stream, const struct comparison *c, struct arena *scratch,
                          struct err *err)
{
    struct writing w = {.out = *out, .scratch = scratch, .c = c};
    put_heading(&w, "h2", arena_printf(scratch, "Compared with %.*s", STR_ARG(c->runs[0].name)));
    bool ok = put_comparison(&w, stream, err);
    *out = w.out; /* it may have grown */
    return ok;
}

static bool html_compare(struct compare_out *to, const struct comparison *c, struct arena *scratch, struct err *err)
{
    struct writing w = {.scratch = scratch, .c = c};
    buf_init(&w.out, LIMIT_JSON_BYTES);
    bool ok = write_all(&w, to, err);
    buf_deinit(&w.out);
    return ok;
}

const struct compare_format compare_html = {
    .name = "html",
    .summary = "a page of its own: intervals drawn, flips with both outputs",
    .write = html_compare,
};
