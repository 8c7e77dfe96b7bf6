#ifndef ASSAY_REPORTERS_HISTORY_TERMINAL_H
#define ASSAY_REPORTERS_HISTORY_TERMINAL_H

/* A history for people: a line for each statistic, then the runs one below the other, what changed, what flips. Cut to the terminal's width; names
 * and labels are escaped. */

#include <stdbool.h>
#include <stdio.h>

#include "base/term.h"

struct arena;
struct history;

struct history_view {
    FILE *out;
    struct term term;
    bool is_unicode;   /* else plain ASCII */
    bool is_all_shown; /* a table of runs for every statistic; else for the first one */
};

void history_terminal(const struct history *h, const struct history_view *view, struct arena *scratch);

#endif
