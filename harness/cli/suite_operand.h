#ifndef ASSAY_CLI_SUITE_OPERAND_H
#define ASSAY_CLI_SUITE_OPERAND_H

/* SUITE on the command line of what looks back (history, plan): the name of a suite that the store knows, or a suite file, whose name it takes.
 *
 * Errors: ERR_EMPTY with the names that there are; ERR_USAGE for a file that is no suite. */

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

struct cli;
struct err;
struct store;

MUST_CHECK bool suite_operand(struct cli *cli, struct store *store, const char *text, struct str *ret_name,
                              struct err *err);

/* The name that a suite file gives itself. Errors: ERR_USAGE. */
MUST_CHECK bool suite_name_of_file(struct cli *cli, const char *path, struct str *ret, struct err *err);

/* The variants of the suite's newest finished run of all cases, in order, narrowed to one when `variant` is not NULL. Errors: ERR_EMPTY. */
MUST_CHECK bool suite_variants(struct cli *cli, struct store *store, struct str suite, const char *variant,
                               struct str labels, struct str **ret, size_t *ret_count, struct err *err);

#endif
