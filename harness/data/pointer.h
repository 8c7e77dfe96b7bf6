#ifndef ASSAY_DATA_POINTER_H
#define ASSAY_DATA_POINTER_H

/* JSON Pointer (RFC 6901): "" is the whole, "/a/0/b~1c" walks keys and indices. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

struct arena;
struct err;
struct value;

struct pointer {
    struct str text;      /* as written */
    struct str *segments; /* unescaped */
    size_t len;
};

MUST_CHECK bool pointer_parse(struct arena *arena, struct str text, struct pointer *ret, struct err *err);
const struct value *pointer_find(const struct pointer *p,
                                 const struct value *root); /* NULL when absent; "-" is absent */

#endif
