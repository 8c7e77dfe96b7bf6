#ifndef ASSAY_REPORTERS_COMPARE_SECTIONS_H
#define ASSAY_REPORTERS_COMPARE_SECTIONS_H

/* A comparison as a part of a report, in the words and drawings of `assay compare` (compare.h). */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attr.h"
#include "model/comparison.h"

struct arena;
struct buf;
struct err;

/* Behind what stands in `out`, which goes out to `stream` with it, flip by flip. */
MUST_CHECK bool compare_html_section(struct buf *out, FILE *stream, const struct comparison *c, struct arena *scratch,
                                     struct err *err);

/* Flips are left out from max_bytes on, and counted; what is said of the differences is always there, whole. */
MUST_CHECK bool compare_markdown_section(struct buf *out, const struct comparison *c, size_t max_bytes,
                                         struct arena *scratch, struct err *err);

#endif
