#include "run/work.h"

#include <errno.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/utf8.h"
#include "data/json.h"
#include "run/retry.h"
#include "scorers/scoring.h"
#include "suites/cases.h"
#include "targets/answer.h"
#include "targets/target.h"

static int64_t work_timeout_ns(const struct work *w)
{
    if (w->shared->eval_case.timeout_ns > 0) {
        return w->shared->eval_case.timeout_ns;
    }
    return w->suite->timeout_ns > 0 ? w->suite->timeout_ns : w->variant->type->default_timeout_ns;
}

static struct scoring_sample work_scoring_sample(struct work *w)
{
    struct uuid_text run = id_text(&w->run->id);
    struct uuid_text span = id_text(&w->span);
    struct str run_text = arena_str(&w->arena, str_from(run.text));
    return (struct scoring_sample){
        .suite = w->suite,
        .variant = w->variant,
        .eval_case = &w->shared->eval_case,
        .output = &w->output,
        .scope = &w->scope,
        .run_id = run_text,
        .trace_id = run_text,
        .span_id = arena_str(&w->arena, str_from(span.text)),
        .has_parent_span = w->has_parent_span && !w->is_orphan,
        .trial = w->trial,
        .attempt = w->tries == 0 ? 1 : w->tries,
    };
}

/* The target's meta, and what we add: tries that failed, what judges said and cost. */
static struct str work_meta_text(struct work *w, const struct scoring_result *result)
{
    struct output *o = &w->output;
    if (w->retried.len > 0) {
        struct value list = {.kind = VALUE_LIST, .items = w->retried.items, .len = (uint32_t)w->retried.len};
        answer_add_meta(&w->arena, o, "retried", list);
    }
    if (result->calls.kind == VALUE_MAP) {
        answer_add_meta(&w->arena, o, "judge", result->calls);
    }
    if (result->has_cost) {
        answer_add_meta(&w->arena, o, "judge_cost_usd", value_of_number(&w->arena, result->cost_usd));
    }
    return o->meta.kind == VALUE_MAP && o->meta.len > 0 ? json_compact(&w->arena, &o->meta) : STR_NULL;
}

static enum work_next work_record_result(struct work *w, const struct scoring_result *result, int64_t unix_ms)
{
    bool is_errored = result->is_errored || (w->output.error != ERROR_NONE && result->scores == NULL);
    struct sample_record *r = &w->record;
    *r = (struct sample_record){
        .run = w->run->seq,
        .ordinal = w->shared->eval_case.ordinal,
        .case_id = w->shared->eval_case.id,
        .case_digest = w->shared->eval_case.digest,
        .trial = w->trial,
        .attempt = w->attempt,
        .span = w->span,
        .started_unix_ms = w->started_unix_ms,
        .ended_unix_ms = unix_ms < w->started_unix_ms ? w->started_unix_ms : unix_ms, /* the wall clock may step back */
        .state = is_errored ? SAMPLE_ERRORED : SAMPLE_SCORED,
        .error = w->output.error != ERROR_NONE ? w->output.error
                 : is_errored                  ? ERROR_NOT_SCORED
                                               : ERROR_NONE,
        .error_text = w->output.error != ERROR_NONE ? w->output.error_text : result->error_text,
        .input = w->shared->input_json,
        .expected = w->shared->expected_json,
        .output = w->output.text,
        .output_is_json = w->output.is_json,
        .meta = work_meta_text(w, result),
        .measures = w->output.measures,
        .pass = is_errored ? PASS_NONE : result->pass,
        .has_score = !is_errored && result->has_score,
        .score = is_errored ? 0 : result->score,
        .scores = result->scores,
        .score_count = result->score_count,
    };
    return w->next = WORK_RECORD;
}

static bool work_error_is_fail(const struct work *w)
{
    switch (w->output.error) {
    case ERROR_EXIT:
        return w->suite->on_exit == ON_ERROR_FAIL;
    case ERROR_TIMEOUT:
        return w->suite->on_timeout == ON_ERROR_FAIL;
    case ERROR_OUTPUT_LIMIT:
        return w->suite->on_output_limit == ON_ERROR_FAIL;
    case ERROR_NONE:
    case ERROR_SIGNAL:
    case ERROR_PROTOCOL:
    case ERROR_TARGET:
    case ERROR_NOT_SCORED:
    case ERROR_DEADLINE:
    case ERROR_NETWORK:
    case ERROR_RATE_LIMIT:
    case ERROR_SERVICE:
    case ERROR_REQUEST:
    case ERROR_CANCELLED:
        break;
    }
    return false;
}

/* The target is done: on to the scorers, or straight to the record of an error. */
static enum work_next work_output_ready(struct work *w, int64_t unix_ms)
{
    if (w->output.error == ERROR_NONE) {
        struct scoring_sample sample = work_scoring_sample(w);
        w->scoring = scoring_begin(&w->arena, arena_copy(&w->arena, &sample, sizeof(sample)));
        return w->next = WORK_SCORE;
    }
    struct scoring_result result = {0};
    if (work_error_is_fail(w)) {
        struct scoring_sample sample = work_scoring_sample(w);
        scoring_fail(&w->arena, &sample, &result);
    }
    return work_record_result(w, &result, unix_ms);
}

static enum work_next work_broken(struct work *w, struct err *err)
{
    (void)err_wrap(err, "case '%.*s'", STR_ARG(w->shared->eval_case.id));
    return w->next = WORK_BROKEN;
}

static struct target_in work_target_in(struct work *w)
{
    return (struct target_in){
        .options = w->variant->options,
        .eval_case = &w->shared->eval_case,
        .scope = &w->scope,
        .suite = w->suite->name,
        .variant = w->variant->name,
        .run = w->run->id,
        .span = w->span,
        .has_parent_span = w->has_parent_span && !w->is_orphan,
        .found = w->found,
        .trial = w->trial,
        .attempt = w->tries,
        .timeout_ns = work_timeout_ns(w),
        .env = w->suite->env,
        .arena = &w->arena,
    };
}

/* What a row brings (a NUL byte, a text over a limit) concerns its sample and stops no run. */
static enum work_next work_cannot_call(struct work *w, int64_t unix_ms, struct err *err)
{
    if (err->kind != ERR_SUITE && err->kind != ERR_LIMIT) {
        return work_broken(w, err);
    }
    w->output = (struct output){
        .error = ERROR_PROTOCOL,
        .error_text = arena_str(&w->arena, str_from(err->text)),
        .measures = {.attempts = w->tries},
    };
    return work_output_ready(w, unix_ms);
}

/* Describes the call of this try. */
static enum work_next work_prepare(struct work *w, int64_t now_ns, int64_t unix_ms, struct err *err)
{
    struct target_in in = work_target_in(w);
    w->call = (struct call){0};
    if (!w->variant->type->prepare(&in, &w->call, err)) {
        return work_cannot_call(w, unix_ms, err);
    }
    if (w->call.kind != CALL_NONE) {
        w->timeout_ns = w->call.timeout_ns;
        w->call.http.is_repeat = w->tries > 1;
        w->call.http.deadline_ns = w->deadline_ns;
        if (w->deadline_ns != 0 && w->call.timeout_ns > w->deadline_ns - now_ns) {
            w->call.timeout_ns = w->deadline_ns > now_ns ? w->deadline_ns - now_ns : 1;
        }
        return w->next = WORK_CALL;
    }
    if (!w->variant->type->interpret(&in, NULL, &w->output, err)) {
        return work_broken(w, err);
    }
    w->output.measures.attempts = w->tries;
    return work_output_ready(w, unix_ms);
}

static void work_enter(struct work *w, int64_t now_ns, int64_t unix_ms)
{
    w->started_ns = now_ns;
    w->started_unix_ms = unix_ms;
    w->deadline_ns = w->suite->deadline_ns > 0 ? now_ns + w->suite->deadline_ns : 0;
    w->span = id_of_sample_span(&w->run->id, w->shared->eval_case.id, w->trial, w->attempt);
    case_scope(w->suite, w->variant, &w->shared->eval_case, w->trial, &w->arena, &w->scope);
}

enum work_next work_begin(struct work *w, int64_t now_ns, int64_t unix_ms, struct err *err)
{
    work_enter(w, now_ns, unix_ms);
    w->tries = 1;
    return work_prepare(w, now_ns, unix_ms, err);
}

/* What judges said of the output then is none of the new scores. */
static void work_drop_judges(struct work *w)
{
    struct value *meta = &w->output.meta;
    uint32_t kept = 0;
    for (uint32_t i = 0; meta->kind == VALUE_MAP && i < meta->len; i++) {
        struct str key = meta->keys[i].text;
        if (!str_eq_cstr(key, "judge") && !str_eq_cstr(key, "judge_cost_usd")) {
            meta->keys[kept] = meta->keys[i];
            meta->items[kept++] = meta->items[i];
        }
    }
    meta->text = kept == meta->len ? meta->text : STR_NULL; /* no longer what was read */
    meta->len = kept;
}

enum work_next work_begin_rescored(struct work *w, int64_t now_ns, int64_t unix_ms, const struct sample_record *source,
                                   struct err *err)
{
    work_enter(w, now_ns, unix_ms);
    w->is_rescored = true;
    w->output = (struct output){
        .error = source->error == ERROR_NOT_SCORED ? ERROR_NONE : source->error,
        .error_text = source->error == ERROR_NOT_SCORED ? STR_NULL : arena_str(&w->arena, source->error_text),
        .text = source->output.ptr == NULL ? STR_NULL : arena_str(&w->arena, source->output),
        .is_json = source->output_is_json,
        .measures = source->measures,
    };
    struct src_pos nowhere = {0};
    if (w->output.is_json && !json_read(&w->arena, w->output.text, JSON_REPLY, nowhere, &w->output.json, NULL, err)) {
        return work_broken(w, err);
    }
    if (source->meta.ptr != NULL &&
        !json_read(&w->arena, arena_str(&w->arena, source->meta), JSON_REPLY, nowhere, &w->output.meta, NULL, err)) {
        return work_broken(w, err);
    }
    work_drop_judges(w);
    return work_output_ready(w, unix_ms);
}

enum work_next work_retry(struct work *w, int64_t now_ns, struct err *err)
{
    if (w->is_scorer_call) { /* the same request */
        w->scorer_tries++;
        w->call.http.is_repeat = true;
        return w->next = WORK_CALL;
    }
    w->tries++;
    return work_prepare(w, now_ns, w->started_unix_ms, err);
}

enum { RETRIED_TEXT_BYTES = 200 };

/* What a try came to that is made again: {"error", "text", "latency_ms"}. */
static void work_keep_try(struct work *w, const struct call_result *result)
{
    enum { MEMBERS = 3 };
    struct target_in in = work_target_in(w);
    struct output output = {0};
    struct err ignored = ERR_NULL;
    if (!w->variant->type->interpret(&in, result, &output, &ignored)) {
        return;
    }
    int64_t latency_ms = result->latency_ns / NS_PER_MS;
    struct value kept = {.kind = VALUE_MAP};
    kept.keys = arena_array(&w->arena, struct value, MEMBERS);
    kept.items = arena_array(&w->arena, struct value, MEMBERS);
    kept.keys[kept.len] = value_of_text(STR("error"));
    kept.items[kept.len++] = value_of_text(str_from(error_kind_word(output.error)));
    kept.keys[kept.len] = value_of_text(STR("text"));
    kept.items[kept.len++] = value_of_text(utf8_cut(output.error_text, RETRIED_TEXT_BYTES));
    kept.keys[kept.len] = value_of_text(STR("latency_ms"));
    kept.items[kept.len++] = value_of_number(&w->arena, (double)latency_ms);
    *vec_push(&w->arena, &w->retried) = kept;
}

/* Whether it was the deadline that ended the try, before the time-out of its own. */
static bool work_is_over(const struct work *w, const struct call_result *result)
{
    return w->deadline_ns != 0 && result->status == CALL_TIMEOUT && w->timeout_ns > result->latency_ns + NS_PER_MS;
}

static enum work_next work_answer_target(struct work *w, const struct call_result *result, int64_t now_ns,
                                         int64_t unix_ms, struct work_retrying *retrying, struct err *err)
{
    const struct target_type *type = w->variant->type;
    if (w->has_parent_span && !w->is_orphan && type->may_blame_parent != NULL && type->may_blame_parent(result)) {
        w->is_orphan = true;
        return work_prepare(w, now_ns, unix_ms, err);
    }
    bool is_over = work_is_over(w, result);
    if (!is_over && retry_plan(w, result, now_ns, retrying)) {
        work_keep_try(w, result);
        return w->next = WORK_PAUSE;
    }
    struct target_in in = work_target_in(w);
    if (!type->interpret(&in, result, &w->output, err)) {
        return work_broken(w, err);
    }
    w->output.measures.attempts = w->tries;
    w->cost_usd += w->output.measures.has_cost ? w->output.measures.cost_usd : 0;
    if (is_over) {
        struct clock_text limit = clock_duration(w->suite->deadline_ns);
        w->output.error = ERROR_DEADLINE;
        w->output.error_text = arena_printf(&w->arena, "deadline: no answer within %s over %u %s", limit.text,
                                            (unsigned)w->tries, w->tries == 1 ? "attempt" : "attempts");
    }
    return work_output_ready(w, unix_ms);
}

static enum work_next work_answer_scorer(struct work *w, const struct call_result *result, int64_t now_ns,
                                         struct work_retrying *retrying, struct err *err)
{
    if (scoring_drops_parent(w->scoring, result)) {
        w->is_orphan = true;
        w->is_scorer_call = false;
        return w->next = WORK_SCORE;
    }
    if (retry_plan(w, result, now_ns, retrying)) {
        return w->next = WORK_PAUSE;
    }
    if (scoring_stops_run(w->scoring, result, err)) {
        return work_broken(w, err);
    }
    double before_usd = scoring_cost_usd(w->scoring);
    w->is_scorer_call = false;
    scoring_answer(w->scoring, result);
    w->cost_usd += scoring_cost_usd(w->scoring) - before_usd;
    w->judges_usd += scoring_cost_usd(w->scoring) - before_usd;
    return w->next = WORK_SCORE;
}

enum work_next work_answer(struct work *w, const struct call_result *result, int64_t now_ns, int64_t unix_ms,
                           struct work_retrying *retrying, struct err *err)
{
    if (result->status == CALL_CANCELLED) {
        return w->next = WORK_DROP;
    }
    struct call_result too_long;
    if (result->status == CALL_EXEC_FAILED && result->sys == E2BIG && w->call.kind == CALL_COMMAND) {
        too_long = *result; /* of this sample's arguments, not of the program */
        too_long.status = CALL_PROTOCOL;
        too_long.detail = arena_printf(&w->arena, "%.*s (what is long goes to stdin)", STR_ARG(result->detail));
        result = &too_long;
    }
    if (result->status == CALL_EXEC_FAILED) {
        (void)err_set(err, ERR_SETUP, "'%s': %.*s",
                      w->call.kind == CALL_WORKER ? w->call.worker->program.path : w->call.command.path,
                      STR_ARG(result->detail));
        return work_broken(w, err);
    }
    struct call_result nobody;
    if (w->call.kind == CALL_HTTP) {
        retry_saw_request(w, result, now_ns, retrying);
        nobody = *result;
        nobody.is_unreachable = retry_is_unreachable(w, result, retrying);
        result = &nobody;
    }
    return w->is_scorer_call ? work_answer_scorer(w, result, now_ns, retrying, err)
                             : work_answer_target(w, result, now_ns, unix_ms, retrying, err);
}

enum work_next work_score(struct work *w, int64_t turn_ns, int64_t unix_ms)
{
    switch (scoring_step(w->scoring, turn_ns)) {
    case SCORING_MORE:
        return w->next = WORK_SCORE;
    case SCORING_CALL:
        w->call = *scoring_call(w->scoring);
        w->is_scorer_call = true;
        w->scorer_tries = 1;
        return w->next = WORK_CALL;
    case SCORING_DONE:
        break;
    }
    struct scoring_result result = {0};
    scoring_finish(w->scoring, &result);
    return work_record_result(w, &result, unix_ms);
}
