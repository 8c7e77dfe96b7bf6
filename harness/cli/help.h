#ifndef ASSAY_CLI_HELP_H
#define ASSAY_CLI_HELP_H

/* Help, generated from the tables that parse: commands, options, scorers, targets, reporters, suite keys, exit codes. */

#include <stdio.h>

#include "model/verdict.h"

struct cli;
struct command;

void help_overview(struct cli *cli, FILE *out);
void help_command(struct cli *cli, const struct command *command);
enum verdict help_unknown_command(struct cli *cli, const char *name);

#endif
