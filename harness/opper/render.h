#ifndef ASSAY_OPPER_RENDER_H
#define ASSAY_OPPER_RENDER_H

/* What a run looks like on Opper: spans and metrics made from the journal's records. The same records give the same bytes, so what was sent can be
 * rendered again to be compared or completed (docs/recording.md has it as a table).
 *
 *   root    "SUITE [VARIANT]", evaluation_run: what was run, the result in words, its own metrics
 *   sample  the case's id, evaluation_case, below the root: input, output, error, integer score; each score a metric, its comment the words
 *
 * Inputs and outputs always go as texts (a text as it is, anything else as its JSON), for that is what a change of a span takes: a span that was created
 * early and completed later is the same as one created complete. What `record:` holds back is left out here, nowhere else. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "model/record.h"
#include "store/outbox.h"
#include "wire/metric.h"
#include "wire/span.h"

struct arena;
struct err;

struct rendered {
    struct wire_span span;
    struct wire_metric *metrics; /* dimension, value, comment */
    size_t metric_count;
};

/* The span of a sample before its sample is recorded: ids, name, type. */
void render_ahead(struct arena *arena, const struct run_record *run, const struct uuid *span, struct str case_id,
                  struct wire_span *ret);

void render_sample(struct arena *arena, const struct recording *recording, const struct run_record *run,
                   const struct sample_record *sample, bool is_superseded, struct rendered *ret);

/* The root as the run begins: what is being run, by whose labels. */
void render_root_begin(struct arena *arena, const struct run_record *run, struct rendered *ret);

/* As it ended. */
MUST_CHECK bool render_root_end(struct arena *arena, const struct invocation_record *invocation,
                                const struct run_record *run, const struct root_record *root, struct rendered *ret,
                                struct err *err);

/* A text as Opper gets it: JSON text of a string; ptr NULL when nothing is sent. `how` is an enum record_text. */
struct str render_text(struct arena *arena, struct str text, int how, uint64_t max_bytes);

#endif
