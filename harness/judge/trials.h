#ifndef ASSAY_JUDGE_TRIALS_H
#define ASSAY_JUDGE_TRIALS_H

/* A run's samples gathered case by case, and each case's trials reduced to its numbers (docs/contracts.md, A). The one place that reduces trials:
 * verdicts, comparisons and histories all count what comes from here.
 *
 * Shape:  trials_open, then trials_next until there is none: cases in plan order, those that have a sample.
 * Units:  values: of a judged dimension the unit 0..1, of a measure the raw number. Counts are trials.
 * Limits: holds one case, and what the store reads ahead.
 * Errors: those of the store; ERR_IO for a score in a dimension that the run does not have. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/str.h"
#include "base/vec.h"
#include "judge/pooled.h"
#include "model/record.h"
#include "model/suite.h"

struct err;
struct store;

/* How the trials of a case become one. */
struct reduction {
    enum reduce_kind reduce;
    enum pass_trials_kind pass_trials;
    uint32_t pass_trials_count;
    uint32_t trials; /* planned, at least 1 */
    bool is_partial; /* then trials that are not there are not missed */
};

struct reduction reduction_of_suite(const struct suite *suite, uint32_t trials, bool is_partial);

/* As the run's header says it (what an export and a copy on Opper carry); a header without it, of before it was written there: mean, all. An
 * interrupted run is partial; one that is still running is taken as complete, since it is about to be judged. */
MUST_CHECK bool reduction_of_run(const struct run_record *run, uint32_t trials, struct reduction *ret, struct err *err);

/* Whether what trials of that dimension become is 0 or 1 whatever they are: then counts decide, not t. */
bool reduced_is_binary(const struct dimension *d, enum reduce_kind reduce, uint32_t trials);

/* Trials with a pass that a case needs for pass@k, or for pass^k (is_all): it asks for all that were planned. */
uint32_t pass_k_needs(const struct reduction *r, uint32_t k, bool is_all);

struct class_trial {
    struct str answered, wanted;
};

/* One dimension of the case at hand. */
struct dimension_trials {
    bool is_touched;
    bool has_value; /* a case that is errored has none */
    double value;   /* reduced */
    uint32_t with_pass, passed, not_scored;
    VEC(struct class_trial) classes; /* only with wants_classes */
    VEC(double) values;              /* of the trials; their order is lost */
};

struct case_trials {
    uint64_t ordinal;
    struct str id, tags, cluster; /* with `cases`; tags: JSON list; cluster.ptr NULL = its own */
    struct digest digest;
    uint32_t samples, errors;
    uint32_t passed, failed; /* of the scored samples: those that pass, that fail */
    bool is_errored;         /* no scored trial, or one too few for how they are reduced: only counts say something */
    bool has_score, has_pass, passes;
    double score;
    bool has_cost; /* with `measures`: of all its samples together, errored ones too */
    double cost_usd;
    const uint32_t *touched; /* indices of the dimensions that got a score */
    size_t touched_count;
    const struct dimension_trials
        *dimensions; /* by the run's indices; with `measures` the call's behind them, by enum call_measure */
};

struct trials_wants {
    const bool *classes;  /* by the run's dimensions: which of them need `classes`; NULL = none */
    struct run_pool pool; /* runs whose samples count as further trials; `reduction.trials` counts them all */
    bool cases, measures; /* measures of the call are stored for every sample, whether a scorer names them or not */
};

struct trials {
    const struct run_record *run;
    struct trials_wants wants;
    struct reduction reduction;
    struct arena room;   /* of arrays that grow: kept over cases */
    struct arena labels; /* of the case at hand */
    struct sample_cursor samples;
    struct sample_record held; /* the first sample of the next case */
    bool has_held;
    VEC(double) scores;
    uint32_t *touched;
    struct dimension_trials *dimensions;
    struct case_trials at_hand;
};

/* `run` and what `wants` points to are borrowed. */
MUST_CHECK bool trials_open(struct trials *t, struct store *store, const struct run_record *run,
                            struct reduction reduction, struct trials_wants wants, struct err *err);
/* *ret = NULL at the end; else it lives until the next call. */
MUST_CHECK bool trials_next(struct trials *t, const struct case_trials **ret, struct err *err);
void trials_close(struct trials *t); /* for CLEANUP; {0} is fine */

#endif
