#include "base/err.h"
#include "cli/access.h"
#include "cli/baselines_ready.h"
#include "cli/cli.h"
#include "cli/display.h"
#include "cli/execute.h"
#include "cli/git.h"
#include "cli/pulling.h"
#include "cli/suites_open.h"
#include "run/session.h"
#include "store/store.h"

static const struct option_row RESCORE_OPTIONS[] = {
    SELECTION_ROWS,
    {"run-id", 0, OPTION_VALUE, "NAME", "a name of your own for the new invocation"},
    RECORD_FLAG_ROW,
    EXECUTE_ROWS,
    {0},
};

static void print_pairing(struct cli *cli, const struct rescore_report *r)
{
    if (r->unpaired == 0) {
        return;
    }
    (void)fprintf(cli->errors, "assay: %llu %s no recorded output of equal content and %s left out:",
                  (unsigned long long)r->unpaired, r->unpaired == 1 ? "case has" : "cases have",
                  r->unpaired == 1 ? "is" : "are");
    for (size_t i = 0; i < r->named_count; i++) {
        cli_print(cli->errors, " %.*s", STR_ARG(r->named[i]));
    }
    (void)fprintf(cli->errors, "%s\n", r->unpaired > r->named_count ? " ..." : "");
}

static enum verdict rescore_suite(struct cli *cli, const struct args *args, struct store *store,
                                  const struct stored_runs *source, struct suite *suite, const struct run_flags *flags,
                                  const struct execute_flags *execute, struct git_asking *git)
{
    struct err err = ERR_NULL;
    struct baseline_puller puller = {.cli = cli, .args = args};
    struct session_options options = {
        .selection = run_flags_selection(flags),
        .options_json = run_flags_to_json(cli, flags),
        .is_full_selection = run_flags_select_all(flags),
        .grace_ns = execute->grace_ns,
        .service = &cli->service,
        .asking = baseline_puller_asking(&puller),
    };
    struct record_options *recordings = NULL;
    if (!report_files_check(&execute->reports, store_named_path(cli, args), &suite, 1, &err) ||
        !execute_run_id(args, &options.run_id, &err) ||
        !labels_json(cli, args, &suite, 1, git, &options.labels_json, &err) ||
        !recording_resolve(cli, args, &suite, 1, &recordings, &err) ||
        !baselines_ready(&puller, store, &suite, 1, &err)) {
        return cli_fail(cli, &err);
    }
    options.recordings = recordings;
    struct session session CLEANUP(session_close) = {.lock = {.fd = -1}};
    struct rescore_report pairing;
    struct display display;
    display_init(&display, cli, execute->is_verbose, execute->is_quiet);
    struct run_events events = display_events(&display);
    options.planning = &events;
    bool is_planned =
        session_rescore(&session, store, cli->clock, suite, source->runs, source->run_count, &options, &pairing, &err);
    display_end(&display);
    if (!is_planned) {
        return cli_fail(cli, &err);
    }
    print_pairing(cli, &pairing);
    return execute_session(cli, &session, execute);
}

static enum verdict rescore_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct run_flags flags;
    struct execute_flags execute;
    struct store *store CLEANUP(store_close) = NULL;
    struct stored_runs source;
    struct suite *suite = NULL;
    if (args->operand_count != 2) {
        return cli_usage(cli, "which run, and which suite? assay rescore RUN SUITE");
    }
    if (!run_flags_read(cli, args, &flags, &err) || !execute_flags_read(cli, args, &execute, &err) ||
        !store_open_named(cli, args, STORE_CHANGE, &store, &err) ||
        !stored_runs_find(cli, store, args->operands[0], true, &source, &err)) {
        return cli_fail(cli, &err);
    }
    struct git_asking git CLEANUP(git_drop) = {.tree = ASKING_NONE};
    git_ask(cli, &git);
    enum verdict verdict = suites_open(cli, &args->operands[1], 1, &flags, &suite);
    if (verdict != VERDICT_PASSED) {
        return verdict;
    }
    verdict = access_check(cli, &suite, 1, false, true);
    if (verdict == VERDICT_PASSED) {
        verdict = rescore_suite(cli, args, store, &source, suite, &flags, &execute, &git);
    }
    suites_close(&suite, 1);
    return verdict;
}

const struct command command_rescore = {
    .name = "rescore",
    .operands = "RUN SUITE",
    .summary = "new scorers over recorded outputs; no call is repeated",
    .options = RESCORE_OPTIONS,
    .details = "Cases are paired with the recorded ones by id and content. The result is a run of its own, which names "
               "its source.",
    .run = rescore_run,
};
