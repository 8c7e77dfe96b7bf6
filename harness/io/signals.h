#ifndef ASSAY_IO_SIGNALS_H
#define ASSAY_IO_SIGNALS_H

/* SIGINT, SIGTERM, SIGHUP (counts as SIGTERM), SIGCHLD, SIGTSTP/SIGCONT through a self-pipe: the handler only writes one byte. SIGPIPE is ignored. The
 * write end of the pipe is the one mutable file-scope variable of the program. */

#include <stdbool.h>

#include "base/attr.h"
#include "io/loop.h"

struct err;

struct signals {
    struct loop_watch watch; /* add it to the loop */
    unsigned interrupts;     /* SIGINT, SIGTERM, SIGHUP seen so far */
    int first;               /* SIGINT or SIGTERM: the first of them; decides 130 or 143 */
    bool child_changed;      /* SIGCHLD since the last signals_drain */
    int64_t stopped_ns;      /* time spent stopped by SIGTSTP: taken off timers */
};

MUST_CHECK bool signals_open(struct signals *s, struct err *err);
void signals_drain(struct signals *s); /* reads the pipe and updates the fields */
void signals_close(struct signals *s); /* restores the former handlers */

#endif
