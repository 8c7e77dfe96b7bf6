#ifndef ASSAY_RUN_BATCH_H
#define ASSAY_RUN_BATCH_H

/* Group commit: finished samples are gathered for at most 50 ms or 64 samples, stored in one transaction, and only then announced. A store that
 * is busy with another process's transaction makes the batch wait for the next turn, never the loop. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "run/work.h"

struct delivery;
struct err;
struct store;

struct batch {
    struct work *first, *last; /* in finishing order */
    size_t count;
    size_t bytes;
    int64_t oldest_ns;
    int64_t busy_until_ns; /* another process was writing: not before */
};

void batch_add(struct batch *b, struct work *w, int64_t now_ns);
bool batch_is_due(const struct batch *b, int64_t now_ns, bool is_last);
int64_t batch_next_ns(const struct batch *b); /* INT64_MAX when empty */

/* Stores all of it, and with `delivery` (NULL = none) what is to be recorded on Opper. *ret_stored: the works, in order, now committed, for announcing and freeing; NULL when the store was busy. On error nothing of the
 * batch was committed and it stays as it was. */
MUST_CHECK bool batch_flush(struct batch *b, struct store *store, struct delivery *delivery, int64_t now_ns,
                            struct work **ret_stored, struct err *err);

#endif
