#include "base/err.h"
#include "cli/access.h"
#include "cli/cli.h"
#include "cli/display.h"
#include "cli/recording.h"
#include "cli/reports.h"
#include "cli/suites_open.h"
#include "judge/judge.h"
#include "run/push.h"
#include "store/outbox.h"
#include "store/store.h"

static const struct option_row PUSH_OPTIONS[] = {
    {"again", 0, OPTION_FLAG, NULL, "look at all of RUN on Opper, and put right what is missing or different"},
    {"refused", 0, OPTION_FLAG, NULL, "try once more what Opper refused"},
    {"record", 0, OPTION_VALUE, "opper", "a RUN that was only recorded here: all of it"},
    DRAIN_ROWS,
    {"quiet", 'q', OPTION_FLAG, NULL, "no progress"},
    {0},
};

struct push {
    struct cli *cli;
    const struct args *args;
    struct store *store;
    struct drain_limits limits;
    struct recording_sum sum; /* of all that were pushed */
    uint64_t incomplete;
};

/* Only what delivery left open is mended: the verdict of an invocation that ended "unrecorded" is that of its runs again. */
static bool settle_verdict(struct push *p, struct invocation_record *invocation, const struct run_record *runs,
                           size_t count, struct err *err)
{
    if (invocation->verdict != VERDICT_UNRECORDED) {
        return true;
    }
    struct summary *summaries = arena_array(&p->cli->arena, struct summary, count);
    for (size_t i = 0; i < count; i++) {
        if (!summary_from_json(runs[i].summary, &p->cli->arena, &summaries[i], err)) {
            return false;
        }
    }
    invocation->verdict = judge_overall(summaries, count, &p->cli->arena, &invocation->reason);
    bool is_busy = false;
    if (!store_begin(p->store, 30000, &is_busy, err)) {
        return false;
    }
    if (is_busy || !store_update_invocation(p->store, invocation, err) || !store_commit(p->store, err)) {
        store_rollback(p->store);
        return is_busy ? err_set(err, ERR_IO, "the store is busy: another process is writing") : false;
    }
    return true;
}

static bool push_one(struct push *p, struct invocation_record *invocation, struct run_record *runs, size_t count,
                     bool is_named, struct err *err)
{
    struct cli *cli = p->cli;
    struct display display;
    display_init(&display, cli, false, args_has(p->args, "quiet"));
    struct run_events events = display_events(&display);
    struct push_order order = {
        .store = p->store,
        .clock = cli->clock,
        .service = &cli->service,
        .invocation = invocation,
        .runs = runs,
        .run_count = count,
        .settings = {.redactor = access_redactor(cli), .ca_file = environment_get(&cli->env, STR("SSL_CERT_FILE"))},
        .limits = p->limits,
        .verifies = args_has(p->args, "verify"),
        .events = &events,
    };
    struct store_lock lock CLEANUP(store_unlock) = {.fd = -1};
    if (!store_lock(p->store, &invocation->id, &lock, err)) {
        return false;
    }
    struct recording_sum before;
    if (!recording_sum(cli, p->store, runs, count, &before, err)) {
        return false;
    }
    bool ok = true;
    if (!before.is_recorded && is_named) {
        struct record_options options = record_options_merge(&cli->project.record, &RECORD_OPTIONS_DEFAULT);
        options.mode = RECORD_OPPER;
        ok = push_adopt(&order, &options, err);
    } else if (args_has(p->args, "again")) {
        ok = push_again(&order, err);
    } else if (args_has(p->args, "refused")) {
        ok = push_refused(&order, err);
    }
    struct recorder_end delivery;
    ok = ok && push_invocation(&order, &cli->arena, &delivery, err);
    display_end(&display);
    struct recording_sum sum;
    if (!ok || !recording_sum(cli, p->store, runs, count, &sum, err)) {
        return false;
    }
    cli_print(cli->out, "%.8s %.*s\n", id_text(&invocation->id).text, STR_ARG(runs[0].suite));
    recording_print(cli, cli->out, &sum, &invocation->id, &delivery);
    bool is_complete = recording_is_complete(&sum.counts) && !(delivery.was_read && delivery.verified.trouble.len > 0);
    p->incomplete += is_complete ? 0 : 1;
    return !is_complete || settle_verdict(p, invocation, runs, count, err);
}

/* --- which -------------------------------------------------------------------------------------------------------------------------------------- */

static bool push_named(struct push *p, const char *name, struct err *err)
{
    struct stored_runs found;
    struct run_record *runs = NULL;
    size_t count = 0;
    struct recording_sum sum;
    if (!stored_runs_find(p->cli, p->store, name, true, &found, err) ||
        !store_runs_of(p->store, &p->cli->arena, found.invocation.seq, &runs, &count, err) ||
        !recording_sum(p->cli, p->store, runs, count, &sum, err)) {
        return false;
    }
    struct uuid_text id = id_text(&found.invocation.id);
    if (found.invocation.origin == ORIGIN_IMPORTED || found.invocation.origin == ORIGIN_PULLED) {
        return err_set(err, ERR_USAGE, "run %.8s was %s: it is read-only, and not pushed", id.text,
                       found.invocation.origin == ORIGIN_PULLED ? "pulled" : "imported");
    }
    const char *record = args_value(p->args, "record");
    if (record != NULL && !str_eq_cstr(str_from(record), "opper")) {
        return err_set(err, ERR_USAGE, "--record wants opper here, not '%s'", record);
    }
    if (!sum.is_recorded && record == NULL) {
        return err_set(err, ERR_USAGE,
                       "run %.8s was only recorded here: `assay push %.8s --record opper` sends all of it", id.text,
                       id.text);
    }
    return push_one(p, &found.invocation, runs, count, true, err);
}

static bool push_all(struct push *p, const int64_t *invocations, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        struct invocation_record invocation;
        struct run_record *runs = NULL;
        size_t run_count = 0;
        if (!store_invocation(p->store, &p->cli->arena, invocations[i], &invocation, err) ||
            !store_runs_of(p->store, &p->cli->arena, invocations[i], &runs, &run_count, err)) {
            return false;
        }
        if (push_one(p, &invocation, runs, run_count, false, err)) {
            continue;
        }
        if (err->kind != ERR_USAGE) {
            return false;
        }
        /* it is still going on, or belongs to another service: the others are delivered all the same */
        cli_print(p->cli->errors, "assay: %s\n", err->text);
        p->incomplete++;
        *err = ERR_NULL;
    }
    return true;
}

static enum verdict finish(struct push *p)
{
    if (p->incomplete > 0) {
        report_last_line(p->cli, p->cli->out, VERDICT_UNRECORDED, STR("Opper has not confirmed everything"));
        return VERDICT_UNRECORDED;
    }
    report_last_line(p->cli, p->cli->out, VERDICT_PASSED, STR("everything is recorded on Opper"));
    return VERDICT_PASSED;
}

static enum verdict push_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    struct push p = {.cli = cli, .args = args};
    int64_t *invocations = NULL;
    size_t count = 0;
    bool is_named = args->operand_count == 1;
    if (args->operand_count > 1) {
        return cli_usage(cli, "one run at a time: assay push RUN; or all that wait: assay push");
    }
    if (!is_named && (args_has(args, "again") || args_has(args, "record"))) {
        return cli_usage(cli, "--again and --record want a RUN");
    }
    if (!drain_limits_read(args, &p.limits, &err) || !store_open_named(cli, args, STORE_CHANGE, &store, &err) ||
        !store_outbox_invocations(store, args_has(args, "refused"), &cli->arena, &invocations, &count, &err)) {
        return cli_fail(cli, &err);
    }
    p.store = store;
    if (!is_named && count == 0) {
        report_last_line(
            cli, cli->out, VERDICT_PASSED,
            args_has(args, "verify")
                ? STR("nothing waits to be recorded on Opper, and nothing was read back: assay push RUN --verify")
                : STR("nothing waits to be recorded on Opper"));
        return VERDICT_PASSED;
    }
    if (!access_open(cli, &err) || !service_check_key(&cli->service, "assay push", &err)) {
        return cli_fail(cli, &err);
    }
    bool ok = is_named ? push_named(&p, args->operands[0], &err) : push_all(&p, invocations, count, &err);
    return ok ? finish(&p) : cli_fail(cli, &err);
}

const struct command command_push = {
    .name = "push",
    .operands = "[RUN]",
    .summary = "deliver what Opper has not received yet",
    .options = PUSH_OPTIONS,
    .details = "Without RUN everything that waits is delivered, oldest first. Ctrl-C ends it; what is left waits for "
               "the next push.",
    .run = push_run,
};
