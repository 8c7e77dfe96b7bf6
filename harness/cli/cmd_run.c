#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "cli/access.h"
#include "cli/baselines_ready.h"
#include "cli/cli.h"
#include "cli/display.h"
#include "cli/dry_run.h"
#include "cli/execute.h"
#include "cli/git.h"
#include "cli/pulling.h"
#include "cli/resume.h"
#include "cli/suites_open.h"
#include "run/session.h"
#include "store/store.h"

static const struct option_row RUN_OPTIONS[] = {
    SELECTION_ROWS,
    {"limit", 'n', OPTION_VALUE, "N", "the first N of what is selected"},
    {"trials", 0, OPTION_VALUE, "N", "repetitions of each case"},
    {"concurrency", 'j', OPTION_VALUE, "N", "samples in flight"},
    {"pool", 0, OPTION_FLAG, NULL, "judge with earlier attempts of the same suite and commit as further trials"},
    {"fail-fast", 'x', OPTION_FLAG, NULL, "stop at the first sample that fails or errors"},
    {"dry-run", 0, OPTION_FLAG, NULL, "list what would run; nothing runs, nothing is stored"},
    {"run-id", 0, OPTION_VALUE, "NAME", "a name of your own for the invocation: the same name gives the same ids"},
    {"resume-if-exists", 0, OPTION_FLAG, NULL, "with --run-id: go on with the invocation of that name if there is one"},
    RECORD_FLAG_ROW,
    EXECUTE_ROWS,
    {0},
};

static bool exists(struct cli *cli, struct store *store, const char *run_id)
{
    struct stored_runs found;
    struct err ignored = ERR_NULL;
    struct uuid id = id_of_invocation(str_from(run_id));
    return stored_runs_find(cli, store, arena_str(&cli->arena, str_from(id_text(&id).text)).ptr, true, &found,
                            &ignored);
}

static enum verdict plan_and_execute(struct cli *cli, const struct args *args, struct store *store,
                                     struct suite **suites, size_t count, const struct run_flags *flags,
                                     const struct execute_flags *execute, const struct record_options *recordings,
                                     struct git_asking *git)
{
    struct err err = ERR_NULL;
    struct baseline_puller puller = {.cli = cli, .args = args};
    struct session_options options = {
        .selection = run_flags_selection(flags),
        .options_json = run_flags_to_json(cli, flags),
        .concurrency = (uint32_t)flags->concurrency,
        .is_full_selection = run_flags_select_all(flags),
        .fail_fast = args_has(args, "fail-fast"),
        .pools_attempts = flags->pool,
        .grace_ns = execute->grace_ns,
        .recordings = recordings,
        .service = &cli->service,
        .asking = baseline_puller_asking(&puller),
    };
    if (!execute_run_id(args, &options.run_id, &err) || !baselines_ready(&puller, store, suites, count, &err) ||
        !labels_json(cli, args, suites, count, git, &options.labels_json, &err)) {
        return cli_fail(cli, &err);
    }
    struct session session CLEANUP(session_close) = {.lock = {.fd = -1}};
    struct display display;
    display_init(&display, cli, execute->is_verbose, execute->is_quiet);
    struct run_events events = display_events(&display);
    options.planning = &events;
    bool is_planned = session_plan(&session, store, cli->clock, suites, count, &options, &err);
    display_end(&display);
    if (!is_planned) {
        return cli_fail(cli, &err);
    }
    return execute_session(cli, &session, execute);
}

static enum verdict run_suites(struct cli *cli, const struct args *args, struct suite **suites,
                               const struct run_flags *flags, const struct execute_flags *execute,
                               struct git_asking *git)
{
    struct err err = ERR_NULL;
    if (!report_files_check(&execute->reports, store_named_path(cli, args), suites, args->operand_count, &err)) {
        return cli_fail(cli, &err);
    }
    bool is_dry = args_has(args, "dry-run");
    enum verdict access = access_check(cli, suites, args->operand_count, true, !is_dry);
    if (access != VERDICT_PASSED) {
        return access;
    }
    if (is_dry) {
        return dry_run(cli, args, suites, args->operand_count, flags);
    }
    struct record_options *recordings = NULL;
    struct store *store CLEANUP(store_close) = NULL;
    if (!recording_resolve(cli, args, suites, args->operand_count, &recordings, &err) ||
        !store_open_named(cli, args, STORE_WRITE, &store, &err)) {
        return cli_fail(cli, &err);
    }
    return plan_and_execute(cli, args, store, suites, args->operand_count, flags, execute, recordings, git);
}

/* --resume-if-exists: a CI job that was started again goes on where it stopped. */
static bool wants_resume(struct cli *cli, const struct args *args)
{
    const char *run_id = args_value(args, "run-id");
    if (run_id == NULL || !args_has(args, "resume-if-exists")) {
        return false;
    }
    struct err ignored = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    return store_open_named(cli, args, STORE_READ, &store, &ignored) && exists(cli, store, run_id);
}

static enum verdict run_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct run_flags flags;
    struct execute_flags execute;
    if (args->operand_count == 0) {
        return cli_usage(cli, "which suite? assay run SUITE... (assay init writes a first one)");
    }
    if (!run_flags_read(cli, args, &flags, &err) || !execute_flags_read(cli, args, &execute, &err)) {
        return cli_fail(cli, &err);
    }
    if (args_has(args, "resume-if-exists") && args_value(args, "run-id") == NULL) {
        return cli_usage(cli, "--resume-if-exists wants --run-id NAME");
    }
    if (wants_resume(cli, args)) {
        return resume_named(cli, args, args_value(args, "run-id"), &execute);
    }
    struct git_asking git CLEANUP(git_drop) = {.tree = ASKING_NONE};
    if (!args_has(args, "dry-run")) {
        git_ask(cli, &git);
    }
    struct suite **suites = arena_array(&cli->arena, struct suite *, args->operand_count);
    enum verdict verdict = suites_open(cli, args->operands, args->operand_count, &flags, suites);
    if (verdict != VERDICT_PASSED) {
        return verdict;
    }
    verdict = run_suites(cli, args, suites, &flags, &execute, &git);
    suites_close(suites, args->operand_count);
    return verdict;
}

const struct command command_run = {
    .name = "run",
    .operands = "SUITE...",
    .summary = "run suites; exit code from the gates",
    .options = RUN_OPTIONS,
    .details = "--case, --filter and --tag combine by and; each repeated combines by or.\n"
               "Ctrl-C once lets running samples finish and stores them; `assay resume` goes on. Twice kills.",
    .run = run_run,
};
