#ifndef ASSAY_RUN_SESSION_H
#define ASSAY_RUN_SESSION_H

/* One invocation from its plan to its verdict: the suites, their plans and runs in the store, and the lock that says it is ours.
 *
 *   session_plan(...)    a new one: the pre-pass reads every selected case before anything is executed, and stores the plan
 *   session_resume(...)  one that is there: from the stored suites and plan
 *   session_run(...)     executes what has no record yet (run/run.c)
 *   session_judge(...)   summary, gates, verdict, root spans; stored, then returned
 *
 * Ownership: everything in the session's arena; session_close releases files, readers and the lock. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "model/record.h"
#include "model/suite.h"
#include "model/summary.h"
#include "run/baselines.h"
#include "run/driver.h"
#include "run/events.h"
#include "run/recorder.h"
#include "store/store.h"
#include "suites/cases.h"

struct clock;
struct diag;
struct err;
struct redactor;

/* One suite in the invocation. */
struct session_suite {
    struct suite *suite;
    struct plan_record plan;
    struct run_record *runs; /* one a variant, in order */
    size_t run_count;
    bool is_recorded;           /* on Opper, too */
    struct run_record *sources; /* rescore: the run whose outputs each run takes; parallel to runs */
};

struct session_options {
    struct case_selection selection;
    struct str options_json; /* stored with the invocation: what resume needs to select and override again */
    struct str labels_json;
    struct str run_id;    /* --run-id; empty = random */
    uint32_t concurrency; /* 0 = the suite's */
    bool is_full_selection;
    bool fail_fast;
    bool pools_attempts; /* judge with the samples of earlier attempts as further trials */
    bool retry_errors;   /* resume: errored samples are executed again */
    const struct redactor
        *redactor;       /* takes secrets out of whatever calls give back; NULL = none. Outlives the session */
    const char *ca_file; /* whom to trust; NULL = the system's list */
    int64_t grace_ns;    /* from the first Ctrl-C until running samples are stopped */
    const struct run_events *planning; /* told of the pre-pass; NULL = nobody */
    const struct record_options
        *recordings; /* one a suite, resolved: RECORD_LOCAL, or on Opper; NULL = none is. A resumed run has its own */
    const struct service *service; /* where that is; outlives the session */
    struct baseline_asking
        asking; /* for baselines on Opper: asked before, so that judging asks nobody; outlives it, too */
};

/* What a rescore could not pair. */
struct rescore_report {
    uint64_t unpaired;
    struct str named[10];
    size_t named_count;
};

struct session {
    struct arena arena;
    struct store *store;
    const struct clock *clock;
    struct session_options options;
    struct invocation_record invocation;
    struct session_suite *suites;
    size_t suite_count;
    struct store_lock lock;
    bool is_resumed;
    struct rescore_report *rescore; /* NULL unless this is a rescore */
    struct run_progress progress;
    bool is_recorded; /* any of its suites on Opper, too */
    bool is_promised; /* and one of them not only as best effort */
    struct driver driver;
    struct recorder recorder;

    /* How execution ended before its plan was done; VERDICT_PASSED = it did not. */
    enum verdict stopped;
    struct str stopped_reason;
};

/* Suite names are unique in an invocation; session_plan looks, too. */
MUST_CHECK bool session_check_names(struct suite *const *suites, size_t suite_count, struct err *err);

/* `suites` are loaded already. Reads every selected case (JSON, templates, ids, digests), then stores invocation, plans and runs in one
 * transaction. Errors: ERR_SUITE with the place of a bad row or of equal ids; ERR_EMPTY when nothing is selected; ERR_USAGE when the run id
 * exists; ERR_IO. Nothing is stored on error. */
MUST_CHECK bool session_plan(struct session *s, struct store *store, const struct clock *clock,
                             struct suite *const *suites, size_t suite_count, const struct session_options *options,
                             struct err *err);

/* `runs` are all runs of one invocation (store_find_runs), `suites` its suites loaded from their stored texts, in the order of its plans. */
MUST_CHECK bool session_resume(struct session *s, struct store *store, const struct clock *clock,
                               const struct invocation_record *invocation, struct suite *const *suites,
                               size_t suite_count, const struct session_options *options, struct err *err);

/* New scorers over recorded outputs: session_plan of `suite` whose runs take their outputs from `sources` (all runs of one invocation, by
 * variant name). A case without a recorded case of equal id and digest is planned as skipped; ret counts and names those. */
MUST_CHECK bool session_rescore(struct session *s, struct store *store, const struct clock *clock, struct suite *suite,
                                const struct run_record *sources, size_t source_count,
                                const struct session_options *options, struct rescore_report *ret, struct err *err);

bool session_makes_calls(const struct session *s); /* of programs or of a service, by targets or judges */

/* Executes every planned sample without a record. True also when it was stopped (s->stopped says why): what was recorded is safe. Errors: what
 * stopped it at the root (store, a program that cannot be started): s->stopped is set as well, and judging goes on with what is there. */
MUST_CHECK bool session_run(struct session *s, const struct run_events *events, struct err *err);

/* Judges every run, ends the root spans, stores the verdict. ret: one summary a run, in order of suites and variants. Where recording on Opper was
 * promised, "passed" is stored as "unrecorded" until all is delivered (session_set_verdict): whatever happens to this process, nobody reads
 * more than what is true. */
MUST_CHECK bool session_judge(struct session *s, struct summary **ret, size_t *ret_count, enum verdict *ret_verdict,
                              struct str *ret_reason, struct err *err);

/* Afterwards: makes durable what is stored (store_sync): before that nobody is told the verdict. Delivers to Opper what is left (run/recorder.h), where
 * something is recorded there, and ends what makes calls. */
MUST_CHECK bool session_deliver(struct session *s, const struct drain_limits *limits, bool verify,
                                const struct run_events *events, struct recorder_end *ret, struct err *err);

/* The verdict of the invocation, after the fact: of its runs it stays as it is. */
MUST_CHECK bool session_set_verdict(struct session *s, enum verdict verdict, struct str reason, struct err *err);

void session_close(struct session *s);

#endif
