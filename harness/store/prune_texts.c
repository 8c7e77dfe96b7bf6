#include "store/prune_private.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"

/* Texts that no row uses any more (body.c). Nobody counts who uses a text, so all rows are looked at, a piece at a time and without a lock. What seems
 * unused is then renamed in the index, so that no new row can find it; if somebody wrote meanwhile, all rows are looked at once more; what
 * still is unused goes. A text that came into use in between gets its name back. */

enum { SLICE_TEXTS = 64, SLICE_NAMES = 512, PIECE_ROWS = 4096, SQL_BYTES = 400 };

/* Every column that body_bind writes. A test compares them with the tables: such columns have no declared type. */
static const struct {
    const char *table, *column;
} USES[] = {
    {"span", "output"},   {"case_text", "input"}, {"case_text", "expected"}, {"run", "header"},
    {"run", "summary"},   {"run", "root_input"},  {"run", "root_output"},    {"run", "root_meta"},
    {"plan", "resolved"}, {"plan", "data_files"}, {"invocation", "options"},
};

static bool number_of(struct store *store, const char *sql, int64_t *ret, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, sql);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    *ret = has ? query_get_int(&q) : 0;
    return query_intact(&q, err);
}

/* --- who uses them ------------------------------------------------------------------------------------------------------------------------ */

static bool strike_piece(struct query *last, struct query *strike, int64_t *at, bool *ret_more, struct err *err)
{
    bool has = false;
    query_int(last, *at);
    query_int(last, PIECE_ROWS);
    if (!query_step(last, &has, err)) {
        return false;
    }
    *ret_more = has && !query_is_null(last);
    int64_t to = *ret_more ? query_get_int(last) : 0;
    query_again(last);
    if (!*ret_more) {
        return true;
    }
    query_int(strike, *at);
    query_int(strike, to);
    *at = to;
    return query_run(strike, err);
}

static bool strike_column(struct store *store, const char *table, const char *column, struct err *err)
{
    char sql[SQL_BYTES];
    (void)snprintf(sql, sizeof(sql), "SELECT max(seq) FROM (SELECT seq FROM %s WHERE seq > ? ORDER BY seq LIMIT ?)",
                   table);
    struct query last CLEANUP(query_done) = query_new(store, sql);
    (void)snprintf(sql, sizeof(sql),
                   "DELETE FROM temp.loose WHERE seq IN (SELECT %s FROM %s WHERE seq > ? AND seq <= ? AND "
                   "typeof(%s) = 'integer')",
                   column, table, column);
    struct query strike CLEANUP(query_done) = query_new(store, sql);
    int64_t at = INT64_MIN;
    for (bool has_more = true; has_more;) {
        if (!strike_piece(&last, &strike, &at, &has_more, err)) {
            return false;
        }
    }
    return true;
}

static bool strike_used(struct store *store, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(USES); i++) {
        if (!strike_column(store, USES[i].table, USES[i].column, err)) {
            return false;
        }
    }
    return true;
}

/* --- names -------------------------------------------------------------------------------------------------------------------------------- */

static bool step_rename(struct store *store, void *context, bool *ret_more, struct err *err)
{
    int64_t *at = context;
    int64_t to = 0;
    struct query last CLEANUP(query_done) =
        query_new(store, "SELECT max(seq) FROM (SELECT seq FROM temp.loose WHERE seq > ? ORDER BY seq LIMIT ?)");
    bool has = false;
    query_int(&last, *at);
    query_int(&last, SLICE_NAMES);
    if (!query_step(&last, &has, err)) {
        return false;
    }
    *ret_more = has && !query_is_null(&last);
    if (!*ret_more) {
        return true;
    }
    to = query_get_int(&last);
    struct query rename CLEANUP(query_done) = query_new(
        store, "UPDATE body SET sha256 = 'loose ' || seq WHERE seq IN (SELECT seq FROM temp.loose WHERE seq > ? AND "
               "seq <= ?) AND typeof(sha256) = 'blob'");
    query_int(&rename, *at);
    query_int(&rename, to);
    *at = to;
    return query_run(&rename, err);
}

/* One that is in use after all. When its like was written anew meanwhile it stays a second copy. */
static bool step_restore(struct store *store, void *context, bool *ret_more, struct err *err)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    int64_t *at = context;
    bool has = false;
    struct query find CLEANUP(query_done) =
        query_new(store, "SELECT seq, bytes FROM body WHERE seq > ? AND typeof(sha256) = 'text' AND seq NOT IN "
                         "(SELECT seq FROM temp.loose) ORDER BY seq LIMIT 1");
    query_int(&find, *at);
    if (!query_step(&find, &has, err)) {
        return false;
    }
    *ret_more = has;
    if (!has) {
        return true;
    }
    *at = query_get_int(&find);
    struct digest digest = digest_of(query_get_text(&find, &scratch));
    struct query rename CLEANUP(query_done) = query_new(store, "UPDATE OR IGNORE body SET sha256 = ? WHERE seq = ?");
    query_digest(&rename, &digest);
    query_int(&rename, *at);
    return query_intact(&find, err) && query_run(&rename, err);
}

/* --- removing ------------------------------------------------------------------------------------------------------------------------------- */

static bool step_remove(struct store *store, void *context, bool *ret_more, struct err *err)
{
    uint64_t *removed = context;
    char sql[SQL_BYTES];
    (void)snprintf(sql, sizeof(sql),
                   "DELETE FROM temp.picked; INSERT INTO temp.picked SELECT seq FROM temp.loose ORDER BY seq LIMIT %d; "
                   "DELETE FROM body WHERE seq IN (SELECT seq FROM temp.picked)",
                   (int)SLICE_TEXTS);
    if (!store_exec(store, sql, err)) {
        return false;
    }
    int64_t count = sqlite_changes(store);
    *removed += (uint64_t)count;
    int64_t picked = 0;
    if (!store_exec(store, "DELETE FROM temp.loose WHERE seq IN (SELECT seq FROM temp.picked)", err) ||
        !number_of(store, "SELECT count(*) FROM temp.picked", &picked, err)) {
        return false;
    }
    *ret_more = picked > 0;
    return true;
}

bool prune_texts(struct store *store, uint64_t *ret_removed, struct err *err)
{
    int64_t before = 0;
    int64_t after = 0;
    int64_t at = INT64_MIN;
    if (!store_exec(store, "CREATE TEMP TABLE IF NOT EXISTS loose (seq INTEGER PRIMARY KEY); DELETE FROM temp.loose",
                    err) ||
        !number_of(store, "PRAGMA data_version", &before, err) ||
        !store_exec(store, "INSERT INTO temp.loose SELECT seq FROM body", err) || !strike_used(store, err)) {
        return false;
    }
    for (bool has_more = true; has_more;) {
        if (!prune_slice(store, step_rename, &at, &has_more, err)) {
            return false;
        }
    }
    if (!number_of(store, "PRAGMA data_version", &after, err) || (after != before && !strike_used(store, err))) {
        return false;
    }
    at = INT64_MIN;
    for (bool has_more = true; has_more;) {
        if (!prune_slice(store, step_restore, &at, &has_more, err)) {
            return false;
        }
    }
    *ret_removed = 0;
    for (bool has_more = true; has_more;) {
        if (!prune_slice(store, step_remove, ret_removed, &has_more, err)) {
            return false;
        }
    }
    return true;
}
