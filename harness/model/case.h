#ifndef ASSAY_MODEL_CASE_H
#define ASSAY_MODEL_CASE_H

/* A case, expanded: one input with its expectation, variables and tags; what the target is given and the scorers see. Lives in a case arena. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "data/template.h"
#include "data/value.h"

struct scorer_use;

struct eval_case {
    uint64_t ordinal; /* place in the plan, from 0 */
    struct str id;
    struct digest digest;
    struct value input;    /* text or any JSON; null when the case has none */
    struct value expected; /* VALUE_NULL with has_expected false when there is none */
    bool has_expected;
    struct value vars; /* a map: case over dataset; suite vars are apart, in the scope */
    struct str *tags;
    size_t tag_count;
    struct str cluster;                          /* ptr NULL = its own */
    struct str skip;                             /* reason; ptr NULL = not skipped */
    int64_t timeout_ns;                          /* of one attempt; 0 = the target's */
    const struct scorer_use *const *own_scorers; /* besides the suite's */
    size_t own_scorer_count;
    const struct value *row;       /* the data row, NULL for cases written in the suite */
    struct str file;               /* the data file, ptr NULL for cases written in the suite */
    uint64_t row_offset, row_line; /* where the row starts, for reading it again */
    struct src_pos pos;            /* where the case is written (suite file or data row) */
};

#endif
