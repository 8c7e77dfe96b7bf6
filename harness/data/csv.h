#ifndef ASSAY_DATA_CSV_H
#define ASSAY_DATA_CSV_H

/* CSV (RFC 4180) and TSV, row by row with flat memory; the first record names the columns. A quoted cell may hold separators, quotes
 * (doubled) and line ends, kept as written. CRLF and LF end a record; a leading byte order mark is skipped; a record that is empty (one empty
 * cell, nothing written) is skipped. Blanks belong to their cell. TSV: tab as separator, the same quoting.
 *
 * Errors: ERR_SUITE with file:line:col for a quote left open, text after a closing quote, a quote inside an unquoted cell, more or fewer
 * cells than columns, a duplicate or empty column name, a file without any record, bytes that are not UTF-8; ERR_LIMIT with the place for a
 * record over LIMIT_ROW_BYTES or more than LIMIT_COLUMNS; ERR_IO. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/file.h"
#include "base/str.h"

struct arena;
struct err;
struct value;

struct csv {
    struct file_lines lines;
    char separator;
    struct arena *arena; /* owns the column names */
    struct str *columns;
    struct value *keys; /* the same as nodes, with their places: every row's map shares them */
    uint32_t column_count;
    bool is_lost; /* after a failure of csv_next: where the next record begins is not known */
};

/* Reads the column names. After a failure `c` is as closed. */
MUST_CHECK bool csv_open(struct csv *c, struct arena *arena, const char *path, char separator, struct err *err);

/* The next record as a VALUE_MAP of texts, in `row_arena`; *ret_has = false at the end. `ret_offset`: where it starts (for csv_seek, together
 * with line = ret->pos.line - 1); may be NULL. After a record with too few or too many cells the next call gives the one behind it; after any other
 * failure `is_lost` is set. */
MUST_CHECK bool csv_next(struct csv *c, struct arena *row_arena, bool *ret_has, struct value *ret, uint64_t *ret_offset,
                         struct err *err);
MUST_CHECK bool csv_seek(struct csv *c, uint64_t offset, uint64_t line, struct err *err);
void csv_close(struct csv *c);

#endif
