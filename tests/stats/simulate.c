/* How often the gates' statistics are wrong, and how often they see what is there.
 * usage: simulate RUNS [SEED]
 * Prints tables in Markdown (docs/statistics.md ends with them) and fails when a promise is broken by more than the simulation's own chance: two
 * standard errors, or four with fewer than 10,000 runs a cell. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/rng.h"
#include "stats/binomial.h"
#include "stats/claim.h"
#include "stats/exceedance.h"
#include "stats/holm.h"
#include "stats/icc.h"
#include "stats/mean_test.h"
#include "stats/plan.h"
#include "stats/quantile.h"
#include "stats/rate.h"
#include "stats/student.h"
#include "stats/tango.h"
#include "tests/stats/simulate.h"

enum { RUNS_FULL = 10000, DIMENSIONS = 20, LABEL_ROOM = 200 };

static const double ALPHA = SIMULATED_ALPHA;
static const struct stat_range UNIT = {true, 0, 1};
static const struct stat_range ANYTHING = {.is_bounded = false};

struct counts {
    uint64_t below, above, refused, covered;
};

void heading(const char *text, const char *columns, const char *rule)
{
    (void)printf("\n%s\n\n%s\n%s\n", text, columns, rule);
}

/* The chance of the simulation itself: half a point at 10,000 runs. */
static double grant(const struct simulation *s, double limit)
{
    return (s->runs >= RUNS_FULL ? 2 : 4) * sqrt(limit * (1 - limit) / (double)s->runs);
}

static const char *verdict(struct simulation *s, bool is_kept)
{
    s->broken += is_kept ? 0 : 1;
    return is_kept ? "" : " BROKEN";
}

const char *at_most(struct simulation *s, double seen, double limit)
{
    return verdict(s, seen <= limit + grant(s, limit));
}

const char *at_least(struct simulation *s, double seen, double limit)
{
    return verdict(s, seen >= limit - grant(s, limit));
}

double share(const struct simulation *s, uint64_t count)
{
    return (double)count / (double)s->runs;
}

static struct claim claim_drawn(struct simulation *s, const struct draw *d)
{
    struct claim_in in = {
        .sample = {s->drawn->difference, d->shape == SHAPE_NONE ? NULL : s->drawn->clusters, d->n,
                   s->drawn->cluster_count},
        .is_binary = draw_is_binary(d->scores),
        .is_difference = true,
        .range = d->scores == DRAW_SKEWED ? ANYTHING : UNIT,
    };
    return claim_of(&in, &s->arena);
}

static void count_claim(struct counts *counts, const struct claim *c, double line)
{
    struct stat_test test = claim_test(c, line);
    enum claim_outcome outcome = claim_decide(c, line, ALPHA, test.below);
    counts->below += outcome == CLAIM_BELOW ? 1 : 0;
    counts->above += outcome == CLAIM_ABOVE ? 1 : 0;
    counts->refused += claim_allows_below(c) ? 0 : 1;
}

static struct counts run_draws(struct simulation *s, const struct draw *d, double line)
{
    struct counts counts = {0};
    for (uint64_t run = 0; run < s->runs; run++) {
        draw_runs(d, &s->rng, s->drawn);
        struct claim c = claim_drawn(s, d);
        count_claim(&counts, &c, line);
        arena_reset(&s->arena);
    }
    return counts;
}

static void false_alarms(struct simulation *s)
{
    static const size_t SIZES[] = {20, 50, 200, 1000};
    heading("### False alarms: `no regression of` at 95 %, no true difference (promise: at most 5.5 %)",
            "| scores | clusters | n=20 | 50 | 200 | 1000 |", "|---|---|---|---|---|---|");
    for (enum draw_scores scores = DRAW_BINARY_50; scores <= DRAW_JUDGE; scores++) {
        for (enum draw_shape shape = SHAPE_NONE; shape <= SHAPE_HALF; shape++) {
            (void)printf("| %s | %s |", draw_scores_name(scores), draw_shape_name(shape));
            for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
                struct counts counts = run_draws(s, &(struct draw){scores, shape, SIZES[i], 0}, 0);
                double seen = share(s, counts.below);
                if (counts.refused == s->runs) {
                    (void)printf(" refused |");
                } else {
                    (void)printf(" %.1f%s |", 100 * seen, at_most(s, seen, 0.055));
                }
            }
            (void)printf("\n");
        }
    }
}

/* Whether t alone would have shown "at or above the line". */
static bool t_shows_above(const struct claim *c, double line)
{
    return c->mean.has_se && !c->mean.is_constant &&
           (c->mean.mean - line) / c->mean.se >= -student_quantile(ALPHA, c->mean.df);
}

static void false_alarms_skewed(struct simulation *s)
{
    static const size_t SIZES[] = {20, 50, 100, 200, 1000};
    heading("### Rare events: true difference on the line (fails where it holds, % / passes where it does not, % / "
            "would pass "
            "by t alone, %)",
            "| differences | n=20 | 50 | 100 | 200 | 1000 |", "|---|---|---|---|---|---|");
    for (enum draw_scores scores = DRAW_DISASTERS; scores <= DRAW_JACKPOTS; scores++) {
        double line = scores == DRAW_DISASTERS ? -0.027 : 0;
        (void)printf("| %s |", draw_scores_name(scores));
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            struct draw d = {scores, SHAPE_NONE, SIZES[i], 0};
            struct counts counts = {0};
            uint64_t by_t = 0;
            for (uint64_t run = 0; run < s->runs; run++) {
                draw_runs(&d, &s->rng, s->drawn);
                struct claim c = claim_drawn(s, &d);
                count_claim(&counts, &c, line);
                by_t += t_shows_above(&c, line) ? 1 : 0;
                arena_reset(&s->arena);
            }
            (void)printf(" %.1f / %.1f / %.0f |", 100 * share(s, counts.below), 100 * share(s, counts.above),
                         100 * share(s, by_t));
        }
        (void)printf("\n");
    }
}

/* A true difference exactly on the line: neither "below" nor "above" should be shown more often than alpha. */
static void margins(struct simulation *s)
{
    static const struct {
        double flips, margin;
    } ROWS[] = {{0, 0.02}, {0.02, 0.02}, {0.1, 0.02}, {0, 0.05}, {0.1, 0.05}, {0.3, 0.1}};
    static const size_t SIZES[] = {20, 50, 200, 1000};
    heading("### Binary, with a margin, the true difference on the line (false fails % / false passes %; promise: "
            "fails at most 5.5 %, 6 % "
            "while fewer than 20 discordant cases are expected)",
            "| flips | margin | n=20 | 50 | 200 | 1000 |", "|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        (void)printf("| %.2f | %.2f |", ROWS[r].flips, ROWS[r].margin);
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            struct counts counts = {0};
            struct draw d = {DRAW_BINARY_50, SHAPE_NONE, SIZES[i], 0};
            for (uint64_t run = 0; run < s->runs; run++) {
                draw_pairs(ROWS[r].flips, ROWS[r].margin, d.n, &s->rng, s->drawn);
                struct claim c = claim_drawn(s, &d);
                count_claim(&counts, &c, -ROWS[r].margin);
                arena_reset(&s->arena);
            }
            double expected = (double)d.n * (ROWS[r].flips + ROWS[r].margin);
            double limit = expected < 20 ? 0.06 : 0.055;
            (void)printf(" %.1f%s / %.1f |", 100 * share(s, counts.below), at_most(s, share(s, counts.below), limit),
                         100 * share(s, counts.above));
        }
        (void)printf("\n");
    }
    heading("### Judge-like, with a margin, the true difference on the line (false fails % / false passes %)",
            "| margin | clusters | n=100 | 200 | 1000 |", "|---|---|---|---|---|");
    for (int r = 0; r < 4; r++) {
        double margin = r % 2 == 0 ? 0.02 : 0.05;
        enum draw_shape shape = r < 2 ? SHAPE_NONE : SHAPE_FIVES;
        (void)printf("| %.2f | %s |", margin, draw_shape_name(shape));
        for (size_t i = 0; i < 3; i++) {
            size_t n = i == 0 ? 100 : i == 1 ? 200 : 1000;
            struct counts counts = run_draws(s, &(struct draw){DRAW_JUDGE, shape, n, margin}, -margin);
            (void)printf(" %.1f%s / %.1f%s |", 100 * share(s, counts.below), at_most(s, share(s, counts.below), 0.06),
                         100 * share(s, counts.above), at_most(s, share(s, counts.above), 0.06));
        }
        (void)printf("\n");
    }
}

/* Not simulated: summed over every count of wins and losses. The chance that "below" (or "above") is shown when the line is the truth. */
static double exact_size(uint64_t n, double flips, double margin, bool is_below)
{
    double discordant = flips + margin;
    double loss = (flips / 2 + margin) / discordant;
    double reach = 8 * sqrt((double)n * discordant) + 10;
    double size = 0;
    for (uint64_t m = 0; m <= n && (double)m <= (double)n * discordant + reach; m++) {
        double chance = binomial_exactly(m, n, discordant);
        for (uint64_t lost = 0; lost <= m && chance > 1e-9; lost++) {
            struct pairs p = {n, m - lost, lost};
            double z = tango_z(&p, -margin);
            if (is_below ? z > -1.6 : z < 1.6) {
                continue; /* its bound is not beyond the line either */
            }
            struct stat_test test = margin > 0 ? tango_test(&p, -margin) : mcnemar_midp(&p);
            bool is_shown = (is_below ? test.below : test.above) <= ALPHA && fabs(z) >= 1.6448536269514722;
            size += is_shown ? chance * binomial_exactly(lost, m, loss) : 0;
        }
    }
    return size;
}

static void exact_sizes(struct simulation *s)
{
    static const double FLIPS[] = {0.001, 0.01, 0.02, 0.05, 0.1, 0.3};
    static const double MARGINS[] = {0, 0.01, 0.02, 0.05, 0.1};
    static const uint64_t SIZES[] = {20, 50, 100, 135, 200, 400};
    size_t sizes = s->runs >= RUNS_FULL ? ARRAY_LEN(SIZES) : 2; /* sums grow with the square */
    heading("### Binary, the true difference on the line: the largest false alarm over flips of 0.001, 0.01, 0.02, "
            "0.05, 0.1, 0.3 (fails % / "
            "passes %; exact sums, not simulated; promise: fails at most 5.5 %)",
            "| margin | n=20 | 50 | 100 | 135 | 200 | 400 |", "|---|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(MARGINS); r++) {
        (void)printf("| %.2f |", MARGINS[r]);
        for (size_t i = 0; i < sizes; i++) {
            double below = 0;
            double above = 0;
            for (size_t f = 0; f < ARRAY_LEN(FLIPS); f++) {
                below = fmax(below, exact_size(SIZES[i], FLIPS[f], MARGINS[r], true));
                above = fmax(above, exact_size(SIZES[i], FLIPS[f], MARGINS[r], false));
            }
            (void)printf(" %.1f%s / %.1f%s |", 100 * below, verdict(s, below <= 0.055), 100 * above,
                         verdict(s, above <= 0.055));
        }
        (void)printf("\n");
    }
}

/* One run of twenty dimensions; whether any fails after Holm. `alike`: a case has the values of the first dimension with this probability. */
static bool any_of_twenty(struct simulation *s, size_t n, double alike, double first[])
{
    struct claim claims[DIMENSIONS];
    double p[DIMENSIONS];
    double adjusted[DIMENSIONS];
    for (size_t k = 0; k < DIMENSIONS; k++) {
        struct draw d = {alike > 0 || k % 2 == 0 ? DRAW_BINARY_90 : DRAW_JUDGE, SHAPE_NONE, n, 0};
        draw_runs(&d, &s->rng, s->drawn);
        for (size_t i = 0; i < n; i++) {
            if (k == 0) {
                first[i] = s->drawn->difference[i];
            } else if (rng_unit(&s->rng) < alike) {
                s->drawn->difference[i] = first[i];
            }
        }
        claims[k] = claim_drawn(s, &d);
        p[k] = claim_test(&claims[k], 0).below;
    }
    holm_adjust(p, DIMENSIONS, adjusted, &s->arena);
    bool is_any = false;
    for (size_t k = 0; k < DIMENSIONS; k++) {
        is_any = is_any || claim_decide(&claims[k], 0, ALPHA, adjusted[k]) == CLAIM_BELOW;
    }
    arena_reset(&s->arena);
    return is_any;
}

static void twenty_dimensions(struct simulation *s)
{
    static const size_t SIZES[] = {20, 50, 200};
    static double first[DRAW_MAX];
    heading("### Twenty dimensions, no true difference: any of them fails (promise: at most 5.5 %)",
            "| dimensions | n=20 | 50 | 200 |", "|---|---|---|---|");
    for (int r = 0; r < 2; r++) {
        (void)printf("| %s |",
                     r == 0 ? "independent, binary 0.9 and judge-like" : "binary 0.9, four of five cases alike");
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t failed = 0;
            for (uint64_t run = 0; run < s->runs; run++) {
                failed += any_of_twenty(s, SIZES[i], r == 0 ? 0 : 0.8, first) ? 1 : 0;
            }
            (void)printf(" %.1f%s |", 100 * share(s, failed), at_most(s, share(s, failed), 0.055));
        }
        (void)printf("\n");
    }
}

/* The candidate takes `ratio` times as long; the question is about the same ratio. */
static void ratios(struct simulation *s)
{
    static const size_t SIZES[] = {60, 200, 1000};
    heading("### Ratio of quantiles, skewed values, the true ratio on the line (\"above\" % / \"below\" %; interval of "
            "90 % covers %)",
            "| quantile | ratio | n=60 | 200 | 1000 |", "|---|---|---|---|---|");
    for (int r = 0; r < 4; r++) {
        double p = r < 2 ? 0.5 : 0.95;
        double ratio = r % 2 == 0 ? 1 : 1.1;
        (void)printf("| p%.0f | %.1f |", 100 * p, ratio);
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            struct counts counts = {0};
            uint64_t intervals = s->runs / 10; /* these take longer */
            for (uint64_t run = 0; run < s->runs; run++) {
                draw_runs(&(struct draw){DRAW_SKEWED, SHAPE_NONE, SIZES[i], 0}, &s->rng, s->drawn);
                for (size_t k = 0; k < SIZES[i]; k++) {
                    s->drawn->candidate[k] *= ratio;
                }
                struct exceedance e = {
                    .baseline = s->drawn->baseline, .candidate = s->drawn->candidate, .n = SIZES[i], .p = p};
                exceedance_init(&e, &s->arena);
                struct stat_test test = exceedance_test(&e, ratio);
                counts.above += test.above <= ALPHA ? 1 : 0;
                counts.below += test.below <= ALPHA ? 1 : 0;
                if (run < intervals) {
                    struct stat_interval interval = exceedance_interval(&e, 2 * ALPHA);
                    counts.covered +=
                        (!interval.has_lo || interval.lo <= ratio) && (!interval.has_hi || interval.hi >= ratio) ? 1
                                                                                                                 : 0;
                }
                arena_reset(&s->arena);
            }
            (void)printf(" %.1f%s / %.1f%s; %.0f |", 100 * share(s, counts.above),
                         at_most(s, share(s, counts.above), 0.055), 100 * share(s, counts.below),
                         at_most(s, share(s, counts.below), 0.055), 100 * (double)counts.covered / (double)intervals);
        }
        (void)printf("\n");
    }
}

static void power_row(struct simulation *s, const char *what, uint64_t n, uint64_t seen)
{
    (void)printf("| %s | %llu | %.1f%s |\n", what, (unsigned long long)n, 100 * share(s, seen),
                 at_least(s, share(s, seen), 0.77));
}

static void power_of_pairs(struct simulation *s)
{
    static const struct {
        double flips, drop, margin;
    } ROWS[] = {{0.02, 0.1, 0},    {0.1, 0.05, 0}, {0.2, 0.1, 0},   {0.3, 0.3, 0},     {0.05, 0.1, 0.03},
                {0.1, 0.07, 0.02}, {0.1, 0, 0.05}, {0.02, 0, 0.05}, {0.02, 0.01, 0.05}};
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        bool is_pass = ROWS[r].drop < ROWS[r].margin;
        struct plan plan = ROWS[r].margin > 0 ? plan_margin(ROWS[r].flips, ROWS[r].drop, ROWS[r].margin, ALPHA, 0.8)
                                              : plan_pairs(ROWS[r].flips, ROWS[r].drop, ALPHA, 0.8, &s->arena);
        struct draw d = {DRAW_BINARY_50, SHAPE_NONE, plan.cases < 20 ? 20 : (size_t)plan.cases, 0};
        struct counts counts = {0};
        for (uint64_t run = 0; run < s->runs; run++) {
            draw_pairs(ROWS[r].flips, ROWS[r].drop, d.n, &s->rng, s->drawn);
            struct claim c = claim_drawn(s, &d);
            count_claim(&counts, &c, -ROWS[r].margin);
            arena_reset(&s->arena);
        }
        char what[LABEL_ROOM];
        (void)snprintf(what, sizeof(what), "binary, flips %.2f, drop %.2f: %s beyond %.2f", ROWS[r].flips, ROWS[r].drop,
                       is_pass ? "not" : "is", ROWS[r].margin);
        power_row(s, what, d.n, is_pass ? counts.above : counts.below);
    }
}

/* Planned from a large draw, as one would from an earlier run. */
static void power_of_means(struct simulation *s)
{
    static const struct {
        enum draw_scores scores;
        enum draw_shape shape;
        double drop;
    } ROWS[] = {{DRAW_JUDGE, SHAPE_NONE, 0.02},
                {DRAW_JUDGE, SHAPE_NONE, 0.05},
                {DRAW_SKEWED, SHAPE_NONE, 0.4},
                {DRAW_JUDGE, SHAPE_FIVES, 0.05},
                {DRAW_BINARY_90, SHAPE_FIVES, 0.05}};
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        struct draw d = {ROWS[r].scores, ROWS[r].shape, 20000, ROWS[r].drop};
        draw_runs(&d, &s->rng, s->drawn);
        struct claim c = claim_drawn(s, &d);
        struct plan plan = plan_mean(c.mean.stddev, ROWS[r].drop, ALPHA, 0.8);
        double cases = (double)plan.cases;
        if (ROWS[r].shape != SHAPE_NONE) {
            struct sample sample = {s->drawn->difference, s->drawn->clusters, d.n, s->drawn->cluster_count};
            cases = ceil(cases * plan_design_effect(1, 5, cluster_icc(&sample, &s->arena)));
        }
        arena_reset(&s->arena);
        d.n = (size_t)fmax(20, cases);
        struct counts counts = run_draws(s, &d, 0);
        char what[LABEL_ROOM];
        (void)snprintf(what, sizeof(what), "%s, clusters %s: drop %.2f", draw_scores_name(d.scores),
                       draw_shape_name(d.shape), d.drop);
        power_row(s, what, d.n, counts.below);
    }
}

static void power_of_rates(struct simulation *s)
{
    static const double ROWS[][2] = {{0.8, 0.9}, {0.9, 0.95}, {0.8, 0.7}, {0.95, 0.99}};
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        struct plan plan = plan_rate(ROWS[r][0], ROWS[r][1], ALPHA, 0.8);
        struct counts counts = {0};
        for (uint64_t run = 0; run < s->runs; run++) {
            for (uint64_t i = 0; i < plan.cases; i++) {
                s->drawn->difference[i] = rng_unit(&s->rng) < ROWS[r][1] ? 1 : 0;
            }
            struct claim_in in = {
                .sample = {.values = s->drawn->difference, .n = plan.cases}, .is_binary = true, .range = UNIT};
            struct claim c = claim_of(&in, &s->arena);
            count_claim(&counts, &c, ROWS[r][0]);
            arena_reset(&s->arena);
        }
        char what[LABEL_ROOM];
        (void)snprintf(what, sizeof(what), "rate %.2f against the line %.2f", ROWS[r][1], ROWS[r][0]);
        power_row(s, what, plan.cases, ROWS[r][1] > ROWS[r][0] ? counts.above : counts.below);
    }
}

static void power(struct simulation *s)
{
    heading("### Power with the planned number of cases (80 % planned; promise: at least 77 %)",
            "| difference | cases planned | shown % |", "|---|---|---|");
    power_of_pairs(s);
    power_of_means(s);
    power_of_rates(s);
}

/* Not simulated: summed over every count. */
static void coverage_of_rates(struct simulation *s)
{
    static const size_t SIZES[] = {20, 50, 100, 200, 500, 1000};
    static const double RATES[] = {0.5, 0.8, 0.9, 0.95, 0.98};
    heading("### Intervals of 95 % of a rate: how often they hold the true one (Wilson % / Clopper-Pearson %; exact "
            "sums, not simulated; "
            "promise of Wilson: 93.5 % where 20 failing cases are expected)",
            "| rate | n=20 | 50 | 100 | 200 | 500 | 1000 |", "|---|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(RATES); r++) {
        (void)printf("| %.2f |", RATES[r]);
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            double covered[2] = {0, 0};
            for (uint64_t x = 0; x <= SIZES[i]; x++) {
                struct stat_interval intervals[2] = {rate_wilson(x, SIZES[i], ALPHA), rate_exact(x, SIZES[i], ALPHA)};
                for (int k = 0; k < 2; k++) {
                    bool is_in = intervals[k].lo <= RATES[r] && RATES[r] <= intervals[k].hi;
                    covered[k] += is_in ? binomial_exactly(x, SIZES[i], RATES[r]) : 0;
                }
            }
            bool is_promised = (double)SIZES[i] * (1 - RATES[r]) >= 20 - 1e-9;
            (void)printf(" %.1f%s / %.1f%s |", 100 * covered[0], verdict(s, !is_promised || covered[0] >= 0.935),
                         100 * covered[1], verdict(s, covered[1] >= 0.95 - 1e-9));
        }
        (void)printf("\n");
    }
}

static void coverage_of_pairs(struct simulation *s)
{
    static const struct {
        double flips, drop;
    } ROWS[] = {{0.02, 0}, {0.1, 0}, {0.3, 0}, {0.05, 0.05}, {0.2, 0.1}};
    static const size_t SIZES[] = {20, 50, 200, 1000};
    heading("### Tango's interval of 95 % of a difference (covers %; promise: 93 %, and 93.5 % where 20 discordant "
            "cases are expected)",
            "| flips | drop | n=20 | 50 | 200 | 1000 |", "|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(ROWS); r++) {
        (void)printf("| %.2f | %.2f |", ROWS[r].flips, ROWS[r].drop);
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t covered = 0;
            for (uint64_t run = 0; run < s->runs; run++) {
                struct draw d = {DRAW_BINARY_50, SHAPE_NONE, SIZES[i], 0};
                draw_pairs(ROWS[r].flips, ROWS[r].drop, d.n, &s->rng, s->drawn);
                struct claim c = claim_drawn(s, &d);
                struct stat_interval interval = claim_interval(&c, ALPHA);
                covered += interval.lo <= -ROWS[r].drop && -ROWS[r].drop <= interval.hi ? 1 : 0;
                arena_reset(&s->arena);
            }
            double expected = (double)SIZES[i] * (ROWS[r].flips + ROWS[r].drop);
            (void)printf(" %.1f%s |", 100 * share(s, covered),
                         at_least(s, share(s, covered), expected < 20 ? 0.93 : 0.935));
        }
        (void)printf("\n");
    }
}

/* Means of one run: `share_bad` < 0 asks for judge-like scores, else a share of zeros among ones that are no binary scores (say, F1). */
static void coverage_of_means(struct simulation *s)
{
    static const double SHARES[] = {-1, 0.002, 0.01, 0.03, 0.1};
    static const size_t SIZES[] = {20, 50, 100, 200, 1000};
    heading("### Interval of 95 % of a mean in the range 0..1 (covers %)", "| scores | n=20 | 50 | 100 | 200 | 1000 |",
            "|---|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(SHARES); r++) {
        if (SHARES[r] < 0) {
            (void)printf("| judge-like |");
        } else {
            (void)printf("| 1, and 0 in %.1f %% |", 100 * SHARES[r]);
        }
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t covered = 0;
            double truth = SHARES[r] < 0 ? 0.77 : 1 - SHARES[r];
            for (uint64_t run = 0; run < s->runs; run++) {
                draw_runs(&(struct draw){DRAW_JUDGE, SHAPE_NONE, SIZES[i], 0}, &s->rng, s->drawn);
                for (size_t k = 0; k < SIZES[i] && SHARES[r] >= 0; k++) {
                    s->drawn->baseline[k] = rng_unit(&s->rng) < SHARES[r] ? 0 : 1;
                }
                struct sample sample = {.values = s->drawn->baseline, .n = SIZES[i]};
                struct mean m = mean_of(&sample, &UNIT, &s->arena);
                struct stat_interval interval = mean_interval(&m, &UNIT, ALPHA);
                covered += interval.lo <= truth && truth <= interval.hi ? 1 : 0;
                arena_reset(&s->arena);
            }
            (void)printf(" %.1f |", 100 * share(s, covered));
        }
        (void)printf("\n");
    }
}

static void coverage_in_clusters(struct simulation *s)
{
    static const size_t SIZES[] = {50, 200, 1000};
    heading("### Interval of 95 % of a rate in clusters, ICC 0.3 (covers %)", "| rate | clusters | n=50 | 200 | 1000 |",
            "|---|---|---|---|---|");
    for (enum draw_scores scores = DRAW_BINARY_50; scores <= DRAW_BINARY_90; scores++) {
        for (enum draw_shape shape = SHAPE_TENTHS; shape <= SHAPE_HALF; shape++) {
            (void)printf("| %.1f | %s |", draw_rate(scores), draw_shape_name(shape));
            for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
                uint64_t covered = 0;
                double df = 0;
                for (uint64_t run = 0; run < s->runs; run++) {
                    draw_runs(&(struct draw){scores, shape, SIZES[i], 0}, &s->rng, s->drawn);
                    struct sample sample = {s->drawn->baseline, s->drawn->clusters, SIZES[i], s->drawn->cluster_count};
                    struct mean m = mean_of(&sample, &UNIT, &s->arena);
                    struct stat_interval interval = mean_interval(&m, &UNIT, ALPHA);
                    covered += interval.lo <= draw_rate(scores) && draw_rate(scores) <= interval.hi ? 1 : 0;
                    df = m.df;
                    arena_reset(&s->arena);
                }
                (void)printf(" %.1f (df %.1f) |", 100 * share(s, covered), df);
            }
            (void)printf("\n");
        }
    }
}

static int double_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static void coverage_of_quantiles(struct simulation *s)
{
    static const double QUANTILES[] = {0.5, 0.9, 0.95, 0.99};
    static const size_t SIZES[] = {20, 60, 200, 1000};
    heading("### Interval of 95 % of a quantile by order statistics (covers %; promise: at least 95 %; a missing bound "
            "holds everything)",
            "| quantile | n=20 | 60 | 200 | 1000 |", "|---|---|---|---|---|");
    for (size_t r = 0; r < ARRAY_LEN(QUANTILES); r++) {
        (void)printf("| p%.0f |", 100 * QUANTILES[r]);
        for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
            uint64_t covered = 0;
            for (uint64_t run = 0; run < s->runs; run++) {
                for (size_t k = 0; k < SIZES[i]; k++) {
                    s->drawn->baseline[k] = rng_unit(&s->rng);
                }
                qsort(s->drawn->baseline, SIZES[i], sizeof(double), double_compare);
                struct stat_interval interval = quantile_interval(s->drawn->baseline, SIZES[i], QUANTILES[r], ALPHA);
                covered += (!interval.has_lo || interval.lo <= QUANTILES[r]) &&
                                   (!interval.has_hi || interval.hi >= QUANTILES[r])
                               ? 1
                               : 0;
            }
            (void)printf(" %.1f%s |", 100 * share(s, covered), at_least(s, share(s, covered), 0.945));
        }
        (void)printf("\n");
    }
}

int main(int argc, char **argv)
{
    struct simulation s = {.drawn = calloc(1, sizeof(struct drawn))};
    uint64_t seed = 20;
    if (s.drawn == NULL || argc < 2 || !num_parse_u64(str_from(argv[1]), &s.runs) || s.runs < 10 ||
        (argc > 2 && !num_parse_u64(str_from(argv[2]), &seed))) {
        (void)fprintf(stderr, "usage: simulate RUNS [SEED]\n");
        free(s.drawn);
        return 2;
    }
    rng_seed(&s.rng, seed);
    (void)printf("%llu runs a cell, seed %llu.\n", (unsigned long long)s.runs, (unsigned long long)seed);
    false_alarms(&s);
    false_alarms_skewed(&s);
    margins(&s);
    exact_sizes(&s);
    twenty_dimensions(&s);
    ratios(&s);
    power(&s);
    coverage_of_rates(&s);
    coverage_of_pairs(&s);
    coverage_of_means(&s);
    coverage_in_clusters(&s);
    coverage_of_quantiles(&s);
    simulate_gates(&s);
    simulate_seen(&s);
    (void)printf("\n%llu promises broken.\n", (unsigned long long)s.broken);
    free(s.drawn);
    arena_deinit(&s.arena);
    return s.broken == 0 ? 0 : 1;
}
