#include "io/worker.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "data/json.h"
#include "data/value.h"
#include "io/children.h"

enum { CLOSE_S = 5, HALF_CLOSED_MS = 100, RETRY_MS = 50 };

struct worker {
    struct worker *next;
    struct child child;
    struct job *job; /* NULL = idle */
    size_t scanned;  /* bytes of its output without a newline */
    bool has_answered;
    bool is_ending;               /* out of the pool: only waited for */
    int64_t sent_ns, deadline_ns; /* of the job; INT64_MAX = none */
    int64_t close_at_ns;          /* closed its stdout, or was asked to finish: patience until then */
};

struct pool {
    struct pool *next;
    const void *key;
    struct worker *workers; /* those that are being ended included */
    size_t count;           /* those that are not */
    struct job_list waiting;
    uint32_t silent_ends; /* workers in a row that ended without an answer */
    bool is_broken;
    int64_t retry_ns; /* a start that found no room; INT64_MAX = none */
};

void pools_init(struct pools *ps, struct children *host)
{
    *ps = (struct pools){.host = host, .scratch = ARENA_NULL};
}

void pools_deinit(struct pools *ps)
{
    while (ps->first != NULL) {
        struct pool *pool = ps->first;
        ps->first = pool->next;
        while (pool->workers != NULL) {
            struct worker *w = pool->workers;
            pool->workers = w->next;
            child_deinit(&w->child);
            mem_free(w);
        }
        mem_free(pool);
    }
    arena_deinit(&ps->scratch);
}

static struct pool *pool_of(struct pools *ps, const struct worker_spec *spec)
{
    struct pool **at = &ps->first;
    while (*at != NULL && (*at)->key != spec->key) {
        at = &(*at)->next;
    }
    if (*at == NULL) {
        *at = mem_alloc(sizeof(**at));
        (*at)->key = spec->key;
        (*at)->retry_ns = INT64_MAX;
        JOB_LIST_INIT(&(*at)->waiting);
    }
    return *at;
}

static void give(struct pools *ps, struct worker *w, struct job *job)
{
    w->job = job;
    w->sent_ns = clock_ns(loop_clock(ps->host->loop));
    w->deadline_ns = job->call->timeout_ns < INT64_MAX - w->sent_ns ? w->sent_ns + job->call->timeout_ns : INT64_MAX;
    w->child.term_grace_ns = job->call->term_grace_ns;
    buf_clear(&w->child.tail);
    child_send(&w->child, job->call->input);
}

/* Takes the job from the worker and hands it out. */
static void hand_out(struct worker *w, int64_t now_ns, struct job_list *finished)
{
    struct job *job = w->job;
    struct str tail = child_stderr(&w->child);
    if (tail.len > 0) {
        buf_append(&job->stderr_tail, tail);
    }
    job->latency_ns = now_ns - w->sent_ns;
    w->job = NULL;
    w->deadline_ns = INT64_MAX;
    w->child.input = STR_NULL; /* it may live in the call, which ends now */
    w->child.owes_newline = false;
    job_list_push(finished, job);
}

static void end_worker(struct pool *pool, struct worker *w, bool kill_now, int64_t now_ns)
{
    if (!w->is_ending) {
        w->is_ending = true;
        w->close_at_ns = INT64_MAX;
        pool->count--;
    }
    child_end(&w->child, CHILD_CANCELLED, kill_now, now_ns);
}

static void fail_waiting(struct pool *pool, struct job_list *finished)
{
    struct job *job = NULL;
    while ((job = job_list_pop(&pool->waiting)) != NULL) {
        job_fail(job, CALL_EXEC_FAILED, "its worker was started %d times and never answered", WORKER_STARTS);
        job_list_push(finished, job);
    }
}

/* The job of `w` has failed (its status is set): out with it, and with the worker. */
static void fault(struct pool *pool, struct worker *w, bool kill_now, int64_t now_ns, struct job_list *finished)
{
    struct job *job = w->job;
    if (!w->has_answered && ++pool->silent_ends >= WORKER_STARTS) {
        pool->is_broken = true;
        struct str detail = buf_str(&job->detail);
        job_fail(job, CALL_EXEC_FAILED, "its worker was started %d times and never answered; at last: %.*s",
                 WORKER_STARTS, STR_ARG(detail));
    }
    hand_out(w, now_ns, finished);
    end_worker(pool, w, kill_now, now_ns);
    if (pool->is_broken) {
        fail_waiting(pool, finished);
    }
}

static bool is_answer(struct pools *ps, struct job *job, struct str line)
{
    arena_reset(&ps->scratch);
    struct value root;
    struct err err = ERR_NULL;
    if (!json_read(&ps->scratch, line, JSON_REPLY, (struct src_pos){NULL, 1, 1}, &root, NULL, &err)) {
        job_fail(job, CALL_PROTOCOL, "a line of the worker is not JSON: %s", err.text);
        return false;
    }
    const struct value *id = value_get(&root, STR("id"));
    if (root.kind != VALUE_MAP) {
        job_fail(job, CALL_PROTOCOL, "a line of the worker is %s, not a JSON object", value_kind_name(root.kind));
        return false;
    }
    if (id == NULL || id->kind != VALUE_TEXT) {
        job_fail(job, CALL_PROTOCOL, "the worker's answer has no \"id\"");
        return false;
    }
    if (!str_eq(id->text, job->call->worker_id)) {
        job_fail(job, CALL_PROTOCOL, "the worker's answer has the id '%.*s', not '%.*s'", STR_ARG(id->text),
                 STR_ARG(job->call->worker_id));
        return false;
    }
    return true;
}

/* A whole line of a busy worker stands at the start of its output, `len` bytes without the newline. */
static void take_line(struct pools *ps, struct pool *pool, struct worker *w, size_t len, int64_t now_ns,
                      struct job_list *finished)
{
    struct buf *output = &w->child.output;
    struct job *job = w->job;
    bool is_alone = output->len == len + 1;
    if (!is_alone) {
        job_fail(job, CALL_PROTOCOL, "the worker wrote more than one line for one request");
        buf_append(&job->output, (struct str){output->ptr, len});
        fault(pool, w, true, now_ns, finished);
        return;
    }
    if (!is_answer(ps, job, (struct str){output->ptr, len})) {
        buf_append(&job->output, (struct str){output->ptr, len});
        fault(pool, w, true, now_ns, finished);
        return;
    }
    /* The line is all there is: swap the buffers instead of copying it. */
    struct buf line = *output;
    *output = job->output;
    job->output = line;
    job->output.len = len;
    buf_clear(output);
    w->scanned = 0;
    w->has_answered = true;
    pool->silent_ends = 0;
    hand_out(w, now_ns, finished);
}

/* A busy worker whose program is gone, or that will never answer. */
static void check_end(struct pool *pool, struct worker *w, int64_t now_ns, struct job_list *finished)
{
    struct job *job = w->job;
    if (w->child.is_over) {
        job_set_end(job, &w->child);
        if (job->status == CALL_OK) {
            job_fail(job, CALL_PROTOCOL, "the worker ended without an answer");
        } else if (job->status == CALL_EXIT) {
            job_fail(job, CALL_EXIT, "exit %d", job->exit_code);
        } else if (job->status == CALL_SIGNAL) {
            job_fail(job, CALL_SIGNAL, "signal %d", job->signal_number);
        }
        fault(pool, w, true, now_ns, finished);
    } else if (w->child.cause == CHILD_OUTPUT_LIMIT) {
        job_fail(job, CALL_OUTPUT_LIMIT, "a line of the worker is longer than %u bytes", LIMIT_LINE_BYTES);
        fault(pool, w, true, now_ns, finished);
    } else if (now_ns >= w->deadline_ns) {
        job_fail(job, CALL_TIMEOUT, "no answer in time");
        fault(pool, w, false, now_ns, finished);
    } else if (w->child.out.fd < 0 && w->close_at_ns == INT64_MAX) {
        w->close_at_ns = now_ns + HALF_CLOSED_MS * NS_PER_MS; /* its exit status says more, when it comes */
    } else if (w->child.out.fd < 0 && now_ns >= w->close_at_ns) {
        job_fail(job, CALL_PROTOCOL, "the worker closed its stdout");
        fault(pool, w, true, now_ns, finished);
    }
}

static void check_idle(struct pool *pool, struct worker *w, int64_t now_ns)
{
    bool was_asked = w->close_at_ns != INT64_MAX;
    if (was_asked) {
        buf_clear(&w->child.output);
    }
    if (w->child.is_over || now_ns >= w->close_at_ns) {
        end_worker(pool, w, false, now_ns);
    } else if (!was_asked && (w->child.output.len > 0 || w->child.out.fd < 0)) {
        end_worker(pool, w, true, now_ns); /* it spoke without being asked: the next call gets a new one */
    }
}

static void worker_turn(struct pools *ps, struct pool *pool, struct worker *w, int64_t now_ns,
                        struct job_list *finished)
{
    child_turn(&w->child, now_ns);
    struct buf *output = &w->child.output;
    if (w->is_ending) {
        buf_clear(output);
        return;
    }
    if (w->job != NULL && output->len > w->scanned) {
        const char *newline = memchr(output->ptr + w->scanned, '\n', output->len - w->scanned);
        w->scanned = output->len;
        if (newline != NULL) {
            take_line(ps, pool, w, (size_t)(newline - output->ptr), now_ns, finished);
        }
    }
    if (w->job != NULL) {
        check_end(pool, w, now_ns, finished);
    } else if (!w->is_ending) {
        check_idle(pool, w, now_ns);
    }
}

/* A new worker with its first job. */
static enum child_started start_worker(struct pools *ps, struct pool *pool, struct job *job, struct job_list *finished)
{
    const struct command_spec *program = &job->call->worker->program;
    struct worker *w = mem_alloc(sizeof(*w));
    struct command_spec spec = *program;
    spec.max_output = LIMIT_LINE_BYTES + 1;
    struct child_order order = {
        .spec = &spec, .stdio = CHILD_DIALOGUE, .timeout_ns = INT64_MAX, .term_grace_ns = job->call->term_grace_ns};
    int sys = 0;
    const char *what = NULL;
    enum child_started started = child_start(ps->host, &w->child, &order, &sys, &what);
    if (started != CHILD_STARTED) {
        child_deinit(&w->child);
        mem_free(w);
        if (started == CHILD_FAILED) {
            job_fail_start(job, program, what, sys);
            job_list_push(finished, job);
        }
        return started;
    }
    w->deadline_ns = INT64_MAX;
    w->close_at_ns = INT64_MAX;
    w->next = pool->workers;
    pool->workers = w;
    pool->count++;
    ps->workers++;
    give(ps, w, job);
    return CHILD_STARTED;
}

/* CHILD_BUSY: nobody can take it now. */
static enum child_started assign(struct pools *ps, struct pool *pool, struct job *job, struct job_list *finished)
{
    if (pool->is_broken) {
        job_fail(job, CALL_EXEC_FAILED, "its worker was started %d times and never answered", WORKER_STARTS);
        job_list_push(finished, job);
        return CHILD_FAILED;
    }
    for (struct worker *w = pool->workers; w != NULL; w = w->next) {
        if (w->job == NULL && !w->is_ending && !w->child.is_exited && w->child.output.len == 0 &&
            w->close_at_ns == INT64_MAX) {
            give(ps, w, job);
            return CHILD_STARTED;
        }
    }
    return pool->count < job->call->worker->max ? start_worker(ps, pool, job, finished) : CHILD_BUSY;
}

enum child_started pools_submit(struct pools *ps, struct job *job, struct job_list *finished)
{
    struct pool *pool = pool_of(ps, job->call->worker);
    enum child_started started = pool->waiting.first == NULL ? assign(ps, pool, job, finished) : CHILD_BUSY;
    if (started == CHILD_BUSY && pool->count > 0) {
        job_list_push(&pool->waiting, job); /* somebody in this pool will be free */
        return CHILD_STARTED;
    }
    return started;
}

static void serve_waiting(struct pools *ps, struct pool *pool, int64_t now_ns, struct job_list *finished)
{
    pool->retry_ns = INT64_MAX;
    while (pool->waiting.first != NULL) {
        struct job *job = job_list_pop(&pool->waiting);
        if (assign(ps, pool, job, finished) != CHILD_BUSY) {
            continue;
        }
        job->next = pool->waiting.first;
        pool->waiting.first = job;
        if (job->next == NULL) {
            pool->waiting.end = &job->next;
        }
        if (pool->count < job->call->worker->max) {
            pool->retry_ns = now_ns + RETRY_MS * NS_PER_MS;
        }
        return;
    }
}

void pools_turn(struct pools *ps, int64_t now_ns, struct job_list *finished)
{
    for (struct pool *pool = ps->first; pool != NULL; pool = pool->next) {
        struct worker **at = &pool->workers;
        while (*at != NULL) {
            struct worker *w = *at;
            worker_turn(ps, pool, w, now_ns, finished);
            if (w->is_ending && w->child.is_over) {
                *at = w->next;
                child_release(&w->child);
                child_deinit(&w->child);
                mem_free(w);
                ps->workers--;
            } else {
                at = &w->next;
            }
        }
        if (pool->waiting.first != NULL) {
            serve_waiting(ps, pool, now_ns, finished);
        }
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t pools_next_ns(const struct pools *ps)
{
    int64_t next = INT64_MAX;
    for (const struct pool *pool = ps->first; pool != NULL; pool = pool->next) {
        next = earlier(next, pool->retry_ns);
        for (const struct worker *w = pool->workers; w != NULL; w = w->next) {
            next = earlier(next, earlier(child_next_ns(&w->child), earlier(w->deadline_ns, w->close_at_ns)));
        }
    }
    return next;
}

void pools_cancel(struct pools *ps, bool kill_now, int64_t now_ns, struct job_list *finished)
{
    for (struct pool *pool = ps->first; pool != NULL; pool = pool->next) {
        struct job *job = NULL;
        while ((job = job_list_pop(&pool->waiting)) != NULL) {
            job_fail(job, CALL_CANCELLED, "cancelled");
            job_list_push(finished, job);
        }
        for (struct worker *w = pool->workers; w != NULL; w = w->next) {
            if (w->job != NULL) {
                job_fail(w->job, CALL_CANCELLED, "cancelled");
                hand_out(w, now_ns, finished);
            }
            end_worker(pool, w, kill_now, now_ns);
        }
    }
}

void pools_close(struct pools *ps, int64_t now_ns)
{
    for (struct pool *pool = ps->first; pool != NULL; pool = pool->next) {
        for (struct worker *w = pool->workers; w != NULL; w = w->next) {
            if (w->job == NULL && !w->is_ending && w->close_at_ns == INT64_MAX) {
                child_end_input(&w->child);
                w->close_at_ns = now_ns + CLOSE_S * NS_PER_S;
            }
        }
    }
}

static void shift(int64_t *at_ns, int64_t by_ns)
{
    if (*at_ns != INT64_MAX) {
        *at_ns += by_ns;
    }
}

void pools_shift(struct pools *ps, int64_t by_ns)
{
    for (struct pool *pool = ps->first; pool != NULL; pool = pool->next) {
        for (struct worker *w = pool->workers; w != NULL; w = w->next) {
            shift(&w->deadline_ns, by_ns);
            shift(&w->close_at_ns, by_ns);
            w->sent_ns += by_ns;
        }
    }
}
