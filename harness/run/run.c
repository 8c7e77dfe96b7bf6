/* The loop of an invocation: starts samples while there is room, performs their calls, gives scoring its share of a turn, commits in groups, and
 * ends when nothing is left, or in order when it is told to.
 *
 *   running -> draining (nothing new; running samples finish, at most the grace) -> stopping (calls cancelled) -> done
 *
 * Draining begins with a signal, --fail-fast, the time budget, or an error. Whatever was recorded stays recorded; what was cancelled has no record
 * and is pending for `assay resume`. */

#include "run/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "io/loop.h"
#include "io/perform.h"
#include "io/signals.h"
#include "opper/deliver.h"
#include "run/batch.h"
#include "run/find.h"
#include "run/hook.h"
#include "run/pace.h"
#include "run/pending.h"
#include "run/recorder.h"
#include "run/session_record.h"
#include "run/work_list.h"
#include "scorers/scoring.h"
#include "targets/target.h"

enum { SCORE_TURN_NS = LIMIT_SCORE_TURN_MS * 1000000, BUSY_START_MS = 20, CALLS_FIRST_MS = 3, SHOWN_MS = 200 };

struct runner {
    struct session *session;
    const struct run_events *events;
    struct loop *loop;
    struct signals *signals;
    struct perform *perform;
    struct recorder *recorder;    /* NULL = nothing is recorded beyond the store */
    struct pace *paces;           /* one a suite */
    double spent_usd, judges_usd; /* of all suites; judges': of that */
    struct work_retrying retrying;
    struct found found;
    struct pending pending;
    struct batch batch;
    struct work_list to_call, to_score, paused;
    struct work *free_list;
    size_t active;   /* works between start and batch */
    size_t capacity; /* what descriptors and processes allow; lowered when they run out */
    int64_t kill_ns, start_busy_until_ns;
    int64_t pressed_ns; /* since when storing waits for calls; 0 = it does not */
    unsigned interrupts_seen;
    bool is_exhausted, is_draining, is_cancelled;
    bool is_short;      /* of budget, until a sample is done */
    bool is_held;       /* in this turn: the next sample's span is on its way */
    struct err failure; /* what stopped the run at its root; ERR_NONE = nothing */
};

static struct work *runner_new_work(struct runner *r)
{
    struct work *w = r->free_list;
    if (w == NULL) {
        return mem_alloc(sizeof(*w));
    }
    r->free_list = w->link;
    struct arena arena = w->arena;
    *w = (struct work){.arena = arena};
    return w;
}

static void runner_free_work(struct runner *r, struct work *w)
{
    pending_release(&r->pending, w->shared);
    scoring_drop(w->scoring);
    w->scoring = NULL;
    arena_reset(&w->arena);
    w->link = r->free_list;
    r->free_list = w;
}

static void runner_drain(struct runner *r, enum verdict why, const char *reason)
{
    enum verdict before = r->session->stopped;
    /* of several of one kind the first is the cause, and the others often follow from it */
    if (before == VERDICT_PASSED || (before != why && verdict_worse(why, before) == why)) {
        r->session->stopped = why;
        r->session->stopped_reason = arena_printf(&r->session->arena, "%s", reason);
    }
    r->is_draining = true;
}

static void runner_fail(struct runner *r, const struct err *err)
{
    if (r->failure.kind == ERR_NONE) {
        r->failure = *err;
    }
    runner_drain(r,
                 err->kind == ERR_BUG     ? VERDICT_INTERNAL
                 : err->kind == ERR_SUITE ? VERDICT_USAGE
                                          : VERDICT_INFRASTRUCTURE,
                 err->text);
}

static void runner_leave(struct runner *r, const struct work *w)
{
    struct budget *budget = &r->paces[w->suite_at].budget;
    budget->done_usd += w->cost_usd;
    budget->done += w->cost_usd > 0 ? 1 : 0;
    r->is_short = false;
    r->active--;
}

/* Puts a work where its next step will find it. */
static void runner_place(struct runner *r, struct work *w, struct err *err)
{
    switch (w->next) {
    case WORK_CALL:
        work_list_push(&r->to_call, w);
        return;
    case WORK_PAUSE:
        work_list_push(&r->paused, w);
        return;
    case WORK_SCORE:
        work_list_push(&r->to_score, w);
        return;
    case WORK_RECORD:
        runner_leave(r, w);
        batch_add(&r->batch, w, loop_now_ns(r->loop));
        return;
    case WORK_BROKEN:
        runner_fail(r, err);
        break;
    case WORK_DROP:
        break;
    }
    runner_leave(r, w);
    runner_free_work(r, w);
}

static bool runner_begin_rescored(struct runner *r, struct work *w, const struct run_record *source, struct err *err)
{
    struct sample_filter filter = {.case_id = w->shared->eval_case.id};
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    if (!store_samples(r->session->store, source->seq, filter, &cursor, err)) {
        return false;
    }
    bool has = true;
    struct sample_record sample;
    while (has) {
        if (!cursor.next(&cursor, &has, &sample, err)) {
            return false;
        }
        if (has && sample.trial == w->trial) {
            (void)work_begin_rescored(w, loop_now_ns(r->loop), clock_unix_ms(r->session->clock), &sample, err);
            return true;
        }
    }
    w->next = WORK_DROP; /* the source has no record of this trial */
    return true;
}

/* One more sample would be expected to pass the budget: once those under way are done it may fit, else it ends the run. */
static void runner_wait_for_budget(struct runner *r, const struct budget *budget)
{
    char reason[BUDGET_WORDS];
    r->is_short = true;
    if (r->active == 0) {
        budget_end_words(budget, reason);
        runner_drain(r, VERDICT_ERRORED, reason);
    }
}

static bool runner_start_one(struct runner *r, bool *ret_started)
{
    struct err err;
    err_clear(&err);
    struct pending_sample sample;
    bool has = false;
    *ret_started = false;
    if (!pending_next(&r->pending, &has, &sample, &err)) {
        runner_fail(r, &err);
        return false;
    }
    if (!has) {
        r->is_exhausted = true;
        return true;
    }
    size_t suite_at = (size_t)(sample.suite - r->session->suites);
    if (!budget_allows(&r->paces[suite_at].budget, r->active)) {
        pending_put_back(&r->pending, &sample);
        runner_wait_for_budget(r, &r->paces[suite_at].budget);
        return true;
    }
    struct work *w = runner_new_work(r);
    w->shared = sample.shared;
    w->suite = sample.suite->suite;
    w->variant = &sample.suite->suite->variants[sample.variant];
    w->run = &sample.suite->runs[sample.variant];
    w->suite_at = suite_at;
    w->found = r->found.of_suite[w->suite_at][sample.variant];
    w->trial = sample.trial;
    w->attempt = sample.attempt;
    r->active++;
    *ret_started = true;
    if (r->recorder != NULL) {
        struct uuid span = id_of_sample_span(&w->run->id, w->shared->eval_case.id, w->trial, w->attempt);
        w->has_parent_span = delivery_has_span(r->recorder->delivery, &span);
        recorder_started(r->recorder);
    }
    if (sample.suite->sources != NULL) {
        if (!runner_begin_rescored(r, w, &sample.suite->sources[sample.variant], &err)) {
            w->next = WORK_BROKEN;
        }
    } else {
        (void)work_begin(w, loop_now_ns(r->loop), clock_unix_ms(r->session->clock), &err);
    }
    runner_place(r, w, &err);
    return true;
}

/* The pace of the suite whose samples start now. */
static struct pace *runner_pace(struct runner *r)
{
    const struct session *s = r->session;
    size_t at = r->pending.walk.suite < s->suite_count ? r->pending.walk.suite : s->suite_count - 1;
    if (!r->paces[at].has_begun) {
        pace_begin(&r->paces[at], s->suites[at].suite, s->options.concurrency, loop_now_ns(r->loop));
    }
    return &r->paces[at];
}

static bool runner_has_room(struct runner *r)
{
    size_t concurrency = runner_pace(r)->concurrency;
    concurrency = concurrency < r->capacity ? concurrency : r->capacity;
    if (r->recorder != NULL && !recorder_may_begin(r->recorder, loop_now_ns(r->loop))) {
        return false;
    }
    return !r->is_draining && !r->is_exhausted && !r->is_short && !r->is_held && r->active < concurrency &&
           r->batch.count < concurrency + 64 && r->batch.bytes < LIMIT_INFLIGHT_BYTES;
}

static bool runner_may_start(struct runner *r)
{
    struct err err;
    err_clear(&err);
    int64_t now_ns = loop_now_ns(r->loop);
    if (r->recorder != NULL && !recorder_holds_next(r->recorder, &r->pending, now_ns, &r->is_held, &err)) {
        runner_fail(r, &err);
    }
    return !r->is_held && !r->is_draining;
}

static void runner_start(struct runner *r)
{
    int64_t now_ns = loop_now_ns(r->loop);
    r->is_held = false;
    while (runner_has_room(r) && now_ns >= r->start_busy_until_ns && runner_may_start(r) &&
           rate_take(&runner_pace(r)->rate, now_ns)) {
        bool started = false;
        if (!runner_start_one(r, &started) || !started) {
            return;
        }
    }
}

static void runner_resume_paused(struct runner *r)
{
    int64_t now_ns = loop_now_ns(r->loop);
    struct work_list still = {0};
    struct work *w = NULL;
    while ((w = work_list_pop(&r->paused)) != NULL) {
        struct err err = ERR_NULL;
        if (r->is_draining) {
            w->next = WORK_DROP;
            runner_place(r, w, &err);
        } else if (now_ns >= w->resume_ns) {
            (void)work_retry(w, now_ns, &err);
            runner_place(r, w, &err);
        } else {
            work_list_push(&still, w);
        }
    }
    r->paused = still;
}

/* Whether a call that waits for its start is given up with its sample, which is pending again: everything once running samples are stopped; requests that
 * would be refused like the one that stopped the run, or would begin a sample that nobody starts any more. */
static bool runner_gives_up(const struct runner *r, const struct work *w)
{
    bool is_request = w->call.kind == CALL_HTTP;
    return r->is_cancelled || (is_request && r->failure.kind != ERR_NONE) ||
           (is_request && r->is_draining && !w->is_scorer_call);
}

static void runner_call(struct runner *r)
{
    struct work *w = NULL;
    while (loop_now_ns(r->loop) >= r->start_busy_until_ns && (w = work_list_pop(&r->to_call)) != NULL) {
        if (runner_gives_up(r, w)) {
            struct err err = ERR_NULL;
            w->next = WORK_DROP;
            runner_place(r, w, &err);
            continue;
        }
        if (perform_start(r->perform, &w->call, w) == PERFORM_STARTED) {
            continue;
        }
        /* out of descriptors or processes: not the sample's fault. Fewer at once, and this one again soon */
        work_list_put_back(&r->to_call, w);
        size_t running = perform_in_flight(r->perform);
        if (running > 0 && running < r->capacity) {
            r->capacity = running;
        }
        r->start_busy_until_ns = loop_now_ns(r->loop) + BUSY_START_MS * NS_PER_MS;
    }
}

static void runner_take(struct runner *r)
{
    void *tag = NULL;
    const struct call *call = NULL;
    while (perform_take(r->perform, &tag, &call)) {
        struct work *w = tag;
        struct call_result result;
        struct err err;
        err_clear(&err);
        if (r->recorder != NULL && recorder_owns(r->recorder, call)) {
            if (!recorder_take(r->recorder, tag, call, &err)) {
                runner_fail(r, &err);
            }
            continue;
        }
        perform_result(r->perform, call, &w->arena, &result);
        double before_usd = w->cost_usd;
        double judges_before_usd = w->judges_usd;
        (void)work_answer(w, &result, loop_now_ns(r->loop), clock_unix_ms(r->session->clock), &r->retrying, &err);
        r->paces[w->suite_at].budget.spent_usd += w->cost_usd - before_usd;
        r->spent_usd += w->cost_usd - before_usd;
        r->judges_usd += w->judges_usd - judges_before_usd;
        runner_place(r, w, &err);
    }
}

/* At most SCORE_TURN_NS a turn: a slow pattern goes on in the next one while other samples run. Once running samples are stopped nobody waits for it. */
static void runner_score(struct runner *r)
{
    int64_t begin_ns = clock_ns(r->session->clock);
    int64_t left_ns = SCORE_TURN_NS;
    struct work_list unfinished = {0};
    struct work *w = NULL;
    while (left_ns > 0 && (w = work_list_pop(&r->to_score)) != NULL) {
        struct err err;
        err_clear(&err);
        if (r->is_cancelled) {
            w->next = WORK_DROP;
            runner_place(r, w, &err);
        } else if (work_score(w, left_ns, clock_unix_ms(r->session->clock)) == WORK_SCORE) {
            work_list_push(&unfinished, w);
        } else {
            runner_place(r, w, &err);
        }
        left_ns = SCORE_TURN_NS - (clock_ns(r->session->clock) - begin_ns);
    }
    while ((w = work_list_pop(&unfinished)) != NULL) { /* behind the others: one slow pattern holds nobody up */
        work_list_push(&r->to_score, w);
    }
}

static void runner_announce(struct runner *r, struct work *stored)
{
    struct run_progress *p = &r->session->progress;
    while (stored != NULL) {
        struct work *w = stored;
        stored = w->link;
        p->recorded++;
        p->failed += w->record.state == SAMPLE_SCORED && w->record.pass == PASS_NO ? 1 : 0;
        p->errored += w->record.state == SAMPLE_ERRORED ? 1 : 0;
        if (r->events->sample != NULL) {
            r->events->sample(r->events->ctx, w->suite, w->run, &w->record);
        }
        bool is_bad = w->record.state == SAMPLE_ERRORED || w->record.pass == PASS_NO;
        if (is_bad && r->session->options.fail_fast && !r->is_draining) {
            char reason[256];
            (void)snprintf(reason, sizeof(reason), "stopped at the first failing sample: case '%.*s' (--fail-fast)",
                           STR_ARG(str_slice(w->record.case_id, 0, 128)));
            runner_drain(r, VERDICT_FAILED, reason);
        }
        runner_free_work(r, w);
    }
}

static void runner_flush(struct runner *r)
{
    int64_t now_ns = loop_now_ns(r->loop);
    bool is_last = r->active == 0 && (r->is_exhausted || r->is_draining);
    if (!batch_is_due(&r->batch, now_ns, is_last)) {
        return;
    }
    struct err err = ERR_NULL;
    struct work *stored = NULL;
    struct delivery *delivery = r->recorder != NULL ? r->recorder->delivery : NULL;
    if (!batch_flush(&r->batch, r->session->store, delivery, now_ns, &stored, &err)) {
        runner_fail(r, &err);
        struct work *w = r->batch.first; /* not recorded, hence not announced: pending for resume */
        r->batch = (struct batch){0};
        while (w != NULL) {
            struct work *next = w->link;
            runner_free_work(r, w);
            w = next;
        }
        return;
    }
    runner_announce(r, stored);
}

static void runner_interrupt(struct runner *r)
{
    r->interrupts_seen = r->signals->interrupts;
    bool is_term = r->signals->first == SIGTERM;
    runner_drain(r, is_term ? VERDICT_INTERRUPTED_TERM : VERDICT_INTERRUPTED_INT, is_term ? "by SIGTERM" : "by SIGINT");
}

static void runner_heed_signals(struct runner *r)
{
    signals_drain(r->signals);
    int64_t now_ns = loop_now_ns(r->loop);
    if (r->signals->interrupts > r->interrupts_seen) {
        bool is_first = r->signals->interrupts == 1; /* both may have come while a pattern searched */
        runner_interrupt(r);
        if (is_first) {
            r->kill_ns = now_ns + r->session->options.grace_ns;
            if (r->events->note != NULL && r->active > 0) {
                r->events->note(r->events->ctx, "stopping: running samples may finish, again Ctrl-C kills them");
            }
        } else {
            r->is_cancelled = true;
            perform_cancel_all(r->perform, true);
        }
    }
    if (r->is_draining && !r->is_cancelled && r->kill_ns != 0 && now_ns >= r->kill_ns) {
        r->is_cancelled = true;
        perform_cancel_all(r->perform, false);
    }
    int64_t budget_end_ns = runner_pace(r)->budget_end_ns;
    if (!r->is_draining && budget_end_ns != 0 && now_ns >= budget_end_ns) {
        runner_drain(r, VERDICT_ERRORED, "the time budget ended the run");
        r->kill_ns = now_ns;
    }
    if (r->failure.kind != ERR_NONE && r->kill_ns == 0) {
        r->kill_ns = now_ns + r->session->options.grace_ns;
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t runner_wait_until(struct runner *r)
{
    int64_t now_ns = loop_now_ns(r->loop);
    if (r->to_score.first != NULL) {
        return now_ns;
    }
    int64_t until_ns = earlier(perform_next_ns(r->perform), batch_next_ns(&r->batch));
    if (runner_has_room(r)) {
        until_ns = earlier(until_ns, rate_next_ns(&runner_pace(r)->rate, now_ns));
    }
    if (r->to_call.first != NULL) {
        until_ns = earlier(until_ns, r->start_busy_until_ns);
    }
    if (r->recorder != NULL) {
        until_ns = earlier(until_ns, recorder_next_ns(r->recorder));
    }
    for (const struct work *w = r->paused.first; w != NULL; w = w->link) {
        until_ns = earlier(until_ns, w->resume_ns);
    }
    if (r->is_draining && !r->is_cancelled && r->kill_ns != 0) {
        until_ns = earlier(until_ns, r->kill_ns);
    }
    if (!r->is_draining && runner_pace(r)->budget_end_ns != 0) {
        until_ns = earlier(until_ns, runner_pace(r)->budget_end_ns);
    }
    return earlier(until_ns, now_ns + SHOWN_MS * NS_PER_MS); /* progress is shown even when nothing happens */
}

static bool runner_is_done(const struct runner *r)
{
    return r->active == 0 && r->batch.count == 0 && (r->is_exhausted || r->is_draining);
}

/* Delivery's share of a turn, after all that samples want. Pressed it waits; but the spans of the next calls have to be on their way. */
static void runner_record(struct runner *r, bool is_pressed)
{
    struct err err = ERR_NULL;
    int64_t until_ns = clock_ns(r->session->clock) + RECORD_TURN_MS * NS_PER_MS;
    if (r->recorder != NULL && is_pressed) {
        recorder_turn_ahead(r->recorder, until_ns);
    } else if (r->recorder != NULL && !recorder_turn(r->recorder, until_ns, &err)) {
        runner_fail(r, &err);
    }
}

/* While answers come in, storing and delivering wait, for an idle slot is what a run's time is made of; but not for long. */
static bool runner_is_pressed(struct runner *r)
{
    int64_t now_ns = clock_ns(r->session->clock);
    if (perform_is_answered(r->perform) &&
        (r->pressed_ns == 0 || now_ns - r->pressed_ns < CALLS_FIRST_MS * NS_PER_MS)) {
        r->pressed_ns = r->pressed_ns == 0 ? now_ns : r->pressed_ns;
        return true;
    }
    r->pressed_ns = 0;
    return false;
}

static void runner_turn(struct runner *r)
{
    runner_heed_signals(r);
    perform_turn(r->perform);
    runner_take(r);
    runner_score(r); /* first: whoever is done with makes room for the next one in this turn */
    runner_resume_paused(r);
    runner_start(r);
    runner_call(r);
    bool is_pressed = runner_is_pressed(r);
    if (!is_pressed) {
        runner_flush(r);
    }
    runner_record(r, is_pressed);
    struct run_progress *p = &r->session->progress;
    p->in_flight = r->active;
    p->now_ns = loop_now_ns(r->loop);
    p->is_draining = r->is_draining;
    if (r->events->progress != NULL) {
        r->events->progress(r->events->ctx, p);
    }
}

static void runner_finish_workers(struct runner *r)
{
    perform_close_workers(r->perform);
    struct err err = ERR_NULL;
    while (perform_has_programs(r->perform)) {
        if (!loop_wait(r->loop, perform_next_ns(r->perform), &err)) {
            return;
        }
        signals_drain(r->signals);
        if (r->signals->interrupts > 1) {
            perform_cancel_all(r->perform, true);
        }
        perform_turn(r->perform);
        runner_take(r);
    }
}

/* What is left to be recorded has its time afterwards; but nothing else may be under way while a teardown runs. */
static void runner_settle(struct runner *r)
{
    bool has_teardown = false;
    for (size_t i = 0; i < r->session->suite_count; i++) {
        has_teardown = has_teardown || r->session->suites[i].suite->teardown != NULL;
    }
    struct err err = ERR_NULL;
    if (r->recorder == NULL) {
        return;
    }
    r->recorder->interrupts = r->interrupts_seen;
    r->recorder->walks = false; /* no sample starts any more */
    if (!(has_teardown ? recorder_settle(r->recorder, &err) : recorder_send_off(r->recorder, &err))) {
        runner_fail(r, &err);
    }
}

static bool runner_loop(struct runner *r, struct err *err)
{
    while (!runner_is_done(r)) {
        if (!loop_wait(r->loop, runner_wait_until(r), err)) {
            return false;
        }
        runner_turn(r);
    }
    return true;
}

/* By this process: what a resumed run had spent before is not in it. */
static void runner_note_cost(struct runner *r)
{
    char words[BUDGET_WORDS];
    if (r->spent_usd > 0 && r->events->note != NULL) {
        budget_words(r->spent_usd, r->judges_usd, words);
        r->events->note(r->events->ctx, words);
    }
}

/* Calls and setups cost time or money: after a power cut resume has to find the plan. Outputs that are replayed are not worth a sync. */
static bool runner_set_up(struct runner *r, struct err *err)
{
    struct session *s = r->session;
    for (size_t i = 0; i < s->suite_count; i++) {
        const struct suite *suite = s->suites[i].suite;
        if (suite->setup != NULL &&
            (!store_sync(s->store, err) || !hook_run(s, r->perform, suite, suite->setup, "setup", err))) {
            return false;
        }
    }
    return true;
}

/* The roots are on their way to Opper meanwhile. */
static bool runner_make_durable(struct runner *r, struct err *err)
{
    return (r->recorder == NULL || recorder_send_off(r->recorder, err)) &&
           (!session_makes_calls(r->session) || store_sync(r->session->store, err));
}

static bool runner_execute(struct runner *r, struct err *err)
{
    struct session *s = r->session;
    if (!runner_set_up(r, err)) {
        if (err->kind == ERR_SETUP && r->signals->interrupts > 0) {
            runner_interrupt(r); /* it is we who ended it */
        } else {
            runner_fail(r, err);
        }
    }
    if (r->failure.kind == ERR_NONE && !r->is_draining &&
        !find_all(s, r->loop, r->perform, r->signals, &r->retrying, &r->found, err)) {
        if (err->kind == ERR_CANCELLED) {
            runner_interrupt(r);
        } else {
            runner_fail(r, err);
        }
    }
    if (r->failure.kind == ERR_NONE && ((!r->is_draining && !runner_make_durable(r, err)) || !runner_loop(r, err))) {
        runner_fail(r, err);
    }
    runner_finish_workers(r);
    runner_settle(r);
    runner_note_cost(r);
    for (size_t i = 0; i < s->suite_count; i++) {
        struct err teardown_err = ERR_NULL;
        if (!hook_run(s, r->perform, s->suites[i].suite, s->suites[i].suite->teardown, "teardown", &teardown_err) &&
            r->events->note != NULL) {
            r->events->note(r->events->ctx,
                            teardown_err.text); /* the results stand; a broken clean-up is said, not judged */
        }
    }
    if (r->failure.kind != ERR_NONE) {
        *err = r->failure;
        return false;
    }
    return true;
}

static bool runner_run(struct session *s, const struct run_events *events, struct err *err)
{
    struct runner r = {
        .session = s,
        .events = events,
        .loop = s->driver.loop,
        .signals = &s->driver.signals,
        .perform = s->driver.perform,
        .recorder = s->recorder.delivery != NULL ? &s->recorder : NULL,
        .capacity = perform_capacity(s->driver.perform),
        .paces = arena_array(&s->arena, struct pace, s->suite_count),
    };
    uint64_t seed = 0;
    memcpy(&seed, s->invocation.id.bytes, sizeof(seed));
    rng_seed(&r.retrying.rng, seed);
    s->progress.started_ns = s->progress.now_ns = clock_ns(s->clock);
    pending_init(&r.pending, s);
    bool ok = runner_execute(&r, err);
    work_list_free(r.free_list);
    pending_deinit(&r.pending);
    return ok;
}

bool session_run(struct session *s, const struct run_events *events, struct err *err)
{
    const struct driver_settings settings = {
        .http_max = session_record_requests(s), .redactor = s->options.redactor, .ca_file = s->options.ca_file};
    if (!driver_open(&s->driver, s->clock, &settings, err)) {
        return false;
    }
    bool ok = session_record_open(s, err) && runner_run(s, events, err);
    if (s->recorder.delivery == NULL) {
        driver_close(&s->driver);
    }
    return ok;
}
