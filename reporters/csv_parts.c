#include "reporters/csv_parts.h"

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/num.h"
#include "base/term.h"
#include "base/utf8.h"

void csv_begin(struct csv_cells *c, struct buf *out)
{
    *c = (struct csv_cells){.out = out};
}

static void begin_cell(struct csv_cells *c)
{
    buf_append_cstr(c->out, c->has_cell ? "," : "");
    c->has_cell = true;
}

static bool is_formula(struct str text)
{
    static const char *const starts[] = {"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++) {
        if (str_starts(text, str_from(starts[i]))) {
            return true;
        }
    }
    return false;
}

/* As it is to be read: what cannot be seen made visible, a carriage return as it is. */
static void append_visible(struct buf *out, struct str text)
{
    struct str rest = text;
    struct str part;
    for (bool is_first = true; str_split(&rest, '\r', &part); is_first = false) {
        buf_append_cstr(out, is_first ? "" : "\r");
        term_escape(out, part, TERM_DOCUMENT);
    }
}

static bool needs_quotes(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ',' || c == '"' || c == '\r' || c == '\n' || c == '\t') {
            return true;
        }
    }
    return text.len > 0 && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' ');
}

void csv_text(struct csv_cells *c, struct str text)
{
    struct buf cell CLEANUP(buf_deinit) = BUF((size_t)8 * CSV_CELL_BYTES); /* an escape is up to six bytes */
    struct str shown = utf8_cut(text, CSV_CELL_BYTES);
    begin_cell(c);
    buf_append_cstr(&cell, is_formula(shown) ? "'" : "");
    append_visible(&cell, shown);
    if (cell.len > CSV_CELL_BYTES) {
        cell.len = utf8_cut(buf_str(&cell), CSV_CELL_BYTES).len;
        shown.len = 0;
    }
    if (shown.len < text.len) {
        buf_printf(&cell, " ... (cut; %zu bytes in all)", text.len);
    }
    if (!needs_quotes(buf_str(&cell))) {
        buf_append(c->out, buf_str(&cell));
        return;
    }
    buf_append_char(c->out, '"');
    struct str rest = buf_str(&cell);
    struct str part;
    for (bool is_first = true; str_split(&rest, '"', &part); is_first = false) {
        buf_append_cstr(c->out, is_first ? "" : "\"\"");
        buf_append(c->out, part);
    }
    buf_append_char(c->out, '"');
}

void csv_number(struct csv_cells *c, bool has, double value)
{
    begin_cell(c);
    if (has && num_is_finite(value)) {
        num_print(c->out, value);
    }
}

void csv_count(struct csv_cells *c, uint64_t count)
{
    begin_cell(c);
    buf_printf(c->out, "%llu", (unsigned long long)count);
}

void csv_end(struct csv_cells *c)
{
    buf_append_cstr(c->out, "\r\n");
    c->has_cell = false;
}
