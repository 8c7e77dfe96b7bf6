#include "model/environment.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "data/template.h"

const char *environment_get(const struct environment *env, struct str name)
{
    if (env == NULL || env->entries == NULL || name.len == 0 || str_has_nul(name)) {
        return NULL;
    }
    for (size_t i = 0; env->entries[i] != NULL; i++) {
        if (strncmp(env->entries[i], name.ptr, name.len) == 0 && env->entries[i][name.len] == '=') {
            return env->entries[i] + name.len + 1;
        }
    }
    return NULL;
}

bool environment_name_is_secret(struct str name)
{
    static const char *const marks[] = {"KEY", "TOKEN", "SECRET", "PASSW"};
    for (size_t m = 0; m < sizeof(marks) / sizeof(marks[0]); m++) {
        size_t len = strlen(marks[m]);
        for (size_t at = 0; at + len <= name.len; at++) {
            if (strncasecmp(name.ptr + at, marks[m], len) == 0) {
                return true;
            }
        }
    }
    return false;
}

struct env_names {
    const struct environment *env;
    struct arena *arena;
};

static bool find_name(void *ctx, struct str name, struct str *ret)
{
    const struct env_names *names = ctx;
    if (names->env == NULL) {
        *ret = arena_printf(names->arena, "$%.*s", STR_ARG(name));
        return true;
    }
    const char *text = environment_get(names->env, name);
    *ret = str_from(text);
    return text != NULL;
}

void environment_names(const struct environment *env, struct arena *arena, struct scope *ret)
{
    struct env_names *names = arena_new(arena, struct env_names);
    *names = (struct env_names){env, arena};
    ret->env = find_name;
    ret->env_ctx = names;
}
