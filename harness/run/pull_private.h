#ifndef ASSAY_RUN_PULL_PRIVATE_H
#define ASSAY_RUN_PULL_PRIVATE_H

/* Inside pulling: pull.c brings one run, pull_latest.c finds which. */

#include "run/pull.h"

struct call;
struct pulled_root;

/* Performs the request, again where that may help. *ret_is_missing: the answer is a 404. `what` is for messages. */
MUST_CHECK bool pull_ask(struct pull *p, struct call *call, struct arena *arena, const char *what, bool *ret_is_missing,
                         struct str *ret, struct err *err);
MUST_CHECK bool pull_root(struct pull *p, struct arena *arena, const struct uuid *run, bool *ret_is_missing,
                          struct pulled_root *ret, struct err *err);
const char *pull_address(const struct pull *p); /* of the service */

#endif
