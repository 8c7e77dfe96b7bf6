#ifndef ASSAY_RUN_WORK_H
#define ASSAY_RUN_WORK_H

/* One sample's way from its case to its record: a state machine without waiting. run/run.c owns the loop and asks what comes next.
 *
 *   CALL     work->call wants to be performed (the target's, or a scorer's)
 *   PAUSE    try again at work->resume_ns
 *   SCORE    wants scoring time
 *   RECORD   work->record is complete
 *   DROP     cancelled: goes back to pending, nothing is recorded
 *   BROKEN   the run has to stop (a program that cannot be started): the error says why */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/retry.h"
#include "base/rng.h"
#include "base/vec.h"
#include "data/template.h"
#include "model/call.h"
#include "model/case.h"
#include "model/output.h"
#include "model/record.h"
#include "model/suite.h"

struct err;
struct scoring;

enum work_next { WORK_CALL, WORK_PAUSE, WORK_SCORE, WORK_RECORD, WORK_DROP, WORK_BROKEN };

/* A case shared by the samples that execute it (its variants and trials). */
struct shared_case {
    struct arena arena;
    struct eval_case eval_case;
    struct str input_json, expected_json; /* expected: ptr NULL = none */
    uint32_t users;
    struct shared_case *next_free;
};

/* What the samples of a run share when they try again. */
struct work_retrying {
    struct rng rng;             /* jitter */
    struct retry_budget budget; /* of requests */
    bool has_answer;            /* some server has answered some request */
    int64_t success_ns;         /* when the last request succeeded; 0 = none did */
};

struct work {
    struct arena arena;
    struct shared_case *shared;
    const struct suite *suite;
    const struct variant *variant;
    const struct run_record *run;
    size_t suite_at;         /* in the session */
    uint32_t trial, attempt; /* attempt: earlier recorded executions */
    uint32_t tries;          /* of the target's call, in this execution */
    int64_t limited_ns;      /* when it last got 429; 0 = never */
    uint32_t scorer_tries;   /* of the scorer's call in flight */
    struct uuid span;
    const void *found; /* what the target looked up before the first sample; see target_type.find */
    bool
        has_parent_span; /* the run: `span` exists on Opper, calls may name it. May become true while the sample is under way */
    bool is_orphan;            /* a call that named it was refused: none names it any more */
    bool is_rescored;          /* output and measures are given */
    bool is_scorer_call;       /* the call in flight is a scorer's */
    VEC(struct value) retried; /* what the tries before the last one came to */
    double cost_usd;           /* of target and judges, as far as it is known by now */
    double judges_usd;         /* of that, the judges' */
    struct call call;
    struct scope scope;
    struct output output;
    struct scoring *scoring;
    struct sample_record record;
    int64_t started_ns, deadline_ns, resume_ns;
    int64_t timeout_ns; /* of the try, before the deadline cut it */
    int64_t started_unix_ms;
    enum work_next next;
    struct work *link; /* in one list at a time */
};

/* Fields up to attempt are filled. `now_ns` starts its deadline. */
enum work_next work_begin(struct work *w, int64_t now_ns, int64_t unix_ms, struct err *err);

/* An output that is recorded already (rescore). */
enum work_next work_begin_rescored(struct work *w, int64_t now_ns, int64_t unix_ms, const struct sample_record *source,
                                   struct err *err);

/* The call's result (texts live in the work's arena). */
enum work_next work_answer(struct work *w, const struct call_result *result, int64_t now_ns, int64_t unix_ms,
                           struct work_retrying *retrying, struct err *err);

/* After a pause: the call again. */
enum work_next work_retry(struct work *w, int64_t now_ns, struct err *err);

enum work_next work_score(struct work *w, int64_t turn_ns, int64_t unix_ms);

#endif
