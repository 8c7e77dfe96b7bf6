#ifndef ASSAY_SUITES_SPEC_H
#define ASSAY_SUITES_SPEC_H

/* Private to suites/: what a suite file says, decoded by the field tables (rows.c) but not yet checked against anything else. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "data/field.h"
#include "model/recording.h"

struct scorer_use;
struct template;
struct value;

/* A case as written. Texts are in the run arena. */
struct case_spec {
    struct str id;                            /* as written, or derived once the case has been tried at load */
    struct template *input, *expected, *vars; /* NULL = none */
    struct field_texts tags;
    struct str cluster, skip; /* ptr NULL = none */
    int64_t timeout_ns;       /* 0 = the target's */
    const struct value *scorer_nodes;
    struct scorer_use **scorers;
    size_t scorer_count;
    struct src_pos pos;
};

enum dataset_format { DATASET_BY_ENDING = -1, DATASET_JSONL, DATASET_CSV, DATASET_TSV };

struct dataset_spec {
    struct str file;
    int format; /* enum dataset_format; never DATASET_BY_ENDING once loaded */
    struct template *id, *input, *expected, *vars, *tags, *cluster;
    uint64_t limit, sample, seed; /* 0 = all */
    struct src_pos pos;
    const char *path; /* to open, and for messages: from the suite's folder as the user wrote it */
    struct str stem;
};

struct budget_spec {
    double cost_usd;
    int64_t time_ns;
};

struct on_error_spec { /* each: enum error_policy */
    int exit, timeout, output_limit;
};

struct pass_trials_spec {
    int kind; /* enum pass_trials_kind */
    uint32_t count;
};

struct suite_spec {
    struct str name, description;
    const struct value *target, *variants, *dataset, *cases, *scorers, *gates,
        *baseline; /* decoded in their own files */
    uint64_t trials, concurrency, retries;
    bool retries_is_set;
    double rate_per_s;
    int64_t timeout_ns, deadline_ns;
    struct budget_spec budget;
    struct field_share allow_errors;
    struct on_error_spec on_error;
    int reduce;
    struct pass_trials_spec pass_trials;
    struct field_number pass_score;
    struct template *vars, *labels;
    struct field_texts setup, teardown, include;
    struct record_options record;
};

struct gate_spec {
    struct str text;
    int severity;        /* enum gate_severity */
    int on_inconclusive; /* -1 = as the form says, 0 = pass, 1 = fail */
    uint64_t min_cases;
    const struct value *baseline;
};

enum { BASELINE_MISSING_FAIL, BASELINE_MISSING_SKIP };

struct baseline_spec {
    struct str file, run, label, variant; /* ptr NULL = not given */
    struct {
        struct str label;
    } opper;
    uint64_t runs;
    struct field_share min_overlap;
    int missing;
};

/* What an included file may say: the same keys as in the suite. */
struct include_spec {
    const struct value *scorers, *cases;
    struct field_texts include;
};

extern const struct field INCLUDE_ROWS[], CASE_ROWS[], DATASET_ROWS[], GATE_ROWS[], BASELINE_ROWS[];

#endif
