#ifndef ASSAY_IO_PERFORM_H
#define ASSAY_IO_PERFORM_H

/* Makes calls (model/call.h): starts programs, talks to workers, supervises, times out, and hands back results. The caller's loop:
 *
 *   perform_start(p, &call, tag); ... loop_wait(); perform_turn(p); while (perform_take(p, &tag, &call)) { perform_result(p, call, ...); ... }
 *
 * Limits that hold here: output cap (group killed), stderr tail, TERM then KILL to the process group, 100 ms for a held pipe, no zombies, no
 * descriptor but 0-2 in children, children die when we do. Out of descriptors or processes (EMFILE, EAGAIN): perform_start says busy, and the
 * caller lowers its concurrency; with nothing in flight, when nothing of ours could free any, the call is CALL_EXEC_FAILED instead. Workers: pools by worker_spec.key, started when first needed, restarted after a fault; five starts without an
 * answer make the call CALL_EXEC_FAILED. Requests: io/http.h; they wait in a queue of their server, so
 * perform_start takes every one. A SIGTSTP stops the programs, then us; their timers do not run meanwhile. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/call.h"

struct arena;
struct err;
struct loop;
struct perform;
struct redactor;
struct signals;

/* `signals` is open and its watch is in the loop. Raises the soft descriptor limit to the hard one (until perform_free; programs get the former). */
struct perform *perform_new(struct loop *loop, struct signals *signals);
void perform_free(struct perform **p); /* kills what is left, reaps it, closes workers (EOF, then TERM, KILL) */

/* What all requests share. Before the first one. */
void perform_set_http_max(struct perform *p, size_t max); /* to one server at once; LIMIT_HTTP_IN_FLIGHT until said */
void perform_set_ca_file(struct perform *p,
                         const char *path); /* whom to trust; NULL = the system's list. Outlives `p` */

/* Whose secrets are taken out of every result: outputs, messages, what programs say on stderr. Outlives `p`; NULL = none. */
void perform_set_redactor(struct perform *p, const struct redactor *redactor);

enum perform_started { PERFORM_STARTED, PERFORM_BUSY };

/* `call` and what it points to live until the result was taken. `tag` is the caller's. */
enum perform_started perform_start(struct perform *p, const struct call *call, void *tag);

/* Whether few requests that nobody waits for (HTTP_BEHIND) are queued. Each that is takes memory out of the processor's caches until it is sent. */
bool perform_wants_behind(const struct perform *p);

/* After each wait: drains the signals, moves bytes, reaps, starts kills; never blocks. */
void perform_turn(struct perform *p);
bool perform_is_answered(const struct perform *p); /* answers of requests that samples wait for have come since */
int64_t perform_next_ns(const struct perform *p);  /* when a timer wants the next turn; INT64_MAX = none */

/* A finished call, in finishing order; false = none. Its result is read, by perform_result, before the next one is taken. */
bool perform_take(struct perform *p, void **ret_tag, const struct call **ret_call);
/* Of the one just taken; texts are copied into `arena`. Frees it. */
void perform_result(struct perform *p, const struct call *call, struct arena *arena, struct call_result *ret);

size_t perform_in_flight(const struct perform *p); /* started, and not taken yet */
size_t perform_capacity(
    const struct perform *p); /* calls that fit under the descriptor limit: the most that concurrency can be */
void perform_cancel_all(struct perform *p,
                        bool kill_now); /* TERM (or KILL) to every group; results become CALL_CANCELLED */

/* Finish the workers of all pools: EOF, up to 5 s each, together. Call when no more samples come; turns go on while
 * perform_has_programs. */
void perform_close_workers(struct perform *p);
bool perform_has_programs(const struct perform *p); /* any runs, workers too; requests may be under way all the same */

/* Runs one program to its end (setup, teardown): its output goes to our stderr, its stdin is empty, and what it leaves running (a server that teardown
 * stops) is left alone. Waits itself, so nothing else may be in flight. A signal ends it: TERM, at the second one KILL; then CALL_CANCELLED. */
MUST_CHECK bool perform_run(struct perform *p, const struct call *call, struct arena *arena, struct call_result *ret,
                            struct err *err);

#endif
