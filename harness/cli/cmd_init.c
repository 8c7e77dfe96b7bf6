#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "cli/cli.h"

static const struct option_row INIT_OPTIONS[] = {
    {"force", 0, OPTION_FLAG, NULL, "overwrite a file that is there"},
    {0},
};

/* A first suite that runs as it is, without a key or a network: its target is awk, which every system has. */
static const char FIRST_SUITE[] =
    "# A first suite: run it with `assay run suite.yaml`, then make it yours.\n"
    "# `assay help suite` lists every key, `assay check suite.yaml` finds every fault.\n"
    "suite: first-suite\n"
    "description: support tickets sorted into queues\n"
    "\n"
    "# What is under test. Here a program: it gets the input on stdin, its stdout is the output.\n"
    "# Yours may be `command: [python3, my_app.py]`, or `replay: \"{{output}}\"` for outputs recorded earlier.\n"
    "target:\n"
    "  command:\n"
    "    - awk\n"
    "    - '{ s = tolower($0); print (s ~ /charge|invoice|refund/ ? \"billing\" : s ~ /crash|error/ ? \"bug\" : "
    "\"other\") }'\n"
    "  stdin: text\n"
    "timeout: 10s\n"
    "\n"
    "# One input each, with what is expected. Many cases live in a file instead:\n"
    "# dataset: {file: cases.jsonl, input: \"{{question}}\", expected: \"{{answer}}\"}\n"
    "cases:\n"
    "  - {id: double-charge, input: \"I see a second charge on my card\", expected: billing, tags: [easy]}\n"
    "  - {id: crash, input: \"The app crashes when I open a photo\", expected: bug, tags: [easy]}\n"
    "  - {id: hours, input: \"When are you open?\", expected: other, tags: [easy]}\n"
    "  - {id: money-gone, input: \"Money was taken twice, and nobody answers\", expected: billing, tags: [hard]}\n"
    "\n"
    "# Every scorer records a dimension for every case (`assay help scorers`).\n"
    "scorers:\n"
    "  - one_of: {values: [billing, bug, other], expected: \"{{expected}}\", dimension: queue}\n"
    "  - length: {max: 20}\n"
    "  - latency: {max: 5s, optional: true}\n"
    "\n"
    "# What has to hold. The exit code says whether it does: 0 passed, 1 failed (`assay help gates`).\n"
    "gates:\n"
    "  - queue.pass_rate >= 75%\n"
    "  - \"queue.pass_rate[tag=easy] >= 100%\"\n"
    "  - errors <= 0\n";

static enum verdict init_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    const char *path = args->operand_count == 0 ? "suite.yaml" : args->operands[0];
    if (args->operand_count > 1) {
        return cli_usage(cli, "one file: assay init [FILE]");
    }
    if (file_exists(path) && !args_has(args, "force")) {
        return cli_usage(cli, "'%s' is there already; --force overwrites it", path);
    }
    if (!file_write(path, (struct str){FIRST_SUITE, sizeof(FIRST_SUITE) - 1}, &err)) {
        return cli_fail(cli, &err);
    }
    cli_print(cli->out, "wrote %s\nnext: assay run %s\n", path, path);
    return VERDICT_PASSED;
}

const struct command command_init = {
    .name = "init",
    .ignores_project = true,
    .operands = "[FILE]",
    .summary = "write a commented suite to start from",
    .options = INIT_OPTIONS,
    .run = init_run,
};
