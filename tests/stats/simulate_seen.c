#include "tests/stats/simulate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats/claim.h"
#include "tests/stats/table.h"

/* Two draws of one cell: in the first nothing differs, and what it says that could have been seen is put into the second. */

static const double SAID = 0.8;

enum effect { EFFECT_BREAKS, EFFECT_SHIFTS };

struct cell {
    enum kind kind;
    size_t runs; /* of the baseline */
    enum draw_shape shape;
    enum effect effect;
    double margin;
    unsigned claims; /* of the verdict */
};

static double candidate_mean(const struct table *t)
{
    double sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        sum += t->values[t->runs - 1][i];
    }
    return sum / (double)t->n;
}

/* Some cases fall to 0, or all fall a little. False: there is no such drop. */
static bool put(struct table *t, enum effect effect, double drop, struct rng *rng)
{
    double mean = candidate_mean(t);
    double *values = t->values[t->runs - 1];
    for (size_t i = 0; i < t->n; i++) {
        values[i] = effect == EFFECT_SHIFTS ? values[i] - drop : rng_unit(rng) < drop / mean ? 0 : values[i];
    }
    return drop <= mean;
}

/* As the surest of the claims: what Holm asks of it. */
static bool is_shown(const struct claim *c, const struct cell *cell)
{
    double adjusted = fmin(1, cell->claims * claim_test(c, -cell->margin).below);
    return claim_decide(c, -cell->margin, SIMULATED_ALPHA, adjusted) == CLAIM_BELOW;
}

static void seen_cell(struct simulation *s, struct table *t, const struct cell *cell, size_t n)
{
    uint64_t said = 0;
    uint64_t shown = 0;
    double sum = 0;
    for (uint64_t run = 0; run < s->runs; run++) {
        double mde = 0;
        *t = (struct table){.kind = cell->kind, .n = n, .runs = cell->runs + 1, .shape = cell->shape};
        table_draw(t, &s->rng, 0);
        struct claim c = table_claim(t, &s->arena, 1);
        if (claim_mde(&c, -cell->margin, SIMULATED_ALPHA / cell->claims, SAID, &mde)) {
            table_draw(t, &s->rng, 0);
            if (put(t, cell->effect, mde + cell->margin, &s->rng)) {
                c = table_claim(t, &s->arena, 1);
                said++;
                sum += mde + cell->margin;
                shown += is_shown(&c, cell) ? 1 : 0;
            }
        }
        arena_reset(&s->arena);
    }
    if (said == 0) {
        (void)printf(" nothing |");
    } else {
        double power = (double)shown / (double)said;
        bool is_promised = cell->effect == EFFECT_BREAKS && cell->kind < KIND_JUDGE;
        (void)printf(" %.3f: %.0f%s |", sum / (double)said, 100 * power, is_promised ? at_least(s, power, 0.77) : "");
    }
}

void simulate_seen(struct simulation *s)
{
    static const size_t SIZES[] = {50, 200, 1000};
    static const struct cell CELLS[] = {
        {KIND_998, 1, SHAPE_NONE, EFFECT_BREAKS, 0, 1},    {KIND_998, 1, SHAPE_NONE, EFFECT_BREAKS, 0.02, 1},
        {KIND_98, 1, SHAPE_NONE, EFFECT_BREAKS, 0, 1},     {KIND_90, 1, SHAPE_NONE, EFFECT_BREAKS, 0, 1},
        {KIND_998, 3, SHAPE_NONE, EFFECT_BREAKS, 0, 1},    {KIND_998, 5, SHAPE_NONE, EFFECT_BREAKS, 0, 1},
        {KIND_998, 5, SHAPE_NONE, EFFECT_BREAKS, 0.02, 1}, {KIND_98, 3, SHAPE_NONE, EFFECT_BREAKS, 0, 1},
        {KIND_98, 5, SHAPE_NONE, EFFECT_BREAKS, 0, 1},     {KIND_98, 5, SHAPE_NONE, EFFECT_BREAKS, 0.02, 1},
        {KIND_90, 3, SHAPE_NONE, EFFECT_BREAKS, 0, 1},     {KIND_90, 5, SHAPE_NONE, EFFECT_BREAKS, 0, 1},
        {KIND_98, 1, SHAPE_NONE, EFFECT_BREAKS, 0, 20},    {KIND_98, 5, SHAPE_NONE, EFFECT_BREAKS, 0, 20},
        {KIND_RARE, 1, SHAPE_NONE, EFFECT_BREAKS, 0, 1},   {KIND_RARE, 5, SHAPE_NONE, EFFECT_BREAKS, 0, 1},
        {KIND_998, 5, SHAPE_FIVES, EFFECT_BREAKS, 0, 1},   {KIND_98, 1, SHAPE_FIVES, EFFECT_BREAKS, 0, 1},
        {KIND_98, 5, SHAPE_FIVES, EFFECT_BREAKS, 0, 1},    {KIND_RARE, 5, SHAPE_NONE, EFFECT_SHIFTS, 0, 1},
        {KIND_JUDGE, 1, SHAPE_NONE, EFFECT_SHIFTS, 0, 1},  {KIND_JUDGE, 5, SHAPE_NONE, EFFECT_SHIFTS, 0, 1},
        {KIND_JUDGE, 1, SHAPE_NONE, EFFECT_BREAKS, 0, 1},  {KIND_JUDGE, 5, SHAPE_NONE, EFFECT_BREAKS, 0, 1},
        {KIND_SKEWED, 1, SHAPE_NONE, EFFECT_SHIFTS, 0, 1}, {KIND_SKEWED, 5, SHAPE_NONE, EFFECT_SHIFTS, 0, 1}};
    struct table *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        abort();
    }
    heading(
        "### What could have been seen: the drop that is said, on average, and how often it is shown where it is there "
        "(%, 80 is said; promise of the rows above judge-like: at least 77)",
        "| scores | runs of the baseline | clusters | drop | margin | claims | n=50 | 200 | 1000 |",
        "|---|---|---|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(CELLS); r++) {
        (void)printf("| %s | %zu | %s | %s | %.2f | %u |", kind_name(CELLS[r].kind), CELLS[r].runs,
                     draw_shape_name(CELLS[r].shape), CELLS[r].effect == EFFECT_BREAKS ? "some to 0" : "all alike",
                     CELLS[r].margin, CELLS[r].claims);
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            seen_cell(s, t, &CELLS[r], SIZES[i]);
        }
        (void)printf("\n");
    }
    free(t);
}
