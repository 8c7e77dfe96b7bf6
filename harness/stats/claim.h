#ifndef ASSAY_STATS_CLAIM_H
#define ASSAY_STATS_CLAIM_H

/* What may be claimed about a line: the choice of method for a rate, a mean or their difference, from what is known of the scores beforehand
 * (never from the values seen), the minimum numbers, and the three outcomes. The table of docs/statistics.md as code.
 *
 *   | score               | estimate    | interval drawn | claim                                          |
 *   | binary              | x / n       | Wilson         | exact binomial                                 |
 *   | binary difference   | (b - c) / n | Tango          | line 0: McNemar's mid-p; other lines: Tango    |
 *   | any other, clusters | mean        | t              | t; above and unclustered: t and Hall           |
 *   | from several runs   | mean        | t              | t and Hall                                     |
 *
 * Shape:  a sample of stats/mean.h: scores, or differences candidate - baseline (mean_difference). binary: scores exactly 0 or 1, differences
 *         exactly -1, 0 or 1. `range` is that of the scores, also for differences. Higher is better: negate values, range and line otherwise.
 * Units:  those of the scores; claim_interval takes a two-sided alpha, claim_bounds one for each side.
 * Limits: too few cases or clusters: the claim is refused, with the number needed. A line at or beyond the end of the range is certain.
 * Errors: none.
 * Source: of each method, its header. */

#include "stats/mcnemar.h"
#include "stats/mean_test.h"

enum { CLAIM_MIN_CASES = 20, CLAIM_MIN_CASES_ABOVE = 100, CLAIM_MIN_DF = 4 };

struct claim_in {
    struct sample sample;
    bool is_binary, is_difference;
    bool is_lopsided; /* from the mean of several runs: skewed though nothing differs, so that both claims need Hall */
    bool
        falls_whole; /* the candidate's own scores are 0 or 1, so that a case that gets worse falls by all of it; of binary ones always */
    struct stat_range range;
    uint64_t min_cases; /* 0 = CLAIM_MIN_CASES */
};

/* The same from sums: of a stream (stats/running.h), or of counts. `passed` of a binary rate; `pairs` of a binary difference. */
struct claim_parts {
    bool is_binary, is_difference, is_lopsided, falls_whole;
    struct stat_range range;
    struct mean mean;
    struct pairs pairs;
    uint64_t passed;
    uint64_t min_cases;
};

struct claim {
    bool is_binary, is_difference;
    bool falls_whole;
    bool uses_mean; /* t and what surrounds it; else counts */
    enum mean_guard guard;
    struct stat_range range; /* of the differences, if so */
    double axis;             /* twice the middle: value + mirrored value */
    struct mean mean;
    struct pairs pairs;            /* of a binary difference */
    uint64_t passed;               /* of a binary rate */
    uint64_t min_below, min_above; /* cases that the claim needs */
};

enum claim_outcome { CLAIM_UNKNOWN, CLAIM_BELOW, CLAIM_ABOVE };

struct claim claim_of(const struct claim_in *in, struct arena *scratch);
struct claim claim_of_parts(const struct claim_parts *parts);

/* For what is better when lower: the same claim with every value turned round its axis (differences and unbounded scores round 0, others round
 * the middle of their range), and numbers there and back. */
struct claim claim_mirror(const struct claim *c);
double claim_mirror_number(const struct claim *c, double number);
struct stat_interval claim_mirror_interval(const struct claim *c, struct stat_interval interval);

/* Why a claim cannot be made whatever the values are: too few cases, clusters that leave too few degrees of freedom. */
bool claim_allows_below(const struct claim *c);
bool claim_allows_above(const struct claim *c);

struct stat_interval claim_interval(const struct claim *c, double alpha);
struct stat_interval claim_bounds(const struct claim *c, double alpha);

/* p = 1 for a claim that is not allowed. */
struct stat_test claim_test(const struct claim *c, double line);

/* What the claim "below" the line could have seen (stats/mde.h), from the noise alone: a distance from the line. Of scores that are 0 or 1, and where nine
 * of ten differences are alike, cases fall whole; else all change a little. False where nothing is known: no standard error, or constant values in
 * an unbounded range. Of differences. alpha: one-sided, divided by the number of claims. */
bool claim_mde(const struct claim *c, double line, double alpha, double power, double *ret);

/* About how many cases would show a mean, that lies `distance` above a line, to do so, if the scores stay as they are. 0 = not known, or too many to say. */
uint64_t claim_cases(const struct claim *c, double distance, double alpha, double power);

/* Below when `below`, its p or what Holm made of it, and the bound agree; above likewise. */
enum claim_outcome claim_decide(const struct claim *c, double line, double alpha, double below_adjusted);

#endif
