#ifndef ASSAY_SERVE_PAGE_CASES_H
#define ASSAY_SERVE_PAGE_CASES_H

/* The cases of a run, and one case whole, as pages. */

#include <stdbool.h>

#include "base/str.h"
#include "serve/page_runs.h"

/* Those that failed or errored, or all; at most PAGES_LISTED samples. */
MUST_CHECK bool page_cases(struct page_context *page, const struct run_record *run, bool wants_all, struct err *err);

/* ERR_EMPTY: the run has no such case. */
MUST_CHECK bool page_case(struct page_context *page, const struct run_record *run, struct str case_id, struct err *err);

#endif
