#ifndef ASSAY_RUN_PENDING_H
#define ASSAY_RUN_PENDING_H

/* Which sample comes next: suites in order, cases in plan order, each case's trials, and a trial's variants back to back, so that time of day is
 * fair to all of them. Samples with a record (resume) and skipped cases are left out. Reads one case at a time: memory is flat. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"
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
    size_t suite, variant;
    uint32_t trial; /* from 1 */
    struct case_reader *reader;
    struct plan_cursor *cases;
    struct shared_case *current;   /* NULL = read the next one */
    struct shared_case *free_list; /* arenas to use again */
    bool has_held;
    struct pending_sample held; /* was put back */
};

void pending_init(struct pending *p, struct session *session);
void pending_deinit(struct pending *p);

/* *ret_has = false when nothing is left. Errors: a case that is no longer what was planned, a data file gone, the store. */
MUST_CHECK bool pending_next(struct pending *p, bool *ret_has, struct pending_sample *ret, struct err *err);
void pending_put_back(struct pending *p, const struct pending_sample *sample); /* the one got last, to be got again */
/* Whether any sample of a case still wants executing (resume: one without a record, or errored and to be tried again). */
MUST_CHECK bool pending_case_is_open(struct session *s, const struct session_suite *suite, uint64_t ordinal, bool *ret,
                                     struct err *err);
void pending_release(struct pending *p, struct shared_case *shared);

#endif
