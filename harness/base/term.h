#ifndef ASSAY_BASE_TERM_H
#define ASSAY_BASE_TERM_H

/* What may reach a terminal. Untrusted text (model output, case ids, names of files) loses everything that could move a cursor or change
 * what people read: C0 but tab and newline, DEL, C1 (also as UTF-8), marks and overrides of direction, characters that nobody sees (U+200B,
 * U+FEFF, U+00AD, tags; U+200C and U+200D unless they stand between two characters beyond ASCII), invalid bytes. They are shown as \x1b, \u202e.
 * Widths count columns, not bytes.
 *
 * A CI system looks for commands in what a program prints: "::" at a line's start, "##[" and "##vso[" anywhere. They are shown as \x3a: and ##\x5b.
 * The text's own start counts as a line's start: who escapes it may be about to begin a line. In a document nobody looks for them. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct buf;

enum term_escape {
    TERM_ONE_LINE,      /* newline and tab become \n and \t too */
    TERM_LINES,         /* newline and tab are kept */
    TERM_DOCUMENT_LINE, /* as TERM_ONE_LINE, in a document */
    TERM_DOCUMENT       /* as TERM_LINES, in a document */
};

void term_escape(struct buf *out, struct str text, enum term_escape mode);

/* One line of at most `columns` columns, escaped; cut with "…" where it does not fit. columns < 1 counts as 1. Returns columns used. */
size_t term_escape_cut(struct buf *out, struct str text, size_t columns);
size_t term_width(struct str escaped); /* columns of text that is already safe */

struct term {
    bool is_tty;    /* cursor movement allowed: a terminal, TERM set and not dumb */
    bool has_color; /* is_tty and no NO_COLOR */
    size_t columns; /* 80 when unknown; at least 20 */
};

struct term term_of(int fd, const char *term_name, const char *no_color, const char *columns_env);

enum term_style { TERM_PLAIN, TERM_BOLD, TERM_DIM, TERM_RED, TERM_GREEN, TERM_YELLOW, TERM_BLUE };
const char *term_on(const struct term *t, enum term_style style); /* "" without color */
const char *term_off(const struct term *t);

#endif
