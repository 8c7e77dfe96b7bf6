#ifndef ASSAY_IO_ASK_H
#define ASSAY_IO_ASK_H

/* Asks a program a question of a moment, before anything runs: does it print something, and does it end well? For facts that are welcome and
 * never needed, such as the state of a working tree: whatever goes wrong is "no answer".
 *
 * Shape:  it is asked, and does its work beside ours until its answer is read. stdin and stderr are the null device. It is ended, with its process
 *         group, as soon as the answer is known.
 * Limits: waits until timeout_ns after it was asked at most (and for the kernel to end what was killed).
 * Errors: none. */

#include <stdint.h>
#include <sys/types.h>

struct question {
    const char *path;
    const char *const *argv, *const *envp; /* NULL-ended */
    int64_t timeout_ns;
};

enum ask_answer {
    ASK_UNKNOWN, /* cannot be started, too slow, ended with another status than 0 */
    ASK_SILENT,  /* ended with 0, nothing printed */
    ASK_PRINTS
};

struct asking {
    pid_t pid; /* 0 = nothing is under way */
    int from;  /* its stdout */
    int64_t until_ns;
};
#define ASKING_NONE ((struct asking){.from = -1})

void ask_program(const struct question *question, struct asking *ret);
enum ask_answer ask_answer(struct asking *asking); /* once; ASK_UNKNOWN where nothing is under way */
void ask_drop(struct asking *asking);              /* for CLEANUP: nobody wants to know any more */

#endif
