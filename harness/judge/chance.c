#include "judge/chance.h"

#include <math.h>

#include "stats/binomial.h"
#include "stats/estimate.h"
#include "stats/normal.h"
#include "stats/plan.h"
#include "stats/student.h"

static const double EQUAL_RELATIVE = 1e-12; /* what gates call equal */
static const double REACH = 10;             /* standard deviations: what lies beyond adds nothing that can be seen */

static struct chance no_chance(struct str why)
{
    return (struct chance){.why_not = why};
}

static struct chance chance_is(double rate)
{
    return (struct chance){.rate = fmin(fmax(rate, 0), 1)};
}

/* --- against a number ----------------------------------------------------------------------------------------------------------------------- */

/* That fewer than the wanted of n are good, when a share of `good` is. */
static double too_few(uint64_t n, double good, double wanted)
{
    return wanted <= 0 ? 0 : binomial_at_most((uint64_t)wanted - 1, n, good);
}

static double smoothed(double count, double n)
{
    return (count + 1) / (n + 2);
}

static double slack_of(double line)
{
    return EQUAL_RELATIVE * fmax(fabs(line), 1e-300);
}

/* x / n >= line is x >= n line; the exact equality holds or not by the operator. */
static double rate_alarm(const struct seen *s, enum gate_op op, double line, double n)
{
    double p = smoothed((double)s->passed, (double)s->mean.n);
    uint64_t cases = (uint64_t)n;
    switch (op) {
    case GATE_GE:
        return too_few(cases, p, ceil(n * (line - slack_of(line))));
    case GATE_GT:
        return too_few(cases, p, floor(n * (line + slack_of(line))) + 1);
    case GATE_LE: /* at most k right is at least n - k wrong */
        return too_few(cases, 1 - p, n - floor(n * (line + slack_of(line))));
    case GATE_LT:
        return too_few(cases, 1 - p, n - ceil(n * (line - slack_of(line))) + 1);
    case GATE_EQ:
    case GATE_NE:
        break;
    }
    return 1;
}

static double share_at_most(const struct seen *s, double line)
{
    double count = 0;
    for (size_t i = 0; i < s->mean.n; i++) {
        count += s->sorted[i] <= line || estimate_equal(s->sorted[i], line) ? 1 : 0;
    }
    return smoothed(count, (double)s->mean.n);
}

static double share_below(const struct seen *s, double line)
{
    double count = 0;
    for (size_t i = 0; i < s->mean.n; i++) {
        count += s->sorted[i] < line && !estimate_equal(s->sorted[i], line) ? 1 : 0;
    }
    return smoothed(count, (double)s->mean.n);
}

/* The value of rank r is at most the line when r values are; it is at or above it when fewer than r are below it. */
static double quantile_alarm(const struct seen *s, enum gate_op op, double line, double n)
{
    double rank = (double)quantile_rank((uint64_t)n, s->stat->quantile);
    switch (op) {
    case GATE_LE:
        return too_few((uint64_t)n, share_at_most(s, line), rank);
    case GATE_LT:
        return too_few((uint64_t)n, share_below(s, line), rank);
    case GATE_GE:
        return 1 - too_few((uint64_t)n, share_below(s, line), rank);
    case GATE_GT:
        return 1 - too_few((uint64_t)n, share_at_most(s, line), rank);
    case GATE_EQ:
    case GATE_NE:
        break;
    }
    return 1;
}

static double mean_alarm(const struct seen *s, enum gate_op op, double line, double n)
{
    double more = n / (double)s->mean.n; /* of cases and of clusters */
    double t = (line - s->mean.mean) / (s->mean.se / sqrt(more));
    struct tails tails = student_tails(t, s->mean.df * more);
    return op == GATE_GE || op == GATE_GT ? tails.lower : tails.upper;
}

static bool is_rate(const struct seen *s)
{
    return s->type.is_binary && !s->mean.is_clustered;
}

static double line_alarm(const struct seen *s, enum gate_op op, double line, double n)
{
    return s->stat->kind == STAT_QUANTILE ? quantile_alarm(s, op, line, n)
           : is_rate(s)                   ? rate_alarm(s, op, line, n)
                                          : mean_alarm(s, op, line, n);
}

/* Why nothing can be said of a line; ptr NULL = something can. */
static struct str line_why_not(const struct seen *s, enum gate_op op)
{
    if (s->why_not.ptr != NULL) {
        return s->why_not;
    }
    if (op == GATE_EQ || op == GATE_NE) {
        return STR("it asks for one number exactly");
    }
    if (s->stat->kind == STAT_QUANTILE) {
        return s->mean.is_clustered ? STR("order statistics know nothing of clusters") : STR_NULL;
    }
    if (!is_rate(s) && (!s->mean.has_se || !(s->mean.se > 0))) {
        return s->mean.has_se ? STR("all cases are alike") : STR("one cluster holds all cases");
    }
    return STR_NULL;
}

struct chance chance_of_line(const struct seen *s, enum gate_op op, double line)
{
    struct str why_not = line_why_not(s, op);
    return why_not.ptr != NULL ? no_chance(why_not) : chance_is(line_alarm(s, op, line, (double)s->mean.n));
}

/* --- against a baseline --------------------------------------------------------------------------------------------------------------------- */

/* Discordant cases are lost or won by a coin: that more than `margin` of all n are lost than won. */
static double flips_alarm(double flips, double margin, uint64_t n)
{
    double mean = (double)n * flips;
    double reach = REACH * sqrt(mean * (1 - flips)) + REACH;
    uint64_t from = mean > reach ? (uint64_t)(mean - reach) : 0;
    uint64_t to = mean + reach < (double)n ? (uint64_t)(mean + reach) : n;
    double alarm = 0;
    for (uint64_t discordant = from; discordant <= to; discordant++) {
        double wins = ceil(((double)discordant - margin * (double)n) / 2 - 1e-9) - 1; /* at most so many */
        if (wins >= 0) {
            alarm += binomial_exactly(discordant, n, flips) *
                     binomial_at_most(wins > (double)discordant ? discordant : (uint64_t)wins, discordant, 0.5);
        }
    }
    return alarm;
}

static double change_alarm(const struct seen *s, double margin, double n)
{
    double variance = seen_difference(s, s->trials);
    if (s->type.is_binary && n * variance <= CHANCE_SUM_MAX) {
        return flips_alarm(fmin(variance, 1), margin, (uint64_t)n);
    }
    return variance > 0 ? normal_cdf(-margin / sqrt(variance / n)) : margin < 0 ? 1 : 0;
}

struct chance chance_of_change(const struct seen *s, double margin)
{
    if (s->why_not.ptr != NULL) {
        return no_chance(s->why_not);
    }
    if (s->stat->kind == STAT_QUANTILE) {
        return no_chance(STR("for two quantiles there is no formula; assay selftest draws"));
    }
    struct chance c = chance_is(change_alarm(s, margin, (double)s->mean.n));
    c.is_bound = s->is_bound;
    return c;
}

/* --- gates ---------------------------------------------------------------------------------------------------------------------------------- */

/* How far from the baseline's figure the line is, on the bad side. */
static double margin_of(const struct seen *s, const struct gate_expr *e)
{
    double offset = (e->right_factor - 1) * s->mean.mean + e->right_offset;
    return e->op == GATE_GE || e->op == GATE_GT ? -offset : offset;
}

static struct str gate_why_not(const struct gate_expr *e)
{
    if (e->is_regression || e->has_confidence) {
        return STR("it has its own confidence");
    }
    return e->right_kind == RIGHT_STAT ? STR("it compares two figures of the run") : STR_NULL;
}

struct chance chance_of_gate(const struct seen *s, const struct gate_expr *e)
{
    struct str why_not = gate_why_not(e);
    if (why_not.ptr != NULL) {
        return no_chance(why_not);
    }
    if (e->right_kind == RIGHT_NUMBER) {
        return chance_of_line(s, e->op, e->right_number);
    }
    if (e->op == GATE_EQ || e->op == GATE_NE) {
        return no_chance(STR("it asks for one number exactly"));
    }
    return chance_of_change(s, margin_of(s, e));
}

static double alarm_with(const struct seen *s, const struct gate_expr *e, uint64_t n)
{
    return e->right_kind == RIGHT_NUMBER ? line_alarm(s, e->op, e->right_number, (double)n)
                                         : change_alarm(s, margin_of(s, e), (double)n);
}

uint64_t chance_cases(const struct seen *s, const struct gate_expr *e, double alpha)
{
    if (chance_of_gate(s, e).why_not.ptr != NULL) {
        return 0;
    }
    uint64_t to = 1;
    while (to <= PLAN_CASES_MAX && alarm_with(s, e, to) > alpha) {
        to *= 2;
    }
    if (to > PLAN_CASES_MAX) {
        return 0;
    }
    for (uint64_t from = to / 2; from + 1 < to;) { /* from alarms too often, to does not */
        uint64_t middle = from + (to - from) / 2;
        if (alarm_with(s, e, middle) > alpha) {
            from = middle;
        } else {
            to = middle;
        }
    }
    return to;
}
