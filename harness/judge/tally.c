#include "judge/tally.h"

#include <math.h>

#include "base/arena.h"
#include "base/vec.h"
#include "judge/trials.h"
#include "store/store.h"

const double SUMMARY_ALPHA = 0.05;

/* Measures of the call are stored with every sample, whether a scorer or a gate named them when it ran or not. */
static void list_dimensions(struct tally *t)
{
    size_t own = t->run->dimension_count;
    struct dimension *dimensions = arena_array(t->arena, struct dimension, own + CALL_MEASURE_COUNT);
    t->places = arena_array(t->arena, size_t, own + CALL_MEASURE_COUNT);
    for (size_t i = 0; i < own; i++) {
        dimensions[i] = t->run->dimensions[i];
        t->places[i] = i;
    }
    t->dimensions = dimensions;
    t->dimension_count = own;
    for (size_t i = 0; i < CALL_MEASURE_COUNT; i++) {
        uint32_t known = 0;
        t->places[own + i] = SIZE_MAX;
        if (!tally_dimension(t, str_from(CALL_MEASURE_NAMES[i]), &known)) {
            t->places[own + i] = t->dimension_count;
            dimensions[t->dimension_count++] = dimension_of_call(CALL_MEASURE_NAMES[i]);
        }
    }
}

struct tally *tally_new(struct arena *arena, const struct suite *suite, const struct run_record *run, uint32_t trials,
                        bool is_partial)
{
    struct tally *t = arena_new(arena, struct tally);
    *t = (struct tally){
        .suite = suite, .run = run, .trials = trials == 0 ? 1 : trials, .is_partial = is_partial, .arena = arena};
    list_dimensions(t);
    struct stat_filter everything = {0};
    struct stat_ref all = {.kind = STAT_CASES, .filter = everything};
    tally_want(t, &all);
    return t;
}

static struct group_tally *find_group(const struct tally *t, const struct stat_filter *filter)
{
    for (size_t i = 0; i < t->group_count; i++) {
        if (str_same(t->groups[i]->tag, filter->tag) && str_same(t->groups[i]->cluster, filter->cluster)) {
            return t->groups[i];
        }
    }
    return NULL;
}

const struct group_tally *tally_group(const struct tally *t, const struct stat_filter *filter)
{
    return find_group(t, filter);
}

/* Pushes onto an array whose parts stand in the struct itself. */
#define PUSH(arena, list, count, capacity)                                                                             \
    __extension__({                                                                                                    \
        if ((count) == (capacity)) {                                                                                   \
            (list) = vec_grow((arena), (list), (count), &(capacity), sizeof(*(list)));                                 \
        }                                                                                                              \
        &(list)[(count)++];                                                                                            \
    })

/* The scale of what is reduced to one number a case; a share of trials, and a score, lie in 0..1. */
static void begin_dimension(const struct dimension *dimension, struct dimension_tally *d)
{
    static const struct stat_range unit = {true, 0, 1};
    struct stat_range range = {.is_bounded = false};
    double lo = 0;
    double hi = 0;
    dimension_scale(dimension, &lo, &hi);
    if (!isinf(lo) && !isinf(hi)) {
        range = (struct stat_range){true, lo, hi};
    }
    running_init(&d->values, &range);
    running_init(&d->passes, &unit);
}

static struct group_tally *want_group(struct tally *t, const struct stat_filter *filter)
{
    struct group_tally *group = find_group(t, filter);
    if (group == NULL) {
        group = arena_new(t->arena, struct group_tally);
        group->tag = filter->tag;
        group->cluster = filter->cluster;
        group->dimensions = arena_array(t->arena, struct dimension_tally, t->dimension_count);
        running_init(&group->scores, &(struct stat_range){true, 0, 1});
        running_init(&group->case_passes, &(struct stat_range){true, 0, 1});
        for (size_t i = 0; i < t->dimension_count; i++) {
            begin_dimension(&t->dimensions[i], &group->dimensions[i]);
        }
        *PUSH(t->arena, t->groups, t->group_count, t->group_cap) = group;
    }
    return group;
}

bool tally_dimension(const struct tally *t, struct str name, uint32_t *ret)
{
    for (size_t i = 0; i < t->dimension_count; i++) {
        if (str_eq(t->dimensions[i].name, name)) {
            *ret = (uint32_t)i;
            return true;
        }
    }
    return false;
}

const struct quantile_tally *tally_quantile(const struct dimension_tally *d, double p)
{
    for (size_t i = 0; i < d->quantile_count; i++) {
        if (d->quantiles[i].p == p) {
            return &d->quantiles[i];
        }
    }
    return NULL;
}

const struct pass_k_tally *tally_pass_k(const struct dimension_tally *d, enum stat_kind kind, uint32_t k)
{
    for (size_t i = 0; i < d->pass_k_count; i++) {
        if (d->pass_ks[i].k == k && d->pass_ks[i].is_all == (kind == STAT_PASS_ALL)) {
            return &d->pass_ks[i];
        }
    }
    return NULL;
}

static void want_quantile(struct tally *t, struct dimension_tally *d, double p)
{
    if (tally_quantile(d, p) == NULL) {
        *PUSH(t->arena, d->quantiles, d->quantile_count, d->quantile_cap) = (struct quantile_tally){.p = p};
    }
}

void tally_want_quantile(struct tally *t, uint32_t dimension, double p)
{
    want_quantile(t, &t->groups[0]->dimensions[dimension], p);
}

const struct line_tally *tally_line(const struct dimension_tally *d, double line, bool is_at_most)
{
    for (size_t i = 0; i < d->lines.len; i++) {
        if (d->lines.items[i].line == line && d->lines.items[i].is_at_most == is_at_most) {
            return &d->lines.items[i];
        }
    }
    return NULL;
}

void tally_want_line(struct tally *t, const struct stat_ref *stat, double line, bool is_at_most)
{
    static const struct stat_range unit = {true, 0, 1};
    uint32_t index = 0;
    if (!tally_dimension(t, stat->dimension, &index)) {
        return;
    }
    struct dimension_tally *d = &want_group(t, &stat->filter)->dimensions[index];
    if (tally_line(d, line, is_at_most) == NULL) {
        struct line_tally *l = vec_push(t->arena, &d->lines);
        *l = (struct line_tally){.line = line, .is_at_most = is_at_most};
        running_init(&l->share, &unit);
    }
}

void tally_close(struct tally *t)
{
    for (size_t i = 0; i < t->group_count; i++) {
        for (size_t j = 0; j < t->dimension_count; j++) {
            sorter_free(&t->groups[i]->dimensions[j].sorter);
        }
    }
}

void tally_want_classes(struct tally *t, uint32_t dimension)
{
    t->groups[0]->dimensions[dimension].shows_classes = true;
}

void tally_want(struct tally *t, const struct stat_ref *stat)
{
    struct group_tally *group = want_group(t, &stat->filter);
    uint32_t index = 0;
    if (stat->dimension.ptr == NULL || !tally_dimension(t, stat->dimension, &index)) {
        return;
    }
    t->wants_measures = t->wants_measures || index >= t->run->dimension_count;
    struct dimension_tally *d = &group->dimensions[index];
    if (stat->kind == STAT_QUANTILE) {
        want_quantile(t, d, stat->quantile);
    } else if (stat->kind == STAT_PASS_AT || stat->kind == STAT_PASS_ALL) {
        if (tally_pass_k(d, stat->kind, stat->k) == NULL) {
            *PUSH(t->arena, d->pass_ks, d->pass_k_count, d->pass_k_cap) =
                (struct pass_k_tally){.k = stat->k, .is_all = stat->kind == STAT_PASS_ALL};
            running_init(&d->pass_ks[d->pass_k_count - 1].cases, &(struct stat_range){true, 0, 1});
        }
    } else if (stat->kind == STAT_F1_MACRO || stat->kind == STAT_RECALL || stat->kind == STAT_PRECISION) {
        d->wants_classes = true;
    }
}

bool tally_is_binary(const struct tally *t, uint32_t dimension)
{
    return reduced_is_binary(&t->dimensions[dimension], t->suite->reduce, t->trials);
}

void dimension_scale(const struct dimension *d, double *ret_lo, double *ret_hi)
{
    bool is_unit = d->kind == DIMENSION_JUDGED || d->type == TYPE_BINARY;
    *ret_lo = is_unit ? 0 : d->type == TYPE_BOUNDED ? d->lo : -INFINITY;
    *ret_hi = is_unit ? 1 : d->type == TYPE_BOUNDED ? d->hi : INFINITY;
}
