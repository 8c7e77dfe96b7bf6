#ifndef ASSAY_JUDGE_VALUES_H
#define ASSAY_JUDGE_VALUES_H

/* The reduced numbers of the cases of several runs, side by side: what comparisons, baselines and self-tests calculate with.
 *
 * Shape:  one case_table for all runs that meet (a row is a case of one content: id and digest; content that changed between runs gives two rows of
 *         one id, linked in a ring), then values_read for each run, then values_stat for a statistic as one number a row. paired.h joins them.
 *         Tags and cluster are those of the run that was read first: read the candidate before its baseline.
 * Units:  of a judged dimension units 0..1, of a measure raw values, shares 0..1. Errored cases and what was not scored are no numbers: NAN.
 * Limits: memory: about 90 bytes a case, and a run 21 bytes a case and 16 more for each dimension that is wanted (8 without a pass). 4e9 cases.
 *         Each run costs one pass over its samples in the store.
 * Errors: those of the store. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/digest.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "data/gate_expr.h"
#include "data/value.h"
#include "judge/trials.h"
#include "model/how.h"
#include "model/record.h"
#include "stats/classes.h"
#include "stats/mean.h"

struct err;
struct store;

/* Not an enum: its values would have to fit an int. */
#define CASE_NO_ROW UINT32_MAX
#define CASE_OWN_CLUSTER UINT32_MAX
#define CASE_NO_LABEL UINT32_MAX

struct case_table {
    struct arena *arena;
    size_t count, cap;
    struct str *ids;
    struct digest *digests;
    uint32_t *clusters; /* index into cluster_names; CASE_OWN_CLUSTER = a case of its own */
    uint32_t *tags;     /* index into tag_lists: equal lists are one */
    uint32_t *ring;     /* the next row of the same id; itself when there is one content */
    uint32_t *slots;    /* by hash of the id: a row, plus one */
    size_t slot_count;  /* a power of two */
    VEC(struct value) tag_lists;
    VEC(struct str) cluster_names;
    VEC(struct str) labels; /* of classes */
    struct map tag_numbers, cluster_numbers, label_numbers;
    VEC(struct str) tag_texts; /* of tag_lists */
    uint32_t last_tags;        /* number of the list seen last */
};

void case_table_init(struct case_table *t,
                     struct arena *arena); /* the arena lives as long as the table and what is read into it */
bool case_table_has_tag(const struct case_table *t, size_t row, struct str tag);
bool case_table_in(const struct case_table *t, size_t row, const struct stat_filter *filter); /* tag and cluster */

/* The clusters of some rows, numbered anew for stats/mean.h, each case of its own among them. NULL when no two share one. */
uint32_t *case_table_clusters(const struct case_table *t, const uint32_t *rows, size_t count, struct arena *arena,
                              uint32_t *ret_count);

enum case_state {
    CASE_ABSENT, /* the run does not have it */
    CASE_ERRORED,
    CASE_NO_PASS, /* scored; nothing in it passes or fails */
    CASE_PASSED,
    CASE_FAILED
};

/* A trial of a classifier: labels by number; answered CASE_NO_LABEL = none of the classes. */
struct value_class {
    uint32_t row, wanted, answered;
};

struct value_column {
    double *values;                  /* by row; NAN = none */
    uint32_t *with_pass, *passed;    /* trials, by row; NULL when the dimension has no pass */
    VEC(struct value_class) classes; /* in order of the run */
};

struct run_values {
    const struct run_record *run;
    struct reduction reduction;
    const struct dimension *dimensions; /* the run's, then those of the call's measures that it has not among its own */
    size_t dimension_count;
    struct value_column *columns; /* by dimension; values NULL = not wanted */
    uint8_t *states;              /* enum case_state, by row */
    uint32_t *ordinals;           /* place in the run's plan, by row */
    double *scores;               /* of the cases; NAN = none */
    uint32_t *with_pass, *passed; /* samples of the cases that pass or fail; those that pass */
    size_t count;                 /* rows of the table when this run had been read: later ones are absent */
    uint64_t cases, errored;      /* cases that the run has, those of them without scored trials */
    uint64_t samples, errors;
    bool has_cost; /* where a measure of the call was wanted: of all samples together */
    struct num_sum cost_usd;
};

/* Whether a dimension is to be read; NULL as the function = all. `like`: trials are reduced as this says (a baseline as its candidate), its number of
 * trials aside; NULL = as the run's header says. */
struct values_want {
    bool (*dimension)(const void *context, const struct dimension *d);
    const void *context;
    const struct reduction *like;
    struct run_pool pool; /* counted as further trials of this run */
    bool classes;         /* what classifiers answered, too: 12 bytes a trial */
};

MUST_CHECK bool values_read(struct case_table *t, struct store *store, const struct run_record *run,
                            struct values_want want, struct run_values *ret, struct err *err);
/* The same in an arena of its own: for whoever looks at many runs, one after the other. */
MUST_CHECK bool values_read_in(struct arena *arena, struct case_table *t, struct store *store,
                               const struct run_record *run, struct values_want want, struct run_values *ret,
                               struct err *err);

enum case_state values_state(const struct run_values *v, size_t row);
const struct dimension *values_dimension(const struct run_values *v, struct str name,
                                         size_t *ret_at); /* NULL = unknown */

/* One number a row of the table, NAN where there is none: mean and quantiles (the value), pass_rate (the share of passed trials), pass@k, pass^k of a
 * dimension; bare pass_rate (1 or 0) and score. The filter is not looked at. False when the run does not have the dimension, did not read it, or
 * it has no pass that the statistic needs, or it is another statistic. */
MUST_CHECK bool values_stat(const struct case_table *t, const struct run_values *v, const struct stat_ref *stat,
                            double *ret);

/* The numbers that there are, of the cases that a filter selects, as stats/ wants them; `numbers` by row. ret_rows may be NULL. */
struct sample values_sample(const struct case_table *t, const double *numbers, const struct stat_filter *filter,
                            struct arena *arena, uint32_t **ret_rows);

/* What a classifier was asked and answered, over the same cases. False when the run has no classes in this dimension. */
bool values_classes(const struct case_table *t, const struct run_values *v, struct str dimension,
                    const struct stat_filter *filter, struct arena *arena, struct classes *ret);

/* What the numbers of values_stat can be, before they are seen: binary (each 0 or 1), bounded, unbounded. */
struct values_type {
    bool is_binary;
    struct stat_range range;
};
struct values_type values_type_of(const struct run_values *v, const struct stat_ref *stat);

#endif
