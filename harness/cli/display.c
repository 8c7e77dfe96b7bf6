#include "cli/display.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "model/record.h"
#include "model/suite.h"

enum { REDRAW_MS = 100, PLAIN_S = 10, BAR_COLUMNS = 24, BAD_LINES = 20 };

void display_init(struct display *d, struct cli *cli, bool is_verbose, bool is_quiet)
{
    *d = (struct display){.cli = cli, .is_verbose = is_verbose, .is_quiet = is_quiet};
}

static void clear_line(struct display *d)
{
    if (d->has_line) {
        (void)fprintf(d->cli->errors, "\r\x1b[K");
        d->has_line = false;
    }
}

static void print_sample(struct display *d, const struct suite *suite, const struct run_record *run,
                         const struct sample_record *s)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    bool is_errored = s->state == SAMPLE_ERRORED;
    const struct term *t = &d->cli->err_term;
    enum term_style style = is_errored ? TERM_YELLOW : s->pass == PASS_NO ? TERM_RED : TERM_GREEN;
    const char *word = is_errored ? "ERROR" : s->pass == PASS_NO ? "FAIL" : s->pass == PASS_YES ? "PASS" : "DONE";
    buf_printf(&line, "%s%-5s%s ", term_on(t, style), word, term_off(t));
    term_escape(&line, s->case_id, TERM_ONE_LINE);
    if (suite->has_variants) {
        buf_append_cstr(&line, " [");
        term_escape(&line, run->variant, TERM_ONE_LINE);
        buf_append_cstr(&line, "]");
    }
    if (suite->trials > 1) {
        buf_printf(&line, " trial %u", (unsigned)s->trial);
    }
    struct str reason = is_errored ? s->error_text : STR_NULL;
    for (size_t i = 0; i < s->score_count && reason.len == 0; i++) {
        if (s->scores[i].outcome == SCORE_FAIL) {
            reason = s->scores[i].comment;
        }
    }
    if (reason.len > 0) {
        buf_append_cstr(&line, ": ");
        size_t used = term_width(buf_str(&line));
        (void)term_escape_cut(&line, reason, t->columns > used + 20 ? t->columns - used : 60);
    }
    buf_append_char(&line, '\n');
    clear_line(d);
    (void)fwrite(line.ptr, 1, line.len, d->cli->errors);
}

static void on_sample(void *ctx, const struct suite *suite, const struct run_record *run, const struct sample_record *s)
{
    struct display *d = ctx;
    if (d->is_quiet) {
        return;
    }
    if (d->is_verbose) {
        print_sample(d, suite, run, s);
        return;
    }
    bool is_bad = s->state == SAMPLE_ERRORED || s->pass == PASS_NO;
    if (is_bad && !d->cli->err_term.is_tty && d->bad_shown < BAD_LINES) {
        print_sample(d, suite, run, s);
        if (++d->bad_shown == BAD_LINES) {
            (void)fprintf(d->cli->errors, "(more failing samples are in the summary)\n");
        }
    }
}

static int64_t left_ns(const struct run_progress *p)
{
    uint64_t done = p->recorded - p->recorded_before;
    uint64_t open = p->planned - p->recorded;
    if (done == 0 || p->now_ns <= p->started_ns) {
        return -1;
    }
    return (int64_t)((double)(p->now_ns - p->started_ns) / (double)done * (double)open);
}

static void write_facts(struct buf *line, const struct run_progress *p)
{
    uint64_t done = p->recorded - p->recorded_before;
    double seconds = (double)(p->now_ns - p->started_ns) / (double)NS_PER_S;
    buf_printf(line, "%" PRIu64 "/%" PRIu64, p->recorded, p->planned);
    if (seconds > 0.2 && done > 0) {
        buf_printf(line, ", %.*f/s", (double)done / seconds < 10 ? 1 : 0, (double)done / seconds);
    }
    if (p->failed > 0) {
        buf_printf(line, ", %" PRIu64 " failed", p->failed);
    }
    if (p->errored > 0) {
        buf_printf(line, ", %" PRIu64 " errors", p->errored);
    }
    if (p->is_draining) {
        buf_printf(line, ", stopping (%" PRIu64 " running)", p->in_flight);
    } else if (left_ns(p) >= 0 && p->recorded < p->planned) {
        buf_printf(line, ", %s left", clock_duration(left_ns(p)).text);
    }
}

static void draw_bar(struct display *d, const struct run_progress *p)
{
    if (d->has_line && p->now_ns - d->last_ns < REDRAW_MS * NS_PER_MS) {
        return;
    }
    d->last_ns = p->now_ns;
    struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    struct buf cut CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    if (d->cli->err_term.columns >= 60) {
        size_t filled = p->planned == 0 ? 0 : (size_t)(p->recorded * BAR_COLUMNS / p->planned);
        buf_append_char(&line, '[');
        buf_append_repeat(&line, '#', filled);
        buf_append_repeat(&line, '.', BAR_COLUMNS - filled);
        buf_append_cstr(&line, "] ");
    }
    write_facts(&line, p);
    (void)term_escape_cut(&cut, buf_str(&line), d->cli->err_term.columns - 1);
    (void)fprintf(d->cli->errors, "\r%.*s\x1b[K", STR_ARG(buf_str(&cut)));
    (void)fflush(d->cli->errors);
    d->has_line = true;
}

static void on_planning(void *ctx, uint64_t cases)
{
    struct display *d = ctx;
    bool draws = d->cli->err_term.is_tty && !d->is_verbose;
    int64_t now_ns = clock_ns(d->cli->clock);
    if (d->planning_ns == 0) {
        d->planning_ns = d->last_ns = now_ns;
    }
    if (d->is_quiet || now_ns - d->last_ns < (draws ? REDRAW_MS * NS_PER_MS : PLAIN_S * NS_PER_S)) {
        return;
    }
    d->last_ns = now_ns;
    (void)fprintf(d->cli->errors, "%splanning: %" PRIu64 " cases%s", draws ? "\r" : "", cases, draws ? "\x1b[K" : "\n");
    (void)fflush(d->cli->errors);
    d->has_line = draws;
}

static void on_progress(void *ctx, const struct run_progress *p)
{
    struct display *d = ctx;
    if (d->is_quiet) {
        return;
    }
    if (d->cli->err_term.is_tty && !d->is_verbose) {
        if (p->now_ns - p->started_ns > REDRAW_MS * NS_PER_MS) { /* a run that is over at once needs no bar */
            draw_bar(d, p);
        }
        return;
    }
    if (d->last_ns == 0) {
        d->last_ns = p->started_ns;
    }
    if (p->now_ns - d->last_ns >= PLAIN_S * NS_PER_S) {
        d->last_ns = p->now_ns;
        struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
        write_facts(&line, p);
        (void)fprintf(d->cli->errors, "%s\n", line.ptr);
        (void)fflush(d->cli->errors);
    }
}

static void on_delivery(void *ctx, const struct run_delivery *v)
{
    struct display *d = ctx;
    bool draws = d->cli->err_term.is_tty && !d->is_verbose;
    bool is_early = v->now_ns - v->began_ns < PLAIN_S * NS_PER_S / (draws ? 20 : 1); /* most are done in a moment */
    if (d->is_quiet || is_early || v->now_ns - d->last_ns < (draws ? REDRAW_MS * NS_PER_MS : PLAIN_S * NS_PER_S)) {
        return;
    }
    d->last_ns = v->now_ns;
    struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    struct buf cut CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    uint64_t left = v->spans > v->confirmed ? v->spans - v->confirmed : 0;
    if (v->is_verifying) {
        buf_printf(&line, "reading back from Opper: %" PRIu64 " spans", v->confirmed);
    } else {
        buf_printf(&line, "recording on Opper: %" PRIu64 " of %" PRIu64 " spans left", left, v->spans);
    }
    if (v->trouble.len > 0) {
        buf_append_cstr(&line, "; ");
        (void)term_escape(&line, v->trouble, TERM_ONE_LINE);
    }
    (void)term_escape_cut(&cut, buf_str(&line), draws ? d->cli->err_term.columns - 1 : 400);
    (void)fprintf(d->cli->errors, "%s%.*s%s", draws ? "\r" : "", STR_ARG(buf_str(&cut)), draws ? "\x1b[K" : "\n");
    (void)fflush(d->cli->errors);
    d->has_line = draws;
}

static void on_note(void *ctx, const char *text)
{
    struct display *d = ctx;
    struct buf safe CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    term_escape(&safe, str_from(text), TERM_LINES);
    clear_line(d);
    (void)fprintf(d->cli->errors, "assay: %s\n", safe.ptr == NULL ? "" : safe.ptr);
    (void)fflush(d->cli->errors);
}

struct run_events display_events(struct display *d)
{
    return (struct run_events){.ctx = d,
                               .planning = on_planning,
                               .sample = on_sample,
                               .progress = on_progress,
                               .delivery = on_delivery,
                               .note = on_note};
}

void display_end(struct display *d)
{
    clear_line(d);
    (void)fflush(d->cli->errors);
}
