#include "judge/contest.h"

#include <math.h>

#include "base/err.h"
#include "stats/normal.h"
#include "stats/quantile.h"
#include "store/store.h"

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void refuse(struct contest *c)
{
    c->test.below = c->allows_fail ? c->test.below : 1;
    c->test.above = c->allows_pass ? c->test.above : 1;
}

/* Of the turned claim, whose "below" is the fail claim. */
static void test_turned(struct contest *c)
{
    c->test = claim_test(&c->turned, c->turned_line);
    c->allows_fail = claim_allows_below(&c->turned);
    c->allows_pass = claim_allows_above(&c->turned);
    c->needs_fail = c->turned.min_below;
    c->needs_pass = c->turned.min_above;
    c->n = c->turned.mean.n;
    c->clusters = c->turned.mean.is_clustered ? c->turned.mean.clusters : 0;
    c->has_too_few_df = c->turned.mean.is_clustered && !(c->turned.mean.has_se && c->turned.mean.df >= CLAIM_MIN_DF);
    refuse(c);
}

struct contest contest_of_scores(const struct claim *claim, enum gate_worse worse, double line, double alpha)
{
    bool is_turned = worse == GATE_WORSE_ABOVE;
    struct contest c = {
        .kind = CONTEST_SCORES,
        .worse = worse,
        .line = line,
        .alpha = alpha,
        .claim = *claim,
        .turned = is_turned ? claim_mirror(claim) : *claim,
        .turned_line = is_turned ? claim_mirror_number(claim, line) : line,
    };
    test_turned(&c);
    return c;
}

struct contest contest_of_quantile(const struct claim *share, double p, struct sorter *sorter, enum gate_worse worse,
                                   double line, double alpha, uint64_t min_cases)
{
    struct contest c = {
        .kind = CONTEST_QUANTILE,
        .worse = worse,
        .line = line,
        .alpha = alpha,
        .claim = *share,
        .turned = *share,
        .turned_line = worse == GATE_WORSE_ABOVE ? p : 1 - p,
        .p = p,
        .sorter = share->mean.is_clustered ? NULL : sorter,
    };
    uint64_t needed = quantile_min_cases(p, alpha);
    c.turned.min_below = c.turned.min_above = needed > min_cases ? needed : min_cases;
    test_turned(&c);
    if (!c.turned.uses_mean) {
        c.test.how.method = METHOD_ORDER;
    }
    return c;
}

struct contest contest_of_quantiles(const struct exceedance *e, bool is_ratio, enum gate_worse worse, double line,
                                    double alpha, uint64_t min_cases)
{
    struct contest c = {
        .kind = is_ratio ? CONTEST_RATIO : CONTEST_SHIFT,
        .worse = worse,
        .line = line,
        .alpha = alpha,
        .n = e->n,
        .exceedance = *e,
    };
    uint64_t needed = quantile_min_cases(e->p, alpha);
    c.needs_fail = c.needs_pass = needed > min_cases ? needed : min_cases;
    if (e->runs > 1 && c.needs_pass < CLAIM_MIN_CASES_ABOVE) {
        c.needs_pass = CLAIM_MIN_CASES_ABOVE; /* as of any numbers that are not counts */
    }
    c.test = is_ratio ? exceedance_test(e, line) : exceedance_shift_test(e, line);
    if (worse == GATE_WORSE_ABOVE) {
        double above = c.test.above;
        c.test.above = c.test.below;
        c.test.below = above;
    }
    bool is_clustered = e->clusters != NULL;
    c.clusters = is_clustered ? e->cluster_count : 0;
    c.has_too_few_df = is_clustered && !(c.test.how.df >= CLAIM_MIN_DF || c.test.how.method == METHOD_UNSEEN);
    c.allows_fail = c.allows_pass = e->n >= c.needs_fail && !c.has_too_few_df;
    refuse(&c);
    return c;
}

/* --- bounds --------------------------------------------------------------------------------------------------------------------------------- */

/* One-sided at alpha on each side, as measured. */
static bool bounds_at(const struct contest *c, double alpha, struct stat_interval *ret, struct err *err)
{
    *ret = (struct stat_interval){.how = {.method = METHOD_NONE, .n = c->n, .alpha = alpha}};
    if (c->kind == CONTEST_SCORES) {
        struct stat_interval turned = claim_bounds(&c->turned, alpha);
        *ret = c->worse == GATE_WORSE_ABOVE ? claim_mirror_interval(&c->claim, turned) : turned;
        return true;
    }
    if (c->kind == CONTEST_QUANTILE) {
        if (c->sorter == NULL) {
            return true;
        }
        struct quantile_ranks ranks = quantile_ranks_of(c->n, c->p, 2 * alpha);
        ret->how.method = METHOD_ORDER;
        ret->has_lo = ranks.lo > 0;
        ret->has_hi = ranks.hi > 0;
        return (ranks.lo == 0 || sorter_value_at(c->sorter, ranks.lo, &ret->lo, err)) &&
               (ranks.hi == 0 || sorter_value_at(c->sorter, ranks.hi, &ret->hi, err));
    }
    *ret = c->kind == CONTEST_RATIO ? exceedance_interval(&c->exceedance, 2 * alpha)
                                    : exceedance_shift_interval(&c->exceedance, 2 * alpha);
    ret->how.alpha = alpha;
    return true;
}

/* The fail claim's bound at its own level, the pass claim's at alpha. */
static bool bounds_of(const struct contest *c, double level, struct stat_interval *ret, struct err *err)
{
    struct stat_interval fail;
    struct stat_interval pass;
    if (!bounds_at(c, level, &fail, err)) {
        return false;
    }
    pass = fail;
    if (level != c->alpha && !bounds_at(c, c->alpha, &pass, err)) {
        return false;
    }
    bool is_above = c->worse == GATE_WORSE_ABOVE;
    const struct stat_interval *lo = is_above ? &fail : &pass;
    const struct stat_interval *hi = is_above ? &pass : &fail;
    *ret = (struct stat_interval){pass.how, lo->has_lo, hi->has_hi, lo->lo, hi->hi};
    return true;
}

/* --- deciding ------------------------------------------------------------------------------------------------------------------------------- */

static enum gate_outcome decide_scores(const struct contest *c, double p_fail_adjusted)
{
    switch (claim_decide(&c->turned, c->turned_line, c->alpha, p_fail_adjusted)) {
    case CLAIM_BELOW:
        return GATE_BROKEN;
    case CLAIM_ABOVE:
        return GATE_HOLDS;
    case CLAIM_UNKNOWN:
        break;
    }
    return GATE_CANNOT_TELL;
}

/* A claim holds when its p says so and its bound lies beyond the line: what is printed and what is decided cannot differ. */
static enum gate_outcome decide_quantiles(const struct contest *c, double p_fail_adjusted,
                                          const struct stat_interval *bounds)
{
    bool is_worse =
        c->worse == GATE_WORSE_ABOVE ? bounds->has_lo && bounds->lo > c->line : bounds->has_hi && bounds->hi < c->line;
    bool is_good = c->worse == GATE_WORSE_ABOVE ? bounds->has_hi && bounds->hi <= c->line
                                                : bounds->has_lo && bounds->lo >= c->line;
    if (p_fail_adjusted <= c->alpha && is_worse) {
        return GATE_BROKEN;
    }
    if (c->test.above <= c->alpha && is_good) {
        return GATE_HOLDS;
    }
    return GATE_CANNOT_TELL;
}

bool contest_decide(const struct contest *c, double p_fail_adjusted, enum gate_outcome *ret,
                    struct stat_interval *ret_bounds, struct err *err)
{
    double level =
        p_fail_adjusted > 0 && c->test.below < p_fail_adjusted ? c->alpha * c->test.below / p_fail_adjusted : c->alpha;
    if (!bounds_of(c, level, ret_bounds, err)) {
        return false;
    }
    bool is_claim = c->kind == CONTEST_SCORES || c->kind == CONTEST_QUANTILE;
    *ret = is_claim ? decide_scores(c, p_fail_adjusted) : decide_quantiles(c, p_fail_adjusted, ret_bounds);
    return true;
}

struct stat_interval contest_interval(const struct contest *c, double alpha)
{
    switch (c->kind) {
    case CONTEST_SCORES:
        return claim_interval(&c->claim, alpha);
    case CONTEST_RATIO:
        return exceedance_interval(&c->exceedance, alpha);
    case CONTEST_SHIFT:
        return exceedance_shift_interval(&c->exceedance, alpha);
    case CONTEST_QUANTILE:
        break;
    }
    return (struct stat_interval){0};
}

/* From the width of the interval: what its standard error would be if it were that of a normal estimate, of ratios in logarithms. */
static bool quantiles_mde(const struct contest *c, const struct stat_interval *drawn, double alpha, double power,
                          double *ret)
{
    bool is_ratio = c->kind == CONTEST_RATIO;
    if (!drawn->has_lo || !drawn->has_hi || (is_ratio && drawn->lo <= 0)) {
        return false;
    }
    double width = is_ratio ? log(drawn->hi) - log(drawn->lo) : drawn->hi - drawn->lo;
    double se = width / (-2 * normal_quantile(drawn->how.alpha / 2));
    double reach = (normal_quantile(power) - normal_quantile(alpha)) * se;
    *ret = is_ratio ? expm1(reach) : reach;
    return true;
}

bool contest_mde(const struct contest *c, const struct stat_interval *drawn, uint64_t family, double power, double *ret)
{
    double alpha = c->alpha / larger(1, (double)family);
    if (c->kind == CONTEST_SCORES) {
        return c->claim.is_difference && claim_mde(&c->turned, c->turned_line, alpha, power, ret);
    }
    return c->kind != CONTEST_QUANTILE && quantiles_mde(c, drawn, alpha, power, ret);
}
