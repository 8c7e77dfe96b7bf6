#include "stats/claim.h"

#include <math.h>

#include "stats/mean_test.h"
#include "stats/rate.h"
#include "stats/tango.h"

struct claim claim_of(const struct claim_in *in, struct arena *scratch)
{
    struct claim c = {
        .is_binary = in->is_binary,
        .is_difference = in->is_difference,
        .uses_mean = !in->is_binary || in->sample.clusters != NULL,
        .range = in->range,
    };
    if (c.is_difference) {
        c.range.lo = in->range.lo - in->range.hi;
        c.range.hi = in->range.hi - in->range.lo;
    }
    c.mean = mean_of(&in->sample, &c.range, scratch);
    c.pairs.n = in->sample.n;
    for (size_t i = 0; i < in->sample.n && c.is_binary; i++) {
        double value = in->sample.values[i];
        c.pairs.b += value > 0.5 ? 1 : 0;
        c.pairs.c += value < -0.5 ? 1 : 0;
    }
    c.passed = c.pairs.b;
    c.min_below = in->min_cases == 0 ? CLAIM_MIN_CASES : in->min_cases;
    bool is_numeric = !in->is_binary;
    c.min_above = is_numeric && c.min_below < CLAIM_MIN_CASES_ABOVE ? CLAIM_MIN_CASES_ABOVE : c.min_below;
    return c;
}

static bool claim_has_df(const struct claim *c)
{
    return !c->mean.is_clustered || (c->mean.has_se && c->mean.df >= CLAIM_MIN_DF);
}

bool claim_allows_below(const struct claim *c)
{
    return c->mean.n >= c->min_below && claim_has_df(c);
}

bool claim_allows_above(const struct claim *c)
{
    return c->mean.n >= c->min_above && claim_has_df(c);
}

struct stat_interval claim_interval(const struct claim *c, double alpha)
{
    if (c->uses_mean) {
        return mean_interval(&c->mean, &c->range, alpha);
    }
    struct stat_interval none = {.how = {METHOD_NONE, c->mean.n, 0, alpha}};
    if (c->mean.n < 2) {
        return none;
    }
    return c->is_difference ? tango_interval(&c->pairs, alpha) : rate_wilson(c->passed, c->mean.n, alpha);
}

struct stat_interval claim_bounds(const struct claim *c, double alpha)
{
    struct stat_interval bounds = c->uses_mean       ? mean_bounds(&c->mean, &c->range, alpha)
                                  : c->is_difference ? tango_interval(&c->pairs, 2 * alpha)
                                                     : rate_exact(c->passed, c->mean.n, 2 * alpha);
    bounds.how.alpha = alpha;
    return bounds;
}

static struct stat_test claim_test_allowed(const struct claim *c, double line)
{
    if (c->uses_mean) {
        return mean_test(&c->mean, &c->range, line);
    }
    if (!c->is_difference) {
        return rate_test(c->passed, c->mean.n, line);
    }
    return fabs(line) < 1e-12 ? mcnemar_midp(&c->pairs) : tango_test(&c->pairs, line);
}

struct stat_test claim_test(const struct claim *c, double line)
{
    struct stat_test test = claim_test_allowed(c, line);
    if (c->range.is_bounded && line <= c->range.lo) {
        test.below = 1;
        test.above = 0;
    } else if (c->range.is_bounded && line > c->range.hi) {
        test.below = 0;
        test.above = 1;
    }
    test.below = claim_allows_below(c) ? test.below : 1;
    test.above = claim_allows_above(c) ? test.above : 1;
    return test;
}

enum claim_outcome claim_decide(const struct claim *c, double line, double alpha, double below_adjusted)
{
    struct stat_test test = claim_test(c, line);
    if (below_adjusted <= alpha && test.below <= alpha) {
        /* Holm asks more than alpha of this claim: its bound is drawn at the level that is asked. */
        double level = test.below > 0 ? alpha * test.below / below_adjusted : alpha;
        struct stat_interval bounds = claim_bounds(c, level);
        if (bounds.has_hi && bounds.hi <= line) {
            return CLAIM_BELOW;
        }
    }
    if (test.above <= alpha) {
        struct stat_interval bounds = claim_bounds(c, alpha);
        if ((bounds.has_lo && bounds.lo >= line) || (c->range.is_bounded && line <= c->range.lo)) {
            return CLAIM_ABOVE;
        }
    }
    return CLAIM_UNKNOWN;
}
