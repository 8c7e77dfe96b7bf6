#ifndef ASSAY_SCORERS_SCORING_H
#define ASSAY_SCORERS_SCORING_H

/* Scores one sample: every scorer that applies, in order, under the turn's time; the common rules of contract A; then the measures that the
 * target declared; then score and pass of the sample. A state machine: run/ drives it and performs its calls.
 *
 *   struct scoring *s = scoring_begin(...);
 *   while ((step = scoring_step(s, turn_ns)) != SCORING_DONE) { MORE: next turn; CALL: perform scoring_call(s), then scoring_answer(s, ...) }
 *   scoring_finish(s, &result);
 *
 * Ownership: everything in the sample's arena, but for a pattern that a scorer compiled for this sample: a scoring that is given up before
 * SCORING_DONE is dropped with scoring_drop. Errors of a scorer are scores (SCORE_NOT_SCORED), never an error of the run; that a program cannot
 * be started is for the caller to see in the call's result. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "model/call.h"
#include "model/output.h"
#include "model/record.h"
#include "model/score.h"

struct arena;
struct err;
struct eval_case;
struct scope;
struct scoring;
struct suite;
struct variant;

/* Facts about the sample that a command scorer hands on (contract C). */
struct scoring_sample {
    const struct suite *suite;
    const struct variant *variant;
    const struct eval_case *eval_case;
    const struct output *output; /* without error; with one that on_error makes a fail scoring_fail is called instead */
    const struct scope *scope;   /* the case's names; output and meta are added here */
    struct str run_id, span_id, trace_id;
    bool has_parent_span; /* `span_id` exists on Opper: calls of judges may name it */
    uint32_t trial, attempt;
};

enum scoring_status { SCORING_DONE, SCORING_MORE, SCORING_CALL };

struct scoring_result {
    struct score *scores;
    size_t score_count;
    enum sample_pass pass;
    bool has_score;
    double score;
    bool is_errored; /* a non-optional score is not scored: the sample counts as errored */
    struct str error_text;
    struct value calls; /* what scorers keep of their calls, by dimension: a map of lists; VALUE_NULL = none */
    bool has_cost;      /* of those calls */
    double cost_usd;
};

struct scoring *scoring_begin(struct arena *arena, const struct scoring_sample *sample);
enum scoring_status scoring_step(struct scoring *s, int64_t turn_ns); /* 0 = until done */
const struct call *scoring_call(const struct scoring *s);
void scoring_answer(struct scoring *s, const struct call_result *result);

/* Of the call's result, before it is handed to scoring_answer: whether it may be tried again as it is; whether the call is to be described anew without
 * its parent span (then scoring_step follows); whether it stops the run (`err` says why). */
bool scoring_is_transient(const struct scoring *s, const struct call_result *result);
bool scoring_drops_parent(struct scoring *s, const struct call_result *result);
bool scoring_stops_run(const struct scoring *s, const struct call_result *result, struct err *err);
double scoring_cost_usd(const struct scoring *s); /* of its calls so far */

void scoring_finish(struct scoring *s, struct scoring_result *ret); /* once, after SCORING_DONE */
void scoring_drop(struct scoring *s);                               /* NULL, and one that is done, do no harm */

/* The result of an errored sample that `on_error` makes a fail: every judged unit 0, pass = no. */
void scoring_fail(struct arena *arena, const struct scoring_sample *sample, struct scoring_result *ret);

/* Sample score and pass from scores (contract A): used by rescore's and import's checks too. */
void scoring_reduce(const struct suite *suite, const struct score *scores, size_t count, struct scoring_result *ret);

#endif
