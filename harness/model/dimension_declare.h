#ifndef ASSAY_MODEL_DIMENSION_DECLARE_H
#define ASSAY_MODEL_DIMENSION_DECLARE_H

/* The map `dimensions:` by which a program's scores or metrics are declared (docs/contracts.md, A):
 *
 *   dimensions: {tone: {direction: lower, kind: measure, min: 0}, steps: {}}
 *
 * Used beside a target's command (its metrics: always measures) and in scorers whose program gives several scores. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "data/field.h"
#include "model/dimension.h"

struct json_writer;
struct value;

/* The rows of one declared dimension, for help. */
extern const struct field DIMENSION_ROWS[];

/* Whether a dimension may have this name: [A-Za-z][A-Za-z0-9_-]{0,63}, and no statistic's name. False leaves the reason (static text). */
bool dimension_name_is_valid(struct str name, const char **ret_reason);

/* Decodes the map below `node` (not NULL). A target's metrics are always measures: `measures_only` refuses kind, weight and threshold. Weight
 * unless said: judged 1, measure 0. Faults go to ctx->diag; false when there were any. */
MUST_CHECK bool dimension_declare(struct field_context *ctx, const struct value *node, bool measures_only,
                                  struct dimension **ret, size_t *ret_count);

/* For rows of type FIELD_CUSTOM: parse keeps the node (target: a `const struct value *`) for dimension_declare, schema describes the map. */
bool dimension_declare_parse(struct field_context *ctx, const struct field *field, const struct value *node,
                             void *target);
void dimension_declare_schema(const struct field *field, struct json_writer *w);

#endif
