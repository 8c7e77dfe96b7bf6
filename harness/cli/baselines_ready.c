#include "cli/baselines_ready.h"

#include "base/err.h"
#include "cli/cli.h"
#include "cli/pulling.h"
#include "judge/judge.h"
#include "model/gate.h"
#include "model/suite.h"
#include "run/baselines.h"

/* All of them are looked for, though one is enough to be said. */
static bool look_for(struct cli *cli, struct baseline_finder *finder, const struct suite *suite, struct str variant,
                     struct err *err)
{
    struct run_record run = {.suite = suite->name, .variant = variant};
    bool is_said = false;
    for (size_t i = 0; i < suite->gate_count; i++) {
        const struct gate *gate = &suite->gates[i];
        struct judge_baseline found;
        if (!gate_needs_baseline(gate)) {
            continue;
        }
        if (!baseline_find(finder, gate->baseline != NULL ? gate->baseline : suite->baseline, &run, &found, err)) {
            return false;
        }
        if (found.state == BASELINE_MISSING && gate->severity == GATE_FAIL && !is_said) {
            cli_print(
                cli->errors,
                "assay: no baseline for %.*s [%.*s], so there will be no verdict (exit 4): %.*s\n"
                "hint: the first run of all has nothing to compare with: `missing: skip` lets it pass without, and "
                "then be a baseline\n",
                STR_ARG(run.suite), STR_ARG(run.variant), STR_ARG(found.reason));
            is_said = true;
        }
    }
    return true;
}

bool baselines_ready(struct baseline_puller *puller, struct store *store, struct suite *const *suites, size_t count,
                     struct err *err)
{
    struct cli *cli = puller->cli;
    struct baseline_finder finder CLEANUP(baseline_finder_close) = {
        .arena = &cli->arena, .store = store, .own = store, .asking = baseline_puller_asking(puller)};
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < suites[i]->variant_count; k++) {
            if (!look_for(cli, &finder, suites[i], suites[i]->variants[k].name, err)) {
                return false;
            }
        }
    }
    return true;
}
