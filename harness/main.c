/* assay: runs evaluation suites and records every score. The commands are in cli/; this only finds the one that was named. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "cli/cli.h"
#include "cli/help.h"

extern char **environ;

#ifndef ASSAY_VERSION
#define ASSAY_VERSION "unknown"
#endif

static enum verdict run_command(struct cli *cli, const struct command *command, const char *const *argv)
{
    struct err err = ERR_NULL;
    struct args args = {0};
    if (!args_parse(&cli->arena, argv, command->options, COMMON_OPTIONS, &args, &err)) {
        enum verdict verdict = cli_fail(cli, &err);
        (void)fprintf(cli->errors, "see: assay help %s\n", command->name);
        return verdict;
    }
    if (args_has(&args, "help")) {
        help_command(cli, command);
        return VERDICT_PASSED;
    }
    const char *env_file = args_value(&args, "env-file");
    if (env_file != NULL && !cli_read_env_file(cli, env_file, &err)) {
        return cli_fail(cli, &err);
    }
    return command->run(cli, &args);
}

static enum verdict dispatch(struct cli *cli, int argc, char **argv)
{
    if (argc < 2) {
        help_overview(cli, cli->errors);
        return VERDICT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        name = "help";
    } else if (strcmp(name, "--version") == 0) {
        name = "version";
    }
    const struct command *command = command_find(name);
    if (command == NULL) {
        return help_unknown_command(cli, name);
    }
    return run_command(cli, command, (const char *const *)argv + 2);
}

int main(int argc, char **argv)
{
    struct cli cli = {
        .out = stdout,
        .errors = stderr,
        .env = {(const char *const *)environ},
        .clock = &CLOCK_SYSTEM,
        .version = ASSAY_VERSION,
    };
    const char *term = environment_get(&cli.env, STR("TERM"));
    const char *no_color = environment_get(&cli.env, STR("NO_COLOR"));
    const char *columns = environment_get(&cli.env, STR("COLUMNS"));
    cli.out_term = term_of(STDOUT_FILENO, term, no_color, columns);
    cli.err_term = term_of(STDERR_FILENO, term, no_color, columns);
    enum verdict verdict = dispatch(&cli, argc, argv);
    bool is_written = fflush(stdout) == 0 && ferror(stdout) == 0;
    (void)fflush(stderr);
    arena_deinit(&cli.arena);
    (void)is_written; /* a reader that went away (`| head`) changes no verdict; reports check their own stream */
    return verdict_row(verdict)->exit_code;
}
