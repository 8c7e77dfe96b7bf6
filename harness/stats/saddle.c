#include "stats/saddle.h"

#include <math.h>

static const double LOG_2PI = 1.837877066409345483560659472811;
static const double SQRT_2PI = 2.506628274631000502415765284811;
static const double SERIES_FROM = 16; /* the term left out is below 1e-17 from here on */
static const double NEAR = 0.5;       /* |x - m| / (x + m) up to which the series is used */

/* log(x!) - log(sqrt(2 pi x) (x/e)^x), x > 0 */
static double stirling_error(double x)
{
    if (x < SERIES_FROM) {
        int sign = 0;
        return lgamma_r(x + 1, &sign) - (x + 0.5) * log(x) + x - LOG_2PI / 2;
    }
    double s = 1 / (x * x);
    return (1.0 / 12 -
            (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188 - (691.0 / 360360 - s / 156) * s) * s) * s) * s) * s) /
           x;
}

/* x log(x/m) + m - x. Near x = m that is a small difference of large terms, and a series in v = (x-m)/(x+m) instead. */
static double deviance(double x, double m)
{
    double v = (x - m) / (x + m);
    if (fabs(v) > NEAR) {
        return x * log(x / m) + m - x;
    }
    double sum = (x - m) * v;
    double term = 2 * x * v;
    for (int j = 1; j < 100; j++) {
        term *= v * v;
        double next = sum + term / (2 * j + 1);
        if (next == sum) {
            break;
        }
        sum = next;
    }
    return sum;
}

double saddle_density(double x, double n, double p, double q)
{
    double y = n - x;
    double exponent =
        stirling_error(n) - stirling_error(x) - stirling_error(y) - deviance(x, n * p) - deviance(y, n * q);
    return exp(exponent) * sqrt(n / (x * y)) / SQRT_2PI;
}
