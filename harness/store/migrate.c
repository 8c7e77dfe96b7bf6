#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"

/* A database and its schema: is it ours, how far was it made, and what is missing. */

static int schema_version(const struct schema *schema)
{
    return 1000 * schema->generation + schema->step_count;
}

static bool schema_number(struct store *store, const char *sql, int64_t *ret, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, sql);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    *ret = has ? query_get_int(&q) : 0;
    return true;
}

/* Our other files, so that the wrong one of two is called by its name. */
static const struct ours {
    uint32_t application_id;
    const char *what;
} OURS[] = {{SCHEMA_JOURNAL_ID, "a store of runs"}, {SCHEMA_SERVED_ID, "a store of `assay serve`"}};

struct schema_state {
    int64_t application, version, tables;
};

static bool schema_look(struct store *store, struct schema_state *ret, struct err *err)
{
    return schema_number(store, "PRAGMA application_id", &ret->application, err) &&
           schema_number(store, "PRAGMA user_version", &ret->version, err) &&
           ((uint32_t)ret->application == store->schema->application_id ||
            schema_number(store, "SELECT count(*) FROM sqlite_schema", &ret->tables, err));
}

static bool schema_refuse_foreign(const struct store *store, const struct schema_state *state, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(OURS); i++) {
        if ((uint32_t)state->application == OURS[i].application_id) {
            return err_set(err, ERR_IO, "'%s' is %s, not %s; it was left as it is", store->path, OURS[i].what,
                           store->schema->what);
        }
    }
    return err_set(err, ERR_IO,
                   "'%s' is not %s but another program's SQLite database (application id %08llx, "
                   "%lld tables); it was left as it is",
                   store->path, store->schema->what, (unsigned long long)state->application & 0xffffffff,
                   (long long)state->tables);
}

/* ret_steps: how many of ours are applied; -1 = a newer store that may be read. */
static bool schema_judge(const struct store *store, const struct schema_state *state, int *ret_steps, struct err *err)
{
    const int version = schema_version(store->schema);
    if ((uint32_t)state->application != store->schema->application_id) {
        if (state->application != 0 || state->version != 0 || state->tables != 0) {
            return schema_refuse_foreign(store, state, err);
        }
        *ret_steps = 0;
        return true;
    }
    if (state->version == version || (state->version > version && state->version / 1000 == store->schema->generation)) {
        *ret_steps = state->version == version ? store->schema->step_count : -1;
        if (*ret_steps < 0 && store->mode == STORE_WRITE) {
            return err_set(err, ERR_IO,
                           "store '%s' was made by a newer assay (its version is %lld, this program writes up to %d): "
                           "it can be read, not written; use the newer program, or another store with --db",
                           store->path, (long long)state->version, version);
        }
        return true;
    }
    if (state->version > version) {
        return err_set(
            err, ERR_IO,
            "store '%s' was made by a newer assay (its version is %lld, this program knows up to %d): use the "
            "newer program, or another store with --db",
            store->path, (long long)state->version, version);
    }
    if (state->version / 1000 != store->schema->generation || state->version % 1000 < 0) {
        return err_set(err, ERR_IO, "store '%s' says that its version is %lld, which no assay has written", store->path,
                       (long long)state->version);
    }
    *ret_steps = (int)(state->version % 1000);
    return true;
}

static bool schema_step(struct store *store, const struct schema_step *step, struct err *err)
{
    for (size_t i = 0; i < step->count; i++) {
        if (!store_exec(store, step->statements[i], err)) {
            return false;
        }
    }
    return true;
}

static bool schema_apply(struct store *store, int from, int to, struct err *err)
{
    const struct schema *schema = store->schema;
    bool is_anew = from == 0 && to == schema->step_count && schema->anew.count > 0;
    if (is_anew && !schema_step(store, &schema->anew, err)) {
        return false;
    }
    for (int i = from; i < to && !is_anew; i++) {
        if (!schema_step(store, &schema->steps[i], err)) {
            return false;
        }
    }
    char text[96];
    (void)snprintf(text, sizeof(text), "PRAGMA application_id = %d; PRAGMA user_version = %d",
                   (int)store->schema->application_id, 1000 * store->schema->generation + to);
    return store_exec(store, text, err);
}

/* How far steps go without one that rewrites what is there. */
static int schema_additions(const struct schema *schema, int from)
{
    int to = from;
    while (to < schema->step_count && !schema->steps[to].rewrites) {
        to++;
    }
    return to;
}

/* A file for whom the store's is for and nobody else, locked: who opens a large store together with another process waits for its copy. */
static int copy_open(const struct store *store, const char *path)
{
    struct stat status;
    int fd CLEANUP(file_close) = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    while (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    bool ok = fd >= 0 && stat(store->path, &status) == 0 && fchmod(fd, status.st_mode & 0777) == 0;
    return ok ? take_fd(&fd) : -1;
}

/* Before rows are rewritten: the file as it is, beside it, by the name of its version. */
static bool schema_copy(struct store *store, int steps, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    const char *copy = arena_printf(&arena, "%s.%d", store->path, 1000 * store->schema->generation + steps).ptr;
    const char *part = arena_printf(&arena, "%s.part", copy).ptr;
    if (file_exists(copy)) {
        return true;
    }
    int fd CLEANUP(file_close) = copy_open(store, part);
    if (fd < 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot write '%s', a copy of the store before its tables are changed",
                           part);
    }
    if (file_exists(copy)) { /* made meanwhile: that is what was locked */
        return true;
    }
    if (ftruncate(fd, 0) != 0) { /* of one who was killed at it */
        return err_set_sys(err, ERR_IO, errno, "cannot empty '%s'", part);
    }
    struct query q CLEANUP(query_done) = query_new(store, "VACUUM INTO ?");
    query_text(&q, str_from(part));
    if (!query_run(&q, err)) {
        return err_wrap(err, "copying the store to '%s', before its tables are changed", copy);
    }
    return rename(part, copy) == 0 || err_set_sys(err, ERR_IO, errno, "cannot rename '%s'", part);
}

/* One transaction; looked at again inside, for two programs may begin the same store at once. */
static bool schema_complete(struct store *store, int to, struct err *err)
{
    struct schema_state state = {0};
    int steps = store->steps;
    if ((steps > 0 && schema_additions(store->schema, steps) < to && !schema_copy(store, steps, err)) ||
        !store_exec(store, "BEGIN IMMEDIATE", err) || !schema_look(store, &state, err) ||
        !schema_judge(store, &state, &steps, err) ||
        (steps >= 0 && steps < to && !schema_apply(store, steps, to, err)) || !store_exec(store, "COMMIT", err)) {
        store_rollback(store);
        return false;
    }
    store->steps = steps < 0 ? store->schema->step_count : steps < to ? to : steps;
    return true;
}

bool schema_prepare(struct store *store, struct err *err)
{
    struct schema_state state = {0};
    int steps = 0;
    if (!schema_look(store, &state, err) || !schema_judge(store, &state, &steps, err)) {
        return false;
    }
    const int all = store->schema->step_count;
    store->steps = steps < 0 ? all : steps;
    if (store->steps == all) {
        return true;
    }
    if (steps > 0 && !sqlite_add_score_function(store, err)) {
        return false;
    }
    if (store->mode == STORE_WRITE) {
        return schema_complete(store, all, err);
    }
    if (steps == 0) {
        return err_set(err, ERR_EMPTY, "the store '%s' is empty: nothing was recorded yet", store->path);
    }
    /* An older store. What steps add is added where that can be done; where it cannot, it is not there to be read. Nothing is rewritten for whoever
     * only reads: it would take its time, and an older program may be writing. */
    struct err ignored = ERR_NULL;
    int to = schema_additions(store->schema, steps);
    (void)(to == steps || sqlite_is_readonly(store) || schema_complete(store, to, &ignored));
    return true;
}
