#ifndef ASSAY_MODEL_CALL_H
#define ASSAY_MODEL_CALL_H

/* A call described, and what came of it. Targets and scorers that need the outside world describe the call (prepare) and read the result
 * (interpret); only io/perform makes it. So retry, rate, time-outs, supervision and recording exist once. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum call_kind {
    CALL_NONE,    /* the output is known already (replay): nothing to perform */
    CALL_COMMAND, /* a program started for this call */
    CALL_WORKER   /* a line to a program that stays */
};

/* A program to start. All strings NUL-terminated, arrays NULL-ended; they live in the call's arena or longer. */
struct command_spec {
    const char *path; /* resolved: absolute, or relative to the folder we were started in */
    const char *const *argv;
    const char *const *envp; /* complete; TMPDIR is added by io when wants_tmpdir */
    const char *cwd;
    size_t max_output; /* stdout beyond it = CALL_OUTPUT_LIMIT */
    bool wants_tmpdir; /* a private folder, removed afterwards (kept with keep_tmpdir) */
    bool keep_tmpdir;
    const char *tmpdir_base; /* where it is made; NULL = /tmp */
};

/* Workers of equal `key` form a pool of at most `max`; variants never share one. */
struct worker_spec {
    const void *key;
    uint32_t max;
    struct command_spec program;
};

struct call {
    enum call_kind kind;
    struct command_spec command;      /* CALL_COMMAND */
    const struct worker_spec *worker; /* CALL_WORKER */
    struct str input;                 /* stdin: the whole of it, or the worker's line without its newline */
    struct str worker_id;             /* CALL_WORKER: the "id" that the answer must carry */
    int64_t timeout_ns;               /* of this attempt; > 0 */
    int64_t term_grace_ns;            /* TERM to KILL; 5 s */
};

enum call_status {
    CALL_OK,      /* exit 0, or a worker's line with the right id */
    CALL_EXIT,    /* exit_code 1..255 */
    CALL_SIGNAL,  /* died by `signal_number` */
    CALL_TIMEOUT, /* never scored, even if the answer was out */
    CALL_OUTPUT_LIMIT,
    CALL_EXEC_FAILED, /* could not be started: `sys` says why. Stops the run */
    CALL_PROTOCOL,    /* a worker said something else: foreign id, no JSON, closed stdout; `detail` */
    CALL_CANCELLED    /* we stopped it: second Ctrl-C, deadline of the run */
};

struct call_result {
    enum call_status status;
    int exit_code, signal_number, sys;
    struct str output;      /* stdout, or the worker's line; in the arena given to perform_take */
    struct str stderr_tail; /* last LIMIT_STDERR_BYTES */
    struct str detail;      /* for people, of CALL_PROTOCOL and CALL_EXEC_FAILED */
    bool leaked;            /* a grandchild held the pipe */
    int64_t latency_ns;     /* from start to end, without queue */
};

const char *call_signal_name(int number); /* "SIGKILL"; NULL for a number without a name here */

#endif
