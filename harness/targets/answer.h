#ifndef ASSAY_TARGETS_ANSWER_H
#define ASSAY_TARGETS_ANSWER_H

/* The object that a program prints with `output: json`, and that a worker answers with (docs/contracts.md, C):
 *
 *   {"output": any, "error": text, "metrics": {name: number}, "meta": {}, "usage": {}, "cost_usd": n}
 *
 * Only output or error is required; an unknown key is an error. `usage` counts tokens: input_tokens and output_tokens, or by their older names
 * prompt_tokens and completion_tokens; what else it holds is left alone. A metric that is null or no finite number is left out: its dimension is then
 * not scored. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "model/dimension.h"
#include "model/output.h"

struct arena;

/* Fills output, error, metrics, meta and measures of `ret` from `text`. What breaks the contract becomes ERROR_PROTOCOL with a sentence. `has_id`: the
 * key "id" of a worker is allowed. */
void answer_read(struct arena *arena, struct str text, bool has_id, const struct dimension *dimensions,
                 size_t dimension_count, struct output *ret);

/* Adds a key to ret->meta. */
void answer_add_meta(struct arena *arena, struct output *ret, const char *key, struct value v);

#endif
