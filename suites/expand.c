#include "suites/expand.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/vec.h"
#include "model/environment.h"
#include "scorers/rehearse.h"
#include "scorers/scorer.h"
#include "suites/cases.h"
#include "suites/names.h"
#include "targets/target.h"

enum { ID_HEX = 12 };

struct collect {
    struct arena *arena;
    VEC(const struct template *) found;
};

static void collect_varying(void *ctx, const struct template *t)
{
    struct collect *c = ctx;
    if (t != NULL && !template_is_constant(t)) {
        *vec_push(c->arena, &c->found) = t;
    }
}

static struct template_list varying_of_scorer(struct arena *arena, const struct scorer_use *use)
{
    struct collect c = {.arena = arena};
    scorer_visit_templates(use, collect_varying, &c);
    return (struct template_list){.items = c.found.items, .len = c.found.len};
}

static struct template_list varying_of_variant(struct arena *arena, const struct variant *v)
{
    struct collect c = {.arena = arena};
    if (v->type->visit_templates != NULL) {
        v->type->visit_templates(v->options, collect_varying, &c);
    }
    return (struct template_list){.items = c.found.items, .len = c.found.len};
}

void expander_init(struct expander *x, const struct suite *suite)
{
    *x = (struct expander){.suite = suite,
                           .arena = ARENA_NULL,
                           .scratch = ARENA_NULL,
                           .canonical = BUF(32 * (size_t)LIMIT_TEMPLATE_BYTES)};
    x->scorers = arena_array(&x->arena, struct template_list, suite->scorer_count);
    for (size_t i = 0; i < suite->scorer_count; i++) {
        x->scorers[i] = varying_of_scorer(&x->arena, suite->scorers[i]);
    }
    x->variants = arena_array(&x->arena, struct template_list, suite->variant_count);
    for (size_t i = 0; i < suite->variant_count; i++) {
        x->variants[i] = varying_of_variant(&x->arena, &suite->variants[i]);
    }
    case_digest_paths(x);
}

void expander_deinit(struct expander *x)
{
    arena_deinit(&x->arena);
    arena_deinit(&x->scratch);
    buf_deinit(&x->canonical);
}

/* Says where the case is: its row, or its name. The place of the error stays the template's. */
static bool fail_in(const struct eval_case *c, struct err *err)
{
    if (c->row != NULL) {
        if (err->pos.file == NULL) {
            err->pos = c->pos;
            return false;
        }
        return err_wrap(err, "%.*s:%llu", STR_ARG(c->file), (unsigned long long)c->row_line);
    }
    if (err->pos.file == NULL) {
        err->pos = c->pos;
    }
    return c->id.ptr == NULL ? false : err_wrap(err, "case '%.*s'", STR_ARG(c->id));
}

static bool expand(const struct template *t, const struct scope *scope, struct arena *arena, struct value *ret,
                   struct err *err)
{
    bool is_absent = false;
    return template_expand(t, scope, arena, ret, &is_absent, err);
}

static bool fail_kind(const struct template *t, const char *key, const char *wanted, const struct value *got,
                      struct err *err)
{
    return err_set_at(err, ERR_SUITE, template_source(t)->pos, "'%s' is %s, not %s", key, wanted,
                      value_kind_name(got->kind));
}

static bool check_name(const struct template *t, const char *key, struct str text, struct err *err)
{
    if (text.len == 0 || text.len > LIMIT_ID_BYTES || str_has_control(text)) {
        return err_set_at(err, ERR_SUITE, template_source(t)->pos, "'%s' %s", key,
                          text.len == 0               ? "is empty"
                          : text.len > LIMIT_ID_BYTES ? "is longer than 1024 bytes"
                                                      : "holds a control character");
    }
    return true;
}

/* A short text: id, cluster. */
static bool expand_name(const struct template *t, const char *key, const struct scope *scope, struct arena *arena,
                        struct str *ret, struct err *err)
{
    struct value v;
    if (!expand(t, scope, arena, &v, err)) {
        return false;
    }
    if (!names_text(arena, &v, ret)) {
        return fail_kind(t, key, "a text", &v, err);
    }
    return check_name(t, key, *ret, err);
}

/* A text or a list of texts; an empty one (an empty cell) is no tag. */
static bool expand_tags(const struct template *t, const struct scope *scope, struct arena *arena, struct eval_case *c,
                        struct err *err)
{
    struct value v;
    if (!expand(t, scope, arena, &v, err)) {
        return false;
    }
    const struct value *items = v.kind == VALUE_LIST ? v.items : &v;
    size_t count = v.kind == VALUE_LIST ? v.len : v.kind == VALUE_NULL ? 0 : 1;
    c->tags = arena_array(arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        struct str tag = STR_NULL;
        if (!names_text(arena, &items[i], &tag)) {
            return fail_kind(t, "tags", "a list of texts", &items[i], err);
        }
        if (tag.len > 0 && !check_name(t, "tags", tag, err)) {
            return false;
        }
        if (tag.len > 0) {
            c->tags[c->tag_count++] = tag;
        }
    }
    return true;
}

static bool expand_vars(const struct template *t, const struct scope *scope, struct arena *arena, struct value *ret,
                        struct err *err)
{
    if (t == NULL) {
        *ret = (struct value){.kind = VALUE_MAP};
        return true;
    }
    return expand(t, scope, arena, ret, err) && (ret->kind == VALUE_MAP || fail_kind(t, "vars", "a map", ret, err));
}

static struct scope row_scope(const struct expander *x, const struct eval_case *c)
{
    struct scope scope = {.row = c->row, .bare_is_row = true, .vars = {&c->vars, NULL, &x->suite->vars}};
    environment_names(x->suite->vars_env, &scope);
    return scope;
}

static bool row_head(struct expander *x, struct arena *arena, struct eval_case *c, struct err *err)
{
    const struct dataset_spec *spec = x->suite->dataset;
    struct scope scope = row_scope(x, c);
    if (!expand_vars(spec->vars, &scope, arena, &c->vars, err)) {
        return false;
    }
    if (spec->id != NULL && !expand_name(spec->id, "id", &scope, arena, &c->id, err)) {
        return false;
    }
    return spec->tags == NULL || expand_tags(spec->tags, &scope, arena, c, err);
}

bool expand_row_head(struct expander *x, const struct data_row *row, struct arena *arena, struct eval_case *ret,
                     struct err *err)
{
    const struct dataset_spec *spec = x->suite->dataset;
    *ret = (struct eval_case){.row = arena_copy(arena, &row->value, sizeof(row->value)),
                              .vars = {.kind = VALUE_MAP},
                              .file = str_from(spec->path),
                              .row_offset = row->offset,
                              .row_line = row->line,
                              .pos = {spec->path, row->line < UINT32_MAX ? (uint32_t)row->line : UINT32_MAX, 1}};
    return row_head(x, arena, ret, err) || fail_in(ret, err);
}

static bool row_body(struct expander *x, struct arena *arena, struct eval_case *c, struct err *err)
{
    const struct dataset_spec *spec = x->suite->dataset;
    struct scope scope = row_scope(x, c);
    if (spec->cluster != NULL && !expand_name(spec->cluster, "cluster", &scope, arena, &c->cluster, err)) {
        return false;
    }
    if (spec->input != NULL && !expand(spec->input, &scope, arena, &c->input, err)) {
        return false;
    }
    c->has_expected = spec->expected != NULL;
    return spec->expected == NULL || expand(spec->expected, &scope, arena, &c->expected, err);
}

/* The digest, and the id that it gives to a case without one. */
static void seal(struct expander *x, struct arena *arena, struct str stem, struct eval_case *c)
{
    c->digest = case_digest(x, c);
    if (c->id.ptr == NULL) {
        struct digest_hex hex = digest_hex(&c->digest);
        c->id = arena_printf(arena, "%.*s-%.*s", STR_ARG(stem), ID_HEX, hex.text);
    }
}

bool expand_row(struct expander *x, struct arena *arena, struct eval_case *c, struct err *err)
{
    if (!row_body(x, arena, c, err)) {
        return fail_in(c, err);
    }
    seal(x, arena, x->suite->dataset->stem, c);
    return true;
}

static bool written_body(struct expander *x, const struct case_spec *spec, struct arena *arena, struct eval_case *c,
                         struct err *err)
{
    struct scope env = {0};
    environment_names(x->suite->vars_env, &env);
    if (!expand_vars(spec->vars, &env, arena, &c->vars, err)) {
        return false;
    }
    struct scope scope;
    case_scope(x->suite, NULL, c, 1, arena, &scope);
    scope.trial = NULL; /* the input is the same for every trial and variant: the target sees those apart */
    scope.input = NULL;
    scope.id = c->id.ptr == NULL ? NULL : scope.id;
    if (spec->input != NULL && !expand(spec->input, &scope, arena, &c->input, err)) {
        return false;
    }
    scope.input = &c->input;
    if (spec->expected != NULL && !expand(spec->expected, &scope, arena, &c->expected, err)) {
        return false;
    }
    c->has_expected = spec->expected != NULL;
    return true;
}

bool expand_written(struct expander *x, const struct case_spec *spec, struct arena *arena, struct eval_case *ret,
                    struct err *err)
{
    *ret = (struct eval_case){.id = spec->id,
                              .vars = {.kind = VALUE_MAP},
                              .tags = spec->tags.items,
                              .tag_count = spec->tags.len,
                              .cluster = spec->cluster,
                              .skip = spec->skip,
                              .timeout_ns = spec->timeout_ns,
                              .own_scorers = (const struct scorer_use *const *)spec->scorers,
                              .own_scorer_count = spec->scorer_count,
                              .pos = spec->pos};
    if (!written_body(x, spec, arena, ret, err)) {
        return fail_in(ret, err);
    }
    seal(x, arena, STR("case"), ret);
    return true;
}

static bool check_list(struct expander *x, const struct template_list *list, const struct scope *scope, struct err *err)
{
    for (size_t i = 0; i < list->len; i++) {
        struct value v;
        if (!expand(list->items[i], scope, &x->scratch, &v, err)) {
            return false;
        }
    }
    return true;
}

static bool check_handed(const struct value *v, struct src_pos pos, struct err *err)
{
    struct buf room CLEANUP(buf_deinit) = BUF(LIMIT_TEMPLATE_BYTES);
    if (v->kind != VALUE_TEXT && !value_append_text(&room, v)) {
        return err_set_at(err, ERR_SUITE, pos, "null has no text that a program could be given");
    }
    struct str text = v->kind == VALUE_TEXT ? v->text : buf_str(&room);
    if (str_has_nul(text)) {
        return err_set_at(err, ERR_SUITE, pos, "a NUL byte cannot be given to a program here: let it read stdin");
    }
    return text.len <= LIMIT_ARGUMENT_BYTES ||
           err_set_at(err, ERR_SUITE, pos,
                      "%zu bytes are too many for an argument or a variable (at most %u): let the program read stdin",
                      text.len, LIMIT_ARGUMENT_BYTES);
}

/* What the program of a target is given besides its stdin: arguments, and `env`, which is one template of a whole map. The system would refuse
 * these only when the sample's turn has come. */
static bool check_program(struct expander *x, const struct template_list *list, const struct scope *scope,
                          struct err *err)
{
    for (size_t i = 0; i < list->len; i++) {
        const struct value *source = template_source(list->items[i]);
        struct value v;
        if (!expand(list->items[i], scope, &x->scratch, &v, err)) {
            return false;
        }
        if (source->kind != VALUE_MAP && !check_handed(&v, source->pos, err)) {
            return false;
        }
        for (size_t k = 0; source->kind == VALUE_MAP && k < v.len; k++) {
            if (!check_handed(&v.items[k], source->items[k].pos, err)) {
                return false;
            }
        }
    }
    return true;
}

/* What a program is given of the environment is as it is now; all else is as it was when the run was planned (docs/contracts.md, E). */
static struct scope scope_of_program(struct expander *x, const struct scope *scope)
{
    struct scope ret = *scope;
    environment_names(x->suite->env, &ret);
    return ret;
}

static bool check_scorer(struct expander *x, const struct scorer_use *use, struct template_list *list,
                         const struct eval_case *c, const struct scope *scope, struct err *err)
{
    struct scope now = use->type->starts_programs ? scope_of_program(x, scope) : *scope;
    bool is_alike = false;
    if (!check_list(x, list, &now, err) || !scorer_rehearse(use, c, scope, &x->scratch, &is_alike, err)) {
        return false;
    }
    list->is_checked = is_alike && list->len == 0;
    return true;
}

static bool check_variant(struct expander *x, const struct target_type *type, const void *options,
                          const struct template_list *list, const struct scope *scope, struct err *err)
{
    if (type->starts_programs) {
        struct scope now = scope_of_program(x, scope);
        return check_program(x, list, &now, err);
    }
    return type->check_case == NULL ? check_list(x, list, scope, err)
                                    : type->check_case(options, scope, &x->scratch, err);
}

/* What is the same for all cases was checked with the first of them. */
static bool needs_check(const struct expander *x, const struct eval_case *c)
{
    bool needs = c->own_scorer_count > 0;
    for (size_t i = 0; i < x->suite->scorer_count && !needs; i++) {
        needs = !x->scorers[i].is_checked;
    }
    return needs;
}

static bool check_scorers(struct expander *x, const struct eval_case *c, struct err *err)
{
    struct scope scope;
    if (!needs_check(x, c)) {
        return true;
    }
    case_scope(x->suite, &x->suite->variants[0], c, 1, &x->scratch, &scope);
    for (size_t i = 0; i < x->suite->scorer_count; i++) {
        const struct scorer_use *use = x->suite->scorers[i];
        struct template_list *list = &x->scorers[i];
        if (!list->is_checked && scorer_applies(use, c) && !check_scorer(x, use, list, c, &scope, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < c->own_scorer_count; i++) {
        const struct scorer_use *use = c->own_scorers[i];
        struct template_list list = varying_of_scorer(&x->scratch, use);
        if (scorer_applies(use, c) && !check_scorer(x, use, &list, c, &scope, err)) {
            return false;
        }
    }
    return true;
}

bool expand_check(struct expander *x, const struct eval_case *c, struct err *err)
{
    if (c->skip.ptr != NULL) {
        return true;
    }
    arena_reset(&x->scratch);
    if (!check_scorers(x, c, err)) {
        return fail_in(c, err);
    }
    for (size_t i = 0; i < x->suite->variant_count; i++) {
        struct scope scope;
        if (x->variants[i].len == 0) {
            continue;
        }
        case_scope(x->suite, &x->suite->variants[i], c, 1, &x->scratch, &scope);
        if (!check_variant(x, x->suite->variants[i].type, x->suite->variants[i].options, &x->variants[i], &scope,
                           err)) {
            return fail_in(c, err);
        }
    }
    return true;
}
