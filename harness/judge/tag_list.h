#ifndef ASSAY_JUDGE_TAG_LIST_H
#define ASSAY_JUDGE_TAG_LIST_H

/* The tags of a case as the store has them: a JSON list of texts, "[]" or nothing when there are none.
 *
 * Errors: a list that assay cannot have written. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"
#include "data/value.h"

struct arena;
struct err;

/* A VALUE_LIST; `tags` is copied. */
MUST_CHECK bool tag_list_read(struct arena *arena, struct str tags, struct value *ret, struct err *err);
bool tag_list_has(const struct value *list, struct str tag);

#endif
