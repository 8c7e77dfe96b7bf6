#ifndef ASSAY_CLI_BASELINES_READY_H
#define ASSAY_CLI_BASELINES_READY_H

/* Before anything is paid for (`run`, `resume`, `rescore`): every baseline that a gate needs is looked for, and what is on Opper comes into the store. One
 * that is missing means that there will be no verdict, and is said: going on may still be right, since this run can become the baseline.
 *
 * The puller remembers what it was answered; it is the session's, too (options.asking), so that judging asks nobody.
 * Errors: a file that is there and is none; no key for Opper, nobody there. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct baseline_puller;
struct err;
struct store;
struct suite;

MUST_CHECK bool baselines_ready(struct baseline_puller *puller, struct store *store, struct suite *const *suites,
                                size_t count, struct err *err);

#endif
