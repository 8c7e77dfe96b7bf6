#ifndef ASSAY_JUDGE_COMPARE_H
#define ASSAY_JUDGE_COMPARE_H

/* Runs beside each other: from the store to struct comparison (docs/statistics.md, "Comparing runs").
 *
 * Shape:  compare_runs once; the record's `samples` reads from the runs' stores as long as they are open.
 * Rules:  one statistic a dimension is claimed about, its mean (of a binary one: the rate). The test is McNemar's mid-p for pairs of right and wrong, t
 *         for other means and with clusters; both two-sided and symmetric, so that exchanging the runs exchanges better and worse. Ratios of
 *         quantiles come from the exceedance test.
 * Limits: memory as values.h, and while a statistic is computed 60 bytes a case.
 * Errors: ERR_USAGE for a dimension that no run has; ERR_EMPTY for a tag that no case has; those of the store. Runs that have nothing in common are no
 *         error: their why_not says so. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "model/comparison.h"

struct store;

enum { COMPARE_CLASSES = 50 }; /* so many classes of a classifier have rows of their own */

struct compare_run {
    struct store *store;
    const struct run_record *run;
    struct str name, source, labels; /* as in struct compared_run */
};

struct compare_in {
    const struct compare_run *runs; /* the first is the base; at least two */
    size_t run_count;
    const struct str *dimensions; /* only these; none = all */
    size_t dimension_count;
    struct str tag; /* only cases with it; ptr NULL = all */
    bool by_tag;    /* a table for each tag besides */
    size_t flips;   /* so many of each candidate are shown */
};

MUST_CHECK bool compare_runs(const struct compare_in *in, struct arena *arena, struct comparison *ret, struct err *err);

#endif
