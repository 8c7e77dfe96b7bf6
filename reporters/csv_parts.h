#ifndef ASSAY_REPORTERS_CSV_PARTS_H
#define ASSAY_REPORTERS_CSV_PARTS_H

/* CSV that a spreadsheet may open (RFC 4180: cells by comma, records by CRLF, quotes doubled), whatever the texts hold:
 *
 * - a text that a spreadsheet would take for a formula (first character = + - @, also in their full-width forms, tab or a line end) gets a ' before it;
 *   numbers are written as numbers and have none;
 * - control characters but tab and line ends, and bytes that are not UTF-8, are shown as \x1b;
 * - a cell holds at most CSV_CELL_BYTES bytes, which every spreadsheet takes; a longer text is cut, with its length named.
 *
 * Shape:  csv_cells for each record, its cells in order, csv_end.
 * Errors: none; the buffer's overflow flag tells. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;

enum { CSV_CELL_BYTES = 32000 };

struct csv_cells {
    struct buf *out;
    bool has_cell;
};

void csv_begin(struct csv_cells *c, struct buf *out);
void csv_text(struct csv_cells *c, struct str text);
void csv_number(struct csv_cells *c, bool has, double value); /* shortest round trip; has = false gives an empty cell */
void csv_count(struct csv_cells *c, uint64_t count);
void csv_end(struct csv_cells *c);

#endif
