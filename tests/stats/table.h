#ifndef ASSAY_TESTS_STATS_TABLE_H
#define ASSAY_TESTS_STATS_TABLE_H

/* A table of runs over the same cases. What a case has of its own (binary: settled in half of the cases; judge-like: in six of ten; skewed: most of its
 * length) is drawn once, the rest for each run: `runs` of one version, of which the last is the candidate. */

#include "stats/claim.h"
#include "tests/stats/draw.h"

struct arena;
struct rng;

enum { RUNS_MAX = 6, CASES_MAX = 1000 };

enum kind { KIND_998, KIND_RARE, KIND_90, KIND_98, KIND_JUDGE, KIND_SKEWED, KIND_SECONDS };

struct table {
    enum kind kind;
    size_t n, runs;
    enum draw_shape shape; /* NONE or FIVES */
    double values[RUNS_MAX][CASES_MAX];
    uint32_t clusters[CASES_MAX];
    double baseline[CASES_MAX * RUNS_MAX], difference[CASES_MAX];
};

const char *kind_name(enum kind kind);

/* From one run on: the cases stay what they are. */
void table_draw(struct table *t, struct rng *rng, size_t from_run);

/* candidate - factor * (mean of the baseline's runs) */
struct claim table_claim(struct table *t, struct arena *arena, double factor);
enum claim_outcome table_outcome(const struct claim *c, double line); /* at 95 % */

#endif
