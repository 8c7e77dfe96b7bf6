#ifndef ASSAY_RUN_FIND_H
#define ASSAY_RUN_FIND_H

/* What targets look up once, before their first sample (target_type.find): the id behind a function's name. */

#include <stdbool.h>

#include "base/attr.h"

struct err;
struct loop;
struct perform;
struct session;
struct signals;
struct work_retrying;

/* What was found, for each suite an array over its variants; in the session's arena. */
struct found {
    const void ***of_suite;
};

/* Waits itself, so nothing else may be in flight. A signal ends it: ERR_CANCELLED. Tries again as samples do. */
MUST_CHECK bool find_all(struct session *s, struct loop *loop, struct perform *perform, struct signals *signals,
                         struct work_retrying *retrying, struct found *ret, struct err *err);

#endif
