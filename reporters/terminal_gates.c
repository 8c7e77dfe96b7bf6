#include "base/arena.h"
#include "base/buf.h"
#include "reporters/shown.h"
#include "reporters/terminal_parts.h"

enum { LINE_BYTES = 1 << 20, TEXT_COLUMNS = 60, GAP = 2 };

struct mark {
    const char *text;
    enum term_style style;
};

static struct mark mark_of(const struct gate_result *g)
{
    bool is_warning = g->severity == GATE_WARN;
    switch (g->outcome) {
    case GATE_HOLDS:
        return (struct mark){"✓", TERM_GREEN};
    case GATE_BROKEN:
        return is_warning ? (struct mark){"!", TERM_YELLOW} : (struct mark){"✗", TERM_RED};
    case GATE_CANNOT_TELL:
        if (g->warns) {
            return (struct mark){"!", TERM_YELLOW};
        }
        return g->fails ? (struct mark){"?", TERM_RED} : (struct mark){"~", TERM_YELLOW};
    case GATE_NOT_JUDGED:
        break;
    }
    return (struct mark){"-", TERM_DIM};
}

/* "0.8571", or what the gate came to where there is no figure. */
static struct str figure_text(const struct gate_result *g, struct arena *scratch)
{
    struct str text = STR("");
    if (g->has_left && g->form == GATE_PLAIN && g->has_reference) {
        struct str left = shown_figure(scratch, g->left);
        struct str other = shown_figure(scratch, g->reference);
        text = arena_printf(scratch, "%.*s against %.*s", STR_ARG(left), STR_ARG(other));
    } else if (g->has_left) {
        text = shown_figure(scratch, g->left);
    } else if (g->outcome == GATE_NOT_JUDGED) {
        text = STR("not judged");
    }
    if (g->severity == GATE_WARN) {
        return arena_printf(scratch, "%.*s%swarning only", STR_ARG(text), text.len > 0 ? ", " : "");
    }
    return text;
}

static struct str held_text(size_t count, struct arena *scratch)
{
    return count == 2 ? STR("both variants") : arena_printf(scratch, "all %zu variants", count);
}

/* One gate over the runs that it was judged for. */
struct shown_gate {
    struct str text; /* with the variant before it where it is one of several */
    const struct gate_result *result;
    size_t held_by;  /* variants, when all hold: one line for them */
    bool is_stopped; /* the run came to no verdict: its line says why, once */
};

static bool needs_reason(const struct shown_gate *gate)
{
    enum gate_outcome outcome = gate->result->outcome;
    if (outcome == GATE_HOLDS) { /* what was shown, and how surely; a plain figure says it all */
        return gate->result->form != GATE_PLAIN && gate->held_by <= 1;
    }
    return !(outcome == GATE_NOT_JUDGED && gate->is_stopped);
}

static void put_gate(const struct report_in *in, const struct shown_gate *gate, size_t text_columns,
                     struct arena *scratch)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    const struct term *term = &in->term;
    struct mark mark = mark_of(gate->result);
    size_t room = term->columns > TERMINAL_INDENT + 2 ? term->columns - TERMINAL_INDENT - 2 : 1;
    buf_append_repeat(&line, ' ', TERMINAL_INDENT);
    buf_printf(&line, "%s%s%s ", term_on(term, mark.style), mark.text, term_off(term));
    size_t used = terminal_wrap(&line, gate->text, TERMINAL_INDENT + 2, term->columns);
    struct str figure = gate->held_by > 1 ? held_text(gate->held_by, scratch) : figure_text(gate->result, scratch);
    size_t at = used < text_columns ? text_columns : used;
    if (figure.len > 0 && at + GAP + figure.len <= room) {
        buf_append_repeat(&line, ' ', at - used + GAP);
        buf_append_cstr(&line, term_on(term, TERM_DIM));
        buf_append(&line, figure);
        buf_append_cstr(&line, term_off(term));
    }
    buf_append_char(&line, '\n');
    if (needs_reason(gate) && gate->result->reason.len > 0) {
        buf_append_repeat(&line, ' ', TERMINAL_INDENT + 4);
        (void)terminal_wrap(&line, gate->result->reason, TERMINAL_INDENT + 4, term->columns);
        buf_append_char(&line, '\n');
    }
    terminal_put(in, &line);
}

static const struct gate_result *find_gate(const struct summary *s, struct str text, size_t occurrence)
{
    for (size_t i = 0; i < s->gate_count; i++) {
        if (str_eq(s->gates[i].text, text) && occurrence-- == 0) {
            return &s->gates[i];
        }
    }
    return NULL;
}

/* How often the gate's text stands before it: two equal gates are two gates. */
static size_t occurrence_of(const struct summary *s, size_t at)
{
    size_t count = 0;
    for (size_t i = 0; i < at; i++) {
        count += str_eq(s->gates[i].text, s->gates[at].text) ? 1 : 0;
    }
    return count;
}

static bool is_stopped(const struct summary *s)
{
    return s->is_partial || (s->verdict != VERDICT_PASSED && s->verdict != VERDICT_FAILED);
}

/* All the results of the gate `at` of run `first`, as one line when they all hold, else one each. */
static size_t collect(const struct report_run *runs, size_t count, size_t first, size_t at, struct shown_gate *ret,
                      struct arena *scratch)
{
    const struct summary *s = runs[first].summary;
    size_t occurrence = occurrence_of(s, at);
    size_t len = 0;
    size_t holding = 0;
    for (size_t i = first; i < count; i++) {
        const struct gate_result *g = find_gate(runs[i].summary, s->gates[at].text, occurrence);
        if (g != NULL) {
            struct str variant = runs[i].summary->variant;
            ret[len++] =
                (struct shown_gate){.text = arena_printf(scratch, "[%.*s] %.*s", STR_ARG(variant), STR_ARG(g->text)),
                                    .result = g,
                                    .is_stopped = is_stopped(runs[i].summary)};
            holding += g->outcome == GATE_HOLDS ? 1 : 0;
        }
    }
    if (len == 1 || holding == len) {
        ret[0].text = s->gates[at].text;
        ret[0].held_by = len;
        return 1;
    }
    return len;
}

static bool is_first_run_of(const struct report_run *runs, size_t run, size_t at)
{
    const struct summary *s = runs[run].summary;
    for (size_t i = 0; i < run; i++) {
        if (find_gate(runs[i].summary, s->gates[at].text, occurrence_of(s, at)) != NULL) {
            return false;
        }
    }
    return true;
}

static void put_note(const struct report_in *in, const char *sign, enum term_style style, struct str text)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_append_repeat(&line, ' ', TERMINAL_INDENT);
    buf_printf(&line, "%s%s%s ", term_on(&in->term, style), sign, term_off(&in->term));
    (void)terminal_wrap(&line, text, TERMINAL_INDENT + 2, in->term.columns);
    buf_append_char(&line, '\n');
    terminal_put(in, &line);
}

/* The baselines that the gates of all variants share are said once. */
static void put_notes(const struct report_in *in, const struct report_run *runs, size_t count, struct arena *scratch)
{
    struct str before = STR("");
    for (size_t i = 0; i < count; i++) {
        const struct summary *s = runs[i].summary;
        for (size_t k = 0; k < s->baseline_count; k++) {
            struct str text = shown_baseline(scratch, &s->baselines[k]);
            if (!str_eq(text, before)) {
                put_note(in, s->baselines[k].state == BASELINE_USED ? "·" : "!",
                         s->baselines[k].state == BASELINE_USED ? TERM_DIM : TERM_YELLOW, text);
            }
            before = text;
        }
        for (size_t k = 0; k < s->warning_count; k++) {
            put_note(in, "!", TERM_YELLOW, s->warnings[k]);
        }
    }
}

void terminal_gates(const struct report_in *in, const struct report_run *runs, size_t count, struct arena *scratch)
{
    size_t total = 0;
    bool is_implied = count > 0 && runs[0].summary->gate_count == 1 && runs[0].summary->gates[0].is_implied;
    for (size_t i = 0; i < count; i++) {
        total += runs[i].summary->gate_count;
    }
    if (total == 0) {
        return;
    }
    struct shown_gate *gates = arena_array(scratch, struct shown_gate, total);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < runs[i].summary->gate_count; j++) {
            if (is_first_run_of(runs, i, j)) {
                len += collect(runs, count, i, j, &gates[len], scratch);
            }
        }
    }
    size_t widest = 0;
    for (size_t i = 0; i < len; i++) {
        size_t width = term_width(gates[i].text);
        widest = width > widest && width <= TEXT_COLUMNS ? width : widest;
    }
    (void)fprintf(in->out, "\n%*s%sgates%s%s\n", (int)TERMINAL_INDENT, "", term_on(&in->term, TERM_DIM),
                  is_implied ? " (none given: every case has to pass)" : "", term_off(&in->term));
    for (size_t i = 0; i < len; i++) {
        put_gate(in, &gates[i], widest, scratch);
    }
    put_notes(in, runs, count, scratch);
}
