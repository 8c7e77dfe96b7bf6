#ifndef ASSAY_SUITES_SURVEY_H
#define ASSAY_SUITES_SURVEY_H

/* One pass over the cases of a suite without running or storing anything (`assay check`, --dry-run): whatever the pre-pass of a run would refuse
 * is refused here too, equal ids included. 24 bytes a case. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"

struct case_selection;
struct err;
struct eval_case;
struct suite;

struct survey {
    uint64_t cases, skipped; /* skipped ones are among the cases */
};

/* Calls `visit` (NULL = nothing) for every selected case. Errors: as case_reader_next, and ERR_SUITE for equal ids. */
MUST_CHECK bool survey_cases(const struct suite *suite, const struct case_selection *selection,
                             void (*visit)(void *ctx, const struct eval_case *c), void *ctx, struct survey *ret,
                             struct err *err);

/* The error of two cases with one id, in plan order: at the second, naming the first. Returns false. */
bool survey_fail_twice(const struct suite *suite, const struct plan_case pair[static 2], struct err *err);

#endif
