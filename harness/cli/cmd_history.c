#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "cli/cli.h"
#include "cli/suite_operand.h"
#include "cli/suites_open.h"
#include "data/json.h"
#include "judge/history.h"
#include "judge/history_json.h"
#include "reporters/history_terminal.h"
#include "store/store.h"

static const struct option_row HISTORY_OPTIONS[] = {
    {"dimension", 'd', OPTION_LIST, "STAT", "a dimension, or a statistic of it: answer, latency_ms.p95; repeatable"},
    {"variant", 0, OPTION_VALUE, "NAME", "only this variant (default: all of the newest run)"},
    {"last", 'n', OPTION_VALUE, "N", "the newest N runs (default 30)"},
    {"label", 0, OPTION_LIST, "KEY=VALUE", "only runs with this label; repeatable"},
    {"seed", 0, OPTION_VALUE, "N", "of the permutations (default: from the oldest run's id)"},
    {"format", 0, OPTION_VALUE, "terminal|json", "json: one document"},
    {0},
};

enum { DEFAULT_LAST = 30 };

static bool history_options(struct cli *cli, const struct args *args, struct history_in *ret, struct err *err)
{
    const char *const *stats = args_list(args, &cli->arena, "dimension");
    size_t count = args_count(args, "dimension");
    uint64_t last = DEFAULT_LAST;
    struct str *texts = arena_array(&cli->arena, struct str, count + 1);
    for (size_t i = 0; i < count; i++) {
        texts[i] = str_from(stats[i]);
    }
    ret->stats = texts;
    ret->stat_count = count;
    ret->has_seed = args_has(args, "seed");
    if (!args_number(args, "last", 1, HISTORY_RUNS_MAX, &last, err) ||
        !args_number(args, "seed", 0, UINT64_MAX, &ret->seed, err) || !labels_wanted(cli, args, &ret->labels, err)) {
        return false;
    }
    ret->last = (size_t)last;
    return true;
}

static void write_terminal(struct cli *cli, const struct history *histories, size_t count, bool is_chosen)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct history_view view = {
        .out = cli->out, .term = cli->out_term, .is_unicode = cli_is_unicode(cli), .is_all_shown = is_chosen};
    for (size_t i = 0; i < count; i++) {
        (void)fputs(i == 0 ? "" : "\n", cli->out);
        history_terminal(&histories[i], &view, &scratch);
        arena_reset(&scratch);
    }
}

static bool write_json(struct cli *cli, struct str suite, const struct history *histories, size_t count,
                       struct err *err)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    json_put_text(&w, "suite", suite);
    json_key(&w, "histories");
    json_open_list(&w);
    for (size_t i = 0; i < count; i++) {
        history_json(&w, &histories[i]);
    }
    json_close_list(&w);
    json_close_map(&w);
    if (text.overflow) {
        return err_set(err, ERR_LIMIT, "the history is longer than %d bytes: ask for fewer runs or dimensions",
                       (int)LIMIT_JSON_BYTES);
    }
    (void)fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&text)));
    return true;
}

static bool history_write(struct cli *cli, const struct args *args, struct store *store, bool is_json, struct err *err)
{
    struct history_in in = {.store = store};
    struct str *variants = NULL;
    size_t count = 0;
    if (!history_options(cli, args, &in, err) || !suite_operand(cli, store, args->operands[0], &in.suite, err) ||
        !suite_variants(cli, store, in.suite, args_value(args, "variant"), in.labels, &variants, &count, err)) {
        return false;
    }
    struct history *histories = arena_array(&cli->arena, struct history, count);
    for (size_t i = 0; i < count; i++) {
        in.variant = variants[i];
        if (!history_of(&in, &cli->arena, &histories[i], err)) {
            return false;
        }
    }
    if (is_json) {
        return write_json(cli, in.suite, histories, count, err);
    }
    write_terminal(cli, histories, count, in.stat_count > 0);
    return true;
}

static enum verdict history_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    const char *format = args_value(args, "format");
    bool is_json = format != NULL && strcmp(format, "json") == 0;
    if (args->operand_count != 1) {
        return cli_usage(cli, "which suite? assay history SUITE (a name or a file; assay list shows what there is)");
    }
    if (format != NULL && !is_json && strcmp(format, "terminal") != 0) {
        return cli_usage(cli, "--format is terminal or json, not '%s'", format);
    }
    if (!store_open_named(cli, args, STORE_READ, &store, &err) || !history_write(cli, args, store, is_json, &err)) {
        return cli_fail(cli, &err);
    }
    return VERDICT_PASSED;
}

const struct command command_history = {
    .name = "history",
    .operands = "SUITE",
    .summary = "a suite's figures over its last runs: where they changed, which cases flip",
    .options = HISTORY_OPTIONS,
    .details =
        "SUITE is the name of a suite in the store, or a suite file. Finished runs of all cases count, no rescores;\n"
        "figures are over the cases that the runs have in common. A dimension alone is its pass rate when it is\n"
        "yes or no, else its mean; a statistic may be narrowed: answer.mean[tag=hard].",
    .run = history_run,
};
