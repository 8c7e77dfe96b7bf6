#ifndef ASSAY_DATA_YAML_H
#define ASSAY_DATA_YAML_H

/* YAML 1.2 core, by libyaml's events, into struct value. Scalars stay text (is_plain says whether they were quoted); the field row decides
 * their type, so `no`, `1e3` and `012` surprise nobody.
 *
 * Anchors and aliases are expanded within budgets (LIMIT_YAML_ALIASES, LIMIT_YAML_NODES); a cycle is an error. Refused, with a place and a
 * hint: duplicate keys (both places), `<<`, tags but the core's `!!str`, more than one document, text after `...`, UTF-16, a byte order mark
 * but at the very start, depth over LIMIT_YAML_DEPTH (before libyaml's quadratic scanner gets going), keys that are not scalars, an
 * unquoted `{{x}}` (libyaml reads a map there: the hint says "quote it").
 *
 * LIMIT_SCALAR_BYTES and LIMIT_SUITE_BYTES hold; what exceeds a limit is ERR_LIMIT. A value that stands for an alias keeps the place where
 * it was written and shares memory with it.
 *
 * Errors go to `diag`; the first one ends the reading of this file. The caller registers the text (diag_source). Empty text gives
 * VALUE_NULL. `file` lives as long as the tree; `text` need not, texts are copied. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

struct arena;
struct diag;
struct value;

MUST_CHECK bool yaml_read(struct arena *arena, const char *file, struct str text, struct value *ret, struct diag *diag);

#endif
