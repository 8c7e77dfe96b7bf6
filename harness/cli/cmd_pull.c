#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "cli/access.h"
#include "cli/cli.h"
#include "cli/imported.h"
#include "cli/suite_operand.h"
#include "cli/suites_open.h"
#include "model/labels.h"
#include "run/pull.h"
#include "store/store.h"

static const struct option_row PULL_OPTIONS[] = {
    {"latest", 0, OPTION_VALUE, "SUITE", "the newest run of this suite that may be a baseline"},
    {"label", 0, OPTION_LIST, "KEY=VALUE", "with --latest: only runs with this label; repeatable"},
    {0},
};

struct pulling {
    struct cli *cli;
    const struct args *args;
    struct pull pull;
    struct uuid *runs;
    size_t run_count;
};

static bool find_latest(struct pulling *p, const char *suite, struct err *err)
{
    struct str name = str_from(suite);
    struct str labels = STR_NULL;
    if (!labels_wanted(p->cli, p->args, &labels, err) ||
        (file_exists(suite) && !suite_name_of_file(p->cli, suite, &name, err))) {
        return false;
    }
    struct value wanted = labels_read(&p->cli->arena, labels.ptr == NULL ? STR("{}") : labels);
    return pull_latest(&p->pull, &p->cli->arena, name, &wanted, &p->runs, &p->run_count, err);
}

static bool pull_all(struct pulling *p, struct err *err)
{
    const char *suite = args_value(p->args, "latest");
    if (suite != NULL && !find_latest(p, suite, err)) {
        return false;
    }
    for (size_t i = 0; i < p->run_count; i++) {
        struct imported_run run;
        if (!pull_run(&p->pull, &p->cli->arena, &p->runs[i], &run, err)) {
            return false;
        }
        imported_print(p->cli, &run, "pulled");
    }
    return true;
}

static enum verdict pull_command(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct store *store CLEANUP(store_close) = NULL;
    struct uuid run;
    struct pulling p = {.cli = cli, .args = args, .runs = &run, .run_count = 1};
    bool is_latest = args_value(args, "latest") != NULL;
    if (args->operand_count != (is_latest ? 0 : 1)) {
        return cli_usage(cli, "which run? assay pull TRACE, or assay pull --latest SUITE");
    }
    if (!is_latest && args_has(args, "label")) {
        return cli_usage(cli, "--label goes with --latest SUITE");
    }
    if (!is_latest && !id_parse(str_from(args->operands[0]), &run)) {
        return cli_usage(cli, "'%s' is no trace: its whole id is wanted (a run's id, as on Opper and in `assay show`)",
                         args->operands[0]);
    }
    if (!access_open(cli, &err) || !service_check_key(&cli->service, "assay pull", &err) ||
        !store_open_named(cli, args, STORE_WRITE, &store, &err)) {
        return cli_fail(cli, &err);
    }
    const struct pull_order order = {
        .store = store,
        .temp_dir = arena_cstr(&cli->arena, file_dir(str_from(store_named_path(cli, args)))),
        .clock = cli->clock,
        .service = &cli->service,
        .settings = {.redactor = access_redactor(cli), .ca_file = environment_get(&cli->env, STR("SSL_CERT_FILE"))},
    };
    bool ok = pull_open(&p.pull, &order, &err) && pull_all(&p, &err);
    pull_close(&p.pull);
    return ok ? VERDICT_PASSED : cli_fail(cli, &err);
}

const struct command command_pull = {
    .name = "pull",
    .operands = "TRACE",
    .summary = "bring a run that was recorded on Opper in, as the same run",
    .options = PULL_OPTIONS,
    .details = "TRACE is the run's id. Pulled runs are read-only: to compare with, to report, a baseline on a fresh "
               "machine. A run that is there already is left as it is.",
    .run = pull_command,
};
