#ifndef ASSAY_MODEL_SUMMARY_H
#define ASSAY_MODEL_SUMMARY_H

/* What a run came to: made once by judge/, stored as JSON with the run, and read back by everything that prints, exports or returns it. So
 * the printed verdict, the report and the exit code cannot differ. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/dimension.h"
#include "model/gate.h"
#include "model/verdict.h"

struct dimension_summary {
    struct str name;
    enum dimension_kind kind;
    enum dimension_direction direction;
    uint64_t n_cases;    /* cases with at least one score */
    uint64_t not_scored; /* samples */
    bool has_mean, has_pass_rate;
    double mean;      /* over cases, after reducing trials; valid when has_mean, as are min, max and sum */
    double pass_rate; /* mean over cases of the share of passed trials */
    double min, max, sum;
    bool has_stddev; /* two cases or more */
    double stddev;
    double p50, p95;   /* measures; valid when has_mean */
    uint64_t n_passed; /* cases whose every scored trial passed */
};

/* A case that was selected and not run: `skip: reason`. It has no sample. */
struct skipped_case {
    uint64_t ordinal;
    struct str id, digest; /* digest: 64 hex digits */
    struct str tags;       /* JSON list of texts */
    struct str cluster;    /* ptr NULL = its own */
    struct str reason;
};

struct summary {
    struct str suite, variant, run_id;
    uint64_t planned_samples, samples;                                     /* recorded */
    uint64_t n_cases, n_passed, n_failed, n_errored, n_no_pass, n_skipped; /* cases */
    uint64_t errors;                                                       /* errored samples */
    uint32_t trials;                                                       /* planned, of each case */
    bool has_score, has_pass_rate;
    double score; /* mean of case scores */
    double pass_rate;
    int span_score; /* of the root; -1 = null */
    int64_t started_unix_ms, finished_unix_ms;
    struct dimension_summary *dimensions;
    size_t dimension_count;
    struct gate_result *gates;
    size_t gate_count;
    struct skipped_case *skipped; /* all: they are written in the suite, so there are not many */
    size_t skipped_count;
    enum verdict verdict;
    struct str reason; /* one sentence: the last line says it */
    bool is_partial;   /* interrupted: not every planned sample is there */
};

#endif
