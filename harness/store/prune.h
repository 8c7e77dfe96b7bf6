#ifndef ASSAY_STORE_PRUNE_H
#define ASSAY_STORE_PRUNE_H

/* Taking invocations out of the store, whole ones, while other processes write to it.
 *
 *   store_prune_list    which ones are beyond what is to be kept; nothing is changed
 *   store_prune_hide    one transaction: from then on nobody finds the invocation; what it holds waits to be swept
 *   store_prune_sweep   in slices of some hundred rows, each a transaction: what hidden invocations hold, then texts that nobody uses any more,
 *                       then the space
 *
 * A process that is killed in between leaves hidden rows behind, which no reader sees; the next sweep goes on. Between slices it lets others write.
 *
 * How: hiding deletes the invocation's row and turns the references to it negative (numbers of rows that are there are not given away again, and no
 * row has a negative one), so that programs that know nothing of pruning see nothing either. A text that a swept row used is renamed in the
 * index of texts, in the same transaction: then no new row can come to use it, and whether an old one does is looked at without a lock.
 *
 * Memory: flat, but for the list. Errors: those of the store. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/str.h"

struct arena;
struct err;
struct store;

struct prune_rules {
    uint64_t keep;          /* runs of each suite and variant: at least 1 */
    struct str suite;       /* only invocations of this suite alone; ptr NULL = all */
    int64_t before_unix_ms; /* only those that ended before; 0 = whenever */
};

struct prune_run {
    struct str suite, variant;
    struct uuid id;
};

struct prune_item {
    int64_t invocation;
    struct uuid id;
    struct str name;       /* of --run-id; empty = none */
    int64_t ended_unix_ms; /* its start when it did not end */
    bool is_unfinished;
    struct prune_run *runs;
    size_t run_count;
};

/* Invocations none of whose runs is to be kept, oldest first. Kept are of each suite and variant, with the whole of their invocation: the newest `keep`
 * runs over all cases that came to a verdict, the newest `keep` finished ones of any kind (so that a week of outages or of partial runs
 * pushes nothing out), and unfinished ones until so many came to a verdict after them. */
MUST_CHECK bool store_prune_list(struct store *store, struct arena *arena, const struct prune_rules *rules,
                                 struct prune_item **ret, size_t *ret_count, struct err *err);

enum prune_hidden {
    PRUNE_HIDDEN,
    PRUNE_UNSENT, /* it has operations that Opper has not confirmed: left as it is */
    PRUNE_GONE    /* somebody else removed it */
};

/* What hiding would come to. */
MUST_CHECK bool store_prune_look(struct store *store, int64_t invocation, enum prune_hidden *ret, struct err *err);

/* Under the invocation's lock. */
MUST_CHECK bool store_prune_hide(struct store *store, int64_t invocation, enum prune_hidden *ret, struct err *err);

struct prune_swept {
    uint64_t runs, samples, texts;
    uint64_t freed_pages; /* given back to the file system; the rest is used again by later runs */
    bool can_shrink;      /* false: the file was made before it could; what is free stays in it */
};
MUST_CHECK bool store_prune_sweep(struct store *store, struct prune_swept *ret, struct err *err);

/* Writes the whole file anew, so that it is as small as can be, and can shrink by itself from then on. One long transaction: others wait. */
MUST_CHECK bool store_rewrite(struct store *store, struct err *err);

/* The size of the file once its log is in it. */
MUST_CHECK bool store_bytes(struct store *store, uint64_t *ret, struct err *err);

#endif
