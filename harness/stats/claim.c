#include "stats/claim.h"

#include <math.h>

#include "stats/mde.h"
#include "stats/mean_test.h"
#include "stats/rate.h"
#include "stats/tango.h"

static const double CLAIM_CASES_MAX = 1e7;

static struct stat_range range_of(bool is_difference, struct stat_range scores)
{
    if (!is_difference) {
        return scores;
    }
    return (struct stat_range){scores.is_bounded, scores.lo - scores.hi, scores.hi - scores.lo};
}

struct claim claim_of_parts(const struct claim_parts *parts)
{
    struct claim c = {
        .is_binary = parts->is_binary,
        .is_difference = parts->is_difference,
        .falls_whole = parts->is_binary || parts->falls_whole,
        .guard = parts->is_lopsided ? GUARD_BOTH : GUARD_ABOVE,
        .uses_mean = !parts->is_binary || parts->mean.is_clustered,
        .range = range_of(parts->is_difference, parts->range),
        .mean = parts->mean,
        .pairs = parts->pairs,
        .passed = parts->passed,
        .min_below = parts->min_cases == 0 ? CLAIM_MIN_CASES : parts->min_cases,
    };
    c.axis = c.range.is_bounded ? c.range.lo + c.range.hi : 0;
    bool is_numeric = !parts->is_binary;
    c.min_above = is_numeric && c.min_below < CLAIM_MIN_CASES_ABOVE ? CLAIM_MIN_CASES_ABOVE : c.min_below;
    return c;
}

struct claim claim_of(const struct claim_in *in, struct arena *scratch)
{
    struct stat_range range = range_of(in->is_difference, in->range);
    struct claim_parts parts = {
        .is_binary = in->is_binary,
        .is_difference = in->is_difference,
        .is_lopsided = in->is_lopsided,
        .falls_whole = in->falls_whole,
        .range = in->range,
        .mean = mean_of(&in->sample, &range, scratch),
        .pairs = {.n = in->sample.n},
        .min_cases = in->min_cases,
    };
    for (size_t i = 0; i < in->sample.n && in->is_binary; i++) {
        double value = in->sample.values[i];
        parts.pairs.b += value > 0.5 ? 1 : 0;
        parts.pairs.c += value < -0.5 ? 1 : 0;
    }
    parts.passed = parts.pairs.b;
    return claim_of_parts(&parts);
}

double claim_mirror_number(const struct claim *c, double number)
{
    return c->axis - number;
}

struct claim claim_mirror(const struct claim *c)
{
    struct claim ret = *c;
    ret.mean.mean = claim_mirror_number(c, c->mean.mean);
    ret.mean.mode = claim_mirror_number(c, c->mean.mode);
    ret.mean.skew = -c->mean.skew;
    ret.mean.sum_skew = -c->mean.sum_skew;
    ret.pairs.b = c->pairs.c;
    ret.pairs.c = c->pairs.b;
    ret.passed = c->mean.n - c->passed;
    if (!c->range.is_bounded) {
        ret.range = (struct stat_range){.is_bounded = false, .lo = -c->range.hi, .hi = -c->range.lo};
    }
    return ret;
}

struct stat_interval claim_mirror_interval(const struct claim *c, struct stat_interval interval)
{
    return (struct stat_interval){
        .how = interval.how,
        .has_lo = interval.has_hi,
        .has_hi = interval.has_lo,
        .lo = interval.has_hi ? claim_mirror_number(c, interval.hi) : 0,
        .hi = interval.has_lo ? claim_mirror_number(c, interval.lo) : 0,
    };
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
    struct stat_interval bounds = c->uses_mean       ? mean_bounds(&c->mean, &c->range, c->guard, alpha)
                                  : c->is_difference ? tango_interval(&c->pairs, 2 * alpha)
                                                     : rate_exact(c->passed, c->mean.n, 2 * alpha);
    bounds.how.alpha = alpha;
    return bounds;
}

static struct stat_test claim_test_allowed(const struct claim *c, double line)
{
    if (c->uses_mean) {
        return mean_test(&c->mean, &c->range, c->guard, line);
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

/* What a case that falls takes with it: clusters as far as their noise shows; of constant ones nobody knows, and they may fall whole. */
static double falling_units(const struct mean *m)
{
    double n = (double)m->n;
    if (!m->is_clustered || m->is_constant) {
        return m->clusters_effective;
    }
    double design = n * m->se * m->se / (m->stddev * m->stddev);
    return n / fmin(fmax(design, 1), n / m->clusters_effective);
}

bool claim_mde(const struct claim *c, double line, double alpha, double power, double *ret)
{
    const struct mean *m = &c->mean;
    if (!c->uses_mean) {
        *ret = mde_pairs(&c->pairs, line, alpha, power);
        return m->n > 0;
    }
    if (mean_interval(m, &c->range, alpha).how.method == METHOD_NONE) {
        return false;
    }
    bool falls = c->falls_whole || mean_is_nearly_constant(m, &c->range);
    *ret = m->is_constant ? 0 : mde_mean(m->se, m->df, alpha, power);
    if (falls && c->range.is_bounded) {
        struct mde_falls f = {m->is_constant ? 0 : m->se, m->df, falling_units(m), (c->range.hi - c->range.lo) / 2};
        *ret = mde_falls(&f, line, alpha, power);
    }
    return true;
}

/* Constant ones: so many that the unseen share cannot reach the line. */
static double cases_unseen(const struct claim *c, double distance, double alpha)
{
    double share = distance / (c->mean.mode - c->range.lo);
    double each = (double)c->mean.n / fmax(1, c->mean.clusters_effective);
    return share < 1 ? ceil(each * log(alpha) / log1p(-share)) : 1;
}

uint64_t claim_cases(const struct claim *c, double distance, double alpha, double power)
{
    const struct mean *m = &c->mean;
    enum stat_method method = mean_interval(m, &c->range, alpha).how.method;
    double cases = 0;
    if (!(distance > 0) || method == METHOD_NONE) {
        return 0;
    }
    if (method == METHOD_UNSEEN || method == METHOD_HULL) {
        cases = cases_unseen(c, distance, alpha);
    }
    if (!m->is_constant) {
        double reach = mde_mean(m->se, m->df, alpha, power) / distance;
        cases = fmax(cases, ceil((double)m->n * reach * reach));
    }
    return cases < CLAIM_CASES_MAX ? (uint64_t)fmax(cases, (double)c->min_above) : 0;
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
