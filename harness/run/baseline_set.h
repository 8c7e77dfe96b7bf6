#ifndef ASSAY_RUN_BASELINE_SET_H
#define ASSAY_RUN_BASELINE_SET_H

/* The runs that may be saved as a baseline: those of one version of the suite and of what it tests.
 *
 * Rules:  a version is the suite's digest, the target's and the commit. Every run of it that was judged belongs to the set: choosing among them would
 *         save the luckiest, against which the next honest run looks like a regression. Only whole runs of a clean tree; the newest has
 *         passed. Without a commit attempts cannot be told from new versions: then the newest runs with equal digests, in a row.
 * Errors: ERR_USAGE for what may not be saved, and why; those of the store. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"

struct arena;
struct err;
struct store;

struct baseline_set {
    struct run_record *runs; /* of the suite, all its variants, invocation by invocation, newest first */
    size_t run_count;
    size_t invocations;
    struct str suite, commit; /* commit empty: not known */
};

/* `run`: one of the newest invocation's runs. `wanted`: of --runs; 0 = all there are (without a commit: one). */
MUST_CHECK bool baseline_set_of(struct store *store, struct arena *arena, const struct run_record *run, size_t wanted,
                                struct baseline_set *ret, struct err *err);

#endif
