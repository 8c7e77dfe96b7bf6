#ifndef ASSAY_IO_JOB_H
#define ASSAY_IO_JOB_H

/* A call that perform was given, until its result is taken. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "io/child.h"
#include "model/call.h"

struct job {
    struct job *next; /* of its list */
    const struct call *call;
    void *tag;
    struct child child; /* CALL_COMMAND: its own program */
    enum call_status status;
    int exit_code, signal_number, sys;
    bool leaked;
    int64_t latency_ns;
    unsigned http_status; /* CALL_HTTP: as call_result */
    int64_t retry_after_ns;
    bool is_unclear, is_unreachable;
    struct buf output, stderr_tail, detail, content_type;
};

/* First in, first out. */
struct job_list {
    struct job *first, **end;
};

#define JOB_LIST_INIT(list) ((list)->first = NULL, (list)->end = &(list)->first)
void job_list_push(struct job_list *list, struct job *job);
void job_list_push_first(struct job_list *list, struct job *job);
struct job *job_list_pop(struct job_list *list); /* NULL when empty */

struct job *job_new(struct job_list *spare, const struct call *call,
                    void *tag); /* one of `spare`, else from the heap */
void job_free(struct job *job);

/* The result as the end of its program tells it: by our cause, else by the wait status. */
void job_set_end(struct job *job, const struct child *c);
PRINTF_LIKE(3, 4) void job_fail(struct job *job, enum call_status status, const char *detail, ...);

/* CALL_EXEC_FAILED: "cannot <what> '<program>': <errno>". */
void job_fail_start(struct job *job, const struct command_spec *spec, const char *what, int sys);

#endif
