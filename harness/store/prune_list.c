#include "store/prune.h"

#include "base/arena.h"
#include "base/vec.h"
#include "store/store_private.h"

/* Which invocations are beyond what is to be kept: places of each run among those of its suite and variant, counted from the newest. */

#define RANKED                                                                                                         \
    "ranked AS (SELECT i.seq AS invocation, p.suite AS suite, i.state AS state, "                                      \
    "(i.state = 1 AND r.state = 1 AND i.is_full AND r.origin <> 3 AND r.exit_code IN (0, 1)) AS is_whole, "            \
    "count(*) FILTER (WHERE i.state = 1 AND r.state = 1 AND i.is_full AND r.origin <> 3 AND r.exit_code IN (0, 1)) "   \
    "OVER newest AS whole, count(*) FILTER (WHERE i.state = 1) OVER newest AS finished "                               \
    "FROM run r JOIN plan p ON p.seq = r.plan JOIN invocation i ON i.seq = r.invocation "                              \
    "WINDOW newest AS (PARTITION BY p.suite, r.variant ORDER BY " NEWEST_FIRST " ROWS UNBOUNDED PRECEDING))"

#define KEPT                                                                                                           \
    "max(CASE WHEN is_whole AND whole <= ?1 THEN 1 WHEN state = 1 AND finished <= ?1 THEN 1 "                          \
    "WHEN state <> 1 AND whole < ?1 THEN 1 ELSE 0 END)"

#define LIST                                                                                                           \
    "WITH " RANKED " SELECT i.seq, i.id, i.name, coalesce(i.order_ms, i.started_ms), i.state <> 1 FROM invocation i "  \
    "JOIN (SELECT invocation, " KEPT " AS kept, max(suite <> coalesce(?2, suite)) AS has_other FROM ranked "           \
    "GROUP BY invocation) k ON k.invocation = i.seq WHERE NOT k.kept AND NOT k.has_other AND "                         \
    "(?3 = 0 OR coalesce(i.order_ms, i.started_ms) < ?3) ORDER BY coalesce(i.order_ms, i.started_ms), i.seq"

static bool item_runs(struct store *store, struct arena *arena, struct prune_item *item, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT p.suite, r.variant, r.id FROM run r JOIN plan p ON p.seq = r.plan "
                         "WHERE r.invocation = ? ORDER BY p.position, r.position, r.seq");
    VEC(struct prune_run) runs = {0};
    query_int(&q, item->invocation);
    for (bool has = true;;) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        struct prune_run *run = vec_push(arena, &runs);
        run->suite = query_get_text(&q, arena);
        run->variant = query_get_text(&q, arena);
        run->id = query_get_uuid(&q);
    }
    item->runs = runs.items;
    item->run_count = runs.len;
    return query_intact(&q, err);
}

bool store_prune_list(struct store *store, struct arena *arena, const struct prune_rules *rules,
                      struct prune_item **ret, size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, LIST);
    VEC(struct prune_item) items = {0};
    query_int(&q, rules->keep > INT64_MAX ? INT64_MAX : (int64_t)rules->keep);
    query_text(&q, rules->suite);
    query_int(&q, rules->before_unix_ms);
    for (bool has = true;;) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        struct prune_item *item = vec_push(arena, &items);
        item->invocation = query_get_int(&q);
        item->id = query_get_uuid(&q);
        item->name = query_get_text(&q, arena);
        item->ended_unix_ms = query_get_int(&q);
        item->is_unfinished = query_get_bool(&q);
    }
    if (!query_intact(&q, err)) {
        return false;
    }
    for (size_t i = 0; i < items.len; i++) {
        if (!item_runs(store, arena, &items.items[i], err)) {
            return false;
        }
    }
    *ret = items.items;
    *ret_count = items.len;
    return true;
}
