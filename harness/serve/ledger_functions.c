#include "serve/ledger_private.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "wire/function.h"

#define FUNCTION_COLUMNS "f.id, f.dataset, r.id, r.settings FROM function f JOIN revision r ON r.seq = f.revision "

static bool get_function(struct query *q, struct arena *arena, struct wire_stored_function *ret)
{
    struct str id = ledger_get_id(q, arena);
    struct str dataset = ledger_get_id(q, arena);
    struct str revision = ledger_get_id(q, arena);
    if (!wire_function_of_settings(arena, query_get_text(q, arena), ret)) {
        q->is_damaged = true;
    }
    ret->id = id;
    ret->dataset_id = dataset;
    ret->revision_id = revision;
    ret->observer_enabled = (struct wire_bool){.has = true, .value = false}; /* nobody observes here */
    return true;
}

static bool step_function(struct query *q, struct arena *arena, struct wire_stored_function *ret,
                          enum ledger_outcome *ret_outcome, struct err *err)
{
    if (!ledger_step(q, ret_outcome, err)) {
        return false;
    }
    return *ret_outcome != LEDGER_FOUND || (get_function(q, arena, ret) && query_intact(q, err));
}

bool ledger_function(struct ledger *ledger, struct arena *arena, const struct uuid *id, const struct uuid *revision,
                     struct wire_stored_function *ret, enum ledger_outcome *ret_outcome, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        ledger->store, revision == NULL ? "SELECT " FUNCTION_COLUMNS "WHERE f.id = ?"
                                        : "SELECT f.id, f.dataset, r.id, r.settings FROM function f JOIN revision r "
                                          "ON r.function = f.seq WHERE f.id = ? AND r.id = ?");
    query_uuid(&q, id);
    if (revision != NULL) {
        query_uuid(&q, revision);
    }
    return step_function(&q, arena, ret, ret_outcome, err);
}

bool ledger_function_by_name(struct ledger *ledger, struct arena *arena, struct str name,
                             struct wire_stored_function *ret, enum ledger_outcome *ret_outcome, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(ledger->store, SLOT_FUNCTION_BY_NAME, "SELECT " FUNCTION_COLUMNS "WHERE f.name = ?");
    query_text(&q, name);
    return step_function(&q, arena, ret, ret_outcome, err);
}

/* A new revision of the function `seq`, which becomes its current one. */
static bool add_revision(struct ledger *ledger, struct arena *arena, int64_t function,
                         const struct wire_stored_function *settings, int64_t now_us, struct err *err)
{
    struct query add CLEANUP(query_done) =
        query_new(ledger->store, "INSERT INTO revision (id, function, settings, created_us) VALUES (?, ?, ?, ?)");
    struct query set CLEANUP(query_done) = query_new(ledger->store, "UPDATE function SET revision = ? WHERE seq = ?");
    struct uuid id = id_random();
    struct str text = wire_function_settings(arena, settings);
    query_uuid(&add, &id);
    query_int(&add, function);
    query_text(&add, text);
    query_int(&add, now_us);
    if (!query_run(&add, err)) {
        return false;
    }
    query_int(&set, sqlite_last_seq(ledger->store));
    query_int(&set, function);
    return query_run(&set, err);
}

bool ledger_add_function(struct ledger *ledger, struct arena *arena, const struct wire_stored_function *function,
                         int64_t now_us, struct wire_stored_function *ret, enum ledger_outcome *ret_outcome,
                         struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(ledger->store, "INSERT INTO function (id, name, dataset, revision) VALUES (?, ?, ?, 0)");
    struct uuid id = id_random();
    struct uuid dataset = id_random();
    bool is_conflict = false;
    query_uuid(&q, &id);
    query_text(&q, function->name);
    query_uuid(&q, &dataset);
    *ret_outcome = LEDGER_CONFLICT;
    if (!query_try(&q, &is_conflict, err)) {
        return false;
    }
    return is_conflict || (add_revision(ledger, arena, sqlite_last_seq(ledger->store), function, now_us, err) &&
                           ledger_function(ledger, arena, &id, NULL, ret, ret_outcome, err));
}

static bool find_function(struct ledger *ledger, const struct uuid *id, int64_t *ret_seq, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(ledger->store, "SELECT seq FROM function WHERE id = ?");
    bool has = false;
    query_uuid(&q, id);
    if (!query_step(&q, &has, err)) {
        return false;
    }
    *ret_seq = has ? query_get_int(&q) : 0;
    return true;
}

static bool rename_function(struct ledger *ledger, int64_t seq, struct str name, bool *ret_conflict, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(ledger->store, "UPDATE function SET name = ? WHERE seq = ?");
    query_text(&q, name);
    query_int(&q, seq);
    return query_try(&q, ret_conflict, err);
}

bool ledger_change_function(struct ledger *ledger, struct arena *arena, const struct uuid *id,
                            const struct wire_stored_function *change, int64_t now_us, struct wire_stored_function *ret,
                            enum ledger_outcome *ret_outcome, struct err *err)
{
    struct wire_stored_function f;
    int64_t seq = 0;
    bool is_conflict = false;
    if (!find_function(ledger, id, &seq, err) || !ledger_function(ledger, arena, id, NULL, &f, ret_outcome, err)) {
        return false;
    }
    if (*ret_outcome != LEDGER_FOUND) {
        return true;
    }
    f.name = ledger_changed(f.name, change->name);
    f.description = ledger_changed(f.description, change->description);
    f.instructions = ledger_changed(f.instructions, change->instructions);
    f.input_schema = ledger_changed(f.input_schema, change->input_schema);
    f.output_schema = ledger_changed(f.output_schema, change->output_schema);
    f.model = ledger_changed(f.model, change->model);
    f.configuration = ledger_changed(f.configuration, change->configuration);
    if (!rename_function(ledger, seq, f.name, &is_conflict, err)) {
        return false;
    }
    if (is_conflict) {
        *ret_outcome = LEDGER_CONFLICT;
        return true;
    }
    return add_revision(ledger, arena, seq, &f, now_us, err) &&
           ledger_function(ledger, arena, id, NULL, ret, ret_outcome, err);
}

bool ledger_drop_function(struct ledger *ledger, const struct uuid *id, enum ledger_outcome *ret_outcome,
                          struct err *err)
{
    int64_t seq = 0;
    if (!find_function(ledger, id, &seq, err)) {
        return false;
    }
    *ret_outcome = seq != 0 ? LEDGER_FOUND : LEDGER_MISSING;
    return seq == 0 || (ledger_run(ledger, "DELETE FROM revision WHERE function = ?", seq, err) &&
                        ledger_run(ledger, "DELETE FROM function WHERE seq = ?", seq, err));
}

static void bind_page(struct query *q, const struct ledger_page *page)
{
    query_int(q, (int64_t)page->limit);
    query_int(q, (int64_t)page->offset);
}

bool ledger_functions(struct ledger *ledger, struct arena *arena, struct str name, enum ledger_sort sort,
                      struct ledger_page *page, struct wire_stored_function **ret, struct err *err)
{
    static const char *const SQL[] = {
        [LEDGER_BY_NAME] =
            "SELECT " FUNCTION_COLUMNS "WHERE ?1 IS NULL OR instr(f.name, ?1) > 0 ORDER BY f.name LIMIT ?2 OFFSET ?3",
        [LEDGER_BY_NAME_DOWN] = "SELECT " FUNCTION_COLUMNS
                                "WHERE ?1 IS NULL OR instr(f.name, ?1) > 0 ORDER BY f.name DESC LIMIT ?2 OFFSET ?3",
        [LEDGER_BY_AGE] =
            "SELECT " FUNCTION_COLUMNS "WHERE ?1 IS NULL OR instr(f.name, ?1) > 0 ORDER BY f.seq LIMIT ?2 OFFSET ?3",
        [LEDGER_BY_AGE_DOWN] = "SELECT " FUNCTION_COLUMNS
                               "WHERE ?1 IS NULL OR instr(f.name, ?1) > 0 ORDER BY f.seq DESC LIMIT ?2 OFFSET ?3",
    };
    struct query count CLEANUP(query_done) =
        query_new(ledger->store, "SELECT count(*) FROM function f WHERE ?1 IS NULL OR instr(f.name, ?1) > 0");
    struct query q CLEANUP(query_done) = query_new(ledger->store, SQL[sort]);
    bool has = true;
    query_text(&count, name);
    query_text(&q, name);
    bind_page(&q, page);
    if (!ledger_count(&count, &page->total, err)) {
        return false;
    }
    *ret = arena_array(arena, struct wire_stored_function, page->limit);
    while (has) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (has) {
            (void)get_function(&q, arena, &(*ret)[page->count++]);
        }
    }
    return query_intact(&q, err);
}

bool ledger_revisions(struct ledger *ledger, struct arena *arena, const struct uuid *function, struct ledger_page *page,
                      struct wire_revision **ret, enum ledger_outcome *ret_outcome, struct err *err)
{
    int64_t seq = 0;
    bool has = true;
    if (!find_function(ledger, function, &seq, err)) {
        return false;
    }
    *ret_outcome = seq != 0 ? LEDGER_FOUND : LEDGER_MISSING;
    struct query count CLEANUP(query_done) =
        query_new(ledger->store, "SELECT count(*) FROM revision WHERE function = ?");
    struct query q CLEANUP(query_done) =
        query_new(ledger->store, "SELECT id, settings, created_us FROM revision WHERE function = ? ORDER BY seq DESC "
                                 "LIMIT ? OFFSET ?");
    query_int(&count, seq);
    query_int(&q, seq);
    bind_page(&q, page);
    if (!ledger_count(&count, &page->total, err)) {
        return false;
    }
    *ret = arena_array(arena, struct wire_revision, page->limit);
    while (has) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (has) {
            struct wire_revision *revision = &(*ret)[page->count++];
            revision->id = ledger_get_id(&q, arena);
            revision->configuration = query_get_text(&q, arena);
            revision->created = ledger_get_time(&q);
        }
    }
    return query_intact(&q, err);
}
