/* The numbers of one statistic: each run's own figure, and each candidate's difference from the base over the pairs. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/compare_private.h"
#include "stats/classes.h"
#include "stats/estimate.h"
#include "stats/exceedance.h"
#include "stats/quantile.h"

static const double DRAWN_ALPHA = 0.05;

/* --- figures --------------------------------------------------------------------------------------------------------------------------------- */

static int double_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static struct compared_figure quantile_figure(double *values, size_t n, bool is_clustered, double p)
{
    qsort(values, n, sizeof(*values), double_compare);
    struct compared_figure f = {.has_value = true, .value = values[quantile_rank(n, p) - 1], .n = n};
    if (!is_clustered) { /* order statistics know nothing of clusters */
        f.interval = quantile_interval(values, n, p, DRAWN_ALPHA);
    }
    return f;
}

static struct compared_figure figure_of_run(struct comparing *k, size_t run, const struct stat_ref *stat)
{
    const struct run_values *v = &k->values[run];
    struct arena *scratch = &k->scratch;
    double *numbers = arena_array(scratch, double, k->table.count);
    if (!values_stat(&k->table, v, stat, numbers)) {
        return (struct compared_figure){0};
    }
    struct sample s = values_sample(&k->table, numbers, &stat->filter, scratch, NULL);
    if (s.n == 0) {
        return (struct compared_figure){0};
    }
    if (stat->kind == STAT_QUANTILE) {
        double *values = arena_copy(scratch, s.values, s.n * sizeof(*values));
        return quantile_figure(values, s.n, s.clusters != NULL, stat->quantile);
    }
    struct values_type type = values_type_of(v, stat);
    struct claim_in in = {.sample = s, .is_binary = type.is_binary, .range = type.range};
    struct claim claim = claim_of(&in, scratch);
    return (struct compared_figure){true, claim.mean.mean, s.n, claim_interval(&claim, DRAWN_ALPHA)};
}

/* --- differences ------------------------------------------------------------------------------------------------------------------------------ */

static double mean_of_values(const double *values, size_t n)
{
    struct estimate e = {0};
    for (size_t i = 0; i < n; i++) {
        estimate_add(&e, values[i]);
    }
    return estimate_mean(&e);
}

static void say_too_few(struct comparing *k, const struct claim *claim, size_t n, struct compared_difference *ret)
{
    if (n < claim->min_below) {
        ret->needed = claim->min_below;
        ret->hint = arena_printf(k->arena, "a claim takes %llu cases", (unsigned long long)claim->min_below);
    } else if (claim->mean.has_se) {
        ret->hint = arena_printf(k->arena, "the clusters leave %.1f degrees of freedom, a claim takes %d",
                                 claim->mean.df, CLAIM_MIN_DF);
    } else {
        ret->hint = STR("they are one cluster: how clusters scatter is not known");
    }
}

static void difference_of_means(struct comparing *k, const struct compare_row *row, const struct pair_stat *p,
                                struct compared_difference *ret)
{
    struct claim_in in = {
        .sample = pair_differences(p, &k->scratch),
        .is_binary = p->type.is_binary,
        .is_difference = true,
        .falls_whole = p->falls_whole,
        .range = p->type.range,
    };
    struct claim claim = claim_of(&in, &k->scratch);
    ret->base = mean_of_values(p->baseline, p->n);
    ret->candidate = mean_of_values(p->candidate, p->n);
    ret->difference = claim.mean.mean;
    ret->interval = claim_interval(&claim, DRAWN_ALPHA);
    ret->clusters = claim.mean.is_clustered ? claim.mean.clusters : 0;
    ret->is_binary = claim.is_binary;
    ret->only_candidate = claim.pairs.b;
    ret->only_base = claim.pairs.c;
    ret->is_same = claim.mean.is_constant && claim.mean.mean == 0;
    if (!claim_allows_below(&claim)) {
        say_too_few(k, &claim, p->n, ret);
        return;
    }
    struct stat_test test = claim_test(&claim, 0);
    if (test.how.method == METHOD_NONE) {
        ret->hint = claim.mean.mean == 0 ? STR("no value differs")
                                         : STR("every difference is the same: how they scatter is not known");
        return;
    }
    test.how.method =
        test.how.method == METHOD_HALL ? METHOD_T : test.how.method; /* that guards one side only: not asked here */
    ret->has_p = true;
    ret->how = test.how;
    ret->statistic = test.statistic;
    ret->p = test.two_sided;
    if (test.how.method == METHOD_MCNEMAR_MIDP) {
        ret->has_exact = true;
        ret->p_exact = mcnemar_exact(&claim.pairs).two_sided;
    }
    if (row->header.in_family) {
        *vec_push(k->arena, &k->claims) = (struct compare_claim){claim, row->header.direction, ret};
    }
}

static void ratio_of_quantiles(struct comparing *k, const struct compare_row *row, const struct pair_stat *p,
                               struct compared_difference *ret)
{
    struct exceedance e = {
        .baseline = p->baseline,
        .candidate = p->candidate,
        .clusters = p->clusters,
        .n = p->n,
        .cluster_count = p->cluster_count,
        .p = row->stat.quantile,
    };
    exceedance_init(&e, &k->scratch);
    ret->base = exceedance_baseline(&e);
    ret->candidate = exceedance_candidate(&e);
    ret->difference = mean_difference(ret->candidate, ret->base);
    struct estimate all = {0};
    for (size_t i = 0; i < p->n; i++) {
        estimate_add(&all, p->baseline[i]);
        estimate_add(&all, p->candidate[i]);
    }
    ret->has_ratio = all.min >= 0 && ret->base > 0;
    ret->needed = quantile_min_cases(row->stat.quantile, DRAWN_ALPHA);
    if (!ret->has_ratio || p->n < ret->needed) {
        ret->hint = !ret->has_ratio
                        ? STR("ratios need values above 0")
                        : arena_printf(k->arena, "its interval takes %llu cases", (unsigned long long)ret->needed);
        ret->ratio = ret->has_ratio ? ret->candidate / ret->base : 0;
        return;
    }
    ret->needed = 0;
    struct stat_test test = exceedance_test(&e, 1);
    ret->ratio = ret->candidate / ret->base;
    ret->interval = exceedance_interval(&e, DRAWN_ALPHA);
    ret->clusters = p->clusters == NULL ? 0 : p->cluster_count;
    ret->has_p = true;
    ret->how = test.how;
    ret->statistic = test.statistic;
    ret->p = test.two_sided;
}

static void difference_of_run(struct comparing *k, const struct compare_row *row, const struct stat_ref *stat,
                              size_t run, struct compared_difference *ret)
{
    const struct run_values *base = &k->values[0];
    struct value_set set = {&base, 1};
    struct pair_stat p = pair_stat(&k->table, &set, &k->values[run], stat, &k->scratch);
    ret->why_not = p.why_not.ptr == NULL ? STR_NULL : arena_str(k->arena, p.why_not);
    ret->n = p.n;
    ret->errored_base = p.errored_baseline;
    ret->errored_candidate = p.errored_candidate;
    ret->errored_both = p.errored_both;
    ret->not_scored = p.not_scored;
    ret->has_value = p.why_not.ptr == NULL && p.n > 0;
    if (!ret->has_value) {
        return;
    }
    if (stat->kind == STAT_QUANTILE) {
        ratio_of_quantiles(k, row, &p, ret);
    } else {
        difference_of_means(k, row, &p, ret);
    }
}

static void shown_of(struct comparing *k, const struct compared_stat *header, struct compared_stat *ret)
{
    *ret = *header;
    ret->figures = arena_array(k->arena, struct compared_figure, k->in->run_count);
    ret->differences = arena_array(k->arena, struct compared_difference, k->in->run_count);
}

void compare_fill(struct comparing *k, const struct compare_row *row, const struct stat_filter *filter,
                  struct compared_stat *ret)
{
    struct stat_ref stat = row->stat;
    stat.filter = *filter;
    shown_of(k, &row->header, ret);
    ret->range = values_type_of(&k->values[0], &stat).range;
    for (size_t run = 0; run < k->in->run_count; run++) {
        ret->figures[run] = figure_of_run(k, run, &stat);
        if (run > 0) {
            difference_of_run(k, row, &stat, run, &ret->differences[run]);
        }
        arena_reset(&k->scratch);
    }
}

/* --- classes ------------------------------------------------------------------------------------------------------------------------------------ */

enum class_stat { CLASS_RECALL, CLASS_PRECISION, CLASS_F1, CLASS_STAT_COUNT };

static struct compared_figure class_figure(const struct classes *c, struct str label, enum class_stat stat)
{
    const struct class_count *count = map_get(&c->by_label, label);
    struct class_share share = {0};
    if (stat == CLASS_F1) {
        double of = count == NULL ? 0 : num_sum_total(&count->wanted) + num_sum_total(&count->answered);
        share = (struct class_share){of > 0 ? 2 * num_sum_total(&count->right) : 0, of};
    } else if (!(stat == CLASS_RECALL ? classes_recall(c, label, &share) : classes_precision(c, label, &share))) {
        share.of = 0;
    }
    struct compared_figure f = {.has_value = share.of > 0};
    f.value = f.has_value ? share.right / share.of : 0;
    f.n = (uint64_t)(stat == CLASS_F1 && count != NULL ? num_sum_total(&count->wanted) + 0.5 : share.of + 0.5);
    return f;
}

static uint64_t classified_cases(const struct classes *c)
{
    struct num_sum wanted = {0};
    for (size_t i = 0; i < c->len; i++) {
        num_sum_add(&wanted, num_sum_total(&c->items[i]->wanted));
    }
    return (uint64_t)(num_sum_total(&wanted) + 0.5);
}

/* Figures of these say nothing of chance: no interval, no claim. */
static void differences_of_figures(struct compared_stat *stat, size_t run_count)
{
    for (size_t run = 1; run < run_count; run++) {
        struct compared_difference *d = &stat->differences[run];
        d->has_value = stat->figures[0].has_value && stat->figures[run].has_value;
        d->why_not = d->has_value ? STR_NULL : STR("one of the two has no such figure");
        d->base = stat->figures[0].value;
        d->candidate = stat->figures[run].value;
        d->difference = d->has_value ? d->candidate - d->base : 0;
        d->n = stat->figures[run].n;
    }
}

static struct compared_stat *push_class_row(struct comparing *k, const struct compare_row *row, struct str name,
                                            struct str label, struct compared_rows *rows)
{
    struct compared_stat header = row->header;
    struct compared_stat *stat = vec_push(k->arena, &rows->items);
    header.name = name;
    header.label = label;
    header.in_family = false;
    header.is_share = true;
    header.range = (struct stat_range){true, 0, 1};
    shown_of(k, &header, stat);
    return stat;
}

void compare_classes(struct comparing *k, const struct compare_row *row, const struct stat_filter *filter,
                     struct compared_rows *rows)
{
    static const char *const names[CLASS_STAT_COUNT] = {"recall", "precision", "f1"};
    size_t run_count = k->in->run_count;
    struct classes *classes = arena_array(&k->scratch, struct classes, run_count);
    VEC(struct str) labels = {0};
    struct map known = MAP_NULL;
    bool has_any = false;
    for (size_t run = 0; run < run_count; run++) {
        struct classes *c = &classes[run];
        has_any |= values_classes(&k->table, &k->values[run], row->stat.dimension, filter, &k->scratch, c);
        for (size_t i = 0; i < c->len && labels.len < COMPARE_CLASSES; i++) {
            bool is_wanted = num_sum_total(&c->items[i]->wanted) > 0;
            if (is_wanted && map_put(&known, &k->scratch, c->items[i]->label, c) == NULL) {
                *vec_push(&k->scratch, &labels) = arena_str(k->arena, c->items[i]->label);
            }
        }
    }
    if (has_any) {
        struct compared_stat *macro = push_class_row(k, row, STR("f1_macro"), STR_NULL, rows);
        for (size_t run = 0; run < run_count; run++) {
            struct compared_figure *f = &macro->figures[run];
            f->has_value = classes_f1_macro(&classes[run], &f->value);
            f->n = classified_cases(&classes[run]);
        }
        differences_of_figures(macro, run_count);
    }
    for (size_t i = 0; i < labels.len * CLASS_STAT_COUNT; i++) {
        size_t which = i % CLASS_STAT_COUNT;
        struct str label = labels.items[i / CLASS_STAT_COUNT];
        struct compared_stat *stat = push_class_row(k, row, str_from(names[which]), label, rows);
        for (size_t run = 0; run < run_count; run++) {
            stat->figures[run] = class_figure(&classes[run], label, (enum class_stat)which);
        }
        differences_of_figures(stat, run_count);
    }
    arena_reset(&k->scratch);
}
