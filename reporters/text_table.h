#ifndef ASSAY_REPORTERS_TEXT_TABLE_H
#define ASSAY_REPORTERS_TEXT_TABLE_H

/* Columns for a terminal: the first to the left, the others to the right, cut to its width. Where the columns do not fit beside each other the rest
 * goes below, with the first column again. Empty columns (nothing but their heading) are left out.
 *
 * Shape:  text_table_begin, then the cells of the heading and of each row in order, then text_table_print.
 * Limits: all cells are held: for summaries, not for cases.
 * Errors: none; the stream's own flag tells. */

#include <stddef.h>
#include <stdio.h>

#include "base/str.h"
#include "base/term.h"

struct arena;

struct text_cell {
    struct str text; /* safe: escaped when added */
    size_t width;
    enum term_style style;
};

struct text_table {
    struct arena *arena;
    size_t columns;
    struct text_cell *items;
    size_t len, cap;
};

void text_table_begin(struct text_table *t, struct arena *arena, size_t columns);
void text_table_cell(struct text_table *t, struct str text, enum term_style style); /* any text: it is escaped */
void text_table_print(const struct text_table *t, const struct term *term, size_t indent, FILE *out);

#endif
