#ifndef ASSAY_SUITES_ACCESS_H
#define ASSAY_SUITES_ACCESS_H

/* Whether a loaded suite calls Opper, and whether it can: asked before a run, never by `check`, which needs no key. */

#include <stdbool.h>

#include "base/attr.h"

struct diag;
struct suite;

/* `with_targets` false: new scorers over recorded outputs, so that only judges call. */
bool suite_calls_service(const struct suite *suite, bool with_targets);

/* A fault, once, at the first target or judge that cannot call. */
MUST_CHECK bool suite_check_access(const struct suite *suite, bool with_targets, struct diag *diag);

#endif
