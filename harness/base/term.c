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

/* What moves the cursor, turns the direction of what follows, or is there without being seen: of two texts that look the same people would not
 * learn why they differ. Sorted. Variation selectors stay, for emoji are written with them. */
static const struct {
    uint32_t first, last;
} UNSAFE[] = {
    {0x00, 0x1f},       /* controls */
    {0x7f, 0x9f},       /* DEL and controls */
    {0xad, 0xad},       /* soft hyphen */
    {0x34f, 0x34f},     /* combining grapheme joiner */
    {0x61c, 0x61c},     /* Arabic letter mark */
    {0x115f, 0x1160},   /* Hangul fillers */
    {0x17b4, 0x17b5},   /* Khmer inherent vowels */
    {0x180e, 0x180e},   /* Mongolian vowel separator */
    {0x200b, 0x200b},   /* zero width space */
    {0x200e, 0x200f},   /* marks of direction */
    {0x2028, 0x202e},   /* line and paragraph separator; embeddings and overrides of direction */
    {0x2060, 0x2064},   /* word joiner, invisible operators */
    {0x2066, 0x206f},   /* isolates, deprecated format characters */
    {0x3164, 0x3164},   /* Hangul filler */
    {0xfeff, 0xfeff},   /* byte order mark */
    {0xffa0, 0xffa0},   /* halfwidth Hangul filler */
    {0xfff9, 0xfffb},   /* interlinear annotation */
    {0xe0000, 0xe007f}, /* tags: a whole text that nobody sees */
};

static bool point_is_unsafe(uint32_t point)
{
    bool is_in = false;
    for (size_t i = 0; i < ARRAY_LEN(UNSAFE) && !is_in && UNSAFE[i].first <= point; i++) {
        is_in = point <= UNSAFE[i].last;
    }
    return is_in;
}

/* Zero width non-joiner and joiner belong to the spelling of some scripts and to emoji. */
static bool point_is_joiner(uint32_t point)
{
    return point == 0x200c || point == 0x200d;
}

/* Whether what begins at `at` is a character beyond ASCII that is shown as it is. */
static bool is_joinable(struct str text, size_t at)
{
    size_t start = at;
    uint32_t point = 0;
    return utf8_next(text, &at, &point) && point >= 0x80 && at > start + 1 && !point_is_unsafe(point) &&
           !point_is_joiner(point);
}

/* A joiner that has something to join; any other would not be seen. */
static bool joiner_joins(struct str text, size_t start, size_t end)
{
    size_t before = start;
    do {
        before -= before > 0 ? 1 : 0;
    } while (before > 0 && ((unsigned char)text.ptr[before] & 0xc0) == 0x80);
    return before < start && is_joinable(text, before) && is_joinable(text, end);
}

static bool keeps_layout(enum term_escape mode)
{
    return mode == TERM_LINES || mode == TERM_DOCUMENT;
}

static bool is_document(enum term_escape mode)
{
    return mode == TERM_DOCUMENT_LINE || mode == TERM_DOCUMENT;
}

/* Whether nothing but blanks stands between a line's start and `at`. */
static bool begins_line(struct str text, size_t at)
{
    while (at > 0 && (text.ptr[at - 1] == ' ' || text.ptr[at - 1] == '\t')) {
        at--;
    }
    return at == 0 || text.ptr[at - 1] == '\n';
}

/* Whether a CI system that reads our output would take what begins at `at`, or ends there with its '[', for a command of its own. */
static bool is_command(struct str text, size_t at)
{
    if (text.ptr[at] == ':') {
        return at + 1 < text.len && text.ptr[at + 1] == ':' && begins_line(text, at);
    }
    size_t word = at;
    while (text.ptr[at] == '[' && word > 0 && text.ptr[word - 1] >= 'a' && text.ptr[word - 1] <= 'z') {
        word--;
    }
    return text.ptr[at] == '[' && word >= 2 && text.ptr[word - 1] == '#' && text.ptr[word - 2] == '#';
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
    bool is_unsafe = point_is_unsafe(point) || (point_is_joiner(point) && !joiner_joins(text, start, *at));
    is_unsafe = is_unsafe || (!is_document(mode) && is_command(text, start));
    if (is_layout && !keeps_layout(mode)) {
        c->text = point == '\n' ? STR("\\n") : STR("\\t");
    } else if (is_invalid || (!is_layout && is_unsafe)) {
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

/* The bytes from `at` to `until` that need no thought: what most text is made of. */
static size_t plain_end(struct str text, size_t at, size_t until, enum term_escape mode)
{
    while (at < until && text.ptr[at] >= 0x20 && text.ptr[at] < 0x7f) {
        if ((text.ptr[at] == ':' || text.ptr[at] == '[') && !is_document(mode) && is_command(text, at)) {
            break;
        }
        at++;
    }
    return at;
}

/* The text up to the character's border at `until`; what follows still says how the last characters are shown. */
static void escape_until(struct buf *out, struct str text, size_t until, enum term_escape mode)
{
    for (size_t at = 0; at < until;) {
        size_t end = plain_end(text, at, until, mode);
        buf_append(out, str_slice(text, at, end));
        at = end;
        if (at < until) {
            struct shown c;
            shown_next(&c, text, &at, mode);
            buf_append(out, c.text);
        }
    }
}

void term_escape(struct buf *out, struct str text, enum term_escape mode)
{
    escape_until(out, text, text.len, mode);
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
            escape_until(out, text, fitting_end, TERM_ONE_LINE);
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
