#include "judge/history_private.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "judge/judge.h"
#include "judge/version.h"
#include "store/store.h"

bool night_has_figures(const struct night *night)
{
    return night->run->verdict == VERDICT_PASSED || night->run->verdict == VERDICT_FAILED;
}

/* --- runs --------------------------------------------------------------------------------------------------------------------------------- */

static struct str keep_text(struct history_work *w, struct str text)
{
    return text.len == 0 ? STR_NULL : arena_str(w->arena, text);
}

static bool night_open(struct history_work *w, size_t at, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct night *night = &w->nights[at];
    struct history_run *shown = &w->ret->runs[night_place(w, at)];
    struct run_version version;
    struct plan_record plan;
    struct summary summary = {0};
    if (!run_version(w->in->store, night->run, &scratch, &version, err) ||
        !store_plan(w->in->store, &scratch, night->run->plan, &plan, err) ||
        (night->run->summary.len > 0 && !summary_from_json(night->run->summary, &scratch, &summary, err))) {
        return false;
    }
    night->suite_digest = plan.suite_digest;
    night->plan_digest = plan.plan_digest;
    night->skipped = plan.skipped_count;
    night->trials = plan.trials == 0 ? 1 : plan.trials;
    *shown = (struct history_run){
        .id = arena_str(w->arena, str_from(id_text(&night->run->id).text)),
        .started_unix_ms = night->run->started_unix_ms,
        .finished_unix_ms = night->run->finished_unix_ms,
        .commit = keep_text(w, labels_get(&version.labels, LABEL_COMMIT)),
        .branch = keep_text(w, labels_get(&version.labels, LABEL_BRANCH)),
        .tree = labels_tree(&version.labels),
        .verdict = night->run->verdict,
        .has_figures = night_has_figures(night),
        .attempt = summary.attempt,
        .trials = night->trials,
    };
    night->version = version.digest;
    return true;
}

static bool open_nights(struct history_work *w, const struct run_record *runs, struct err *err)
{
    w->nights = arena_array(&w->room, struct night, w->count);
    w->ret->runs = arena_array(w->arena, struct history_run, w->count);
    w->ret->run_count = w->count;
    for (size_t i = 0; i < w->count; i++) {
        w->nights[i].run = &runs[i];
        if (!night_open(w, i, err)) {
            return false;
        }
    }
    for (size_t i = 0; i + 1 < w->count; i++) {
        w->ret->runs[night_place(w, i)].suite_changed =
            !digest_eq(&w->nights[i].suite_digest, &w->nights[i + 1].suite_digest);
    }
    return reduction_of_run(&runs[0], w->nights[0].trials, &w->reduction, err);
}

static uint64_t seed_of(const struct uuid *id)
{
    uint64_t seed = 0;
    memcpy(&seed, id->bytes, sizeof(seed));
    return seed;
}

static bool history_make(struct history_work *w, struct err *err)
{
    const struct history_in *in = w->in;
    const struct suite_runs which = {
        .suite = in->suite,
        .variant = in->variant,
        .labels = in->labels,
        .only_full = true,
        .only_original = true,
        .limit = in->last < HISTORY_RUNS_MAX ? in->last : HISTORY_RUNS_MAX,
    };
    struct run_record *runs = NULL;
    if (!store_suite_runs(in->store, &w->room, &which, &runs, &w->count, err)) {
        return false;
    }
    if (w->count == 0) {
        return true;
    }
    case_table_init(&w->table, &w->room);
    w->ret->seed = in->has_seed ? in->seed : seed_of(&runs[w->count - 1].id);
    if (!open_nights(w, runs, err) || !history_choose(w, err) || !history_stretches(w, err)) {
        return false;
    }
    history_changes(w);
    return history_flakes(w, err);
}

bool history_of(const struct history_in *in, struct arena *arena, struct history *ret, struct err *err)
{
    struct history made = {.suite = arena_str(arena, in->suite), .variant = arena_str(arena, in->variant)};
    struct history_work w = {.in = in, .arena = arena, .ret = &made};
    bool ok = history_make(&w, err);
    arena_deinit(&w.at_hand);
    arena_deinit(&w.room);
    if (ok) {
        *ret = made;
    }
    return ok;
}
