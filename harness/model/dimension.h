#ifndef ASSAY_MODEL_DIMENSION_H
#define ASSAY_MODEL_DIMENSION_H

/* A dimension: the name under which a score is recorded as a span metric, and everything about it that is fixed at load (docs/contracts.md, A).
 * Statistics decide by these facts, never by the values seen. */

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/str.h"

enum dimension_kind {
    DIMENSION_JUDGED, /* value = unit, 0..1; passes at its threshold */
    DIMENSION_MEASURE /* a raw number; passes only when it has a bound */
};
enum dimension_type { TYPE_BINARY, TYPE_BOUNDED, TYPE_UNBOUNDED };
enum dimension_direction { DIRECTION_NONE, DIRECTION_HIGHER, DIRECTION_LOWER };

/* Their words in suites, exports and summaries: by enum, NULL-ended. */
extern const char *const DIMENSION_KIND_WORDS[];
extern const char *const DIMENSION_TYPE_WORDS[];
extern const char *const DIMENSION_DIRECTION_WORDS[];

struct dimension {
    struct str name;
    enum dimension_kind kind;
    enum dimension_type type;
    double lo, hi; /* TYPE_BOUNDED */
    enum dimension_direction direction;
    double weight;         /* in the sample score only */
    double threshold;      /* judged: passes when unit >= threshold */
    bool is_optional;      /* never decides pass */
    bool is_required;      /* with pass_score: its fail fails the sample */
    bool has_min, has_max; /* of a measure: then it has a unit 1|0 and a pass */
    double min, max;
    bool
        is_call_measure; /* latency_ms, cost_usd, ...: stored for every sample, a metric only where a scorer or gate names it */
    struct digest scorer; /* what makes two runs comparable in this dimension */
    struct src_pos pos;   /* where it was declared */
};

/* The dimension of a measure of the call ("latency_ms"), as a suite has it when a gate names it. */
struct dimension dimension_of_call(const char *name);

/* Whether scores of this dimension can pass or fail. */
static inline bool dimension_has_pass(const struct dimension *d)
{
    return d->kind == DIMENSION_JUDGED || d->has_min || d->has_max;
}

#endif
