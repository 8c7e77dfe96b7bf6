#ifndef ASSAY_CLI_PULLING_H
#define ASSAY_CLI_PULLING_H

/* Bringing runs in from Opper, for whoever needs them: `assay pull`, and baselines that are there.
 *
 * Shape:  pulling_open (key, store for writing, loop) and pulling_close; or a baseline_puller, which opens only when a place on Opper is reached, closes what
 *         it opened, and asks once for each suite, variant and place. It holds nothing but the arena's memory.
 * Errors: ERR_ACCESS without a key, ERR_NET, ERR_CANCELLED, those of the store. */

#include "base/attr.h"
#include "base/str.h"
#include "base/vec.h"
#include "run/baselines.h"
#include "run/pull.h"

struct args;
struct cli;
struct err;
struct store;

struct pulling {
    struct store *store;
    struct pull pull;
    bool is_open;
};

/* `who` is named where the key is missing: "assay pull". */
MUST_CHECK bool pulling_open(struct pulling *p, struct cli *cli, const struct args *args, const char *who,
                             struct err *err);
void pulling_close(struct pulling *p); /* for CLEANUP */

/* What was asked, and the answer. */
struct pulled_place {
    struct str suite, variant, place;
    uint32_t runs;
    struct uuid *ids;
    size_t count;
    struct str why_not;
};

struct baseline_puller {
    struct cli *cli;
    const struct args *args;
    VEC(struct pull_list) lists;
    VEC(struct pulled_place) asked;
};

/* Of a finder, or a session: what Opper names is in the store afterwards. The puller outlives it. A run whose trace is not whole is passed over, which is said. */
struct baseline_asking baseline_puller_asking(struct baseline_puller *b);

#endif
