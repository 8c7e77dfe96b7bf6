#include "store/store_private.h"

#include "base/arena.h"
#include "base/vec.h"

/* The runs of one suite over time. Walks the invocations newest first and stops at the limit. */

#define LABELS "CASE WHEN json_valid(i.labels) THEN i.labels ELSE '{}' END"
#define HAS_LABELS                                                                                                     \
    "(?3 IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE NOT EXISTS (SELECT 1 FROM json_each(" LABELS       \
    ") l WHERE l.key = w.key AND CAST(l.value AS TEXT) = CAST(w.value AS TEXT))))"

bool store_suite_runs(struct store *store, struct arena *arena, const struct suite_runs *which, struct run_record **ret,
                      size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT " RUN_COLUMNS "WHERE p.suite = ?1 AND (?2 IS NULL OR r.variant = ?2) AND i.state = 1 "
                         "AND r.state = 1 AND " HAS_LABELS " AND (i.is_full OR NOT ?4) AND (r.exit_code = 0 OR NOT ?5) "
                         "AND (r.origin <> 3 OR NOT ?6) ORDER BY " NEWEST_FIRST ", r.position, r.seq LIMIT ?7");
    query_text(&q, which->suite);
    query_text(&q, which->variant);
    query_text(&q, which->labels);
    query_int(&q, which->only_full);
    query_int(&q, which->only_passed);
    query_int(&q, which->only_original);
    query_int(&q, which->limit > INT64_MAX ? INT64_MAX : (int64_t)which->limit);
    return runs_collect(&q, arena, ret, ret_count, err);
}

bool store_suites(struct store *store, struct arena *arena, struct str **ret, size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT suite FROM plan WHERE invocation > 0 GROUP BY suite ORDER BY max(seq) DESC");
    VEC(struct str) names = {0};
    for (bool has = true;;) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        *vec_push(arena, &names) = query_get_text(&q, arena);
    }
    *ret = names.items;
    *ret_count = names.len;
    return query_intact(&q, err);
}
