#ifndef ASSAY_STATS_PLAN_H
#define ASSAY_STATS_PLAN_H

/* How many cases a question needs, from the noise seen. One-sided tests, as gates have them; with m claims of one verdict pass alpha / m.
 *
 * Shape:  alpha, power in 0..1; differences > 0 (for non-inferiority of a mean: the margin less the true drop assumed).
 * Units:  cases; plan_pairs in rates, plan_mean in the values' unit.
 * Limits: PLAN_CASES_MAX; more, or a question without answer (delta <= 0, a rate on its line), is is_possible = false. Exact sums up to
 *         PLAN_EXACT_MAX cases; from there on the formula, which is then within a case in a hundred (is_exact false).
 * Errors: none.
 * Source: plan_pairs: R. J. Connor 1987, Biometrics 43, 207-211: P = phi + delta discordant, n = (z_a sqrt(P) + z_power sqrt(P - delta^2))^2 /
 *         delta^2, raised until the exact mid-p power suffices. plan_margin: the same with the spread that Tango's score has at the line
 *         in place of sqrt(P) (stats/tango.h). plan_mean: n = (t_a + t_power)^2 s^2 / delta^2 with n - 1 df. plan_rate: the
 *         exact binomial, from the normal formula. Trials: E. Miller 2024, arXiv 2411.00640. Clusters: Kish 1965. */

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum { PLAN_EXACT_MAX = 5000, PLAN_CASES_MAX = 10000000 };

struct plan {
    bool is_possible, is_exact;
    uint64_t cases;
    double power; /* with so many cases; of the formulae: as asked */
};

/* A drop of `delta` in a binary rate, where `flips` of the cases differ between two runs without any change. */
struct plan plan_pairs(double flips, double delta, double alpha, double power, struct arena *scratch);

/* The same question with a margin: the rate truly falls by `drop` (0 or more), and the line is a fall by `margin`. drop > margin asks for the
 * cases that show "below", drop < margin for those that show "not below" (non-inferiority). */
struct plan plan_margin(double flips, double drop, double margin, double alpha, double power);

/* A mean (or mean difference) that is `delta` off its line; `stddev` of one case's value (difference). */
struct plan plan_mean(double stddev, double delta, double alpha, double power);

/* To show that a true `rate` is at or above (rate > line), or below (rate < line), the line. From this many cases on the power is never less
 * (looked at to half as many again): with the exact test one case more can cost power. */
struct plan plan_rate(double line, double rate, double alpha, double power);

/* Cases in clusters carry less: multiply the cases by this. n and sum n_k^2 of the run that is there. */
double plan_design_effect(double n, double squared_sizes, double icc);

#endif
