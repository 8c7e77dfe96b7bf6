#include "stats/plan.h"

#include <math.h>

#include "base/arena.h"
#include "stats/normal.h"
#include "stats/power.h"
#include "stats/student.h"
#include "stats/tango.h"

static const struct plan IMPOSSIBLE = {.is_possible = false};

struct plan plan_pairs(double flips, double delta, double alpha, double power, struct arena *scratch)
{
    double discordant = fmin(flips + delta, 1);
    if (!(delta > 0) || delta > 1) {
        return IMPOSSIBLE;
    }
    double reach =
        -normal_quantile(alpha) * sqrt(discordant) + normal_quantile(power) * sqrt(discordant - delta * delta);
    double cases = ceil(reach * reach / (delta * delta));
    if (!(cases <= PLAN_CASES_MAX)) {
        return IMPOSSIBLE;
    }
    struct plan plan = {true, false, (uint64_t)fmax(cases, 1), power};
    struct midp_power shown;
    midp_power_init(&shown, (discordant + delta) / (2 * discordant), alpha, scratch);
    for (uint64_t n = plan.cases; n <= PLAN_EXACT_MAX; n++) {
        double exact = midp_power_at(&shown, n, discordant);
        if (exact >= power) {
            return (struct plan){true, true, n, exact};
        }
        plan.cases = n + 1;
    }
    return plan;
}

struct plan plan_margin(double flips, double drop, double margin, double alpha, double power)
{
    double discordant = fmin(flips + drop, 1);
    double wins = (discordant - drop) / 2;
    double at_line = tango_spread(wins, wins + drop, -margin);
    double reach = -normal_quantile(alpha) * at_line + normal_quantile(power) * sqrt(discordant - drop * drop);
    double cases = ceil(reach * reach / ((drop - margin) * (drop - margin)));
    if (drop < 0 || drop == margin || !(cases <= PLAN_CASES_MAX)) {
        return IMPOSSIBLE;
    }
    return (struct plan){true, false, (uint64_t)fmax(cases, 1), power};
}

struct plan plan_mean(double stddev, double delta, double alpha, double power)
{
    double z = -normal_quantile(alpha) + normal_quantile(power);
    double cases = fmax(2, ceil(z * z * stddev * stddev / (delta * delta)));
    if (!(delta > 0) || !(cases <= PLAN_CASES_MAX)) {
        return IMPOSSIBLE;
    }
    for (uint64_t n = (uint64_t)cases;; n++) { /* t is wider than z: a few cases more */
        double df = (double)n - 1;
        double t = -student_quantile(alpha, df) + student_quantile(power, df);
        if ((double)n >= t * t * stddev * stddev / (delta * delta)) {
            return (struct plan){true, false, n, power};
        }
    }
}

/* The fewest cases from which on the power suffices, looked for downwards from well above what the normal formula says. */
static struct plan plan_rate_exact(double line, double rate, double alpha, double power, double cases)
{
    uint64_t n = (uint64_t)(1.5 * cases) + 50;
    struct plan plan = IMPOSSIBLE;
    for (; n > 0; n--) {
        double exact = rate_power(n, line, rate, alpha);
        if (exact < power) {
            break;
        }
        plan = (struct plan){true, true, n, exact};
    }
    return plan;
}

struct plan plan_rate(double line, double rate, double alpha, double power)
{
    if (rate < line) { /* "below" is "above" of the cases that fail */
        line = 1 - line;
        rate = 1 - rate;
    }
    double delta = rate - line;
    double reach = -normal_quantile(alpha) * sqrt(line * (1 - line)) + normal_quantile(power) * sqrt(rate * (1 - rate));
    double cases = ceil(reach * reach / (delta * delta));
    if (!(delta > 0) || line < 0 || rate > 1 || !(cases <= PLAN_CASES_MAX)) {
        return IMPOSSIBLE;
    }
    if (cases > PLAN_EXACT_MAX) {
        return (struct plan){true, false, (uint64_t)cases, power};
    }
    struct plan exact = plan_rate_exact(line, rate, alpha, power, cases);
    return exact.is_possible ? exact : (struct plan){true, false, (uint64_t)cases, power};
}

double plan_design_effect(double n, double squared_sizes, double icc)
{
    return 1 + (squared_sizes / n - 1) * icc;
}
