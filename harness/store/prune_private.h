#ifndef ASSAY_STORE_PRUNE_PRIVATE_H
#define ASSAY_STORE_PRUNE_PRIVATE_H

/* Between prune_sweep.c and prune_texts.c. */

#include "store/store_private.h"

/* BEGIN, with patience. */
MUST_CHECK bool prune_begin(struct store *store, struct err *err);

/* One transaction of work, and a pause for others. */
typedef bool prune_step(struct store *store, void *context, bool *ret_more, struct err *err);
MUST_CHECK bool prune_slice(struct store *store, prune_step *step, void *context, bool *ret_more, struct err *err);

/* Removes the texts that no row uses any more. */
MUST_CHECK bool prune_texts(struct store *store, uint64_t *ret_removed, struct err *err);

#endif
