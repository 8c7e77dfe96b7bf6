#ifndef ASSAY_RUN_HOOK_H
#define ASSAY_RUN_HOOK_H

/* A suite's `setup` or `teardown`: a program, run once for an invocation (docs/contracts.md, C). */

#include <stdbool.h>

#include "base/attr.h"

struct err;
struct perform;
struct session;
struct suite;

/* `argv` NULL = there is none. `what` is its word in messages. Waits itself, so nothing else may be in flight. Errors: ERR_SETUP. */
MUST_CHECK bool hook_run(const struct session *s, struct perform *perform, const struct suite *suite,
                         const char *const *argv, const char *what, struct err *err);

#endif
