#ifndef ASSAY_OPPER_COMPARE_H
#define ASSAY_OPPER_COMPARE_H

/* What was rendered against what Opper holds.
 *
 * Equal means: numbers by their bits, texts by their bytes as they travel, times to the millisecond, meta by value in our key alone (whether a service merges
 * maps or replaces them is not documented). An input or output that the service gives back decoded (a JSON text as its value) is the same. */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct arena;
struct rendered;
struct wire_metric;
struct wire_span;

/* The first member that differs ("output"), NULL when none does. `want`'s absent members are not looked at, but for error and score, which say
 * something by not being there. */
const char *compare_span(struct arena *arena, const struct wire_span *want, const struct wire_span *got);

/* Value and comment; false also where `got` has no value. */
bool compare_metric(const struct wire_metric *want, const struct wire_metric *got);

#endif
