#ifndef ASSAY_JUDGE_CHANCE_H
#define ASSAY_JUDGE_CHANCE_H

/* How often a gate without confidence fails although nothing changed: its false alarms, reckoned from what stored runs tell (judge/seen.h). By draws
 * from the runs themselves: judge/selftest.h.
 *
 * Model:  against a number: the cases are a sample, the next run's are another one of as many. Where the cases stay the same it alarms less, as far as
 *         their own levels differ. Against a baseline: the same cases, and only their noise; the baseline is one run.
 * Method: yes and no: the exact binomial at (x + 1) / (n + 2) for x of n (Laplace: all right is no certainty). Quantiles: the binomial of the values on
 *         the good side of the line, at that share of them. Means and clusters: t with the run's standard error. Differences: normal, of
 *         yes and no the exact sum over discordant cases up to CHANCE_SUM_MAX of them.
 * Errors: none; what cannot be reckoned says why. */

#include <stdbool.h>

#include "base/str.h"
#include "judge/seen.h"

enum { CHANCE_SUM_MAX = 2000 };

struct chance {
    struct str why_not; /* a clause; ptr NULL = there is a rate */
    double rate;        /* of false alarms, 0..1 */
    bool is_bound;      /* at most that, because the noise is not known */
};

struct chance chance_of_line(const struct seen *s, enum gate_op op, double line);

/* That the figure is worse by more than `margin` (below 0: not better by as much) than that of a baseline run of the same version. Chance takes and
 * gives alike. */
struct chance chance_of_change(const struct seen *s, double margin);

/* Of a gate as it is written; why_not where it is with confidence, or compares what is no number of each case. */
struct chance chance_of_gate(const struct seen *s, const struct gate_expr *e);

/* The fewest cases with which it alarms no more often than alpha, should everything else stay; 0 = none would do. */
uint64_t chance_cases(const struct seen *s, const struct gate_expr *e, double alpha);

#endif
