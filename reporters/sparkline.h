#ifndef ASSAY_REPORTERS_SPARKLINE_H
#define ASSAY_REPORTERS_SPARKLINE_H

/* A series as a line of text: one character a run, lowest to highest of what is shown. Blocks in Unicode; else digits, 0 to 9.
 *
 * Shape:  points oldest first; those that do not fit into `columns` are left out at the old end. A point without a value is a blank, and a bar
 *         stands where a new stretch begins.
 * Limits: a constant series is a line at half height. Columns: every character is one wide.
 * Errors: none. */

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct history_series;

struct sparkline {
    const struct history_series *series;
    size_t count; /* of points */
    size_t columns;
    bool is_unicode;
};

/* Returns the columns used. */
size_t sparkline_append(struct buf *out, const struct sparkline *s);

#endif
