#include "io/perform.h"

#include <assert.h>
#include <signal.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/redact.h"
#include "io/child.h"
#include "io/children.h"
#include "io/http.h"
#include "io/job.h"
#include "io/loop.h"
#include "io/signals.h"
#include "io/worker.h"

enum { END_WAIT_MS = 6000 };

struct perform {
    struct loop *loop;
    struct signals *signals;
    struct children children;
    struct pools pools;
    struct http *http;
    const struct redactor *redactor;
    struct job *running; /* programs of their own; pools hold the others */
    struct job_list finished, spare;
    struct job *taken;
    size_t in_flight;
    struct buf clean_type; /* a content type in which no secret was: mostly it is the next one's, too */
};

struct perform *perform_new(struct loop *loop, struct signals *signals)
{
    struct perform *p = mem_alloc(sizeof(*p));
    p->loop = loop;
    p->signals = signals;
    children_init(&p->children, loop);
    pools_init(&p->pools, &p->children);
    p->http = http_new(loop);
    perform_set_http_max(p, LIMIT_HTTP_IN_FLIGHT);
    JOB_LIST_INIT(&p->finished);
    JOB_LIST_INIT(&p->spare);
    buf_init(&p->clean_type, LIMIT_HEADER_BYTES);
    return p;
}

static void recycle(struct perform *p, struct job *job)
{
    if (job->child.host != NULL) {
        child_release(&job->child);
    }
    job_list_push_first(&p->spare, job); /* the next one takes its memory, which is near */
}

static void free_jobs(struct job *job)
{
    while (job != NULL) {
        struct job *next = job->next;
        job_free(job);
        job = next;
    }
}

/* Everything was killed: what is left is to see it go. */
static void wait_for_the_end(struct perform *p)
{
    for (int ms = 0; ms < END_WAIT_MS && p->children.count > 0; ms++) {
        children_reap(&p->children, clock_ns(loop_clock(p->loop)));
        for (struct child *c = p->children.live; c != NULL;) {
            struct child *next = c->next;
            child_turn(c, clock_ns(loop_clock(p->loop)));
            c = next;
        }
        if (p->children.count > 0) {
            struct timespec pause = {.tv_nsec = NS_PER_MS};
            (void)nanosleep(&pause, NULL);
        }
    }
}

void perform_free(struct perform **p)
{
    if (*p == NULL) {
        return;
    }
    struct perform *gone = take_ptr(p);
    perform_cancel_all(gone, true);
    wait_for_the_end(gone);
    pools_turn(&gone->pools, clock_ns(loop_clock(gone->loop)), &gone->finished);
    pools_deinit(&gone->pools);
    http_free(&gone->http);
    for (struct job *job = gone->running; job != NULL; job = job->next) {
        child_release(&job->child);
    }
    struct job *job = NULL;
    while ((job = job_list_pop(&gone->finished)) != NULL) {
        recycle(gone, job);
    }
    children_deinit(&gone->children);
    buf_deinit(&gone->clean_type);
    free_jobs(gone->running);
    free_jobs(gone->spare.first);
    if (gone->taken != NULL) {
        job_free(gone->taken);
    }
    mem_free(gone);
}

static enum child_started start_command(struct perform *p, struct job *job, enum child_stdio stdio)
{
    const struct call *call = job->call;
    struct child_order order = {.spec = &call->command,
                                .stdio = stdio,
                                .input = call->input,
                                .timeout_ns = call->timeout_ns,
                                .term_grace_ns = call->term_grace_ns};
    int sys = 0;
    const char *what = NULL;
    enum child_started started = child_start(&p->children, &job->child, &order, &sys, &what);
    if (started == CHILD_STARTED) {
        job->next = p->running;
        p->running = job;
    } else {
        job_fail_start(job, &call->command, what, sys);
    }
    return started;
}

static enum perform_started start(struct perform *p, const struct call *call, void *tag, enum child_stdio stdio)
{
    struct job *job = job_new(&p->spare, call, tag);
    enum child_started started = CHILD_STARTED;
    if (call->kind == CALL_HTTP) {
        http_submit(p->http, job, &p->finished);
    } else if (call->kind == CALL_WORKER) {
        started = pools_submit(&p->pools, job, &p->finished);
    } else {
        started = start_command(p, job, stdio);
        if (started == CHILD_FAILED) {
            job_list_push(&p->finished, job);
        }
    }
    if (started == CHILD_BUSY && p->children.count > 0) {
        job_list_push(&p->spare, job);
        return PERFORM_BUSY;
    }
    if (started == CHILD_BUSY) {
        job->status = CALL_EXEC_FAILED; /* nothing of ours could make room by ending */
        job_list_push(&p->finished, job);
    }
    p->in_flight++;
    return PERFORM_STARTED;
}

enum perform_started perform_start(struct perform *p, const struct call *call, void *tag)
{
    return start(p, call, tag, CHILD_CAPTURED);
}

bool perform_wants_behind(const struct perform *p)
{
    return http_wants_behind(p->http);
}

static void shift(int64_t *at_ns, int64_t by_ns)
{
    if (*at_ns != INT64_MAX) {
        *at_ns += by_ns;
    }
}

/* Ctrl-Z: the programs, then we; when we go on, they do, and their time has stood still. */
static void stop_all(struct perform *p)
{
    for (const struct child *c = p->children.live; c != NULL; c = c->next) {
        child_signal(c, SIGSTOP);
    }
    int64_t before_ns = p->signals->stopped_ns;
    signals_stop(p->signals, loop_clock(p->loop));
    int64_t by_ns = p->signals->stopped_ns - before_ns;
    for (struct child *c = p->children.live; c != NULL; c = c->next) {
        child_signal(c, SIGCONT);
        shift(&c->timeout_at_ns, by_ns);
        shift(&c->kill_at_ns, by_ns);
        shift(&c->leak_at_ns, by_ns);
        shift(&c->abandon_at_ns, by_ns);
        c->started_ns += by_ns;
    }
    pools_shift(&p->pools, by_ns);
    http_shift(p->http, by_ns);
}

static void finish_command(struct perform *p, struct job *job)
{
    const struct child *c = &job->child;
    job_set_end(job, c);
    int64_t end_ns = c->is_exited ? c->exited_ns : loop_now_ns(p->loop);
    job->latency_ns = end_ns > c->started_ns ? end_ns - c->started_ns : 0;
    job_list_push(&p->finished, job);
}

void perform_turn(struct perform *p)
{
    int64_t now_ns = loop_now_ns(p->loop);
    if (p->signals->watch.ready != 0) {
        signals_drain(p->signals);
    }
    if (p->signals->stop_wanted) {
        stop_all(p);
    }
    if (p->signals->child_changed) {
        p->signals->child_changed = false;
        children_reap(&p->children, now_ns);
    }
    children_count_bytes(&p->children);
    struct job **at = &p->running;
    while (*at != NULL) {
        struct job *job = *at;
        child_turn(&job->child, now_ns);
        if (job->child.is_over) {
            *at = job->next;
            finish_command(p, job);
        } else {
            at = &job->next;
        }
    }
    pools_turn(&p->pools, now_ns, &p->finished);
    http_turn(p->http, now_ns, &p->finished);
    children_sweep(&p->children, now_ns);
}

bool perform_is_answered(const struct perform *p)
{
    return http_is_answered(p->http);
}

int64_t perform_next_ns(const struct perform *p)
{
    if (p->finished.first != NULL) {
        return 0;
    }
    int64_t next = pools_next_ns(&p->pools);
    int64_t http_next = http_next_ns(p->http, loop_now_ns(p->loop));
    next = http_next < next ? http_next : next;
    for (const struct job *job = p->running; job != NULL; job = job->next) {
        int64_t wanted = child_next_ns(&job->child);
        next = wanted < next ? wanted : next;
    }
    return next;
}

bool perform_take(struct perform *p, void **ret_tag, const struct call **ret_call)
{
    assert(p->taken == NULL);
    p->taken = job_list_pop(&p->finished);
    if (p->taken == NULL) {
        return false;
    }
    *ret_tag = p->taken->tag;
    *ret_call = p->taken->call;
    p->in_flight--;
    return true;
}

/* Results come in here and nowhere else: what a secret stood in is clean from here on. */
static struct str clean(const struct perform *p, struct arena *arena, struct str text, enum redact_reach reach)
{
    struct buf out CLEANUP(buf_deinit) = BUF(2 * LIMIT_JSON_BYTES);
    return arena_str(arena, redact(p->redactor, text, reach, &out) ? buf_str(&out) : text);
}

static struct str clean_type(struct perform *p, struct arena *arena, struct str type)
{
    if (str_eq(type, buf_str(&p->clean_type))) {
        return arena_str(arena, type);
    }
    struct str cleaned = clean(p, arena, type, REDACT_MESSAGE);
    if (str_eq(cleaned, type)) {
        buf_clear(&p->clean_type);
        buf_append(&p->clean_type, type);
    }
    return cleaned;
}

void perform_result(struct perform *p, const struct call *call, struct arena *arena, struct call_result *ret)
{
    struct job *job = take_ptr(&p->taken);
    assert(job != NULL && job->call == call);
    bool is_own = call->kind == CALL_COMMAND && job->child.host != NULL;
    struct str output = is_own ? buf_str(&job->child.output) : buf_str(&job->output);
    struct str stderr_tail = is_own ? child_stderr(&job->child) : buf_str(&job->stderr_tail);
    *ret = (struct call_result){
        .status = job->status,
        .exit_code = job->exit_code,
        .signal_number = job->signal_number,
        .sys = job->sys,
        .http_status = job->http_status,
        .retry_after_ns = job->retry_after_ns,
        .is_unclear = job->is_unclear,
        .is_unreachable = job->is_unreachable,
        .content_type = clean_type(p, arena, buf_str(&job->content_type)),
        .output = clean(p, arena, output, job->status == CALL_HTTP_STATUS ? REDACT_MESSAGE : REDACT_OUTPUT),
        .stderr_tail = clean(p, arena, stderr_tail, REDACT_MESSAGE),
        .detail = clean(p, arena, buf_str(&job->detail), REDACT_MESSAGE),
        .leaked = job->leaked,
        .latency_ns = job->latency_ns,
    };
    recycle(p, job);
}

void perform_set_http_max(struct perform *p, size_t max)
{
    size_t capacity = perform_capacity(p);
    max = max < capacity ? max : capacity;
    http_set_max(p->http, max > LIMIT_HTTP_IN_FLIGHT ? LIMIT_HTTP_IN_FLIGHT : (uint32_t)max);
}

void perform_set_ca_file(struct perform *p, const char *path)
{
    http_set_ca_file(p->http, path);
}

void perform_set_redactor(struct perform *p, const struct redactor *redactor)
{
    buf_clear(&p->clean_type);
    p->redactor = redactor;
}

size_t perform_in_flight(const struct perform *p)
{
    return p->in_flight;
}

size_t perform_capacity(const struct perform *p)
{
    return children_capacity(&p->children);
}

void perform_cancel_all(struct perform *p, bool kill_now)
{
    int64_t now_ns = clock_ns(loop_clock(p->loop));
    for (struct job *job = p->running; job != NULL; job = job->next) {
        child_end(&job->child, CHILD_CANCELLED, kill_now, now_ns);
    }
    pools_cancel(&p->pools, kill_now, now_ns, &p->finished);
    http_cancel(p->http, &p->finished);
}

void perform_close_workers(struct perform *p)
{
    pools_close(&p->pools, clock_ns(loop_clock(p->loop)));
}

bool perform_has_programs(const struct perform *p)
{
    return p->running != NULL || p->pools.workers > 0;
}

static bool run_to_end(struct perform *p, struct err *err)
{
    const struct signals *signals = p->signals;
    unsigned seen = signals->interrupts;
    while (p->finished.first == NULL) {
        if (!loop_wait(p->loop, perform_next_ns(p), err)) {
            return false;
        }
        perform_turn(p);
        if (signals->interrupts != seen) {
            seen = signals->interrupts;
            perform_cancel_all(p, seen > 1); /* one may have come before we were called */
        }
    }
    return true;
}

bool perform_run(struct perform *p, const struct call *call, struct arena *arena, struct call_result *ret,
                 struct err *err)
{
    assert(p->in_flight == 0);
    (void)start(p, call, NULL, CHILD_SHOWN); /* with nothing in flight it is never busy */
    void *tag = NULL;
    const struct call *taken = NULL;
    if (!run_to_end(p, err)) {
        return false;
    }
    if (perform_take(p, &tag, &taken)) {
        perform_result(p, taken, arena, ret);
    }
    return true;
}
