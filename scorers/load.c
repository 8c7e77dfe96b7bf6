/* One entry of a `scorers:` list to a scorer_use: which scorer, its options and the common ones, its dimensions; and what to say to hands trained on
 * other tools. */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "data/json.h"
#include "model/dimension_declare.h"
#include "scorers/private.h"

/* Names of other tools, and ours. */
static const struct {
    const char *theirs, *hint;
} FOREIGN[] = {
    {"equals", "write `- exact` (texts) or `- json: {equals: ...}` (by value)"},
    {"icontains", "write `- contains: {all: ..., ignore_case: true}`"},
    {"contains-all", "write `- contains: {all: [...]}`"},
    {"contains-any", "write `- contains: {any: [...]}`"},
    {"not-contains", "write `- contains: {all: ..., not: true}`"},
    {"is-json", "write `- json`"},
    {"contains-json", "write `- json: {extract: '(?s)\\{.*\\}'}`"},
    {"starts-with", "write `- starts_with: ...`"},
    {"python", "write `- command: [python3, scorer.py]`"},
    {"javascript", "write `- command: [node, scorer.js]`"},
    {"llm-rubric", "write `- judge: 'the rubric'`"},
    {"model-graded-closedqa", "write `- judge: 'the rubric'`"},
    {"g-eval", "write `- judge: 'the rubric'`"},
    {"factuality", "write `- judge: 'the rubric, with {{expected}}'`"},
    {"match", "write `- regex: ...` or `- starts_with: ...`"},
    {"includes", "write `- contains: ...`"},
    {"classification", "write `- one_of: {values: [...], expected: \"{{expected}}\"}`"},
    {"metric", "name the score with `dimension:` beside the scorer's options"},
};

static bool unknown_scorer(struct field_context *ctx, const struct value *name)
{
    struct str shown = utf8_cut(name->text, 60);
    (void)diag_add(ctx->diag, name->pos, "unknown scorer '%.*s'", STR_ARG(shown));
    (void)diag_span(ctx->diag, (uint32_t)utf8_count(shown));
    for (size_t i = 0; i < ARRAY_LEN(FOREIGN); i++) {
        if (str_eq_cstr(name->text, FOREIGN[i].theirs)) {
            return diag_hint(ctx->diag, "%s", FOREIGN[i].hint);
        }
    }
    return diag_hint_nearest(ctx->diag, name->text, scorer_names(ctx->arena));
}

/* `{type: regex, value: x}` */
static bool named_by_type(struct field_context *ctx, const struct value *node, const struct value *type)
{
    if (type->kind == VALUE_TEXT && scorer_find(type->text) == NULL) {
        return unknown_scorer(ctx, type);
    }
    (void)diag_add(ctx->diag, node->pos, "a scorer's name is its key, not the value of 'type'");
    const char *name = type->kind == VALUE_TEXT ? scorer_find(type->text)->name : "regex";
    const struct value *value = value_get(node, STR("value"));
    if (value != NULL && value->kind == VALUE_TEXT) {
        return diag_hint(ctx->diag, "write `- %s: '%.*s'`", name, STR_ARG(utf8_cut(value->text, 60)));
    }
    return diag_hint(ctx->diag, "write `- %s: {...}`; see assay help %s", name, name);
}

static bool is_nothing(const struct value *v)
{
    return v->kind == VALUE_NULL || (v->kind == VALUE_TEXT && v->is_plain && v->text.len == 0);
}

static bool not_one_key(struct field_context *ctx, const struct value *node)
{
    if (node->len == 0) {
        return diag_add(ctx->diag, node->pos, "an empty map: a scorer is `- name` or `- name: {options}`");
    }
    const struct value *first = &node->keys[0];
    const struct value *second = &node->keys[1];
    if (scorer_find(first->text) != NULL && is_nothing(&node->items[0])) {
        (void)diag_add(ctx->diag, second->pos, "'%.*s' stands beside '%.*s', not below it", STR_ARG(second->text),
                       STR_ARG(first->text));
        return diag_hint(ctx->diag,
                         "options are indented below their scorer by two more blanks, or written `- %.*s: {...}`",
                         STR_ARG(first->text));
    }
    (void)diag_add(ctx->diag, second->pos, "one scorer an entry: '%.*s' is a second key beside '%.*s'",
                   STR_ARG(second->text), STR_ARG(first->text));
    return diag_hint(ctx->diag, "begin '%.*s' with a dash of its own, or put it into the map of '%.*s'",
                     STR_ARG(second->text), STR_ARG(first->text));
}

static size_t common_offset(const struct scorer *scorer)
{
    enum { ALIGN = 16 };
    return (scorer->options_size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* The common rows with their offsets behind the scorer's own options, so that one decode fills both. */
const struct field *scorer_rows(struct arena *arena, const struct scorer *scorer)
{
    VEC(struct field) rows = {0};
    for (const struct field *row = scorer->rows; row != NULL && row->key != NULL; row++) {
        *vec_push(arena, &rows) = *row;
    }
    for (const struct field *row = SCORER_COMMON_ROWS; row->key != NULL; row++) {
        if (scorer->rows != NULL && field_find(scorer->rows, str_from(row->key)) != NULL) {
            continue; /* the scorer gives the key a meaning of its own */
        }
        struct field *copy = vec_push(arena, &rows);
        *copy = *row;
        copy->offset += common_offset(scorer);
        copy->set_offset += common_offset(scorer);
    }
    *vec_push(arena, &rows) = (struct field){0};
    return rows.items;
}

static struct dimension judged_dimension(const struct scorer_use *use, struct str name)
{
    return (struct dimension){
        .name = name,
        .kind = DIMENSION_JUDGED,
        .type = TYPE_BINARY,
        .lo = 0,
        .hi = 1,
        .direction = DIRECTION_HIGHER,
        .weight = 1,
        .threshold = 1,
        .pos = use->pos,
    };
}

static bool fault_common(struct field_context *ctx, const struct scorer_use *use, const char *key, const char *why)
{
    return diag_add(ctx->diag, use->pos, "scorer '%s': '%s' %s", use->type->name, key, why);
}

/* Options that would have no effect, or two that contradict each other: never passed over in silence. */
static bool check_common(struct field_context *ctx, const struct scorer_use *use)
{
    const struct scorer_common *common = &use->common;
    bool is_measure = use->dimensions[0].kind == DIMENSION_MEASURE;
    if (is_measure && (common->negate || common->threshold.is_set)) {
        return fault_common(ctx, use, common->negate ? "not" : "threshold",
                            "is for judged scores; this one is a measure (min, max)");
    }
    if (use->type->ignores_output && (common->has_from || common->extract != NULL)) {
        return fault_common(ctx, use, common->has_from ? "from" : "extract",
                            "reads the output; this scorer looks at the call only");
    }
    if (common->match_is_set && common->extract == NULL && !use->type->takes_match) {
        return fault_common(ctx, use, "match", "says which match of 'extract', and there is no 'extract'");
    }
    if (common->optional && common->required) {
        return fault_common(ctx, use, "optional", "and 'required' exclude each other");
    }
    return true;
}

static void apply_common(struct scorer_use *use)
{
    const struct scorer_common *common = &use->common;
    struct dimension *main_dimension = &use->dimensions[0];
    if (common->weight.is_set) {
        main_dimension->weight = common->weight.value;
    }
    if (common->threshold.is_set) {
        main_dimension->threshold = common->threshold.value;
    }
    if (common->direction_is_set) {
        main_dimension->direction = (enum dimension_direction)common->direction;
    }
    for (size_t i = 0; i < use->dimension_count; i++) {
        struct dimension *d = &use->dimensions[i];
        d->is_optional = d->is_optional || common->optional;
        d->is_required = common->required && !d->is_optional;
    }
}

/* Digest of a dimension (docs/contracts.md, D): scorer name, version in its table, options as written, the dimension's name. */
static void digest_dimensions(struct scorer_use *use)
{
    for (size_t i = 0; i < use->dimension_count; i++) {
        struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
        buf_printf(&text, "%s\n%u\n%.*s\n", use->type->name, (unsigned)use->type->version,
                   STR_ARG(use->dimensions[i].name));
        json_canonical(&text, &use->spec);
        use->dimensions[i].scorer = digest_of(buf_str(&text));
    }
}

static bool load_options(struct field_context *ctx, struct scorer_use *use, const struct value *options)
{
    const struct scorer *type = use->type;
    size_t behind = common_offset(type);
    char *block = arena_alloc(ctx->arena, behind + sizeof(struct scorer_common));
    use->options = block;
    struct str what = arena_printf(ctx->arena, "scorer '%s'", type->name);
    bool ok = field_decode(ctx, scorer_rows(ctx->arena, type), options, what.ptr, block);
    memcpy(&use->common, block + behind, sizeof(use->common));
    if (!ok) {
        return false;
    }
    struct str name = use->common.dimension.ptr != NULL ? use->common.dimension : str_from(type->name);
    struct dimension *d = arena_new(ctx->arena, struct dimension);
    *d = judged_dimension(use, name);
    use->dimensions = d;
    use->dimension_count = 1;
    if ((type->load != NULL && !type->load(ctx, use)) || !check_common(ctx, use)) {
        return false;
    }
    apply_common(use);
    digest_dimensions(use);
    return true;
}

bool scorer_load(struct field_context *ctx, const struct value *node, const struct scorer_env *env,
                 struct scorer_use **ret)
{
    const struct value *name = node;
    struct value nothing = {.kind = VALUE_NULL, .pos = node->pos};
    const struct value *options = &nothing;
    if (node->kind == VALUE_MAP) {
        const struct value *type = value_get(node, STR("type"));
        if (type != NULL) {
            return named_by_type(ctx, node, type);
        }
        if (node->len != 1) {
            return not_one_key(ctx, node);
        }
        name = &node->keys[0];
        nothing.pos = name->pos;
        options = is_nothing(&node->items[0]) ? &nothing : &node->items[0];
    }
    if (name->kind != VALUE_TEXT) {
        (void)diag_add(ctx->diag, node->pos, "a scorer is a name or a map with one key, not %s",
                       value_kind_name(node->kind));
        return diag_hint(ctx->diag, "write `- exact` or `- regex: {pattern: '...'}`");
    }
    const struct scorer *type = scorer_find(name->text);
    if (type == NULL) {
        return unknown_scorer(ctx, name);
    }
    struct scorer_use *use = arena_new(ctx->arena, struct scorer_use);
    *use = (struct scorer_use){.type = type, .pos = name->pos, .env = env};
    use->spec = value_resolve(ctx->arena, options);
    if (!load_options(ctx, use, options)) {
        scorer_unload(use);
        return false;
    }
    *ret = use;
    return true;
}

void scorer_unload(struct scorer_use *use)
{
    pattern_free(use->common.extract);
    use->common.extract = NULL;
    if (use->type->unload != NULL && use->options != NULL) {
        use->type->unload(use->options);
    }
}

void scorer_visit_templates(const struct scorer_use *use, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    if (use->common.comment != NULL) {
        visit(ctx, use->common.comment);
    }
    if (use->type->visit_templates != NULL) {
        use->type->visit_templates(use->options, visit, ctx);
    }
}

bool scorer_applies(const struct scorer_use *use, const struct eval_case *c)
{
    if (!use->common.when_tags.is_set) {
        return true;
    }
    for (size_t i = 0; i < use->common.when_tags.len; i++) {
        for (size_t j = 0; j < c->tag_count; j++) {
            if (str_eq(use->common.when_tags.items[i], c->tags[j])) {
                return true;
            }
        }
    }
    return false;
}
