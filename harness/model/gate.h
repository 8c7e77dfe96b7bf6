#ifndef ASSAY_MODEL_GATE_H
#define ASSAY_MODEL_GATE_H

/* A gate as a suite or a flag gives it, and what became of it. */

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "data/gate_expr.h"

enum gate_severity { GATE_FAIL, GATE_WARN };

struct gate {
    struct gate_expr expr;
    enum gate_severity severity;
    struct src_pos pos;
    bool is_implied; /* no gates given: `pass_rate >= 100%` */
};

enum gate_outcome { GATE_HOLDS, GATE_BROKEN, GATE_CANNOT_TELL, GATE_NOT_JUDGED };

struct gate_result {
    struct str text; /* the gate as written */
    enum gate_severity severity;
    enum gate_outcome outcome;
    bool is_implied;
    bool has_left, has_right;
    double left, right; /* what was compared */
    uint64_t n;         /* cases (or what the statistic counts) behind the left side */
    struct str reason;  /* a sentence: "0.715 is below 0.8 (143 of 200)" */
};

const char *gate_outcome_word(enum gate_outcome outcome); /* "passed", "failed", "cannot_tell", "not_judged" */

#endif
