#ifndef ASSAY_CLI_RESUME_H
#define ASSAY_CLI_RESUME_H

/* Going on with an interrupted invocation: shared by `resume` and `run --resume-if-exists`. */

#include "cli/cli.h"

struct execute_flags;

enum verdict resume_named(struct cli *cli, const struct args *args, const char *name,
                          const struct execute_flags *execute);

#endif
