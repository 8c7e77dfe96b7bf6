#include <stdlib.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/reports.h"
#include "cli/suites_open.h"
#include "reporters/reporter.h"
#include "run/import.h"
#include "store/store.h"

static const struct option_row IMPORT_OPTIONS[] = {
    {"partial", 0, OPTION_FLAG, NULL, "take a file without its end line as far as it goes"},
    {0},
};

/* The SHA-256 of the run's block as this store would export it: equal content gives equal bytes. */
static bool stored_sha256(struct cli *cli, struct store *store, const struct imported_run *run, struct str *ret,
                          struct err *err)
{
    struct stored_runs runs;
    struct uuid_text id = id_text(&run->id);
    struct report_request request = {reporter_find(STR("jsonl")), NULL};
    char *text = NULL;
    size_t size = 0;
    FILE *out = cli->out;
    if (!stored_runs_find(cli, store, id.text, true, &runs, err)) {
        return false;
    }
    cli->out = open_memstream(&text, &size);
    bool ok = cli->out != NULL && report_write(cli, store, &runs, &request, false, 0, err);
    if (cli->out != NULL) {
        (void)fclose(cli->out);
    }
    cli->out = out;
    size_t at = 0;
    struct str rest = {text, size};
    *ret = STR_NULL;
    while (ok && str_find(rest, STR("\"sha256\":\""), &at)) { /* the last one is the end line's */
        *ret = arena_str(&cli->arena, str_slice(rest, at + 10, at + 74));
        rest = str_slice(rest, at + 10, rest.len);
    }
    free(text);
    return ok;
}

static enum verdict import_run(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    struct imported_run *runs = NULL;
    size_t count = 0;
    if (args->operand_count != 1) {
        return cli_usage(cli, "which file? assay import FILE");
    }
    int fd CLEANUP(file_close) = -1; /* before a store is made for nothing */
    if (!file_open(args->operands[0], &fd, &err)) {
        err.kind = ERR_USAGE;
        return cli_fail(cli, &err);
    }
    if (!store_open_named(cli, args, true, &store, &err) ||
        !import_file(store, &cli->arena, args->operands[0], args_has(args, "partial"), &runs, &count, &err)) {
        return cli_fail(cli, &err);
    }
    for (size_t i = 0; i < count; i++) {
        struct str mine = STR_NULL;
        if (runs[i].was_there && !stored_sha256(cli, store, &runs[i], &mine, &err)) {
            return cli_fail(cli, &err);
        }
        if (runs[i].was_there && !str_eq(mine, runs[i].sha256)) {
            return cli_usage(cli, "run %.8s is in the store with other content: nothing of it was imported",
                             id_text(&runs[i].id).text);
        }
        cli_print(cli->out, "%s %.8s  %.*s [%.*s]  %llu samples\n", runs[i].was_there ? "there already:" : "imported",
                  id_text(&runs[i].id).text, STR_ARG(runs[i].suite), STR_ARG(runs[i].variant),
                  (unsigned long long)runs[i].samples);
    }
    return VERDICT_PASSED;
}

const struct command command_import = {
    .name = "import",
    .operands = "FILE",
    .summary = "bring an exported run (jsonl) in, as the same run",
    .options = IMPORT_OPTIONS,
    .details = "Imported runs are read-only. A run of equal content that is there already is left as it is.",
    .run = import_run,
};
