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

/* A class of a `one_of`. Counts are cases: the trials of one share its weight. */
struct class_summary {
    struct str label;
    double wanted, answered, right;
    bool has_recall, has_precision, has_f1; /* wanted > 0, answered > 0, either */
    double recall, precision, f1;
};

/* How often a class was wanted and this one answered. Cells of 0 are left out. */
struct confusion_cell {
    int32_t wanted, answered; /* places in the classes; answered -1 = none of them */
    double cases;
};

/* An interval whose how.method is METHOD_NONE is not there: too few cases, or nothing to tell from. They are two-sided 95 %. */
struct dimension_summary {
    struct str name;
    enum dimension_kind kind;
    enum dimension_type type;
    double lo, hi; /* TYPE_BOUNDED */
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
    struct stat_interval mean_interval, pass_rate_interval, p50_interval, p95_interval;
    struct class_summary *classes; /* of a one_of that knows which class is wanted; in the order they appeared */
    size_t class_count;
    struct confusion_cell *confusion; /* by wanted, then answered; none where there are too many classes */
    size_t confusion_count;
    bool has_f1_macro;
    double f1_macro;
};

/* A case that was selected and not run: `skip: reason`. It has no sample. */
struct skipped_case {
    uint64_t ordinal;
    struct str id, digest; /* digest: 64 hex digits */
    struct str tags;       /* JSON list of texts */
    struct str cluster;    /* ptr NULL = its own */
    struct str reason;
};

enum baseline_state {
    BASELINE_USED,
    BASELINE_SKIPPED,       /* none found, and `missing: skip`: gates against it are not judged */
    BASELINE_MISSING,       /* none found */
    BASELINE_NOT_COMPARABLE /* too few of its cases are those of this run */
};
extern const char *const BASELINE_STATE_WORDS[]; /* NULL-ended */

/* A baseline that gates were judged against, or would have been. Counts are the baseline's cases, over all of its runs. */
struct baseline_summary {
    enum baseline_state state;
    struct str source; /* as people write it: "baselines/math.jsonl", "branch=main" */
    struct str reason; /* a sentence, when it was not used */
    struct str *runs;  /* ids, newest first */
    size_t run_count;
    struct str commit;         /* of the newest run; empty = not known */
    int64_t finished_unix_ms;  /* of the newest run; 0 = not known */
    uint64_t runs_since;       /* finished runs of the same suite and variant since then */
    uint64_t cases, common;    /* of the baseline; of those, how many are cases of this run with equal content */
    uint64_t changed, missing; /* the rest: content changed; not in this run */
    uint64_t added;            /* cases of this run that the baseline does not have */
    struct str *dimensions;    /* not compared: their scorers changed, or only one side has them */
    size_t dimension_count;
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
    struct stat_interval score_interval, pass_rate_interval;
    uint64_t clusters; /* of the cases; 0 = none were given, every case is its own */
    uint64_t attempt;  /* how often the same suite, commit and variant was judged by now, from 1; 0 = not known */
    uint64_t pooled;   /* runs whose trials were taken together; 0 and 1 = this one alone */
    int span_score;    /* of the root; -1 = null */
    int64_t started_unix_ms, finished_unix_ms;
    struct dimension_summary *dimensions;
    size_t dimension_count;
    struct gate_result *gates;
    size_t gate_count;
    struct baseline_summary *baselines;
    size_t baseline_count;
    struct str *warnings; /* sentences: an old baseline, the third attempt */
    size_t warning_count;
    struct skipped_case *skipped; /* all: they are written in the suite, so there are not many */
    size_t skipped_count;
    enum verdict verdict;
    struct str reason; /* one sentence: the last line says it */
    bool is_partial;   /* interrupted: not every planned sample is there */
};

#endif
