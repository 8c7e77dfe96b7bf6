#ifndef ASSAY_MODEL_HOW_H
#define ASSAY_MODEL_HOW_H

/* How a figure was reached. Every interval, p and bound carries it and is stored with it, so that what is printed can be recomputed.
 *
 * Words:  the *line* is the number a claim is about. `below` is the claim "the true value lies below the line", `above` is "at or above it".
 *         Higher is better throughout; who measures something lower is better negates values and line.
 * Units:  alpha is two-sided for intervals (each side alpha / 2) and one-sided for bounds, as each function says; for tests it is 0, since a p
 *         does not depend on it. */

#include <stdbool.h>
#include <stdint.h>

#define STAT_METHODS(X)                                                                                                \
    X(NONE, "none")                                                                                                    \
    X(WILSON, "wilson")                                                                                                \
    X(BINOMIAL, "exact binomial")                                                                                      \
    X(T, "t")                                                                                                          \
    X(T_CLUSTERED, "clustered t")                                                                                      \
    X(HALL, "t and hall")                                                                                              \
    X(UNSEEN, "unseen share")                                                                                          \
    X(HULL, "t and unseen share")                                                                                      \
    X(MCNEMAR_MIDP, "mcnemar mid-p")                                                                                   \
    X(MCNEMAR_EXACT, "mcnemar exact")                                                                                  \
    X(TANGO, "tango")                                                                                                  \
    X(TANGO_TAIL, "tango, exact tail")                                                                                 \
    X(ORDER, "order statistics")                                                                                       \
    X(EXCEEDANCE, "exceedance")                                                                                        \
    X(PERMUTATION, "permutation")

#define STAT_METHOD_ENUM(name, text) METHOD_##name,
enum stat_method { STAT_METHODS(STAT_METHOD_ENUM) };
#undef STAT_METHOD_ENUM

const char *stat_method_name(enum stat_method method);

struct stat_how {
    enum stat_method method;
    uint64_t n;   /* cases */
    double df;    /* degrees of freedom; 0 = the method has none */
    double alpha; /* 0 = none */
};

/* From lo to hi; a side that cannot be had is absent (has_lo, has_hi false) and its number is 0. */
struct stat_interval {
    struct stat_how how;
    bool has_lo, has_hi;
    double lo, hi;
};

/* p of the two claims about a line, and of "differs from it". `statistic` is z, t or a count, as the test says. */
struct stat_test {
    struct stat_how how;
    double statistic;
    double below, above, two_sided;
};

/* Never less than no evidence, from the p of both sides: the central two-sided p. */
double stat_two_sided(double below, double above);

/* What a quantity can be: values from lo to hi (is_bounded), or anything. Differences of x in lo..hi lie in lo-hi..hi-lo. */
struct stat_range {
    bool is_bounded;
    double lo, hi;
};

#endif
