/* A claim with confidence about one run's statistic and a number: from its counters (judge/tally.h), so that a run of a million cases is not held. */

#include <math.h>

#include "base/arena.h"
#include "judge/gate_case.h"
#include "stats/plan.h"

static const double DETECTED = 0.8;
static const struct stat_range UNIT = {true, 0, 1};

/* What the claim is made of. */
struct measured {
    const struct running *values;
    bool is_binary;
    struct stat_range range;
    uint64_t errored; /* cases that are not among them */
};

static bool measure_bare(const struct group_tally *group, enum stat_kind kind, struct measured *ret)
{
    bool is_rate = kind == STAT_PASS_RATE;
    *ret = (struct measured){is_rate ? &group->case_passes : &group->scores, is_rate, UNIT, group->errored};
    return true;
}

static bool measure(const struct tally *t, const struct stat_ref *stat, struct measured *ret)
{
    const struct group_tally *group = tally_group(t, &stat->filter);
    uint32_t at = 0;
    if (group == NULL || (stat->dimension.ptr != NULL && !tally_dimension(t, stat->dimension, &at))) {
        return false;
    }
    if (stat->dimension.ptr == NULL) {
        return measure_bare(group, stat->kind, ret);
    }
    const struct dimension_tally *d = &group->dimensions[at];
    if (stat->kind == STAT_PASS_RATE) {
        *ret = (struct measured){&d->passes, t->trials == 1, UNIT, group->errored};
    } else if (stat->kind == STAT_PASS_AT || stat->kind == STAT_PASS_ALL) {
        const struct pass_k_tally *k = tally_pass_k(d, stat->kind, stat->k);
        *ret = (struct measured){k == NULL ? NULL : &k->cases, t->trials == stat->k, UNIT,
                                 group->errored + (k == NULL ? 0 : k->too_few)};
    } else {
        *ret = (struct measured){&d->values, tally_is_binary(t, at), d->values.range, group->errored};
    }
    return ret->values != NULL;
}

static struct claim claim_of_running(const struct running *r, bool is_binary, struct stat_range range,
                                     uint64_t min_cases)
{
    struct claim_parts parts = {
        .is_binary = is_binary,
        .range = range,
        .mean = running_mean(r),
        .passed = (uint64_t)(estimate_sum(&r->e) + 0.5),
        .min_cases = min_cases,
    };
    return claim_of_parts(&parts);
}

static void open_scores(struct gate_case *g, const struct measured *m, double alpha)
{
    const struct gate_expr *e = &g->gate->expr;
    enum gate_worse worse = gate_worse_of(e, DIRECTION_NONE);
    struct claim claim = claim_of_running(m->values, m->is_binary, m->range, g->gate->min_cases);
    g->contest = contest_of_scores(&claim, worse, e->right_number, alpha);
    g->could_be_any = m->errored > 0 && !m->range.is_bounded;
    if (m->errored > 0 && !g->could_be_any) {
        double end = worse == GATE_WORSE_BELOW ? m->range.lo : m->range.hi;
        struct running with = running_with(m->values, m->errored, end);
        claim = claim_of_running(&with, m->is_binary, m->range, g->gate->min_cases);
        g->worst = contest_of_scores(&claim, worse, e->right_number, alpha);
        g->worst_value = claim.mean.mean;
    }
}

/* An errored case is on the bad side of any line. */
static void open_quantile(const struct tally *t, struct gate_case *g, const struct measured *m, double alpha)
{
    const struct gate_expr *e = &g->gate->expr;
    enum gate_worse worse = gate_worse_of(e, DIRECTION_NONE);
    uint32_t at = 0;
    (void)tally_dimension(t, e->left.dimension, &at);
    const struct dimension_tally *d = &tally_group(t, &e->left.filter)->dimensions[at];
    const struct line_tally *l = tally_line(d, e->right_number, worse == GATE_WORSE_ABOVE);
    struct claim share = claim_of_running(&l->share, true, UNIT, g->gate->min_cases);
    g->contest =
        contest_of_quantile(&share, e->left.quantile, d->sorter, worse, e->right_number, alpha, g->gate->min_cases);
    if (m->errored > 0) {
        struct running with = running_with(&l->share, m->errored, 0);
        const struct quantile_tally *q = tally_quantile(d, e->left.quantile);
        share = claim_of_running(&with, true, UNIT, g->gate->min_cases);
        g->worst =
            contest_of_quantile(&share, e->left.quantile, d->sorter, worse, e->right_number, alpha, g->gate->min_cases);
        g->worst_value = worse == GATE_WORSE_ABOVE ? q->highest : q->lowest;
    }
}

/* How many cases would show it, should the figure stay what it is. Only asked where the figure is on the good side. */
static uint64_t cases_needed(const struct contest *c, double value)
{
    const struct claim *t = &c->turned;
    double over = c->worse == GATE_WORSE_BELOW ? value - c->line : c->line - value;
    if (c->kind != CONTEST_SCORES || !(over > 0)) {
        return 0;
    }
    if (!t->uses_mean) {
        double rate = (double)t->passed / (double)t->mean.n;
        struct plan plan = plan_rate(c->turned_line, rate, c->alpha, DETECTED);
        return plan.is_possible ? plan.cases : 0;
    }
    return claim_cases(t, over, c->alpha, DETECTED);
}

bool gate_open_claim(const struct gate_scope *scope, struct gate_case *g, struct err *err)
{
    (void)err; /* everything is counted already */
    const struct gate_expr *e = &g->gate->expr;
    struct gate_result *r = g->result;
    const struct tally *t = scope->tallies[gate_run_of(scope, &e->left, g->at)];
    struct comparison *c = &g->said;
    struct measured m;
    double alpha = 1 - e->confidence;
    c->left = figure_of(t, &e->left, scope->arena);
    c->bound = c->worst_bound = e->right_number;
    if (!c->left.has_value || (c->left.selects_nothing && !scope->is_full_selection) || !measure(t, &e->left, &m)) {
        gate_nothing(scope, g, &e->left, &c->left);
        return true;
    }
    bool is_quantile = e->left.kind == STAT_QUANTILE;
    g->is_unit = m.range.is_bounded && m.range.lo == 0 && m.range.hi == 1;
    g->errored = m.errored;
    if (is_quantile) {
        open_quantile(t, g, &m, alpha);
    } else {
        open_scores(g, &m, alpha);
    }
    g->is_open = true;
    r->has_left = r->has_right = true;
    r->left = c->left.value;
    r->right = e->right_number;
    if (is_quantile) {
        const struct quantile_tally *q = NULL;
        uint32_t at = 0;
        (void)tally_dimension(t, e->left.dimension, &at);
        q = tally_quantile(&tally_group(t, &e->left.filter)->dimensions[at], e->left.quantile);
        r->evidence.drawn = q->interval;
    } else {
        r->evidence.drawn = contest_interval(&g->contest, SUMMARY_ALPHA);
    }
    if (g->contest.allows_pass && g->contest.test.above > alpha) {
        r->needed = cases_needed(&g->contest, c->left.value);
    }
    return true;
}
