#ifndef ASSAY_RUN_PENDING_H
#define ASSAY_RUN_PENDING_H

/* Which sample comes next (run/walk.h), with its case: rows are read again when their turn comes, one at a time, and compared with the plan. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"
#include "run/walk.h"
#include "run/work.h"

struct err;
struct session;
struct session_suite;

struct pending_sample {
    const struct session_suite *suite;
    size_t variant;
    uint32_t trial, attempt;
    struct shared_case *shared; /* one more user */
};

struct pending {
    struct session *session;
    struct walk walk;
    const struct session_suite *suite; /* of the reader; NULL = none is open */
    struct case_reader *reader;
    struct shared_case *current;   /* the case read last; NULL = none */
    struct shared_case *free_list; /* arenas to use again */
    bool has_held;
    struct pending_sample held; /* was put back */
};

void pending_init(struct pending *p, struct session *session);
void pending_deinit(struct pending *p);

/* *ret_has = false when nothing is left. Errors: a case that is no longer what was planned, a data file gone, the store. */
MUST_CHECK bool pending_next(struct pending *p, bool *ret_has, struct pending_sample *ret, struct err *err);
void pending_put_back(struct pending *p, const struct pending_sample *sample); /* the one got last, to be got again */
void pending_release(struct pending *p, struct shared_case *shared);

#endif
