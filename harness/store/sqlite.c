#include "store/store_private.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include <sqlite3.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"

/* --- errors ---------------------------------------------------------------------------------------------------------------------- */

static bool fail_io(struct store *store, int code, struct err *err)
{
    int sys = sqlite3_system_errno(store->db);
    if (sys == ENOSPC || sys == EDQUOT) {
        return err_set_sys(err, ERR_IO, sys, "store '%s': the disk is full", store->path);
    }
    if (sys != 0) {
        return err_set_sys(err, ERR_IO, sys, "store '%s': %s", store->path, sqlite3_errstr(code));
    }
    return err_set(err, ERR_IO, "store '%s': %s (%d)", store->path, sqlite3_errmsg(store->db), code);
}

static bool fail_in_words(struct store *store, int code, struct err *err)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
        return err_set_sys(err, ERR_IO, ENOSPC, "store '%s': the disk is full", store->path);
    case SQLITE_NOTADB:
        return err_set(err, ERR_IO, "'%s' is not %s: it is no SQLite database; it was left as it is", store->path,
                       store->schema->what);
    case SQLITE_CORRUPT:
        return err_set(
            err, ERR_IO,
            "store '%s' is damaged (%s); keep a copy of it, then `sqlite3 FILE .recover` may save what is left",
            store->path, sqlite3_errmsg(store->db));
    case SQLITE_READONLY:
        return err_set(err, ERR_IO, "store '%s' cannot be written: the file or its folder is read-only", store->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return err_set(err, ERR_IO, "store '%s' is busy: another process is writing to it", store->path);
    case SQLITE_CONSTRAINT: /* this program writes no such rows by itself; what it imports may contradict itself */
        return err_set(err, ERR_BUG, "store '%s': %s (%d)", store->path, sqlite3_errmsg(store->db), code);
    case SQLITE_TOOBIG:
        return err_set(err, ERR_LIMIT, "store '%s': a text is longer than the store can hold", store->path);
    default:
        return fail_io(store, code, err);
    }
}

bool store_fail(struct store *store, int code, struct err *err)
{
    if ((code & 0xff) == SQLITE_NOMEM) {
        mem_exhausted();
    }
    bool failed = fail_in_words(store, code, err);
    store_rollback(store);
    return failed;
}

bool store_exec(struct store *store, const char *sql, struct err *err)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK || store_fail(store, code, err);
}

/* The least memory that SQLite's sorter takes before it goes to disk, in pages; its own 250 would be 2 MB. */
enum { SORT_PAGES = 32 };

/* --- the handle ------------------------------------------------------------------------------------------------------------------ */

/* A path as an URI with immutable=1: for reading a store in a folder that cannot be written, where WAL has no room for its index. */
static void immutable_uri(struct buf *out, const char *path)
{
    buf_append_cstr(out, "file:");
    for (const char *c = path; *c != '\0'; c++) {
        if (strchr("%?#", *c) != NULL) {
            buf_printf(out, "%%%02X", (unsigned)*c);
        } else {
            buf_append_char(out, *c);
        }
    }
    buf_append_cstr(out, "?immutable=1");
}

bool sqlite_open(struct store *store, enum sqlite_open how, struct err *err)
{
    /* One thread uses SQLite: no mutexes, no memory statistics (measured: 5 % of an insert). Refused, harmlessly, after the first open. */
    (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)sqlite3_config(SQLITE_CONFIG_PMASZ, SORT_PAGES);

    struct buf uri CLEANUP(buf_deinit) = BUF(3 * 4096 + 64);
    const char *name = store->path;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (how == SQLITE_HANDLE_IMMUTABLE) {
        immutable_uri(&uri, store->path);
        name = uri.ptr;
        flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    } else if (how == SQLITE_HANDLE_TEMPORARY) {
        name = ""; /* a file without a name, which goes when it is closed */
        flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    } else {
        flags |= SQLITE_OPEN_READWRITE | (how == SQLITE_HANDLE_CREATE ? SQLITE_OPEN_CREATE : 0);
    }
    int code = sqlite3_open_v2(name, &store->db, flags, NULL);
    return code == SQLITE_OK || store_fail(store, code, err);
}

void sqlite_close(struct store *store)
{
    for (size_t i = 0; i < ARRAY_LEN(store->statements); i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
    (void)sqlite3_close_v2(store->db);
    store->db = NULL;
}

void sqlite_wait(struct store *store, int wait_ms)
{
    (void)sqlite3_busy_timeout(store->db, wait_ms);
}

bool sqlite_is_readonly(const struct store *store)
{
    return sqlite3_db_readonly(store->db, "main") == 1;
}

bool sqlite_in_transaction(const struct store *store)
{
    return store->db != NULL && sqlite3_get_autocommit(store->db) == 0;
}

void sqlite_rollback(struct store *store)
{
    /* SQLite has rolled back by itself after FULL and IOERR, not after READONLY; a second ROLLBACK would be an error of its own */
    if (sqlite_in_transaction(store)) {
        (void)sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

bool sqlite_has_moved(struct store *store)
{
    int has_moved = 0;
    int code = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    return code == SQLITE_OK && has_moved != 0;
}

bool sqlite_checkpoint(struct store *store, bool *ret_complete, struct err *err)
{
    int frames = -1;
    int done = -1;
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &done);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED) {
        return store_fail(store, code, err);
    }
    *ret_complete = code == SQLITE_OK && frames == done;
    return true;
}

int64_t sqlite_last_seq(const struct store *store)
{
    return sqlite3_last_insert_rowid(store->db);
}

int64_t sqlite_changes(const struct store *store)
{
    return sqlite3_changes64(store->db);
}

/* --- queries --------------------------------------------------------------------------------------------------------------------- */

struct query query_kept(struct store *store, unsigned slot, const char *sql)
{
    struct query q = {.store = store, .at = 1};
    struct sqlite3_stmt **kept = &store->statements[slot];
    if (*kept == NULL) {
        q.code = sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);
    }
    q.stmt = *kept;
    return q;
}

struct query query_new(struct store *store, const char *sql)
{
    struct query q = {.store = store, .at = 1, .is_own = true};
    q.code = sqlite3_prepare_v3(store->db, sql, -1, 0, &q.stmt, NULL);
    return q;
}

void query_done(struct query *q)
{
    if (q->feed != NULL) {
        q->feed->rows = NULL;
    }
    if (q->is_own) {
        sqlite3_finalize(q->stmt);
    } else if (q->stmt != NULL) {
        (void)sqlite3_reset(q->stmt);
    }
    q->stmt = NULL;
}

void query_again(struct query *q)
{
    if (q->stmt != NULL) {
        (void)sqlite3_reset(q->stmt);
    }
    q->at = 1;
}

static void query_bound(struct query *q, int code)
{
    q->at++;
    if (code != SQLITE_OK && q->code == SQLITE_OK) {
        q->code = code;
    }
}

void query_int(struct query *q, int64_t value)
{
    query_bound(q, sqlite3_bind_int64(q->stmt, q->at, value));
}

void query_real(struct query *q, double value)
{
    query_bound(q, sqlite3_bind_double(q->stmt, q->at, value));
}

void query_optional_real(struct query *q, bool has, double value)
{
    if (has) {
        query_real(q, value);
    } else {
        query_null(q);
    }
}

/* Bytes are kept as they are either way. A NUL would end a TEXT for SQLite's functions and the shell's dump, hence a BLOB then. */
void query_text(struct query *q, struct str text)
{
    if (text.ptr == NULL) {
        query_null(q);
    } else if (str_has_nul(text)) {
        query_blob(q, text.ptr, text.len);
    } else {
        query_bound(q, sqlite3_bind_text64(q->stmt, q->at, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8));
    }
}

void query_blob(struct query *q, const void *bytes, size_t len)
{
    query_bound(q, sqlite3_bind_blob64(q->stmt, q->at, bytes, len, SQLITE_STATIC));
}

void query_uuid(struct query *q, const struct uuid *id)
{
    query_blob(q, id->bytes, sizeof(id->bytes));
}

void query_digest(struct query *q, const struct digest *d)
{
    query_blob(q, d->bytes, sizeof(d->bytes));
}

void query_null(struct query *q)
{
    query_bound(q, sqlite3_bind_null(q->stmt, q->at));
}

bool query_step(struct query *q, bool *ret_row, struct err *err)
{
    int code = q->code != SQLITE_OK ? q->code : sqlite3_step(q->stmt);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        query_again(q);
        return store_fail(q->store, code, err);
    }
    *ret_row = code == SQLITE_ROW;
    q->at = 0;
    return true;
}

bool query_run(struct query *q, struct err *err)
{
    bool is_conflict = false;
    if (!query_try(q, &is_conflict, err)) {
        return false;
    }
    return !is_conflict || store_fail(q->store, SQLITE_CONSTRAINT, err);
}

bool query_try(struct query *q, bool *ret_conflict, struct err *err)
{
    int code = q->code != SQLITE_OK ? q->code : sqlite3_step(q->stmt);
    query_again(q);
    *ret_conflict =
        code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY || code == SQLITE_CONSTRAINT_ROWID;
    return code == SQLITE_DONE || code == SQLITE_ROW || *ret_conflict || store_fail(q->store, code, err);
}

bool query_begin(struct query *q, bool *ret_busy, struct err *err)
{
    int code = q->code != SQLITE_OK ? q->code : sqlite3_step(q->stmt);
    query_again(q);
    *ret_busy = (code & 0xff) == SQLITE_BUSY;
    return code == SQLITE_DONE || *ret_busy || store_fail(q->store, code, err);
}

/* --- feeds ----------------------------------------------------------------------------------------------------------------------- */

/* A virtual table of SQLite for each: it is known by its name, stands in no schema, and is empty but for the statement that its rows are for. */

struct feed_tab {
    sqlite3_vtab base;
    struct feed *feed;
};

struct feed_cursor {
    sqlite3_vtab_cursor base;
    struct feed *feed;
    bool has;
};

static int feed_connect(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **ret,
                        char **reterr)
{
    (void)argc;
    (void)argv;
    (void)reterr;
    struct feed *feed = context;
    struct buf sql CLEANUP(buf_deinit) = BUF(1024);
    for (int i = 0; i < feed->table->columns; i++) {
        buf_printf(&sql, "%s%d", i == 0 ? "CREATE TABLE x (c" : ", c", i);
    }
    buf_append_char(&sql, ')');
    int code = sqlite3_declare_vtab(db, sql.ptr);
    struct feed_tab *tab = code == SQLITE_OK ? mem_alloc(sizeof(*tab)) : NULL;
    if (tab != NULL) {
        tab->feed = feed;
        *ret = &tab->base;
    }
    return code;
}

static int feed_disconnect(sqlite3_vtab *tab)
{
    mem_free(tab);
    return SQLITE_OK;
}

static int feed_plan(sqlite3_vtab *tab, sqlite3_index_info *info)
{
    (void)tab;
    info->estimatedCost = 1;
    return SQLITE_OK;
}

static int feed_open(sqlite3_vtab *tab, sqlite3_vtab_cursor **ret)
{
    struct feed_cursor *cursor = mem_alloc(sizeof(*cursor));
    cursor->feed = ((struct feed_tab *)tab)->feed;
    *ret = &cursor->base;
    return SQLITE_OK;
}

static int feed_close(sqlite3_vtab_cursor *cursor)
{
    mem_free(cursor);
    return SQLITE_OK;
}

static int feed_next(sqlite3_vtab_cursor *base)
{
    struct feed_cursor *cursor = (struct feed_cursor *)base;
    cursor->has = cursor->feed->rows != NULL && cursor->feed->table->next(cursor->feed->rows);
    return SQLITE_OK;
}

static int feed_first(sqlite3_vtab_cursor *base, int plan, const char *name, int argc, sqlite3_value **argv)
{
    (void)plan;
    (void)name;
    (void)argc;
    (void)argv;
    return feed_next(base);
}

static int feed_is_over(sqlite3_vtab_cursor *base)
{
    return !((struct feed_cursor *)base)->has;
}

static int feed_column(sqlite3_vtab_cursor *base, sqlite3_context *out, int column)
{
    const struct feed *feed = ((struct feed_cursor *)base)->feed;
    feed->table->column(feed->rows, column, out);
    return SQLITE_OK;
}

static int feed_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret)
{
    (void)base;
    *ret = 0; /* nobody asks */
    return SQLITE_OK;
}

static const sqlite3_module FEED = {
    .xConnect = feed_connect,
    .xBestIndex = feed_plan,
    .xDisconnect = feed_disconnect,
    .xOpen = feed_open,
    .xClose = feed_close,
    .xFilter = feed_first,
    .xNext = feed_next,
    .xEof = feed_is_over,
    .xColumn = feed_column,
    .xRowid = feed_rowid,
};

struct query query_fed(struct store *store, unsigned slot, const char *sql, const struct feed_table *table, void *rows)
{
    size_t i = 0;
    while (store->feeds[i].table != NULL && store->feeds[i].table != table) {
        i++; /* there are no more tables than places */
    }
    struct feed *feed = &store->feeds[i];
    int code = SQLITE_OK;
    if (feed->table == NULL) {
        feed->table = table;
        code = sqlite3_create_module(store->db, table->name, &FEED, feed);
    }
    struct query q = query_kept(store, slot, sql);
    q.code = q.code == SQLITE_OK ? code : q.code;
    q.feed = feed;
    feed->rows = rows;
    return q;
}

void feed_int(struct sqlite3_context *out, int64_t value)
{
    sqlite3_result_int64(out, value);
}

void feed_real(struct sqlite3_context *out, double value)
{
    sqlite3_result_double(out, value);
}

void feed_optional_real(struct sqlite3_context *out, bool has, double value)
{
    if (has) {
        sqlite3_result_double(out, value);
    }
}

void feed_text(struct sqlite3_context *out, struct str text)
{
    if (text.ptr == NULL) {
        return;
    }
    if (str_has_nul(text)) {
        feed_blob(out, text.ptr, text.len);
    } else {
        sqlite3_result_text64(out, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
    }
}

void feed_blob(struct sqlite3_context *out, const void *bytes, size_t len)
{
    sqlite3_result_blob64(out, bytes, len, SQLITE_STATIC);
}

/* --- columns --------------------------------------------------------------------------------------------------------------------- */

bool query_is_null(const struct query *q)
{
    return sqlite3_column_type(q->stmt, q->at) == SQLITE_NULL;
}

bool query_is_int(const struct query *q)
{
    return sqlite3_column_type(q->stmt, q->at) == SQLITE_INTEGER;
}

int64_t query_get_int(struct query *q)
{
    return sqlite3_column_int64(q->stmt, q->at++);
}

uint64_t query_get_count(struct query *q)
{
    int64_t value = query_get_int(q);
    q->is_damaged |= value < 0;
    return value < 0 ? 0 : (uint64_t)value;
}

uint32_t query_get_u32(struct query *q)
{
    int64_t value = query_get_int(q);
    bool is_ok = value >= 0 && value <= UINT32_MAX;
    q->is_damaged |= !is_ok;
    return is_ok ? (uint32_t)value : 0;
}

bool query_get_bool(struct query *q)
{
    return query_get_enum(q, 2) == 1;
}

int query_get_enum(struct query *q, int count)
{
    int64_t value = query_get_int(q);
    bool is_ok = value >= 0 && value < count;
    q->is_damaged |= !is_ok;
    return is_ok ? (int)value : 0;
}

double query_get_real(struct query *q)
{
    double value = sqlite3_column_double(q->stmt, q->at++);
    q->is_damaged |= !isfinite(value);
    return isfinite(value) ? value : 0;
}

/* Of a column that is looked at more than once: each sqlite3_column_ call finds the column anew. (What a value may be used for does not depend on
 * mutexes here, for there is one thread.) */
static sqlite3_value *column_value(struct query *q)
{
    return sqlite3_column_value(q->stmt, q->at++);
}

bool query_get_optional_real(struct query *q, double *ret)
{
    sqlite3_value *column = column_value(q);
    bool has = sqlite3_value_type(column) != SQLITE_NULL;
    double value = has ? sqlite3_value_double(column) : 0;
    q->is_damaged |= !isfinite(value);
    *ret = isfinite(value) ? value : 0;
    return has;
}

/* The bytes as stored, TEXT or BLOB, or STR_NULL; the pointer comes before the length (SQLite converts on asking). */
static struct str value_bytes(sqlite3_value *value)
{
    if (sqlite3_value_type(value) == SQLITE_NULL) {
        return STR_NULL;
    }
    const char *ptr = sqlite3_value_blob(value);
    int len = sqlite3_value_bytes(value);
    return (struct str){ptr == NULL ? "" : ptr, len < 0 ? 0 : (size_t)len};
}

struct str query_get_text(struct query *q, struct arena *arena)
{
    struct str bytes = value_bytes(column_value(q));
    return bytes.ptr == NULL ? STR_NULL : arena_str(arena, bytes);
}

static void column_fixed(struct query *q, void *ret, size_t len)
{
    struct str bytes = value_bytes(column_value(q));
    if (bytes.len == len) {
        memcpy(ret, bytes.ptr, len);
    } else {
        q->is_damaged = true;
    }
}

struct uuid query_get_uuid(struct query *q)
{
    struct uuid id = {{0}};
    column_fixed(q, id.bytes, sizeof(id.bytes));
    return id;
}

struct digest query_get_digest(struct query *q)
{
    struct digest d = {{0}};
    column_fixed(q, d.bytes, sizeof(d.bytes));
    return d;
}

void query_get_scores(struct query *q, bool with_comments, struct arena *arena, struct arena *texts,
                      struct score_list *ret)
{
    q->is_damaged |= !scores_read(value_bytes(column_value(q)), with_comments, arena, texts, ret);
}

void query_skip(struct query *q)
{
    q->at++;
}

bool query_intact(const struct query *q, struct err *err)
{
    return !q->is_damaged ||
           err_set(err, ERR_IO, "store '%s' is damaged: a row holds a value that cannot be; keep a copy of it",
                   q->store->path);
}

/* --- a function ------------------------------------------------------------------------------------------------------------------ */

/* assay_score(dimension, outcome, value, unit, comment, answered, wanted): an entry of a list of scores. */
static void score_function(sqlite3_context *out, int argc, sqlite3_value **argv)
{
    (void)argc;
    struct buf text CLEANUP(buf_deinit) = BUF(SIZE_MAX / 4);
    const struct score score = {
        .dimension = (uint32_t)sqlite3_value_int64(argv[0]),
        .outcome = (enum score_outcome)sqlite3_value_int(argv[1]),
        .value = sqlite3_value_double(argv[2]),
        .has_unit = sqlite3_value_type(argv[3]) != SQLITE_NULL,
        .unit = sqlite3_value_double(argv[3]),
        .comment = value_bytes(argv[4]),
        .answered = value_bytes(argv[5]),
        .wanted = value_bytes(argv[6]),
    };
    score_write(&text, &score);
    sqlite3_result_text64(out, text.ptr, text.len, SQLITE_TRANSIENT, SQLITE_UTF8);
}

bool sqlite_add_score_function(struct store *store, struct err *err)
{
    int code =
        sqlite3_create_function_v2(store->db, "assay_score", 7, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
                                   NULL, score_function, NULL, NULL, NULL);
    return code == SQLITE_OK || store_fail(store, code, err);
}
