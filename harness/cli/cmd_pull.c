#include <string.h>

#include "base/err.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/imported.h"
#include "cli/pulling.h"
#include "cli/suite_operand.h"
#include "cli/suites_open.h"
#include "model/labels.h"

static const struct option_row PULL_OPTIONS[] = {
    {"latest", 0, OPTION_VALUE, "SUITE", "the newest run of this suite that may be a baseline"},
    {"label", 0, OPTION_LIST, "KEY=VALUE", "with --latest: only runs with this label; repeatable"},
    {0},
};

struct wanted {
    struct cli *cli;
    const struct args *args;
    struct pulling pulling;
    struct uuid *runs;
    size_t run_count;
    bool has_stale; /* one that was left as it is has changed on Opper */
};

static bool find_latest(struct wanted *p, const char *suite, struct err *err)
{
    struct str name = str_from(suite);
    struct str labels = STR_NULL;
    if (!labels_wanted(p->cli, p->args, &labels, err) ||
        (file_exists(suite) && !suite_name_of_file(p->cli, suite, &name, err))) {
        return false;
    }
    struct value wanted = labels_read(&p->cli->arena, labels.ptr == NULL ? STR("{}") : labels);
    bool is_file = file_exists(suite);
    bool ok = pull_latest(&p->pulling.pull, &p->cli->arena, name, &wanted, &p->runs, &p->run_count, err);
    if (!ok && err->kind == ERR_EMPTY && !is_file && (str_ends(name, STR(".yaml")) || str_ends(name, STR(".yml")))) {
        return err_set(err, ERR_EMPTY, "there is no file '%s', and Opper has no good run of a suite named so", suite);
    }
    return ok;
}

static bool pull_all(struct wanted *p, struct err *err)
{
    const char *suite = args_value(p->args, "latest");
    if (suite != NULL && !find_latest(p, suite, err)) {
        return false;
    }
    for (size_t i = 0; i < p->run_count; i++) {
        struct imported_run run;
        if (!pull_run(&p->pulling.pull, &p->cli->arena, &p->runs[i], &run, err)) {
            return false;
        }
        imported_print(p->cli, &run, "pulled");
        bool has_changed = false;
        if (run.was_there && !pull_has_changed(&p->pulling.pull, &p->cli->arena, &run.id, &has_changed, err)) {
            return false;
        }
        if (has_changed) {
            p->has_stale = true;
            cli_print(p->cli->errors,
                      "assay: run %.8s was changed on Opper since it was pulled, and is left here as it was\n"
                      "the new one, in a store of its own: assay pull %s --db FILE\n",
                      id_text(&run.id).text, id_text(&run.id).text);
        }
    }
    return true;
}

static enum verdict pull_command(struct cli *cli, const struct args *args)
{
    struct err err = ERR_NULL;
    struct uuid run;
    struct wanted p = {.cli = cli, .args = args, .runs = &run, .run_count = 1};
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
    bool ok = pulling_open(&p.pulling, cli, args, "assay pull", &err) && pull_all(&p, &err);
    pulling_close(&p.pulling);
    return !ok ? cli_fail(cli, &err) : p.has_stale ? VERDICT_USAGE : VERDICT_PASSED;
}

const struct command command_pull = {
    .name = "pull",
    .operands = "TRACE",
    .summary = "bring a run that was recorded on Opper in, as the same run",
    .options = PULL_OPTIONS,
    .details =
        "TRACE is the run's id. Pulled runs are read-only: to compare with, to report, a baseline on a fresh "
        "machine. A run that is there already is left as it is, and only its root is looked at: one that was ended "
        "anew since (resumed, say) is named (exit 2). What somebody changed of its cases or metrics on Opper is "
        "not noticed.",
    .run = pull_command,
};
