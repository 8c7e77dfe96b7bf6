#ifndef ASSAY_SUITES_NAMES_H
#define ASSAY_SUITES_NAMES_H

/* Private to suites/: what names in templates stand for. */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct environment;
struct scope;
struct value;

/* env.*: `env` NULL = offline (`assay check`): each name stands for itself, as $NAME. */
void names_env(struct scope *scope, const struct environment *env, struct arena *arena);

/* A scalar as text (numbers as written, true, false); false for null, lists and maps. */
bool names_text(struct arena *arena, const struct value *v, struct str *ret);

#endif
