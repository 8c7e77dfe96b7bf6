#include "base/buf.h"
#include "reporters/terminal_parts.h"

enum { LINE_BYTES = 1 << 20 };

void terminal_put(const struct report_in *in, const struct buf *text)
{
    if (text->len > 0) {
        (void)fwrite(text->ptr, 1, text->len, in->out);
    }
}

/* The bytes of `safe` that fit into `columns`, at a blank where there is one; at least one character. */
static size_t fitting(struct str safe, size_t columns)
{
    struct buf cut CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    if (term_width(safe) <= columns) {
        return safe.len;
    }
    (void)term_escape_cut(&cut, safe, columns + 1); /* one column of it is the ellipsis */
    size_t fits = cut.len > 3 ? cut.len - 3 : 1;
    size_t blank = fits;
    while (blank > 0 && safe.ptr[blank] != ' ') {
        blank--;
    }
    return blank > fits / 3 ? blank : fits;
}

size_t terminal_wrap(struct buf *out, struct str text, size_t indent, size_t columns)
{
    struct buf safe CLEANUP(buf_deinit) = BUF(LINE_BYTES);
    term_escape(&safe, text, TERM_ONE_LINE);
    struct str rest = buf_str(&safe);
    size_t room = columns > indent ? columns - indent : 1;
    size_t used = 0;
    for (bool is_first = true; is_first || rest.len > 0; is_first = false) {
        if (!is_first) {
            buf_append_char(out, '\n');
            buf_append_repeat(out, ' ', indent);
            if (str_starts(rest, STR("::"))) { /* now at a line's start: a CI system would read it (base/term.h) */
                rest = str_slice(rest, 2, rest.len);
                buf_append_cstr(out, "\\x3a:");
            }
        }
        struct str line = str_slice(rest, 0, fitting(rest, room));
        buf_append(out, line);
        used = term_width(line);
        rest = str_slice(rest, line.len, rest.len);
        while (rest.len > 0 && rest.ptr[0] == ' ') {
            rest = str_slice(rest, 1, rest.len);
        }
    }
    return used;
}
