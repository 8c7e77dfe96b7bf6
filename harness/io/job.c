#include "io/job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/limits.h"
#include "base/mem.h"

enum { DETAIL_BYTES = 2048, CONTENT_TYPE_BYTES = 256, OUTPUT_KEPT_BYTES = 1 << 20 };

void job_list_push(struct job_list *list, struct job *job)
{
    job->next = NULL;
    *list->end = job;
    list->end = &job->next;
}

void job_list_push_first(struct job_list *list, struct job *job)
{
    job->next = list->first;
    list->first = job;
    if (job->next == NULL) {
        list->end = &job->next;
    }
}

struct job *job_list_pop(struct job_list *list)
{
    struct job *job = list->first;
    if (job != NULL) {
        list->first = job->next;
        if (list->first == NULL) {
            list->end = &list->first;
        }
    }
    return job;
}

struct job *job_new(struct job_list *spare, const struct call *call, void *tag)
{
    struct job *job = job_list_pop(spare);
    if (job == NULL) {
        job = mem_alloc(sizeof(*job));
        buf_init(&job->output, LIMIT_LINE_BYTES + 1);
        buf_init(&job->stderr_tail, LIMIT_STDERR_BYTES);
        buf_init(&job->detail, DETAIL_BYTES);
        buf_init(&job->content_type, CONTENT_TYPE_BYTES);
    }
    if (job->output.cap > OUTPUT_KEPT_BYTES) {
        buf_deinit(&job->output);
    }
    job->output.max = LIMIT_LINE_BYTES + 1;
    buf_clear(&job->output);
    buf_clear(&job->stderr_tail);
    buf_clear(&job->detail);
    buf_clear(&job->content_type);
    job->call = call;
    job->tag = tag;
    job->status = CALL_OK;
    job->exit_code = 0;
    job->signal_number = 0;
    job->sys = 0;
    job->leaked = false;
    job->latency_ns = 0;
    job->http_status = 0;
    job->retry_after_ns = -1;
    job->is_unclear = job->is_unreachable = false;
    return job;
}

void job_free(struct job *job)
{
    child_deinit(&job->child);
    buf_deinit(&job->output);
    buf_deinit(&job->stderr_tail);
    buf_deinit(&job->detail);
    buf_deinit(&job->content_type);
    mem_free(job);
}

void job_set_end(struct job *job, const struct child *c)
{
    static const enum call_status by_cause[] = {
        [CHILD_BY_ITSELF] = CALL_OK,
        [CHILD_TIMEOUT] = CALL_TIMEOUT,
        [CHILD_OUTPUT_LIMIT] = CALL_OUTPUT_LIMIT,
        [CHILD_CANCELLED] = CALL_CANCELLED,
    };
    job->status = by_cause[c->cause];
    job->leaked = c->leaked;
    if (c->is_exited && WIFSIGNALED(c->wait_status)) {
        job->signal_number = WTERMSIG(c->wait_status);
    } else if (c->is_exited && WIFEXITED(c->wait_status)) {
        job->exit_code = WEXITSTATUS(c->wait_status);
    }
    if (job->status == CALL_OK && job->signal_number != 0) {
        job->status = CALL_SIGNAL;
    } else if (job->status == CALL_OK && job->exit_code != 0) {
        job->status = CALL_EXIT;
    }
}

void job_fail(struct job *job, enum call_status status, const char *detail, ...)
{
    char text[DETAIL_BYTES];
    va_list args;
    va_start(args, detail);
    (void)vsnprintf(text, sizeof(text), detail, args);
    va_end(args);
    job->status = status;
    buf_clear(&job->detail);
    buf_append_cstr(&job->detail, text);
}

void job_fail_start(struct job *job, const struct command_spec *spec, const char *what, int sys)
{
    char room[128];
    /* it was there when the suite was loaded: what is missing is most likely the program that its #! line names */
    bool is_start = strcmp(what, "start") == 0;
    bool is_cwd = strcmp(what, "enter the folder of") == 0;
    job_fail(job, CALL_EXEC_FAILED, "cannot %s '%s'%s%s: %s%s", what, spec->argv[0], is_cwd ? ", " : "",
             is_cwd ? spec->cwd : "", strerror_r(sys, room, sizeof(room)),
             sys == ENOENT && is_start ? " (it, or what its #! line names)" : "");
    job->sys = sys;
}
