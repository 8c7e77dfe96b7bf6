#ifndef ASSAY_JUDGE_JUDGE_H
#define ASSAY_JUDGE_JUDGE_H

/* From the store to summary and verdict: the one place that decides. Reads samples in plan order, streams, and holds no run in memory.
 *
 * Order (docs/contracts.md, B): selection empty 4, errors over allow_errors 3, baseline 4, every gate, verdict. Before an earlier stop the gates
 * are shown as not judged. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "judge/pooled.h"
#include "model/record.h"
#include "model/suite.h"
#include "model/summary.h"

struct arena;
struct err;
struct store;

/* A baseline that was found for a run, or was not. */
struct judge_baseline {
    enum baseline_state state;            /* USED, SKIPPED or MISSING */
    const struct baseline_source *source; /* where it was found; of one that is not there, the last place tried */
    struct str reason;                    /* not there: a sentence */
    struct store *store;                  /* USED, as are the next */
    const struct run_record *runs;        /* newest first */
    size_t run_count;
    struct str commit;        /* of the newest; empty = not known */
    int64_t finished_unix_ms; /* of the newest; 0 = not known */
    uint64_t runs_since;      /* runs of the same suite and variant that finished after it */
    struct str warning;       /* a sentence, or empty: "only 2 of 5 runs were found" */
};

/* Finds the baseline of a run; what it gives lives as long as the judgement. Errors: what kept it from looking, not that there is none. */
struct judge_baselines {
    bool (*find)(void *context, const struct baseline_list *list, const struct run_record *run,
                 struct judge_baseline *ret, struct err *err);
    void *context;
};

struct judge_in {
    struct store *store;
    const struct suite
        *suite; /* loaded (again from the stored text when judging later): gates, reduce, pass_trials, allow_errors */
    const struct run_record
        *runs; /* all runs of this suite in the invocation, in order: variants refer to each other */
    size_t run_count;
    bool is_partial; /* interrupted: summary only, no verdict but `stopped` */
    enum verdict
        stopped; /* why a partial run ended (interrupted, infrastructure, errored by budget); PASSED when it did not */
    struct str stopped_reason;
    struct judge_baselines baselines; /* find NULL: there are none */
    const struct run_pool *pools;     /* by run: earlier attempts whose samples count as further trials; NULL = none */
};

/* ret: run_count summaries. Gates that name variants are judged once and appear with the run they name first. */
MUST_CHECK bool judge_runs(const struct judge_in *in, struct arena *arena, struct summary **ret, struct err *err);

/* The verdict of several runs together: the worst, with the sentence for the last line. */
enum verdict judge_overall(const struct summary *summaries, size_t count, struct arena *arena, struct str *ret_reason);

/* One more sentence that a reader should see though it decides nothing. */
void summary_warn(struct summary *s, struct arena *arena, struct str text);

/* The stored form. */
struct str summary_to_json(const struct summary *s, struct arena *arena);
MUST_CHECK bool summary_from_json(struct str json, struct arena *arena, struct summary *ret, struct err *err);

/* Metrics of the root span (contract A): "<dim>.mean", "<dim>.pass_rate", n_cases, n_failed, n_errors. */
struct root_metric;
void summary_root_metrics(const struct summary *s, struct arena *arena, struct root_metric **ret, size_t *ret_count);
struct str summary_in_words(const struct summary *s, struct arena *arena); /* the root span's output */

#endif
