/* The variables that a suite knows: so that `--set` of a misspelt one is an error, not a run of something else than was meant. */

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/template.h"
#include "data/value.h"
#include "scorers/scorer.h"
#include "suites/load.h"
#include "suites/spec.h"
#include "targets/target.h"

struct var_names {
    struct arena *arena;
    struct map seen;
    VEC(const char *) found;
    bool bare_is_row; /* in the dataset's mapping a bare name is a column */
};

static void add_name(struct var_names *names, struct str name)
{
    const char *text = arena_cstr(names->arena, name);
    if (text != NULL && map_put(&names->seen, names->arena, str_from(text), names) == NULL) {
        *vec_push(names->arena, &names->found) = text;
    }
}

static void add_path(void *ctx, const struct str *segments, size_t len)
{
    static const char *const FIXED[] = {"row",   "env",     "id",    "input",  "expected", "tags",
                                        "trial", "variant", "suite", "output", "meta",     NULL};
    struct var_names *names = ctx;
    if (str_eq(segments[0], STR("vars"))) {
        if (len > 1) {
            add_name(names, segments[1]);
        }
        return;
    }
    for (size_t i = 0; FIXED[i] != NULL; i++) {
        if (names->bare_is_row || str_eq_cstr(segments[0], FIXED[i])) {
            return;
        }
    }
    add_name(names, segments[0]);
}

static void add_template(void *ctx, const struct template *t)
{
    if (t != NULL) {
        template_visit(t, add_path, ctx);
    }
}

static void add_keys(struct var_names *names, const struct template *vars)
{
    const struct value *map = vars == NULL ? NULL : template_source(vars);
    for (uint32_t i = 0; map != NULL && map->kind == VALUE_MAP && i < map->len; i++) {
        add_name(names, map->keys[i].text);
    }
}

static void add_dataset(struct var_names *names, const struct dataset_spec *spec)
{
    const struct template *mapping[] = {spec->id, spec->input, spec->expected, spec->vars, spec->tags, spec->cluster};
    names->bare_is_row = true;
    for (size_t i = 0; i < ARRAY_LEN(mapping); i++) {
        add_template(names, mapping[i]);
    }
    names->bare_is_row = false;
    add_keys(names, spec->vars);
}

static void add_case(struct var_names *names, const struct case_spec *spec)
{
    add_template(names, spec->input);
    add_template(names, spec->expected);
    add_keys(names, spec->vars);
    for (size_t i = 0; i < spec->scorer_count; i++) {
        scorer_visit_templates(spec->scorers[i], add_template, names);
    }
}

const char *const *suite_var_names(const struct suite *suite, struct arena *arena)
{
    struct var_names names = {.arena = arena, .seen = MAP_NULL};
    add_keys(&names, suite->vars_template);
    for (size_t i = 0; i < suite->scorer_count; i++) {
        scorer_visit_templates(suite->scorers[i], add_template, &names);
    }
    for (size_t i = 0; i < suite->variant_count; i++) {
        if (suite->variants[i].type->visit_templates != NULL) {
            suite->variants[i].type->visit_templates(suite->variants[i].options, add_template, &names);
        }
    }
    if (suite->dataset != NULL) {
        add_dataset(&names, suite->dataset);
    }
    for (size_t i = 0; i < suite->case_count; i++) {
        add_case(&names, &suite->cases[i]);
    }
    *vec_push(arena, &names.found) = NULL;
    return names.found.items;
}
