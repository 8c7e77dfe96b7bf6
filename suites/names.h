#ifndef ASSAY_SUITES_NAMES_H
#define ASSAY_SUITES_NAMES_H

/* Private to suites/: what names in templates stand for. */

#include <stdbool.h>

#include "base/str.h"

struct arena;
struct value;

/* A scalar as text (numbers as written, true, false); false for null, lists and maps. */
bool names_text(struct arena *arena, const struct value *v, struct str *ret);

#endif
