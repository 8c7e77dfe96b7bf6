#include "judge/compare.h"

#include <math.h>
#include <string.h>

#include "base/err.h"
#include "judge/compare_private.h"
#include "judge/narrow.h"
#include "stats/holm.h"

static const double ALPHA = 0.05;
static const double POWER = 0.8;

/* --- reading ----------------------------------------------------------------------------------------------------------------------------------- */

static bool is_wanted(const void *context, const struct dimension *d)
{
    return compare_names(context, d->name);
}

static bool read_runs(struct comparing *k, struct err *err)
{
    struct values_want want = {.dimension = is_wanted, .context = k->in, .classes = true};
    k->values = arena_array(k->arena, struct run_values, k->in->run_count);
    for (size_t i = 0; i < k->in->run_count; i++) {
        const struct compare_run *r = &k->in->runs[i];
        struct run_values *v = &k->values[i];
        if (!values_read(&k->table, r->store, r->run, want, v, err)) {
            return err_wrap(err, "run '%.*s'", STR_ARG(r->name));
        }
        k->ret->runs[i] = (struct compared_run){
            .run = r->run,
            .name = r->name,
            .source = r->source,
            .labels = r->labels,
            .cases = v->cases,
            .errored = v->errored,
            .samples = v->samples,
            .errors = v->errors,
            .has_cost = v->has_cost,
            .cost_usd = num_sum_total(&v->cost_usd),
            .trials = v->reduction.trials,
        };
    }
    return true;
}

/* --- tables ------------------------------------------------------------------------------------------------------------------------------------ */

/* `filter` narrows k's cases further. */
static void fill_table(struct comparing *k, struct str tag, const struct stat_filter *filter,
                       struct compared_table *ret)
{
    struct compared_rows rows = {0};
    size_t room = k->rows.len; /* classifiers add theirs: claims point to differences, which do not move */
    for (size_t i = 0; i < room; i++) {
        const struct compare_row *row = &k->rows.items[i];
        compare_fill(k, row, filter, vec_push(k->arena, &rows.items));
        if (row->stat.kind == STAT_MEAN && row->header.kind == DIMENSION_JUDGED && row->stat.dimension.ptr != NULL) {
            compare_classes(k, row, filter, &rows);
        }
    }
    *ret = (struct compared_table){tag, rows.items.items, rows.items.len};
}

/* The same with the cases of the tag alone, as if there were no others. */
static void fill_tag_table(struct comparing *k, struct str tag, const struct stat_filter *filter,
                           struct compared_table *ret)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct case_table whole_table = k->table;
    struct run_values *whole = k->values;
    struct case_table table;
    struct run_values *values = arena_array(&arena, struct run_values, k->in->run_count);
    values_narrow(&whole_table, whole, k->in->run_count, tag, &arena, &table, values);
    k->table = table;
    k->values = values;
    fill_table(k, tag, filter, ret);
    k->table = whole_table;
    k->values = whole;
}

/* All tags of the cases, in the order they appear. */
static size_t list_tags(struct comparing *k, struct str **ret)
{
    VEC(struct str) tags = {0};
    struct map known = MAP_NULL;
    for (size_t i = 0; i < k->table.tag_lists.len; i++) {
        const struct value *list = &k->table.tag_lists.items[i];
        for (uint32_t t = 0; t < list->len; t++) {
            if (map_put(&known, k->arena, list->items[t].text, k) == NULL) {
                *vec_push(k->arena, &tags) = list->items[t].text;
            }
        }
    }
    *ret = tags.items;
    return tags.len;
}

static bool check_tag(struct comparing *k, const struct str *tags, size_t count, struct err *err)
{
    const char **names = arena_array(k->arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        names[i] = arena_cstr(k->arena, tags[i]);
        if (k->in->tag.ptr == NULL || str_eq(tags[i], k->in->tag)) {
            return true;
        }
    }
    if (k->in->tag.ptr == NULL) {
        return true;
    }
    const char *near = str_nearest(k->in->tag, names);
    return near == NULL ? err_set(err, ERR_EMPTY, "no case of these runs has the tag '%.*s'", STR_ARG(k->in->tag))
                        : err_set(err, ERR_EMPTY, "no case of these runs has the tag '%.*s': did you mean '%s'?",
                                  STR_ARG(k->in->tag), near);
}

static bool fill_tables(struct comparing *k, struct err *err)
{
    struct str *tags = NULL;
    size_t count = list_tags(k, &tags);
    if (!check_tag(k, tags, count, err)) {
        return false;
    }
    struct comparison *c = k->ret;
    c->tables = arena_array(k->arena, struct compared_table, count + 1);
    struct stat_filter filter = {.tag = k->in->tag};
    fill_table(k, k->in->tag, &filter, &c->tables[c->table_count++]);
    for (size_t i = 0; i < count && k->in->by_tag; i++) {
        fill_tag_table(k, tags[i], &filter, &c->tables[c->table_count++]);
    }
    return true;
}

/* --- claims ------------------------------------------------------------------------------------------------------------------------------------- */

static enum compared_word word_of(const struct compare_claim *c, double alpha, uint64_t family)
{
    const struct compared_difference *d = c->difference;
    struct stat_interval at_level = claim_interval(&c->claim, holm_level(alpha, d->p, d->p_adjusted, family));
    bool is_above = d->p_adjusted <= alpha && at_level.has_lo && at_level.lo > 0;
    bool is_below = d->p_adjusted <= alpha && at_level.has_hi && at_level.hi < 0;
    if (!is_above && !is_below) {
        return COMPARED_CANNOT_TELL;
    }
    if (c->direction == DIRECTION_NONE) {
        return is_above ? COMPARED_HIGHER : COMPARED_LOWER;
    }
    return is_above == (c->direction == DIRECTION_HIGHER) ? COMPARED_BETTER : COMPARED_WORSE;
}

static void make_claims(struct comparing *k)
{
    size_t m = k->claims.len;
    double *p = arena_array(k->arena, double, m);
    double *adjusted = arena_array(k->arena, double, m);
    for (size_t i = 0; i < m; i++) {
        p[i] = k->claims.items[i].difference->p;
    }
    holm_adjust(p, m, adjusted, k->arena);
    k->ret->family = m;
    for (size_t i = 0; i < m; i++) {
        struct compare_claim *c = &k->claims.items[i];
        struct compared_difference *d = c->difference;
        d->in_family = true;
        d->p_adjusted = adjusted[i];
        d->has_mde = claim_mde(&c->claim, 0, k->ret->alpha / 2 / (double)m, POWER, &d->mde);
        d->word = word_of(c, k->ret->alpha, m);
    }
    /* what would be claimed, had it cases enough */
    for (size_t t = 0; t < k->ret->table_count; t++) {
        for (size_t s = 0; s < k->ret->tables[t].stat_count; s++) {
            struct compared_stat *stat = &k->ret->tables[t].stats[s];
            for (size_t run = 1; run < k->in->run_count; run++) {
                struct compared_difference *d = &stat->differences[run];
                bool is_open = stat->in_family && d->has_value && !d->in_family;
                d->word = is_open ? COMPARED_CANNOT_TELL : d->word;
            }
        }
    }
}

/* Dimensions that are not compared between the base and a candidate; nothing left says so for the run. */
static void name_other_dimensions(struct comparing *k, size_t run)
{
    struct compared_run *ret = &k->ret->runs[run];
    const struct compared_table *all = &k->ret->tables[0];
    size_t compared = 0;
    ret->other_dimensions = arena_array(k->arena, struct str, all->stat_count);
    for (size_t s = 0; s < all->stat_count; s++) {
        const struct compared_stat *stat = &all->stats[s];
        struct str why = stat->differences[run].why_not;
        bool is_main = stat->dimension.ptr != NULL && str_eq(stat->name, STR("mean"));
        if (is_main && why.ptr != NULL) {
            ret->other_dimensions[ret->other_dimension_count++] =
                arena_printf(k->arena, "%.*s: %.*s", STR_ARG(stat->dimension), STR_ARG(why));
        }
        compared += is_main && why.ptr == NULL ? 1 : 0;
    }
    if (ret->why_not.ptr == NULL && compared == 0) {
        ret->why_not =
            ret->other_dimension_count == 0
                ? STR("they have no dimension")
                : arena_printf(k->arena, "no dimension of '%.*s' can be compared with '%.*s' (%.*s%s)",
                               STR_ARG(k->in->runs[run].name), STR_ARG(k->in->runs[0].name),
                               STR_ARG(ret->other_dimensions[0]), ret->other_dimension_count > 1 ? ", ..." : "");
    }
}

bool compare_runs(const struct compare_in *in, struct arena *arena, struct comparison *ret, struct err *err)
{
    struct comparing *k = arena_new(arena, struct comparing);
    struct comparison *c = arena_new(arena, struct comparison);
    *k = (struct comparing){.in = arena_copy(arena, in, sizeof(*in)), .arena = arena, .ret = c};
    *c = (struct comparison){
        .suite = in->runs[0].run->suite,
        .runs = arena_array(arena, struct compared_run, in->run_count),
        .run_count = in->run_count,
        .alpha = ALPHA,
        .tag = in->tag,
        .samples = compare_samples,
        .ctx = k,
    };
    case_table_init(&k->table, arena);
    bool ok = read_runs(k, err) && compare_list_rows(k, err) && fill_tables(k, err);
    if (ok) {
        make_claims(k);
        for (size_t run = 1; run < in->run_count; run++) {
            compare_cases(k, run);
            name_other_dimensions(k, run);
        }
        *ret = *c;
    }
    arena_deinit(&k->scratch);
    return ok;
}
