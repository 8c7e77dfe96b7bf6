#ifndef ASSAY_JUDGE_VALUES_PRIVATE_H
#define ASSAY_JUDGE_VALUES_PRIVATE_H

/* Between case_table.c and values.c. */

#include "judge/values.h"

/* The row of a case, which is made when it is new. `guess` is looked at first. */
MUST_CHECK bool case_table_row(struct case_table *t, const struct case_trials *c, size_t guess, size_t *ret,
                               struct err *err);
void case_table_reserve(struct case_table *t, size_t rows);

uint32_t case_table_label(struct case_table *t, struct str label); /* ptr NULL = CASE_NO_LABEL */

/* A copy with more room, the rest zeroed. */
void *values_grow(struct arena *arena, const void *items, size_t len, size_t cap, size_t item_size);

#endif
