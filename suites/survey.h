#ifndef ASSAY_SUITES_SURVEY_H
#define ASSAY_SUITES_SURVEY_H

/* One pass over the cases of a suite without running or storing anything (`assay check`, --dry-run): whatever the pre-pass of a run would refuse
 * is refused here too, equal ids included. 24 bytes a case. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"

struct case_selection;
struct diag;
struct err;
struct eval_case;
struct suite;

struct survey {
    uint64_t cases, skipped; /* skipped ones are among the cases */
};

/* Calls `visit` for every selected case. Errors: as case_reader_next, and ERR_SUITE for equal ids; the first one ends it. */
MUST_CHECK bool survey_cases(const struct suite *suite, const struct case_selection *selection,
                             void (*visit)(void *ctx, const struct eval_case *c), void *ctx, struct survey *ret,
                             struct err *err);

/* All cases, and every fault that survey_cases could have ended with, in `faults`. One that many rows have at the same place of the suite is one
 * fault, and its hint says how many. False when there is any. */
MUST_CHECK bool survey_check(const struct suite *suite, struct survey *ret, struct diag *faults);

/* The error of two cases with one id, in plan order: at the second, naming the first. Returns false. */
bool survey_fail_twice(const struct suite *suite, const struct plan_case pair[static 2], struct err *err);

#endif
