/* Statistics by name, from the counters of a run. */

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "judge/gate_judge.h"

struct figure_in {
    const struct tally *tally;
    const struct stat_ref *stat;
    const struct group_tally *group;
    const struct dimension *dimension; /* of the run; NULL for bare ones */
    const struct dimension_tally *of;
    struct arena *arena;
};

static struct str cases_text(struct arena *arena, uint64_t n)
{
    return arena_printf(arena, "%llu %s", (unsigned long long)n, n == 1 ? "case" : "cases");
}

/* "143 of 200 cases"; shares of trials need not be whole, then the total alone. */
static struct str share_text(struct arena *arena, double right, double of, const char *what)
{
    if (fabs(right - round(right)) > 1e-6 || fabs(of - round(of)) > 1e-6) {
        return arena_printf(arena, "%.0f cases%s", round(of), what);
    }
    return arena_printf(arena, "%.0f of %.0f %s%s", round(right), round(of), of > 1.5 ? "cases" : "case", what);
}

struct str figure_basis(struct arena *arena, bool is_binary, double sum, uint64_t n)
{
    return is_binary ? share_text(arena, sum, (double)n, "") : cases_text(arena, n);
}

static int double_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

struct figure figure_of_values(const struct stat_ref *stat, double *values, size_t n, struct arena *arena)
{
    struct estimate e = {0};
    for (size_t i = 0; i < n; i++) {
        estimate_add(&e, values[i]);
    }
    struct figure f = {.has_value = true, .n = n, .basis = cases_text(arena, n)};
    if (stat->kind == STAT_QUANTILE) {
        qsort(values, n, sizeof(*values), double_compare);
        f.value = values[quantile_rank(n, stat->quantile) - 1];
    } else if (stat->kind == STAT_MIN || stat->kind == STAT_MAX) {
        f.value = stat->kind == STAT_MIN ? e.min : e.max;
    } else if (stat->kind == STAT_SUM) {
        f.value = estimate_sum(&e);
    } else if (stat->kind == STAT_STDDEV) {
        f.value = n > 1 ? estimate_stddev(&e) : 0;
    } else {
        f.value = estimate_mean(&e);
    }
    f.lowest = f.highest = f.value;
    return f;
}

static struct figure figure_count(double value)
{
    return (struct figure){.has_value = true, .value = value, .lowest = value, .highest = value, .n = (uint64_t)value};
}

static struct figure figure_none(const struct figure_in *in, const char *why)
{
    return (struct figure){.errored = in->group->errored, .why_not = arena_printf(in->arena, "%s", why)};
}

/* A mean over cases; errored ones would have been anything from lo to hi. */
static struct figure figure_mean(const struct figure_in *in, const struct estimate *e, uint64_t errored, double lo,
                                 double hi)
{
    double mean = estimate_mean(e);
    struct figure f = {
        .has_value = true,
        .value = mean,
        .lowest = mean,
        .highest = mean,
        .n = e->n,
        .errored = errored,
        .basis = cases_text(in->arena, e->n),
    };
    if (errored > 0) {
        f.lowest = isinf(lo) ? lo : estimate_mean_with(e, errored, lo);
        f.highest = isinf(hi) ? hi : estimate_mean_with(e, errored, hi);
    }
    return f;
}

static struct figure figure_bare(const struct figure_in *in)
{
    const struct group_tally *g = in->group;
    if (in->stat->kind == STAT_CASES) {
        return figure_count((double)g->cases);
    }
    if (in->stat->kind == STAT_SAMPLES) {
        return figure_count((double)g->samples);
    }
    if (in->stat->kind == STAT_ERRORS) {
        return figure_count((double)g->errors);
    }
    if (in->stat->kind == STAT_ERROR_RATE) {
        if (g->samples == 0) {
            return figure_none(in, "nothing ran");
        }
        struct figure f = figure_count((double)g->errors / (double)g->samples);
        f.n = g->samples;
        f.basis = arena_printf(in->arena, "%llu of %llu samples", (unsigned long long)g->errors,
                               (unsigned long long)g->samples);
        return f;
    }
    if (in->stat->kind == STAT_SCORE) {
        return g->scores.e.n == 0 ? figure_none(in, "no case has a score")
                                  : figure_mean(in, &g->scores.e, g->errored, 0, 1);
    }
    uint64_t n = g->passed + g->failed;
    if (n == 0) {
        return figure_none(in, g->cases == 0 ? "nothing ran" : "no case passed or failed");
    }
    return (struct figure){
        .has_value = true,
        .value = (double)g->passed / (double)n,
        .lowest = (double)g->passed / (double)(n + g->errored),
        .highest = (double)(g->passed + g->errored) / (double)(n + g->errored),
        .n = n,
        .errored = g->errored,
        .basis = share_text(in->arena, (double)g->passed, (double)n, ""),
    };
}

/* min, max, sum, stddev: what the errored cases could have made of them. */
static struct figure figure_extent(const struct figure_in *in, double lo, double hi)
{
    const struct estimate *e = &in->of->values.e;
    uint64_t errored = in->group->errored;
    struct figure f = {.has_value = true, .n = e->n, .errored = errored, .basis = cases_text(in->arena, e->n)};
    double count = (double)errored;
    if (in->stat->kind == STAT_SUM) {
        f.value = estimate_sum(e);
        f.lowest = errored == 0 ? f.value : f.value + (lo == 0 ? 0 : count * lo);
        f.highest = errored == 0 ? f.value : f.value + count * hi;
    } else if (in->stat->kind == STAT_STDDEV) {
        f.value = f.lowest = f.highest = estimate_stddev(e);
        if (errored > 0) {
            f.lowest = 0;
            f.highest = isinf(lo) || isinf(hi)
                            ? INFINITY
                            : fmax(estimate_stddev_with(e, errored, lo), estimate_stddev_with(e, errored, hi));
        }
    } else {
        bool is_min = in->stat->kind == STAT_MIN;
        f.value = is_min ? e->min : e->max;
        f.lowest = errored > 0 && is_min ? lo : f.value;
        f.highest = errored > 0 && !is_min ? hi : f.value;
    }
    return f;
}

static struct figure figure_quantile(const struct figure_in *in)
{
    const struct quantile_tally *q = tally_quantile(in->of, in->stat->quantile);
    if (q == NULL) {
        return figure_none(in, "it was not counted");
    }
    return (struct figure){
        .has_value = true,
        .value = q->value,
        .lowest = q->lowest,
        .highest = q->highest,
        .n = in->of->values.e.n,
        .errored = in->group->errored,
        .basis = cases_text(in->arena, in->of->values.e.n),
    };
}

static struct figure figure_pass_rate(const struct figure_in *in)
{
    const struct estimate *e = &in->of->passes.e;
    if (e->n == 0) {
        return figure_none(in, "no case passed or failed");
    }
    struct figure f = figure_mean(in, e, in->group->errored, 0, 1);
    f.basis = share_text(in->arena, estimate_sum(e), (double)e->n, "");
    return f;
}

static struct figure figure_pass_k(const struct figure_in *in)
{
    const struct pass_k_tally *k = tally_pass_k(in->of, in->stat->kind, in->stat->k);
    if (k == NULL || k->cases.e.n == 0) {
        return figure_none(in, "no case has trials enough");
    }
    return figure_mean(in, &k->cases.e, in->group->errored + k->too_few, 0, 1);
}

static struct figure figure_f1(const struct figure_in *in)
{
    double f1 = 0;
    double worst = 0;
    if (!classes_f1_macro(&in->of->classes, &f1) ||
        !classes_f1_macro_worst(&in->of->classes, in->group->errored, in->arena, &worst)) {
        return figure_none(in, "no case wanted a class");
    }
    return (struct figure){
        .has_value = true,
        .value = f1,
        .lowest = worst,
        .highest = in->group->errored > 0 ? 1 : f1,
        .n = in->of->values.e.n,
        .errored = in->group->errored,
        .basis = cases_text(in->arena, in->of->values.e.n),
    };
}

static struct figure figure_class(const struct figure_in *in)
{
    struct class_share share = {0};
    bool is_recall = in->stat->kind == STAT_RECALL;
    struct str label = in->stat->filter.label;
    if (!(is_recall ? classes_recall(&in->of->classes, label, &share)
                    : classes_precision(&in->of->classes, label, &share))) {
        return figure_none(in, is_recall ? "no case wanted this class" : "no case was answered with this class");
    }
    double errored = (double)in->group->errored;
    return (struct figure){
        .has_value = true,
        .value = share.right / share.of,
        .lowest = share.right / (share.of + errored),
        .highest = (share.right + errored) / (share.of + errored),
        .n = (uint64_t)(share.of + 0.5),
        .errored = in->group->errored,
        .basis = share_text(in->arena, share.right, share.of, is_recall ? " wanting it" : " answered so"),
    };
}

static struct figure figure_dimension(const struct figure_in *in)
{
    const struct dimension_tally *d = in->of;
    double lo = 0;
    double hi = 0;
    if (in->stat->kind == STAT_COUNT) {
        return figure_count((double)d->values.e.n);
    }
    if (in->stat->kind == STAT_NOT_SCORED) {
        return figure_count((double)d->not_scored);
    }
    if (d->values.e.n == 0) {
        bool are_others = in->group->passed + in->group->failed + in->group->no_pass > 0;
        return figure_none(in, are_others ? "no case has a score or value of it" : "no case was scored");
    }
    dimension_scale(in->dimension, &lo, &hi);
    switch (in->stat->kind) {
    case STAT_MEAN:
        return figure_mean(in, &d->values.e, in->group->errored, lo, hi);
    case STAT_PASS_RATE:
        return figure_pass_rate(in);
    case STAT_STDDEV:
        if (d->values.e.n < 2) {
            return figure_none(in, "it takes two cases");
        }
        return figure_extent(in, lo, hi);
    case STAT_MIN:
    case STAT_MAX:
    case STAT_SUM:
        return figure_extent(in, lo, hi);
    case STAT_QUANTILE:
        return figure_quantile(in);
    case STAT_PASS_AT:
    case STAT_PASS_ALL:
        return figure_pass_k(in);
    case STAT_F1_MACRO:
        return figure_f1(in);
    case STAT_RECALL:
    case STAT_PRECISION:
        return figure_class(in);
    case STAT_COUNT:
    case STAT_NOT_SCORED:
    case STAT_SCORE:
    case STAT_CASES:
    case STAT_SAMPLES:
    case STAT_ERRORS:
    case STAT_ERROR_RATE:
        break;
    }
    return figure_none(in, "it is no statistic of a dimension");
}

struct figure figure_of(const struct tally *t, const struct stat_ref *stat, struct arena *arena)
{
    const struct group_tally *group = tally_group(t, &stat->filter);
    struct figure_in in = {.tally = t, .stat = stat, .group = group, .arena = arena};
    if (group == NULL) {
        return (struct figure){.why_not = STR("it was not counted")};
    }
    struct figure f;
    uint32_t index = 0;
    if (stat->dimension.ptr == NULL) {
        f = figure_bare(&in);
    } else if (tally_dimension(t, stat->dimension, &index)) {
        in.dimension = &t->dimensions[index];
        in.of = &group->dimensions[index];
        f = figure_dimension(&in);
    } else {
        f = figure_none(&in, "the run has no such dimension");
    }
    f.selects_nothing = group->cases == 0 && (group->tag.ptr != NULL || group->cluster.ptr != NULL);
    if (f.selects_nothing) {
        f.why_not = group->tag.ptr != NULL
                        ? arena_printf(arena, "no case that ran has the tag '%.*s'", STR_ARG(group->tag))
                        : arena_printf(arena, "no case that ran is in the cluster '%.*s'", STR_ARG(group->cluster));
    }
    return f;
}
