#ifndef ASSAY_IO_SPAWN_H
#define ASSAY_IO_SPAWN_H

/* Starts one program: vfork, then only async-signal-safe calls, then exec (posix_spawn of glibc 2.36 knows neither PDEATHSIG nor limits). In the
 * child: its own process group, default signals and an empty mask, death with its parent, no core files, the soft descriptor limit that we were
 * started with, its folder, descriptors 0 to 2 and no other. A failed exec is told apart from the program's own exit 127 by a pipe that a
 * successful exec closes. */

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

/* What is equal for all children: asked once, since a child costs a few hundred microseconds in all. */
struct spawn_common {
    pid_t self;
    sigset_t reset;         /* signals that are not at their default here */
    struct rlimit fd_limit; /* as we were started */
    bool has_fd_limit;
};

void spawn_common_init(struct spawn_common *c);

struct spawn {
    const char *path;
    const char *const *argv, *const *envp; /* NULL-ended */
    const char *cwd;                       /* NULL = ours */
    int fds[3];                            /* become 0, 1, 2; each above 2, or -1: leaves ours in place */
};

enum spawn_step { SPAWN_DONE, SPAWN_FORK, SPAWN_CWD, SPAWN_EXEC };

/* The child's pid, or -1: then *ret_step says where it failed and *ret_sys why; nothing is left to reap. */
pid_t spawn_program(const struct spawn_common *common, const struct spawn *s, enum spawn_step *ret_step, int *ret_sys);

/* In a fork: closes every descriptor but this one. */
void spawn_close_all_but(int fd);

/* A pipe, close-on-exec, both ends above 2 (a child's 0 to 2 are made of them by dup2). False: errno. */
bool spawn_pipe(int ret_fds[2]);

#endif
