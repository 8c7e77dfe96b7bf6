#include "serve/ledger_private.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"

/* clang-format off */
static const char *const STEP_1[] = {
    /* root: the first span without parent; name: its name, case-folded, for the filter */
    "CREATE TABLE trace (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, root INTEGER, name)",

    /* made: SHA-256 of the span as it was sent first; input and output are JSON texts */
    "CREATE TABLE span (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, trace INTEGER NOT NULL, parent BLOB, name NOT NULL, "
    "type, start_us INTEGER, end_us INTEGER, input, output, error, meta, score INTEGER, feedback, made BLOB NOT NULL)",
    "CREATE INDEX span_trace ON span (trace)",
    "CREATE INDEX span_root ON span (trace) WHERE parent IS NULL",

    "CREATE TABLE generation (span INTEGER PRIMARY KEY, trace INTEGER NOT NULL, id BLOB NOT NULL, model, instructions, "
    "function, tags, total_tokens INTEGER)",
    "CREATE INDEX generation_trace ON generation (trace)",

    "CREATE TABLE metric (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, span INTEGER NOT NULL, dimension NOT NULL, "
    "value REAL NOT NULL, comment, created_us INTEGER NOT NULL)",
    "CREATE UNIQUE INDEX metric_dimension ON metric (span, dimension)",

    /* revision: the current one; settings: JSON of all members that are no ids */
    "CREATE TABLE function (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, name NOT NULL UNIQUE, dataset BLOB NOT NULL, "
    "revision INTEGER NOT NULL)",
    "CREATE TABLE revision (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, function INTEGER NOT NULL, "
    "settings NOT NULL, created_us INTEGER NOT NULL)",
    "CREATE INDEX revision_function ON revision (function)",
};
/* clang-format on */

static const struct schema_step STEPS[] = {{STEP_1, ARRAY_LEN(STEP_1)}};
static const struct schema SCHEMA_SERVED = {
    .what = "a store of `assay serve`",
    .application_id = SCHEMA_SERVED_ID,
    .generation = 1,
    .steps = STEPS,
    .step_count = ARRAY_LEN(STEPS),
};

bool ledger_open(struct ledger *ledger, struct arena *arena, const char *path, struct err *err)
{
    return store_open_as(arena, path, STORE_WRITE, &SCHEMA_SERVED, &ledger->store, err);
}

void ledger_close(struct ledger *ledger)
{
    store_close(&ledger->store);
}

bool ledger_begin(struct ledger *ledger, bool *ret_busy, struct err *err)
{
    return store_begin(ledger->store, 0, ret_busy, err);
}

bool ledger_commit(struct ledger *ledger, struct err *err)
{
    return store_commit(ledger->store, err);
}

void ledger_rollback(struct ledger *ledger)
{
    store_rollback(ledger->store);
}

/* --- columns --------------------------------------------------------------------------------------------------------------------------- */

struct wire_time ledger_get_time(struct query *q)
{
    struct wire_time time = {.has = !query_is_null(q)};
    time.us = query_get_int(q);
    return time;
}

struct wire_int ledger_get_int(struct query *q)
{
    struct wire_int value = {.has = !query_is_null(q)};
    value.value = query_get_int(q);
    return value;
}

struct str ledger_get_id(struct query *q, struct arena *arena)
{
    if (query_is_null(q)) {
        query_skip(q);
        return STR_NULL;
    }
    struct uuid id = query_get_uuid(q);
    return arena_str(arena, str_from(id_text(&id).text));
}

void ledger_put_time(struct query *q, struct wire_time time)
{
    if (time.has) {
        query_int(q, time.us);
    } else {
        query_null(q);
    }
}

void ledger_put_int(struct query *q, struct wire_int value)
{
    if (value.has) {
        query_int(q, value.value);
    } else {
        query_null(q);
    }
}

bool ledger_step(struct query *q, enum ledger_outcome *ret_outcome, struct err *err)
{
    bool has = false;
    if (!query_step(q, &has, err)) {
        return false;
    }
    *ret_outcome = has ? LEDGER_FOUND : LEDGER_MISSING;
    return true;
}

bool ledger_count(struct query *q, uint64_t *ret, struct err *err)
{
    bool has = false;
    if (!query_step(q, &has, err)) {
        return false;
    }
    *ret = has ? query_get_count(q) : 0;
    return true;
}

bool ledger_run(struct ledger *ledger, const char *sql, int64_t seq, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(ledger->store, sql);
    query_int(&q, seq);
    return query_run(&q, err);
}

struct str ledger_changed(struct str before, struct str change)
{
    return change.ptr != NULL ? change : before;
}

/* --- places ---------------------------------------------------------------------------------------------------------------------------- */

bool ledger_find(struct ledger *ledger, const struct uuid *id, struct ledger_place *ret, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_FIND_SPAN, "SELECT seq, trace, parent IS NULL FROM span WHERE id = ?");
    bool has = false;
    query_uuid(&q, id);
    if (!query_step(&q, &has, err)) {
        return false;
    }
    *ret = (struct ledger_place){0};
    if (has) {
        ret->seq = query_get_int(&q);
        ret->trace = query_get_int(&q);
        ret->is_root = query_get_bool(&q);
    }
    return true;
}

bool ledger_trace_of(struct ledger *ledger, const struct uuid *id, int64_t *ret_seq, struct err *err)
{
    struct query find CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_FIND_TRACE, "SELECT seq FROM trace WHERE id = ?");
    bool has = false;
    query_uuid(&find, id);
    if (!query_step(&find, &has, err)) {
        return false;
    }
    if (has) {
        *ret_seq = query_get_int(&find);
        return true;
    }
    struct query add CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_ADD_TRACE, "INSERT INTO trace (id) VALUES (?)");
    query_uuid(&add, id);
    if (!query_run(&add, err)) {
        return false;
    }
    *ret_seq = sqlite_last_seq(ledger->store);
    return true;
}

static bool trace_is_empty(struct ledger *ledger, int64_t trace, bool *ret, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(ledger->store, "SELECT 1 FROM span WHERE trace = ? LIMIT 1");
    bool has = false;
    query_int(&q, trace);
    if (!query_step(&q, &has, err)) {
        return false;
    }
    *ret = !has;
    return true;
}

bool ledger_trace_settle(struct ledger *ledger, int64_t trace, struct err *err)
{
    struct query root CLEANUP(query_done) =
        query_new(ledger->store, "SELECT seq, name FROM span WHERE trace = ? AND parent IS NULL ORDER BY seq LIMIT 1");
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct buf folded CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    bool has_root = false;
    bool is_empty = false;
    query_int(&root, trace);
    if (!query_step(&root, &has_root, err)) {
        return false;
    }
    if (!has_root && !trace_is_empty(ledger, trace, &is_empty, err)) {
        return false;
    }
    if (is_empty) {
        return ledger_run(ledger, "DELETE FROM trace WHERE seq = ?", trace, err);
    }
    struct query set CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_SET_ROOT, "UPDATE trace SET root = ?, name = ? WHERE seq = ?");
    if (has_root) {
        query_int(&set, query_get_int(&root));
        utf8_fold(&folded, query_get_text(&root, &arena));
        query_text(&set, folded.len > 0 ? buf_str(&folded) : STR(""));
    } else {
        query_null(&set);
        query_null(&set);
    }
    query_int(&set, trace);
    return query_run(&set, err);
}
