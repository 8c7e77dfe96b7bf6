/* Labelled lines below a case: what was asked, said and wrong with it. */

#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "reporters/terminal_parts.h"

enum { EXCERPT_LINES = 3 };

size_t terminal_room(const struct terminal_writing *w, size_t used)
{
    return w->in->term.columns > used ? w->in->term.columns - used : 1;
}

void terminal_line(struct terminal_writing *w, const char *label, struct str text, enum term_style style)
{
    const struct term *term = &w->in->term;
    size_t indent = TERMINAL_INDENT + (term->columns >= TERMINAL_NARROW ? (size_t)TERMINAL_INDENT : 0);
    buf_clear(&w->line);
    buf_append_repeat(&w->line, ' ', indent);
    size_t label_columns = strlen(label) < TERMINAL_LABEL_COLUMNS ? (size_t)TERMINAL_LABEL_COLUMNS : strlen(label) + 2;
    buf_printf(&w->line, "%s%-*s%s", term_on(term, TERM_DIM), (int)label_columns, label, term_off(term));
    buf_append_cstr(&w->line, term_on(term, style));
    (void)term_escape_cut(&w->line, text, terminal_room(w, indent + label_columns));
    buf_append_cstr(&w->line, style == TERM_PLAIN ? "" : term_off(term));
    buf_append_char(&w->line, '\n');
    terminal_put(w->in, &w->line);
}

void terminal_reason(struct terminal_writing *w, const char *label, struct str text, size_t max_bytes,
                     enum term_style style)
{
    const struct term *term = &w->in->term;
    size_t indent = 2 * (size_t)TERMINAL_INDENT;
    size_t label_columns = strlen(label) < TERMINAL_LABEL_COLUMNS ? (size_t)TERMINAL_LABEL_COLUMNS : strlen(label) + 2;
    if (term->columns < TERMINAL_NARROW) {
        terminal_line(w, label, text, style);
        return;
    }
    struct str cut = utf8_cut(text, max_bytes);
    struct str shown = cut.len < text.len ? arena_printf(w->arena, "%.*s…", STR_ARG(cut)) : text;
    buf_clear(&w->line);
    buf_append_repeat(&w->line, ' ', indent);
    buf_printf(&w->line, "%s%-*s%s", term_on(term, TERM_DIM), (int)label_columns, label, term_off(term));
    buf_append_cstr(&w->line, term_on(term, style));
    (void)terminal_wrap(&w->line, shown, indent + label_columns, term->columns);
    buf_append_cstr(&w->line, style == TERM_PLAIN ? "" : term_off(term));
    buf_append_char(&w->line, '\n');
    terminal_put(w->in, &w->line);
}

size_t terminal_count_lines(struct str text)
{
    struct str rest = text;
    struct str line;
    size_t count = 0;
    while (str_split(&rest, '\n', &line)) {
        count++;
    }
    return count;
}

void terminal_excerpt(struct terminal_writing *w, const char *label, struct str text)
{
    size_t max = w->in->is_verbose ? TERMINAL_VERBOSE_LINES : EXCERPT_LINES;
    struct str rest = text;
    while (rest.len > 0 && (rest.ptr[rest.len - 1] == '\n' || rest.ptr[rest.len - 1] == '\r')) {
        rest.len--;
    }
    size_t lines = terminal_count_lines(rest);
    if (rest.len == 0) {
        terminal_line(w, label, STR("(empty)"), TERM_DIM);
        return;
    }
    struct str line;
    for (size_t i = 0; str_split(&rest, '\n', &line); i++) {
        line.len -= str_ends(line, STR("\r")) ? 1 : 0;
        bool is_shown = lines <= max || i + 2 < max || i + 1 == lines;
        if (is_shown) {
            terminal_line(w, i == 0 ? label : "", line, TERM_PLAIN);
        } else if (i + 2 == max) {
            terminal_line(w, "", arena_printf(w->arena, "... %zu lines ...", lines - max + 1), TERM_DIM);
        }
    }
}
