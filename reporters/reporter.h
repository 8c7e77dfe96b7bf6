#ifndef ASSAY_REPORTERS_REPORTER_H
#define ASSAY_REPORTERS_REPORTER_H

/* A reporter is a function from finished records to a stream. It knows nothing of stores or suites: it gets the stored summaries and cursors over
 * samples. One file a format; reporters/table.c lists them. Content never becomes markup, and text that a model wrote never reaches a terminal,
 * a log or a document unescaped. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/str.h"
#include "base/term.h"
#include "model/comparison.h"
#include "model/history.h"
#include "model/record.h"
#include "model/recording.h"
#include "model/summary.h"

struct arena;
struct buf;
struct err;

struct report_run {
    const struct run_record *run;
    const struct plan_record *plan;
    const struct summary *summary;
    const struct recording_counts *recording; /* how much of it Opper holds; NULL = it is only recorded here */
    /* Opens a cursor over the run's samples in plan order, filtered. */
    bool (*samples)(void *ctx, const struct report_run *run, bool only_bad, struct sample_cursor *ret, struct err *err);
    void *ctx;
};

struct report_in {
    const struct invocation_record *invocation;
    struct report_run *runs;
    size_t run_count;
    enum verdict verdict;
    struct str reason;
    const char *version; /* of assay */
    FILE *out;
    struct term term; /* of `out`, for the terminal reporter */
    bool is_verbose;
    size_t max_shown; /* failures shown by the terminal reporter; 0 = all, SIZE_MAX = none */
    /* of the reporter github: */
    FILE *step_summary;   /* NULL = the step has none */
    struct str workspace; /* the checkout's folder, absolute: paths are shown from there */
    /* What the runs are shown beside, where there is something: variants of a suite, a baseline; earlier runs. By suite, in the order of the runs. */
    const struct comparison *comparisons;
    size_t comparison_count;
    const struct history *histories;
    size_t history_count;
};

struct reporter {
    const char *name, *summary;
    bool (*write)(const struct report_in *in, struct arena *scratch, struct err *err);
    bool shows_comparisons, shows_histories; /* else nobody has to make them */
};

extern const struct reporter *const REPORTERS[]; /* NULL-ended, sorted */
const struct reporter *reporter_find(struct str name);

/* How many runs from `from` on are variants of one suite: they are shown beside each other. */
size_t report_group(const struct report_in *in, size_t from);

/* Goes through a run's samples in plan order, all or those that failed or errored. `visit` may set *ret_goes_on (true when it is called) to false: then
 * the rest is not read. */
typedef bool report_visit(void *ctx, const struct sample_record *s, bool *ret_goes_on, struct err *err);
MUST_CHECK bool report_each(const struct report_run *run, bool only_bad, report_visit *visit, void *ctx,
                            struct err *err);

/* For reporters that stream: hands on what stands in `text` and empties it. Errors: ERR_LIMIT when it overflowed, ERR_IO. */
MUST_CHECK bool report_flush(struct buf *text, FILE *out, struct err *err);

#endif
