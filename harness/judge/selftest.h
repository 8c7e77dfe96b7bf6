#ifndef ASSAY_JUDGE_SELFTEST_H
#define ASSAY_JUDGE_SELFTEST_H

/* The gates of a suite, judged again and again over runs between which nothing changed (an A/A test): how often do they alarm? By the same judge_runs
 * that gives verdicts, over figures that stand in for stored ones (store_set_stand_in).
 *
 * Sources: two runs or more of one version (judge/version.h): per draw two of them, their results swapped by a fair coin, cluster by cluster, case by
 *          case. Or one run with two trials of each case or more: per draw two disjoint halves of each case's trials, drawn anew; the rates then hold for
 *          half the trials. One run with one trial says nothing of chance (drawing its cases anew is no A/A test: what pairing removes would count as
 *          noise).
 * Worlds:  gates against a baseline see the two mixed runs, the same cases in both. All others see one of the two with its cases (clusters) drawn anew,
 *          with replacement, from among those of equal tags. The whole verdict fails where any gate fails in its world.
 * Limits:  the runs' samples are held, without texts: some 120 bytes each and 32 a score. A draw costs two judgements.
 * Errors:  ERR_USAGE for sources that are no A/A test, with the reason; those of the stores. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/record.h"
#include "model/selftest.h"
#include "model/suite.h"

struct arena;
struct err;
struct store;

enum { SELFTEST_DRAWS = 2000, SELFTEST_DRAWS_MAX = 1000000 };

/* One invocation's runs of the suite, its variants in order. */
struct selftest_source {
    struct store *store;
    const struct run_record *runs;
    size_t run_count;
};

struct selftest_in {
    const struct selftest_source *sources;
    size_t source_count;
    const struct suite *suite; /* loaded: gates, reduction */
    uint64_t draws;
    bool has_seed;
    uint64_t seed;                                  /* default: from the first run's id */
    void (*progress)(void *context, uint64_t done); /* after each draw; NULL = nobody asks */
    void *context;
};

MUST_CHECK bool selftest_of(const struct selftest_in *in, struct arena *arena, struct selftest *ret, struct err *err);

#endif
