#include "suites/tags.h"

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "model/suite.h"
#include "scorers/scorer.h"
#include "suites/loader.h"
#include "suites/spec.h"

static bool holds_template(const struct value *v)
{
    return v->kind == VALUE_TEXT && str_find(v->text, STR("{{"), NULL);
}

const char *const *tags_known(struct loader *l, bool *ret_all)
{
    VEC(const char *) tags = {0};
    *ret_all = true;
    for (size_t i = 0; i < l->cases.len; i++) {
        for (size_t k = 0; k < l->cases.items[i].tags.len; k++) {
            *vec_push(l->arena, &tags) = arena_cstr(l->arena, l->cases.items[i].tags.items[k]);
        }
    }
    const struct template *t = l->suite->dataset == NULL ? NULL : l->suite->dataset->tags;
    if (t != NULL) {
        const struct value *source = template_source(t);
        const struct value *items = source->kind == VALUE_LIST ? source->items : source;
        size_t count = source->kind == VALUE_LIST ? source->len : 1;
        for (size_t i = 0; i < count; i++) {
            *ret_all = *ret_all && !holds_template(&items[i]);
            *vec_push(l->arena, &tags) = arena_cstr(l->arena, items[i].text);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < tags.len; i++) {
        if (tags.items[i] != NULL) {
            tags.items[kept++] = tags.items[i];
        }
    }
    *vec_push(l->arena, &tags) = NULL;
    tags.items[kept] = NULL;
    return tags.items;
}

static bool lists_share(const struct field_texts *wanted, const char *const *tags)
{
    for (size_t i = 0; i < wanted->len; i++) {
        for (size_t k = 0; tags[k] != NULL; k++) {
            if (str_eq_cstr(wanted->items[i], tags[k])) {
                return true;
            }
        }
    }
    return false;
}

static bool fail_when(struct loader *l, const struct scorer_use *use, const char *const *tags)
{
    const struct field_texts *when = &use->common.when_tags;
    if (when->len == 1) {
        diag_add(l->diag, when->pos, "no case has the tag '%.*s': the scorer would never look",
                 STR_ARG(when->items[0]));
        return diag_hint_nearest(l->diag, when->items[0], tags);
    }
    return diag_add(l->diag, when->pos, "no case has one of these tags: the scorer would never look");
}

/* One from an included file is shared by suites, and need not find a case in each of them. */
static bool is_shared(const struct suite *suite, const struct scorer_use *use)
{
    return strcmp(use->pos.file, suite->path) != 0;
}

bool tags_check_when(struct loader *l)
{
    bool are_all = false;
    const char *const *tags = tags_known(l, &are_all);
    bool is_clean = true;
    for (size_t i = 0; are_all && !l->has_unread_cases && i < l->scorers.len; i++) {
        const struct scorer_use *use = l->scorers.items[i];
        if (use->common.when_tags.is_set && !is_shared(l->suite, use) && !lists_share(&use->common.when_tags, tags)) {
            is_clean = fail_when(l, use, tags);
        }
    }
    for (size_t i = 0; i < l->cases.len; i++) {
        const struct case_spec *c = &l->cases.items[i];
        const struct eval_case tagged = {.tags = c->tags.items, .tag_count = c->tags.len};
        for (size_t k = 0; k < c->scorer_count; k++) {
            if (!scorer_applies(c->scorers[k], &tagged)) {
                is_clean = diag_add(l->diag, c->scorers[k]->common.when_tags.pos,
                                    "this case does not have the tag: its scorer would never look");
            }
        }
    }
    return is_clean;
}

static void wanted_add(struct wanted_tags *w, struct arena *arena, const struct str *tags, size_t count,
                       struct src_pos pos, const char *who)
{
    if (count > 0 && tags[0].ptr != NULL) {
        *vec_push(arena, &w->list) = (struct wanted_tag){.tags = tags, .count = count, .pos = pos, .who = who};
    }
}

void wanted_tags_init(struct wanted_tags *w, const struct suite *suite, struct arena *arena)
{
    *w = (struct wanted_tags){0};
    if (suite->dataset == NULL || suite->dataset->tags == NULL || suite->dataset->sample > 0) {
        return; /* written tags are known at load; a row that was not drawn is not read */
    }
    for (size_t i = 0; i < suite->gate_count; i++) {
        const struct gate *gate = &suite->gates[i];
        wanted_add(w, arena, &gate->expr.left.filter.tag, 1, gate->pos, "the gate names");
        wanted_add(w, arena, &gate->expr.right_stat.filter.tag, 1, gate->pos, "the gate names");
    }
    for (size_t i = 0; i < suite->scorer_count; i++) {
        const struct scorer_use *use = suite->scorers[i];
        const struct field_texts *when = &use->common.when_tags;
        if (when->is_set && !is_shared(suite, use)) {
            wanted_add(w, arena, when->items, when->len, when->pos, "`when` names");
        }
    }
    for (size_t i = 0; i < suite->case_count; i++) {
        wanted_tags_see(w, suite->cases[i].tags.items, suite->cases[i].tags.len);
    }
}

void wanted_tags_see(struct wanted_tags *w, const struct str *tags, size_t count)
{
    for (size_t i = 0; i < w->list.len; i++) {
        struct wanted_tag *wanted = &w->list.items[i];
        for (size_t k = 0; !wanted->is_seen && k < count * wanted->count; k++) {
            wanted->is_seen = str_eq(tags[k / wanted->count], wanted->tags[k % wanted->count]);
        }
    }
}

bool wanted_tags_check(const struct wanted_tags *w, struct err *err)
{
    for (size_t i = 0; i < w->list.len; i++) {
        const struct wanted_tag *wanted = &w->list.items[i];
        if (!wanted->is_seen) {
            return err_set_at(err, ERR_SUITE, wanted->pos, "no case has the tag '%.*s'%s that %s",
                              STR_ARG(wanted->tags[0]), wanted->count > 1 ? ", nor another of those" : "", wanted->who);
        }
    }
    return true;
}
