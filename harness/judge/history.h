#ifndef ASSAY_JUDGE_HISTORY_H
#define ASSAY_JUDGE_HISTORY_H

/* From the store to the history of a suite's variant (model/history.h): figures over common cases, where they changed their level, which cases are
 * flaky (docs/statistics.md, "Histories").
 *
 * Rules:  finished runs of all cases, no rescores. Going back from the newest run, a stretch ends where less than 90 % of its newest run's cases would
 *         be left in common. A series breaks there, where its scorer changed, and where another number of trials makes another statistic of it.
 *         Trials are reduced as in the newest run. Changes: stats/change.h, within each stretch. Flakes and flips: stats/flake.h, over the samples
 *         of one version: equal target, equal scorer, between two changes of level; and where the target runs a program, one commit (a tree
 *         that is not clean is a version of its own).
 * Limits: memory: some 100 bytes a case in the table that all runs share, for the run at hand 20 and 16 a dimension, and 8 a statistic. Never the
 *         number of runs x cases. Two passes over each run's samples. At most HISTORY_RUNS_MAX runs.
 * Errors: ERR_USAGE for a statistic that cannot be followed, or that the newest run does not have, with those that it has. Those of the store. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/history.h"

struct arena;
struct err;
struct store;

enum { HISTORY_RUNS_MAX = 1000, HISTORY_FLAKES_MAX = 100 };

struct history_in {
    struct store *store;
    struct str suite, variant;
    struct str labels; /* JSON map: only runs with all of them; ptr NULL = any */
    size_t last;
    /* As people name them: "answer.mean[tag=hard]", "latency_ms.p95", "pass_rate"; a dimension alone is its pass rate when it is yes or no, else its
     * mean. None: cases that pass, then each dimension. */
    const struct str *stats;
    size_t stat_count;
    bool has_seed;
    uint64_t seed; /* of the permutations; default: from the oldest run's id */
};

/* No such run: run_count 0. */
MUST_CHECK bool history_of(const struct history_in *in, struct arena *arena, struct history *ret, struct err *err);

#endif
