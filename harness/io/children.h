#ifndef ASSAY_IO_CHILDREN_H
#define ASSAY_IO_CHILDREN_H

/* All programs that run now, and what they share. We are a subreaper (Linux): a process that left its group and lost its parent becomes our child, is
 * found by the TMPDIR in its environment, killed when its sample is over, and reaped: neither strays nor zombies stay behind.
 * Elsewhere only the process group is ended. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "io/guard.h"
#include "io/spawn.h"
#include "io/tmpdir.h"

struct child;
struct loop;

enum { CHILDREN_BUCKETS = 256, CHILDREN_SCRATCH_BYTES = 64 << 10 };

struct children {
    struct loop *loop;
    struct spawn_common spawn;
    struct tmpdir_root tmpdirs;
    struct guard guard; /* from the first folder on */
    struct child *live;
    struct child *buckets[CHILDREN_BUCKETS];
    size_t count;
    int null_fd;
    char *scratch;     /* CHILDREN_SCRATCH_BYTES */
    const char **envp; /* room for the environment of the next start */
    size_t envp_cap;
    size_t held_bytes; /* of stdout, in all buffers: children_count_bytes, and what was read since */
    bool has_paused;   /* somebody does not read, since too much is held */
    bool sweep_wanted; /* a program ended since the last look for strays */
    int64_t swept_ns;
};

void children_init(struct children *cs, struct loop *loop);
void children_deinit(struct children *cs); /* none is live any more; kills strays, removes folders */

void children_add(struct children *cs, struct child *c);
void children_remove(struct children *cs, struct child *c);

/* `envp` and one entry more, valid until the next call. */
const char *const *children_envp(struct children *cs, const char *const *envp, const char *entry);

/* After SIGCHLD: notes which children have exited, and reaps strays that became ours. Never blocks. */
void children_reap(struct children *cs, int64_t now_ns);

/* Once a turn: sums up held_bytes, and lets those who paused read on when there is room. Over LIMIT_INFLIGHT_BYTES only the program that has run longest
 * is read (children_may_read), so that one after the other comes to its end. */
void children_count_bytes(struct children *cs);
bool children_may_read(struct children *cs, const struct child *c, size_t bytes);

/* Kills processes that escaped from programs that are over; at most once in 20 ms. */
void children_sweep(struct children *cs, int64_t now_ns);

/* How many programs fit under the descriptor limit. */
size_t children_capacity(const struct children *cs);

#endif
