/* The target and its variants. A variant is merged over `target:` as it is written, key by key, and the merged map is decoded by the rows of its
 * kind: so an override goes through the same checks, and the digest is over what really runs. */

#include "suites/variants.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/map.h"
#include "data/json.h"
#include "model/environment.h"
#include "suites/loader.h"
#include "targets/target.h"

enum { HINT_TEXT_BYTES = 80 };

const char *target_kinds(struct arena *arena)
{
    struct str list = STR("");
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        const char *separator = i == 0 ? "" : TARGETS[i + 1] == NULL ? " or " : ", ";
        list = arena_printf(arena, "%.*s%s%s", STR_ARG(list), separator, TARGETS[i]->name);
    }
    return arena_cstr(arena, list);
}

/* The kind that the map's keys name; *ret NULL when none does. */
static bool kind_find(struct loader *l, const struct value *map, const struct target_type **ret)
{
    const struct value *first = NULL;
    *ret = NULL;
    for (uint32_t i = 0; i < map->len; i++) {
        const struct target_type *type = target_find(map->keys[i].text);
        if (type == NULL) {
            continue;
        }
        if (first != NULL) {
            diag_add(l->diag, map->keys[i].pos, "both '%.*s' and '%.*s': a target is of one kind", STR_ARG(first->text),
                     STR_ARG(map->keys[i].text));
            return diag_hint(l->diag, "several things to compare are 'variants'");
        }
        first = &map->keys[i];
        *ret = type;
    }
    return true;
}

static bool fail_no_kind(struct loader *l, const struct value *target)
{
    size_t first = l->diag->faults.len;
    for (uint32_t i = 0; i < target->len; i++) { /* a key that is a kind elsewhere says more than the lack of one */
        diag_add(l->diag, target->keys[i].pos, "unknown key '%.*s' in target", STR_ARG(target->keys[i].text));
    }
    hint_foreign_keys(l->diag, first, HINT_TARGET, target);
    size_t kept = first;
    for (size_t i = first; i < l->diag->faults.len; i++) {
        if (l->diag->faults.items[i].hint.len > 0) {
            l->diag->faults.items[kept++] = l->diag->faults.items[i];
        }
    }
    l->diag->faults.len = kept;
    if (kept > first) {
        return false;
    }
    diag_add(l->diag, target->pos, "'target' names no kind: exactly one of %s", target_kinds(l->arena));
    return diag_hint(l->diag, "write target: {command: [program, argument]}");
}

/* The map below the kind's own key, where its options stand there and not beside it (opper); NULL for the other kinds. */
static const struct field *inner_rows(const struct target_type *type)
{
    const struct field *own = field_find(type->rows, str_from(type->name));
    return own != NULL && own->type == FIELD_MAP ? own->rows : NULL;
}

/* `over` without its name, on top of `base` (NULL = on nothing). */
static struct value merge(struct arena *arena, const struct value *base, const struct value *over)
{
    uint32_t base_len = base == NULL || base->kind != VALUE_MAP ? 0 : base->len;
    uint32_t over_len = over->kind != VALUE_MAP ? 0 : over->len;
    struct value ret = {.kind = VALUE_MAP, .pos = base == NULL ? over->pos : base->pos};
    ret.keys = arena_array(arena, struct value, (size_t)base_len + over_len);
    ret.items = arena_array(arena, struct value, (size_t)base_len + over_len);
    for (uint32_t i = 0; i < base_len; i++) {
        ret.keys[ret.len] = base->keys[i];
        ret.items[ret.len++] = base->items[i];
    }
    for (uint32_t i = 0; i < over_len; i++) {
        uint32_t at = 0;
        while (at < base_len && !str_eq(ret.keys[at].text, over->keys[i].text)) {
            at++;
        }
        at = at < base_len ? at : ret.len++;
        ret.keys[at] = over->keys[i];
        ret.items[at] = over->items[i];
    }
    return ret;
}

/* The variant's keys, but for its name, that are (or are not) among `rows`. */
static struct value part(struct arena *arena, const struct value *node, const struct field *rows, bool wants_known)
{
    struct value ret = {.kind = VALUE_MAP, .pos = node->pos};
    ret.keys = arena_array(arena, struct value, node->len);
    ret.items = arena_array(arena, struct value, node->len);
    for (uint32_t i = 0; i < node->len; i++) {
        bool is_known = rows != NULL && field_find(rows, node->keys[i].text) != NULL;
        if (is_known == wants_known && !str_eq(node->keys[i].text, STR("name"))) {
            ret.keys[ret.len] = node->keys[i];
            ret.items[ret.len++] = node->items[i];
        }
    }
    return ret;
}

/* The target with the variant's keys over its own. Where a kind's options stand in a map of their own, a variant gives keys of that map, or the map itself
 * with some of them: `{name: large, model: x}`, `{name: other, opper: {name: other_task}}`. */
static struct value merge_variant(struct arena *arena, const struct target_type *type, const struct value *target,
                                  const struct value *node)
{
    bool has_inner = inner_rows(type) != NULL;
    /* one that nobody knows is meant for the inner map, whose keys are hinted at then */
    struct value beside = has_inner ? part(arena, node, type->rows, true) : part(arena, node, NULL, false);
    struct value ret = merge(arena, target, &beside);
    if (!has_inner) {
        return ret;
    }
    struct str key = str_from(type->name);
    const struct value *base = target == NULL ? NULL : value_get(target, key);
    const struct value *own = value_get(node, key);
    struct value within = part(arena, node, type->rows, false);
    if ((own != NULL && own->kind != VALUE_MAP) || (base != NULL && base->kind != VALUE_MAP)) {
        return ret; /* to be refused as it stands */
    }
    struct value merged = base == NULL ? within : merge(arena, base, &within);
    merged = own == NULL ? merged : merge(arena, &merged, own);
    merged.pos = own != NULL ? own->pos : base != NULL ? base->pos : node->pos;
    for (uint32_t i = 0; i < ret.len; i++) {
        if (str_eq(ret.keys[i].text, key)) {
            ret.items[i] = merged;
        }
    }
    return ret;
}

/* A fault in the part that all variants share is found once for each of them, and told once. */
static void faults_move(struct diag *to, const struct diag *from)
{
    for (size_t i = 0; i < from->faults.len; i++) {
        const struct fault *fault = &from->faults.items[i];
        bool is_told = false;
        for (size_t k = 0; k < to->faults.len && !is_told; k++) {
            const struct fault *told = &to->faults.items[k];
            is_told = told->pos.file == fault->pos.file && told->pos.line == fault->pos.line &&
                      told->pos.col == fault->pos.col && str_eq(told->text, fault->text);
        }
        if (!is_told) {
            diag_add(to, fault->pos, "%.*s", STR_ARG(fault->text));
            if (fault->hint.len > 0) {
                diag_hint(to, "%.*s", STR_ARG(fault->hint));
            }
            diag_span(to, fault->len);
            if (to->dropped == 0) {
                to->faults.items[to->faults.len - 1].kind = fault->kind;
            }
        }
    }
    to->dropped += from->dropped;
}

static bool variant_decode(struct loader *l, struct variant *v, const struct value *merged, struct diag *diag)
{
    struct field_context ctx = {.arena = l->arena, .diag = diag, .user = l};
    void *options = arena_alloc(l->arena, v->type->options_size);
    bool is_clean = field_decode(&ctx, v->type->rows, merged, "target", options);
    hint_foreign_keys(diag, 0, HINT_TARGET, merged);
    if (value_get(merged, STR("opper")) != NULL) {
        hint_foreign_keys(diag, 0, HINT_OPPER, value_get(merged, STR("opper")));
    }
    if (!is_clean) {
        return false;
    }
    struct target_load in = {.ctx = &ctx,
                             .dir = l->suite->dir,
                             .env = l->options->env,
                             .workers_default = l->suite->concurrency,
                             .service = l->options->service};
    if (v->type->load != NULL && !v->type->load(&in, options, merged)) {
        return false;
    }
    v->options = options;
    v->dimensions = arena_array(l->arena, uint32_t, in.dimension_count);
    v->dimension_count = in.dimension_count;
    for (size_t i = 0; i < in.dimension_count; i++) {
        v->dimensions[i] = dimension_add_measure(l, in.dimensions[i]);
    }
    return true;
}

static bool variant_load(struct loader *l, struct str name, const struct value *merged, struct src_pos pos,
                         struct variant *v)
{
    *v = (struct variant){.name = name, .pos = pos};
    if (!kind_find(l, merged, &v->type)) {
        return false;
    }
    if (v->type == NULL) {
        return fail_no_kind(l, merged);
    }
    struct diag found;
    diag_init(&found, l->arena);
    bool is_clean = variant_decode(l, v, merged, &found);
    faults_move(l->diag, &found);
    v->spec = value_resolve(l->arena, merged);
    struct buf canonical CLEANUP(buf_deinit) = BUF((size_t)LIMIT_SUITE_BYTES * 2);
    json_canonical(&canonical, &v->spec);
    v->digest = digest_of(buf_str(&canonical));
    return is_clean;
}

static const struct field VARIANT_NAME_ROWS[] = {
    {.key = "name", .type = FIELD_NAME, .is_required = true, .help = "names the run: SUITE [NAME]"},
    {.key = NULL},
};

static bool variant_name(struct loader *l, const struct value *node, struct map *names, struct str *ret)
{
    if (node->kind != VALUE_MAP) {
        diag_add(l->diag, node->pos, "a variant is a map, not %s", value_kind_name(node->kind));
        return diag_hint(l->diag, "write - {name: ..., and any key of the target}");
    }
    struct value only = {.kind = VALUE_MAP, .pos = node->pos};
    for (uint32_t i = 0; i < node->len; i++) { /* the other keys are the target's */
        if (str_eq(node->keys[i].text, STR("name"))) {
            only.len = 1;
            only.keys = &node->keys[i];
            only.items = &node->items[i];
        }
    }
    if (!field_decode(&l->ctx, VARIANT_NAME_ROWS, &only, "variant", ret)) {
        return false;
    }
    struct value *first = map_put(names, l->arena, *ret, only.items);
    if (first != NULL) {
        diag_add(l->diag, only.items->pos, "variant '%.*s' is there twice: first in line %u", STR_ARG(*ret),
                 first->pos.line);
        return diag_hint(l->diag, "a variant's name is its run's: give each its own");
    }
    return true;
}

static bool variant_merge(struct loader *l, const struct value *target, const struct target_type *type,
                          const struct value *node, struct value *ret)
{
    const struct target_type *own = NULL;
    if (!kind_find(l, node, &own)) {
        return false;
    }
    bool replaces = own != NULL && own != type;
    *ret = merge_variant(l->arena, replaces ? own : type, replaces ? NULL : target, node);
    return true;
}

static bool variants_load_list(struct loader *l, const struct value *target, const struct value *list)
{
    struct suite *s = l->suite;
    struct map names = MAP_NULL;
    const struct target_type *type = NULL;
    if (list->len == 0 || list->len > LIMIT_VARIANTS) {
        return list->len == 0 ? diag_add(l->diag, list->pos, "'variants' is empty")
                              : diag_add(l->diag, list->pos, "more than %u variants", LIMIT_VARIANTS);
    }
    if (!kind_find(l, target, &type)) {
        return false;
    }
    if (type == NULL) {
        return fail_no_kind(l, target);
    }
    s->variants = arena_array(l->arena, struct variant, list->len);
    s->variant_count = list->len;
    s->has_variants = true;
    bool is_clean = true;
    for (uint32_t i = 0; i < list->len; i++) {
        struct value *merged = arena_new(l->arena, struct value);
        struct str name = STR_NULL;
        bool is_loaded = variant_name(l, &list->items[i], &names, &name) &&
                         variant_merge(l, target, type, &list->items[i], merged) &&
                         variant_load(l, name, merged, list->items[i].pos, &s->variants[i]);
        is_clean = is_loaded && is_clean;
    }
    return is_clean;
}

bool variants_load(struct loader *l, const struct suite_spec *spec)
{
    struct suite *s = l->suite;
    bool is_clean;
    if (spec->target->kind != VALUE_MAP) {
        is_clean = diag_add(l->diag, spec->target->pos, "'target' is a map with one of %s, not %s",
                            target_kinds(l->arena), value_kind_name(spec->target->kind));
        if (spec->target->kind == VALUE_TEXT && str_find_char(spec->target->text, ' ', NULL)) {
            diag_hint(l->diag, "write target: {shell: '%.*s'}, or {command: [program, argument]}",
                      STR_ARG(str_slice(spec->target->text, 0, HINT_TEXT_BYTES)));
        } else {
            diag_hint(l->diag, "write target: {command: [program, argument]}");
        }
    } else if (spec->variants != NULL) {
        is_clean = variants_load_list(l, spec->target, spec->variants);
    } else {
        s->variants = arena_new(l->arena, struct variant);
        s->variant_count = 1;
        is_clean = variant_load(l, STR("default"), spec->target, spec->target->pos, &s->variants[0]);
    }
    l->is_incomplete = l->is_incomplete || !is_clean;
    return is_clean;
}
