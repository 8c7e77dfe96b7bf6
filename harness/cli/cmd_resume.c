#include "cli/resume.h"

#include "base/err.h"
#include "cli/access.h"
#include "cli/baselines_ready.h"
#include "cli/execute.h"
#include "cli/pulling.h"
#include "cli/suites_open.h"
#include "run/session.h"
#include "store/store.h"

static const struct option_row RESUME_OPTIONS[] = {
    {"retry-errors", 0, OPTION_FLAG, NULL,
     "errored samples are executed again too; the old records are kept, marked superseded"},
    {"concurrency", 'j', OPTION_VALUE, "N", "samples in flight"},
    EXECUTE_ROWS,
    {0},
};

/* How recording stands now. What was stored as the reason is of the day on which it was judged: what Opper had not confirmed by then. */
static bool finished_recording(struct cli *cli, struct store *store, struct invocation_record *invocation,
                               struct recording_sum *ret, struct err *err)
{
    struct run_record *runs = NULL;
    size_t count = 0;
    struct str reason = STR_NULL;
    enum verdict ignored = VERDICT_INTERNAL;
    if (!store_runs_of(store, &cli->arena, invocation->seq, &runs, &count, err) ||
        !recording_sum(cli, store, runs, count, ret, err)) {
        return false;
    }
    if (invocation->verdict != VERDICT_UNRECORDED) {
        return true;
    }
    if (!recording_judged(cli, runs, count, &ignored, &reason, err)) {
        return false;
    }
    bool is_complete = recording_is_complete(&ret->counts);
    struct str recorded = is_complete ? STR("Opper has confirmed everything since") : recording_missing(cli, ret);
    invocation->reason = arena_printf(&cli->arena, "%.*s; %.*s", STR_ARG(reason), STR_ARG(recorded));
    return true;
}

static void print_finished(struct cli *cli, FILE *out, const struct invocation_record *invocation,
                           const struct recording_sum *sum, bool verifies)
{
    const struct recorder_end nothing_tried = {.end = DRAIN_DONE};
    struct uuid_text id = id_text(&invocation->id);
    bool is_complete = recording_is_complete(&sum->counts);
    bool is_unrecorded = invocation->verdict == VERDICT_UNRECORDED;
    cli_print(out, "run %.8s is finished: %s\n", id.text,
              is_unrecorded || !is_complete ? "no sample is left" : "nothing to do");
    recording_print(cli, out, sum, &invocation->id, &nothing_tried);
    if (is_unrecorded && is_complete) { /* all is there, and "passed" is not stored yet */
        cli_print(out, "finish with: assay push %.8s%.*s\n", id.text, STR_ARG(cli->flags));
    }
    if (verifies && sum->is_recorded) {
        cli_print(out, "--verify does nothing where no sample is left; read back with: assay push %.8s --verify%.*s\n",
                  id.text, STR_ARG(cli->flags));
    } else if (verifies) {
        cli_print(out,
                  "--verify does nothing here: the run is in the store only (assay push %.8s --record opper%.*s)\n",
                  id.text, STR_ARG(cli->flags));
    }
}

/* Finished: no request, the same exit code. */
static enum verdict already_finished(struct cli *cli, struct store *store, const struct stored_runs *found,
                                     const struct execute_flags *execute)
{
    struct err err = ERR_NULL;
    struct stored_runs runs = *found;
    struct recording_sum sum;
    if (!finished_recording(cli, store, &runs.invocation, &sum, &err)) {
        return cli_fail(cli, &err);
    }
    for (size_t i = 0; i < execute->reports.count; i++) {
        if (!report_write(cli, store, &runs, &execute->reports.requests[i], execute->is_verbose, 0, &err)) {
            return cli_fail(cli, &err);
        }
    }
    FILE *people = execute->reports.uses_stdout ? cli->errors : cli->out;
    print_finished(cli, people, &runs.invocation, &sum, execute->verifies);
    report_last_line(cli, people, runs.invocation.verdict, runs.invocation.reason);
    return runs.invocation.verdict;
}

static enum verdict resume_session(struct cli *cli, const struct args *args, struct store *store,
                                   const struct stored_runs *runs, struct suite **suites, size_t count,
                                   const struct execute_flags *execute)
{
    struct err err = ERR_NULL;
    struct run_flags flags;
    uint64_t concurrency = 0;
    if (!run_flags_from_json(cli, runs->invocation.options, &flags, &err) ||
        !args_number(args, "concurrency", 1, 4096, &concurrency, &err)) {
        return cli_fail(cli, &err);
    }
    struct baseline_puller puller = {.cli = cli, .args = args};
    struct session_options options = {
        .selection = run_flags_selection(&flags),
        .options_json = runs->invocation.options,
        .labels_json = runs->invocation.labels,
        .run_id = runs->invocation.name,
        .concurrency = (uint32_t)(concurrency > 0 ? concurrency : flags.concurrency),
        .is_full_selection = runs->invocation.is_full_selection,
        .pools_attempts = flags.pool,
        .retry_errors = args_has(args, "retry-errors"),
        .grace_ns = execute->grace_ns,
        .service = &cli->service,
        .asking = baseline_puller_asking(&puller),
    };
    if (!recording_reopen(cli, store, runs->runs, runs->run_count, &err) ||
        !baselines_ready(&puller, store, suites, count, &err)) {
        return cli_fail(cli, &err);
    }
    struct session session CLEANUP(session_close) = {.lock = {.fd = -1}};
    if (!session_resume(&session, store, cli->clock, &runs->invocation, suites, count, &options, &err)) {
        return cli_fail(cli, &err);
    }
    return execute_session(cli, &session, execute);
}

static bool has_errored(struct store *store, const struct stored_runs *runs, bool *ret, struct err *err)
{
    *ret = false;
    for (size_t i = 0; i < runs->run_count; i++) {
        uint64_t recorded = 0;
        uint64_t errored = 0;
        if (!store_count_samples(store, runs->runs[i].seq, &recorded, &errored, err)) {
            return false;
        }
        *ret = *ret || errored > 0;
    }
    return true;
}

enum verdict resume_named(struct cli *cli, const struct args *args, const char *name,
                          const struct execute_flags *execute)
{
    struct err err = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    struct stored_runs runs;
    bool errored = false;
    if (!report_files_check(&execute->reports, store_named_path(cli, args), NULL, 0, &err) ||
        !store_open_named(cli, args, STORE_CHANGE, &store, &err) || !store_check(store, &err) ||
        !stored_runs_find(cli, store, name, true, &runs, &err) || !has_errored(store, &runs, &errored, &err)) {
        return cli_fail(cli, &err);
    }
    if (runs.invocation.origin == ORIGIN_IMPORTED || runs.invocation.origin == ORIGIN_PULLED) {
        return cli_usage(cli, "run %.8s was %s: it is read-only and cannot be resumed",
                         id_text(&runs.invocation.id).text,
                         runs.invocation.origin == ORIGIN_PULLED ? "pulled" : "imported");
    }
    if (runs.invocation.origin == ORIGIN_RESCORED && runs.invocation.state != RUN_FINISHED) {
        return cli_usage(cli, "run %.8s is a rescore that was interrupted: run assay rescore again",
                         id_text(&runs.invocation.id).text);
    }
    if (runs.invocation.state == RUN_FINISHED && !(args_has(args, "retry-errors") && errored)) {
        return already_finished(cli, store, &runs, execute);
    }
    struct suite **suites = NULL;
    size_t count = 0;
    enum verdict verdict = suites_open_stored(cli, store, &runs.invocation, &suites, &count);
    if (verdict != VERDICT_PASSED) {
        return verdict;
    }
    verdict = access_check(cli, suites, count, true, true);
    if (verdict == VERDICT_PASSED) {
        verdict = resume_session(cli, args, store, &runs, suites, count, execute);
    }
    suites_close(suites, count);
    return verdict;
}

static enum verdict resume_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct execute_flags execute;
    if (args->operand_count > 1) {
        return cli_usage(cli, "one run at a time: assay resume RUN");
    }
    if (!execute_flags_read(cli, args, &execute, &err)) {
        return cli_fail(cli, &err);
    }
    return resume_named(cli, args, args->operand_count == 0 ? "latest" : args->operands[0], &execute);
}

const struct command command_resume = {
    .name = "resume",
    .operands = "[RUN]",
    .summary = "finish an interrupted invocation; what is recorded is never executed again",
    .options = RESUME_OPTIONS,
    .details = "RUN is an id, a unique prefix of four or more characters, a --run-id name, or `latest` (the default).",
    .run = resume_run,
};
