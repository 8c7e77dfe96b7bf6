/* For people: what is compared, the figures of each run, what of the differences can be said, and the cases that flipped. As wide as the terminal. */

#include <errno.h>

#include "base/arena.h"
#include "base/err.h"
#include "reporters/compare.h"
#include "reporters/compare_words.h"
#include "reporters/shown.h"
#include "reporters/terminal_parts.h"
#include "reporters/text_table.h"

enum {
    INDENT = TERMINAL_INDENT,
    NAMED = 5,
    REASON_BYTES = 200,
    WIDE = 100, /* columns from which p is shown as it was before Holm, and McNemar's exact one beside it */
    LINE_BYTES = 1 << 20
};

static void put_wrapped(const struct report_in *in, struct str text, enum term_style style, size_t indent)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_append_repeat(&line, ' ', indent);
    buf_append_cstr(&line, term_on(&in->term, style));
    (void)terminal_wrap(&line, text, indent, in->term.columns);
    buf_append_cstr(&line, style == TERM_PLAIN ? "" : term_off(&in->term));
    buf_append_char(&line, '\n');
    terminal_put(in, &line);
}

static void put_heading(const struct report_in *in, struct str text)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_append_cstr(&line, term_on(&in->term, TERM_BOLD));
    (void)term_escape_cut(&line, text, in->term.columns);
    buf_printf(&line, "%s\n", term_off(&in->term));
    terminal_put(in, &line);
}

static void table_begin(struct text_table *t, struct arena *scratch, const char *const *headings, size_t count)
{
    text_table_begin(t, scratch, count);
    for (size_t i = 0; i < count; i++) {
        text_table_cell(t, str_from(headings[i]), TERM_DIM);
    }
}

/* --- the runs ------------------------------------------------------------------------------------------------------------------------------------ */

static void put_runs(const struct report_in *in, const struct comparison *c, struct arena *scratch)
{
    static const char *const headings[] = {"", "run", "cases", "errored", "trials", "cost", "version", "state"};
    struct text_table t;
    table_begin(&t, scratch, headings, ARRAY_LEN(headings));
    for (size_t i = 0; i < c->run_count; i++) {
        const struct compared_run *r = &c->runs[i];
        text_table_cell(&t, r->name, TERM_PLAIN);
        text_table_cell(&t, arena_printf(scratch, "%.8s", id_text(&r->run->id).text), TERM_DIM);
        text_table_cell(&t, shown_count(scratch, r->cases), TERM_PLAIN);
        text_table_cell(&t, r->errored > 0 ? shown_count(scratch, r->errored) : STR(""), TERM_YELLOW);
        text_table_cell(&t, r->trials > 1 ? shown_count(scratch, r->trials) : STR(""), TERM_PLAIN);
        text_table_cell(&t, compare_cost(scratch, r), TERM_PLAIN);
        text_table_cell(&t, compare_version(scratch, r), TERM_DIM);
        text_table_cell(&t, compare_state(r), TERM_YELLOW);
    }
    text_table_print(&t, &in->term, INDENT, in->out);
}

/* --- figures ------------------------------------------------------------------------------------------------------------------------------------- */

static bool is_shown(const struct comparison *c, const struct compared_table *table, const struct compared_stat *s)
{
    return compare_shows(c, table, s, table != &c->tables[0]); /* of a tag only what is claimed about */
}

static void put_figures(const struct report_in *in, const struct comparison *c, const struct compared_table *table,
                        struct arena *scratch)
{
    struct text_table t;
    text_table_begin(&t, scratch, c->run_count + 1);
    text_table_cell(&t, STR(""), TERM_DIM);
    for (size_t run = 0; run < c->run_count; run++) {
        text_table_cell(&t, c->runs[run].name, TERM_DIM);
    }
    for (size_t i = 0; i < table->stat_count; i++) {
        const struct compared_stat *s = &table->stats[i];
        if (!is_shown(c, table, s)) {
            continue;
        }
        bool has_interval = false;
        text_table_cell(&t, compare_stat_label(scratch, s), TERM_PLAIN);
        for (size_t run = 0; run < c->run_count; run++) {
            struct str value = compare_value(scratch, s, &s->figures[run]);
            text_table_cell(&t, value.len == 0 ? STR("-") : value, TERM_PLAIN);
            has_interval = has_interval || compare_value_interval(scratch, s, &s->figures[run]).len > 0;
        }
        if (has_interval) {
            text_table_cell(&t, STR("  95%"), TERM_DIM);
            for (size_t run = 0; run < c->run_count; run++) {
                text_table_cell(&t, compare_value_interval(scratch, s, &s->figures[run]), TERM_DIM);
            }
        }
    }
    text_table_print(&t, &in->term, INDENT, in->out);
}

static const struct compared_stat *class_stat(const struct compared_table *table, const struct compared_stat *recall,
                                              const char *name)
{
    for (size_t i = 0; i < table->stat_count; i++) {
        const struct compared_stat *s = &table->stats[i];
        if (compare_is_class(s) && str_eq_cstr(s->name, name) && str_eq(s->label, recall->label) &&
            str_eq(s->dimension, recall->dimension)) {
            return s;
        }
    }
    return recall;
}

static struct str share_or_dash(struct arena *arena, const struct compared_figure *f)
{
    return f->has_value ? shown_share(arena, f->value) : STR("-");
}

/* A row for each class: recall / precision / F1 in each run. */
static void put_classes(const struct report_in *in, const struct comparison *c, const struct compared_table *table,
                        struct arena *scratch)
{
    struct text_table t = {0};
    struct str dimension = STR_NULL;
    for (size_t i = 0; i <= table->stat_count; i++) {
        const struct compared_stat *s = i < table->stat_count ? &table->stats[i] : NULL;
        bool is_class = s != NULL && compare_is_class(s) && str_eq(s->name, STR("recall"));
        bool ends = dimension.ptr != NULL && (s == NULL || (is_class && !str_eq(s->dimension, dimension)));
        if (ends) {
            (void)fputc('\n', in->out);
            text_table_print(&t, &in->term, INDENT, in->out);
            dimension = STR_NULL;
        }
        if (!is_class) {
            continue;
        }
        if (dimension.ptr == NULL) {
            dimension = s->dimension;
            text_table_begin(&t, scratch, c->run_count + 1);
            text_table_cell(&t, arena_printf(scratch, "%.*s: recall / precision / F1 of", STR_ARG(dimension)),
                            TERM_DIM);
            for (size_t run = 0; run < c->run_count; run++) {
                text_table_cell(&t, c->runs[run].name, TERM_DIM);
            }
        }
        text_table_cell(&t, s->label, TERM_PLAIN);
        for (size_t run = 0; run < c->run_count; run++) {
            struct str recall = share_or_dash(scratch, &s->figures[run]);
            struct str precision = share_or_dash(scratch, &class_stat(table, s, "precision")->figures[run]);
            struct str f1 = share_or_dash(scratch, &class_stat(table, s, "f1")->figures[run]);
            text_table_cell(
                &t, arena_printf(scratch, "%.*s / %.*s / %.*s", STR_ARG(recall), STR_ARG(precision), STR_ARG(f1)),
                TERM_PLAIN);
        }
    }
}

/* --- differences ----------------------------------------------------------------------------------------------------------------------------------- */

static enum term_style verdict_style(const struct compared_difference *d)
{
    return d->word == COMPARED_BETTER                                ? TERM_GREEN
           : d->word == COMPARED_WORSE                               ? TERM_RED
           : d->word == COMPARED_HIGHER || d->word == COMPARED_LOWER ? TERM_BLUE
                                                                     : TERM_DIM;
}

static struct str count_or_none(struct arena *arena, bool has, uint64_t count)
{
    return has ? shown_count(arena, count) : STR("");
}

static struct str p_or_none(struct arena *arena, bool has, double p)
{
    return has ? shown_p(arena, p) : STR("");
}

static void put_differences(const struct report_in *in, const struct comparison *c, const struct compared_table *table,
                            size_t run, struct arena *scratch)
{
    static const char *const headings[] = {"",       "",     "difference", "95% interval", "p",      "could see",
                                           "gained", "lost", "cases",      "p before",     "exact p"};
    bool is_wide = in->term.columns >= WIDE;
    struct text_table t;
    table_begin(&t, scratch, headings, ARRAY_LEN(headings));
    bool has_any = false;
    for (size_t i = 0; i < table->stat_count; i++) {
        const struct compared_stat *s = &table->stats[i];
        const struct compared_difference *d = &s->differences[run];
        if (!is_shown(c, table, s) || !d->has_value) {
            continue;
        }
        has_any = true;
        text_table_cell(&t, compare_stat_label(scratch, s), TERM_PLAIN);
        text_table_cell(&t, compare_verdict(d), verdict_style(d));
        text_table_cell(&t, compare_change(scratch, s, d), TERM_PLAIN);
        text_table_cell(&t, compare_change_interval(scratch, s, d), TERM_PLAIN);
        text_table_cell(&t, p_or_none(scratch, d->in_family, d->p_adjusted), TERM_PLAIN);
        text_table_cell(&t, compare_could_see(scratch, s, d), TERM_PLAIN);
        text_table_cell(&t, count_or_none(scratch, d->is_binary, d->only_candidate), TERM_PLAIN);
        text_table_cell(&t, count_or_none(scratch, d->is_binary, d->only_base), TERM_PLAIN);
        text_table_cell(&t, count_or_none(scratch, d->n != c->runs[run].both && d->has_p, d->n), TERM_DIM);
        text_table_cell(&t, p_or_none(scratch, is_wide && d->in_family, d->p), TERM_DIM);
        text_table_cell(&t, p_or_none(scratch, is_wide && d->in_family && d->has_exact, d->p_exact), TERM_DIM);
    }
    if (has_any) {
        text_table_print(&t, &in->term, INDENT, in->out);
    }
}

static void put_notes(const struct report_in *in, const struct comparison *c, const struct compared_table *table,
                      size_t run, struct arena *scratch)
{
    for (size_t i = 0; i < table->stat_count; i++) {
        const struct compared_stat *s = &table->stats[i];
        struct str note = compare_note(scratch, s, &s->differences[run]);
        if (is_shown(c, table, s) && note.len > 0) {
            struct str label = compare_stat_label(scratch, s);
            put_wrapped(in, arena_printf(scratch, "%.*s: %.*s", STR_ARG(label), STR_ARG(note)), TERM_YELLOW, INDENT);
        }
    }
}

static void put_candidate(const struct report_in *in, const struct comparison *c, const struct compared_table *table,
                          size_t run, struct arena *scratch)
{
    struct str sentences[COMPARE_SENTENCES];
    const struct compared_run *r = &c->runs[run];
    (void)fputc('\n', in->out);
    put_heading(in, arena_printf(scratch, "%.*s compared with %.*s%s%.*s", STR_ARG(r->name), STR_ARG(c->runs[0].name),
                                 table->tag.ptr != NULL ? ", tag " : "", STR_ARG(table->tag)));
    if (table == &c->tables[0]) {
        if (r->why_not.ptr != NULL) {
            put_wrapped(in, r->why_not, TERM_RED, INDENT);
        }
        size_t count = compare_meeting(scratch, c, run, NAMED, sentences);
        for (size_t i = 0; i < count; i++) {
            put_wrapped(in, sentences[i], TERM_YELLOW, INDENT);
        }
    }
    put_differences(in, c, table, run, scratch);
    put_notes(in, c, table, run, scratch);
}

/* --- flips ------------------------------------------------------------------------------------------------------------------------------------------ */

static void put_reasons(struct terminal_writing *w, const struct run_record *run, const struct sample_record *s,
                        enum score_outcome outcome)
{
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        if (score->outcome == outcome && score->dimension < run->dimension_count) {
            struct str name = run->dimensions[score->dimension].name;
            struct str words = shown_words(score);
            terminal_reason(w, "", arena_printf(w->arena, "%.*s: %.*s", STR_ARG(name), STR_ARG(words)), REASON_BYTES,
                            outcome == SCORE_FAIL ? TERM_RED : TERM_GREEN);
        }
    }
}

static void put_said(struct terminal_writing *w, const char *label, const struct run_record *run,
                     const struct sample_record *s, bool passes)
{
    if (s->output.ptr != NULL) {
        terminal_excerpt(w, label, shown_output(w->arena, s));
    } else {
        terminal_line(w, label, STR("(no output)"), TERM_DIM);
    }
    if (!passes) {
        put_reasons(w, run, s, SCORE_FAIL);
    }
}

static bool put_flip(struct terminal_writing *w, const struct comparison *c, size_t run,
                     const struct compared_flip *flip, struct err *err)
{
    const struct term *term = &w->in->term;
    struct flip_samples samples = {0};
    if (!c->samples(c->ctx, run, flip, w->arena, &samples, err)) {
        return false;
    }
    buf_clear(&w->line);
    buf_append_repeat(&w->line, ' ', INDENT);
    buf_printf(&w->line, "%s%s ", term_on(term, flip->is_worse ? TERM_RED : TERM_GREEN), flip->is_worse ? "▼" : "▲");
    (void)term_escape_cut(&w->line, flip->case_id, terminal_room(w, INDENT + 2));
    buf_printf(&w->line, "%s\n", term_off(term));
    terminal_put(w->in, &w->line);
    const struct sample_record *any = samples.has_candidate ? &samples.candidate : &samples.base;
    if (any->input.ptr != NULL) {
        terminal_excerpt(w, "input", shown_json(w->arena, any->input));
    }
    if (any->expected.ptr != NULL) {
        terminal_excerpt(w, "expected", shown_json(w->arena, any->expected));
    }
    if (samples.has_base) {
        put_said(w, "base", c->runs[0].run, &samples.base, flip->is_worse);
    }
    if (samples.has_candidate) {
        put_said(w, "now", c->runs[run].run, &samples.candidate, !flip->is_worse);
    }
    return true;
}

static bool put_flips(const struct report_in *in, const struct comparison *c, size_t run, struct err *err)
{
    const struct compared_run *r = &c->runs[run];
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    uint64_t all = r->flips_worse + r->flips_better;
    if (r->why_not.ptr != NULL || all == 0) {
        return true;
    }
    (void)fputc('\n', in->out);
    struct str words = compare_flips(&arena, r);
    put_wrapped(in, arena_printf(&arena, "%.*s: %.*s", STR_ARG(r->name), STR_ARG(words)), TERM_PLAIN, 0);
    struct terminal_writing w = {.in = in, .arena = &arena};
    buf_init(&w.line, LINE_BYTES);
    bool ok = true;
    for (size_t i = 0; i < r->flip_count && ok; i++) {
        arena_reset(&arena);
        ok = put_flip(&w, c, run, &r->flips[i], err);
    }
    if (ok && all > r->flip_count && r->flip_count > 0) {
        put_wrapped(in,
                    arena_printf(&arena, "... and %llu more (--flips N)", (unsigned long long)(all - r->flip_count)),
                    TERM_DIM, INDENT);
    }
    buf_deinit(&w.line);
    return ok;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------------------------------- */

static bool terminal_compare(struct compare_out *to, const struct comparison *c, struct arena *scratch, struct err *err)
{
    const struct report_in in = {.out = to->out, .term = to->term};
    (void)fputs(to->at > 0 ? "\n" : "", to->out);
    put_heading(&in, arena_printf(scratch, "%.*s: %zu runs, compared with %.*s%s%.*s", STR_ARG(c->suite), c->run_count,
                                  STR_ARG(c->runs[0].name), c->tag.ptr != NULL ? ", tag " : "", STR_ARG(c->tag)));
    put_runs(&in, c, scratch);
    for (size_t t = 0; t < c->table_count; t++) {
        const struct compared_table *table = &c->tables[t];
        (void)fputc('\n', to->out);
        if (t > 0) {
            put_heading(&in, arena_printf(scratch, "tag %.*s", STR_ARG(table->tag)));
        }
        put_figures(&in, c, table, scratch);
        if (t == 0) {
            put_classes(&in, c, table, scratch);
        }
        for (size_t run = 1; run < c->run_count; run++) {
            put_candidate(&in, c, table, run, scratch);
        }
    }
    (void)fputc('\n', to->out);
    put_wrapped(&in, compare_legend(scratch, c), TERM_DIM, 0);
    for (size_t run = 1; run < c->run_count; run++) {
        if (!put_flips(&in, c, run, err)) {
            return false;
        }
    }
    if (ferror(to->out) != 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot write the comparison");
    }
    return true;
}

const struct compare_format compare_terminal = {
    .name = "terminal",
    .summary = "for people: figures, differences, what can be said, the cases that flipped",
    .write = terminal_compare,
};
