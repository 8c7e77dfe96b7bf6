#include "reporters/text_table.h"

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/vec.h"

enum { GAP = 2, FIRST_MIN = 8, CELL_MAX = 200, LINE_BYTES = 1 << 20 };

void text_table_begin(struct text_table *t, struct arena *arena, size_t columns)
{
    *t = (struct text_table){.arena = arena, .columns = columns};
}

void text_table_cell(struct text_table *t, struct str text, enum term_style style)
{
    struct buf safe CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    size_t width = term_escape_cut(&safe, text, CELL_MAX);
    *vec_push(t->arena, t) = (struct text_cell){arena_str(t->arena, buf_str(&safe)), text.len == 0 ? 0 : width, style};
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

struct layout {
    size_t *widths; /* 0 = left out */
    size_t room;    /* columns of the terminal, after the indent */
    size_t indent;
};

static void measure(const struct text_table *t, struct layout *l)
{
    l->widths = arena_array(t->arena, size_t, t->columns);
    for (size_t c = 0; c < t->columns; c++) {
        bool is_empty = true;
        for (size_t i = c; i < t->len; i += t->columns) {
            l->widths[c] = t->items[i].width > l->widths[c] ? t->items[i].width : l->widths[c];
            is_empty = is_empty && (i < t->columns || t->items[i].width == 0);
        }
        l->widths[c] = is_empty && c > 0 ? 0 : l->widths[c];
    }
    size_t total = l->widths[0];
    size_t widest = 0;
    for (size_t c = 1; c < t->columns; c++) {
        total += l->widths[c] == 0 ? 0 : GAP + l->widths[c];
        widest = l->widths[c] > widest ? l->widths[c] : widest;
    }
    if (total > l->room) { /* the first column gives way, as far as it stays readable */
        size_t needed = total - l->widths[0];
        size_t fair = needed < l->room ? l->room - needed : 0;
        size_t beside_one = l->room > widest + GAP ? l->room - widest - GAP : 1;
        size_t first =
            fair > FIRST_MIN ? fair : min_size(beside_one, l->room / 3 > FIRST_MIN ? l->room / 3 : FIRST_MIN);
        l->widths[0] = min_size(l->widths[0], first < 1 ? 1 : first);
        for (size_t c = 1; c < t->columns; c++) {
            l->widths[c] = min_size(l->widths[c], l->room > l->widths[0] + GAP ? l->room - l->widths[0] - GAP : 1);
        }
    }
}

static void append_cell(struct buf *line, const struct text_cell *cell, size_t width, bool to_right,
                        const struct term *term)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    size_t used = cell->width;
    if (used > width) {
        used = term_escape_cut(&text, cell->text, width);
    } else {
        buf_append(&text, cell->text);
    }
    size_t pad = width > used ? width - used : 0;
    buf_append_repeat(line, ' ', to_right ? pad : 0);
    bool has_style = cell->style != TERM_PLAIN && text.len > 0;
    buf_append_cstr(line, has_style ? term_on(term, cell->style) : "");
    buf_append(line, buf_str(&text));
    buf_append_cstr(line, has_style ? term_off(term) : "");
    buf_append_repeat(line, ' ', to_right ? 0 : pad);
}

/* Rows with the columns from..to beside the first. */
static void print_columns(const struct text_table *t, const struct layout *l, const struct term *term, size_t from,
                          size_t to, FILE *out)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    for (size_t row = 0; row < t->len; row += t->columns) {
        buf_clear(&line);
        buf_append_repeat(&line, ' ', l->indent);
        append_cell(&line, &t->items[row], l->widths[0], false, term);
        size_t end = to; /* nothing after the last cell that says something: no blanks, no color */
        while (end > from && t->items[row + end - 1].width == 0) {
            end--;
        }
        for (size_t c = from; c < end; c++) {
            if (l->widths[c] > 0) {
                buf_append_repeat(&line, ' ', GAP);
                append_cell(&line, &t->items[row + c], l->widths[c], true, term);
            }
        }
        while (line.len > 0 && line.ptr[line.len - 1] == ' ') {
            line.len--;
        }
        buf_append_char(&line, '\n');
        (void)fwrite(line.ptr, 1, line.len, out);
    }
}

void text_table_print(const struct text_table *t, const struct term *term, size_t indent, FILE *out)
{
    if (t->len < t->columns || t->columns == 0) {
        return;
    }
    struct layout l = {.indent = indent, .room = term->columns > indent + 1 ? term->columns - indent : 1};
    measure(t, &l);
    for (size_t from = 1; from < t->columns || from == 1;) {
        size_t used = l.widths[0];
        size_t to = from;
        while (to < t->columns && (to == from || l.widths[to] == 0 || used + GAP + l.widths[to] <= l.room)) {
            used += l.widths[to] == 0 ? 0 : GAP + l.widths[to];
            to++;
        }
        bool has_any = from == 1;
        for (size_t c = from; c < to; c++) {
            has_any = has_any || l.widths[c] > 0;
        }
        if (has_any) {
            (void)fputs(from > 1 ? "\n" : "", out);
            print_columns(t, &l, term, from, to, out);
        }
        from = to > from ? to : from + 1;
    }
}
