#ifndef ASSAY_IO_GUARD_H
#define ASSAY_IO_GUARD_H

/* What happens when we are killed so that we cannot do anything (kill -9, out of memory). PDEATHSIG ends the programs that we started, but not what
 * they started: `sh -c 'python3 solve.py | tee log'` would leave two processes behind. So a process of ours waits, in a session of its own, at the end
 * of a pipe: when it closes without a word, it kills every process that has a TMPDIR of ours and removes our folder.
 *
 * One fork, at the first program of a run. Without /proc it only removes the folder. */

#include <sys/types.h>

struct tmpdir_root;

struct guard {
    pid_t pid; /* 0 = none */
    int fd;    /* our end of the pipe */
};

void guard_start(struct guard *g, const struct tmpdir_root *root); /* best effort */
void guard_keep_folder(const struct guard *g);                     /* something in it is to be kept */
void guard_stop(struct guard *g);                                  /* we end in order */

#endif
