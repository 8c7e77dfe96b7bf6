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
    CALL_WORKER,  /* a line to a program that stays */
    CALL_HTTP     /* a request to a server */
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

struct secret;

/* Whose turn it is when a host takes no more at once: what a sample waits for goes before what is only written down. */
enum http_priority { HTTP_FIRST, HTTP_BEHIND };

/* A request. All strings NUL-terminated; they live in the call's arena or longer. The body is the call's `input`. */
struct http_spec {
    const char *method;       /* "POST" */
    const char *url;          /* whole */
    const struct secret *key; /* sent as "Authorization: Bearer"; NULL = none */
    enum http_priority priority;
    uint64_t max_output; /* of the answer's body; beyond it CALL_OUTPUT_LIMIT; 0 = LIMIT_OUTPUT_BYTES */
    /* Where the body of a success goes as it arrives, instead of `output`: a file that is the caller's, from its position on. What a try that failed has
     * left there is the caller's to cut off. */
    bool is_to_file;
    int file;
    bool is_repeat; /* earlier tries failed: its success does not say that the host could take more */
    /* Monotonic. Not answered by then, or the host wants a pause beyond it: CALL_TIMEOUT, the latter at once. 0 = none. */
    int64_t deadline_ns;
};

struct call {
    enum call_kind kind;
    struct command_spec command;      /* CALL_COMMAND */
    const struct worker_spec *worker; /* CALL_WORKER */
    struct http_spec http;            /* CALL_HTTP */
    struct str input;      /* stdin: the whole of it, or the worker's line without its newline; a request's body */
    struct str worker_id;  /* CALL_WORKER: the "id" that the answer must carry */
    int64_t timeout_ns;    /* of this attempt; > 0 */
    int64_t term_grace_ns; /* TERM to KILL; 5 s */
};

enum call_status {
    CALL_OK,      /* exit 0, a worker's line with the right id, or an answer with a status of 2xx */
    CALL_EXIT,    /* exit_code 1..255 */
    CALL_SIGNAL,  /* died by `signal_number` */
    CALL_TIMEOUT, /* never scored, even if the answer was out */
    CALL_OUTPUT_LIMIT,
    CALL_EXEC_FAILED, /* could not be started: `sys` says why. Stops the run */
    CALL_PROTOCOL,    /* a worker said something else: foreign id, no JSON, closed stdout; `detail` */
    CALL_CANCELLED,   /* we stopped it: second Ctrl-C, deadline of the run */
    CALL_HTTP_STATUS, /* a whole answer with another status: `http_status` */
    CALL_NETWORK      /* no whole answer: not reached, TLS, reset, cut short; `detail` */
};

struct call_result {
    enum call_status status;
    int exit_code, signal_number, sys;
    unsigned http_status;    /* CALL_HTTP only; 0 = there was no whole answer */
    int64_t retry_after_ns;  /* what the server asked for; -1 = nothing */
    struct str content_type; /* of an answer, as it was sent; empty = none */
    bool is_unclear;         /* no answer, yet the server may have acted: look before repeating (as after a 5xx) */
    bool is_unreachable;     /* trying on is of no use (many could not connect in a row, TLS refused): stops the run */
    struct str output;       /* stdout, the worker's line, or the body; in the arena given to perform_result */
    struct str stderr_tail;  /* last LIMIT_STDERR_BYTES */
    struct str detail;       /* for people: why there is no answer (a CALL_HTTP_STATUS with it was never sent) */
    bool leaked;             /* a grandchild held the pipe */
    int64_t latency_ns;      /* from start (a request: from sending on) to end, without queue */
};

/* How a layer that does not know io hands over its calls (opper/). `start` false: no room, again in a later turn. `has_room`: few of those handed over
 * still wait to be sent, so that one more would soon be on its way; whoever has many waits for that, but hands over whole what belongs together. Whoever drives the port takes the results and brings
 * them back with their tag. */
struct call_port {
    void *ctx;
    bool (*has_room)(void *ctx);
    bool (*start)(void *ctx, const struct call *call, void *tag);
};

const char *call_signal_name(int number); /* "SIGKILL"; NULL for a number without a name here */

#endif
