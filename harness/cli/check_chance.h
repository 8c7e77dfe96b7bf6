#ifndef ASSAY_CLI_CHECK_CHANCE_H
#define ASSAY_CLI_CHECK_CHANCE_H

/* How often the plain gates of a suite fail although nothing changed, at the figures of its last run (judge/chance.h): for `assay check`.
 *
 * Of several variants the one that fails most often. Gates with confidence, those over counts, and dimensions whose scorer is another by now have
 * no line. Without a store, or a run in it, there is none at all; a store that cannot be read is no fault of the suite. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct args;
struct cli;
struct suite;

struct check_chance {
    struct str gate, variant, figure; /* figure: as people read it */
    struct str run;                   /* short id */
    double rate;
    bool is_bound;
    uint64_t n;
};

void check_chances(struct cli *cli, const struct args *args, const struct suite *suite, struct check_chance **ret,
                   size_t *ret_count);

/* "fails by chance in 12.4% of runs (85.5% of 200 cases in run 1a2b3c4d)" */
struct str check_chance_words(struct cli *cli, const struct check_chance *c);

#endif
