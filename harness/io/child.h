#ifndef ASSAY_IO_CHILD_H
#define ASSAY_IO_CHILD_H

/* One program under supervision, from its start until it is reaped: feeds its stdin, gathers its output under a ceiling, watches its time, and
 * makes sure that nothing of its process group is left. Workers and one-shot programs are both this.
 *
 *   child_start(); then each turn: children_reap() once, child_turn() for each; when is_over: read the fields, child_release()
 *
 * The end of a program is the end of its main process. What still holds its pipes 100 ms later is killed with the group and `leaked` is set. Its
 * zombie pins the group's number: the group is killed before the leader is reaped, never after. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/str.h"
#include "io/loop.h"
#include "model/call.h"

struct children;

enum child_cause { CHILD_BY_ITSELF, CHILD_TIMEOUT, CHILD_OUTPUT_LIMIT, CHILD_CANCELLED };

enum child_stdio {
    CHILD_CAPTURED, /* stdin is fed and closed, stdout and stderr are gathered */
    CHILD_DIALOGUE, /* the same, but stdin stays open: child_send, child_end_input */
    CHILD_SHOWN     /* stdin is empty, stdout and stderr are our stderr; what it leaves running is left alone */
};

struct child {
    struct children *host;
    struct child *next, **link; /* all live ones */
    struct child *bucket_next;  /* of equal pid hash */
    pid_t pid;
    enum child_stdio stdio;
    struct loop_watch in, out, err; /* fd -1 = closed */
    struct str input;               /* what is still to be written */
    bool owes_newline;              /* after it */
    struct buf output;              /* stdout so far; a dialogue's owner consumes it */
    size_t max_output;
    struct buf tail; /* stderr, at least its last LIMIT_STDERR_BYTES */
    bool has_tmpdir, keeps_tmpdir;
    uint64_t tmpdir;

    enum child_cause cause; /* the first reason that we had to end it */
    bool is_exited;         /* the main process is gone; wait_status says how */
    bool is_over;           /* nothing more comes: reaped, pipes closed */
    bool leaked;
    int wait_status; /* as of waitpid */
    int64_t started_ns, exited_ns;
    int64_t timeout_at_ns, kill_at_ns, leak_at_ns, abandon_at_ns; /* INT64_MAX = not set */
    int64_t term_grace_ns;
};

enum child_started {
    CHILD_STARTED,
    CHILD_BUSY, /* out of descriptors, processes or memory for now */
    CHILD_FAILED
};

struct child_order {
    const struct command_spec *spec;
    enum child_stdio stdio;
    struct str input;                  /* lives until the child is over */
    int64_t timeout_ns, term_grace_ns; /* timeout_ns INT64_MAX = none */
};

/* On CHILD_FAILED and CHILD_BUSY *ret_sys is the errno, *ret_what the step in words ("start", "enter the folder of"). `c` is zeroed memory, or one that
 * was released: its buffers are used again. It stays where it is until child_release. */
enum child_started child_start(struct children *host, struct child *c, const struct child_order *order, int *ret_sys,
                               const char **ret_what);

void child_turn(struct child *c, int64_t now_ns);
int64_t child_next_ns(const struct child *c);

/* Ends it: TERM to the group, KILL after the grace; or KILL at once. The first cause stays. */
void child_end(struct child *c, enum child_cause cause, bool kill_now, int64_t now_ns);

void child_signal(const struct child *c, int number); /* to the group */

/* Dialogue: writes line and newline, as much as the pipe takes now; child_turn writes the rest. `line` lives until child_is_sent. */
void child_send(struct child *c, struct str line);
bool child_is_sent(const struct child *c);
void child_end_input(struct child *c);

/* The last LIMIT_STDERR_BYTES of stderr. */
struct str child_stderr(const struct child *c);

/* After is_over: forgets it, removes its folder, keeps small buffers for the next start. */
void child_release(struct child *c);
void child_deinit(struct child *c); /* frees the buffers of a released one */

/* For children_reap only: the main process has exited. */
void child_note_exit(struct child *c, int64_t now_ns);

#endif
