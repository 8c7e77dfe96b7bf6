#include "base/term.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/utf8.h"

enum {
    ESCAPE_ROOM = 16,
    COLUMNS_UNKNOWN = 80,
    COLUMNS_MIN = 20,
    COLUMNS_MAX = 10000,
    MARKS_MAX = 8 /* characters without width on one base: more is a trick to make a line that never ends */
};

/* One character as it may be shown: the bytes of the text, or an escape made in `room`. */
struct shown {
    struct str text;
    size_t columns;
    char room[ESCAPE_ROOM];
};

static bool point_is_unsafe(uint32_t point)
{
    bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    bool is_bidi = (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
    bool is_line_end = point == 0x2028 || point == 0x2029;
    return is_control || is_bidi || is_line_end;
}

/* The next character, stepping over it. */
static void shown_next(struct shown *c, struct str text, size_t *at, enum term_escape mode)
{
    size_t start = *at;
    uint32_t point = 0;
    (void)utf8_next(text, at, &point);
    unsigned char first = (unsigned char)text.ptr[start];
    bool is_invalid = first >= 0x80 && *at == start + 1;
    bool is_layout = point == '\n' || point == '\t';
    if (is_layout && mode == TERM_ONE_LINE) {
        c->text = point == '\n' ? STR("\\n") : STR("\\t");
    } else if (is_invalid || (!is_layout && point_is_unsafe(point))) {
        int len = is_invalid || point < 0x80 ? snprintf(c->room, sizeof(c->room), "\\x%02x", (unsigned)first)
                                             : snprintf(c->room, sizeof(c->room), "\\u%04x", (unsigned)point);
        c->text = (struct str){c->room, (size_t)len};
    } else {
        c->text = str_slice(text, start, *at);
        c->columns = is_layout ? 0 : (size_t)utf8_width(point);
        return;
    }
    c->columns = c->text.len;
}

/* The bytes from `at` on that need no thought: what most text is made of. */
static size_t plain_end(struct str text, size_t at)
{
    while (at < text.len && text.ptr[at] >= 0x20 && text.ptr[at] < 0x7f) {
        at++;
    }
    return at;
}

void term_escape(struct buf *out, struct str text, enum term_escape mode)
{
    for (size_t at = 0; at < text.len;) {
        size_t end = plain_end(text, at);
        buf_append(out, str_slice(text, at, end));
        at = end;
        if (at < text.len) {
            struct shown c;
            shown_next(&c, text, &at, mode);
            buf_append(out, c.text);
        }
    }
}

size_t term_escape_cut(struct buf *out, struct str text, size_t columns)
{
    size_t room = columns < 1 ? 1 : columns;
    size_t used = 0;
    size_t marks = 0;
    size_t fitting_end = 0; /* up to here there is a column left for the ellipsis */
    size_t fitting_used = 0;
    for (size_t at = 0; at < text.len;) {
        struct shown c;
        shown_next(&c, text, &at, TERM_ONE_LINE);
        used += c.columns;
        marks = c.columns == 0 ? marks + 1 : 0;
        if (used > room || marks > MARKS_MAX) {
            term_escape(out, str_slice(text, 0, fitting_end), TERM_ONE_LINE);
            buf_append_cstr(out, "\xe2\x80\xa6");
            return fitting_used + 1;
        }
        if (used < room) {
            fitting_end = at;
            fitting_used = used;
        }
    }
    term_escape(out, text, TERM_ONE_LINE);
    return used;
}

size_t term_width(struct str escaped)
{
    size_t columns = 0;
    for (size_t at = 0; at < escaped.len;) {
        struct shown c;
        shown_next(&c, escaped, &at, TERM_LINES);
        columns += c.columns;
    }
    return columns;
}

static size_t columns_of(int fd, const char *columns_env)
{
    size_t columns = 0;
    if (columns_env == NULL || !num_parse_size(str_from(columns_env), &columns) || columns == 0) {
        struct winsize size = {0};
        columns = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : COLUMNS_UNKNOWN;
    }
    if (columns < COLUMNS_MIN) {
        return COLUMNS_MIN;
    }
    return columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
}

struct term term_of(int fd, const char *term_name, const char *no_color, const char *columns_env)
{
    bool is_named = term_name != NULL && term_name[0] != '\0' && strcmp(term_name, "dumb") != 0;
    bool is_tty = is_named && isatty(fd) == 1;
    bool wants_no_color = no_color != NULL && no_color[0] != '\0'; /* no-color.org: set and not empty */
    return (struct term){
        .is_tty = is_tty,
        .has_color = is_tty && !wants_no_color,
        .columns = columns_of(fd, columns_env),
    };
}

const char *term_on(const struct term *t, enum term_style style)
{
    static const char *const codes[] = {
        [TERM_PLAIN] = "",         [TERM_BOLD] = "\x1b[1m",    [TERM_DIM] = "\x1b[2m",   [TERM_RED] = "\x1b[31m",
        [TERM_GREEN] = "\x1b[32m", [TERM_YELLOW] = "\x1b[33m", [TERM_BLUE] = "\x1b[34m",
    };
    return t->has_color ? codes[style] : "";
}

const char *term_off(const struct term *t)
{
    return t->has_color ? "\x1b[0m" : "";
}
