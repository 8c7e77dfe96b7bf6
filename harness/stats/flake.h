#ifndef ASSAY_STATS_FLAKE_H
#define ASSAY_STATS_FLAKE_H

/* How flaky a case is: the chance that two runs of the same version differ on it.
 *
 * Shape:  c of its K samples of one version passed.
 * Units:  rate 0..1, at most 0.5 in the long run; pass_rate's interval is Wilson's on c / K.
 * Limits: K < 2: no rate. Listed from K = FLAKE_MIN_SAMPLES on, with FLAKE_MIN_EACH passes and failures at least: one odd sample in a
 *         hundred is no flake.
 * Errors: none.
 * Source: 2 c (K - c) / (K (K - 1)) is the unbiased estimate of 2 p (1 - p): the share of unlike pairs among the samples (Gini; E. H. Simpson
 *         1949, Nature 163, 688). */

#include "model/how.h"

enum { FLAKE_MIN_SAMPLES = 5, FLAKE_MIN_EACH = 2 };

struct flake {
    bool has_rate, is_listed;
    double rate;
    struct stat_interval pass_rate;
};

struct flake flake_of(uint64_t samples, uint64_t passed, double alpha);

#endif
