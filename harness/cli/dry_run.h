#ifndef ASSAY_CLI_DRY_RUN_H
#define ASSAY_CLI_DRY_RUN_H

/* run --dry-run: the cases that would be run, the calls that would be made, and what they would cost where an earlier run of the same target says so.
 * Nothing is run, nothing is stored, no key is needed. */

#include <stddef.h>

#include "cli/cli.h"
#include "cli/suites_open.h"

enum verdict dry_run(struct cli *cli, const struct args *args, struct suite *const *suites, size_t count,
                     const struct run_flags *flags);

#endif
