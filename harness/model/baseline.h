#ifndef ASSAY_MODEL_BASELINE_H
#define ASSAY_MODEL_BASELINE_H

/* Where a baseline is to be looked for (docs/contracts.md, B): places tried in order, the first that has one is taken. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum baseline_kind {
    BASELINE_FILE,   /* an exported file: `text` is its path, absolute or from the current folder */
    BASELINE_RUN,    /* RUN as on a command line */
    BASELINE_LABEL,  /* the newest eligible runs with label `key` = `text` */
    BASELINE_OPPER,  /* the same of the runs on Opper */
    BASELINE_VARIANT /* another variant of the same invocation */
};

struct baseline_source {
    enum baseline_kind kind;
    struct str key, text;
    struct str shown;    /* as people write it: "branch=main", "baselines/math.jsonl" */
    uint32_t runs;       /* of labels, here and on Opper: how many, averaged case by case; at least 1 */
    double min_overlap;  /* share of the baseline's cases that has to be comparable; 0.9 unless said */
    bool may_be_missing; /* `missing: skip`, in the last one only */
    struct src_pos pos;
};

struct baseline_list {
    struct baseline_source *items;
    size_t count;
};

#endif
