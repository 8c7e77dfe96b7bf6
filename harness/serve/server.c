#include "serve/server_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "io/loop.h"
#include "io/perform.h"

enum { GRACE_S = 2, BUSY_MS = 10, US_PER_MS = 1000 };

static void note(const struct server *s, const char *text)
{
    if (s->events->note != NULL) {
        s->events->note(s->events->ctx, text);
    }
}

static void push(struct server *s, struct request *r)
{
    r->next = NULL;
    *s->due_end = r;
    s->due_end = &r->next;
}

static void answer(struct server *s, struct request *r)
{
    struct exchange *x = r->x;
    if (s->events->answered != NULL) {
        struct str path = pages_shown_path(s, r->arena, x->path);
        s->events->answered(s->events->ctx, x->method, path, x->status, clock_ns(s->clock) - x->began_ns);
    }
    listener_answer(x); /* the request is in its arena: gone */
}

/* --- one transaction ----------------------------------------------------------------------------------------------------------------------- */

/* All of them, in the order they came, are in the store or none. */
static bool carry_out(struct server *s, struct request *first, struct err *err)
{
    for (struct request *r = first; r != NULL; r = r->next) {
        r->now_us = clock_unix_ms(s->clock) * US_PER_MS;
        if (!r->step(r, err)) {
            return false;
        }
    }
    return ledger_commit(&s->ledger, err);
}

static void refuse_all(struct server *s, struct request *first, const struct err *err)
{
    for (struct request *r = first; r != NULL; r = r->next) {
        r->job = NULL;
        r->x->stream.ctx = NULL;
        reply_error(r, 503, "Nothing can be stored now: %s", err->text);
    }
    if (!s->has_said_failure) {
        s->has_said_failure = true;
        note(s, err->text);
    }
}

static void release(struct server *s, struct request *first)
{
    while (first != NULL) {
        struct request *r = first;
        first = r->next;
        if (r->job != NULL) {
            s->programs++;
            answerer_submit(&s->answerer, r->job);
        } else {
            answer(s, r);
        }
    }
}

static void flush(struct server *s)
{
    struct err err = ERR_NULL;
    bool is_busy = false;
    if (s->due == NULL || loop_now_ns(s->loop) < s->busy_until_ns) {
        return;
    }
    bool began = ledger_begin(&s->ledger, &is_busy, &err);
    if (is_busy) {
        s->busy_until_ns = loop_now_ns(s->loop) + BUSY_MS * NS_PER_MS;
        return;
    }
    struct request *first = s->due;
    s->due = NULL;
    s->due_end = &s->due;
    if (!began || !carry_out(s, first, &err)) {
        ledger_rollback(&s->ledger);
        refuse_all(s, first, &err);
    } else {
        s->has_said_failure = false;
    }
    release(s, first);
}

/* --- the loop ------------------------------------------------------------------------------------------------------------------------------ */

static void take_requests(struct server *s)
{
    struct exchange *x = NULL;
    while ((x = listener_take(s->listener)) != NULL) {
        struct request *r = arena_new(&x->arena, struct request);
        *r = (struct request){.server = s, .x = x, .arena = &x->arena};
        enum pages_outcome page = pages_begin(r);
        if (page == PAGES_NOT_THEIRS && request_begin(r)) {
            push(s, r);
        } else if (page != PAGES_PENDING) {
            answer(s, r);
        }
    }
}

/* Programs that have ended: the answer of a call is stored first, a page is not. */
static void take_programs(struct server *s)
{
    const struct call *call = NULL;
    void *tag = NULL;
    while (perform_take(s->perform, &tag, &call)) {
        struct program *program = tag;
        struct request *r = program->request;
        struct call_result result;
        perform_result(s->perform, call, program->arena, &result);
        program->read(program, call, &result);
        s->programs--;
        if (r->step != NULL) {
            push(s, r);
        } else {
            answer(s, r);
        }
    }
}

static void turn(struct server *s)
{
    perform_turn(s->perform);
    take_programs(s);
    listener_turn(s->listener);
    take_requests(s);
    flush(s);
    answerer_turn(&s->answerer);
    listener_send(s->listener);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t wait_until(const struct server *s)
{
    int64_t until_ns = earlier(listener_next_ns(s->listener), perform_next_ns(s->perform));
    return s->due != NULL ? earlier(until_ns, s->busy_until_ns) : until_ns;
}

static bool loop_until_told(struct server *s, struct err *err)
{
    while (s->signals.interrupts == 0) {
        if (!loop_wait(s->loop, wait_until(s), err)) {
            return false;
        }
        signals_drain(&s->signals);
        turn(s);
    }
    return true;
}

static bool is_under_way(const struct server *s, int64_t grace_ns)
{
    /* after the grace only those are waited for who were taken: they get an answer */
    return s->due != NULL || s->programs > 0 || (clock_ns(s->clock) < grace_ns && !listener_is_idle(s->listener));
}

/* What is under way may finish; then programs are ended, and whoever still waits is told so. */
static bool loop_to_the_end(struct server *s, struct err *err)
{
    int64_t grace_ns = clock_ns(s->clock) + GRACE_S * NS_PER_S;
    int64_t end_ns = grace_ns + GRACE_S * NS_PER_S;
    bool is_cancelled = false;
    listener_stop(s->listener);
    while (clock_ns(s->clock) < end_ns && is_under_way(s, grace_ns)) {
        if (!is_cancelled && (clock_ns(s->clock) >= grace_ns || s->signals.interrupts > 1)) {
            is_cancelled = true;
            perform_cancel_all(s->perform, true);
        }
        if (!loop_wait(s->loop, earlier(wait_until(s), is_cancelled ? end_ns : grace_ns), err)) {
            return false;
        }
        signals_drain(&s->signals);
        turn(s);
    }
    return true;
}

static bool server_begin(struct server *s, struct err *err)
{
    if (!signals_open(&s->signals, err)) {
        return false;
    }
    s->loop = loop_new(s->clock);
    loop_add(s->loop, &s->signals.watch);
    s->perform =
        perform_new(s->loop, &s->signals); /* raises the descriptor limit: before the connections are counted */
    answerer_init(&s->answerer, s->perform, s->options);
    pages_init(s);
    return ledger_open(&s->ledger, &s->arena, s->options->db, err) &&
           listener_open(s->loop, s->options->port, &s->listener, err);
}

static void server_end(struct server *s)
{
    if (s->loop == NULL) {
        return;
    }
    perform_free(&s->perform); /* before the requests that its calls belong to */
    listener_close(&s->listener);
    answerer_deinit(&s->answerer);
    ledger_close(&s->ledger);
    arena_deinit(&s->arena);
    loop_remove(s->loop, &s->signals.watch);
    loop_free(&s->loop);
    signals_close(&s->signals);
}

bool server_run(const struct server_options *options, const struct clock *clock, const struct server_events *events,
                struct err *err)
{
    struct server s CLEANUP(server_end) = {.options = options, .events = events, .clock = clock};
    s.due_end = &s.due;
    if (!server_begin(&s, err)) {
        return false;
    }
    if (events->listening != NULL) {
        events->listening(events->ctx, listener_port(s.listener), s.pages.token);
    }
    return loop_until_told(&s, err) && loop_to_the_end(&s, err);
}
