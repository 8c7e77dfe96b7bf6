#ifndef ASSAY_IO_SIGNALS_H
#define ASSAY_IO_SIGNALS_H

/* SIGINT, SIGTERM, SIGHUP (counts as SIGTERM), SIGCHLD, SIGTSTP through a self-pipe: the handler only writes one byte. SIGPIPE is ignored. A SIGINT,
 * SIGHUP or SIGTSTP that was ignored before us (nohup, a shell without job control) stays ignored. The write end of the pipe is the one mutable
 * file-scope variable of the program, so only one `struct signals` may be open at a time. */

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "io/loop.h"

struct clock;
struct err;

enum { SIGNALS_CAUGHT = 6 };

struct signals {
    struct loop_watch watch; /* add it to the loop */
    unsigned interrupts;     /* SIGINT, SIGTERM, SIGHUP seen so far */
    int first;               /* SIGINT or SIGTERM: the first of them; decides 130 or 143 */
    bool child_changed;      /* SIGCHLD came; perform_turn clears it */
    bool stop_wanted;        /* SIGTSTP came: perform_turn stops the children, then calls signals_stop */
    int64_t stopped_ns;      /* time spent stopped so far: taken off timers */
    struct sigaction former[SIGNALS_CAUGHT];
};

MUST_CHECK bool signals_open(struct signals *s, struct err *err);
void signals_drain(struct signals *s); /* reads the pipe and updates the fields; cheap when nothing is there */
void signals_close(struct signals *s); /* restores the former handlers */

/* Stops this process, as SIGTSTP asked; returns after SIGCONT, with the time added to stopped_ns. */
void signals_stop(struct signals *s, const struct clock *clock);

#endif
