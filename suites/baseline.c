/* `baseline:` of a suite or a gate: the places where one is looked for, in order. */

#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "suites/loader.h"

static const double MIN_OVERLAP = 0.9;

static bool baseline_fault(struct loader *l, const struct value *node, const char *text, const char *hint)
{
    diag_add(l->diag, node->pos, "%s", text);
    return diag_hint(l->diag, "%s", hint);
}

/* Exactly one of them says where. */
static bool baseline_kind(struct loader *l, const struct value *node, const struct baseline_spec *spec,
                          struct baseline_source *ret)
{
    const struct {
        enum baseline_kind kind;
        struct str text;
    } places[] = {
        {BASELINE_FILE, spec->file},         {BASELINE_RUN, spec->run},         {BASELINE_LABEL, spec->label},
        {BASELINE_OPPER, spec->opper.label}, {BASELINE_VARIANT, spec->variant},
    };
    size_t given = 0;
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        if (places[i].text.ptr != NULL) {
            ret->kind = places[i].kind;
            ret->text = ret->shown = places[i].text;
            given++;
        }
    }
    return given == 1 ||
           baseline_fault(l, node, "a baseline is one of file, run, label, opper, variant",
                          "write {file: baselines/NAME.jsonl}; several places are a list, tried in order");
}

static bool baseline_label(struct loader *l, const struct value *node, struct baseline_source *ret)
{
    size_t at = 0;
    if (!str_find_char(ret->shown, '=', &at) || at == 0) {
        return baseline_fault(l, node, "the label of a baseline is key=value", "write label: branch=main");
    }
    ret->key = str_slice(ret->shown, 0, at);
    ret->text = str_slice(ret->shown, at + 1, ret->shown.len);
    return true;
}

static bool baseline_opper(struct loader *l, const struct value *node, struct baseline_source *ret)
{
    if (!baseline_label(l, node, ret)) {
        return false;
    }
    ret->shown = arena_printf(l->arena, "opper:%.*s", STR_ARG(ret->shown));
    return true;
}

static bool baseline_variant(struct loader *l, const struct value *node, const struct baseline_source *source)
{
    const struct suite *s = l->suite;
    if (suite_variant(s, source->text) != NULL || s->variant_count == 0 || l->is_ran) { /* none: they did not load */
        return true;
    }
    const char **names = arena_array(l->arena, const char *, s->variant_count + 1);
    for (size_t i = 0; i < s->variant_count; i++) {
        names[i] = arena_cstr(l->arena, s->variants[i].name);
        names[i] = names[i] == NULL ? "" : names[i];
    }
    diag_add(l->diag, node->pos, "there is no variant '%.*s' to be the baseline", STR_ARG(source->text));
    return diag_hint_nearest(l->diag, source->text, names);
}

static bool source_load(struct loader *l, const struct value *node, bool is_last, struct baseline_source *ret)
{
    struct baseline_spec spec = {.runs = 1};
    if (node->kind != VALUE_MAP) {
        return baseline_fault(l, node, "a baseline is a map",
                              "write {file: baselines/NAME.jsonl}, {label: branch=main} or {run: RUN}");
    }
    if (!field_decode(&l->ctx, BASELINE_ROWS, node, "baseline", &spec) || !baseline_kind(l, node, &spec, ret)) {
        return false;
    }
    ret->pos = node->pos;
    ret->runs = (uint32_t)spec.runs;
    ret->min_overlap = spec.min_overlap.is_set ? spec.min_overlap.value : MIN_OVERLAP;
    ret->may_be_missing = spec.missing == BASELINE_MISSING_SKIP;
    if (spec.runs > 1 && ret->kind != BASELINE_LABEL && ret->kind != BASELINE_OPPER) {
        return baseline_fault(l, node, "'runs' goes with 'label'", "a file holds as many runs as were saved in it");
    }
    if (spec.min_overlap.is_set && !spec.min_overlap.is_share) {
        return baseline_fault(l, node, "'min_overlap' is a share", "write min_overlap: 90%");
    }
    if (ret->may_be_missing && !is_last) {
        return baseline_fault(l, node, "'missing' stands in the last place only: the others are tried before it",
                              "move it to the end");
    }
    switch (ret->kind) {
    case BASELINE_FILE:
        ret->text = str_from(file_join(l->arena, str_from(l->suite->dir), ret->shown));
        return true;
    case BASELINE_LABEL:
        return baseline_label(l, node, ret);
    case BASELINE_OPPER:
        return baseline_opper(l, node, ret);
    case BASELINE_VARIANT:
        return baseline_variant(l, node, ret);
    case BASELINE_RUN:
        break;
    }
    return true;
}

/* `{missing: skip}` at the end of a list names no place: it says what holds when none of the others has one. */
static bool is_missing_alone(const struct value *list)
{
    const struct value *last = list->len > 1 ? &list->items[list->len - 1] : NULL;
    return last != NULL && last->kind == VALUE_MAP && last->len == 1 && value_get(last, STR("missing")) != NULL;
}

static bool missing_load(struct loader *l, const struct value *node, struct baseline_source *last)
{
    struct baseline_spec spec = {0};
    if (!field_decode(&l->ctx, BASELINE_ROWS, node, "baseline", &spec)) {
        return false;
    }
    last->may_be_missing = spec.missing == BASELINE_MISSING_SKIP;
    return true;
}

bool baseline_load(struct loader *l, const struct value *node, const struct baseline_list **ret)
{
    struct baseline_list *list = arena_new(l->arena, struct baseline_list);
    bool is_list = node->kind == VALUE_LIST;
    bool has_missing = is_list && is_missing_alone(node);
    size_t count = is_list ? node->len - (has_missing ? 1 : 0) : 1;
    bool is_clean = true;
    list->items = arena_array(l->arena, struct baseline_source, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct value *item = is_list ? &node->items[i] : node;
        is_clean = source_load(l, item, i + 1 == count && !has_missing, &list->items[i]) && is_clean;
    }
    if (has_missing) {
        is_clean = missing_load(l, &node->items[count], &list->items[count - 1]) && is_clean;
    }
    list->count = count;
    if (count == 0) {
        is_clean =
            baseline_fault(l, node, "'baseline' names no place", "write {file: baselines/NAME.jsonl}, or leave it out");
    }
    *ret = list;
    return is_clean;
}

bool suite_baseline_read(struct arena *arena, const char *dir, const struct value *node,
                         const struct baseline_list **ret, struct diag *diag)
{
    struct suite nowhere = {.dir = dir};
    struct loader l = {.arena = arena, .diag = diag, .suite = &nowhere};
    l.ctx = (struct field_context){.arena = arena, .diag = diag, .user = &l};
    return baseline_load(&l, node, ret);
}

bool baseline_settle(struct loader *l, const struct value *node)
{
    const struct suite_options *o = l->options;
    l->suite->baseline = o->baseline != NULL ? o->baseline : o->default_baseline;
    const struct baseline_list *own = NULL;
    bool is_asked = node != NULL && !(l->is_ran && o->baseline != NULL); /* when it is run a flag hides no faults */
    bool is_clean = !is_asked || baseline_load(l, node, &own);
    if (own != NULL && o->baseline == NULL) {
        l->suite->baseline = own;
    }
    return is_clean;
}
