#ifndef ASSAY_RUN_PACE_H
#define ASSAY_RUN_PACE_H

/* How fast a suite's samples start, and until when. Suites run one after the other, each at its own pace; its budgets count from its first sample. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/rate.h"
#include "run/budget.h"

struct suite;

struct pace {
    size_t concurrency; /* samples at once */
    struct rate rate;   /* of their starts */
    struct budget budget;
    int64_t budget_end_ns; /* 0 = none */
    bool has_begun;
};

/* `concurrency` instead of the suite's own; 0 = its own. */
void pace_begin(struct pace *pace, const struct suite *suite, size_t concurrency, int64_t now_ns);

#endif
