#include "store/prune.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/prune_private.h"

enum {
    SLICE_SAMPLES = 256,
    SLICE_CASES = 1024,
    SLICE_PAGES = 256,
    WAIT_MS = 5000,
    WAITS = 12, /* a minute for whoever writes in one go */
    PAUSE_MAX_MS = 50
};

/* --- slices --------------------------------------------------------------------------------------------------------------------------------- */

/* Others may write as long as we did. */
static void pause_for(int64_t took_ns)
{
    int64_t pause_ns = took_ns < PAUSE_MAX_MS * NS_PER_MS ? took_ns : PAUSE_MAX_MS * NS_PER_MS;
    const struct timespec pause = {0, pause_ns < 0 ? 0 : (long)pause_ns};
    (void)nanosleep(&pause, NULL);
}

bool prune_begin(struct store *store, struct err *err)
{
    bool is_busy = true;
    for (int i = 0; i < WAITS && is_busy; i++) {
        if (!store_begin(store, WAIT_MS, &is_busy, err)) {
            return false;
        }
    }
    return !is_busy ||
           err_set(err, ERR_IO,
                   "store '%s' is busy: another process has been writing to it for a minute; what is pruned "
                   "so far is gone, the next `assay prune` goes on",
                   store->path);
}

bool prune_slice(struct store *store, prune_step *step, void *context, bool *ret_more, struct err *err)
{
    int64_t began_ns = clock_ns(&CLOCK_SYSTEM);
    if (!prune_begin(store, err)) {
        return false;
    }
    if (!step(store, context, ret_more, err) || !store_commit(store, err)) {
        store_rollback(store);
        return false;
    }
    pause_for(clock_ns(&CLOCK_SYSTEM) - began_ns);
    return true;
}

/* --- rows ----------------------------------------------------------------------------------------------------------------------------------- */

/* One statement with one number. */
static bool run_with(struct store *store, const char *sql, int64_t number, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, sql);
    query_int(&q, number);
    return query_run(&q, err);
}

static bool first_of(struct store *store, const char *sql, int64_t *ret, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, sql);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    *ret = has ? query_get_int(&q) : 0;
    return query_intact(&q, err);
}

/* Current records by one index, superseded ones by the other: there is none over both. */
#define PICK_SAMPLES                                                                                                   \
    "INSERT INTO temp.picked SELECT seq FROM (SELECT seq FROM span INDEXED BY span_place WHERE run = ?1 AND "          \
    "superseded IS NULL UNION ALL SELECT seq FROM span INDEXED BY span_superseded WHERE run = ?1 AND "                 \
    "superseded = 1) LIMIT ?2"

static bool pick_samples(struct store *store, int64_t run, int64_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, PICK_SAMPLES);
    query_int(&q, run);
    query_int(&q, SLICE_SAMPLES);
    if (!store_exec(store, "DELETE FROM temp.picked", err) || !query_run(&q, err)) {
        return false;
    }
    *ret_count = sqlite_changes(store);
    return true;
}

/* Some samples of a hidden run; when it has none left, the run itself. */
static bool step_run(struct store *store, void *context, bool *ret_more, struct err *err)
{
    struct prune_swept *swept = context;
    int64_t run = 0;
    int64_t count = 0;
    if (!first_of(store, "SELECT seq FROM run WHERE invocation < 0 LIMIT 1", &run, err)) {
        return false;
    }
    *ret_more = run != 0;
    if (run == 0) {
        return true;
    }
    if (!pick_samples(store, run, &count, err)) {
        return false;
    }
    if (count > 0) {
        swept->samples += (uint64_t)count;
        return store_exec(store, "DELETE FROM span WHERE seq IN (SELECT seq FROM temp.picked)", err);
    }
    swept->runs++;
    return run_with(store, "DELETE FROM run_metric WHERE run = ?", run, err) &&
           run_with(store, "DELETE FROM dimension WHERE run = ?", run, err) &&
           run_with(store, "DELETE FROM outbox WHERE run = ?", run, err) &&
           run_with(store, "DELETE FROM recording WHERE run = ?", run, err) &&
           run_with(store, "DELETE FROM run WHERE seq = ?", run, err);
}

/* The rows of a plan have its number in front. */
static bool delete_cases(struct store *store, const char *sql, int64_t plan, int64_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, sql);
    query_int(&q, case_seq(plan, 0));
    query_int(&q, case_seq(plan + 1, 0));
    query_int(&q, SLICE_CASES);
    if (!query_run(&q, err)) {
        return false;
    }
    *ret_count += sqlite_changes(store);
    return true;
}

#define DELETE_CASES(table)                                                                                            \
    "DELETE FROM " table " WHERE seq IN (SELECT seq FROM " table " WHERE seq >= ?1 AND seq < ?2 ORDER BY seq LIMIT "   \
    "?3)"

static bool step_plan(struct store *store, void *context, bool *ret_more, struct err *err)
{
    int64_t plan = 0;
    int64_t count = 0;
    (void)context;
    if (!first_of(store, "SELECT seq FROM plan WHERE invocation < 0 LIMIT 1", &plan, err)) {
        return false;
    }
    *ret_more = plan != 0;
    if (plan == 0) {
        return true;
    }
    return delete_cases(store, DELETE_CASES("case_text"), plan, &count, err) &&
           delete_cases(store, DELETE_CASES("plan_case"), plan, &count, err) &&
           (count > 0 || run_with(store, "DELETE FROM plan WHERE seq = ?", plan, err));
}

/* --- space ---------------------------------------------------------------------------------------------------------------------------------- */

struct space {
    int64_t free_pages;
    uint64_t freed;
};

static bool step_space(struct store *store, void *context, bool *ret_more, struct err *err)
{
    struct space *space = context;
    int64_t left = 0;
    char sql[64];
    (void)snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", (int)SLICE_PAGES);
    if (!store_exec(store, sql, err) || !first_of(store, "PRAGMA freelist_count", &left, err)) {
        return false;
    }
    /* when somebody frees, or uses, as fast as we, the rest is not lost: later runs use it */
    *ret_more = left > 0 && left < space->free_pages;
    space->freed += left < space->free_pages ? (uint64_t)(space->free_pages - left) : 0;
    space->free_pages = left;
    return true;
}

static bool give_space_back(struct store *store, struct prune_swept *swept, struct err *err)
{
    enum { INCREMENTAL = 2 };
    int64_t mode = 0;
    struct space space = {0};
    if (!first_of(store, "PRAGMA auto_vacuum", &mode, err) ||
        !first_of(store, "PRAGMA freelist_count", &space.free_pages, err)) {
        return false;
    }
    swept->can_shrink = mode == INCREMENTAL;
    for (bool has_more = swept->can_shrink && space.free_pages > 0; has_more;) {
        if (!prune_slice(store, step_space, &space, &has_more, err)) {
            return false;
        }
    }
    swept->freed_pages = space.freed;
    return store_sync(store, err);
}

bool store_prune_sweep(struct store *store, struct prune_swept *ret, struct err *err)
{
    struct prune_swept swept = {0};
    static prune_step *const steps[] = {step_run, step_plan};
    if (!store_exec(store, "CREATE TEMP TABLE IF NOT EXISTS picked (seq INTEGER PRIMARY KEY)", err)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        for (bool has_more = true; has_more;) {
            if (!prune_slice(store, steps[i], &swept, &has_more, err)) {
                return false;
            }
        }
    }
    if (!prune_texts(store, &swept.texts, err) || !give_space_back(store, &swept, err)) {
        return false;
    }
    *ret = swept;
    return true;
}

bool store_rewrite(struct store *store, struct err *err)
{
    return store_exec(store, "PRAGMA auto_vacuum = INCREMENTAL; VACUUM", err) && store_sync(store, err);
}

bool store_bytes(struct store *store, uint64_t *ret, struct err *err)
{
    int64_t pages = 0;
    int64_t page_bytes = 0;
    if (!first_of(store, "PRAGMA page_count", &pages, err) || !first_of(store, "PRAGMA page_size", &page_bytes, err)) {
        return false;
    }
    *ret = (uint64_t)pages * (uint64_t)page_bytes;
    return true;
}

/* --- hiding --------------------------------------------------------------------------------------------------------------------------------- */

bool store_prune_look(struct store *store, int64_t invocation, enum prune_hidden *ret, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store, "SELECT EXISTS (SELECT 1 FROM invocation WHERE seq = ?1), EXISTS (SELECT 1 FROM outbox o JOIN run r "
               "ON r.seq = o.run WHERE r.invocation = ?1 AND o.state <> 3)");
    bool has = false;
    query_int(&q, invocation);
    if (!query_step(&q, &has, err)) {
        return false;
    }
    bool is_there = query_get_bool(&q);
    bool is_unsent = query_get_bool(&q);
    *ret = !is_there ? PRUNE_GONE : is_unsent ? PRUNE_UNSENT : PRUNE_HIDDEN;
    return query_intact(&q, err);
}

static bool hide(struct store *store, int64_t invocation, enum prune_hidden *ret, struct err *err)
{
    static const char *const statements[] = {
        "DELETE FROM outbox WHERE run IN (SELECT seq FROM run WHERE invocation = ?)",
        "UPDATE run SET invocation = -invocation, id = randomblob(16) WHERE invocation = ?",
        "UPDATE plan SET invocation = -invocation WHERE invocation = ?",
        "DELETE FROM invocation WHERE seq = ?",
    };
    if (!store_prune_look(store, invocation, ret, err)) {
        return false;
    }
    for (size_t i = 0; *ret == PRUNE_HIDDEN && i < ARRAY_LEN(statements); i++) {
        if (!run_with(store, statements[i], invocation, err)) {
            return false;
        }
    }
    return true;
}

bool store_prune_hide(struct store *store, int64_t invocation, enum prune_hidden *ret, struct err *err)
{
    if (!prune_begin(store, err)) {
        return false;
    }
    if (!hide(store, invocation, ret, err) || !store_commit(store, err)) {
        store_rollback(store);
        return false;
    }
    return true;
}
