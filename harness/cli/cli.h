#ifndef ASSAY_CLI_CLI_H
#define ASSAY_CLI_CLI_H

/* What every command shares: where output goes, the environment as it was at start, and the commands' table. This folder is the only one that
 * prints errors and chooses exit codes. One file a command; the last thing in it is its `const struct command`. */

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/term.h"
#include "cli/args.h"
#include "cli/project.h"
#include "model/environment.h"
#include "model/service.h"
#include "model/verdict.h"

struct buf;
struct diag;
struct err;
struct redactor;
struct secret;

struct cli {
    struct arena arena;
    FILE *out, *errors;
    struct term out_term, err_term;
    struct environment env;
    struct service service;    /* of Opper; see cli/access.h */
    struct secret *key;        /* freed in main */
    struct redactor *redactor; /* of it; freed in main */
    bool is_service_open;
    const struct clock *clock;
    const char *version;
    struct project project; /* defaults from assay.yaml */
    struct str flags;       /* " --db FILE --env-file FILE", as far as they were given: for commands that are printed */
};

struct command {
    const char *name, *alias; /* alias may be NULL */
    const char *operands;     /* "SUITE..." */
    const char *summary;
    const struct option_row *options;
    bool ignores_project; /* works the same wherever it is called: no project file is read */
    const char *details;  /* shown by `assay help COMMAND` below the options; may be NULL */
    enum verdict (*run)(struct cli *cli, const struct args *args);
};

extern const struct command *const COMMANDS[]; /* NULL-ended, in the order of help */
const struct command *command_find(const char *name);
extern const struct option_row COMMON_OPTIONS[]; /* --db, --env-file, --help */

/* Prints an error as people see it, returns the verdict that its kind means: the one table from err_kind to exit code. */
enum verdict cli_fail(struct cli *cli, const struct err *err);
enum verdict cli_verdict_of(const struct err *err);
void cli_print_faults(struct cli *cli, const struct diag *diag);

/* As fprintf, with what a terminal must not see escaped: names and paths may hold anything. */
PRINTF_LIKE(2, 3) void cli_print(FILE *out, const char *format, ...);

/* Whether more than ASCII can be shown, as the locale says: not in the C locale, not on a dumb terminal. */
bool cli_is_unicode(const struct cli *cli);

/* A usage error of a command. */
PRINTF_LIKE(2, 3) enum verdict cli_usage(struct cli *cli, const char *format, ...);

/* A word of a command that is printed: quoted for a shell where it has to be. */
void cli_append_word(struct buf *out, struct str word);

/* Of these flags, what a command that goes on needs again; quoted for a shell. */
struct str cli_common_flags(struct cli *cli, const struct args *args);

/* Reads --env-file into cli->env (the process environment wins). */
MUST_CHECK bool cli_read_env_file(struct cli *cli, const char *path, struct err *err);

#endif
