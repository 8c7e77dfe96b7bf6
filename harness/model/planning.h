#ifndef ASSAY_MODEL_PLANNING_H
#define ASSAY_MODEL_PLANNING_H

/* What a question needs in cases or trials: made by judge/planning.h, shown on the terminal and as JSON. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* One question. Numbers that are not there are 0. */
struct planned {
    struct str asked;  /* "a drop of 2 points", or the gate as written */
    struct str answer; /* a sentence, or two */
    bool is_gate;
    uint64_t cases;  /* needed; 0 = none would do, or nothing to plan */
    uint32_t trials; /* of each of the cases that there are, instead of more cases; 0 = would not do */
    bool has_could;
    double could;   /* what the cases at hand can see, in the unit of the statistic */
    bool has_alarm; /* gates without confidence: how often they fail although nothing changed */
    double alarm;
    bool is_bound; /* because the noise is not known: so many at most */
};

/* The questions about one statistic. */
struct planned_stat {
    struct str stat;
    struct str figure;  /* "81% of 200 cases, 1 trial each" */
    struct str noise;   /* "two runs differ on 9.2% of the cases (7 runs of this version)" */
    struct str why_not; /* ptr NULL = something was seen */
    uint64_t n;
    bool is_bound;
    double noise_variance; /* judge/seen.h */
    uint64_t noise_cases, noise_runs;
    struct planned *items;
    size_t item_count;
};

struct planning {
    struct str suite, variant, run; /* run: its id */
    int64_t finished_unix_ms;
    double power, confidence;
    uint64_t claims; /* gates with confidence whose fail claims share the chance of a false one (Holm) */
    struct planned_stat *stats;
    size_t stat_count;
};

#endif
