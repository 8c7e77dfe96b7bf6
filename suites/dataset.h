#ifndef ASSAY_SUITES_DATASET_H
#define ASSAY_SUITES_DATASET_H

/* Private to suites/: the rows of a data file, one after the other with flat memory, whatever its format. */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/file.h"
#include "data/csv.h"
#include "data/value.h"
#include "suites/spec.h"

struct err;

struct data_row {
    struct value value; /* VALUE_MAP */
    uint64_t offset, line;
};

struct data_rows {
    const struct dataset_spec *spec;
    struct file_lines lines; /* JSONL */
    struct csv csv;          /* CSV, TSV */
    struct arena arena;      /* column names */
    bool is_open;
    bool is_lost; /* after a failure of data_rows_next: it was not one of a row alone, so that there is no next row */
};

MUST_CHECK bool data_rows_open(struct data_rows *d, const struct dataset_spec *spec, struct err *err);
void data_rows_close(struct data_rows *d); /* fine on one that is not open */

/* The next row, in `arena`; *ret_has = false at the end. Lines of blanks alone are no rows. Errors: ERR_SUITE with file:line:col; unless `is_lost`,
 * another call gives the row after the bad one. */
MUST_CHECK bool data_rows_next(struct data_rows *d, struct arena *arena, bool *ret_has, struct data_row *ret,
                               struct err *err);
MUST_CHECK bool data_rows_seek(struct data_rows *d, uint64_t offset, uint64_t line, struct err *err);
uint64_t data_rows_offset(const struct data_rows *d); /* of the byte after the last row given */

/* How many rows there are, at most `max` (0 = all), from the start; afterwards it stands at the start again. JSONL rows are counted without being
 * parsed. */
MUST_CHECK bool data_rows_count(struct data_rows *d, uint64_t max, uint64_t *ret, struct err *err);

#endif
