#ifndef ASSAY_CLI_DISPLAY_H
#define ASSAY_CLI_DISPLAY_H

/* Progress while a run is planned and goes on, on standard error: one line that redraws itself on a terminal (bar, rate, errors, time left), plain lines elsewhere
 * (at most one every ten seconds, and each failing sample). With -v every sample is a line, printed after its commit. */

#include <stdbool.h>
#include <stdint.h>

#include "run/events.h"

struct cli;

struct display {
    struct cli *cli;
    bool is_verbose, is_quiet;
    bool has_line;                /* a progress line is on the screen */
    int64_t last_ns, planning_ns; /* when the newest line was shown; when the first rows had been planned */
    uint64_t bad_shown;
};

void display_init(struct display *d, struct cli *cli, bool is_verbose, bool is_quiet);
struct run_events display_events(struct display *d);
void display_end(struct display *d); /* clears the progress line */

#endif
