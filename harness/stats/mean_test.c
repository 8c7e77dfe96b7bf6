#include "stats/mean_test.h"

#include <math.h>

#include "stats/hall.h"
#include "stats/student.h"
#include "stats/unseen.h"

static bool mean_has_few_off(const struct mean *m, const struct stat_range *range)
{
    return range->is_bounded && !m->is_constant && m->has_mode && m->off_mode <= MEAN_FEW_OFF;
}

/* METHOD_NONE where nothing can be said. */
static enum stat_method mean_method(const struct mean *m, const struct stat_range *range)
{
    if (!m->has_se || (m->is_constant && !range->is_bounded)) {
        return METHOD_NONE;
    }
    if (m->is_constant) {
        return METHOD_UNSEEN;
    }
    if (mean_has_few_off(m, range)) {
        return METHOD_HULL;
    }
    return m->is_clustered ? METHOD_T_CLUSTERED : METHOD_T;
}

static struct stat_interval mean_sides(const struct mean *m, const struct stat_range *range, double alpha, double tail)
{
    enum stat_method method = mean_method(m, range);
    struct stat_interval sides = {.how = {method, m->n, m->is_constant ? 0 : m->df, alpha}};
    if (method == METHOD_NONE) {
        return sides;
    }
    sides.has_lo = sides.has_hi = true;
    double reach = m->is_constant ? 0 : -student_quantile(tail, m->df) * m->se;
    sides.lo = m->mean - reach;
    sides.hi = m->mean + reach;
    if (method == METHOD_UNSEEN || method == METHOD_HULL) {
        double share = unseen_share(m->clusters_effective, tail);
        sides.lo = fmin(sides.lo, m->mode - share * (m->mode - range->lo));
        sides.hi = fmax(sides.hi, m->mode + share * (range->hi - m->mode));
    }
    return sides;
}

struct stat_interval mean_interval(const struct mean *m, const struct stat_range *range, double alpha)
{
    return mean_sides(m, range, alpha, alpha / 2);
}

static bool needs_hall(const struct mean *m, enum mean_guard guard)
{
    return m->has_se && !m->is_constant && m->se > 0 && (!m->is_clustered || guard == GUARD_BOTH);
}

/* The statistic knows a mean's skewness only through skew / sqrt(n), and its spread through stddev / sqrt(n): of clusters these are those of their
 * sums. */
struct moments {
    double stddev, skew;
};

static struct moments moments_of(const struct mean *m)
{
    double root = sqrt((double)m->n);
    return m->is_clustered ? (struct moments){m->se * root, m->sum_skew * root} : (struct moments){m->stddev, m->skew};
}

struct stat_interval mean_bounds(const struct mean *m, const struct stat_range *range, enum mean_guard guard,
                                 double alpha)
{
    struct stat_interval bounds = mean_sides(m, range, alpha, alpha);
    if (!bounds.has_lo || !needs_hall(m, guard)) {
        return bounds;
    }
    double at = -student_quantile(alpha, m->df);
    struct moments moments = moments_of(m);
    bounds.lo = fmin(bounds.lo, hall_line(m->mean, moments.stddev, moments.skew, (double)m->n, at));
    if (guard == GUARD_BOTH) {
        bounds.hi = fmax(bounds.hi, hall_line(m->mean, moments.stddev, moments.skew, (double)m->n, -at));
    }
    bounds.how.method = bounds.how.method == METHOD_T ? METHOD_HALL : bounds.how.method;
    return bounds;
}

struct stat_test mean_test(const struct mean *m, const struct stat_range *range, enum mean_guard guard, double line)
{
    enum stat_method method = mean_method(m, range);
    struct stat_test test = {
        .how = {method, m->n, m->is_constant ? 0 : m->df, 0}, .below = 1, .above = 1, .two_sided = 1};
    if (method == METHOD_NONE) {
        return test;
    }
    test.below = test.above = 0;
    if (!m->is_constant) {
        test.statistic = (m->mean - line) / m->se;
        struct tails tails = student_tails(test.statistic, m->df);
        test.below = tails.lower;
        test.above = tails.upper;
    }
    test.two_sided = stat_two_sided(test.below, test.above);
    if (method == METHOD_UNSEEN || method == METHOD_HULL) {
        double n = m->clusters_effective;
        test.below = fmax(test.below, unseen_p(n, line - m->mode, range->hi - m->mode));
        test.above = fmax(test.above, unseen_p(n, m->mode - line, m->mode - range->lo));
        test.two_sided = stat_two_sided(test.below, test.above);
    }
    if (needs_hall(m, guard)) {
        struct moments moments = moments_of(m);
        double hall = hall_statistic(m->mean, moments.stddev, moments.skew, (double)m->n, line);
        struct tails tails = student_tails(hall, m->df);
        test.above = fmax(test.above, tails.upper);
        test.below = guard == GUARD_BOTH ? fmax(test.below, tails.lower) : test.below;
        test.how.method = method == METHOD_T ? METHOD_HALL : method;
    }
    return test;
}
