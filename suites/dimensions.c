/* The dimensions of a suite: one list over its scorers, the cases' own scorers, what its targets measure, and the measures of the call that a gate
 * names. A name stands for one thing: two scorers that could meet on one span may not share it. */

#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "model/dimension_declare.h"
#include "scorers/scorer.h"
#include "suites/loader.h"

static bool name_check(struct loader *l, const struct dimension *d)
{
    const char *reason = "";
    if (dimension_name_is_valid(d->name, &reason)) {
        return true;
    }
    diag_add(l->diag, d->pos, "'%.*s' cannot name a dimension: %s", STR_ARG(d->name), reason);
    return diag_hint(l->diag, "give another name with 'dimension'");
}

bool dimension_find(const struct loader *l, struct str name, uint32_t *ret)
{
    for (size_t i = 0; i < l->dimensions.len; i++) {
        if (str_eq(l->dimensions.items[i].name, name)) {
            *ret = (uint32_t)i;
            return true;
        }
    }
    return false;
}

static bool fail_twice(struct loader *l, const struct dimension *again, const struct dimension *first)
{
    if (first->pos.file != NULL && again->pos.file != NULL && strcmp(first->pos.file, again->pos.file) != 0) {
        diag_add(l->diag, again->pos, "dimension '%.*s' is there twice: first at %s:%u", STR_ARG(again->name),
                 first->pos.file, first->pos.line);
    } else {
        diag_add(l->diag, again->pos, "dimension '%.*s' is there twice: first in line %u", STR_ARG(again->name),
                 first->pos.line);
    }
    return diag_hint(l->diag, "give one of the two another name with 'dimension'");
}

bool dimension_add(struct loader *l, const struct dimension *d, uint32_t *ret)
{
    if (l->dimensions.len >= LIMIT_DIMENSIONS) {
        return diag_add(l->diag, d->pos, "more than %u dimensions", LIMIT_DIMENSIONS);
    }
    *ret = (uint32_t)l->dimensions.len;
    *vec_push(l->arena, &l->dimensions) = *d;
    return true;
}

/* Whether scores under one name mean the same: all but who gives them. */
static bool agrees(const struct dimension *a, const struct dimension *b)
{
    return a->kind == b->kind && a->type == b->type && a->lo == b->lo && a->hi == b->hi &&
           a->direction == b->direction && a->weight == b->weight && a->threshold == b->threshold &&
           a->is_optional == b->is_optional && a->is_required == b->is_required && a->has_min == b->has_min &&
           a->has_max == b->has_max && a->min == b->min && a->max == b->max && a->is_call_measure == b->is_call_measure;
}

static bool fail_differs(struct loader *l, const struct dimension *again, const struct dimension *first,
                         const char *who)
{
    diag_add(l->diag, again->pos, "dimension '%.*s' means something else here than in line %u", STR_ARG(again->name),
             first->pos.line);
    return diag_hint(l->diag, "%s that share a dimension agree in its kind, threshold, weight, bounds and direction",
                     who);
}

static bool unite_suite_scorer(struct loader *l, struct scorer_use *use)
{
    bool is_clean = true;
    use->indices = arena_array(l->arena, uint32_t, use->dimension_count);
    for (size_t i = 0; i < use->dimension_count; i++) {
        uint32_t at = 0;
        const struct dimension *d = &use->dimensions[i];
        bool is_added = dimension_find(l, d->name, &at) ? fail_twice(l, d, &l->dimensions.items[at])
                                                        : name_check(l, d) && dimension_add(l, d, &use->indices[i]);
        is_clean = is_added && is_clean;
    }
    return is_clean;
}

/* A case's own scorers may use a name that another case's use: then the two agree. What they ask is in the digests of their cases, so the
 * dimension's own digest is the same whoever gives the score. */
static bool unite_own_scorer(struct loader *l, struct scorer_use *use, size_t own_from, bool *seen)
{
    bool is_clean = true;
    use->indices = arena_array(l->arena, uint32_t, use->dimension_count);
    for (size_t i = 0; i < use->dimension_count; i++) {
        uint32_t at = 0;
        struct dimension d = use->dimensions[i];
        d.scorer = digest_of(STR("scorers of cases"));
        bool is_fine;
        if (!dimension_find(l, d.name, &at)) {
            is_fine = name_check(l, &d) && dimension_add(l, &d, &at);
        } else if (at < own_from || seen[at]) {
            is_fine = fail_twice(l, &d, &l->dimensions.items[at]);
        } else {
            is_fine = agrees(&d, &l->dimensions.items[at]) ||
                      fail_differs(l, &d, &l->dimensions.items[at], "scorers of cases");
        }
        if (is_fine) {
            seen[at] = true;
            use->indices[i] = at;
        }
        is_clean = is_fine && is_clean;
    }
    return is_clean;
}

static bool unite_targets(struct loader *l)
{
    bool is_clean = true;
    size_t from = l->dimensions.len;
    uint32_t *united = arena_array(l->arena, uint32_t, l->measures.len);
    for (size_t i = 0; i < l->measures.len; i++) {
        const struct dimension *d = &l->measures.items[i];
        bool is_fine;
        if (!dimension_find(l, d->name, &united[i])) {
            is_fine = name_check(l, d) && dimension_add(l, d, &united[i]);
        } else if (united[i] < from) {
            is_fine = fail_twice(l, d, &l->dimensions.items[united[i]]);
        } else {
            is_fine = agrees(d, &l->dimensions.items[united[i]]) ||
                      fail_differs(l, d, &l->dimensions.items[united[i]], "variants");
        }
        is_clean = is_fine && is_clean;
    }
    for (size_t v = 0; v < l->suite->variant_count; v++) {
        for (size_t i = 0; i < l->suite->variants[v].dimension_count; i++) {
            l->suite->variants[v].dimensions[i] = united[l->suite->variants[v].dimensions[i]];
        }
    }
    return is_clean;
}

uint32_t dimension_add_measure(struct loader *l, struct dimension measure)
{
    *vec_push(l->arena, &l->measures) = measure;
    return (uint32_t)(l->measures.len - 1);
}

bool dimensions_unite(struct loader *l)
{
    bool is_clean = true;
    for (size_t i = 0; i < l->scorers.len; i++) {
        is_clean = unite_suite_scorer(l, l->scorers.items[i]) && is_clean;
    }
    size_t own_from = l->dimensions.len;
    bool *seen = arena_array(l->arena, bool, LIMIT_DIMENSIONS);
    for (size_t i = 0; i < l->cases.len; i++) {
        const struct case_spec *spec = &l->cases.items[i];
        memset(seen, 0, LIMIT_DIMENSIONS * sizeof(*seen));
        for (size_t k = 0; k < spec->scorer_count; k++) {
            is_clean = unite_own_scorer(l, spec->scorers[k], own_from, seen) && is_clean;
        }
    }
    is_clean = unite_targets(l) && is_clean;
    l->is_incomplete = l->is_incomplete || !is_clean;
    return is_clean;
}
