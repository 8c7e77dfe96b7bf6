#include "stats/student.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "stats/normal.h"

enum { STEPS_MAX = 200 };

/* P(|T| <= t) and P(|T| > t), t >= 0 */
static struct tails student_two_sided(double t, double df)
{
    double ratio = t / df * t;
    return beta_tails(0.5, df / 2, isinf(ratio) ? 1 : ratio / (1 + ratio), 1 / (1 + ratio));
}

struct tails student_tails(double t, double df)
{
    if (isinf(df)) {
        return (struct tails){normal_cdf(t), normal_cdf(-t)};
    }
    double beyond = student_two_sided(fabs(t), df).upper / 2;
    return t < 0 ? (struct tails){beyond, 1 - beyond} : (struct tails){1 - beyond, beyond};
}

/* The t > 0 that |T| exceeds with the probability `beyond` (and not, with `within`): Newton from the normal quantile. */
static double student_two_sided_quantile(double beyond, double within, double df)
{
    bool is_tail = beyond < 0.5; /* the smaller one of the two has the digits */
    double low = -INFINITY;
    double high = INFINITY;
    double at = log(fmax(-normal_quantile(beyond / 2), DBL_MIN));
    for (int i = 0; i < STEPS_MAX; i++) {
        double t = exp(at);
        struct tails found = student_two_sided(t, df);
        double excess = is_tail ? log(beyond / found.upper) : log(found.lower / within); /* > 0: t is too large */
        if (excess > 0) {
            high = at;
        } else {
            low = at;
        }
        double ratio = t / df * t;
        double slope =
            2 * beta_factor(0.5, df / 2, ratio / (1 + ratio), 1 / (1 + ratio)) / (is_tail ? found.upper : found.lower);
        double next = at - excess / slope;
        if (!(next > low && next < high)) { /* also where a tail underflowed and the step is no number */
            next = isinf(low) ? high - 1 : isinf(high) ? low + 1 : (low + high) / 2;
        }
        if (fabs(next - at) <= DBL_EPSILON) {
            break;
        }
        at = next;
    }
    return exp(at);
}

double student_quantile(double p, double df)
{
    if (isinf(df)) {
        return normal_quantile(p);
    }
    if (p <= 0) {
        return -INFINITY;
    }
    if (p >= 1) {
        return INFINITY;
    }
    if (p == 0.5) {
        return 0;
    }
    double tail = p < 0.5 ? p : 1 - p;
    double t = student_two_sided_quantile(2 * tail, 2 * fabs(p - 0.5), df);
    return p < 0.5 ? -t : t;
}
