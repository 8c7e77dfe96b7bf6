#ifndef ASSAY_RUN_HEADER_H
#define ASSAY_RUN_HEADER_H

/* What was run, as one JSON object: line 1 of the jsonl export and, without its texts, the meta of the root span (docs/contracts.md, D): ids, digests,
 * suite, variant, labels (git's among them), dimensions with kind, weight and direction, gates. Written once, before the first sample. */

#include "base/str.h"

struct arena;
struct invocation_record;
struct plan_record;
struct run_record;
struct suite;
struct variant;

struct str header_write(struct arena *arena, const struct invocation_record *invocation, const struct plan_record *plan,
                        const struct run_record *run, const struct suite *suite);

/* What was run, in short, as JSON: suite, description, variant, its target as written, counts. The root span's input. */
struct str header_input(struct arena *arena, const struct plan_record *plan, const struct suite *suite,
                        const struct variant *variant);

#endif
