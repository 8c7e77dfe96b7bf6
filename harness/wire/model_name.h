#ifndef ASSAY_WIRE_MODEL_NAME_H
#define ASSAY_WIRE_MODEL_NAME_H

/* The `model` of a call as suites write it, of a target and of a judge: a name, {name, options, extra_headers}, or a list of those that are tried in
 * order. */

#include <stdbool.h>

#include "base/attr.h"
#include "data/value.h"

struct diag;
struct err;
struct template;

#define WIRE_MODEL_HELP "a model: its name, {name, options}, or a list of them, tried in order"

/* At load, as far as it is written out; faults to `diag`. NULL is fine. */
MUST_CHECK bool wire_model_check(struct diag *diag, const struct template *model);

/* Once expanded. ERR_SUITE with the place. */
MUST_CHECK bool wire_model_is_valid(const struct value *model, struct err *err);

#endif
