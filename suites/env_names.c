/* The environment variables whose values a run's cases and labels were made from: stored with the plan, so that resume makes the same ones. */

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/template.h"
#include "scorers/scorer.h"
#include "suites/load.h"
#include "suites/spec.h"
#include "targets/target.h"

struct env_names {
    struct arena *arena;
    struct map seen;
    VEC(const char *) found;
};

static void add_path(void *ctx, const struct str *segments, size_t len)
{
    struct env_names *names = ctx;
    if (len < 2 || !str_eq(segments[0], STR("env"))) {
        return;
    }
    const char *name = arena_cstr(names->arena, segments[1]);
    if (name != NULL && map_put(&names->seen, names->arena, str_from(name), names) == NULL) {
        *vec_push(names->arena, &names->found) = name;
    }
}

static void add_template(struct env_names *names, const struct template *t)
{
    if (t != NULL) {
        template_visit(t, add_path, names);
    }
}

static void visit_template(void *ctx, const struct template *t)
{
    add_template(ctx, t);
}

/* Models of targets and judges are those that the run was planned with; what programs are given is as it is now. */
static void add_models(struct env_names *names, const struct suite *suite)
{
    for (size_t i = 0; i < suite->variant_count; i++) {
        const struct variant *v = &suite->variants[i];
        if (v->type->visit_templates != NULL && !v->type->starts_programs) {
            v->type->visit_templates(v->options, visit_template, names);
        }
    }
    for (size_t i = 0; i < suite->scorer_count; i++) {
        if (suite->scorers[i]->type->calls_service) {
            scorer_visit_templates(suite->scorers[i], visit_template, names);
        }
    }
    for (size_t i = 0; i < suite->case_count; i++) {
        for (size_t k = 0; k < suite->cases[i].scorer_count; k++) {
            if (suite->cases[i].scorers[k]->type->calls_service) {
                scorer_visit_templates(suite->cases[i].scorers[k], visit_template, names);
            }
        }
    }
}

const char *const *suite_env_names(const struct suite *suite, struct arena *arena)
{
    struct env_names names = {.arena = arena, .seen = MAP_NULL};
    add_template(&names, suite->vars_template);
    add_template(&names, suite->labels_template);
    if (suite->dataset != NULL) {
        add_template(&names, suite->dataset->vars);
    }
    for (size_t i = 0; i < suite->case_count; i++) {
        add_template(&names, suite->cases[i].vars);
    }
    add_models(&names, suite);
    *vec_push(arena, &names.found) = NULL;
    return names.found.items;
}
