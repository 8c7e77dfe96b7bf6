#ifndef ASSAY_MODEL_SCORE_H
#define ASSAY_MODEL_SCORE_H

/* One score: what a scorer said about one output in one dimension (docs/contracts.md, A). NaN never gets here: it is SCORE_NOT_SCORED. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum score_outcome {
    SCORE_NOT_SCORED, /* assay or the judge could not: limit, failed call, missing dimension. Not zero, reported apart */
    SCORE_NONE,       /* a measure without bound: a value, no pass */
    SCORE_PASS,
    SCORE_FAIL
};

struct score {
    uint32_t dimension; /* index into the suite's dimensions (struct suite, struct run_record) */
    enum score_outcome outcome;
    double value; /* judged: the unit; a measure: the raw number. 0 when not scored */
    bool has_unit;
    double unit;        /* 0..1 */
    struct str comment; /* words, verdict first, at most LIMIT_COMMENT_BYTES */
    /* of a one_of with a wanted class: what was answered (ptr NULL = none of the classes) and what was wanted (ptr NULL = no class is wanted).
     * Recall, precision and F1 are counted from these. */
    struct str answered, wanted;
};

const char *score_outcome_word(enum score_outcome outcome); /* "not_scored", "none", "pass", "fail" */

#endif
