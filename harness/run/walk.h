#ifndef ASSAY_RUN_WALK_H
#define ASSAY_RUN_WALK_H

/* The samples of an invocation in the order of their execution: suites in order, cases in plan order, each case's trials, and a trial's variants back to
 * back, so that time of day is fair to all of them. Samples with a record (resume) and skipped cases are left out. From the plan alone: no row is
 * read; memory is flat. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"

struct err;
struct plan_cursor;
struct session;
struct session_suite;

struct walk {
    struct session *session;
    size_t suite, variant;
    uint32_t trial; /* from 1 */
    struct plan_cursor *cases;
    struct plan_case planned; /* its texts are the cursor's */
    bool has_case;
};

struct walk_place {
    const struct session_suite *suite;
    size_t variant;
    uint32_t trial, attempt;
    const struct plan_case *planned; /* until the next step */
};

void walk_init(struct walk *w, struct session *session);
void walk_deinit(struct walk *w);

/* *ret_has = false when nothing is left. */
MUST_CHECK bool walk_next(struct walk *w, bool *ret_has, struct walk_place *ret, struct err *err);

/* Whether any sample of a case still wants executing (resume: one without a record, or errored and to be tried again). */
MUST_CHECK bool walk_case_is_open(struct session *s, const struct session_suite *suite, uint64_t ordinal, bool *ret,
                                  struct err *err);

#endif
