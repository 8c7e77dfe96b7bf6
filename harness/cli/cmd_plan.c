#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/vec.h"
#include "cli/cli.h"
#include "cli/run_operand.h"
#include "cli/suite_operand.h"
#include "cli/suites_open.h"
#include "data/json.h"
#include "judge/planning.h"
#include "judge/planning_json.h"
#include "judge/stat_names.h"
#include "judge/version.h"
#include "reporters/planning_terminal.h"
#include "store/store.h"

static const struct option_row PLAN_OPTIONS[] = {
    {"gate", 'g', OPTION_LIST, "GATE", "plan this gate, too; repeatable"},
    {"dimension", 'd', OPTION_LIST, "STAT", "plan a change of this statistic (default: each dimension); repeatable"},
    {"drop", 0, OPTION_VALUE, "SHARE", "the change to be seen: 0.02 or 2% (default); of measures relative"},
    {"power", 0, OPTION_VALUE, "SHARE", "how surely (default 80%)"},
    {"confidence", 0, OPTION_VALUE, "SHARE", "of what has none of its own (default 95%)"},
    {"trials", 0, OPTION_VALUE, "K", "trials of each case in the runs to come (default: as now)"},
    {"format", 0, OPTION_VALUE, "terminal|json", "json: one document"},
    {0},
};

enum { VERSION_RUNS = 30 };

struct plan_command {
    struct cli *cli;
    const struct args *args;
    struct store *store;
    struct invocation_record invocation;
    const struct run_record *runs; /* of one suite: its variants */
    size_t run_count;
    const char *suite_file; /* whose gates are meant; NULL = those that the run was stored with */
    struct planning_in in;
    bool is_json;
};

/* --- the command line ----------------------------------------------------------------------------------------------------------------------- */

static bool read_share(const struct args *args, const char *name, double *ret, struct err *err)
{
    const char *value = args_value(args, name);
    struct str text = str_from(value);
    double number = 0;
    if (value == NULL) {
        return true;
    }
    bool is_percent = str_ends(text, STR("%"));
    bool is_number = num_parse_json(is_percent ? str_slice(text, 0, text.len - 1) : text, &number) == NUM_OK;
    number = is_percent ? number / 100 : number;
    if (!is_number || !(number > 0 && number < 1)) {
        return err_set(err, ERR_USAGE, "--%s wants a share between 0 and 1, such as 0.02 or 2%%, not '%s'", name,
                       value);
    }
    *ret = number;
    return true;
}

static bool read_options(struct plan_command *c, struct err *err)
{
    uint64_t trials = 0;
    const char *format = args_value(c->args, "format");
    c->in.power = 0.8;
    c->in.confidence = 0.95;
    c->in.has_drop = args_has(c->args, "drop");
    c->is_json = format != NULL && strcmp(format, "json") == 0;
    if (format != NULL && !c->is_json && strcmp(format, "terminal") != 0) {
        return err_set(err, ERR_USAGE, "--format is terminal or json, not '%s'", format);
    }
    if (!read_share(c->args, "drop", &c->in.drop, err) || !read_share(c->args, "power", &c->in.power, err) ||
        !read_share(c->args, "confidence", &c->in.confidence, err) ||
        !args_number(c->args, "trials", 1, LIMIT_TRIALS, &trials, err)) {
        return false;
    }
    c->in.trials = (uint32_t)trials;
    return c->in.confidence >= 0.5 || err_set(err, ERR_USAGE, "--confidence below 50%% shows nothing");
}

/* --- what is planned for -------------------------------------------------------------------------------------------------------------------- */

static bool is_judged(const struct run_record *run)
{
    return run->verdict == VERDICT_PASSED || run->verdict == VERDICT_FAILED;
}

/* The newest run of a suite that tells something: all of its variants. */
static bool find_newest(struct plan_command *c, struct str suite, struct err *err)
{
    const struct suite_runs which = {.suite = suite, .only_full = true, .only_original = true, .limit = 100};
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!store_suite_runs(c->store, &c->cli->arena, &which, &runs, &count, err)) {
        return false;
    }
    size_t from = 0;
    while (from < count && !is_judged(&runs[from])) {
        from++;
    }
    if (from == count) {
        return err_set(err, ERR_EMPTY,
                       "suite '%.*s' has no run over all its cases that came to a verdict: assay run it first",
                       STR_ARG(suite));
    }
    c->runs = &runs[from];
    while (from + c->run_count < count && runs[from + c->run_count].invocation == runs[from].invocation) {
        c->run_count++;
    }
    return store_invocation(c->store, &c->cli->arena, runs[from].invocation, &c->invocation, err);
}

/* The runs of one suite among those of an operand. */
static bool choose_runs(struct plan_command *c, const struct stored_runs *found, struct err *err)
{
    c->runs = found->runs;
    c->run_count = found->run_count;
    for (size_t i = 0; i < found->run_count; i++) {
        if (!str_eq(found->runs[i].suite, found->runs[0].suite)) {
            return err_set(err, ERR_USAGE, "the run has several suites: name one, such as assay plan '%.*s'",
                           STR_ARG(found->runs[0].suite));
        }
        if (!is_judged(&found->runs[i])) {
            return err_set(err, ERR_EMPTY, "run %.8s came to no verdict: it tells too little to plan with",
                           id_text(&found->runs[i].id).text);
        }
    }
    return true;
}

/* SUITE by its name or file, else RUN. */
static bool find_runs(struct plan_command *c, struct run_operands *operands, struct err *err)
{
    const char *text = c->args->operands[0];
    bool is_file = file_exists(text) && !str_ends(str_from(text), STR(".jsonl"));
    struct err no_suite = ERR_NULL;
    struct err no_store = ERR_NULL;
    struct str suite = STR_NULL;
    struct stored_runs found;
    bool has_store =
        operands->store != NULL || store_open_named(c->cli, c->args, STORE_READ, &operands->store, &no_store);
    c->store = operands->store;
    if (has_store && suite_operand(c->cli, c->store, text, &suite, &no_suite)) {
        c->suite_file = is_file ? text : NULL;
        return find_newest(c, suite, err);
    }
    if (is_file) {
        *err = has_store ? no_suite : no_store;
        return has_store || err->kind != ERR_EMPTY
                   ? false
                   : err_set(err, ERR_EMPTY, "nothing is stored yet to plan with: assay run %s", text);
    }
    if (!run_operand_open(operands, text, false, &c->store, &found, err)) {
        return false;
    }
    c->invocation = found.invocation;
    return choose_runs(c, &found, err);
}

static enum verdict open_gates(struct plan_command *c, struct suite **ret)
{
    const char *const *gates = args_list(c->args, &c->cli->arena, "gate");
    static const char *const some_baseline[] = {"latest", NULL}; /* which one it is does not matter to the numbers */
    if (c->suite_file == NULL) {
        return suite_open_gates(c->cli, c->store, &c->invocation, c->runs, c->run_count, gates, some_baseline, ret);
    }
    const struct run_flags flags = {.gates = gates, .baselines = some_baseline};
    return suites_open(c->cli, &c->suite_file, 1, &flags, ret);
}

/* --- planning ------------------------------------------------------------------------------------------------------------------------------- */

/* Gates that mean this variant. */
static void choose_gates(struct plan_command *c, const struct suite *suite, struct str variant)
{
    struct gate *gates = arena_array(&c->cli->arena, struct gate, suite->gate_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < suite->gate_count; i++) {
        struct str named = suite->gates[i].expr.left.filter.variant;
        if (named.ptr == NULL || str_eq(named, variant)) {
            gates[count++] = suite->gates[i];
        }
    }
    c->in.gates = gates;
    c->in.gate_count = count;
}

static bool plan_run(struct plan_command *c, const struct suite *suite, const struct run_record *run,
                     struct planning *ret, struct err *err)
{
    struct cli *cli = c->cli;
    const char *const *names = args_list(c->args, &cli->arena, "dimension");
    size_t count = args_count(c->args, "dimension");
    struct str *texts = arena_array(&cli->arena, struct str, count + 1);
    struct stat_ref *stats = NULL;
    struct run_record *version = NULL;
    struct plan_record plan;
    for (size_t i = 0; i < count; i++) {
        texts[i] = str_from(names[i]);
    }
    if (!store_plan(c->store, &cli->arena, run->plan, &plan, err)) {
        return false;
    }
    const struct stat_names wanted = {run, plan.trials, texts, count};
    c->in.store = c->store;
    c->in.run = run;
    choose_gates(c, suite, run->variant);
    if (!runs_of_version(c->store, run, VERSION_RUNS, &cli->arena, &version, &c->in.version_count, err) ||
        !stat_names_read(&wanted, &cli->arena, &stats, &c->in.stat_count, err)) {
        return false;
    }
    c->in.version = version;
    c->in.stats = stats;
    /* with gates of its own the question is those, unless a statistic is named */
    if (count == 0 && args_has(c->args, "gate")) {
        c->in.stat_count = 0;
    }
    return planning_of(&c->in, &cli->arena, ret, err);
}

static bool write_all(struct plan_command *c, const struct planning *plans, struct err *err)
{
    if (!c->is_json) {
        for (size_t i = 0; i < c->run_count; i++) {
            (void)fputs(i == 0 ? "" : "\n", c->cli->out);
            planning_terminal(&plans[i], &c->cli->out_term, c->cli->out);
        }
        return true;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    json_key(&w, "plans");
    json_open_list(&w);
    for (size_t i = 0; i < c->run_count; i++) {
        planning_json(&w, &plans[i]);
    }
    json_close_list(&w);
    json_close_map(&w);
    (void)fprintf(c->cli->out, "%.*s\n", STR_ARG(buf_str(&text)));
    return !text.overflow || err_set(err, ERR_LIMIT, "the plan is too long");
}

static enum verdict plan_run_command(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct run_operands operands CLEANUP(run_operands_close) = {.cli = cli, .args = args};
    struct plan_command c = {.cli = cli, .args = args};
    struct suite *suite = NULL;
    if (args->operand_count != 1) {
        return cli_usage(cli, "for what? assay plan SUITE, or RUN");
    }
    if (!read_options(&c, &err) || !find_runs(&c, &operands, &err)) {
        return cli_fail(cli, &err);
    }
    enum verdict verdict = open_gates(&c, &suite);
    if (verdict != VERDICT_PASSED) {
        return verdict;
    }
    struct planning *plans = arena_array(&cli->arena, struct planning, c.run_count);
    bool ok = true;
    for (size_t i = 0; i < c.run_count && ok; i++) {
        ok = plan_run(&c, suite, &c.runs[i], &plans[i], &err);
    }
    ok = ok && write_all(&c, plans, &err);
    if (c.suite_file != NULL) {
        suites_close(&suite, 1);
    }
    return ok ? VERDICT_PASSED : cli_fail(cli, &err);
}

const struct command command_plan = {
    .name = "plan",
    .operands = "SUITE|RUN",
    .summary = "cases or trials that a threshold or a difference needs, from the noise of stored runs",
    .options = PLAN_OPTIONS,
    .details =
        "Of each dimension: a drop (of measures where lower is better, a rise); of each gate of the suite, and of "
        "--gate: what\n"
        "showing it takes, or how often it fails though nothing changed. SUITE is a name in the store or a suite file, "
        "and\n"
        "stands for its newest run. How much of a run is chance is known from two runs of one version, or two trials.",
    .run = plan_run_command,
};
