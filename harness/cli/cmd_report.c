#include "base/err.h"
#include "cli/cli.h"
#include "cli/reports.h"
#include "cli/run_operand.h"
#include "cli/suites_open.h"
#include "store/store.h"

static const struct option_row REPORT_OPTIONS[] = {
    {"format", 'r', OPTION_LIST, "FORMAT[=FILE]", "which report; repeatable (assay help reporters; default terminal)"},
    {"verbose", 'v', OPTION_FLAG, NULL, "more of each sample in the terminal report"},
    {0},
};

static enum verdict report_run(struct cli *cli, const struct args *args)
{
    static const char *const terminal[] = {"terminal", NULL};
    struct err err = ERR_NULL;
    struct run_operands operands CLEANUP(run_operands_close) = {.cli = cli, .args = args};
    struct store *store = NULL;
    struct stored_runs runs;
    struct report_set set;
    const char *const *formats = args_list(args, &cli->arena, "format");
    if (args->operand_count > 1) {
        return cli_usage(cli, "one run at a time: assay report RUN --format FORMAT[=FILE]");
    }
    if (!report_requests(cli, formats == NULL ? terminal : formats, &set, &err) ||
        !report_files_check(&set, store_named_path(cli, args), NULL, 0, &err) ||
        !run_operand_open(&operands, args->operand_count == 0 ? "latest" : args->operands[0], true, &store, &runs,
                          &err)) {
        return cli_fail(cli, &err);
    }
    for (size_t i = 0; i < set.count; i++) {
        if (set.requests[i].file != NULL && run_operands_read(&operands, set.requests[i].file)) {
            return cli_usage(cli, "--format: '%s' is the file that is reported on", set.requests[i].file);
        }
    }
    for (size_t i = 0; i < set.count; i++) {
        if (!report_write(cli, store, &runs, &set.requests[i], args_has(args, "verbose"), 0, &err)) {
            return cli_fail(cli, &err);
        }
    }
    return VERDICT_PASSED;
}

const struct command command_report = {
    .name = "report",
    .operands = "[RUN]",
    .summary = "any report of a stored run",
    .options = REPORT_OPTIONS,
    .run = report_run,
};
