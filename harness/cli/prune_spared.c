#include "cli/prune_spared.h"

#include "base/arena.h"
#include "base/err.h"
#include "cli/cli.h"
#include "cli/suites_open.h"
#include "judge/judge.h"
#include "run/baselines.h"
#include "store/prune.h"
#include "store/store.h"

static void add(struct cli *cli, struct spared_runs *s, struct str id, struct str why)
{
    *vec_push(&cli->arena, &s->runs) = (struct spared_run){id, why};
}

/* --- what suites would be judged against now ------------------------------------------------------------------------------------------------- */

/* Each place for itself: the first that has a baseline is taken when judging, and which that is may change. */
static bool add_places(struct cli *cli, struct store *store, struct spared_runs *s, const struct suite *suite,
                       const struct baseline_list *list, struct err *err)
{
    struct baseline_finder finder CLEANUP(baseline_finder_close) = {.arena = &cli->arena, .store = store, .own = store};
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        struct baseline_source *source = &list->items[i];
        const struct baseline_list one = {source, 1};
        for (size_t v = 0; v < suite->variant_count; v++) {
            const struct run_record next = {.suite = suite->name, .variant = suite->variants[v].name};
            struct judge_baseline found = {0};
            if (source->kind == BASELINE_FILE || source->kind == BASELINE_VARIANT) {
                continue;
            }
            if (!baseline_find(&finder, &one, &next, &found, err)) {
                return false;
            }
            for (size_t r = 0; found.state == BASELINE_USED && r < found.run_count; r++) {
                add(cli, s, arena_str(&cli->arena, str_from(id_text(&found.runs[r].id).text)),
                    arena_printf(&cli->arena, "suite '%.*s' has it as its baseline (%.*s)", STR_ARG(suite->name),
                                 STR_ARG(source->shown)));
            }
        }
    }
    return true;
}

static bool add_suite(struct cli *cli, struct store *store, struct spared_runs *s, const struct suite *suite,
                      struct err *err)
{
    if (!add_places(cli, store, s, suite, suite->baseline, err)) {
        return false;
    }
    for (size_t i = 0; i < suite->gate_count; i++) {
        if (!add_places(cli, store, s, suite, suite->gates[i].baseline, err)) {
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
static bool add_newest(struct cli *cli, struct store *store, struct spared_runs *s, struct str suite, struct err *err)
{
    const struct suite_runs which = {.suite = suite, .limit = 1};
    struct run_record *newest = NULL;
    struct run_record *runs = NULL;
    struct invocation_record invocation;
    size_t count = 0;
    struct suite **suites = NULL;
    size_t suite_count = 0;
    if (!store_suite_runs(store, &cli->arena, &which, &newest, &count, err)) {
        return false;
    }
    if (count == 0) {
        return true;
    }
    if (!store_invocation(store, &cli->arena, newest[0].invocation, &invocation, err) ||
        !store_runs_of(store, &cli->arena, invocation.seq, &runs, &count, err)) {
        return false;
    }
    if (suites_open_stored(cli, store, &invocation, &suites, &suite_count) != VERDICT_PASSED) {
        *vec_push(&cli->arena, &s->suites) = (struct spared_run){
            suite,
            arena_printf(&cli->arena, "suite '%.*s' cannot be read as run %.8s has it, so nobody knows its baselines",
                         STR_ARG(suite), id_text(&newest[0].id).text)};
        return true;
    }
    bool ok = true;
    for (size_t i = 0; ok && i < suite_count; i++) {
        ok = !str_eq(suites[i]->name, suite) || add_suite(cli, store, s, suites[i], err);
    }
    suites_close(suites, suite_count);
    for (size_t i = 0; ok && i < count; i++) {
        ok = !str_eq(runs[i].suite, suite) || add_judged(cli, s, &runs[i], err);
    }
    return ok;
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
