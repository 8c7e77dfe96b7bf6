#ifndef ASSAY_CLI_PRUNE_SPARED_H
#define ASSAY_CLI_PRUNE_SPARED_H

/* Runs that pruning leaves alone because they are baselines: those that a suite's gates would be judged against now, by the suite as its newest run
 * has it, and those that its newest runs were judged against (so that they can be judged again).
 *
 * Errors: those of the store. A suite that cannot be loaded as it was stored has no baselines that are known: none of its runs is removed. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/str.h"
#include "base/vec.h"

struct cli;
struct err;
struct prune_item;
struct store;

struct spared_run {
    struct str id; /* as text */
    struct str why;
};

struct spared_runs {
    VEC(struct spared_run) runs;
    VEC(struct spared_run) suites; /* by name */
};

MUST_CHECK bool spared_runs_find(struct cli *cli, struct store *store, struct spared_runs *ret, struct err *err);

/* Why an invocation is left alone; empty = it is not. */
struct str spared_runs_why(const struct spared_runs *s, const struct prune_item *item);

#endif
