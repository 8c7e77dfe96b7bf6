#include "reporters/planning_terminal.h"

#include "base/buf.h"
#include "base/clock.h"
#include "model/planning.h"
#include "reporters/terminal_parts.h"

enum { LINE_BYTES = 1 << 16 };

static void put_line(FILE *out, const struct term *term, size_t indent, enum term_style style, struct str text)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_append_repeat(&line, ' ', indent);
    buf_append_cstr(&line, style == TERM_PLAIN ? "" : term_on(term, style));
    (void)terminal_wrap(&line, text, indent, term->columns);
    buf_append_cstr(&line, style == TERM_PLAIN ? "" : term_off(term));
    (void)fprintf(out, "%.*s\n", STR_ARG(buf_str(&line)));
}

static void put_stat(const struct planned_stat *s, const struct term *term, FILE *out)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    buf_printf(&text, "%.*s: %.*s", STR_ARG(s->stat), STR_ARG(s->why_not.ptr != NULL ? s->why_not : s->figure));
    (void)fputc('\n', out);
    put_line(out, term, 2, TERM_BOLD, buf_str(&text));
    if (s->why_not.ptr != NULL) {
        return;
    }
    if (s->noise.len > 0) {
        put_line(out, term, 4, TERM_DIM, s->noise);
    }
    for (size_t i = 0; i < s->item_count; i++) {
        put_line(out, term, 4, TERM_PLAIN, s->items[i].asked);
        put_line(out, term, 6, TERM_PLAIN, s->items[i].answer);
    }
}

void planning_terminal(const struct planning *p, const struct term *term, FILE *out)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    bool is_default = str_eq_cstr(p->variant, "default");
    buf_append(&text, p->suite);
    if (!is_default) {
        buf_printf(&text, " [%.*s]", STR_ARG(p->variant));
    }
    buf_printf(&text, ", run %.8s of %.16s", p->run.ptr, clock_local(p->finished_unix_ms).text);
    put_line(out, term, 0, TERM_BOLD, buf_str(&text));
    if (p->claims > 1) {
        buf_clear(&text);
        buf_printf(&text, "%llu gates with confidence: each is planned with its share of the chance of a false alarm",
                   (unsigned long long)p->claims);
        put_line(out, term, 2, TERM_DIM, buf_str(&text));
    }
    for (size_t i = 0; i < p->stat_count; i++) {
        put_stat(&p->stats[i], term, out);
    }
}
