#ifndef ASSAY_SERVE_PAGE_RUNS_H
#define ASSAY_SERVE_PAGE_RUNS_H

/* The newest runs, as a page. */

#include <stdbool.h>

#include "base/attr.h"

struct arena;
struct buf;
struct err;
struct run_record;
struct store;

/* What every page is made from and into. */
struct page_context {
    struct arena *arena;
    struct buf *out;
    const char *token;
    struct store *store; /* NULL = there is none yet */
};

MUST_CHECK bool page_runs(struct page_context *page, struct err *err);

#endif
