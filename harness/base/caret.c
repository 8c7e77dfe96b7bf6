#include "base/caret.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/diag.h"
#include "base/term.h"
#include "base/utf8.h"

enum {
    TEXT_COLUMNS_MIN = 12, /* room for the line itself, however narrow the terminal */
    DOTS_COLUMNS = 3,
    CHARACTER_BYTES_MAX = 16 /* of one escaped character */
};

static bool source_line(const struct diag *d, const struct src_pos *pos, struct str *ret)
{
    for (size_t i = 0; i < d->sources.len && pos->line > 0 && pos->file != NULL; i++) {
        if (strcmp(d->sources.items[i].file, pos->file) != 0) {
            continue;
        }
        struct str rest = d->sources.items[i].text;
        struct str line = STR_NULL;
        uint32_t number = 0;
        while (number < pos->line && str_split(&rest, '\n', &line)) {
            number++;
        }
        if (number == pos->line) {
            *ret = str_ends(line, STR("\r")) ? str_slice(line, 0, line.len - 1) : line;
            return true;
        }
    }
    return false;
}

/* The next character as it is shown: a tab as one blank, what is unsafe as an escape. Returns its columns. */
static size_t cell_next(struct buf *cell, struct str line, size_t *at)
{
    size_t start = *at;
    uint32_t point = 0;
    (void)utf8_next(line, at, &point);
    buf_clear(cell);
    if (point == '\t') {
        buf_append_char(cell, ' ');
    } else {
        term_escape(cell, str_slice(line, start, *at), TERM_ONE_LINE);
    }
    return point >= 0x20 && point < 0x7f ? 1 : term_width(buf_str(cell));
}

/* Where things are on the line as it is shown, in columns from its left end. */
struct layout {
    size_t mark, mark_columns; /* the caret, and how far the underlining goes */
    size_t total;
    size_t from, to; /* the part that is shown, dots included */
};

static struct layout layout_of(struct str line, const struct fault *fault, size_t room)
{
    struct buf cell CLEANUP(buf_deinit) = BUF(CHARACTER_BYTES_MAX);
    struct layout l = {0};
    size_t first = fault->pos.col;
    size_t last = first + (fault->len == 0 ? 1 : fault->len); /* one past */
    size_t number = 1;
    for (size_t at = 0; at < line.len; number++) {
        size_t columns = cell_next(&cell, line, &at);
        if (number < first) {
            l.mark += columns;
        } else if (number < last) {
            l.mark_columns += columns;
        }
        l.total += columns;
    }
    if (fault->len < 2 || l.mark_columns == 0) {
        l.mark_columns = 1;
    }
    if (l.total < l.mark + l.mark_columns) {
        l.total = l.mark + l.mark_columns; /* a caret after the end of the line */
    }
    if (l.total <= room) {
        l.to = l.total;
        return l;
    }
    l.from = l.mark > room / 2 ? l.mark - room / 2 : 0;
    l.to = l.from + room;
    if (l.to > l.total) {
        l.to = l.total;
        l.from = l.total - room;
    }
    return l;
}

static void append_line(struct buf *out, struct str line, const struct layout *l)
{
    struct buf cell CLEANUP(buf_deinit) = BUF(CHARACTER_BYTES_MAX);
    bool is_cut_left = l->from > 0;
    bool is_cut_right = l->to < l->total;
    size_t from = l->from + (is_cut_left ? DOTS_COLUMNS : 0);
    size_t to = l->to - (is_cut_right ? DOTS_COLUMNS : 0);
    buf_append_cstr(out, is_cut_left ? "..." : "");
    size_t column = 0;
    for (size_t at = 0; at < line.len && column <= to;) {
        size_t next = column + cell_next(&cell, line, &at);
        if (column < from && next > from) {
            buf_append_repeat(out, ' ', next - from); /* half of a wide character */
        } else if (column >= from && next <= to && (next > column || column > from)) {
            buf_append(out, buf_str(&cell));
        }
        column = next;
    }
    buf_append_cstr(out, is_cut_right ? "..." : "");
}

static void append_place(struct buf *out, const struct src_pos *pos)
{
    if (pos->file == NULL) {
        return;
    }
    term_escape(out, str_from(pos->file), TERM_ONE_LINE);
    if (pos->line > 0) {
        buf_printf(out, ":%" PRIu32, pos->line);
    }
    if (pos->line > 0 && pos->col > 0) {
        buf_printf(out, ":%" PRIu32, pos->col);
    }
    buf_append_cstr(out, ": ");
}

static void append_marked_line(struct buf *out, struct str line, const struct fault *fault, size_t columns)
{
    char gutter[32];
    int gutter_len = snprintf(gutter, sizeof(gutter), "  %" PRIu32 " | ", fault->pos.line);
    size_t gutter_columns = (size_t)gutter_len;
    size_t room = SIZE_MAX;
    if (columns > 0) {
        room = columns > gutter_columns + TEXT_COLUMNS_MIN ? columns - gutter_columns : TEXT_COLUMNS_MIN;
    }
    struct layout l = layout_of(line, fault, room);
    buf_append_cstr(out, gutter);
    append_line(out, line, &l);
    buf_append_char(out, '\n');
    if (fault->pos.col == 0) {
        return;
    }
    buf_append_repeat(out, ' ', gutter_columns - 2);
    buf_append_cstr(out, "| ");
    buf_append_repeat(out, ' ', l.mark - l.from);
    buf_append_char(out, '^');
    size_t end = l.mark + l.mark_columns < l.to ? l.mark + l.mark_columns : l.to;
    buf_append_repeat(out, '~', end - l.mark - 1);
    buf_append_char(out, '\n');
}

void caret_render(struct buf *out, const struct diag *d, const struct fault *fault, size_t columns)
{
    append_place(out, &fault->pos);
    term_escape(out, fault->text, TERM_ONE_LINE);
    buf_append_char(out, '\n');
    struct str line = STR_NULL;
    if (source_line(d, &fault->pos, &line)) {
        append_marked_line(out, line, fault, columns);
    }
    if (fault->hint.len > 0) {
        buf_append_cstr(out, "  hint: ");
        term_escape(out, fault->hint, TERM_ONE_LINE);
        buf_append_char(out, '\n');
    }
}
