#include "base/buf.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "suites/schema.h"

static enum verdict schema_run(struct cli *cli, const struct args *args)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    if (args->operand_count > 0) {
        return cli_usage(cli, "schema takes no operand");
    }
    schema_write(&cli->arena, &text);
    (void)fprintf(cli->out, "%.*s\n", STR_ARG(buf_str(&text)));
    return VERDICT_PASSED;
}

const struct command command_schema = {
    .name = "schema",
    .ignores_project = true,
    .operands = "",
    .summary = "JSON Schema of the suite language, for editors",
    .run = schema_run,
};
