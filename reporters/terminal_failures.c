#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "reporters/shown.h"
#include "reporters/terminal_parts.h"

enum {
    LINE_BYTES = 1 << 20,
    STDERR_LINES = 5, /* its end */
    ERROR_BYTES = 500,
    WORDS_BYTES = 200 /* of a score: they often quote the output */
};

static void put_stderr(struct terminal_writing *w, struct str text)
{
    struct str rest = str_trim(text);
    size_t lines = terminal_count_lines(rest);
    size_t max = w->in->is_verbose ? TERMINAL_VERBOSE_LINES : STDERR_LINES;
    struct str line;
    bool is_first = true;
    for (size_t i = 0; str_split(&rest, '\n', &line); i++) {
        if (i + max >= lines) {
            terminal_line(w, is_first ? "stderr" : "", line, TERM_PLAIN);
            is_first = false;
        }
    }
}

static void put_scores(struct terminal_writing *w, const struct report_run *run, const struct sample_record *s)
{
    for (size_t i = 0; i < s->score_count; i++) {
        const struct score *score = &s->scores[i];
        bool is_bad = score->outcome == SCORE_FAIL || score->outcome == SCORE_NOT_SCORED;
        /* a score that was not taken is what the sample errored of: the line above says it */
        bool is_said = score->outcome == SCORE_NOT_SCORED && s->state == SAMPLE_ERRORED && score->comment.len > 0 &&
                       str_find(s->error_text, score->comment, NULL);
        if (score->dimension >= run->run->dimension_count || ((!is_bad || is_said) && !w->in->is_verbose)) {
            continue;
        }
        struct str name = run->run->dimensions[score->dimension].name;
        struct str words = shown_words(score);
        /* a long name pushes its words to the right; where there is no room for that, it goes into the line */
        bool fits = name.len < TERMINAL_LABEL_COLUMNS || w->in->term.columns >= name.len + TERMINAL_NARROW;
        terminal_reason(w, fits ? arena_cstr(w->arena, name) : "",
                        fits ? words : arena_printf(w->arena, "%.*s  %.*s", STR_ARG(name), STR_ARG(words)),
                        w->in->is_verbose ? ERROR_BYTES : WORDS_BYTES,
                        score->outcome == SCORE_FAIL         ? TERM_RED
                        : score->outcome == SCORE_NOT_SCORED ? TERM_YELLOW
                                                             : TERM_PLAIN);
    }
}

static void put_sample(struct terminal_writing *w, const struct report_run *run, const struct sample_record *s)
{
    const struct term *term = &w->in->term;
    bool is_errored = s->state == SAMPLE_ERRORED;
    struct str trial = run->summary->trials > 1 ? arena_printf(w->arena, " (trial %u of %u)", (unsigned)s->trial,
                                                               (unsigned)run->summary->trials)
                                                : STR("");
    buf_clear(&w->line);
    buf_append_repeat(&w->line, ' ', TERMINAL_INDENT);
    buf_printf(&w->line, "%s%s ", term_on(term, is_errored ? TERM_YELLOW : TERM_RED), is_errored ? "!" : "✗");
    size_t room = terminal_room(w, TERMINAL_INDENT + 2);
    size_t id_room = room > trial.len + 8 ? room - trial.len : room;
    size_t used = term_escape_cut(&w->line, s->case_id, id_room);
    (void)term_escape_cut(&w->line, used + trial.len <= room ? trial : STR(""), room);
    buf_printf(&w->line, "%s\n", term_off(term));
    terminal_put(w->in, &w->line);
    if (is_errored && s->error_text.len > 0) {
        terminal_reason(w, "error", s->error_text, ERROR_BYTES, TERM_YELLOW);
    }
    if (s->input.ptr != NULL) {
        terminal_excerpt(w, "input", shown_json(w->arena, s->input));
    }
    if (s->output.ptr != NULL) {
        terminal_excerpt(w, "output", shown_output(w->arena, s));
    }
    if (s->expected.ptr != NULL) {
        terminal_excerpt(w, "expected", shown_json(w->arena, s->expected));
    }
    put_scores(w, run, s);
    if (is_errored || w->in->is_verbose) {
        put_stderr(w, shown_stderr(w->arena, s->meta));
    }
}

static void put_heading(const struct report_in *in, const struct summary *s)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    struct buf text CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_append_cstr(&text, s->errors == 0 ? "failures" : s->n_failed == 0 ? "errors" : "failures and errors");
    if (!str_eq_cstr(s->variant, "default")) {
        buf_append_cstr(&text, " of ");
        buf_append(&text, s->variant);
    }
    buf_printf(&line, "\n%*s%s", (int)TERMINAL_INDENT, "", term_on(&in->term, TERM_DIM));
    (void)term_escape_cut(&line, buf_str(&text), in->term.columns - TERMINAL_INDENT);
    buf_printf(&line, "%s\n", term_off(&in->term));
    terminal_put(in, &line);
}

static void put_more(const struct report_in *in, const struct summary *s)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    struct buf text CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_printf(&text, "... and more: assay show %.*s %s", STR_ARG(str_slice(s->run_id, 0, 8)),
               s->n_failed == 0 ? "--errors" : "--failed");
    buf_append_repeat(&line, ' ', TERMINAL_INDENT);
    (void)term_escape_cut(&line, buf_str(&text), in->term.columns - TERMINAL_INDENT);
    buf_append_char(&line, '\n');
    terminal_put(in, &line);
}

bool terminal_failures(const struct report_in *in, const struct report_run *run, size_t max_shown, struct err *err)
{
    struct arena sample_arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct sample_cursor samples CLEANUP(sample_cursor_close) = {0};
    struct terminal_writing w = {.in = in, .arena = &sample_arena};
    if (run->summary->n_failed == 0 && run->summary->errors == 0 && !run->summary->is_partial) {
        return true;
    }
    if (!run->samples(run->ctx, run, true, &samples, err)) {
        return false;
    }
    buf_init(&w.line, LINE_BYTES);
    bool ok = true;
    for (size_t shown = 0; ok; shown++) {
        struct sample_record sample;
        bool has = false;
        ok = samples.next(&samples, &has, &sample, err);
        if (!ok || !has) {
            break;
        }
        if (max_shown > 0 && shown == max_shown) {
            put_more(in, run->summary);
            break;
        }
        if (shown == 0) {
            put_heading(in, run->summary);
        }
        put_sample(&w, run, &sample);
        arena_reset(&sample_arena);
    }
    buf_deinit(&w.line);
    return ok;
}
