#include "store/store_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"

/* What is written once an invocation: itself, its plans, its runs and their root spans. Samples: sample.c. */

enum { AHEAD_MS = 5 * 60 * 1000 };

/* Zero means "not yet" in the records, and NULL here. */
static void bind_time(struct query *q, int64_t unix_ms)
{
    if (unix_ms == 0) {
        query_null(q);
    } else {
        query_int(q, unix_ms);
    }
}

static void bind_verdict(struct query *q, enum run_state state, enum verdict verdict)
{
    if (state == RUN_RUNNING) {
        query_null(q);
    } else {
        query_int(q, verdict_row(verdict)->exit_code); /* the code is a contract, the enum's order is not */
    }
}

bool store_is_ahead(int64_t finished_unix_ms)
{
    return finished_unix_ms > clock_unix_ms(&CLOCK_SYSTEM) + AHEAD_MS;
}

/* By what the end is sorted. */
static int64_t order_time(int64_t finished_unix_ms)
{
    return store_is_ahead(finished_unix_ms) ? clock_unix_ms(&CLOCK_SYSTEM) : finished_unix_ms;
}

bool store_add_invocation(struct store *store, struct invocation_record *inv, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store, "INSERT INTO invocation (id, name, started_ms, finished_ms, order_ms, state, origin, options, labels, "
               "is_full, exit_code, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_uuid(&q, &inv->id);
    query_text(&q, inv->name);
    query_int(&q, inv->started_unix_ms);
    bind_time(&q, inv->finished_unix_ms);
    bind_time(&q, order_time(inv->finished_unix_ms));
    query_int(&q, inv->state);
    query_int(&q, inv->origin);
    if (!body_bind(&q, inv->options, err)) {
        return false;
    }
    query_text(&q, inv->labels);
    query_int(&q, inv->is_full_selection);
    bind_verdict(&q, inv->state, inv->verdict);
    query_text(&q, inv->reason);
    bool is_conflict = false;
    if (!query_try(&q, &is_conflict, err)) {
        return false;
    }
    if (is_conflict) {
        struct uuid_text id = id_text(&inv->id);
        return err_set(err, ERR_USAGE,
                       "an invocation '%.*s' exists already: use `assay resume %.*s`, or another --run-id",
                       STR_ARG(inv->name.len > 0 ? inv->name : str_from(id.text)),
                       STR_ARG(inv->name.len > 0 ? inv->name : str_from(id.text)));
    }
    inv->seq = sqlite_last_seq(store);
    return true;
}

/* An update that hit no row: the record came from nowhere. */
static bool updated(struct store *store, const char *what, int64_t seq, struct err *err)
{
    return sqlite_changes(store) == 1 ||
           err_set(err, ERR_BUG, "store '%s' has no %s %lld to update", store->path, what, (long long)seq);
}

bool store_update_invocation(struct store *store, const struct invocation_record *inv, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store,
        "UPDATE invocation SET finished_ms = ?, order_ms = ?, state = ?, exit_code = ?, reason = ? WHERE seq = ?");
    bind_time(&q, inv->finished_unix_ms);
    bind_time(&q, order_time(inv->finished_unix_ms));
    query_int(&q, inv->state);
    bind_verdict(&q, inv->state, inv->verdict);
    query_text(&q, inv->reason);
    query_int(&q, inv->seq);
    return query_run(&q, err) && updated(store, "invocation", inv->seq, err);
}

/* --- plans ------------------------------------------------------------------------------------------------------------------------ */

bool store_add_plan(struct store *store, struct plan_record *plan, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store, "INSERT INTO plan (invocation, position, suite, path, resolved, data_files, suite_digest, plan_digest, "
               "case_count, skipped_count, trials) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, plan->invocation);
    query_int(&q, plan->position);
    query_text(&q, plan->suite);
    query_text(&q, plan->path);
    if (!body_bind(&q, plan->resolved, err) || !body_bind(&q, plan->data_files, err)) {
        return false;
    }
    query_digest(&q, &plan->suite_digest);
    query_digest(&q, &plan->plan_digest);
    query_int(&q, (int64_t)plan->case_count);
    query_int(&q, (int64_t)plan->skipped_count);
    query_int(&q, plan->trials);
    if (!query_run(&q, err)) {
        return false;
    }
    plan->seq = sqlite_last_seq(store);
    planned_begin(store, plan->seq);
    return true;
}

bool store_finish_plan(struct store *store, const struct plan_record *plan, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store, "UPDATE plan SET data_files = ?, plan_digest = ?, case_count = ?, skipped_count = ? WHERE seq = ?");
    if (!body_bind(&q, plan->data_files, err)) {
        return false;
    }
    query_digest(&q, &plan->plan_digest);
    query_int(&q, (int64_t)plan->case_count);
    query_int(&q, (int64_t)plan->skipped_count);
    query_int(&q, plan->seq);
    return query_run(&q, err) && updated(store, "plan", plan->seq, err);
}

/* --- runs -------------------------------------------------------------------------------------------------------------------------- */

static bool dimension_add(struct query *q, int64_t run, size_t position, const struct dimension *d, struct err *err)
{
    query_int(q, run);
    query_int(q, (int64_t)position);
    query_text(q, d->name);
    query_int(q, d->kind);
    query_int(q, d->type);
    query_real(q, d->lo);
    query_real(q, d->hi);
    query_int(q, d->direction);
    query_real(q, d->weight);
    query_real(q, d->threshold);
    query_int(q, d->is_optional);
    query_int(q, d->is_required);
    query_optional_real(q, d->has_min, d->min);
    query_optional_real(q, d->has_max, d->max);
    query_int(q, d->is_call_measure);
    query_digest(q, &d->scorer);
    return query_run(q, err);
}

static bool run_insert(struct store *store, struct run_record *run, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store,
        "INSERT INTO run (invocation, plan, id, root, position, variant, target_digest, started_ms, finished_ms, "
        "state, origin, header, source_run, exit_code, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, run->invocation);
    query_int(&q, run->plan);
    query_uuid(&q, &run->id);
    query_uuid(&q, &run->root_span);
    query_int(&q, run->position);
    query_text(&q, run->variant);
    query_digest(&q, &run->target_digest);
    query_int(&q, run->started_unix_ms);
    bind_time(&q, run->finished_unix_ms);
    query_int(&q, run->state);
    query_int(&q, run->origin);
    if (!body_bind(&q, run->header, err)) {
        return false;
    }
    query_text(&q, run->source_run);
    bind_verdict(&q, run->state, run->verdict);
    bool is_conflict = false;
    if (!body_bind(&q, run->summary, err) || !query_try(&q, &is_conflict, err)) {
        return false;
    }
    if (is_conflict) {
        struct uuid_text id = id_text(&run->id);
        return err_set(err, ERR_USAGE, "the store holds a run %s already", id.text);
    }
    run->seq = sqlite_last_seq(store);
    return true;
}

bool store_add_run(struct store *store, struct run_record *run, struct err *err)
{
    if (!run_insert(store, run, err)) {
        return false;
    }
    struct query q CLEANUP(query_done) =
        query_new(store, "INSERT INTO dimension VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (size_t i = 0; i < run->dimension_count; i++) {
        if (!dimension_add(&q, run->seq, i, &run->dimensions[i], err)) {
            return false;
        }
    }
    return true;
}

bool store_update_run(struct store *store, const struct run_record *run, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "UPDATE run SET finished_ms = ?, state = ?, exit_code = ?, summary = ? WHERE seq = ?");
    bind_time(&q, run->finished_unix_ms);
    query_int(&q, run->state);
    bind_verdict(&q, run->state, run->verdict);
    if (!body_bind(&q, run->summary, err)) {
        return false;
    }
    query_int(&q, run->seq);
    return query_run(&q, err) && updated(store, "run", run->seq, err);
}

/* The whole set each time: a run that is resumed is judged anew. */
static bool root_metrics_replace(struct store *store, int64_t run, const struct root_metric *metrics, size_t count,
                                 struct err *err)
{
    struct query clear CLEANUP(query_done) = query_new(store, "DELETE FROM run_metric WHERE run = ?");
    query_int(&clear, run);
    if (!query_run(&clear, err)) {
        return false;
    }
    struct query add CLEANUP(query_done) = query_new(store, "INSERT INTO run_metric VALUES (?, ?, ?, ?)");
    for (size_t i = 0; i < count; i++) {
        query_int(&add, run);
        query_text(&add, metrics[i].dimension);
        query_real(&add, metrics[i].value);
        query_text(&add, metrics[i].comment);
        if (!query_run(&add, err)) {
            return false;
        }
    }
    return true;
}

bool store_end_root(struct store *store, const struct run_record *run, struct str input, struct str output,
                    struct str meta, int span_score, const struct root_metric *metrics, size_t count, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "UPDATE run SET root_input = ?, root_output = ?, root_meta = ?, root_score = ? WHERE seq = ?");
    if (!body_bind(&q, input, err) || !body_bind(&q, output, err) || !body_bind(&q, meta, err)) {
        return false;
    }
    if (span_score < 0) {
        query_null(&q);
    } else {
        query_int(&q, span_score);
    }
    query_int(&q, run->seq);
    return query_run(&q, err) && updated(store, "run", run->seq, err) &&
           root_metrics_replace(store, run->seq, metrics, count, err);
}
