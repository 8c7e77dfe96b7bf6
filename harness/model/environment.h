#ifndef ASSAY_MODEL_ENVIRONMENT_H
#define ASSAY_MODEL_ENVIRONMENT_H

/* The process environment, read once at start (cli/) and passed on: nobody else calls getenv. An --env-file adds names that the process
 * environment does not have. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct scope;

struct environment {
    const char *const *entries; /* "NAME=value", NULL-ended */
};

const char *environment_get(const struct environment *env, struct str name); /* NULL when unset */

/* Gives templates the names below `env`: the values of `env`, or, where that is NULL (offline), the names themselves ("$NAME"). */
void environment_names(const struct environment *env, struct scope *ret);

/* KEY, TOKEN, SECRET or PASSW in the name (any case): only for a command's env (docs/contracts.md, E). */
bool environment_name_is_secret(struct str name);

#endif
