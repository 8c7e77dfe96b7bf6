#ifndef ASSAY_MODEL_HISTORY_H
#define ASSAY_MODEL_HISTORY_H

/* The runs of one suite and variant over time: made by judge/history, shown by the terminal, as JSON, and by whatever draws. Everything is here as it
 * is to be said; nobody computes it again.
 *
 * Words:  a *stretch* is a part of the series within which figures may be compared: common cases, the same scorers. Where one begins, `breaks`
 *         says why. The cases of a stretch are those that every run of it has, with equal content.
 * Shape:  runs oldest first; points, breaks and changes name them by their place.
 * Units:  of the statistic (shares 0..1, ms, ...). Intervals are two-sided 95 %. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/dimension.h"
#include "model/how.h"
#include "model/labels.h"
#include "model/verdict.h"

struct history_run {
    struct str id;
    int64_t started_unix_ms, finished_unix_ms;
    struct str commit, branch; /* ptr NULL = not known */
    enum tree_state tree;
    enum verdict verdict;
    bool has_figures; /* it came to a verdict (passed, failed): others are shown, and are in no figure */
    uint64_t attempt; /* how often this suite, commit and variant was judged by then; 0 = not known */
    uint32_t trials;
    bool suite_changed; /* its suite's text is another than that of the run before */
    /* against the run before: cases that are new, gone, or of the same id with other content */
    uint64_t cases_added, cases_removed, cases_changed;
    uint64_t cases;   /* of its stretch */
    bool has_stretch; /* a stretch begins here, because too few cases are in common; false for the first run */
};

struct history_point {
    bool has_value;
    double value;
    uint64_t n;                    /* cases behind it */
    uint64_t missing;              /* cases of the stretch without a value: errored, not scored, or not meant */
    struct stat_interval interval; /* how.method NONE = there is none */
    bool has_change;
    double change; /* to the figure before, in this stretch */
};

struct history_break {
    size_t at; /* the first run of the new stretch */
    struct str why;
};

struct history_change {
    size_t at; /* the first run at the new level */
    double before, after, p;
};

/* A case that passes and fails by turns in one version. */
struct history_flake {
    struct str case_id;
    size_t first, last; /* runs of that version, from its first to its last */
    uint64_t samples, passed;
    double rate; /* chance that two runs differ */
    struct stat_interval pass_rate;
};

struct history_series {
    struct str stat;      /* "answer.pass_rate", "pass_rate", "latency_ms.p95[tag=easy]" */
    struct str dimension; /* ptr NULL = of whole samples */
    bool is_share;        /* of cases or trials: to be shown in per cent */
    enum dimension_direction direction;
    struct history_point *points; /* one a run */
    struct history_break *breaks;
    size_t break_count;
    struct history_change *changes;
    size_t change_count;
    bool is_too_short;            /* for changes to be looked for: no stretch has so many runs */
    bool has_flips;               /* two samples of one version, of some case, pass or fail */
    double flips;                 /* phi: mean chance that two runs differ on a case, though nothing was changed */
    uint64_t flip_cases;          /* cases (of each version) that it is the mean of */
    struct history_flake *flakes; /* the most flaky first */
    size_t flake_count;
    uint64_t flakes_total; /* listed or not */
};

struct history {
    struct str suite, variant;
    struct history_run *runs;
    size_t run_count;
    struct history_series *series;
    size_t series_count;
    uint64_t seed; /* of the permutations */
};

#endif
