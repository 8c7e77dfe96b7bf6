/* A statistic against the same cases of another run: a baseline, or another variant. Plain comparisons take both figures from the pairs, so that they are
 * of the same cases; with confidence the differences case by case decide. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "judge/compared.h"
#include "judge/gate_case.h"
#include "stats/plan.h"
#include "stats/student.h"

static const double DETECTED = 0.8;

bool gate_has_pairs(enum stat_kind kind)
{
    switch (kind) {
    case STAT_MEAN:
    case STAT_PASS_RATE:
    case STAT_PASS_AT:
    case STAT_PASS_ALL:
    case STAT_SCORE:
    case STAT_QUANTILE:
    case STAT_MIN:
    case STAT_MAX:
    case STAT_SUM:
    case STAT_STDDEV:
        return true;
    case STAT_COUNT:
    case STAT_NOT_SCORED:
    case STAT_F1_MACRO:
    case STAT_RECALL:
    case STAT_PRECISION:
    case STAT_CASES:
    case STAT_SAMPLES:
    case STAT_ERRORS:
    case STAT_ERROR_RATE:
        break;
    }
    return false;
}

enum gate_worse gate_worse_of(const struct gate_expr *e, enum dimension_direction direction)
{
    if (!e->is_regression) {
        return e->op == GATE_LE || e->op == GATE_LT ? GATE_WORSE_ABOVE : GATE_WORSE_BELOW;
    }
    bool is_raw = e->left.kind == STAT_MEAN || e->left.kind == STAT_QUANTILE;
    return is_raw && direction == DIRECTION_LOWER ? GATE_WORSE_ABOVE : GATE_WORSE_BELOW;
}

/* The pairs of one gate. */
struct paired {
    const struct gate_scope *scope;
    struct gate_case *g;
    struct stat_ref stat; /* whose numbers are paired: of an extent, the values */
    struct pair_stat p;
    double *runs; /* quantiles against several runs: each for itself (pair_runs) */
    size_t run_count;
    bool is_lopsided; /* one side is a mean of more numbers than the other */
    enum gate_worse worse;
    double lo, hi; /* ends of the values' range; infinite where there are none */
    struct arena *arena;
};

static bool is_extent(enum stat_kind kind)
{
    return kind == STAT_MIN || kind == STAT_MAX || kind == STAT_SUM || kind == STAT_STDDEV;
}

/* The worst that an errored case could have come to. */
static double worst_value(const struct paired *x)
{
    return x->worse == GATE_WORSE_BELOW ? x->lo : x->hi;
}

static struct exceedance exceedance_of(const struct paired *x, const double *candidate, size_t n)
{
    struct exceedance e = {
        .baseline = x->run_count > 1 ? x->runs : x->p.baseline,
        .candidate = candidate,
        .clusters = x->p.clusters,
        .n = n,
        .runs = x->run_count > 1 ? x->run_count : 1,
        .cluster_count = x->p.cluster_count,
        .p = x->g->gate->expr.left.quantile,
    };
    exceedance_init(&e, x->arena);
    return e;
}

/* The candidate's numbers, those that it lacks at `worst`. */
static double *candidate_with(const struct paired *x, double worst)
{
    size_t n = x->p.n + x->p.lost;
    double *values = arena_array(x->arena, double, n);
    memcpy(values, x->p.candidate, n * sizeof(*values));
    for (size_t i = x->p.n; i < n; i++) {
        values[i] = worst;
    }
    return values;
}

static double sum_of(const double *values, size_t n)
{
    struct estimate e = {0};
    for (size_t i = 0; i < n; i++) {
        estimate_add(&e, values[i]);
    }
    return estimate_sum(&e);
}

static struct figure figure_copy(const struct paired *x, const double *values, size_t n)
{
    double *copy = arena_array(x->arena, double, n);
    memcpy(copy, values, n * sizeof(*copy));
    struct figure f = figure_of_values(&x->g->gate->expr.left, copy, n, x->arena);
    f.basis = figure_basis(x->scope->arena, x->p.type.is_binary && !is_extent(x->g->gate->expr.left.kind),
                           sum_of(values, n), n);
    return f;
}

/* The other side's figure over the first n pairs. */
static struct figure reference_figure(const struct paired *x, size_t n)
{
    struct figure f = figure_copy(x, x->p.baseline, n);
    if (x->run_count > 1) {
        struct exceedance e = exceedance_of(x, x->p.candidate, n);
        f.value = exceedance_baseline(&e);
    }
    return f;
}

static double bound_of(const struct gate_expr *e, double reference)
{
    return reference * e->right_factor + e->right_offset;
}

/* --- plain ------------------------------------------------------------------------------------------------------------------------------------------ */

static double figure_at(const struct paired *x, double worst)
{
    size_t n = x->p.n + x->p.lost;
    bool is_ranked = x->g->gate->expr.left.kind == STAT_QUANTILE;
    if (isinf(worst) && !is_ranked) {
        return worst;
    }
    return figure_of_values(&x->g->gate->expr.left, candidate_with(x, worst), n, x->arena).value;
}

static void open_plain(struct paired *x)
{
    struct comparison *c = &x->g->said;
    if (x->p.lost > 0) {
        c->left.lowest = figure_at(x, x->lo);
        c->left.highest = figure_at(x, x->hi);
        c->worst_bound = bound_of(c->expr, reference_figure(x, x->p.n + x->p.lost).value);
    }
    gate_compare(x->scope, x->g);
}

/* --- with confidence: differences --------------------------------------------------------------------------------------------------------------------- */

/* Candidate - factor * baseline, case by case. */
static struct claim claim_of_pairs(const struct paired *x, const double *candidate, size_t n, double factor)
{
    double *differences = arena_array(x->arena, double, n);
    struct stat_range range = x->p.type.range;
    for (size_t i = 0; i < n; i++) {
        differences[i] = mean_difference(candidate[i], factor * x->p.baseline[i]);
    }
    bool is_ratio = factor != 1;
    if (is_ratio && range.is_bounded) {
        double a = factor * range.lo;
        double b = factor * range.hi;
        range = (struct stat_range){true, range.lo - fmax(a, b), range.hi - fmin(a, b)};
    }
    struct claim_in in = {
        .sample = {differences, x->p.clusters, n, x->p.cluster_count},
        .is_binary = x->p.type.is_binary && !is_ratio,
        .is_difference = !is_ratio,
        .is_lopsided = x->is_lopsided,
        .falls_whole = x->p.falls_whole && !is_ratio,
        .range = range,
        .min_cases = x->g->gate->min_cases,
    };
    return claim_of(&in, x->arena);
}

/* The line that the differences are held against: 0 for ratios, whose factor is in them already. */
static double difference_line(const struct gate_expr *e, enum gate_worse worse)
{
    if (e->is_regression) {
        return worse == GATE_WORSE_BELOW ? -e->beyond : e->beyond;
    }
    return e->right_offset;
}

static struct mean mean_of_pairs(const struct paired *x, const double *values)
{
    struct sample s = {values, x->p.clusters, x->p.n, x->p.cluster_count};
    return mean_of(&s, &(struct stat_range){.is_bounded = false}, x->arena);
}

/* The ratio of two means over the same cases: where t of B - rA crosses (E. C. Fieller 1954, J. Royal Statistical Society B 16, 175-185). The variance of
 * B - rA is a square form in r, also in clusters. None where the mean in the denominator could be 0. */
static struct stat_interval fieller(const struct paired *x, const struct claim *difference, double alpha)
{
    struct mean a = mean_of_pairs(x, x->p.baseline);
    struct mean b = mean_of_pairs(x, x->p.candidate);
    struct claim one = claim_of_pairs(x, x->p.candidate, x->p.n, 1);
    const struct mean *d = &difference->mean;
    struct stat_interval none = {.how = {METHOD_NONE, d->n, 0, alpha}};
    if (!d->has_se || !a.has_se || !b.has_se || !one.mean.has_se) {
        return none;
    }
    double t = -student_quantile(alpha / 2, d->df);
    double vaa = a.se * a.se;
    double vbb = b.se * b.se;
    double vab = (vaa + vbb - one.mean.se * one.mean.se) / 2;
    double square = a.mean * a.mean - t * t * vaa;
    double half = a.mean * b.mean - t * t * vab;
    double root = half * half - square * (b.mean * b.mean - t * t * vbb);
    if (!(square > 0) || root < 0) {
        return none;
    }
    double lo = (half - sqrt(root)) / square;
    double hi = (half + sqrt(root)) / square;
    return (struct stat_interval){
        {d->is_clustered ? METHOD_T_CLUSTERED : METHOD_T, d->n, d->df, alpha}, true, true, lo, hi};
}

/* Cases that would show a margin not to be passed, if nothing changed: the noise is this run's, the effect nobody's. */
static uint64_t cases_needed(const struct contest *c, double margin)
{
    const struct claim *t = &c->turned;
    if (!(margin > 0) || c->kind != CONTEST_SCORES) {
        return 0;
    }
    if (!t->uses_mean) {
        double flips = ((double)t->pairs.b + (double)t->pairs.c + 2) / ((double)t->pairs.n + 2);
        struct plan plan = plan_margin(flips, 0, margin, c->alpha, DETECTED);
        return plan.is_possible ? plan.cases : 0;
    }
    return claim_cases(t, margin, c->alpha, DETECTED);
}

static void open_means(struct paired *x, double alpha)
{
    struct gate_case *g = x->g;
    const struct gate_expr *e = &g->gate->expr;
    struct gate_evidence *evidence = &g->result->evidence;
    double factor = e->is_regression ? 1 : e->right_factor;
    double line = difference_line(e, x->worse);
    struct claim claim = claim_of_pairs(x, x->p.candidate, x->p.n, factor);
    g->contest = contest_of_scores(&claim, x->worse, line, alpha);
    if (g->errored > 0 && !g->could_be_any) {
        double *values = candidate_with(x, worst_value(x));
        struct claim worst = claim_of_pairs(x, values, x->p.n + x->p.lost, factor);
        g->worst = contest_of_scores(&worst, x->worse, line, alpha);
        g->worst_value = figure_of_values(&e->left, values, x->p.n + x->p.lost, x->arena).value;
    }
    if (factor != 1) {
        evidence->drawn = fieller(x, &claim, SUMMARY_ALPHA);
        g->has_plain_claim = true;
        g->plain_claim = claim_of_pairs(x, x->p.candidate, x->p.n, 1);
        return;
    }
    evidence->drawn = contest_interval(&g->contest, SUMMARY_ALPHA);
    g->result->needed = g->contest.test.above > alpha ? cases_needed(&g->contest, g->result->margin) : 0;
    if (claim.is_binary && !claim.uses_mean) {
        evidence->has_pairs = true;
        evidence->pairs_b = claim.pairs.b;
        evidence->pairs_c = claim.pairs.c;
        evidence->p_exact = mcnemar_exact(&g->contest.turned.pairs).below;
    }
}

/* --- with confidence: quantiles ----------------------------------------------------------------------------------------------------------------------- */

static void open_quantiles(struct paired *x, double alpha)
{
    struct gate_case *g = x->g;
    const struct gate_expr *e = &g->gate->expr;
    double line = g->result->is_ratio ? e->right_factor : difference_line(e, x->worse);
    struct exceedance at = exceedance_of(x, x->p.candidate, x->p.n);
    g->contest = contest_of_quantiles(&at, g->result->is_ratio, x->worse, line, alpha, g->gate->min_cases);
    g->result->evidence.drawn = contest_interval(&g->contest, SUMMARY_ALPHA);
    g->could_be_any = false; /* they are ranked worst */
    if (g->errored > 0) {
        double *values = candidate_with(x, worst_value(x));
        size_t n = x->p.n + x->p.lost;
        struct exceedance worst = exceedance_of(x, values, n);
        g->worst = contest_of_quantiles(&worst, g->result->is_ratio, x->worse, line, alpha, g->gate->min_cases);
        g->worst_value = exceedance_candidate(&worst);
    }
}

/* --- both ----------------------------------------------------------------------------------------------------------------------------------------------- */

static void set_figures(struct paired *x, const struct reference *reference)
{
    struct gate_case *g = x->g;
    const struct gate_expr *e = &g->gate->expr;
    struct comparison *c = &g->said;
    struct gate_result *r = g->result;
    c->left = figure_copy(x, x->p.candidate, x->p.n);
    c->left.errored = x->p.lost;
    c->right = reference_figure(x, x->p.n);
    c->has_right = true;
    c->right_name = reference->baseline != NULL ? STR("the baseline") : e->right_stat.text;
    r->is_ratio = !e->is_regression && e->right_factor != 1;
    r->has_reference = true;
    r->reference = c->right.value;
    r->difference = mean_difference(c->left.value, c->right.value);
    if (r->is_ratio) {
        r->difference = c->right.value == 0 ? 0 : c->left.value / c->right.value;
    }
    r->margin = r->is_ratio ? e->right_factor : e->is_regression ? e->beyond : 0;
    if (!r->is_ratio && !e->is_regression && e->right_offset != 0) {
        r->margin = x->worse == GATE_WORSE_BELOW ? -e->right_offset : e->right_offset;
    }
    c->bound = e->is_regression ? c->right.value + difference_line(e, x->worse) : bound_of(e, c->right.value);
    c->worst_bound = c->bound;
}

static enum dimension_direction direction_of(const struct run_values *v, const struct stat_ref *stat)
{
    size_t at = 0;
    const struct dimension *d = stat->dimension.ptr == NULL ? NULL : values_dimension(v, stat->dimension, &at);
    return d == NULL ? DIRECTION_HIGHER : d->direction;
}

/* A run against the mean of several, or three trials against one: what is averaged has a lighter tail. */
static bool is_lopsided(const struct reference *reference)
{
    bool is_uneven = reference->set.count > 1;
    for (size_t i = 0; i < reference->set.count; i++) {
        is_uneven = is_uneven || reference->set.runs[i]->reduction.trials != reference->candidate->reduction.trials;
    }
    return is_uneven;
}

/* Nothing to compare: the filter selects no case, or no case has a number on both sides. */
static void set_nothing(struct paired *x)
{
    const struct case_table *table = compared_table(x->scope->compared);
    const struct stat_ref *stat = &x->g->gate->expr.left;
    bool is_filtered = stat->filter.tag.ptr != NULL || stat->filter.cluster.ptr != NULL;
    size_t selected = 0;
    for (size_t row = 0; row < table->count; row++) {
        selected += case_table_in(table, row, &stat->filter) ? 1 : 0;
    }
    struct figure none = {.selects_nothing = is_filtered && selected == 0,
                          .why_not = is_filtered && selected == 0 ? STR("no case that ran is in its filter")
                                                                  : STR("no case was scored on both sides")};
    gate_nothing(x->scope, x->g, stat, &none);
}

bool gate_open_pair(const struct gate_scope *scope, struct gate_case *g, const struct reference *reference,
                    struct err *err)
{
    (void)err; /* everything is read already */
    const struct gate_expr *e = &g->gate->expr;
    const struct case_table *table = compared_table(scope->compared);
    struct paired x = {.scope = scope, .g = g, .stat = e->left, .arena = &g->room};
    x.stat.kind = is_extent(e->left.kind) ? STAT_MEAN : e->left.kind;
    x.p = pair_stat(table, &reference->set, reference->candidate, &x.stat, x.arena);
    x.worse = gate_worse_of(e, direction_of(reference->candidate, &e->left));
    if (x.p.why_not.ptr != NULL) {
        g->result->outcome = GATE_BROKEN;
        g->result->reason = arena_printf(scope->arena, "it cannot be compared: %.*s", STR_ARG(x.p.why_not));
        return true;
    }
    if (x.p.n == 0) {
        set_nothing(&x);
        return true;
    }
    x.is_lopsided = is_lopsided(reference);
    if (e->left.kind == STAT_QUANTILE && reference->set.count > 1) {
        x.run_count = pair_runs(table, &reference->set, reference->candidate, &x.stat, &x.p, x.arena, &x.runs);
    }
    x.lo = x.p.type.range.is_bounded ? x.p.type.range.lo : -INFINITY;
    x.hi = x.p.type.range.is_bounded ? x.p.type.range.hi : INFINITY;
    set_figures(&x, reference);
    struct gate_result *r = g->result;
    if (r->is_ratio && !(r->reference >= 0)) {
        r->outcome = GATE_BROKEN;
        r->reason = arena_printf(scope->arena,
                                 "a factor means nothing for a negative figure: %.*s is %g (write + or - a number)",
                                 STR_ARG(g->said.right_name), r->reference);
        return true;
    }
    if (gate_form_of(e) == GATE_PLAIN) {
        open_plain(&x);
        arena_deinit(&g->room);
        return true;
    }
    g->is_open = true;
    g->is_unit = x.p.type.range.is_bounded && x.p.type.range.lo == 0 && x.p.type.range.hi == 1;
    g->errored = x.p.lost;
    g->could_be_any = x.p.lost > 0 && !x.p.type.range.is_bounded;
    r->has_left = r->has_right = true;
    r->left = g->said.left.value;
    r->right = g->said.bound;
    if (e->left.kind == STAT_QUANTILE) {
        open_quantiles(&x, 1 - e->confidence);
    } else {
        open_means(&x, 1 - e->confidence);
        arena_deinit(&g->room); /* 100,000 pairs in twenty gates; quantiles are still to be looked at */
    }
    return true;
}
