/* The pass over a run's cases (judge/trials.h): each into the counters of the groups that it is in. */

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/value.h"
#include "judge/tag_list.h"
#include "judge/tally.h"
#include "judge/trials.h"
#include "store/store.h"

struct pass {
    struct tally *tally;
    struct reduction reduction;
    bool is_done;
    int64_t cluster;     /* of the case at hand: its number, or RUNNING_ALONE */
    bool *wants_classes; /* by dimension */
    bool *is_in;         /* by group: whether the case is in it */
    struct arena room;
    struct arena tags;   /* of the tag list last read */
    struct buf tag_text; /* the tag list that tag_list was read from: neighbours mostly have the same */
    struct value tag_list;
};

static void pass_deinit(struct pass *p)
{
    arena_deinit(&p->room);
    arena_deinit(&p->tags);
    buf_deinit(&p->tag_text);
    if (!p->is_done) {
        tally_close(p->tally);
    }
}

static bool pass_init(struct pass *p, struct store *store, struct err *err)
{
    const struct tally *t = p->tally;
    size_t count = t->dimension_count;
    p->wants_classes = arena_array(&p->room, bool, count + 1);
    p->is_in = arena_array(&p->room, bool, t->group_count);
    p->tag_list.kind = VALUE_LIST;
    buf_init(&p->tag_text, LIMIT_JSON_BYTES);
    for (size_t i = 0; i < t->group_count; i++) {
        for (size_t j = 0; j < count; j++) {
            struct dimension_tally *d = &t->groups[i]->dimensions[j];
            p->wants_classes[j] |= d->wants_classes || d->shows_classes;
            if (d->quantile_count > 0 && !store_sorter_new(store, &d->sorter, err)) {
                return false;
            }
        }
    }
    return true;
}

/* --- one case into the counters ------------------------------------------------------------------------------------------------------ */

static void count_pass_ks(const struct pass *p, const struct dimension_trials *g, struct dimension_tally *d)
{
    for (size_t i = 0; i < d->pass_k_count; i++) {
        struct pass_k_tally *k = &d->pass_ks[i];
        uint32_t needed = pass_k_needs(&p->reduction, k->k, k->is_all);
        if (g->with_pass < needed) {
            k->too_few++;
        } else {
            running_add(&k->cases, p->tally->arena,
                        k->is_all ? pass_all_k(g->with_pass, g->passed, k->k)
                                  : pass_at_k(g->with_pass, g->passed, k->k),
                        p->cluster);
        }
    }
}

static void count_classes(const struct pass *p, const struct dimension_trials *g, struct dimension_tally *d)
{
    for (size_t i = 0; i < g->classes.len; i++) {
        classes_add(&d->classes, p->tally->arena, g->classes.items[i].answered, g->classes.items[i].wanted,
                    1.0 / (double)g->classes.len);
    }
}

static bool count_dimension(const struct pass *p, const struct dimension_trials *g, struct dimension_tally *d,
                            struct err *err)
{
    d->not_scored += g->not_scored;
    if (!g->has_value) {
        return true;
    }
    running_add(&d->values, p->tally->arena, g->value, p->cluster);
    if (g->with_pass > 0) {
        running_add(&d->passes, p->tally->arena, (double)g->passed / (double)g->with_pass, p->cluster);
        d->passed_cases += g->passed == g->with_pass ? 1 : 0;
        count_pass_ks(p, g, d);
    }
    for (size_t i = 0; i < d->lines.len; i++) {
        struct line_tally *l = &d->lines.items[i];
        bool is_good = l->is_at_most ? g->value <= l->line : g->value >= l->line;
        running_add(&l->share, p->tally->arena, is_good ? 1 : 0, p->cluster);
    }
    if (d->wants_classes || (d->shows_classes && d->classes.len <= TALLY_SHOWN_CLASSES)) {
        count_classes(p, g, d);
    }
    return d->sorter == NULL || sorter_add(d->sorter, g->value, err);
}

static bool count_dimensions(const struct pass *p, const struct case_trials *c, struct err *err)
{
    const struct tally *t = p->tally;
    for (size_t i = 0; i < c->touched_count; i++) {
        const struct dimension_trials *g = &c->dimensions[c->touched[i]];
        size_t place = t->places[c->touched[i]];
        for (size_t j = 0; j < t->group_count && place != SIZE_MAX; j++) {
            if (p->is_in[j] && !count_dimension(p, g, &t->groups[j]->dimensions[place], err)) {
                return false;
            }
        }
    }
    return true;
}

static void count_case(const struct pass *p, const struct case_trials *c, struct group_tally *group)
{
    group->cases++;
    group->samples += c->samples;
    group->errors += c->errors;
    if (c->is_errored) {
        group->errored++;
        return;
    }
    if (c->has_score) {
        running_add(&group->scores, p->tally->arena, c->score, p->cluster);
    }
    if (c->has_pass) {
        running_add(&group->case_passes, p->tally->arena, c->passes ? 1 : 0, p->cluster);
    }
    if (!c->has_pass) {
        group->no_pass++;
    } else if (c->passes) {
        group->passed++;
    } else {
        group->failed++;
    }
}

/* --- the groups that a case is in -------------------------------------------------------------------------------------------------------- */

static bool read_tags(struct pass *p, struct str tags, struct err *err)
{
    if (str_eq(tags, buf_str(&p->tag_text))) {
        return true;
    }
    arena_reset(&p->tags);
    buf_clear(&p->tag_text);
    buf_append(&p->tag_text, tags);
    return tag_list_read(&p->tags, tags, &p->tag_list, err);
}

static bool find_groups(struct pass *p, const struct case_trials *c, struct err *err)
{
    const struct tally *t = p->tally;
    p->is_in[0] = true;
    if (t->group_count > 1 && !read_tags(p, c->tags, err)) {
        return false;
    }
    for (size_t i = 1; i < t->group_count; i++) {
        const struct group_tally *group = t->groups[i];
        p->is_in[i] = (group->tag.ptr == NULL || tag_list_has(&p->tag_list, group->tag)) &&
                      (group->cluster.ptr == NULL || (c->cluster.ptr != NULL && str_eq(c->cluster, group->cluster)));
    }
    return true;
}

static int64_t cluster_of(struct tally *t, struct str name)
{
    if (name.ptr == NULL) {
        return RUNNING_ALONE;
    }
    uint32_t *number = map_get(&t->cluster_numbers, name);
    if (number == NULL) {
        number = arena_new(t->arena, uint32_t);
        *number = t->cluster_count++;
        (void)map_put(&t->cluster_numbers, t->arena, arena_str(t->arena, name), number);
    }
    return *number;
}

static bool take_case(struct pass *p, const struct case_trials *c, struct err *err)
{
    struct tally *t = p->tally;
    p->cluster = cluster_of(t, c->cluster);
    t->alone += p->cluster == RUNNING_ALONE ? 1 : 0;
    if (!find_groups(p, c, err)) {
        return false;
    }
    for (size_t i = 0; i < t->group_count; i++) {
        if (p->is_in[i]) {
            count_case(p, c, t->groups[i]);
        }
    }
    return count_dimensions(p, c, err);
}

/* --- quantiles ------------------------------------------------------------------------------------------------------------------------- */

/* The value at a rank when `below` values more stand under the sorted ones and `above` over them; those count as lo and hi. */
static bool value_at(const struct dimension_tally *d, uint64_t rank, uint64_t below, double lo, double hi, double *ret,
                     struct err *err)
{
    if (rank <= below || rank - below > d->values.e.n) {
        *ret = rank <= below ? lo : hi;
        return true;
    }
    return sorter_value_at(d->sorter, rank - below, ret, err);
}

/* Order statistics hold for cases that do not depend on each other. */
static bool quantile_bounds(const struct dimension_tally *d, struct quantile_tally *q, struct err *err)
{
    uint64_t n = d->values.e.n;
    if (n < 2 || running_mean(&d->values).is_clustered) {
        return true;
    }
    struct quantile_ranks ranks = quantile_ranks_of(n, q->p, SUMMARY_ALPHA);
    q->interval = (struct stat_interval){
        .how = {METHOD_ORDER, n, 0, SUMMARY_ALPHA}, .has_lo = ranks.lo > 0, .has_hi = ranks.hi > 0};
    return (ranks.lo == 0 || sorter_value_at(d->sorter, ranks.lo, &q->interval.lo, err)) &&
           (ranks.hi == 0 || sorter_value_at(d->sorter, ranks.hi, &q->interval.hi, err));
}

static bool resolve_quantiles(const struct tally *t, const struct group_tally *group, uint32_t dimension,
                              struct err *err)
{
    struct dimension_tally *d = &group->dimensions[dimension];
    double lo = 0;
    double hi = 0;
    dimension_scale(&t->dimensions[dimension], &lo, &hi);
    uint64_t n = d->values.e.n;
    for (size_t i = 0; i < d->quantile_count && n > 0; i++) {
        struct quantile_tally *q = &d->quantiles[i];
        uint64_t with_errors = quantile_rank(n + group->errored, q->p);
        if (!value_at(d, quantile_rank(n, q->p), 0, lo, hi, &q->value, err) ||
            !value_at(d, with_errors, group->errored, lo, hi, &q->lowest, err) ||
            !value_at(d, with_errors, 0, lo, hi, &q->highest, err) || !quantile_bounds(d, q, err)) {
            return false;
        }
    }
    if (d->lines.len == 0) {
        sorter_free(&d->sorter); /* before the next variant's pass */
    }
    return true;
}

bool tally_run(struct tally *t, struct store *store, struct err *err)
{
    struct pass p CLEANUP(pass_deinit) = {.tally = t,
                                          .reduction = reduction_of_suite(t->suite, t->trials, t->is_partial)};
    struct trials trials CLEANUP(trials_close) = {0};
    if (!store_plan_has_clusters(store, t->run->plan, &t->has_clusters, err) || !pass_init(&p, store, err)) {
        return false;
    }
    struct trials_wants wants = {.classes = p.wants_classes,
                                 .pool = t->pool,
                                 .measures = t->wants_measures,
                                 .cases = t->group_count > 1 || t->has_clusters};
    if (!trials_open(&trials, store, t->run, p.reduction, wants, err)) {
        return false;
    }
    while (true) {
        const struct case_trials *c = NULL;
        if (!trials_next(&trials, &c, err)) {
            return false;
        }
        if (c == NULL) {
            break;
        }
        if (!take_case(&p, c, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < t->group_count; i++) {
        for (uint32_t j = 0; j < t->dimension_count; j++) {
            if (t->groups[i]->dimensions[j].quantile_count > 0 && !resolve_quantiles(t, t->groups[i], j, err)) {
                return false;
            }
        }
    }
    p.is_done = true;
    return true;
}
