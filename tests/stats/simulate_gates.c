#include "tests/stats/simulate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "stats/claim.h"
#include "stats/estimate.h"
#include "stats/exceedance.h"
#include "stats/holm.h"
#include "tests/stats/table.h"

enum { DIMENSIONS = 20 };

/* --- means --------------------------------------------------------------------------------------------------------------------------------------- */

static void several_runs(struct simulation *s, struct table *t)
{
    static const size_t SIZES[] = {20, 50, 200, 1000};
    static const struct {
        enum kind kind;
        size_t runs;
        enum draw_shape shape;
        bool is_lower_better, is_promised;
    } ROWS[] = {{KIND_90, 3, SHAPE_NONE, false, true},      {KIND_90, 5, SHAPE_NONE, false, true},
                {KIND_98, 5, SHAPE_NONE, false, true},      {KIND_JUDGE, 5, SHAPE_NONE, false, true},
                {KIND_SKEWED, 5, SHAPE_NONE, true, true},   {KIND_SKEWED, 5, SHAPE_FIVES, true, true},
                {KIND_SKEWED, 5, SHAPE_NONE, false, false}, {KIND_SKEWED, 5, SHAPE_FIVES, false, false}};
    heading("### A baseline of several runs, `no regression of` a mean at 95 %, no true difference (promise: at most "
            "5.5 %, but for the last two rows)",
            "| scores | better | runs | clusters | n=20 | 50 | 200 | 1000 |", "|---|---|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        (void)printf("| %s | %s | %zu | %s |", kind_name(ROWS[r].kind), ROWS[r].is_lower_better ? "lower" : "higher",
                     ROWS[r].runs, draw_shape_name(ROWS[r].shape));
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t failed = 0;
            uint64_t refused = 0;
            t->kind = ROWS[r].kind;
            t->shape = ROWS[r].shape;
            t->runs = ROWS[r].runs + 1;
            t->n = SIZES[i];
            for (uint64_t run = 0; run < s->runs; run++) {
                table_draw(t, &s->rng, 0);
                struct claim c = table_claim(t, &s->arena, 1);
                c = ROWS[r].is_lower_better ? claim_mirror(&c) : c;
                failed += table_outcome(&c, 0) == CLAIM_BELOW ? 1 : 0;
                refused += claim_allows_below(&c) ? 0 : 1;
                arena_reset(&s->arena);
            }
            if (refused == s->runs) {
                (void)printf(" refused |");
            } else {
                (void)printf(" %.1f%s |", 100 * share(s, failed),
                             at_most(s, share(s, failed), ROWS[r].is_promised ? 0.055 : 1));
            }
        }
        (void)printf("\n");
    }
}

static int double_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

/* One baseline stays while night after night is judged against it: chance that lay in the baseline does not go away. */
static void lasting_baselines(struct simulation *s, struct table *t)
{
    enum { NIGHTS = 200, BASELINES_MAX = 2000 };
    static double alarms[BASELINES_MAX];
    size_t baselines = s->runs / 10 > BASELINES_MAX ? BASELINES_MAX : (size_t)(s->runs / 10);
    heading("### Nights against one and the same baseline, 200 cases, binary 0.9, no true difference: alarms %",
            "| runs of the baseline | on average | the worst of ten baselines | the worst of a hundred |",
            "|---|---|---|---|");
    for (size_t runs = 1; runs <= 5; runs += 2) {
        *t = (struct table){.kind = KIND_90, .n = 200, .runs = runs + 1};
        double sum = 0;
        for (size_t b = 0; b < baselines; b++) {
            table_draw(t, &s->rng, 0);
            size_t failed = 0;
            for (size_t night = 0; night < NIGHTS; night++) {
                table_draw(t, &s->rng, runs);
                struct claim c = table_claim(t, &s->arena, 1);
                failed += table_outcome(&c, 0) == CLAIM_BELOW ? 1 : 0;
                arena_reset(&s->arena);
            }
            alarms[b] = (double)failed / NIGHTS;
            sum += alarms[b];
        }
        qsort(alarms, baselines, sizeof(double), double_compare);
        (void)printf("| %zu | %.1f | %.0f | %.0f |\n", runs, 100 * sum / (double)baselines,
                     100 * alarms[baselines * 9 / 10], 100 * alarms[baselines * 99 / 100]);
    }
}

/* Three trials of each case, in both runs, reduced by their mean. */
static void trials(struct simulation *s, struct table *t)
{
    static const size_t SIZES[] = {20, 50, 200, 1000};
    heading("### Three trials a case, their mean: `no regression of` at 95 %, no true difference (promise: at most 5.5 "
            "%)",
            "| scores | n=20 | 50 | 200 | 1000 |", "|---|---|---|---|---|");
    for (enum kind kind = KIND_90; kind <= KIND_JUDGE; kind++) {
        (void)printf("| %s |", kind_name(kind));
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t failed = 0;
            *t = (struct table){.kind = kind, .n = SIZES[i], .runs = 6};
            for (uint64_t run = 0; run < s->runs; run++) {
                table_draw(t, &s->rng, 0);
                for (size_t k = 0; k < t->n; k++) {
                    double baseline = (t->values[0][k] + t->values[1][k] + t->values[2][k]) / 3;
                    double candidate = (t->values[3][k] + t->values[4][k] + t->values[5][k]) / 3;
                    t->difference[k] = mean_difference(candidate, baseline);
                }
                struct claim_in in = {
                    .sample = {t->difference, NULL, t->n, 0}, .is_difference = true, .range = {true, 0, 1}};
                struct claim c = claim_of(&in, &s->arena);
                failed += table_outcome(&c, 0) == CLAIM_BELOW ? 1 : 0;
                arena_reset(&s->arena);
            }
            (void)printf(" %.1f%s |", 100 * share(s, failed), at_most(s, share(s, failed), 0.055));
        }
        (void)printf("\n");
    }
}

/* The truth is on the line: the candidate is the factor times the baseline. */
static void ratios_of_means(struct simulation *s, struct table *t)
{
    static const size_t SIZES[] = {20, 100, 200, 1000};
    static const struct {
        enum kind kind;
        double factor;
    } ROWS[] = {{KIND_JUDGE, 0.95}, {KIND_JUDGE, 0.8}, {KIND_SKEWED, 1.1}, {KIND_SKEWED, 0.5}};
    heading("### Ratio of two means (candidate - factor * baseline), the truth on the line (\"below\" % / \"above\" %; "
            "\"above\" needs 100 cases)",
            "| scores | factor | n=20 | 100 | 200 | 1000 |", "|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        (void)printf("| %s | %.2f |", kind_name(ROWS[r].kind), ROWS[r].factor);
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t below = 0;
            uint64_t above = 0;
            *t = (struct table){.kind = ROWS[r].kind, .n = SIZES[i], .runs = 2};
            for (uint64_t run = 0; run < s->runs; run++) {
                table_draw(t, &s->rng, 0);
                for (size_t k = 0; k < t->n; k++) {
                    t->values[1][k] *= ROWS[r].factor;
                }
                struct claim c = table_claim(t, &s->arena, ROWS[r].factor);
                enum claim_outcome outcome = table_outcome(&c, 0);
                below += outcome == CLAIM_BELOW ? 1 : 0;
                above += outcome == CLAIM_ABOVE ? 1 : 0;
                arena_reset(&s->arena);
            }
            (void)printf(" %.1f / %.1f |", 100 * share(s, below), 100 * share(s, above));
        }
        (void)printf("\n");
    }
}

/* One run against a number: a score that is nearly always 1. */
static void near_the_end(struct simulation *s, struct table *t)
{
    static const double SHARES[] = {0.002, 0.01, 0.03, 0.1};
    static const size_t SIZES[] = {20, 100, 200, 1000};
    heading("### A mean against its true value, scores of 1 and of 0 in some cases, not known to be binary (\"below\" "
            "% / \"at least\" %; \"at least\" needs 100 cases)",
            "| zeros | n=20 | 100 | 200 | 1000 |", "|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(SHARES); r++) {
        (void)printf("| %.1f %% |", 100 * SHARES[r]);
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t below = 0;
            uint64_t above = 0;
            for (uint64_t run = 0; run < s->runs; run++) {
                for (size_t k = 0; k < SIZES[i]; k++) {
                    t->difference[k] = rng_unit(&s->rng) < SHARES[r] ? 0 : 1;
                }
                struct claim_in in = {.sample = {t->difference, NULL, SIZES[i], 0}, .range = {true, 0, 1}};
                struct claim c = claim_of(&in, &s->arena);
                enum claim_outcome outcome = table_outcome(&c, 1 - SHARES[r]);
                below += outcome == CLAIM_BELOW ? 1 : 0;
                above += outcome == CLAIM_ABOVE ? 1 : 0;
                arena_reset(&s->arena);
            }
            (void)printf(" %.1f / %.1f%s |", 100 * share(s, below), 100 * share(s, above),
                         at_most(s, share(s, above), 0.06));
        }
        (void)printf("\n");
    }
}

static bool any_of_twenty(struct simulation *s, struct table *t)
{
    struct claim claims[DIMENSIONS];
    double p[DIMENSIONS];
    double adjusted[DIMENSIONS];
    for (size_t k = 0; k < DIMENSIONS; k++) {
        t->kind = k % 2 == 0 ? KIND_JUDGE : KIND_SKEWED;
        table_draw(t, &s->rng, 0);
        claims[k] = table_claim(t, &s->arena, 1);
        p[k] = claim_test(&claims[k], 0).below;
    }
    holm_adjust(p, DIMENSIONS, adjusted, &s->arena);
    bool is_any = false;
    for (size_t k = 0; k < DIMENSIONS; k++) {
        is_any = is_any || claim_decide(&claims[k], 0, SIMULATED_ALPHA, adjusted[k]) == CLAIM_BELOW;
    }
    arena_reset(&s->arena);
    return is_any;
}

static void twenty_in_clusters(struct simulation *s, struct table *t)
{
    static const size_t SIZES[] = {50, 200};
    heading("### Twenty dimensions in clusters of five, no true difference: any of them fails (promise: at most 5.5 %)",
            "| dimensions | n=50 | 200 |", "|---|---|---|");
    (void)printf("| judge-like and skewed |");
    for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
        uint64_t failed = 0;
        *t = (struct table){.n = SIZES[i], .runs = 2, .shape = SHAPE_FIVES};
        for (uint64_t run = 0; run < s->runs; run++) {
            failed += any_of_twenty(s, t) ? 1 : 0;
        }
        (void)printf(" %.1f%s |", 100 * share(s, failed), at_most(s, share(s, failed), 0.055));
    }
    (void)printf("\n");
}

/* --- quantiles ------------------------------------------------------------------------------------------------------------------------------------ */

static void quantiles(struct simulation *s, struct table *t)
{
    static const size_t SIZES[] = {60, 200, 1000};
    static const struct {
        enum kind kind;
        size_t runs;
        enum draw_shape shape;
        double p, factor, shift;
    } ROWS[] = {{KIND_SECONDS, 1, SHAPE_NONE, 0.5, 1, 0},   {KIND_SECONDS, 1, SHAPE_NONE, 0.95, 1, 0},
                {KIND_SKEWED, 1, SHAPE_NONE, 0.5, 1, 0.3},  {KIND_SKEWED, 1, SHAPE_NONE, 0.95, 1, 1},
                {KIND_SKEWED, 1, SHAPE_FIVES, 0.5, 1.1, 0}, {KIND_SKEWED, 1, SHAPE_FIVES, 0.95, 1.1, 0},
                {KIND_SKEWED, 3, SHAPE_NONE, 0.5, 1.1, 0},  {KIND_SKEWED, 5, SHAPE_NONE, 0.95, 1.1, 0},
                {KIND_SECONDS, 5, SHAPE_NONE, 0.95, 1, 0}};
    heading("### Quantiles of two runs: ties, differences, clusters, several runs; the truth on the line (\"above\" % "
            "/ \"below\" %, which of several runs needs 100 cases; promise: at most 5.5 / 6 %)",
            "| values | quantile | factor | shift | runs of the baseline | clusters | n=60 | 200 | 1000 |",
            "|---|---|---|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        (void)printf("| %s | p%.0f | %.1f | %.1f | %zu | %s |", kind_name(ROWS[r].kind), 100 * ROWS[r].p,
                     ROWS[r].factor, ROWS[r].shift, ROWS[r].runs, draw_shape_name(ROWS[r].shape));
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t above = 0;
            uint64_t below = 0;
            *t = (struct table){.kind = ROWS[r].kind, .n = SIZES[i], .runs = ROWS[r].runs + 1, .shape = ROWS[r].shape};
            for (uint64_t run = 0; run < s->runs; run++) {
                table_draw(t, &s->rng, 0);
                for (size_t k = 0; k < t->n; k++) {
                    for (size_t m = 0; m < ROWS[r].runs; m++) {
                        t->baseline[k * ROWS[r].runs + m] = t->values[m][k];
                    }
                    t->difference[k] = ROWS[r].factor * t->values[t->runs - 1][k] + ROWS[r].shift;
                }
                struct exceedance e = {.baseline = t->baseline,
                                       .candidate = t->difference,
                                       .clusters = t->shape == SHAPE_NONE ? NULL : t->clusters,
                                       .cluster_count = (uint32_t)(t->n / 5) + 1,
                                       .n = t->n,
                                       .runs = ROWS[r].runs,
                                       .p = ROWS[r].p};
                exceedance_init(&e, &s->arena);
                struct stat_test test =
                    ROWS[r].shift > 0 ? exceedance_shift_test(&e, ROWS[r].shift) : exceedance_test(&e, ROWS[r].factor);
                above += test.above <= SIMULATED_ALPHA ? 1 : 0;
                bool is_allowed = ROWS[r].runs == 1 || t->n >= CLAIM_MIN_CASES_ABOVE;
                below += is_allowed && test.below <= SIMULATED_ALPHA ? 1 : 0;
                arena_reset(&s->arena);
            }
            (void)printf(" %.1f%s / %.1f%s |", 100 * share(s, above), at_most(s, share(s, above), 0.055),
                         100 * share(s, below), at_most(s, share(s, below), 0.06));
        }
        (void)printf("\n");
    }
}

/* --- gates without confidence --------------------------------------------------------------------------------------------------------------------- */

static double quantile_95(double *values, size_t n)
{
    qsort(values, n, sizeof(double), double_compare);
    return values[quantile_rank(n, 0.95) - 1];
}

static void plain_gates(struct simulation *s, struct table *t)
{
    static const size_t SIZES[] = {50, 200, 1000};
    heading("### Gates without confidence, no true difference: alarms % (nothing is promised of them)",
            "| gate | values | n=50 | 200 | 1000 |", "|---|---|---|---|---|");
    for (int r = 0; r < 2; r++) {
        (void)printf(r == 0 ? "| `mean >= baseline - 0.02` | binary 0.9 |" : "| `p95 <= baseline * 1.1` | skewed |");
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t failed = 0;
            *t = (struct table){.kind = r == 0 ? KIND_90 : KIND_SKEWED, .n = SIZES[i], .runs = 2};
            for (uint64_t run = 0; run < s->runs; run++) {
                table_draw(t, &s->rng, 0);
                double sum = 0;
                for (size_t k = 0; k < t->n; k++) {
                    sum += t->values[1][k] - t->values[0][k];
                }
                bool is_alarm = r == 0 ? sum / (double)t->n < -0.02 - 1e-12
                                       : quantile_95(t->values[1], t->n) > 1.1 * quantile_95(t->values[0], t->n);
                failed += is_alarm ? 1 : 0;
            }
            (void)printf(" %.1f |", 100 * share(s, failed));
        }
        (void)printf("\n");
    }
}

void simulate_gates(struct simulation *s)
{
    struct table *t = calloc(1, sizeof(*t));
    if (t == NULL) {
        abort();
    }
    several_runs(s, t);
    lasting_baselines(s, t);
    trials(s, t);
    ratios_of_means(s, t);
    near_the_end(s, t);
    twenty_in_clusters(s, t);
    quantiles(s, t);
    plain_gates(s, t);
    free(t);
}
