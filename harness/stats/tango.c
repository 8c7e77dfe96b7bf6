#include "stats/tango.h"

#include <math.h>

#include "stats/binomial.h"
#include "stats/bisect.h"
#include "stats/normal.h"

static const double REACH = 10; /* standard deviations: what lies beyond adds nothing that can be seen */
static const double TIE = 1e-9; /* two counts that give the same z but for rounding */

/* The chance of "only the baseline is right" when the difference is D, as likely as it can be made. b and c are shares of the pairs. */
static double tango_q(double b, double c, double line)
{
    double linear = (2 - b + c) * line - b - c;
    double constant = -c * line * (1 - line);
    double root = sqrt(fmax(linear * linear - 8 * constant, 0));
    if (linear <= 0) {
        return (root - linear) / 4;
    }
    return -2 * constant / (root + linear); /* the same, without cancellation */
}

double tango_spread(double b, double c, double line)
{
    return sqrt(fmax(2 * tango_q(b, c, line) + line * (1 - line), 0));
}

double tango_z(const struct pairs *p, double line)
{
    double n = (double)p->n;
    double over = (double)p->b - (double)p->c - n * line;
    if (n <= 0 || over == 0) {
        return 0;
    }
    double under = sqrt(n) * tango_spread((double)p->b / n, (double)p->c / n, line);
    return under > 0 ? over / under : copysign(INFINITY, over);
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

/* P(Z <= z) at the line, over all counts that n pairs could have given. The pairs lost that are needed for it grow with the discordant ones. */
static double tango_tail(const struct pairs *p, double line, double z)
{
    double n = (double)p->n;
    double loss = tango_q((double)p->b / n, (double)p->c / n, line);
    double discordant = 2 * loss + line;
    double mean = n * discordant;
    double reach = REACH * sqrt(mean * fmax(1 - discordant, 0)) + REACH;
    uint64_t from = mean > reach ? (uint64_t)(mean - reach) : 0;
    uint64_t to = mean + reach < n ? (uint64_t)(mean + reach) : p->n;
    uint64_t lost = 0;
    double tail = 0;
    for (uint64_t m = from; m <= to; m++) {
        while (lost <= m && tango_z(&(struct pairs){p->n, m - lost, lost}, line) > z + TIE * (1 + fabs(z))) {
            lost++;
        }
        tail += binomial_exactly(m, p->n, discordant) * binomial_at_least(lost, m, loss / discordant);
    }
    return fmin(tail, 1);
}

struct stat_test tango_test(const struct pairs *p, double line)
{
    struct stat_test test = {.how = {METHOD_TANGO, p->n, 0, 0}, .below = 1, .above = 1, .two_sided = 1};
    if (p->n == 0) {
        return test;
    }
    double n = (double)p->n;
    double expected = n * (2 * tango_q((double)p->b / n, (double)p->c / n, line) + line);
    test.statistic = tango_z(p, line);
    test.below = normal_cdf(test.statistic);
    test.above = normal_cdf(-test.statistic);
    if (expected > 0 && expected < TANGO_SUM_BELOW && fabs(line) < 1) {
        struct pairs mirrored = {p->n, p->c, p->b};
        test.how.method = METHOD_TANGO_TAIL;
        test.below = tango_tail(p, line, test.statistic);
        test.above = tango_tail(&mirrored, -line, -test.statistic);
    }
    test.two_sided = stat_two_sided(test.below, test.above);
    return test;
}
