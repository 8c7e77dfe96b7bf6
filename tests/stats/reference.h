#ifndef ASSAY_TESTS_STATS_REFERENCE_H
#define ASSAY_TESTS_STATS_REFERENCE_H

/* Figures computed elsewhere (tests/stats/data): rows of a name and numbers, between blanks; '#' starts a comment line. The first lines of a
 * file say which command made it. */

#include <stddef.h>
#include <stdint.h>

struct arena;

struct reference_row {
    const char *name;
    const char *label; /* "file:line name", for messages */
    const double *values;
    size_t count;
};

struct reference {
    const struct reference_row *rows;
    size_t len;
};

/* Ends the program when the file is not there, or holds something else. */
struct reference reference_read(struct arena *arena, const char *dir, const char *file);

#endif
