/* The environment variables whose values a run's cases and labels were made from: stored with the plan, so that resume makes the same ones. */

#include "base/arena.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/template.h"
#include "suites/load.h"
#include "suites/spec.h"

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
    *vec_push(arena, &names.found) = NULL;
    return names.found.items;
}
