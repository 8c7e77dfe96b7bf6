#ifndef ASSAY_CLI_RUN_OPERAND_H
#define ASSAY_CLI_RUN_OPERAND_H

/* RUN on a command line: a run or invocation of the store by any of its names, or an exported file, `FILE.jsonl` or `FILE.jsonl/VARIANT` (another
 * ending will do where the store knows nothing of that name). A file is read into a temporary store of its own; the named store is opened for reading
 * when it is first needed, so that files alone need none.
 *
 * Errors: those of the store (ERR_EMPTY with what there is) and of the import (ERR_USAGE). */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/vec.h"
#include "cli/reports.h"

struct args;

struct run_operands {
    struct cli *cli;
    const struct args *args;
    struct store *store; /* the named one; NULL = not needed yet */
    VEC(struct store *) files;
    VEC(const char *) paths; /* of the files that were read */
};

MUST_CHECK bool run_operand_open(struct run_operands *o, const char *name, bool with_unfinished,
                                 struct store **ret_store, struct stored_runs *ret, struct err *err);
/* Whether a file that is about to be written is one that was read. */
bool run_operands_read(const struct run_operands *o, const char *path);
void run_operands_close(struct run_operands *o); /* for CLEANUP; the stores are closed with it */

#endif
