#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"
#include "reporters/terminal_parts.h"

enum { LINE_BYTES = 1 << 20, ALMOST_DIGITS = 6 };

static const double ALMOST_ONE = 0.999999;

/* A number for people: as many digits as its size is worth. */
struct str terminal_number(struct arena *arena, double value)
{
    char room[32];
    double size = value < 0 ? -value : value;
    int digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 0.01 || size == 0 ? 3 : 6;
    struct str text = num_text_short(value, digits, room);
    if (value < 1 && str_eq(text, STR("1"))) { /* not quite all must not look like all */
        text = num_text_short(value < ALMOST_ONE ? value : ALMOST_ONE, ALMOST_DIGITS, room);
    }
    return arena_str(arena, text);
}

struct str terminal_share(struct arena *arena, double share)
{
    char room[32];
    double percent = share * 100;
    /* not everything, and not nothing, must not look like it */
    struct str text = num_text_short(percent > 99.9 && percent < 100 ? 99.9
                                     : percent > 0 && percent < 0.1  ? 0.1
                                                                     : percent,
                                     1, room);
    return arena_printf(arena, "%.*s%%", STR_ARG(text));
}

struct str terminal_count(struct arena *arena, uint64_t count)
{
    return arena_printf(arena, "%llu", (unsigned long long)count);
}

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
