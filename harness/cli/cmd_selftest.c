#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/run_operand.h"
#include "cli/suites_open.h"
#include "data/json.h"
#include "judge/selftest.h"
#include "judge/selftest_json.h"
#include "reporters/selftest_terminal.h"
#include "store/store.h"

static const struct option_row SELFTEST_OPTIONS[] = {
    {"gate", 'g', OPTION_LIST, "GATE", "test this gate, too; repeatable"},
    {"draws", 0, OPTION_VALUE, "N", "how often is drawn and judged (default 2000)"},
    {"seed", 0, OPTION_VALUE, "N", "of the draws (default: from the first run's id)"},
    {"format", 0, OPTION_VALUE, "terminal|json", "json: one document"},
    {0},
};

enum { SHOWN_AFTER_MS = 500, SHOWN_EVERY_MS = 100 };

/* A line on a terminal that says how far it is, once it takes long enough to wonder. */
struct progress {
    struct cli *cli;
    uint64_t draws;
    int64_t next_ns; /* when the line is due */
    bool has_line;
};

static void show_progress(void *context, uint64_t done)
{
    struct progress *p = context;
    if (clock_ns(p->cli->clock) >= p->next_ns) {
        (void)fprintf(p->cli->errors, "\rdrawing: %3llu%%", (unsigned long long)(done * 100 / p->draws));
        (void)fflush(p->cli->errors);
        p->next_ns = clock_ns(p->cli->clock) + SHOWN_EVERY_MS * NS_PER_MS;
        p->has_line = true;
    }
}

static void end_progress(struct progress *p)
{
    (void)fputs(p->has_line ? "\r\x1b[K" : "", p->cli->errors);
}

struct found_source {
    struct store *store;
    struct stored_runs runs;
};

static bool has_one_suite(const struct stored_runs *found, const char *name, struct err *err)
{
    for (size_t i = 1; i < found->run_count; i++) {
        if (!str_eq(found->runs[i].suite, found->runs[0].suite)) {
            return err_set(err, ERR_USAGE, "'%s' has several suites: name a run of one, by its id or as RUN/VARIANT",
                           name);
        }
    }
    return true;
}

static bool find_sources(struct cli *cli, const struct args *args, struct run_operands *operands,
                         struct found_source **ret, struct err *err)
{
    struct found_source *sources = arena_array(&cli->arena, struct found_source, args->operand_count);
    for (size_t i = 0; i < args->operand_count; i++) {
        if (!run_operand_open(operands, args->operands[i], false, &sources[i].store, &sources[i].runs, err) ||
            !has_one_suite(&sources[i].runs, args->operands[i], err)) {
            return false;
        }
    }
    *ret = sources;
    return true;
}

static bool write_result(struct cli *cli, const struct selftest *t, bool is_json, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    if (!is_json) {
        selftest_terminal(t, &cli->out_term, &scratch, cli->out);
        return true;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    selftest_json(&w, t);
    (void)fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&text)));
    return !text.overflow || err_set(err, ERR_LIMIT, "the result is too long");
}

static enum verdict selftest_found(struct cli *cli, const struct args *args, const struct found_source *found,
                                   struct selftest_in *in, bool is_json)
{
    static const char *const some_baseline[] = {"latest", NULL}; /* the other run takes its place */
    struct err err = ERR_NULL;
    struct suite *suite = NULL;
    struct selftest result;
    struct selftest_source *sources = arena_array(&cli->arena, struct selftest_source, args->operand_count);
    enum verdict verdict =
        suite_open_gates(cli, found[0].store, &found[0].runs.invocation, found[0].runs.runs, found[0].runs.run_count,
                         args_list(args, &cli->arena, "gate"), some_baseline, &suite);
    if (verdict != VERDICT_PASSED) {
        return verdict;
    }
    for (size_t i = 0; i < args->operand_count; i++) {
        sources[i] = (struct selftest_source){found[i].store, found[i].runs.runs, found[i].runs.run_count};
    }
    in->sources = sources;
    in->source_count = args->operand_count;
    in->suite = suite;
    struct progress progress = {
        .cli = cli, .draws = in->draws, .next_ns = clock_ns(cli->clock) + SHOWN_AFTER_MS * NS_PER_MS};
    in->progress = cli->err_term.is_tty ? show_progress : NULL;
    in->context = &progress;
    bool ok = selftest_of(in, &cli->arena, &result, &err);
    end_progress(&progress);
    return ok && write_result(cli, &result, is_json, &err) ? VERDICT_PASSED : cli_fail(cli, &err);
}

static enum verdict selftest_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct run_operands operands CLEANUP(run_operands_close) = {.cli = cli, .args = args};
    struct found_source *found = NULL;
    struct selftest_in in = {.draws = SELFTEST_DRAWS, .has_seed = args_has(args, "seed")};
    const char *format = args_value(args, "format");
    bool is_json = format != NULL && strcmp(format, "json") == 0;
    if (args->operand_count == 0) {
        return cli_usage(
            cli, "of which runs? assay selftest RUN RUN... (runs of one version), or one RUN with two trials or more");
    }
    if (format != NULL && !is_json && strcmp(format, "terminal") != 0) {
        return cli_usage(cli, "--format is terminal or json, not '%s'", format);
    }
    if (!args_number(args, "draws", 1, SELFTEST_DRAWS_MAX, &in.draws, &err) ||
        !args_number(args, "seed", 0, UINT64_MAX, &in.seed, &err) ||
        !find_sources(cli, args, &operands, &found, &err)) {
        return cli_fail(cli, &err);
    }
    return selftest_found(cli, args, found, &in, is_json);
}

const struct command command_selftest = {
    .name = "selftest",
    .operands = "RUN...",
    .summary = "how often the gates of a suite alarm although nothing changed",
    .options = SELFTEST_OPTIONS,
    .details = "Draws runs between which nothing changed and judges them, again and again: from two runs or more of "
               "one version,\n"
               "or from one run with two trials of each case or more. Gates against a baseline see two mixed runs; all "
               "others see\n"
               "one whose cases are drawn anew. Gates that alarm more often than they may are named, with what helps.",
    .run = selftest_run,
};
