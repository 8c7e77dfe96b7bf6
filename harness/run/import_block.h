#ifndef ASSAY_RUN_IMPORT_BLOCK_H
#define ASSAY_RUN_IMPORT_BLOCK_H

/* One line of an export as a record: the reverse of reporters/jsonl.c and reporters/sample_json.c. Texts live in `arena` (or in the line).
 *
 * What no run of ours can hold is refused, wherever a line comes from: figures are made of it, and gates compare with them. */

#include <stdbool.h>

#include "base/attr.h"
#include "data/value.h"
#include "model/record.h"

struct arena;
struct err;

struct import_header {
    struct invocation_record invocation;
    struct plan_record plan;
    struct run_record run;
};

/* Errors: ERR_USAGE, "'key' is missing", "'key' is not a time"; the place is the caller's. */
MUST_CHECK bool import_read_header(const struct value *line, struct arena *arena, struct import_header *ret,
                                   struct err *err);
MUST_CHECK bool import_read_sample(const struct value *line, const struct import_header *header, struct arena *arena,
                                   struct sample_record *ret, struct err *err);

/* The run's ids are those of its names (contract D), its dimensions are each there once. */
MUST_CHECK bool import_check_header(const struct import_header *header, struct err *err);
/* Its trial is one of the plan's, its tags are texts, its score and units lie in 0..1, each dimension is scored once. */
MUST_CHECK bool import_check_sample(const struct import_header *header, const struct sample_record *sample,
                                    struct err *err);

struct str import_json(struct arena *arena, const struct value *v); /* compact JSON text */

#endif
