#include "cli/prune_spared.h"

#include "base/arena.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/suites_open.h"
#include "judge/judge.h"
#include "run/baselines.h"
#include "store/prune.h"
#include "store/store.h"

enum { NEWEST_RUNS = 1024 };

static void add(struct cli *cli, struct spared_runs *s, struct str id, struct str why)
{
    *vec_push(&cli->arena, &s->runs) = (struct spared_run){id, why};
}

/* --- what suites would be judged against now ------------------------------------------------------------------------------------------------- */

/* Each place for itself: the first that has a baseline is taken when judging, and which that is may change. */
static bool add_places(struct cli *cli, struct store *store, struct spared_runs *s, const struct run_record *like,
                       const struct baseline_list *list, struct err *err)
{
    struct baseline_finder finder CLEANUP(baseline_finder_close) = {.arena = &cli->arena, .store = store, .own = store};
    const struct run_record next = {.suite = like->suite, .variant = like->variant};
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        struct baseline_source *source = &list->items[i];
        const struct baseline_list one = {source, 1};
        struct judge_baseline found = {0};
        if (source->kind == BASELINE_FILE || source->kind == BASELINE_VARIANT) {
            continue;
        }
        if (!baseline_find(&finder, &one, &next, &found, err)) {
            return false;
        }
        for (size_t r = 0; found.state == BASELINE_USED && r < found.run_count; r++) {
            add(cli, s, arena_str(&cli->arena, str_from(id_text(&found.runs[r].id).text)),
                arena_printf(&cli->arena, "suite '%.*s' has it as its baseline (%.*s)", STR_ARG(like->suite),
                             STR_ARG(source->shown)));
        }
    }
    return true;
}

static bool add_suite(struct cli *cli, struct store *store, struct spared_runs *s, const struct suite *suite,
                      const struct run_record *like, struct err *err)
{
    if (!add_places(cli, store, s, like, suite->baseline, err)) {
        return false;
    }
    for (size_t i = 0; i < suite->gate_count; i++) {
        if (!add_places(cli, store, s, like, suite->gates[i].baseline, err)) {
            return false;
        }
    }
    return true;
}

/* --- what they were judged against ------------------------------------------------------------------------------------------------------------ */

static bool add_judged(struct cli *cli, struct spared_runs *s, const struct run_record *run, struct err *err)
{
    struct summary summary = {0};
    if (run->summary.len > 0 && !summary_from_json(run->summary, &cli->arena, &summary, err)) {
        return false;
    }
    for (size_t i = 0; i < summary.baseline_count; i++) {
        const struct baseline_summary *b = &summary.baselines[i];
        for (size_t j = 0; j < b->run_count; j++) {
            add(cli, s, b->runs[j],
                arena_printf(&cli->arena, "the newest run of '%.*s' was judged against it (%.*s)", STR_ARG(run->suite),
                             STR_ARG(b->source)));
        }
    }
    return true;
}

/* The newest run of a suite, whatever its kind, tells what the suite says now. */
static bool add_newest(struct cli *cli, struct store *store, struct spared_runs *s, struct str name, struct err *err)
{
    const struct suite_runs which = {.suite = name, .limit = NEWEST_RUNS};
    struct run_record *runs = NULL; /* of its invocation: the variants */
    struct invocation_record invocation;
    size_t count = 0;
    size_t variants = 0;
    struct suite *suite = NULL;
    if (!store_suite_runs(store, &cli->arena, &which, &runs, &count, err)) {
        return false;
    }
    while (variants < count && runs[variants].invocation == runs[0].invocation) {
        variants++;
    }
    if (variants == 0) {
        return true;
    }
    if (!store_invocation(store, &cli->arena, runs[0].invocation, &invocation, err)) {
        return false;
    }
    if (suite_open_gates(cli, store, &invocation, runs, variants, NULL, NULL, &suite) != VERDICT_PASSED) {
        *vec_push(&cli->arena, &s->suites) = (struct spared_run){
            name,
            arena_printf(&cli->arena, "suite '%.*s' cannot be read as run %.8s has it, so nobody knows its baselines",
                         STR_ARG(name), id_text(&runs[0].id).text)};
        return true;
    }
    for (size_t i = 0; i < variants; i++) {
        if (!add_suite(cli, store, s, suite, &runs[i], err) || !add_judged(cli, s, &runs[i], err)) {
            return false;
        }
    }
    return true;
}

bool spared_runs_find(struct cli *cli, struct store *store, struct spared_runs *ret, struct err *err)
{
    struct str *names = NULL;
    size_t count = 0;
    if (!store_suites(store, &cli->arena, &names, &count, err)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!add_newest(cli, store, ret, names[i], err)) {
            return false;
        }
    }
    return true;
}

struct str spared_runs_why(const struct spared_runs *s, const struct prune_item *item)
{
    for (size_t r = 0; r < item->run_count; r++) {
        struct uuid_text id = id_text(&item->runs[r].id);
        for (size_t i = 0; i < s->runs.len; i++) {
            if (str_eq_cstr(s->runs.items[i].id, id.text)) {
                return s->runs.items[i].why;
            }
        }
        for (size_t i = 0; i < s->suites.len; i++) {
            if (str_eq(s->suites.items[i].id, item->runs[r].suite)) {
                return s->suites.items[i].why;
            }
        }
    }
    return STR_NULL;
}
