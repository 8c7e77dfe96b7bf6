#include "stats/mde.h"

#include <math.h>

#include "stats/normal.h"
#include "stats/student.h"
#include "stats/tango.h"

enum { STEPS_MAX = 1000 };

double mde_mean(double se, double df, double alpha, double power)
{
    return (student_quantile(power, df) - student_quantile(alpha, df)) * se;
}

/* d where the reach at a drop to line - d is d: from 0 upwards, since the reach grows ever more slowly. */
static double settle(double (*reach)(const void *context, double truth), const void *context, double line, double most)
{
    double d = 0;
    for (int i = 0; i < STEPS_MAX; i++) {
        double next = fmin(most, reach(context, line - d));
        bool is_settled = fabs(next - d) <= 1e-15;
        d = next;
        if (is_settled) {
            break;
        }
    }
    return d;
}

struct flips {
    double n, share; /* of cases that flip though nothing changed */
    double line, alpha, power;
};

static double reach_of_flips(const void *context, double truth)
{
    const struct flips *f = context;
    double discordant = fmin(f->share + fabs(truth), 1);
    double at_line = tango_spread((discordant + truth) / 2, (discordant - truth) / 2, f->line);
    double there = sqrt(fmax(discordant - truth * truth, 0));
    return (normal_quantile(f->power) * there - normal_quantile(f->alpha) * at_line) / sqrt(f->n);
}

double mde_pairs(const struct pairs *p, double line, double alpha, double power)
{
    double n = (double)p->n;
    double most = 1 + line;
    if (p->n == 0 || most <= 0) {
        return fmax(most, 0);
    }
    struct flips flips = {n, ((double)p->b + (double)p->c + 2) / (n + 2), line, alpha, power};
    double d = settle(reach_of_flips, &flips, line, most);
    /* 2^-k / 2 <= alpha, the mid-p of k flips one way */
    double fewest = ceil(-log2(2 * alpha) - 1e-9);
    return fmin(most, fmax(d, fewest / n));
}

struct falls {
    const struct mde_falls *noise;
    double t;
};

static double reach_of_falls(const void *context, double truth)
{
    const struct falls *f = context;
    const struct mde_falls *x = f->noise;
    double more = fmax(fabs(truth) * x->fall - truth * truth, 0) + 2 * x->fall * x->fall / x->n;
    return f->t * sqrt(x->se * x->se + more / x->n);
}

double mde_falls(const struct mde_falls *f, double line, double alpha, double power)
{
    double most = f->fall + line;
    if (!(f->n > 0) || most <= 0) {
        return fmax(most, 0);
    }
    struct falls falls = {f, student_quantile(power, f->df) - student_quantile(alpha, f->df)};
    return settle(reach_of_falls, &falls, line, most);
}
