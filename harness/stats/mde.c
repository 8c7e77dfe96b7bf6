#include "stats/mde.h"

#include <math.h>

#include "stats/normal.h"
#include "stats/student.h"

enum { STEPS_MAX = 1000 };

double mde_mean(double se, double df, double alpha, double power)
{
    return (student_quantile(power, df) - student_quantile(alpha, df)) * se;
}

double mde_pairs(const struct pairs *p, double alpha, double power)
{
    if (p->n == 0) {
        return 1;
    }
    double n = (double)p->n;
    double flips = ((double)p->b + (double)p->c + 2) / (n + 2);
    double d = 0;
    for (int i = 0; i < STEPS_MAX; i++) {
        double discordant = fmin(flips + d, 1);
        double next =
            fmin(1, (-normal_quantile(alpha) * sqrt(discordant) + normal_quantile(power) * sqrt(discordant - d * d)) /
                        sqrt(n));
        bool is_settled = fabs(next - d) <= 1e-15;
        d = next;
        if (is_settled) {
            break;
        }
    }
    /* 2^-k / 2 <= alpha, the mid-p of k flips one way */
    double fewest = ceil(-log2(2 * alpha) - 1e-9);
    return fmin(1, fmax(d, fewest / n));
}
