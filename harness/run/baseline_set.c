#include "run/baseline_set.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "model/labels.h"
#include "store/store.h"

enum { RUNS_MAX = 1000 };

struct collecting {
    struct store *store;
    struct arena *arena;
    const struct run_record *run;
    struct plan_record plan;
    struct invocation_record invocation;
    struct str commit; /* ptr NULL = not known */
    VEC(struct run_record) chosen;
};

static bool read_version(struct collecting *c, struct err *err)
{
    const char *id = id_text(&c->run->id).text;
    if (!store_invocation(c->store, c->arena, c->run->invocation, &c->invocation, err) ||
        !store_plan(c->store, c->arena, c->run->plan, &c->plan, err)) {
        return false;
    }
    struct value labels = labels_read(c->arena, c->invocation.labels);
    c->commit = labels_get(&labels, LABEL_COMMIT);
    if (!c->invocation.is_full_selection) {
        return err_set(err, ERR_USAGE, "run %.8s is of a selection of cases: a baseline is whole", id);
    }
    if (labels_tree(&labels) == TREE_DIRTY) {
        return err_set(err, ERR_USAGE,
                       "run %.8s is of a tree with changes that are not committed: nobody could tell later "
                       "what it was",
                       id);
    }
    if (c->run->state != RUN_FINISHED || c->run->verdict != VERDICT_PASSED) {
        bool is_first = c->run->state == RUN_FINISHED && /* an empty selection is not stored */
                        (c->run->verdict == VERDICT_NO_BASELINE || c->run->verdict == VERDICT_EMPTY);
        return err_set(err, ERR_USAGE, "run %.8s has not passed (%s): a baseline has%s", id,
                       c->run->state != RUN_FINISHED ? "it has not finished" : verdict_row(c->run->verdict)->word,
                       is_first ? "; it had no baseline itself: run the suite with `missing: skip` in its baseline"
                                : "");
    }
    return true;
}

/* ret_same: the version is this one; *ret_counts: and the run may stand for it. */
static bool look_at(struct collecting *c, const struct run_record *run, bool *ret_same, bool *ret_counts,
                    struct err *err)
{
    struct plan_record plan;
    struct invocation_record invocation;
    if (!store_plan(c->store, c->arena, run->plan, &plan, err) ||
        !store_invocation(c->store, c->arena, run->invocation, &invocation, err)) {
        return false;
    }
    struct value labels = labels_read(c->arena, invocation.labels);
    *ret_same = digest_eq(&plan.suite_digest, &c->plan.suite_digest) &&
                digest_eq(&run->target_digest, &c->run->target_digest) && labels_tree(&labels) != TREE_DIRTY;
    *ret_counts = run->verdict == VERDICT_PASSED || run->verdict == VERDICT_FAILED;
    return true;
}

static bool collect(struct collecting *c, struct err *err)
{
    struct suite_runs which = {.suite = c->run->suite,
                               .variant = c->run->variant,
                               .labels = c->commit.ptr == NULL ? STR_NULL
                                                               : labels_one(c->arena, STR(LABEL_COMMIT), c->commit),
                               .only_full = true,
                               .only_original = true,
                               .limit = RUNS_MAX};
    struct run_record *runs = NULL;
    size_t count = 0;
    if (!store_suite_runs(c->store, c->arena, &which, &runs, &count, err)) {
        return false;
    }
    bool is_begun = false;
    for (size_t i = 0; i < count; i++) {
        bool is_same = false;
        bool counts = false;
        is_begun = is_begun || runs[i].seq == c->run->seq;
        if (!look_at(c, &runs[i], &is_same, &counts, err)) {
            return false;
        }
        if (c->commit.ptr == NULL && is_begun && !is_same) {
            break; /* an older version: what lies behind it is not in a row with this one */
        }
        if (is_same && counts && (c->commit.ptr != NULL || is_begun)) {
            *vec_push(c->arena, &c->chosen) = runs[i];
        }
    }
    return true;
}

static bool choose(struct collecting *c, size_t wanted, struct err *err)
{
    size_t there = c->chosen.len;
    if (wanted > there) {
        return err_set(err, ERR_USAGE,
                       "there %s only %zu run%s of this version (suite, target%s), not %zu: run it %zu more time%s",
                       there == 1 ? "is" : "are", there, there == 1 ? "" : "s", c->commit.ptr == NULL ? "" : ", commit",
                       wanted, wanted - there, wanted - there == 1 ? "" : "s");
    }
    if (c->commit.ptr == NULL) {
        c->chosen.len = wanted == 0 ? 1 : wanted;
        return true;
    }
    if (wanted > 0 && wanted < there) {
        return err_set(err, ERR_USAGE,
                       "this version (suite, target, commit %.10s) was judged %zu times, and a baseline is all of them "
                       "(--runs %zu): the best of several would make every honest run look worse",
                       c->commit.ptr, there, there);
    }
    return true;
}

/* All variants of each chosen invocation. */
static bool with_variants(struct collecting *c, struct baseline_set *ret, struct err *err)
{
    VEC(struct run_record) all = {0};
    for (size_t i = 0; i < c->chosen.len; i++) {
        struct run_record *runs = NULL;
        size_t count = 0;
        if (!store_runs_of(c->store, c->arena, c->chosen.items[i].invocation, &runs, &count, err)) {
            return false;
        }
        for (size_t k = 0; k < count; k++) {
            if (runs[k].plan == c->chosen.items[i].plan) {
                *vec_push(c->arena, &all) = runs[k];
            }
        }
    }
    *ret = (struct baseline_set){
        .runs = all.items,
        .run_count = all.len,
        .invocations = c->chosen.len,
        .suite = c->run->suite,
        .commit = c->commit.ptr == NULL ? STR("") : c->commit,
    };
    return true;
}

bool baseline_set_of(struct store *store, struct arena *arena, const struct run_record *run, size_t wanted,
                     struct baseline_set *ret, struct err *err)
{
    struct collecting c = {.store = store, .arena = arena, .run = run};
    return read_version(&c, err) && collect(&c, err) && choose(&c, wanted, err) && with_variants(&c, ret, err);
}
