/* assay: runs evaluation suites and records every score. The commands are in cli/; this only finds the one that was named. */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/redact.h"
#include "base/secret.h"
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
        return cli_usage(cli, "%s (see assay help %s)", err.text, command->name);
    }
    if (args_has(&args, "help")) {
        help_command(cli, command);
        return VERDICT_PASSED;
    }
    enum verdict verdict = command->ignores_project ? VERDICT_PASSED : project_open(cli);
    if (verdict != VERDICT_PASSED) {
        return verdict;
    }
    cli->flags = cli_common_flags(cli, &args);
    const char *env_file = args_value(&args, "env-file");
    env_file = env_file != NULL ? env_file : cli->project.env_file;
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

/* Started with stdin, stdout or stderr closed, the next file opened would take its number, and what is printed would go into that file. */
static bool open_standard_files(void)
{
    int fd = 0;
    while (fd >= 0 && fd <= STDERR_FILENO) {
        fd = open("/dev/null", O_RDWR);
    }
    return fd >= 0 && close(fd) == 0;
}

/* Outside of a run, which has handlers of its own, nothing is under way that SQLite would not roll back: before the plan is stored, while figures
 * are computed, in every other command. */
static void interrupted(int number)
{
    static const char TEXT[] = "\nassay: interrupted (exit 130)\n";
    static const char TERM_TEXT[] = "\nassay: interrupted (exit 143)\n";
    bool is_int = number == SIGINT;
    ssize_t written = write(STDERR_FILENO, is_int ? TEXT : TERM_TEXT, (is_int ? sizeof(TEXT) : sizeof(TERM_TEXT)) - 1);
    (void)written;
    _exit(is_int ? 130 : 143);
}

static void catch_interrupts(void)
{
    static const int NUMBERS[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++) {
        struct sigaction action = {.sa_handler = interrupted};
        struct sigaction former;
        if (sigaction(NUMBERS[i], NULL, &former) == 0 && former.sa_handler != SIG_IGN) { /* nohup */
            (void)sigaction(NUMBERS[i], &action, NULL);
        }
    }
}

/* What was printed has arrived, or its reader went away (`| head`), which changes no verdict. */
static bool is_printed(void)
{
    bool ok = fflush(stdout) == 0 && ferror(stdout) == 0;
    struct stat st;
    return ok || (fstat(STDOUT_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)));
}

int main(int argc, char **argv)
{
    if (!open_standard_files()) {
        return verdict_row(VERDICT_INFRASTRUCTURE)->exit_code;
    }
    (void)signal(SIGPIPE, SIG_IGN); /* a write that cannot be done is an error of that write */
    (void)signal(SIGXFSZ, SIG_IGN);
    catch_interrupts();
    struct cli cli = {
        .out = stdout,
        .errors = stderr,
        .env = {(const char *const *)environ},
        .service = {.base_url = SERVICE_BASE_URL},
        .clock = &CLOCK_SYSTEM,
        .version = ASSAY_VERSION,
    };
    const char *term = environment_get(&cli.env, STR("TERM"));
    const char *no_color = environment_get(&cli.env, STR("NO_COLOR"));
    const char *columns = environment_get(&cli.env, STR("COLUMNS"));
    cli.out_term = term_of(STDOUT_FILENO, term, no_color, columns);
    cli.err_term = term_of(STDERR_FILENO, term, no_color, columns);
    enum verdict verdict = dispatch(&cli, argc, argv);
    if (!is_printed()) {
        (void)fprintf(stderr, "assay: cannot write to standard output\n");
        verdict = verdict_worse(verdict, VERDICT_INFRASTRUCTURE);
    }
    redactor_free(&cli.redactor);
    secret_free(&cli.key);
    arena_deinit(&cli.arena);
    return verdict_row(verdict)->exit_code;
}
