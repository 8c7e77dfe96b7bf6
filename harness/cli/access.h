#ifndef ASSAY_CLI_ACCESS_H
#define ASSAY_CLI_ACCESS_H

/* Access to Opper: the address and the key, read from the environment when something first needs them, so that a run that calls nobody never looks at
 * a key. Kept in cli->service, to which loaded suites point. */

#include <stdbool.h>
#include <stddef.h>

#include "cli/cli.h"

struct suite;

/* Fills cli->service; once. cli->service.key stays NULL when no key is set. Errors: ERR_USAGE. */
MUST_CHECK bool access_open(struct cli *cli, struct err *err);

/* Whether everything that these suites call can be called; else prints why, and what to do. `with_targets` false: only judges call (rescore).
 * `wants_key` false: nothing will be sent (--dry-run). */
enum verdict access_check(struct cli *cli, struct suite *const *suites, size_t count, bool with_targets,
                          bool wants_key);

/* Takes the key out of texts, wherever a call gives it back; others may be added. Call it after access_open, when that is called. */
struct redactor *access_redactor(struct cli *cli);

#endif
