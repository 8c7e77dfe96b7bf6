#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/imported.h"
#include "cli/reports.h"
#include "cli/suites_open.h"
#include "reporters/reporter.h"
#include "run/import.h"
#include "store/store.h"

static const struct option_row IMPORT_OPTIONS[] = {
    {"partial", 0, OPTION_FLAG, NULL, "take a file without its end line as far as it goes"},
    {0},
};

enum { END_BYTES = 4096 }; /* more than the last line of an export has */

static void close_file(FILE **file)
{
    if (*file != NULL) {
        (void)fclose(*file);
    }
}

/* What the last line says. */
static struct str end_sha256(struct cli *cli, FILE *file)
{
    static const struct str KEY = {"\"sha256\":\"", 10};
    char room[END_BYTES];
    bool is_long = fseek(file, -(long)sizeof(room), SEEK_END) == 0;
    if (!is_long) {
        rewind(file);
    }
    struct str rest = {room, fread(room, 1, sizeof(room), file)};
    struct str found = STR_NULL;
    size_t at = 0;
    while (str_find(rest, KEY, &at)) {
        rest = str_slice(rest, at + KEY.len, rest.len);
        found = str_slice(rest, 0, 64);
    }
    return arena_str(&cli->arena, found);
}

/* The SHA-256 of the run's block as this store would export it: equal content gives equal bytes. The export may be large; it is not kept. */
static bool stored_sha256(struct cli *cli, struct store *store, const struct imported_run *run, struct str *ret,
                          struct err *err)
{
    struct stored_runs runs;
    struct uuid_text id = id_text(&run->id);
    struct report_request request = {reporter_find(STR("jsonl")), NULL};
    FILE *out = cli->out;
    if (!stored_runs_find(cli, store, id.text, true, &runs, err)) {
        return false;
    }
    FILE *export CLEANUP(close_file) = tmpfile();
    if (export == NULL) {
        return err_set_sys(err, ERR_IO, errno, "cannot make a temporary file");
    }
    cli->out = export;
    bool ok = report_write(cli, store, &runs, &request, false, 0, err);
    cli->out = out;
    *ret = ok ? end_sha256(cli, export) : STR_NULL;
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
    const struct import_from from = {
        .path = args->operands[0], .is_partial = args_has(args, "partial"), .origin = ORIGIN_IMPORTED};
    if (!store_open_named(cli, args, STORE_WRITE, &store, &err) ||
        !import_file(store, &cli->arena, &from, &runs, &count, &err)) {
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
        imported_print(cli, &runs[i], "imported");
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
