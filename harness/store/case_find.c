#include "store/store_private.h"

#include "base/arena.h"
#include "base/err.h"

/* Cases by id. Ids have no index (it would be the dearest part of storing a plan), so finding one is a scan and finding equal ones is a sort,
 * unless it is known from when they were added that there are none (plan_add.c). */

static bool case_find_from(struct store *store, int64_t from, int64_t end, struct str id, bool *ret_found,
                           int64_t *ret_seq, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_FIND_CASE,
                   "SELECT seq FROM plan_case WHERE seq >= ? AND seq < ? AND id = ? ORDER BY seq LIMIT 1");
    query_int(&q, from);
    query_int(&q, end);
    query_text(&q, id);
    if (!query_step(&q, ret_found, err)) {
        return false;
    }
    if (*ret_found) {
        *ret_seq = query_get_int(&q);
    }
    return true;
}

bool case_find(struct store *store, int64_t plan, struct str id, bool *ret_found, uint64_t *ret_ordinal,
               struct err *err)
{
    int64_t base = case_seq(plan, 0);
    int64_t end = case_seq(plan + 1, 0);
    /* Who asks for many (a rescore) asks in plan order: each is found a step behind the last one, and only a missing one costs a scan. */
    int64_t from = store->found_case >= base && store->found_case < end ? store->found_case : base;
    bool found = false;
    int64_t seq = 0;
    if (!case_find_from(store, from, end, id, &found, &seq, err) ||
        (!found && from > base && !case_find_from(store, base, from, id, &found, &seq, err))) {
        return false;
    }
    if (found) {
        store->found_case = seq;
        *ret_ordinal = (uint64_t)(seq - base);
    }
    *ret_found = found;
    return true;
}

bool store_case_at(struct store *store, struct arena *arena, int64_t plan, uint64_t ordinal, bool *ret_found,
                   struct plan_case *ret, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_CASE,
                   "SELECT " CASE_COLUMNS " FROM plan_case c LEFT JOIN tag_list g ON g.seq = c.tags WHERE c.seq = ?");
    *ret_found = false;
    if (ordinal >= (uint64_t)1 << STORE_CASE_BITS) {
        return true;
    }
    query_int(&q, case_seq(plan, ordinal));
    if (!query_step(&q, ret_found, err)) {
        return false;
    }
    if (*ret_found) {
        case_get(&q, arena, ret);
    }
    return query_intact(&q, err);
}

/* One that is there. */
static bool case_read(struct store *store, struct arena *arena, int64_t seq, struct plan_case *ret, struct err *err)
{
    const int64_t ordinals = (int64_t)1 << STORE_CASE_BITS;
    bool found = false;
    return store_case_at(store, arena, seq / ordinals, (uint64_t)(seq % ordinals), &found, ret, err) &&
           (found || err_set(err, ERR_IO, "store '%s' has no case %lld", store->path, (long long)seq));
}

bool store_find_case(struct store *store, struct arena *arena, int64_t plan, struct str id, bool *ret_found,
                     struct plan_case *ret, struct err *err)
{
    uint64_t ordinal = 0;
    return case_find(store, plan, id, ret_found, &ordinal, err) &&
           (!*ret_found || case_read(store, arena, case_seq(plan, ordinal), ret, err));
}

/* Of all pairs of neighbours in the sorted ids the one whose second case comes first in the plan: what a reader of the file meets first. */
static bool duplicate_search(struct store *store, int64_t plan, int64_t ret_seqs[static 2], struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT id, seq FROM plan_case WHERE seq >= ? AND seq < ? ORDER BY id, seq");
    query_int(&q, case_seq(plan, 0));
    query_int(&q, case_seq(plan + 1, 0));
    struct arena arenas[2] = {ARENA_NULL, ARENA_NULL};
    struct str last = STR_NULL;
    int64_t last_seq = 0;
    bool ok = true;
    for (size_t i = 0;; i++) {
        bool has = false;
        ok = query_step(&q, &has, err);
        if (!ok || !has) {
            break;
        }
        struct arena *arena = &arenas[i % 2];
        arena_reset(arena);
        struct str id = query_get_text(&q, arena);
        int64_t seq = query_get_int(&q);
        if (last.ptr != NULL && str_eq(id, last) && (ret_seqs[1] == 0 || seq < ret_seqs[1])) {
            ret_seqs[0] = last_seq;
            ret_seqs[1] = seq;
        }
        last = id;
        last_seq = seq;
    }
    arena_deinit(&arenas[0]);
    arena_deinit(&arenas[1]);
    return ok;
}

bool store_find_duplicate_id(struct store *store, int64_t plan, struct arena *arena, bool *ret_found,
                             struct plan_case ret[static 2], struct err *err)
{
    int64_t seqs[2] = {0, 0};
    *ret_found = false;
    if (planned_ids_differ(store, plan)) {
        return true;
    }
    if (!store_cache(store, STORE_SORT_CACHE_KIB, err) || !duplicate_search(store, plan, seqs, err) ||
        !store_cache(store, STORE_CACHE_KIB, err)) {
        return false;
    }
    *ret_found = seqs[1] != 0;
    return !*ret_found ||
           (case_read(store, arena, seqs[0], &ret[0], err) && case_read(store, arena, seqs[1], &ret[1], err));
}

bool store_plan_has_clusters(struct store *store, int64_t plan, bool *ret, struct err *err)
{
    if (store->planned.plan == plan) {
        *ret = store->planned.has_cluster;
        return true;
    }
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT 1 FROM plan_case WHERE seq >= ? AND seq < ? AND cluster IS NOT NULL LIMIT 1");
    query_int(&q, case_seq(plan, 0));
    query_int(&q, case_seq(plan + 1, 0));
    return query_step(&q, ret, err);
}
