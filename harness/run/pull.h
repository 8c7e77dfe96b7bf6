#ifndef ASSAY_RUN_PULL_H
#define ASSAY_RUN_PULL_H

/* Brings runs that were recorded on Opper into the store, as the same runs (`assay pull`): ids, scores and verdict as they were. Pulled runs are read-only.
 *
 * The root span is read first: whether the run has ended, and what its samples are made of. Then the trace goes to a file as it comes, and from there, span
 * by span, as an export into the store (run/import.h), in one transaction. Memory is flat: one span at a time. A trace that is not whole
 * changes nothing.
 *
 * Errors: ERR_EMPTY for a run that Opper does not have, that has not ended, or is not whole; ERR_ACCESS, ERR_NET with the service's words; ERR_CANCELLED
 * by a signal; those of the store. Texts are in the arena that is given. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/rng.h"
#include "base/str.h"
#include "run/driver.h"
#include "run/import.h"

struct arena;
struct clock;
struct err;
struct lookup_run;
struct service;
struct store;
struct value;

struct pull_order {
    struct store *store;  /* for writing */
    const char *temp_dir; /* where the trace is kept meanwhile */
    const struct clock *clock;
    const struct service *service;
    struct driver_settings settings;
};

/* Why a run cannot be a baseline: the first that holds. */
enum pull_lack { LACK_NOTHING, LACK_OURS, LACK_LABELS, LACK_END, LACK_CASES, LACK_PASS, LACK_CLEAN, PULL_LACKS };

struct pull {
    struct pull_order order;
    struct driver driver;
    struct rng rng;
    size_t lacks[PULL_LACKS]; /* of the runs that pull_list_next looked at, since place 0 */
};

MUST_CHECK bool pull_open(struct pull *p, const struct pull_order *order, struct err *err);
void pull_close(struct pull *p); /* for CLEANUP */

/* One run, by its id, which is that of its trace. One that the store has is left alone: ret->was_there. */
MUST_CHECK bool pull_run(struct pull *p, struct arena *arena, const struct uuid *run, struct imported_run *ret,
                         struct err *err);

/* Whether a run that was pulled before has another root on Opper now: its recorder went on with it, or judged it again. False for one that is not there
 * any more, or not finished, and for runs of another origin. One request. */
MUST_CHECK bool pull_has_changed(struct pull *p, struct arena *arena, const struct uuid *run, bool *ret,
                                 struct err *err);

/* The traces that are named like runs of a suite, newest first. Texts and runs are in the arena. */
struct pull_list {
    struct str suite;
    struct lookup_run *runs;
    size_t count;
};

struct pull_wanted {
    struct str variant;         /* ptr NULL: any */
    const struct value *labels; /* a map of texts: each has to be there */
};

MUST_CHECK bool pull_list_read(struct pull *p, struct arena *arena, struct str suite, struct pull_list *ret,
                               struct err *err);

/* From place *at (0 at first) the next run that may be a baseline: ended, whole, passed, not of a dirty tree, as wanted. One request for each that is looked
 * at. *ret_found false: there is no further one. */
MUST_CHECK bool pull_list_next(struct pull *p, const struct pull_list *list, const struct pull_wanted *wanted,
                               size_t *at, struct uuid *ret, bool *ret_found, struct err *err);

/* ERR_EMPTY: nobody has one, and how many there were. Always false. */
bool pull_list_none(const struct pull *p, const struct pull_list *list, const struct pull_wanted *wanted,
                    struct err *err);

/* The first of them. *ret: its id, then those of the other variants of the same invocation. None: ERR_EMPTY. */
MUST_CHECK bool pull_latest(struct pull *p, struct arena *arena, struct str suite, const struct value *labels,
                            struct uuid **ret, size_t *ret_count, struct err *err);

#endif
