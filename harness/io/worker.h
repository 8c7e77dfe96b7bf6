#ifndef ASSAY_IO_WORKER_H
#define ASSAY_IO_WORKER_H

/* Pools of programs that stay: one line to stdin, one JSON line with the same "id" from stdout, one call in flight each. A worker that says anything
 * else, ends, or lets the time pass is killed with its group, its call fails with the fitting status, and a new worker is started when it is needed.
 * After WORKER_STARTS workers in a row that ended without one answer the pool is broken: its calls become CALL_EXEC_FAILED. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "io/child.h"
#include "io/job.h"

struct children;
struct pool;

enum { WORKER_STARTS = 5 };

struct pools {
    struct children *host;
    struct pool *first;
    struct arena scratch;
    size_t workers; /* alive, those that are being ended included */
};

void pools_init(struct pools *ps, struct children *host);
void pools_deinit(struct pools *ps); /* no worker is alive any more */

/* CHILD_BUSY: not taken. Else it is taken, perhaps finished at once: then it is in `finished`. */
enum child_started pools_submit(struct pools *ps, struct job *job, struct job_list *finished);
void pools_turn(struct pools *ps, int64_t now_ns, struct job_list *finished);
int64_t pools_next_ns(const struct pools *ps);
void pools_cancel(struct pools *ps, bool kill_now, int64_t now_ns, struct job_list *finished);
void pools_close(struct pools *ps, int64_t now_ns); /* EOF to all, TERM 5 s later */
void pools_shift(struct pools *ps, int64_t by_ns);  /* timers, after a stop */

#endif
