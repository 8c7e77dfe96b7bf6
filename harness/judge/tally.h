#ifndef ASSAY_JUDGE_TALLY_H
#define ASSAY_JUDGE_TALLY_H

/* The figures of one run, counted in one pass over its samples in plan order. What is held: the counters, and the trials of the case at hand.
 *
 * Shape:  tally_new, tally_want for every statistic that a gate names, tally_run once, then tally_stat any number of times.
 * Limits: memory grows with dimensions x filters, with the labels of a classifier and with the clusters of cases; never with cases. Quantiles
 *         go through the store's sorter, which goes to disk.
 * Errors: those of the store.
 *
 * A case's trials are reduced first (contract A); then the case is the unit. Errored samples are out of every statistic but the counts. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "data/gate_expr.h"
#include "judge/pooled.h"
#include "model/record.h"
#include "model/suite.h"
#include "stats/classes.h"
#include "stats/estimate.h"
#include "stats/quantile.h"
#include "stats/running.h"

struct arena;
struct err;
struct store;

/* A quantile, and what it would be had every errored case come out lowest (highest). Infinite where the scale has no end. */
struct quantile_tally {
    double p, value, lowest, highest;
    struct stat_interval interval; /* two-sided 95 %, of cases that are not in clusters */
};

/* For a claim about a quantile: the share of cases on the good side of its line. */
struct line_tally {
    double line;
    bool is_at_most; /* at most the line, else at least */
    struct running share;
};

/* pass@k, or pass^k (is_all). */
struct pass_k_tally {
    uint32_t k;
    bool is_all;
    uint64_t too_few; /* scored cases with too few trials for it: errored, as far as this statistic goes */
    struct running cases;
};

struct dimension_tally {
    struct running values; /* judged: units; measures: raw */
    struct running passes; /* the share of passed trials of each case */
    uint64_t passed_cases; /* every trial passed */
    uint64_t not_scored;   /* samples */
    struct quantile_tally *quantiles;
    size_t quantile_count, quantile_cap;
    VEC(struct line_tally) lines; /* with any, the sorter stays until tally_close */
    struct pass_k_tally *pass_ks;
    size_t pass_k_count, pass_k_cap;
    bool wants_classes; /* for a gate: all of them, however many there are */
    bool shows_classes; /* for the summary: up to TALLY_SHOWN_CLASSES */
    struct classes classes;
    struct sorter *sorter;
};

/* The cases that a filter selects. */
struct group_tally {
    struct str tag, cluster; /* ptr NULL = any */
    uint64_t cases, samples, errors;
    uint64_t passed, failed, no_pass, errored; /* cases */
    struct running scores;                     /* of cases */
    struct running case_passes;                /* 1 or 0, of cases that pass or fail */
    struct dimension_tally *dimensions;        /* by the tally's indices */
};

struct tally {
    const struct suite *suite;
    const struct run_record *run;
    uint32_t trials;      /* planned */
    bool is_partial;      /* then trials that are not there are not missed */
    struct run_pool pool; /* counted as further trials; set before tally_run, with `trials` for all of them */
    struct arena *arena;
    const struct dimension *dimensions; /* the run's, then those of the call's measures that it has not among its own */
    size_t dimension_count;
    size_t *places; /* by judge/trials.h: where it is counted */
    bool wants_measures;
    struct group_tally **groups; /* the first has no filter */
    size_t group_count, group_cap;
    bool has_clusters;          /* a case of the plan names one */
    struct map cluster_numbers; /* by name: uint32_t */
    uint32_t cluster_count;
    uint64_t alone; /* cases that name none */
};

enum { TALLY_SHOWN_CLASSES = 500 };
extern const double SUMMARY_ALPHA; /* of the intervals in a summary, two-sided: 0.05 */

struct tally *tally_new(struct arena *arena, const struct suite *suite, const struct run_record *run, uint32_t trials,
                        bool is_partial);
void tally_want(struct tally *t, const struct stat_ref *stat);
void tally_want_quantile(struct tally *t, uint32_t dimension, double p); /* of all cases, as the next */
void tally_want_classes(struct tally *t, uint32_t dimension);            /* to be shown */
void tally_want_line(struct tally *t, const struct stat_ref *stat, double line, bool is_at_most);
MUST_CHECK bool tally_run(struct tally *t, struct store *store, struct err *err);

void tally_close(struct tally *t); /* frees what was sorted */

/* The group of a filter (variant and label do not matter here); NULL when nobody wanted it. */
const struct group_tally *tally_group(const struct tally *t, const struct stat_filter *filter);
bool tally_dimension(const struct tally *t, struct str name, uint32_t *ret);
const struct quantile_tally *tally_quantile(const struct dimension_tally *d, double p);
const struct line_tally *tally_line(const struct dimension_tally *d, double line, bool is_at_most);
const struct pass_k_tally *tally_pass_k(const struct dimension_tally *d, enum stat_kind kind, uint32_t k);

/* Whether a case's reduced value of a dimension is always 0 or 1. */
bool tally_is_binary(const struct tally *t, uint32_t dimension);

/* The scale of a dimension: infinite ends where it has none. */
void dimension_scale(const struct dimension *d, double *ret_lo, double *ret_hi);

#endif
