/* For people: what ran, the figures of each dimension, the gates with their reasons, and the first failures. Cut to the terminal's width; all text
 * that did not come from this program is escaped (base/term.h). The verdict's line is printed by whoever called, last of all. */

#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "reporters/reporter.h"
#include "reporters/shown.h"
#include "reporters/terminal_parts.h"
#include "reporters/text_table.h"

enum { INDENT = TERMINAL_INDENT, SKIPPED_SHOWN = 5, LINE_BYTES = 1 << 20 };

static bool has_variants(const struct summary *s)
{
    return !str_eq_cstr(s->variant, "default");
}

/* --- one run ---------------------------------------------------------------------------------------------------------------------------- */

/* "suite [variant]", and the short id with which the run can be asked for. */
static void put_heading(const struct report_in *in, const struct summary *s, bool with_variant)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    struct buf name CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_append(&name, s->suite);
    if (with_variant) {
        buf_append_cstr(&name, " [");
        buf_append(&name, s->variant);
        buf_append_char(&name, ']');
    }
    struct str id = str_slice(s->run_id, 0, 8);
    bool has_id_room = in->term.columns > 40;
    buf_append_cstr(&line, term_on(&in->term, TERM_BOLD));
    (void)term_escape_cut(&line, buf_str(&name), in->term.columns - (has_id_room ? id.len + 6 : 0));
    buf_append_cstr(&line, term_off(&in->term));
    if (has_id_room && with_variant == has_variants(s)) {
        buf_printf(&line, "  %srun %.*s%s", term_on(&in->term, TERM_DIM), STR_ARG(id), term_off(&in->term));
    }
    buf_append_char(&line, '\n');
    terminal_put(in, &line);
}

/* Parts of a line, comma after comma, broken where the width ends. */
struct parts {
    const struct report_in *in;
    struct buf *line;
    size_t used;
};

static void put_part(struct parts *p, struct str text, enum term_style style)
{
    size_t room = p->in->term.columns - 1; /* a comma may follow */
    bool is_first = p->used == 0;
    if (!is_first && p->used + 2 + text.len > room) {
        buf_append_cstr(p->line, ",\n");
        p->used = 0;
        is_first = true;
    }
    if (is_first) {
        buf_append_repeat(p->line, ' ', INDENT);
        p->used = INDENT;
    } else {
        buf_append_cstr(p->line, ", ");
        p->used += 2;
    }
    buf_append_cstr(p->line, term_on(&p->in->term, style));
    p->used += term_escape_cut(p->line, text, room > p->used ? room - p->used : 1);
    buf_append_cstr(p->line, style == TERM_PLAIN ? "" : term_off(&p->in->term));
}

static void put_time(struct parts *p, const struct summary *s)
{
    if (s->finished_unix_ms > s->started_unix_ms) {
        struct clock_text took = clock_duration((s->finished_unix_ms - s->started_unix_ms) * NS_PER_MS);
        put_part(p, str_from(took.text), TERM_DIM);
    }
}

static void put_counts(const struct report_in *in, const struct summary *s, struct arena *scratch)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    struct parts p = {in, &line, 0};
    struct str trials = s->trials > 1 ? arena_printf(scratch, " x %u trials", (unsigned)s->trials) : STR("");
    put_part(&p,
             arena_printf(scratch, "%llu %s%.*s", (unsigned long long)s->n_cases, s->n_cases == 1 ? "case" : "cases",
                          STR_ARG(trials)),
             TERM_PLAIN);
    const struct {
        uint64_t count;
        const char *word;
        enum term_style style;
        bool is_always;
    } counts[] = {
        {s->n_passed, "passed", TERM_GREEN, s->has_pass_rate}, {s->n_failed, "failed", TERM_RED, s->has_pass_rate},
        {s->n_no_pass, "only measured", TERM_PLAIN, false},    {s->n_errored, "errored", TERM_YELLOW, false},
        {s->n_skipped, "skipped", TERM_PLAIN, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        if (counts[i].count > 0 || counts[i].is_always) {
            put_part(&p, arena_printf(scratch, "%llu %s", (unsigned long long)counts[i].count, counts[i].word),
                     counts[i].count > 0 ? counts[i].style : TERM_PLAIN);
        }
    }
    if (s->errors > s->n_errored) {
        put_part(&p, arena_printf(scratch, "%llu samples errored", (unsigned long long)s->errors), TERM_YELLOW);
    }
    put_time(&p, s);
    if (s->samples < s->planned_samples) {
        put_part(&p,
                 arena_printf(scratch, "%llu of %llu samples recorded", (unsigned long long)s->samples,
                              (unsigned long long)s->planned_samples),
                 TERM_YELLOW);
    }
    buf_append_char(&line, '\n');
    terminal_put(in, &line);
}

static void put_group_counts(const struct report_in *in, size_t from, size_t count, struct arena *scratch)
{
    const struct summary *s = in->runs[from].summary;
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    struct parts p = {in, &line, 0};
    put_part(&p, arena_printf(scratch, "%zu variants", count), TERM_PLAIN);
    if (s->trials > 1) {
        put_part(&p, arena_printf(scratch, "%u trials", (unsigned)s->trials), TERM_PLAIN);
    }
    put_time(&p, s);
    for (size_t i = from; i < from + count; i++) {
        s = in->runs[i].summary;
        if (s->samples < s->planned_samples) {
            put_part(&p,
                     arena_printf(scratch, "%.*s: %llu of %llu samples recorded", STR_ARG(s->variant),
                                  (unsigned long long)s->samples, (unsigned long long)s->planned_samples),
                     TERM_YELLOW);
        }
    }
    buf_append_cstr(&line, "\n\n");
    terminal_put(in, &line);
}

static void put_skipped(const struct report_in *in, const struct summary *s)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    struct buf text CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    for (size_t i = 0; i < s->skipped_count && i < SKIPPED_SHOWN; i++) {
        buf_clear(&text);
        buf_append_cstr(&text, "skipped ");
        buf_append(&text, s->skipped[i].id);
        buf_append_cstr(&text, ": ");
        buf_append(&text, s->skipped[i].reason);
        buf_append_repeat(&line, ' ', INDENT);
        (void)term_escape_cut(&line, buf_str(&text), in->term.columns - INDENT);
        buf_append_char(&line, '\n');
    }
    if (s->skipped_count > SKIPPED_SHOWN) {
        buf_printf(&line, "  and %zu more\n", s->skipped_count - SKIPPED_SHOWN);
    }
    terminal_put(in, &line);
}

static void cell_number(struct text_table *t, bool has, double value)
{
    text_table_cell(t, has ? shown_number(t->arena, value) : STR(""), TERM_PLAIN);
}

static enum term_style share_style(double share)
{
    return share >= 1 ? TERM_GREEN : TERM_PLAIN;
}

static void cell_interval(struct text_table *t, bool has, const struct stat_interval *interval, bool is_share)
{
    text_table_cell(t, has ? shown_interval(t->arena, interval, is_share) : STR(""), TERM_DIM);
}

static void cell_rate(struct text_table *t, const struct dimension_summary *d)
{
    text_table_cell(t, d->has_pass_rate ? shown_share(t->arena, d->pass_rate) : STR(""), share_style(d->pass_rate));
}

static void cell_not_scored(struct text_table *t, const struct dimension_summary *d)
{
    text_table_cell(t, d->not_scored > 0 ? shown_count(t->arena, d->not_scored) : STR(""), TERM_YELLOW);
}

static void put_judged(struct text_table *t, const struct dimension_summary *d)
{
    bool has_mean = d->has_mean && !shown_mean_again(d);
    text_table_cell(t, d->name, TERM_PLAIN);
    text_table_cell(t, shown_count(t->arena, d->n_cases), TERM_PLAIN);
    cell_rate(t, d);
    cell_interval(t, d->has_pass_rate, &d->pass_rate_interval, true);
    cell_number(t, has_mean, d->mean);
    cell_interval(t, has_mean, &d->mean_interval, false);
    cell_not_scored(t, d);
}

static void put_measure(struct text_table *t, const struct dimension_summary *d)
{
    text_table_cell(t, d->name, TERM_PLAIN);
    text_table_cell(t, shown_count(t->arena, d->n_cases), TERM_PLAIN);
    cell_number(t, d->has_mean, d->mean);
    cell_interval(t, d->has_mean, &d->mean_interval, false);
    cell_number(t, d->has_mean, d->p50);
    cell_number(t, d->has_mean, d->p95);
    cell_rate(t, d);
    cell_number(t, d->has_mean, d->min);
    cell_number(t, d->has_mean, d->max);
    cell_not_scored(t, d);
}

/* Scores have rates, measures have quantiles: a table each. */
static void put_dimensions(const struct report_in *in, const struct summary *s, enum dimension_kind kind,
                           struct arena *scratch)
{
    static const char *const judged[] = {"score", "n", "pass rate", "95%", "mean", "95%", "not scored"};
    /* what matters least comes last: it goes below where the terminal is narrow */
    static const char *const measures[] = {"measure", "n",         "mean", "95%", "p50",
                                           "p95",     "pass rate", "min",  "max", "not scored"};
    bool is_judged = kind == DIMENSION_JUDGED;
    const char *const *headings = is_judged ? judged : measures;
    size_t columns = is_judged ? ARRAY_LEN(judged) : ARRAY_LEN(measures);
    struct text_table t;
    text_table_begin(&t, scratch, columns);
    for (size_t i = 0; i < columns; i++) {
        text_table_cell(&t, str_from(headings[i]), TERM_DIM);
    }
    size_t rows = 0;
    for (size_t i = 0; i < s->dimension_count; i++) {
        if (s->dimensions[i].kind == kind) {
            (is_judged ? put_judged : put_measure)(&t, &s->dimensions[i]);
            rows++;
        }
    }
    if (rows > 0) {
        (void)fputc('\n', in->out);
        text_table_print(&t, &in->term, INDENT, in->out);
    }
}

/* --- the whole --------------------------------------------------------------------------------------------------------------------------- */

static void put_group(const struct report_in *in, size_t from, size_t count, struct arena *scratch)
{
    const struct summary *first = in->runs[from].summary;
    if (count == 1) {
        put_heading(in, first, has_variants(first));
        put_counts(in, first, scratch);
        put_skipped(in, first);
        put_dimensions(in, first, DIMENSION_JUDGED, scratch);
        put_dimensions(in, first, DIMENSION_MEASURE, scratch);
    } else {
        put_heading(in, first, false);
        put_group_counts(in, from, count, scratch);
        terminal_variants(in, &in->runs[from], count, scratch);
        put_skipped(in, first);
    }
    terminal_gates(in, &in->runs[from], count, scratch);
}

static bool terminal_report(const struct report_in *in, struct arena *scratch, struct err *err)
{
    size_t shown_each = in->max_shown == 0 ? 0 : in->max_shown / (in->run_count > 0 ? in->run_count : 1);
    shown_each = in->max_shown > 0 && shown_each == 0 ? 1 : shown_each;
    for (size_t from = 0; from < in->run_count;) {
        size_t count = report_group(in, from);
        (void)fputs(from > 0 ? "\n" : "", in->out);
        put_group(in, from, count, scratch);
        for (size_t i = from; i < from + count && in->max_shown < SIZE_MAX; i++) {
            if (!terminal_failures(in, &in->runs[i], shown_each, err)) {
                return false;
            }
        }
        from += count;
    }
    (void)fputs(in->run_count > 0 ? "\n" : "", in->out);
    if (ferror(in->out) != 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot write the report");
    }
    return true;
}

const struct reporter reporter_terminal = {
    .name = "terminal",
    .summary = "for people: figures, gates with their reasons, the first failures",
    .write = terminal_report,
};
