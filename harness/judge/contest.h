#ifndef ASSAY_JUDGE_CONTEST_H
#define ASSAY_JUDGE_CONTEST_H

/* The two claims of a gate with confidence about its line, whatever the statistic: one place that knows which test belongs to what, which bound belongs
 * to the test, and which way round the numbers are.
 *
 * Shape:  one of the makers, then contest_decide once Holm has said what is left of the fail claim. The pass claim is not adjusted: all gates must
 *         hold (Berger 1982), but any one fails the run.
 * Units:  of the statistic or the difference, as in the suite; the test inside is turned so that "below" is the fail claim.
 * Rules:  docs/statistics.md; the methods are those of stats/claim.h and stats/exceedance.h.
 * Errors: those of the store, for bounds of a quantile that were sorted on disk. */

#include "base/attr.h"
#include "model/gate.h"
#include "stats/claim.h"
#include "stats/exceedance.h"

struct err;
struct sorter;

enum contest_kind {
    CONTEST_SCORES,   /* rates, means, and their differences */
    CONTEST_QUANTILE, /* of one run: the share of values on the good side of the line, against p */
    CONTEST_RATIO,    /* of two runs' quantiles */
    CONTEST_SHIFT     /* difference of two runs' quantiles */
};

struct contest {
    enum contest_kind kind;
    enum gate_worse worse;
    double line, alpha;    /* alpha one-sided */
    struct stat_test test; /* below = the fail claim, above = the pass claim; p = 1 for what is not allowed */
    bool allows_fail, allows_pass;
    uint64_t needs_fail, needs_pass; /* cases */
    uint64_t n, clusters;
    bool has_too_few_df;
    struct claim claim; /* SCORES: as measured; QUANTILE: of the share */
    struct claim turned;
    double turned_line;
    struct exceedance exceedance; /* RATIO, SHIFT */
    double p;                     /* QUANTILE */
    struct sorter *sorter;        /* of its values; NULL = they are in clusters: no bounds */
};

struct contest contest_of_scores(const struct claim *claim, enum gate_worse worse, double line, double alpha);

/* `share`: of the values at most the line (worse above), or at least the line (worse below). `sorter` holds all values, and outlives the contest. */
struct contest contest_of_quantile(const struct claim *share, double p, struct sorter *sorter, enum gate_worse worse,
                                   double line, double alpha, uint64_t min_cases);

struct contest contest_of_quantiles(const struct exceedance *e, bool is_ratio, enum gate_worse worse, double line,
                                    double alpha, uint64_t min_cases);

/* GATE_HOLDS, GATE_BROKEN or GATE_CANNOT_TELL; ret_bounds: the bound of each claim at the level it was decided at (method NONE: there is none). */
MUST_CHECK bool contest_decide(const struct contest *c, double p_fail_adjusted, enum gate_outcome *ret,
                               struct stat_interval *ret_bounds, struct err *err);

/* Two-sided, to be drawn; of a single quantile it is the summary's. */
struct stat_interval contest_interval(const struct contest *c, double alpha);

/* What a comparison could have seen beyond its line, with so many fail claims (stats/mde.h). Of quantiles: from the width of `drawn`, their interval;
 * of ratios a relative change. False where it is no comparison, or nothing is known. */
bool contest_mde(const struct contest *c, const struct stat_interval *drawn, uint64_t family, double power,
                 double *ret);

#endif
