#ifndef ASSAY_MODEL_COMPARISON_H
#define ASSAY_MODEL_COMPARISON_H

/* Several runs beside each other, as `assay compare` shows them: made once by judge/compare, written by reporters/compare_*. The first run is the
 * base, every other one a candidate that is compared with it, case by case.
 *
 * Units:  those of the statistic: rates and units 0..1, measures raw. A difference is candidate - base, a ratio candidate / base, both over the cases
 *         that pair; figures are over all cases of their run. Nothing is mirrored: where lower is better, better is a negative difference.
 * Words:  a claim ("better", "worse") is made only for statistics of the family: p two-sided, adjusted by Holm over family claims (dimensions x
 *         candidates x tables), at most alpha, with the interval at that level on the same side. Everything else is shown without a claim.
 * Limits: holds names and numbers of cases, never their texts: outputs of flips are read one after the other. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/dimension.h"
#include "model/how.h"
#include "model/record.h"

struct arena;
struct err;

/* One run's own figure, over all its cases (of a tag). */
struct compared_figure {
    bool has_value;
    double value;
    uint64_t n;                    /* cases behind it */
    struct stat_interval interval; /* two-sided 95 %; method NONE = there is none */
};

enum compared_word {
    COMPARED_NO_CLAIM,    /* not of the family, or not comparable: nothing is claimed */
    COMPARED_CANNOT_TELL, /* neither is shown */
    COMPARED_BETTER,
    COMPARED_WORSE,
    COMPARED_HIGHER, /* of a dimension without direction */
    COMPARED_LOWER
};
const char *compared_word(enum compared_word word); /* "better", "cannot_tell", ...; "none" */

/* A candidate beside the base, in one statistic, over the pairs: cases that both have with equal content and a value. */
struct compared_difference {
    struct str why_not; /* not comparable: a clause; ptr NULL = it is */
    uint64_t n;         /* pairs */
    uint64_t clusters;  /* of the pairs; 0 = every case its own */
    bool has_value;     /* n > 0 */
    double base, candidate, difference;
    struct stat_interval interval; /* of the difference, or of the ratio */
    bool has_ratio;                /* quantiles: then interval is the ratio's */
    double ratio;
    bool is_binary; /* then: pairs that only the candidate, only the base has right */
    uint64_t only_candidate, only_base;
    bool is_same; /* not a single pair differs: more than a difference of 0 */
    bool has_p;   /* tested against "no difference" */
    struct stat_how how;
    double statistic, p; /* two-sided */
    bool has_exact;      /* McNemar's exact p, beside the mid-p */
    double p_exact;
    bool in_family;
    double p_adjusted;
    uint64_t needed; /* pairs that a claim takes, when there are fewer; 0 = enough */
    struct str hint; /* why no claim can be made whatever the values are: a clause; ptr NULL = one can */
    bool has_mde;
    double mde; /* the change that could have been seen, either way, with 80 % power */
    enum compared_word word;
    uint64_t errored_base, errored_candidate, errored_both, not_scored; /* cases of both that make no pair here */
};

/* A row of the table: one statistic of a dimension. */
struct compared_stat {
    struct str dimension; /* ptr NULL = of the whole case */
    struct str name;      /* "mean", "pass_rate", "p95", "pass^3", "f1_macro", "recall" */
    struct str label;     /* of recall and precision: the class; else ptr NULL */
    enum dimension_kind kind;
    enum dimension_direction direction;
    bool is_share;        /* shown in per cent */
    bool in_family;       /* claims are made about it */
    bool is_call_measure; /* latency, cost, tokens of the call */
    struct stat_range
        range; /* of the figures; differences lie in lo - hi .. hi - lo. Intervals are clipped to it where they are shown */
    struct compared_figure *figures;         /* by run */
    struct compared_difference *differences; /* by run; that of the base is empty */
};

struct compared_table {
    struct str tag; /* ptr NULL = all cases */
    struct compared_stat *stats;
    size_t stat_count;
};

struct case_names {
    struct str *ids; /* in order of the run */
    size_t count;
};

/* A case of which both runs have a verdict, and not the same one. */
struct compared_flip {
    uint32_t row;
    bool is_worse; /* passed in the base, fails now */
    double loss;   /* base's case score less the candidate's; of several dimensions named, the largest of theirs */
    struct str case_id;
};

/* What the two runs said to a flipped case: the first sample of each that shows why. */
struct flip_samples {
    bool has_base, has_candidate;
    struct sample_record base, candidate; /* scores by the runs' own dimensions */
};

struct compared_run {
    const struct run_record *run;
    struct str name;   /* as short as it can be told from the others */
    struct str source; /* the operand it came from */
    struct str labels; /* JSON map, of its invocation */
    uint64_t cases, errored, samples, errors;
    bool has_cost;
    double cost_usd; /* of all samples together */
    uint32_t trials;

    /* Of a candidate: how its cases meet the base's. */
    struct str why_not; /* no case of it can be compared: a sentence; ptr NULL = some can */
    uint64_t both;
    struct case_names only_base, only_candidate, changed;
    struct case_names errored_base, errored_candidate, errored_both; /* of both */
    struct str *other_dimensions; /* not compared: only one side has them, or the scorer changed; "name: why" */
    size_t other_dimension_count;
    uint64_t flips_worse, flips_better; /* all of them */
    struct compared_flip *flips; /* those that are shown: worse ones first, largest loss first; then better ones */
    size_t flip_count;
};

struct comparison {
    struct str suite;
    struct compared_run *runs; /* the first is the base */
    size_t run_count;
    double alpha;                  /* 0.05 */
    uint64_t family;               /* claims: dimensions x candidates x tables */
    struct compared_table *tables; /* the first is of all cases (of --tag) */
    size_t table_count;
    struct str tag; /* ptr NULL = all cases */
    /* The samples of a flip of a candidate, in an arena that the caller empties. */
    bool (*samples)(void *ctx, size_t candidate, const struct compared_flip *flip, struct arena *arena,
                    struct flip_samples *ret, struct err *err);
    void *ctx;
};

#endif
