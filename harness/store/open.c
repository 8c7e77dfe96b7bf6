#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/vfs.h>
#endif

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"

/* Reading, and what opens a store, waits this long for another process; the loop's own transactions do not (store_begin). */
enum { WAIT_MS = 5000 };

/* --- where --------------------------------------------------------------------------------------------------------------------------- */

static bool path_is_there(const char *dir, size_t dir_len, const char *name)
{
    char path[4096 + 16];
    struct stat status;
    int len = snprintf(path, sizeof(path), "%.*s/%s", (int)dir_len, dir, name);
    return len > 0 && (size_t)len < sizeof(path) && stat(path, &status) == 0;
}

const char *store_folder(struct arena *arena)
{
    char dir[4096];
    if (getcwd(dir, sizeof(dir)) == NULL || dir[0] != '/') {
        return ".";
    }
    /* "/" has length 0 here, so that every level is `dir/name` */
    for (size_t len = dir[1] == '\0' ? 0 : strlen(dir);;) {
        if (path_is_there(dir, len, ".assay") || path_is_there(dir, len, ".git")) {
            return len == 0 ? "/" : arena_cstr(arena, (struct str){dir, len});
        }
        if (len == 0) {
            return arena_cstr(arena, str_from(dir));
        }
        while (dir[--len] != '/') {
        }
    }
}

const char *store_path(struct arena *arena, const char *flag, const char *env)
{
    if (flag != NULL && flag[0] != '\0') {
        return arena_cstr(arena, str_from(flag));
    }
    if (env != NULL && env[0] != '\0') {
        return arena_cstr(arena, str_from(env));
    }
    return file_join(arena, str_from(store_folder(arena)), STR(".assay/assay.db"));
}

/* --- the folder and the file ----------------------------------------------------------------------------------------------------------- */

/* A folder `.assay` is made when it is missing, and told to git as private; any other folder has to be there, so that a mistyped --db makes no
 * tree. */
static bool folder_prepare(struct arena *arena, const char *path, struct err *err)
{
    struct str dir = file_dir(str_from(path));
    const char *dir_path = arena_cstr(arena, dir);
    if (!str_eq(file_name(dir), STR(".assay")) || file_exists(dir_path)) {
        return true;
    }
    if (!file_make_dir(dir_path, err)) {
        return false;
    }
    /* Not through file_write: its syncs would cost more than the rest of opening, for a file that any next run could write again. */
    const char *ignore = file_join(arena, dir, STR(".gitignore"));
    int fd CLEANUP(file_close) = open(ignore, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return errno == EEXIST || err_set_sys(err, ERR_IO, errno, "cannot write '%s'", ignore);
    }
    return write(fd, "*\n", 2) == 2 || err_set_sys(err, ERR_IO, errno, "cannot write '%s'", ignore);
}

static bool folder_is_writable(struct arena *arena, const char *path, struct err *err)
{
    const char *dir = arena_cstr(arena, file_dir(str_from(path)));
    return access(dir, W_OK | X_OK) == 0 ||
           err_set_sys(err, ERR_IO, errno, "cannot write the store '%s': its folder '%s'", path, dir);
}

/* One at a time makes or opens a store: SQLite does not wait for others where a file becomes WAL, so two that begin the same store at once would
 * fail. The lock is the folder's and goes with the descriptor; where there is none (some network file systems) opening goes on without. */
static int folder_lock(struct arena *arena, const char *path)
{
    int fd = open(arena_cstr(arena, file_dir(str_from(path))), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int waited_ms = 0; fd >= 0 && waited_ms < WAIT_MS && flock(fd, LOCK_EX | LOCK_NB) != 0; waited_ms++) {
        const struct timespec pause = {0, NS_PER_MS};
        (void)nanosleep(&pause, NULL);
    }
    return fd;
}

/* A store that was being made when the power went: its first page may have got its place, and not its bytes. */
static bool file_is_blank(const char *path)
{
    static const char zeros[STORE_PAGE_BYTES];
    char bytes[STORE_PAGE_BYTES];
    int fd CLEANUP(file_close) = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return fd >= 0 && read(fd, bytes, sizeof(bytes)) == STORE_PAGE_BYTES && memcmp(bytes, zeros, sizeof(bytes)) == 0;
}

/* A log that holds something belongs to a file whose first page was synced. */
static bool file_has_log(const char *path)
{
    char log[4096];
    struct stat status;
    int len = snprintf(log, sizeof(log), "%s-wal", path);
    return len < 0 || (size_t)len >= sizeof(log) || (stat(log, &status) == 0 && status.st_size > 0);
}

static bool file_look(const char *path, enum store_mode mode, bool *ret_is_new, struct err *err)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        int cause = errno;
        *ret_is_new = true;
        if (cause != ENOENT && cause != ENOTDIR) {
            return err_set_sys(err, ERR_IO, cause, "cannot open the store '%s'", path);
        }
        return mode == STORE_WRITE ||
               err_set(err, ERR_EMPTY, "there is no store at '%s': nothing was recorded yet", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return err_set(err, ERR_IO, "the store '%s' is no regular file", path);
    }
    *ret_is_new =
        status.st_size == 0 || (status.st_size == STORE_PAGE_BYTES && !file_has_log(path) && file_is_blank(path));
    return true;
}

static bool file_empty(const char *path, struct err *err)
{
    return truncate(path, 0) == 0 || errno == ENOENT ||
           err_set_sys(err, ERR_IO, errno, "cannot write the store '%s'", path);
}

/* WAL shares memory between the programs that use a store, which a network file system cannot give. */
static bool path_is_on_network(const char *path)
{
#ifdef __linux__
    static const uint32_t NETWORK[] = {
        0x6969 /* NFS */,      0x517b /* SMB */, 0xff534d42 /* CIFS */, 0xfe534d42 /* SMB2 */, 0x01021997 /* 9P */,
        0x00c36400 /* Ceph */, 0x5346414f /* AFS */};
    struct statfs status;
    if (statfs(path, &status) == 0) {
        for (size_t i = 0; i < ARRAY_LEN(NETWORK); i++) {
            if ((uint32_t)status.f_type == NETWORK[i]) {
                return true;
            }
        }
    }
#else
    (void)path;
#endif
    return false;
}

/* --- open ---------------------------------------------------------------------------------------------------------------------------- */

static bool journal_mode(struct store *store, const char *sql, bool *ret_is_wal, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, sql);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    *ret_is_wal = has && str_eq(query_get_text(&q, &arena), STR("wal"));
    return true;
}

static bool store_configure(struct store *store, struct err *err)
{
    char text[512];
    (void)snprintf(
        text, sizeof(text),
        "PRAGMA page_size = %d; PRAGMA cache_size = -%d; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
        "PRAGMA wal_autocheckpoint = %d; PRAGMA journal_size_limit = %d",
        (int)STORE_PAGE_BYTES, (int)STORE_CACHE_KIB, (int)STORE_CHECKPOINT_PAGES,
        (int)STORE_CHECKPOINT_PAGES * (int)STORE_PAGE_BYTES);
    return store_exec(store, text, err);
}

bool store_cache(struct store *store, int kib, struct err *err)
{
    char text[64];
    (void)snprintf(text, sizeof(text), "PRAGMA cache_size = -%d", kib);
    return store_exec(store, text, err);
}

static bool store_choose_journal(struct store *store, struct err *err)
{
    if (!path_is_on_network(store->path) && !journal_mode(store, "PRAGMA journal_mode = WAL", &store->uses_wal, err)) {
        return false;
    }
    if (store->uses_wal) {
        return store_exec(store, "PRAGMA synchronous = NORMAL", err);
    }
    store->note =
        "the store is on a file system without shared memory (a network file system?): it is slower, and reading "
        "it waits for writing";
    return store_exec(store, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL", err);
}

/* A new file needs one sync, of its first page, where the ordinary way makes six: there is nothing yet that a journal could save, and a log
 * that a power cut takes away leaves an empty store. */
static bool store_create(struct store *store, struct err *err)
{
    store->is_new = true;
    return store_exec(store,
                      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA auto_vacuum = INCREMENTAL; "
                      "PRAGMA synchronous = FULL",
                      err) &&
           store_choose_journal(store, err) && store_exec(store, "PRAGMA synchronous = OFF", err) &&
           schema_prepare(store, err) &&
           store_exec(store, store->uses_wal ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL", err);
}

static bool store_open_writing(struct store *store, struct arena *arena, struct err *err)
{
    bool is_new = false;
    if (!folder_prepare(arena, store->path, err) || !folder_is_writable(arena, store->path, err)) {
        return false;
    }
    int lock CLEANUP(file_close) = folder_lock(arena, store->path);
    if (!file_look(store->path, store->mode, &is_new, err) || (is_new && !file_empty(store->path, err)) ||
        !sqlite_open(store, SQLITE_HANDLE_CREATE, err)) {
        return false;
    }
    (void)lock; /* held until this returns */
    sqlite_wait(store, WAIT_MS);
    if (sqlite_is_readonly(store)) {
        return err_set(err, ERR_IO, "store '%s' cannot be written: the file is read-only", store->path);
    }
    if (!store_configure(store, err)) {
        return false;
    }
    /* a file that is there is judged before anything in it changes */
    return is_new ? store_create(store, err) : schema_prepare(store, err) && store_choose_journal(store, err);
}

static bool store_open_reading(struct store *store, struct arena *arena, struct err *err)
{
    /* Opened for writing where that is allowed, for then the last one to close tidies up the log; nothing is written through it. */
    if (!sqlite_open(store, SQLITE_HANDLE_EXISTING, err)) {
        return false;
    }
    sqlite_wait(store, WAIT_MS);
    if (store_configure(store, err) && schema_prepare(store, err)) {
        return true;
    }
    /* In a folder that cannot be written WAL finds no room for its index. Without a log the file alone is complete. */
    bool has_log = file_exists(arena_printf(arena, "%s-wal", store->path).ptr);
    if (err->kind != ERR_IO || has_log || access(arena_cstr(arena, file_dir(str_from(store->path))), W_OK) == 0) {
        return false;
    }
    sqlite_close(store);
    return sqlite_open(store, SQLITE_HANDLE_IMMUTABLE, err) && store_configure(store, err) &&
           schema_prepare(store, err);
}

bool store_open(struct arena *arena, const char *path, enum store_mode mode, struct store **ret, struct err *err)
{
    return store_open_as(arena, path, mode, &SCHEMA_JOURNAL, ret, err);
}

bool store_open_as(struct arena *arena, const char *path, enum store_mode mode, const struct schema *schema,
                   struct store **ret, struct err *err)
{
    bool is_new = false;
    if (!file_look(path, mode, &is_new, err)) {
        return false;
    }
    struct store *store CLEANUP(store_close) = arena_new(arena, struct store);
    store->path = arena_cstr(arena, str_from(path));
    store->schema = schema;
    store->mode = mode == STORE_READ ? STORE_READ : STORE_WRITE;
    buf_init(&store->last_tags, SIZE_MAX / 4);
    if (!(store->mode == STORE_WRITE ? store_open_writing(store, arena, err) : store_open_reading(store, arena, err))) {
        return false;
    }
    *ret = take_ptr(&store);
    return true;
}

bool store_open_temporary(struct arena *arena, const char *name, struct store **ret, struct err *err)
{
    struct store *store CLEANUP(store_close) = arena_new(arena, struct store);
    store->path = arena_cstr(arena, str_from(name));
    store->schema = &SCHEMA_JOURNAL;
    store->mode = STORE_WRITE;
    buf_init(&store->last_tags, SIZE_MAX / 4);
    if (!sqlite_open(store, SQLITE_HANDLE_TEMPORARY, err) || !store_configure(store, err) ||
        !store_exec(store, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", err) || !schema_prepare(store, err)) {
        return false;
    }
    *ret = take_ptr(&store);
    return true;
}

void store_close(struct store **store)
{
    if (*store == NULL) {
        return;
    }
    store_rollback(*store);
    planned_forget(*store);
    sqlite_close(*store);
    buf_deinit(&(*store)->last_tags);
    *store = NULL;
}

const char *store_note(const struct store *store)
{
    return store->note;
}

bool store_check(struct store *store, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, "PRAGMA quick_check(1)");
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    struct str text = has ? query_get_text(&q, &arena) : STR("no answer");
    return str_eq(text, STR("ok")) ||
           err_set(
               err, ERR_IO,
               "store '%s' is damaged (%.*s); keep a copy of it, then `sqlite3 FILE .recover` may save what is left",
               store->path, STR_ARG(text));
}

/* --- transactions -------------------------------------------------------------------------------------------------------------------- */

static void store_forget(struct store *store)
{
    buf_clear(&store->last_tags);
    store->last_tags_seq = 0;
    memset(store->known_cases, 0, sizeof(store->known_cases));
    planned_forget(store);
}

bool store_begin(struct store *store, int wait_ms, bool *ret_busy, struct err *err)
{
    if (store->mode != STORE_WRITE) {
        return err_set(err, ERR_BUG, "store '%s' is open for reading only", store->path);
    }
    /* Without WAL, EXCLUSIVE: a commit then never has to wait for readers. */
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_BEGIN, store->uses_wal ? "BEGIN IMMEDIATE" : "BEGIN EXCLUSIVE");
    sqlite_wait(store, wait_ms);
    bool began = query_begin(&q, ret_busy, err);
    sqlite_wait(store, WAIT_MS);
    return began;
}

bool store_commit(struct store *store, struct err *err)
{
    if (sqlite_has_moved(store)) {
        return err_set(err, ERR_IO,
                       "the store '%s' was removed or renamed while it was in use: what is recorded now "
                       "would be lost",
                       store->path);
    }
    planned_end(store);
    struct query q CLEANUP(query_done) = query_kept(store, STATEMENT_COMMIT, "COMMIT");
    return query_run(&q, err);
}

bool store_read_begin(struct store *store, struct err *err)
{
    struct query q CLEANUP(query_done) = query_kept(store, STATEMENT_READ, "BEGIN DEFERRED");
    return query_run(&q, err);
}

void store_read_end(struct store *store)
{
    struct err ignored = ERR_NULL; /* nothing was written */
    struct query q CLEANUP(query_done) = query_kept(store, STATEMENT_COMMIT, "COMMIT");
    if (!sqlite_in_transaction(store) || !query_run(&q, &ignored)) {
        sqlite_rollback(store);
    }
}

void store_rollback(struct store *store)
{
    store_forget(store);
    sqlite_rollback(store);
}

bool store_begin_waiting(struct store *store, struct err *err)
{
    bool is_busy = false;
    return store_begin(store, STORE_WAIT_S * 1000, &is_busy, err) &&
           (!is_busy ||
            err_set(err, ERR_IO, "the store is busy: another process has been writing for %d s", STORE_WAIT_S));
}

bool store_end(struct store *store, bool is_good, struct err *err)
{
    if (is_good && store_commit(store, err)) {
        return true;
    }
    store_rollback(store);
    return false;
}

static bool path_sync(const char *path, struct err *err)
{
    int fd CLEANUP(file_close) = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT || err_set_sys(err, ERR_IO, errno, "cannot sync '%s'", path);
    }
    return fsync(fd) == 0 || err_set_sys(err, ERR_IO, errno, "cannot sync '%s'", path);
}

bool store_sync(struct store *store, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    bool is_complete = true;
    if (store->uses_wal && !sqlite_checkpoint(store, &is_complete, err)) {
        return false;
    }
    /* A reader or another checkpoint kept some of the log from moving: what is durable is then the log itself. (Its descriptor may be closed
     * again; the locks, which closing would drop, are on other files.) */
    if (!is_complete && !path_sync(arena_printf(&arena, "%s-wal", store->path).ptr, err)) {
        return false;
    }
    if (store->is_new && !path_sync(arena_cstr(&arena, file_dir(str_from(store->path))), err)) {
        return false;
    }
    store->is_new = false;
    return true;
}
