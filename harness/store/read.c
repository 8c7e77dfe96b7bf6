#include "store/store_private.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

/* Invocations, plans and runs as records. Samples, cases and values are streamed: cursor.c. */

static const enum verdict UNFINISHED = VERDICT_INTERRUPTED_INT; /* what has not ended never reads as passed */

static enum verdict get_verdict(struct query *q)
{
    if (query_is_null(q)) {
        query_skip(q);
        return UNFINISHED;
    }
    int64_t code = query_get_int(q);
    for (size_t i = 0; i < VERDICT_COUNT; i++) {
        if (VERDICTS[i].exit_code == code) {
            return VERDICTS[i].verdict;
        }
    }
    q->is_damaged = true;
    return UNFINISHED;
}

static bool row_missing(const struct store *store, const char *what, int64_t seq, struct err *err)
{
    return err_set(err, ERR_IO, "store '%s' has no %s %lld", store->path, what, (long long)seq);
}

bool store_invocation(struct store *store, struct arena *arena, int64_t seq, struct invocation_record *ret,
                      struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store, "SELECT seq, id, name, started_ms, finished_ms, state, origin, options, labels, is_full, exit_code, "
               "reason FROM invocation WHERE seq = ?");
    query_int(&q, seq);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    if (!has) {
        return row_missing(store, "invocation", seq, err);
    }
    struct invocation_record inv = {.seq = query_get_int(&q)};
    inv.id = query_get_uuid(&q);
    inv.name = query_get_text(&q, arena);
    inv.started_unix_ms = query_get_int(&q);
    inv.finished_unix_ms = query_get_int(&q);
    inv.state = (enum run_state)query_get_enum(&q, RUN_INTERRUPTED + 1);
    inv.origin = (enum run_origin)query_get_enum(&q, ORIGIN_RESCORED + 1);
    if (!body_get(&q, arena, &inv.options, err)) {
        return false;
    }
    inv.labels = query_get_text(&q, arena);
    inv.is_full_selection = query_get_bool(&q);
    inv.verdict = get_verdict(&q);
    inv.reason = query_get_text(&q, arena);
    if (!query_intact(&q, err)) {
        return false;
    }
    *ret = inv;
    return true;
}

/* --- plans ------------------------------------------------------------------------------------------------------------------------ */

#define PLAN_COLUMNS                                                                                                   \
    "SELECT seq, invocation, position, suite, path, resolved, data_files, suite_digest, plan_digest, case_count, "     \
    "skipped_count, trials FROM plan "

static bool plan_get(struct query *q, struct arena *arena, struct plan_record *ret, struct err *err)
{
    *ret = (struct plan_record){.seq = query_get_int(q), .invocation = query_get_int(q)};
    ret->position = query_get_u32(q);
    ret->suite = query_get_text(q, arena);
    ret->path = query_get_text(q, arena);
    if (!body_get(q, arena, &ret->resolved, err) || !body_get(q, arena, &ret->data_files, err)) {
        return false;
    }
    ret->suite_digest = query_get_digest(q);
    ret->plan_digest = query_get_digest(q);
    ret->case_count = query_get_count(q);
    ret->skipped_count = query_get_count(q);
    ret->trials = query_get_u32(q);
    return query_intact(q, err);
}

void store_set_stand_in(struct store *store, const struct store_stand_in *stand_in)
{
    store->stand_in = stand_in;
}

bool store_plan(struct store *store, struct arena *arena, int64_t seq, struct plan_record *ret, struct err *err)
{
    bool is_stood_in = false;
    if (store->stand_in != NULL && !store->stand_in->plan(store->stand_in->context, seq, &is_stood_in, ret, err)) {
        return false;
    }
    if (is_stood_in) {
        return true;
    }
    struct query q CLEANUP(query_done) = query_new(store, PLAN_COLUMNS "WHERE seq = ?");
    query_int(&q, seq);
    bool has = false;
    struct plan_record plan;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    if (!has) {
        return row_missing(store, "plan", seq, err);
    }
    if (!plan_get(&q, arena, &plan, err)) {
        return false;
    }
    *ret = plan;
    return true;
}

bool store_plans_of(struct store *store, struct arena *arena, int64_t invocation, struct plan_record **ret,
                    size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, PLAN_COLUMNS "WHERE invocation = ? ORDER BY position, seq");
    query_int(&q, invocation);
    VEC(struct plan_record) plans = {0};
    for (bool has = true;;) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        if (!plan_get(&q, arena, vec_push(arena, &plans), err)) {
            return false;
        }
    }
    *ret = plans.items;
    *ret_count = plans.len;
    return true;
}

/* --- runs -------------------------------------------------------------------------------------------------------------------------- */

static bool run_get(struct query *q, struct arena *arena, struct run_record *ret, struct err *err)
{
    *ret = (struct run_record){.seq = query_get_int(q), .invocation = query_get_int(q), .plan = query_get_int(q)};
    ret->id = query_get_uuid(q);
    ret->root_span = query_get_uuid(q);
    ret->position = query_get_u32(q);
    ret->suite = query_get_text(q, arena);
    ret->variant = query_get_text(q, arena);
    ret->target_digest = query_get_digest(q);
    ret->started_unix_ms = query_get_int(q);
    ret->finished_unix_ms = query_get_int(q);
    ret->state = (enum run_state)query_get_enum(q, RUN_INTERRUPTED + 1);
    ret->origin = (enum run_origin)query_get_enum(q, ORIGIN_RESCORED + 1);
    if (!body_get(q, arena, &ret->header, err)) {
        return false;
    }
    ret->source_run = query_get_text(q, arena);
    ret->verdict = get_verdict(q);
    return body_get(q, arena, &ret->summary, err) && query_intact(q, err);
}

static void dimension_get(struct query *q, struct arena *arena, struct dimension *ret)
{
    *ret = (struct dimension){.name = query_get_text(q, arena)};
    ret->kind = (enum dimension_kind)query_get_enum(q, DIMENSION_MEASURE + 1);
    ret->type = (enum dimension_type)query_get_enum(q, TYPE_UNBOUNDED + 1);
    ret->lo = query_get_real(q);
    ret->hi = query_get_real(q);
    ret->direction = (enum dimension_direction)query_get_enum(q, DIRECTION_LOWER + 1);
    ret->weight = query_get_real(q);
    ret->threshold = query_get_real(q);
    ret->is_optional = query_get_bool(q);
    ret->is_required = query_get_bool(q);
    ret->has_min = query_get_optional_real(q, &ret->min);
    ret->has_max = query_get_optional_real(q, &ret->max);
    ret->is_call_measure = query_get_bool(q);
    ret->scorer = query_get_digest(q);
}

static bool run_get_dimensions(struct query *q, struct arena *arena, struct run_record *run, struct err *err)
{
    VEC(struct dimension) dimensions = {0};
    query_again(q);
    query_int(q, run->seq);
    for (bool has = true;;) {
        if (!query_step(q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        q->is_damaged |= query_get_count(q) != dimensions.len; /* scores name a dimension by its position */
        dimension_get(q, arena, vec_push(arena, &dimensions));
    }
    run->dimensions = dimensions.items;
    run->dimension_count = dimensions.len;
    return query_intact(q, err);
}

bool runs_collect(struct query *q, struct arena *arena, struct run_record **ret, size_t *ret_count, struct err *err)
{
    VEC(struct run_record) runs = {0};
    for (bool has = true;;) {
        if (!query_step(q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        if (!run_get(q, arena, vec_push(arena, &runs), err)) {
            return false;
        }
    }
    struct query dimensions CLEANUP(query_done) = query_new(
        q->store, "SELECT position, name, kind, type, lo, hi, direction, weight, threshold, is_optional, is_required, "
                  "min, max, is_call_measure, scorer FROM dimension WHERE run = ? ORDER BY position");
    for (size_t i = 0; i < runs.len; i++) {
        if (!run_get_dimensions(&dimensions, arena, &runs.items[i], err)) {
            return false;
        }
    }
    *ret = runs.items;
    *ret_count = runs.len;
    return true;
}

bool store_runs_of(struct store *store, struct arena *arena, int64_t invocation, struct run_record **ret,
                   size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT " RUN_COLUMNS "WHERE r.invocation = ? ORDER BY p.position, r.position, r.seq");
    query_int(&q, invocation);
    return runs_collect(&q, arena, ret, ret_count, err);
}

bool store_list_runs(struct store *store, struct arena *arena, size_t limit, struct run_record **ret, size_t *ret_count,
                     struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT " RUN_COLUMNS "ORDER BY " NEWEST_FIRST ", p.position, r.position, r.seq LIMIT ?");
    query_int(&q, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    return runs_collect(&q, arena, ret, ret_count, err);
}
