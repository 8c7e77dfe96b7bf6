#ifndef ASSAY_MODEL_SUITE_H
#define ASSAY_MODEL_SUITE_H

/* A suite, loaded and checked: immutable from then on. Made by suites/load; everything lives in the run arena. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"
#include "data/field.h"
#include "data/template.h"
#include "data/value.h"
#include "model/baseline.h"
#include "model/dimension.h"
#include "model/gate.h"
#include "model/recording.h"

struct case_spec;    /* suites/: a case as written */
struct dataset_spec; /* suites/: the data file and its mapping */
struct scorer_use;   /* scorers/scorer.h */
struct target_type;  /* targets/target.h */
struct environment;

enum reduce_kind { REDUCE_MEAN, REDUCE_MEDIAN, REDUCE_MAX, REDUCE_MIN };
extern const char *const REDUCE_WORDS[]; /* by enum, NULL-ended */

/* `pass_trials`: a case passes when all, any, or at least `count` of its trials pass. */
enum pass_trials_kind { PASS_TRIALS_ALL, PASS_TRIALS_ANY, PASS_TRIALS_COUNT };

enum error_policy { ON_ERROR_ERROR, ON_ERROR_FAIL };

struct variant {
    struct str name; /* "default" when the suite has no variants */
    const struct target_type *type;
    const void *options; /* decoded by the type's rows */
    struct value spec;   /* the target's map after overrides, as written: digest and header */
    struct digest digest;
    uint32_t *dimensions; /* measures that this target declares: indices into suite->dimensions */
    size_t dimension_count;
    struct src_pos pos;
};

/* A file as it was read. */
struct suite_file {
    const char *path; /* as opened */
    struct str text;
    struct digest digest;
};

struct suite {
    struct str name, description;
    const char *path;         /* as the user wrote it */
    const char *dir;          /* absolute folder of the suite file: cwd of commands, base of relative paths */
    struct suite_file *files; /* the suite first, then its includes in order */
    size_t file_count;
    struct digest digest;

    struct variant *variants; /* at least one */
    size_t variant_count;
    bool has_variants; /* written, not the implied "default" */

    uint32_t trials, concurrency, retries;
    bool retries_is_set;
    double rate_per_s;                               /* 0 = none */
    int64_t timeout_ns, deadline_ns, budget_time_ns; /* 0 = none (timeout: default of the target) */
    double budget_cost_usd;                          /* 0 = none */
    struct field_share allow_errors;                 /* default: count 0 */
    enum error_policy on_exit, on_timeout, on_output_limit;
    enum reduce_kind reduce;
    enum pass_trials_kind pass_trials;
    uint32_t pass_trials_count;
    bool has_pass_score;
    double pass_score;

    struct value vars; /* a map, expanded at load: suite vars may hold templates of env only, and --set replaces them */
    struct template *vars_template, *labels_template; /* as written; NULL = none */
    struct dataset_spec *dataset;                     /* NULL = none */
    struct case_spec *cases;
    size_t case_count;

    const struct scorer_use **scorers; /* for every case */
    size_t scorer_count;
    struct dimension *dimensions; /* of all scorers, of cases' own scorers, of targets; names unique */
    size_t dimension_count;

    struct gate *gates;
    size_t gate_count;
    const struct baseline_list *baseline; /* NULL = none; gates may have their own */

    const char *const *setup, *const *teardown; /* argv, NULL-ended; NULL = none */
    struct record_options record;               /* as written; the rest is its defaults */
    struct value labels;                        /* a map of texts, env templates expanded */
    /* NULL = offline: names stand for themselves ($NAME), nothing may be run. What vars are made from is read once, even when the run is resumed
     * later; what commands see is as it is now. */
    const struct environment *env, *vars_env;
};

const struct variant *suite_variant(const struct suite *s, struct str name); /* NULL when unknown */

#endif
