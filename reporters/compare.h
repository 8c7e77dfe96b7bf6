#ifndef ASSAY_REPORTERS_COMPARE_H
#define ASSAY_REPORTERS_COMPARE_H

/* Comparisons (model/comparison.h) in the formats of `assay compare`. One file a format, compare_*.c; compare_formats.c lists them. As in every report
 * content never becomes markup, and nothing of it reaches a terminal unescaped.
 *
 * A call may compare several suites: `write` is called for each in turn, and says from `at` and `count` where the document begins and ends. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/term.h"
#include "model/comparison.h"

struct arena;
struct err;

struct compare_out {
    FILE *out;
    struct term term;
    const char *version; /* of assay */
    size_t at, count;    /* this comparison is number `at` of `count` */
    size_t written;      /* bytes by those before, as far as the format has to know */
};

struct compare_format {
    const char *name, *summary;
    bool (*write)(struct compare_out *to, const struct comparison *c, struct arena *scratch, struct err *err);
};

extern const struct compare_format *const COMPARE_FORMATS[];       /* NULL-ended, sorted */
const struct compare_format *compare_format_find(struct str name); /* NULL = none of that name */

#endif
