#ifndef ASSAY_STATS_CHANGE_H
#define ASSAY_STATS_CHANGE_H

/* Where a series of runs changed its level.
 *
 * Shape:  one figure per run, oldest first, finite. Looked for in series of CHANGE_MIN_RUNS and more, with CHANGE_MIN_SIDE a side.
 * Units:  the figures'. p in thousandths: 999 permutations, from `seed`; the same seed gives the same answer.
 * Limits: some 1,000 n steps for each change found; n up to 10,000. A constant series has no change.
 * Errors: none.
 * Source: binary segmentation, A. J. Scott & M. Knott 1974, Biometrics 30, 507-512: the split of largest |mean difference| / pooled standard
 *         error, p = (1 + permutations as large) / 1000, marked at p <= 0.01, then each side again. */

#include <stddef.h>
#include <stdint.h>

struct arena;

enum { CHANGE_MIN_RUNS = 8, CHANGE_MIN_SIDE = 3, CHANGE_PERMUTATIONS = 999 };

struct change {
    size_t at; /* the first run of the new level */
    double p;
    double before, after; /* mean level since the change before it, and until the next */
};

/* Changes in order of the series; returns how many. */
size_t change_find(const double *values, size_t n, uint64_t seed, struct arena *arena, struct change **ret);

#endif
