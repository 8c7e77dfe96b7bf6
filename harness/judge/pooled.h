#ifndef ASSAY_JUDGE_POOLED_H
#define ASSAY_JUDGE_POOLED_H

/* The samples of several runs of one plan as if the later ones were further trials of the first: case by case, the runs in order. For counting only
 * (store_figures); trial numbers are counted on.
 *
 * Errors: ERR_USAGE when the runs do not have the same cases and dimensions in the same order; those of the store. */

#include <stddef.h>

#include "base/attr.h"
#include "model/record.h"

struct arena;
struct err;
struct figure_fields;
struct store;

struct run_pool {
    const struct run_record *runs; /* besides the run itself */
    size_t count;
};

/* The arena lives as long as the cursor. */
MUST_CHECK bool pooled_open(struct arena *arena, struct store *store, const struct run_record *run,
                            struct run_pool pool, struct figure_fields fields, struct sample_cursor *ret,
                            struct err *err);

#endif
