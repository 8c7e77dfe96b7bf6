#include "stats/tango.h"

#include <math.h>

#include "stats/bisect.h"
#include "stats/normal.h"

/* The chance of "only the baseline is right" when the difference is D, as likely as it can be made. */
static double tango_q(const struct pairs *p, double line)
{
    double n = (double)p->n;
    double b = (double)p->b;
    double c = (double)p->c;
    double linear = (2 * n - b + c) * line - b - c;
    double constant = -c * line * (1 - line);
    double root = sqrt(fmax(linear * linear - 8 * n * constant, 0));
    if (linear <= 0) {
        return (root - linear) / (4 * n);
    }
    return -2 * constant / (root + linear); /* the same, without cancellation */
}

double tango_z(const struct pairs *p, double line)
{
    double n = (double)p->n;
    double over = (double)p->b - (double)p->c - n * line;
    double under = n * (2 * tango_q(p, line) + line * (1 - line));
    if (over == 0) {
        return 0;
    }
    return under > 0 ? over / sqrt(under) : copysign(INFINITY, over);
}

struct tango_side {
    const struct pairs *pairs;
    double z;
};

static bool shows_above(double line, const void *context)
{
    const struct tango_side *side = context;
    return tango_z(side->pairs, line) >= side->z;
}

static bool shows_below(double line, const void *context)
{
    const struct tango_side *side = context;
    return tango_z(side->pairs, line) <= -side->z;
}

struct stat_interval tango_interval(const struct pairs *p, double alpha)
{
    struct stat_interval interval = {.how = {METHOD_TANGO, p->n, 0, alpha}};
    if (p->n == 0) {
        return interval;
    }
    struct tango_side side = {p, -normal_quantile(alpha / 2)};
    double difference = ((double)p->b - (double)p->c) / (double)p->n;
    interval.has_lo = interval.has_hi = true;
    interval.lo = bisect(shows_above, &side, -1, difference);
    interval.hi = bisect(shows_below, &side, 1, difference);
    return interval;
}

struct stat_test tango_test(const struct pairs *p, double line)
{
    struct stat_test test = {.how = {METHOD_TANGO, p->n, 0, 0}, .below = 1, .above = 1, .two_sided = 1};
    if (p->n == 0) {
        return test;
    }
    test.statistic = tango_z(p, line);
    test.below = normal_cdf(test.statistic);
    test.above = normal_cdf(-test.statistic);
    test.two_sided = stat_two_sided(test.below, test.above);
    return test;
}
