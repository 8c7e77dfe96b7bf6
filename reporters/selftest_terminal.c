#include "reporters/selftest_terminal.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/selftest.h"
#include "reporters/shown.h"
#include "reporters/terminal_parts.h"
#include "reporters/text_table.h"

enum { INDENT = TERMINAL_INDENT, LINE_BYTES = 1 << 16, ID_CHARS = 8 };

struct writing {
    const struct selftest *t;
    const struct term *term;
    struct arena *scratch;
    FILE *out;
};

static void put_line(const struct writing *w, size_t indent, enum term_style style, struct str text)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_append_repeat(&line, ' ', indent);
    buf_append_cstr(&line, style == TERM_PLAIN ? "" : term_on(w->term, style));
    (void)terminal_wrap(&line, text, indent, w->term->columns);
    buf_append_cstr(&line, style == TERM_PLAIN ? "" : term_off(w->term));
    (void)fprintf(w->out, "%.*s\n", STR_ARG(buf_str(&line)));
}

static void put_heading(const struct writing *w)
{
    const struct selftest *t = w->t;
    struct buf text CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    put_line(w, 0, TERM_BOLD, t->suite);
    buf_printf(&text, "%llu draws from %s", (unsigned long long)t->draws,
               t->is_halves ? "halves of the trials of run " : "runs of one version: ");
    for (size_t i = 0; i < t->run_count; i++) {
        buf_printf(&text, "%s%.*s", i == 0 ? "" : ", ", ID_CHARS, t->runs[i].ptr);
    }
    buf_printf(&text, "; %llu %s", (unsigned long long)t->cases, t->cases == 1 ? "case" : "cases");
    if (t->clusters > 0) {
        buf_printf(&text, " in %llu clusters", (unsigned long long)t->clusters);
    }
    buf_printf(&text, "; seed %llu", (unsigned long long)t->seed);
    put_line(w, INDENT, TERM_DIM, buf_str(&text));
    if (t->is_halves) {
        buf_clear(&text);
        buf_printf(&text, "gates against a baseline: rates of runs with %u %s of each case, half of what there is",
                   (unsigned)t->half, t->half == 1 ? "trial" : "trials");
        put_line(w, INDENT, TERM_DIM, buf_str(&text));
    }
    if (t->left_out > 0) {
        buf_clear(&text);
        buf_printf(&text, "%llu cases are not the same in all runs and left out", (unsigned long long)t->left_out);
        put_line(w, INDENT, TERM_YELLOW, buf_str(&text));
    }
}

static struct str share_of(const struct writing *w, uint64_t count, uint64_t of)
{
    return of == 0 ? STR("none judged") : shown_share(w->scratch, (double)count / (double)of);
}

static void put_gate(const struct writing *w, const struct selftest_gate *g, struct text_table *table)
{
    bool is_default = str_eq_cstr(g->variant, "default");
    text_table_cell(
        table, is_default ? g->text : arena_printf(w->scratch, "[%.*s] %.*s", STR_ARG(g->variant), STR_ARG(g->text)),
        TERM_PLAIN);
    text_table_cell(table, share_of(w, g->alarms, g->judged), g->is_too_often ? TERM_RED : TERM_PLAIN);
    text_table_cell(table, shown_interval(w->scratch, &g->alarm_interval, true), TERM_PLAIN);
    text_table_cell(table, shown_share(w->scratch, g->alpha), TERM_PLAIN);
    text_table_cell(table, share_of(w, g->passes, g->judged), TERM_PLAIN);
}

static void put_table(const struct writing *w)
{
    static const char *const headings[] = {"gate", "false alarms", "95% interval", "allowed", "passes"};
    const struct selftest *t = w->t;
    struct text_table table;
    text_table_begin(&table, w->scratch, ARRAY_LEN(headings));
    for (size_t i = 0; i < ARRAY_LEN(headings); i++) {
        text_table_cell(&table, str_from(headings[i]), TERM_DIM);
    }
    for (size_t i = 0; i < t->gate_count; i++) {
        put_gate(w, &t->gates[i], &table);
    }
    uint64_t with_verdict = t->draws - t->no_verdict;
    text_table_cell(&table, STR("the whole verdict"), TERM_BOLD);
    text_table_cell(&table, share_of(w, t->failed, with_verdict), TERM_BOLD);
    text_table_cell(&table, shown_interval(w->scratch, &t->failed_interval, true), TERM_PLAIN);
    text_table_cell(&table, STR(""), TERM_PLAIN);
    text_table_cell(&table, share_of(w, with_verdict - t->failed, with_verdict), TERM_PLAIN);
    (void)fputc('\n', w->out);
    text_table_print(&table, w->term, INDENT, w->out);
}

/* What is wrong with a gate, and what may help. */
static struct str advice(const struct writing *w, const struct selftest_gate *g)
{
    struct str rate = share_of(w, g->alarms, g->judged);
    struct str example = g->example.ptr == NULL ? STR("") : arena_printf(w->scratch, " (%.*s)", STR_ARG(g->example));
    if (g->form != GATE_PLAIN) {
        return arena_printf(
            w->scratch,
            "%.*s alarms in %.*s of runs although nothing changed, more than its confidence allows%.*s: "
            "are cases that belong together in a `cluster`?",
            STR_ARG(g->text), STR_ARG(rate), STR_ARG(example));
    }
    return arena_printf(
        w->scratch, "%.*s fails in %.*s of runs although nothing changed%.*s: %s", STR_ARG(g->text), STR_ARG(rate),
        STR_ARG(example),
        g->is_drawn_anew
            ? "leave more room, take more cases or trials, or ask \"with 95% confidence\""
            : "ask for \"no regression of ... beyond ...\", which makes an allowance for chance, take more "
              "cases or trials, or a baseline of several runs");
}

static void put_advice(const struct writing *w)
{
    bool has_any = false;
    for (size_t i = 0; i < w->t->gate_count; i++) {
        if (w->t->gates[i].is_too_often) {
            (void)fputs(has_any ? "" : "\n", w->out);
            put_line(w, INDENT, TERM_PLAIN, advice(w, &w->t->gates[i]));
            has_any = true;
        }
    }
    if (w->t->no_verdict > 0) {
        (void)fputs(has_any ? "" : "\n", w->out);
        put_line(w, INDENT, TERM_YELLOW,
                 arena_printf(w->scratch, "%llu draws came to no verdict, because more samples errored than is allowed",
                              (unsigned long long)w->t->no_verdict));
    }
}

void selftest_terminal(const struct selftest *t, const struct term *term, struct arena *scratch, FILE *out)
{
    const struct writing w = {t, term, scratch, out};
    put_heading(&w);
    put_table(&w);
    put_advice(&w);
}
