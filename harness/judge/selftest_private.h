#ifndef ASSAY_JUDGE_SELFTEST_PRIVATE_H
#define ASSAY_JUDGE_SELFTEST_PRIVATE_H

/* What the parts of a self-test share: selftest_read.c looks at the sources and holds their samples, selftest_draw.c makes runs of them, selftest.c judges
 * and counts. */

#include "base/rng.h"
#include "judge/selftest.h"
#include "judge/values.h"
#include "store/store.h"

struct held_score {
    double value, unit;
    const struct str *classes; /* of a one_of: answered and wanted; NULL = none */
    uint32_t dimension;
    uint8_t outcome;
    bool has_unit;
};

struct held_sample { /* what is counted of a sample */
    const struct held_score *scores;
    double score;
    struct call_measures measures;
    uint32_t ordinal;
    uint32_t score_count;
    uint8_t state, pass;
    bool has_score;
};

struct held_run {                /* one stored run's samples, by row of the table */
    struct held_sample *samples; /* of a case one behind the other, by trial */
    size_t sample_count;
    uint32_t *first; /* by row; UINT32_MAX = it does not have the case */
};

struct unit {              /* what is drawn as a whole: a cluster, or a case of its own */
    uint32_t first, count; /* in `unit_rows` */
    uint32_t stratum;      /* units of one stratum are drawn from each other */
    bool is_fixed;         /* a gate names this cluster: it always comes once */
};

struct picked { /* a case of a drawn run */
    uint32_t row;
    uint32_t copy; /* how often it, or its cluster, came before */
    uint8_t is_b;  /* of which of the two runs */
};

enum world { WORLD_MIXED, WORLD_DRAWN };

struct selftest_work {
    const struct selftest_in *in;
    struct arena *arena; /* of the result */
    struct arena room;
    struct case_table table;
    size_t variants, sources;
    struct held_run *held; /* by source * variants + variant */
    uint32_t *rows;        /* that all runs have, in plan order of the first */
    size_t row_count;
    struct unit *units;
    uint32_t *unit_rows;
    uint32_t *unit_of; /* by row */
    size_t unit_count;
    bool has_clusters;
    bool is_halves;
    uint32_t trials, half;
    size_t scores_max; /* of a sample */
    struct rng rng;
    struct selftest *ret;

    /* the draw at hand */
    enum world world;
    size_t a, b;           /* sources */
    uint8_t *coins;        /* by unit: 1 = swapped */
    uint32_t *trial_order; /* by row * trials: halves */
    struct picked *picked; /* WORLD_DRAWN */
    size_t picked_count, picked_cap;
    struct arena at_hand;
    struct run_record *candidates, *baselines; /* by variant */
    struct plan_record plan;                   /* theirs */
    struct store_stand_in stand_in;
};

MUST_CHECK bool selftest_read(struct selftest_work *w, struct err *err);

/* Makes the runs that are judged, once; and what they consist of, for each draw. */
MUST_CHECK bool selftest_draw_init(struct selftest_work *w, struct err *err);
void selftest_draw(struct selftest_work *w, enum world world);

#endif
