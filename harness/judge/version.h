#ifndef ASSAY_JUDGE_VERSION_H
#define ASSAY_JUDGE_VERSION_H

/* Which runs are of one version of what is tested: only between them is every difference chance.
 *
 * Rules:  equal target; where the target runs a program (`command`, `shell`, or nobody knows), equal commit, too, and a tree that is not clean makes a
 *         version of its own. Whether the scorers are equal is asked by dimension.
 * Errors: those of the store. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/digest.h"
#include "model/record.h"

struct arena;
struct err;
struct store;

struct run_version {
    struct digest digest; /* equal: of one version */
    struct value labels;  /* of its invocation */
};

MUST_CHECK bool run_version(struct store *store, const struct run_record *run, struct arena *arena,
                            struct run_version *ret, struct err *err);

/* Runs of the same suite, variant and version that came to a verdict over all cases, newest first, `run` among them or not; at most `limit`, of the
 * newest `limit` of any version. */
MUST_CHECK bool runs_of_version(struct store *store, const struct run_record *run, size_t limit, struct arena *arena,
                                struct run_record **ret, size_t *ret_count, struct err *err);

#endif
