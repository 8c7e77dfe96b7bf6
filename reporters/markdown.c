/* A comment for a pull request: the verdict in its first line, then gates, figures, and the failures folded. All text that is not this program's is
 * code (markdown_parts.h), so that it notifies nobody, links nowhere and ends no table.
 *
 * GitHub takes 65,536 characters in a comment: the report has at most MARKDOWN_BYTES bytes, which are never fewer. What does not fit is left out
 * whole, row by row and sample by sample, and counted. Samples are streamed; what is kept is the report itself. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "data/json.h"
#include "data/value.h"
#include "reporters/compare_sections.h"
#include "reporters/markdown_parts.h"
#include "reporters/reporter.h"
#include "reporters/shown.h"

enum {
    MARKDOWN_BYTES = 65000,
    RESERVE_BYTES = 1500,  /* for what closes folds and says what was left out */
    TABLES_BYTES = 36000,  /* up to here gates and figures may go: failures have the rest */
    FLIPS_BYTES = 8000,    /* of a comparison: cases that flipped, with what was said */
    PIECE_BYTES = 1 << 20, /* a row or a sample, before it is known whether it fits */
    NAME_BYTES = 200,      /* of ids, gates, reasons in a table */
    REASON_BYTES = 400,
    BODY_BYTES = 700,     /* of input, output, expected */
    WITH_BODIES_MAX = 15, /* samples; the others in one line each */
    HOLDING_SHOWN_MAX = 8
};

struct writing {
    const struct report_in *in;
    struct arena *scratch;
    struct buf out;
    struct buf piece; /* made first, then taken or left */
    size_t left_out;  /* rows of the table at hand, or samples */
    size_t unnamed;   /* rows left out of tables that had not even room to say so */
    size_t written;   /* samples */
    const struct report_run *run;
    struct arena *sample_arena;
};

static bool has_room(const struct writing *w, size_t bytes, size_t limit)
{
    return w->out.len + bytes + RESERVE_BYTES <= limit;
}

/* Takes the piece over when it fits below `limit`; else leaves it, and everything after it: order stays. */
static bool take_piece(struct writing *w, size_t limit)
{
    bool fits = w->left_out == 0 && !w->piece.overflow && has_room(w, w->piece.len, limit);
    if (fits) {
        buf_append(&w->out, buf_str(&w->piece));
    } else {
        w->left_out++;
    }
    buf_clear(&w->piece);
    return fits;
}

static void end_table(struct writing *w, const char *what)
{
    enum { LINE_BYTES = 200 };
    if (w->left_out > 0 && has_room(w, LINE_BYTES, TABLES_BYTES + RESERVE_BYTES)) {
        buf_printf(&w->out, "\n%zu more %s are left out: a comment has no room for them.\n", w->left_out, what);
    } else {
        w->unnamed += w->left_out;
    }
    w->left_out = 0;
}

static const char *verdict_sign(enum verdict verdict)
{
    return verdict == VERDICT_PASSED ? "✅" : verdict == VERDICT_FAILED ? "❌" : "⚠️";
}

/* --- head --------------------------------------------------------------------------------------------------------------------------------- */

static void put_labels(struct writing *w)
{
    static const char *const shown[] = {"branch", "commit"};
    struct value map;
    struct err ignored = ERR_NULL;
    struct str labels = w->in->invocation->labels;
    if (labels.len == 0 || !json_read(w->scratch, labels, JSON_REPLY, (struct src_pos){0}, &map, NULL, &ignored)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(shown); i++) {
        const struct value *value = value_get(&map, str_from(shown[i]));
        if (value != NULL && value->kind == VALUE_TEXT && value->text.len > 0) {
            buf_printf(&w->out, ", %s ", shown[i]);
            markdown_code(&w->out, value->text, NAME_BYTES);
        }
    }
}

static void put_head(struct writing *w)
{
    const struct report_in *in = w->in;
    const struct verdict_row *row = verdict_row(in->verdict);
    buf_printf(&w->out, "### %s %s (exit %d)", verdict_sign(in->verdict), row->word, row->exit_code);
    if (in->reason.len > 0) {
        buf_append_cstr(&w->out, ": ");
        markdown_code(&w->out, in->reason, REASON_BYTES);
    }
    buf_append_cstr(&w->out, "\n\nassay");
    if (in->invocation->finished_unix_ms > in->invocation->started_unix_ms) {
        int64_t took_ms = in->invocation->finished_unix_ms - in->invocation->started_unix_ms;
        buf_printf(&w->out, ", %s", clock_duration(took_ms * NS_PER_MS).text);
    }
    put_labels(w);
    buf_append_char(&w->out, '\n');
}

static void put_counts(struct writing *w, const struct summary *s)
{
    const struct {
        uint64_t count;
        const char *word;
        bool is_always;
    } counts[] = {
        {s->n_passed, "passed", s->has_pass_rate}, {s->n_failed, "failed", s->has_pass_rate},
        {s->n_no_pass, "only measured", false},    {s->n_errored, "errored", false},
        {s->n_skipped, "skipped", false},
    };
    buf_printf(&w->piece, "%llu %s", (unsigned long long)s->n_cases, s->n_cases == 1 ? "case" : "cases");
    if (s->trials > 1) {
        buf_printf(&w->piece, " x %u trials", (unsigned)s->trials);
    }
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        if (counts[i].count > 0 || counts[i].is_always) {
            buf_printf(&w->piece, ", %llu %s", (unsigned long long)counts[i].count, counts[i].word);
        }
    }
    if (s->samples < s->planned_samples) {
        buf_printf(&w->piece, ", %llu of %llu samples recorded", (unsigned long long)s->samples,
                   (unsigned long long)s->planned_samples);
    }
}

static void put_group_heads(struct writing *w, const struct report_run *runs, size_t count)
{
    buf_append_cstr(&w->piece, "\n#### ");
    markdown_code(&w->piece, runs[0].summary->suite, NAME_BYTES);
    buf_append_cstr(&w->piece, "\n\n");
    for (size_t i = 0; i < count; i++) {
        const struct summary *s = runs[i].summary;
        if (!str_eq_cstr(s->variant, "default")) {
            buf_printf(&w->piece, "- %s ", verdict_sign(s->verdict));
            markdown_code(&w->piece, s->variant, NAME_BYTES);
            buf_append_cstr(&w->piece, ": ");
        }
        put_counts(w, s);
        buf_append_char(&w->piece, '\n');
        (void)take_piece(w, TABLES_BYTES);
    }
    end_table(w, "variants");
}

/* --- gates -------------------------------------------------------------------------------------------------------------------------------- */

static const char *gate_sign(const struct gate_result *g)
{
    switch (g->outcome) {
    case GATE_HOLDS:
        return "✅ holds";
    case GATE_BROKEN:
        return g->severity == GATE_WARN ? "⚠️ warning" : "❌ failed";
    case GATE_CANNOT_TELL:
        return g->fails ? "❌ cannot tell" : "❔ cannot tell";
    case GATE_NOT_JUDGED:
        break;
    }
    return "not judged";
}

static void put_gate(struct writing *w, const struct summary *s, const struct gate_result *g, bool has_variants)
{
    buf_printf(&w->piece, "| %s | ", gate_sign(g));
    if (has_variants) {
        markdown_code(&w->piece, s->variant, NAME_BYTES);
        buf_append_cstr(&w->piece, " ");
    }
    markdown_code(&w->piece, g->text, NAME_BYTES);
    if (g->reason.len > 0 && (g->outcome != GATE_HOLDS || g->form != GATE_PLAIN)) {
        buf_append_cstr(&w->piece, "<br>");
        markdown_code(&w->piece, g->reason, REASON_BYTES);
    }
    buf_append_cstr(&w->piece, " | ");
    buf_append(&w->piece, g->has_left ? shown_figure(w->scratch, g->left) : STR(""));
    buf_append_cstr(&w->piece, " | ");
    buf_append(&w->piece, g->has_right ? shown_figure(w->scratch, g->right) : STR(""));
    buf_append_cstr(&w->piece, " | ");
    buf_append(&w->piece, g->n > 0 ? shown_count(w->scratch, g->n) : STR(""));
    buf_append_cstr(&w->piece, " |\n");
    (void)take_piece(w, TABLES_BYTES);
}

static void put_gates_of(struct writing *w, const struct report_run *runs, size_t count, bool is_holding)
{
    static const char *const headings[] = {"", "<gate", "figure", "line", "n", NULL};
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const struct summary *s = runs[i].summary;
        for (size_t k = 0; k < s->gate_count; k++) {
            if ((s->gates[k].outcome == GATE_HOLDS) != is_holding) {
                continue;
            }
            if (found++ == 0) {
                markdown_table_begin(&w->piece, headings);
            }
            put_gate(w, s, &s->gates[k], count > 1);
        }
    }
    end_table(w, "gates");
}

static size_t count_holding(const struct report_run *runs, size_t count)
{
    size_t holding = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < runs[i].summary->gate_count; k++) {
            holding += runs[i].summary->gates[k].outcome == GATE_HOLDS ? 1 : 0;
        }
    }
    return holding;
}

static void put_line(struct writing *w, const char *sign, struct str text)
{
    buf_printf(&w->piece, "\n%s", sign);
    markdown_code(&w->piece, text, REASON_BYTES);
    buf_append_char(&w->piece, '\n');
    (void)take_piece(w, TABLES_BYTES);
}

static void put_gates(struct writing *w, const struct report_run *runs, size_t count)
{
    size_t holding = count_holding(runs, count);
    put_gates_of(w, runs, count, false);
    bool is_folded = holding > HOLDING_SHOWN_MAX && has_room(w, RESERVE_BYTES, TABLES_BYTES);
    if (is_folded) {
        markdown_fold_begin(&w->out, arena_printf(w->scratch, "%zu gates hold", holding).ptr, STR(""), 0);
    }
    put_gates_of(w, runs, count, true);
    if (is_folded) {
        markdown_fold_end(&w->out);
    }
    for (size_t i = 0; i < count; i++) {
        const struct summary *s = runs[i].summary;
        for (size_t k = 0; k < s->baseline_count; k++) {
            put_line(w, "", shown_baseline(w->scratch, &s->baselines[k]));
        }
        for (size_t k = 0; k < s->warning_count; k++) {
            put_line(w, "⚠️ ", s->warnings[k]);
        }
    }
    end_table(w, "lines");
}

/* --- figures ------------------------------------------------------------------------------------------------------------------------------ */

static void put_cell(struct writing *w, struct str text)
{
    buf_append_cstr(&w->piece, " | ");
    buf_append(&w->piece, text);
}

static void put_name(struct writing *w, const struct summary *s, struct str name, bool has_variants)
{
    buf_append_cstr(&w->piece, "| ");
    markdown_code(&w->piece, name, NAME_BYTES);
    if (has_variants) {
        buf_append_char(&w->piece, ' ');
        markdown_code(&w->piece, s->variant, NAME_BYTES);
    }
}

static void put_judged(struct writing *w, const struct summary *s, const struct dimension_summary *d, bool has_variants)
{
    struct arena *a = w->scratch;
    put_name(w, s, d->name, has_variants);
    put_cell(w, shown_count(a, d->n_cases));
    put_cell(w, d->has_pass_rate ? shown_share(a, d->pass_rate) : STR(""));
    put_cell(w, d->has_pass_rate ? shown_interval(a, &d->pass_rate_interval, true) : STR(""));
    put_cell(w, d->has_mean ? shown_number(a, d->mean) : STR(""));
    put_cell(w, d->has_mean ? shown_interval(a, &d->mean_interval, false) : STR(""));
    put_cell(w, d->not_scored > 0 ? shown_count(a, d->not_scored) : STR(""));
    buf_append_cstr(&w->piece, " |\n");
    (void)take_piece(w, TABLES_BYTES);
}

static void put_measure(struct writing *w, const struct summary *s, const struct dimension_summary *d,
                        bool has_variants)
{
    struct arena *a = w->scratch;
    put_name(w, s, d->name, has_variants);
    put_cell(w, shown_count(a, d->n_cases));
    put_cell(w, d->has_mean ? shown_number(a, d->mean) : STR(""));
    put_cell(w, d->has_mean ? shown_interval(a, &d->mean_interval, false) : STR(""));
    put_cell(w, d->has_mean ? shown_number(a, d->p50) : STR(""));
    put_cell(w, d->has_mean ? shown_number(a, d->p95) : STR(""));
    put_cell(w, d->not_scored > 0 ? shown_count(a, d->not_scored) : STR(""));
    buf_append_cstr(&w->piece, " |\n");
    (void)take_piece(w, TABLES_BYTES);
}

static void put_dimensions(struct writing *w, const struct report_run *runs, size_t count, enum dimension_kind kind)
{
    static const char *const judged[] = {"score", "cases",        "pass rate",  "95% interval",
                                         "mean",  "95% interval", "not scored", NULL};
    static const char *const measures[] = {"measure", "cases", "mean",       "95% interval",
                                           "p50",     "p95",   "not scored", NULL};
    size_t found = 0;
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        most = runs[i].summary->dimension_count > most ? runs[i].summary->dimension_count : most;
    }
    for (size_t d = 0; d < most; d++) {
        for (size_t i = 0; i < count; i++) {
            const struct summary *s = runs[i].summary;
            if (d >= s->dimension_count || s->dimensions[d].kind != kind) {
                continue;
            }
            if (found++ == 0) {
                markdown_table_begin(&w->piece, kind == DIMENSION_JUDGED ? judged : measures);
            }
            (kind == DIMENSION_JUDGED ? put_judged : put_measure)(w, s, &s->dimensions[d], count > 1);
        }
    }
    end_table(w, "rows");
}

/* --- failures ----------------------------------------------------------------------------------------------------------------------------- */

static void put_block(struct writing *w, const char *label, struct str text)
{
    buf_append_cstr(&w->piece, label);
    markdown_block(&w->piece, text, BODY_BYTES);
}

static void put_reasons(struct writing *w, const struct sample_record *s)
{
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        bool is_bad = score->outcome == SCORE_FAIL || score->outcome == SCORE_NOT_SCORED;
        if (is_bad && score->dimension < w->run->run->dimension_count) {
            buf_append_cstr(&w->piece, "- ");
            markdown_code(&w->piece, w->run->run->dimensions[score->dimension].name, NAME_BYTES);
            buf_append_cstr(&w->piece, ": ");
            markdown_code(&w->piece, shown_words(score), REASON_BYTES);
            buf_append_char(&w->piece, '\n');
        }
    }
    if (s->state == SAMPLE_ERRORED) {
        buf_printf(&w->piece, "- %s: ", error_kind_word(s->error));
        markdown_code(&w->piece, s->error_text, REASON_BYTES);
        buf_append_char(&w->piece, '\n');
    }
}

static struct str sample_name(struct writing *w, const struct sample_record *s)
{
    struct str variant = w->run->summary->variant;
    struct str name = str_eq_cstr(variant, "default")
                          ? s->case_id
                          : arena_printf(w->sample_arena, "%.*s [%.*s]", STR_ARG(s->case_id), STR_ARG(variant));
    return w->run->summary->trials > 1
               ? arena_printf(w->sample_arena, "%.*s trial %u", STR_ARG(name), (unsigned)s->trial)
               : name;
}

static void put_whole(struct writing *w, const struct sample_record *s)
{
    struct arena *a = w->sample_arena;
    markdown_fold_begin(&w->piece, s->state == SAMPLE_ERRORED ? "⚠️" : "❌", sample_name(w, s), NAME_BYTES);
    put_reasons(w, s);
    put_block(w, "\ninput\n", shown_json(a, s->input));
    if (s->output.ptr != NULL) {
        put_block(w, "output\n", shown_output(a, s));
    }
    if (s->expected.ptr != NULL) {
        put_block(w, "expected\n", shown_json(a, s->expected));
    }
    markdown_fold_end(&w->piece);
}

static bool put_failure(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err)
{
    struct writing *w = ctx;
    (void)err;
    *ret_goes_on = true;
    if (s->state != SAMPLE_ERRORED && s->pass != PASS_NO) {
        return true;
    }
    if (w->left_out == 0 && w->written < WITH_BODIES_MAX) {
        put_whole(w, s);
    } else if (w->left_out == 0) {
        buf_printf(&w->piece, "%s%s ", w->written == WITH_BODIES_MAX ? "\n- " : "- ",
                   s->state == SAMPLE_ERRORED ? "⚠️" : "❌");
        markdown_code(&w->piece, sample_name(w, s), NAME_BYTES);
        buf_append_char(&w->piece, '\n');
    }
    w->written += take_piece(w, MARKDOWN_BYTES) ? 1 : 0;
    arena_reset(w->sample_arena);
    return true;
}

static bool put_failures(struct writing *w, struct err *err)
{
    uint64_t bad = 0;
    for (size_t i = 0; i < w->in->run_count; i++) {
        bad += w->in->runs[i].summary->n_failed + w->in->runs[i].summary->errors;
    }
    if (bad == 0) {
        return true;
    }
    markdown_fold_begin(&w->out, "failures", STR(""), 0);
    for (size_t i = 0; i < w->in->run_count; i++) {
        w->run = &w->in->runs[i];
        if (!report_each(w->run, true, put_failure, w, err)) {
            return false;
        }
    }
    if (w->left_out > 0) {
        buf_printf(
            &w->out,
            "\n%zu more failing samples are left out: a comment has no room for them. `assay show --failed` and the "
            "other reports have them.\n",
            w->left_out);
    }
    markdown_fold_end(&w->out);
    return true;
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------------------- */

/* Flips take a part of the room; failures have the rest. */
static bool put_comparisons(struct writing *w, struct str suite, struct err *err)
{
    for (size_t i = 0; i < w->in->comparison_count; i++) {
        const struct comparison *c = &w->in->comparisons[i];
        if (!str_eq(c->suite, suite)) {
            continue;
        }
        if (!compare_markdown_section(&w->piece, c, FLIPS_BYTES, w->scratch, err)) {
            return false;
        }
        if (!take_piece(w, TABLES_BYTES + 2 * FLIPS_BYTES)) {
            w->left_out = 0;
            buf_append_cstr(&w->out, "\nThe comparison is left out: a comment has no room for it (`assay compare`).\n");
        }
    }
    return true;
}

static bool put_all(struct writing *w, struct err *err)
{
    const struct report_in *in = w->in;
    put_head(w);
    for (size_t from = 0; from < in->run_count;) {
        size_t count = report_group(in, from);
        put_group_heads(w, &in->runs[from], count);
        put_gates(w, &in->runs[from], count);
        put_dimensions(w, &in->runs[from], count, DIMENSION_JUDGED);
        put_dimensions(w, &in->runs[from], count, DIMENSION_MEASURE);
        if (!put_comparisons(w, in->runs[from].summary->suite, err)) {
            return false;
        }
        from += count;
    }
    if (w->unnamed > 0) {
        buf_printf(&w->out, "\n%zu rows more of gates and figures are left out: a comment has no room for them.\n",
                   w->unnamed);
    }
    return put_failures(w, err) && report_flush(&w->out, in->out, err);
}

static bool markdown_report(const struct report_in *in, struct arena *scratch, struct err *err)
{
    struct arena sample_arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct writing w = {.in = in, .scratch = scratch, .sample_arena = &sample_arena};
    buf_init(&w.out, (size_t)4 * MARKDOWN_BYTES);
    buf_init(&w.piece, PIECE_BYTES);
    bool ok = put_all(&w, err);
    buf_deinit(&w.piece);
    buf_deinit(&w.out);
    return ok;
}

const struct reporter reporter_markdown = {
    .name = "markdown",
    .summary = "a comment for a pull request: verdict first, gates, figures, failures folded",
    .write = markdown_report,
    .shows_comparisons = true,
};
