#include "base/err.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/pulling.h"
#include "cli/reports.h"
#include "cli/run_operand.h"
#include "cli/suites_open.h"
#include "judge/judge.h"
#include "reporters/reporter.h"
#include "run/baselines.h"
#include "store/store.h"

static const struct option_row GATE_OPTIONS[] = {
    {"gate", 'g', OPTION_LIST, "GATE", "one more gate; repeatable"},
    {"baseline", 'b', OPTION_LIST, "RUN|FILE|K=V",
     "what gates compare with, in place of the suite's baseline (opper:K=V: on Opper); repeatable, tried in order"},
    {"pool", 0, OPTION_FLAG, NULL, "with earlier attempts of the same suite and commit as further trials"},
    {"report", 'r', OPTION_LIST, "FORMAT[=FILE]", "write a report; repeatable (assay help reporters)"},
    {0},
};

/* A stored invocation that is judged again: its runs with new summaries. */
struct judged {
    struct cli *cli;
    struct store *store; /* of the runs */
    struct stored_runs runs;
    struct summary *summaries; /* parallel to runs.runs */
    struct baseline_finder finder;
    struct baseline_puller puller;
    bool has_store;
    struct store *pulled; /* a file is judged where there was no store: one was made for its baseline */
};

static bool is_chosen(const struct judged *j, const struct run_record *run, size_t *ret_at)
{
    for (size_t i = 0; i < j->runs.run_count; i++) {
        if (j->runs.runs[i].seq == run->seq) {
            *ret_at = i;
            return true;
        }
    }
    return false;
}

/* All variants of a suite are judged together, since gates may name others; those that were asked for are kept. */
static enum verdict judge_plan(struct judged *j, const struct args *args, const struct run_record *runs, size_t count)
{
    struct err err = ERR_NULL;
    struct suite *suite = NULL;
    struct summary *summaries = NULL;
    enum verdict verdict =
        suite_open_gates(j->cli, j->store, &j->runs.invocation, runs, count, args_list(args, &j->cli->arena, "gate"),
                         args_list(args, &j->cli->arena, "baseline"), &suite);
    if (verdict != VERDICT_PASSED) {
        return verdict;
    }
    struct attempts *attempts = arena_array(&j->cli->arena, struct attempts, count);
    struct run_pool *pools = arena_array(&j->cli->arena, struct run_pool, count);
    for (size_t i = 0; i < count; i++) {
        if (!baseline_attempts(j->store, &j->cli->arena, &runs[i], &attempts[i], &err)) {
            return cli_fail(j->cli, &err);
        }
        pools[i] = (struct run_pool){attempts[i].runs, attempts[i].count};
    }
    struct judge_in in = {
        .store = j->store,
        .suite = suite,
        .runs = runs,
        .run_count = count,
        .baselines = {baseline_find, &j->finder},
        .pools = args_has(args, "pool") ? pools : NULL,
    };
    if (!judge_runs(&in, &j->cli->arena, &summaries, &err)) {
        return cli_fail(j->cli, &err);
    }
    for (size_t i = 0; i < count; i++) {
        size_t at = 0;
        if (!is_chosen(j, &runs[i], &at)) {
            continue;
        }
        baseline_put_attempt(&attempts[i], &j->cli->arena, &summaries[i]);
        j->summaries[at] = summaries[i];
        j->runs.runs[at].summary = summary_to_json(&summaries[i], &j->cli->arena);
        j->runs.runs[at].verdict = summaries[i].verdict;
    }
    return VERDICT_PASSED;
}

static enum verdict judge_all(struct judged *j, const struct args *args)
{
    struct err err = ERR_NULL;
    struct run_record *all = NULL;
    size_t count = 0;
    if (!store_runs_of(j->store, &j->cli->arena, j->runs.invocation.seq, &all, &count, &err)) {
        return cli_fail(j->cli, &err);
    }
    j->summaries = arena_array(&j->cli->arena, struct summary, j->runs.run_count);
    for (size_t from = 0; from < count;) {
        size_t to = from;
        bool is_wanted = false;
        size_t ignored = 0;
        for (; to < count && all[to].plan == all[from].plan; to++) {
            is_wanted = is_wanted || is_chosen(j, &all[to], &ignored);
        }
        enum verdict verdict = is_wanted ? judge_plan(j, args, &all[from], to - from) : VERDICT_PASSED;
        if (verdict != VERDICT_PASSED) {
            return verdict;
        }
        from = to;
    }
    return VERDICT_PASSED;
}

static enum verdict print_all(struct judged *j, const struct report_set *set)
{
    struct err err = ERR_NULL;
    struct cli *cli = j->cli;
    struct str reason = STR_NULL;
    enum verdict verdict = judge_overall(j->summaries, j->runs.run_count, &cli->arena, &reason);
    j->runs.invocation.verdict = verdict;
    j->runs.invocation.reason = reason;
    struct report_request people = {reporter_find(STR("terminal")), NULL};
    bool ok = set->uses_stdout || report_write(cli, j->store, &j->runs, &people, false, SIZE_MAX, &err);
    for (size_t i = 0; i < set->count && ok; i++) {
        ok = report_write(cli, j->store, &j->runs, &set->requests[i], false, 0, &err);
    }
    if (!ok) {
        return cli_fail(cli, &err);
    }
    report_last_line(cli, set->uses_stdout ? cli->errors : cli->out, verdict, reason);
    return verdict;
}

static void judged_close(struct judged *j)
{
    baseline_finder_close(&j->finder);
    store_close(&j->pulled);
}

/* What is on Opper comes into the store, and is looked for there. */
static bool ask(void *context, const struct run_record *run, const struct baseline_source *source, struct uuid **ret,
                size_t *ret_count, struct str *ret_why_not, struct err *err)
{
    struct judged *j = context;
    const struct baseline_asking asking = baseline_puller_asking(&j->puller);
    if (!asking.ask(asking.context, run, source, ret, ret_count, ret_why_not, err)) {
        return false;
    }
    if (*ret_count == 0 || j->has_store) {
        return true;
    }
    if (!store_open_named(j->cli, j->puller.args, STORE_READ, &j->pulled, err)) {
        return false;
    }
    j->has_store = true;
    j->finder.store = j->pulled;
    return true;
}

static enum verdict gate_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct run_operands operands CLEANUP(run_operands_close) = {.cli = cli, .args = args};
    struct judged j CLEANUP(judged_close) = {.cli = cli, .puller = {.cli = cli, .args = args}};
    struct report_set set;
    if (args->operand_count > 1) {
        return cli_usage(cli, "one run at a time: assay gate RUN (a gate is an option: --gate 'answer.mean >= 0.8')");
    }
    const char *name = args->operand_count == 0 ? "latest" : args->operands[0];
    if (!baseline_flags_check(args_list(args, &cli->arena, "baseline"), &err) ||
        !report_requests(cli, args_list(args, &cli->arena, "report"), &set, &err) ||
        !report_files_check(&set, store_named_path(cli, args), NULL, 0, &err) ||
        !run_operand_open(&operands, name, false, &j.store, &j.runs, &err)) {
        return cli_fail(cli, &err);
    }
    if (operands.store == NULL) { /* a file: its baseline may be in the store, where there is one */
        struct err ignored = ERR_NULL;
        (void)(store_open_named(cli, args, STORE_READ, &operands.store, &ignored) || (operands.store = NULL, true));
    }
    j.has_store = operands.store != NULL;
    j.finder = (struct baseline_finder){.arena = &cli->arena,
                                        .store = operands.store != NULL ? operands.store : j.store,
                                        .own = j.store,
                                        .asking = {ask, &j},
                                        .has_others = j.runs.run_count > 1};
    enum verdict verdict = judge_all(&j, args);
    return verdict == VERDICT_PASSED ? print_all(&j, &set) : verdict;
}

const struct command command_gate = {
    .name = "gate",
    .operands = "[RUN]",
    .summary = "judge a stored run again: its suite's gates, more of them, another baseline",
    .options = GATE_OPTIONS,
    .details =
        "Reads stored records only: no call is made, and program and data may be gone. RUN is as for show, or an "
        "exported file;\n"
        "latest unless given. The verdict is printed and returned; what was stored with the run stays as it was.",
    .run = gate_run,
};
