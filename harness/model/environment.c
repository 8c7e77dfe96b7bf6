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

static bool find_name(const void *ctx, struct arena *arena, struct str name, struct str *ret)
{
    const struct environment *env = ctx;
    if (env == NULL) {
        *ret = arena_printf(arena, "$%.*s", STR_ARG(name));
        return true;
    }
    const char *text = environment_get(env, name);
    *ret = str_from(text);
    return text != NULL;
}

void environment_names(const struct environment *env, struct scope *ret)
{
    ret->env = find_name;
    ret->env_ctx = env;
}
