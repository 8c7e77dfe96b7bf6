#include "stats/hall.h"

#include <math.h>

static const double NO_SKEW = 1e-9; /* below, ((1 + gW/3)^3 - 1) / g has no digits left, and is W */

double hall_statistic(double mean, double stddev, double skew, double n, double line)
{
    double w = (mean - line) / stddev;
    return sqrt(n) * (w + skew * w * w / 3 + skew * skew * w * w * w / 27 + skew / (6 * n));
}

double hall_line(double mean, double stddev, double skew, double n, double at)
{
    double straight = at / sqrt(n) - skew / (6 * n);
    double w = fabs(skew) < NO_SKEW ? straight : 3 / skew * (cbrt(1 + skew * straight) - 1);
    return mean - stddev * w;
}
