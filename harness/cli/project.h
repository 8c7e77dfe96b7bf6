#ifndef ASSAY_CLI_PROJECT_H
#define ASSAY_CLI_PROJECT_H

/* The project file: `assay.yaml` beside `.assay`, in the folder where the store is looked for. Defaults for every command of the project; a flag, a
 * variable of the environment or a suite that says otherwise wins. It is read once, before the command runs. Paths in it are from its own
 * folder. Fails closed, as a suite does: an unknown key is an error. */

#include "data/value.h"
#include "model/recording.h"
#include "model/verdict.h"

struct baseline_list;
struct buf;
struct cli;

struct project {
    const char *path;          /* NULL = there is none, and nothing else is set */
    const char *db, *env_file; /* NULL = not given */
    struct record_options record;
    struct value labels;                  /* a map of texts, or null */
    const struct baseline_list *baseline; /* of suites that name none; NULL = not given */
};

/* Fills cli->project; prints faults. VERDICT_PASSED, also when there is no such file; VERDICT_USAGE. */
enum verdict project_open(struct cli *cli);

void project_help(struct buf *out); /* its keys, for `assay help project` */

#endif
