#ifndef ASSAY_JUDGE_PLANNING_H
#define ASSAY_JUDGE_PLANNING_H

/* How many cases or trials a question needs, from what stored runs of a suite show (judge/seen.h; docs/statistics.md, "Planning").
 *
 * Questions: of each statistic, a drop (where lower is better, a rise) by `drop` against another run; and each gate: a claim, a margin, a threshold.
 * Model:     a change moves all cases alike; noise stays what it was. Where a change moves a few cases a lot, it takes more. Comparisons are paired and
 *            the baseline is one run of as many trials.
 * Units:     `drop` of a share or a judged mean: in its own unit (0.02 = 2 points); of a measure: relative (0.02 = 2 %).
 * Errors:    those of judge/seen.h. A question without an answer says why. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/gate.h"
#include "model/planning.h"
#include "model/record.h"

struct arena;
struct err;
struct stat_ref;
struct store;

struct planning_in {
    struct store *store;
    const struct run_record *run;
    const struct run_record *version; /* runs of its version, for the noise */
    size_t version_count;
    const struct stat_ref *stats; /* of which a drop is asked */
    size_t stat_count;
    const struct gate *gates;
    size_t gate_count;
    bool has_drop;
    double drop, power, confidence;
    uint32_t trials; /* of each case in the runs to come; 0 = as many as now */
};

MUST_CHECK bool planning_of(const struct planning_in *in, struct arena *arena, struct planning *ret, struct err *err);

#endif
