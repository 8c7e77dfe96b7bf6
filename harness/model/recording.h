#ifndef ASSAY_MODEL_RECORDING_H
#define ASSAY_MODEL_RECORDING_H

/* What of a run is recorded on Opper, as `record:` in a suite or a project file and --record say it. Key by key the flag wins over the suite, the
 * suite over the project file, that over the defaults (docs/contracts.md, D). */

#include <stdbool.h>
#include <stdint.h>

#include "data/field.h"

enum record_mode {
    RECORD_AUTO,  /* best effort where there is a key; never a reason to fail */
    RECORD_OPPER, /* promised: what is not confirmed is exit 6 */
    RECORD_LOCAL  /* the store only */
};

/* How a text goes: whole (up to max_bytes), not at all, or as its length and SHA-256. */
enum record_text { RECORD_FULL, RECORD_NONE, RECORD_DIGEST };

enum { RECORD_MAX_BYTES = 262144, RECORD_MAX_BYTES_CEILING = 16 << 20 };

struct record_options {
    int mode;                      /* enum record_mode */
    int inputs, outputs, comments; /* enum record_text; comments: full or none */
    uint64_t max_bytes;            /* of an input or output; longer ones are cut, their length and SHA-256 named */
    bool has_mode, has_inputs, has_outputs, has_comments, has_max_bytes; /* was written */
};

#define RECORD_OPTIONS_DEFAULT ((struct record_options){.max_bytes = RECORD_MAX_BYTES})

/* How much of a run Opper holds, as far as the store knows: spans (samples and the root) and metrics (scores and the root's). */
struct recording_counts {
    int mode;                                  /* enum record_mode */
    uint64_t spans, metrics;                   /* in all */
    uint64_t pending_spans, pending_metrics;   /* not confirmed yet */
    uint64_t refused_spans, refused_metrics;   /* for good */
    struct str first_refusal;                  /* why, of the first; ptr NULL = none */
    bool is_verified;                          /* the following are known: read back and compared (--verify) */
    uint64_t verified_spans, verified_metrics; /* as they were rendered */
    uint64_t missing, differing;               /* spans and metrics */
};

static inline bool recording_is_complete(const struct recording_counts *c)
{
    return c->pending_spans + c->pending_metrics + c->refused_spans + c->refused_metrics + c->missing + c->differing ==
           0;
}

extern const char *const RECORD_MODE_WORDS[]; /* by enum, NULL-ended */
extern const char *const RECORD_TEXT_WORDS[];
extern const struct field RECORD_ROWS[]; /* of struct record_options */

/* `over`'s written keys, else `under`'s. */
struct record_options record_options_merge(const struct record_options *over, const struct record_options *under);

/* When all are merged. Comments quote inputs and outputs: where one of these is held back, they stay here, too, unless `comments` is written. */
struct record_options record_options_settle(struct record_options merged);

#endif
