#ifndef ASSAY_TESTS_STATS_SIMULATE_H
#define ASSAY_TESTS_STATS_SIMULATE_H

/* What the parts of the simulation share: how often each cell is drawn, the table in Markdown, and whether a promise is kept but for chance. */

#include "base/arena.h"
#include "base/rng.h"
#include "tests/stats/draw.h"

#define SIMULATED_ALPHA 0.05

struct simulation {
    uint64_t runs;
    struct rng rng;
    struct arena arena;
    struct drawn *drawn;
    uint64_t broken;
};

void heading(const char *text, const char *columns, const char *rule);
double share(const struct simulation *s, uint64_t count);
const char *at_most(struct simulation *s, double seen, double limit); /* "" or " BROKEN" */
const char *at_least(struct simulation *s, double seen, double limit);

/* What gates put together of the statistics: several runs as a baseline, trials, ratios, quantiles with ties and in clusters, plain gates. */
void simulate_gates(struct simulation *s);

/* What is said to have been seen with 80 %: how often it is shown where it is there. */
void simulate_seen(struct simulation *s);

#endif
