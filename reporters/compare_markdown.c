/* A comment for a pull request: what can be said first, then the figures, the cases that flipped folded. All text that is not ours is code
 * (markdown_parts.h). Short enough for a comment: flips are left out when it gets long. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "reporters/compare.h"
#include "reporters/compare_sections.h"
#include "reporters/compare_words.h"
#include "reporters/markdown_parts.h"
#include "reporters/reporter.h"
#include "reporters/shown.h"

enum {
    NAME_BYTES = 120,
    REASON_BYTES = 300,
    BODY_BYTES = 500,
    NAMED = 5,
    COMMENT_BYTES = 55000 /* GitHub takes 65,536 characters */
};

struct writing {
    struct buf out;
    struct arena *scratch;
    const struct comparison *c;
    size_t flips_until; /* bytes in `out` */
};

static void put_name(struct writing *w, struct str name)
{
    markdown_code(&w->out, name, NAME_BYTES);
}

static void put_sentence(struct writing *w, struct str sentence)
{
    buf_append_cstr(&w->out, "- ");
    markdown_code(&w->out, sentence, REASON_BYTES);
    buf_append_char(&w->out, '\n');
}

/* A cell of our own figures; an empty one is a blank. */
static void put_cell(struct writing *w, struct str text)
{
    buf_append_char(&w->out, ' ');
    buf_append(&w->out, text);
    buf_append_cstr(&w->out, " |");
}

static const char *sign_of(const struct compared_difference *d)
{
    switch (d->word) {
    case COMPARED_BETTER:
        return "🟢 **better**";
    case COMPARED_WORSE:
        return "🔴 **worse**";
    case COMPARED_HIGHER:
        return "🔵 **higher**";
    case COMPARED_LOWER:
        return "🔵 **lower**";
    case COMPARED_CANNOT_TELL:
        return d->is_same ? "⚪ no difference seen" : "⚪ cannot tell";
    case COMPARED_NO_CLAIM:
        break;
    }
    return "";
}

static bool is_shown(const struct writing *w, const struct compared_table *t, const struct compared_stat *s)
{
    return compare_shows(w->c, t, s, t != &w->c->tables[0]);
}

static void put_runs(struct writing *w)
{
    static const char *const headings[] = {"run", "id", "cases", "errored", "cost", "version", NULL};
    markdown_table_begin(&w->out, headings);
    for (size_t i = 0; i < w->c->run_count; i++) {
        const struct compared_run *r = &w->c->runs[i];
        struct str version = compare_version(w->scratch, r);
        buf_append_cstr(&w->out, "| ");
        put_name(w, r->name);
        buf_printf(&w->out, "%s |", i == 0 ? " (base)" : "");
        put_cell(w, arena_printf(w->scratch, "%.8s", id_text(&r->run->id).text));
        put_cell(w, shown_count(w->scratch, r->cases));
        put_cell(w, shown_count(w->scratch, r->errored));
        put_cell(w, compare_cost(w->scratch, r));
        buf_append_char(&w->out, ' ');
        if (version.len > 0) {
            put_name(w, version);
        }
        buf_append_cstr(&w->out, " |\n");
    }
    buf_append_char(&w->out, '\n');
}

static void put_differences(struct writing *w, const struct compared_table *t, size_t run)
{
    static const char *const headings[] = {"",  "",        "base",      "now",    "change", "95% interval",
                                           "p", "exact p", "could see", "gained", "lost",   NULL};
    markdown_table_begin(&w->out, headings);
    for (size_t i = 0; i < t->stat_count; i++) {
        const struct compared_stat *s = &t->stats[i];
        const struct compared_difference *d = &s->differences[run];
        if (!is_shown(w, t, s)) {
            continue;
        }
        buf_append_cstr(&w->out, "| ");
        put_name(w, compare_stat_label(w->scratch, s));
        buf_append_cstr(&w->out, " |");
        put_cell(w, d->why_not.ptr != NULL ? STR("not compared") : str_from(sign_of(d)));
        put_cell(w, compare_value(w->scratch, s, &s->figures[0]));
        put_cell(w, compare_value(w->scratch, s, &s->figures[run]));
        put_cell(w, compare_change(w->scratch, s, d));
        put_cell(w, compare_change_interval(w->scratch, s, d));
        put_cell(w, d->in_family ? shown_p(w->scratch, d->p_adjusted) : STR(""));
        put_cell(w, d->in_family && d->has_exact ? shown_p(w->scratch, d->p_exact) : STR(""));
        put_cell(w, compare_could_see(w->scratch, s, d));
        put_cell(w, d->is_binary ? shown_count(w->scratch, d->only_candidate) : STR(""));
        put_cell(w, d->is_binary ? shown_count(w->scratch, d->only_base) : STR(""));
        buf_append_char(&w->out, '\n');
    }
    buf_append_char(&w->out, '\n');
}

static void put_notes(struct writing *w, const struct compared_table *t, size_t run)
{
    for (size_t i = 0; i < t->stat_count; i++) {
        const struct compared_stat *s = &t->stats[i];
        struct str note = compare_note(w->scratch, s, &s->differences[run]);
        if (is_shown(w, t, s) && note.len > 0) {
            struct str label = compare_stat_label(w->scratch, s);
            put_sentence(w, arena_printf(w->scratch, "%.*s: %.*s", STR_ARG(label), STR_ARG(note)));
        }
    }
    buf_append_char(&w->out, '\n');
}

/* Of several classes a row each, folded. */
static void put_classes(struct writing *w, const struct compared_table *t, size_t run)
{
    static const char *const headings[] = {"class", "base", "now", "change", NULL};
    bool has_any = false;
    for (size_t i = 0; i < t->stat_count; i++) {
        const struct compared_stat *s = &t->stats[i];
        if (!compare_is_class(s)) {
            continue;
        }
        if (!has_any) {
            markdown_fold_begin(&w->out, "classes", STR(""), 0);
            markdown_table_begin(&w->out, headings);
            has_any = true;
        }
        buf_append_cstr(&w->out, "| ");
        put_name(w, compare_stat_label(w->scratch, s));
        buf_append_cstr(&w->out, " |");
        put_cell(w, compare_value(w->scratch, s, &s->figures[0]));
        put_cell(w, compare_value(w->scratch, s, &s->figures[run]));
        put_cell(w, compare_change(w->scratch, s, &s->differences[run]));
        buf_append_char(&w->out, '\n');
    }
    if (has_any) {
        buf_append_char(&w->out, '\n');
        markdown_fold_end(&w->out);
    }
}

static void put_candidate(struct writing *w, const struct compared_table *t, size_t run)
{
    const struct compared_run *r = &w->c->runs[run];
    struct str sentences[COMPARE_SENTENCES];
    buf_append_cstr(&w->out, "#### ");
    put_name(w, r->name);
    if (t->tag.ptr != NULL) {
        buf_append_cstr(&w->out, ", tag ");
        put_name(w, t->tag);
    }
    buf_append_cstr(&w->out, "\n\n");
    if (t == &w->c->tables[0]) {
        size_t count = compare_meeting(w->scratch, w->c, run, NAMED, sentences);
        if (r->why_not.ptr != NULL) {
            put_sentence(w, r->why_not);
        }
        for (size_t i = 0; i < count; i++) {
            put_sentence(w, sentences[i]);
        }
        buf_append_cstr(&w->out, count > 0 || r->why_not.ptr != NULL ? "\n" : "");
    }
    put_differences(w, t, run);
    put_notes(w, t, run);
    put_classes(w, t, run);
}

static void put_text(struct writing *w, const char *label, struct str text)
{
    if (text.ptr != NULL) {
        buf_printf(&w->out, "%s\n", label);
        markdown_block(&w->out, text, BODY_BYTES);
    }
}

static void put_said(struct writing *w, const char *label, const struct run_record *run, const struct sample_record *s,
                     struct arena *arena, bool passes)
{
    put_text(w, label, s->output.ptr == NULL ? STR("") : shown_output(arena, s));
    for (size_t i = 0; i < s->score_count && !passes; i++) {
        const struct score *score = &s->scores[i];
        if (score->outcome == SCORE_FAIL && score->dimension < run->dimension_count) {
            struct str name = run->dimensions[score->dimension].name;
            struct str words = shown_words(score);
            put_sentence(w, arena_printf(arena, "%.*s: %.*s", STR_ARG(name), STR_ARG(words)));
        }
    }
}

static bool put_flip(struct writing *w, size_t run, const struct compared_flip *flip, struct arena *arena,
                     struct err *err)
{
    struct flip_samples samples = {0};
    if (!w->c->samples(w->c->ctx, run, flip, arena, &samples, err)) {
        return false;
    }
    const struct sample_record *any = samples.has_candidate ? &samples.candidate : &samples.base;
    markdown_fold_begin(&w->out, flip->is_worse ? "🔴" : "🟢", flip->case_id, NAME_BYTES);
    put_text(w, "input", any->input.ptr == NULL ? STR_NULL : shown_json(arena, any->input));
    put_text(w, "expected", any->expected.ptr == NULL ? STR_NULL : shown_json(arena, any->expected));
    if (samples.has_base) {
        put_said(w, "base", w->c->runs[0].run, &samples.base, arena, flip->is_worse);
    }
    if (samples.has_candidate) {
        put_said(w, "now", w->c->runs[run].run, &samples.candidate, arena, !flip->is_worse);
    }
    markdown_fold_end(&w->out);
    return true;
}

static bool put_flips(struct writing *w, size_t run, struct err *err)
{
    const struct compared_run *r = &w->c->runs[run];
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    if (r->why_not.ptr != NULL || r->flips_worse + r->flips_better == 0) {
        return true;
    }
    put_name(w, r->name);
    struct str words = compare_flips(w->scratch, r);
    buf_printf(&w->out, ": %.*s\n\n", STR_ARG(words));
    size_t shown = 0;
    for (; shown < r->flip_count && w->out.len < w->flips_until; shown++) {
        arena_reset(&arena);
        if (!put_flip(w, run, &r->flips[shown], &arena, err)) {
            return false;
        }
    }
    uint64_t left = r->flips_worse + r->flips_better - shown;
    if (left > 0 && r->flip_count > 0) {
        buf_printf(&w->out, "\n... and %llu more\n\n", (unsigned long long)left);
    }
    return true;
}

static bool put_comparison(struct writing *w, struct err *err)
{
    const struct comparison *c = w->c;
    put_runs(w);
    for (size_t t = 0; t < c->table_count; t++) {
        for (size_t run = 1; run < c->run_count; run++) {
            put_candidate(w, &c->tables[t], run);
        }
    }
    struct str legend = compare_legend(w->scratch, c);
    buf_printf(&w->out, "<sub>%.*s</sub>\n\n", STR_ARG(legend));
    for (size_t run = 1; run < c->run_count; run++) {
        if (!put_flips(w, run, err)) {
            return false;
        }
    }
    return true;
}

static bool write_all(struct writing *w, struct compare_out *to, struct err *err)
{
    const struct comparison *c = w->c;
    buf_append_cstr(&w->out, to->at > 0 ? "\n### " : "### ");
    put_name(w, c->suite);
    buf_printf(&w->out, ": %zu runs, compared with ", c->run_count);
    put_name(w, c->runs[0].name);
    if (c->tag.ptr != NULL) {
        buf_append_cstr(&w->out, ", tag ");
        put_name(w, c->tag);
    }
    buf_append_cstr(&w->out, "\n\n");
    if (!put_comparison(w, err)) {
        return false;
    }
    to->written += w->out.len;
    return report_flush(&w->out, to->out, err);
}

static bool markdown_compare(struct compare_out *to, const struct comparison *c, struct arena *scratch, struct err *err)
{
    size_t before = to->written < COMMENT_BYTES ? to->written : COMMENT_BYTES;
    struct writing w = {.scratch = scratch, .c = c, .flips_until = COMMENT_BYTES - before};
    buf_init(&w.out, LIMIT_JSON_BYTES);
    bool ok = write_all(&w, to, err);
    buf_deinit(&w.out);
    return ok;
}

bool compare_markdown_section(struct buf *out, const struct comparison *c, size_t max_bytes, struct arena *scratch,
                              struct err *err)
{
    struct writing w = {.out = *out, .scratch = scratch, .c = c, .flips_until = out->len + max_bytes};
    buf_append_cstr(&w.out, "\n#### compared with ");
    put_name(&w, c->runs[0].name);
    buf_append_cstr(&w.out, "\n\n");
    bool ok = put_comparison(&w, err);
    *out = w.out; /* it may have grown */
    return ok;
}

const struct compare_format compare_markdown = {
    .name = "markdown",
    .summary = "a comment for a pull request: differences, what can be said, flips folded",
    .write = markdown_compare,
};
