#include "stats/beta.h"

#include <float.h>
#include <math.h>

#include "stats/saddle.h"

enum { STEPS_MAX = 1000000 }; /* some 5 sqrt(max(a, b)) are used */
static const double TINY = 1e-300;

double beta_factor(double a, double b, double x, double y)
{
    return saddle_density(a, a + b, x, y) * (a / (a + b)) * b;
}

static double away_from_zero(double value)
{
    return fabs(value) < TINY ? TINY : value;
}

/* The continued fraction d0 + c1/(d1 + c2/(d2 + ...)): I_x(a, b) = beta_factor / fraction. Converges fast for x below the mean. Here x and y
 * are never taken from 1, unlike in the better known form, which loses five digits at b = 1, a = 1,000,000. */
static double fraction(double a, double b, double x, double y)
{
    double above_mean = a * y - b * x + 1;
    double value = away_from_zero(a * above_mean / (a + 1));
    double c = value;
    double d = 0;
    for (int m = 1; m <= STEPS_MAX; m++) {
        double odd = a + 2 * m - 1;
        double over = (a + m - 1) / odd * ((a + b + m - 1) / odd) * m * (b - m) * x * x;
        double under = m + m * (b - m) * x / odd + (a + m) * (above_mean + m * (1 + y)) / (odd + 2);
        d = 1 / away_from_zero(under + over * d);
        c = away_from_zero(under + over / c);
        value *= c * d;
        if (fabs(c * d - 1) <= DBL_EPSILON) {
            break;
        }
    }
    return value;
}

struct tails beta_tails(double a, double b, double x, double y)
{
    if (x <= 0) {
        return (struct tails){0, 1};
    }
    if (y <= 0) {
        return (struct tails){1, 0};
    }
    double factor = beta_factor(a, b, x, y);
    if (a * y > b * x) { /* x below the mean */
        double lower = fmin(factor / fraction(a, b, x, y), 1);
        return (struct tails){lower, 1 - lower};
    }
    double upper = fmin(factor / fraction(b, a, y, x), 1);
    return (struct tails){1 - upper, upper};
}
