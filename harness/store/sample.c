#include "store/store_private.h"

#include <stdio.h>

#include "base/err.h"

/* Writing samples: the hot path. A sample of 1 KB with two scores is one row of span, two of metric, one of case_text for the first sample of a
 * case, and an entry of span_place; all but the last are appended. */

#define ADD_SPAN                                                                                                       \
    "INSERT INTO span (id, run, ordinal, trial, attempt, state, error, started_ms, ended_ms, pass, score, "            \
    "latency_ms, "                                                                                                     \
    "cost_usd, input_tokens, output_tokens, tries, output_is_json, error_text, output, meta) "                         \
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"

/* Input and expectation belong to the case: its variants, trials and attempts share them. */
static bool case_text_add(struct store *store, const struct run_record *run, const struct sample_record *sample,
                          struct err *err)
{
    int64_t seq = case_seq(run->plan, sample->ordinal);
    int64_t *known = &store->known_cases[(uint64_t)seq % STORE_KNOWN_CASES];
    if (*known == seq || (sample->input.ptr == NULL && sample->expected.ptr == NULL)) {
        return true;
    }
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_ADD_CASE_TEXT, "INSERT INTO case_text VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
    query_int(&q, seq);
    if (!body_bind(&q, sample->input, err) || !body_bind(&q, sample->expected, err) || !query_run(&q, err)) {
        return false;
    }
    *known = seq;
    return true;
}

static bool span_add(struct store *store, const struct run_record *run, const struct sample_record *sample,
                     bool *ret_conflict, struct err *err)
{
    const struct call_measures *m = &sample->measures;
    struct query q CLEANUP(query_done) = query_kept(store, STATEMENT_ADD_SPAN, ADD_SPAN);
    query_uuid(&q, &sample->span);
    query_int(&q, run->seq);
    query_int(&q, (int64_t)sample->ordinal);
    query_int(&q, sample->trial);
    query_int(&q, sample->attempt);
    query_int(&q, sample->state);
    query_text(&q, sample->error == ERROR_NONE ? STR_NULL : str_from(error_kind_word(sample->error)));
    query_int(&q, sample->started_unix_ms);
    /* the wall clock may step back; a span never ends before it starts */
    query_int(&q, sample->ended_unix_ms < sample->started_unix_ms ? sample->started_unix_ms : sample->ended_unix_ms);
    query_int(&q, sample->pass);
    query_optional_real(&q, sample->has_score, sample->score);
    query_optional_real(&q, m->has_latency, m->latency_ms);
    query_optional_real(&q, m->has_cost, m->cost_usd);
    query_optional_real(&q, m->has_input_tokens, m->input_tokens);
    query_optional_real(&q, m->has_output_tokens, m->output_tokens);
    query_int(&q, m->attempts);
    query_int(&q, sample->output_is_json);
    query_text(&q, sample->error_text.len > 0 ? sample->error_text : STR_NULL);
    if (!body_bind(&q, sample->output, err)) {
        return false;
    }
    query_text(&q, sample->meta);
    return query_try(&q, ret_conflict, err);
}

/* Makes room for a later attempt: the record that stands there is kept, marked. */
static bool span_supersede(struct store *store, const struct run_record *run, const struct sample_record *sample,
                           struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "UPDATE span SET superseded = 1 WHERE run = ? AND ordinal = ? AND trial = ? AND "
                         "superseded IS NULL AND attempt < ?");
    query_int(&q, run->seq);
    query_int(&q, (int64_t)sample->ordinal);
    query_int(&q, sample->trial);
    query_int(&q, sample->attempt);
    return query_run(&q, err) &&
           (sqlite_changes(store) == 1 ||
            err_set(err, ERR_BUG, "case '%.*s', trial %u: recorded already, and attempt %u is not a later one",
                    STR_ARG(sample->case_id), sample->trial, sample->attempt));
}

#define METRIC_ROW "(?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define INSERT_METRIC "INSERT OR FAIL INTO metric VALUES " METRIC_ROW

enum { METRIC_ROWS_MAX = 32 };

/* Samples of a run mostly have equally many scores: one statement adds them all, in two thirds of the time. OR FAIL, for a conflict ends the
 * transaction anyway, and ABORT would keep a journal of each statement of several rows. */
static struct query query_of_rows(struct store *store, size_t count)
{
    enum { ROW_BYTES = sizeof(METRIC_ROW) + 2 };
    char sql[64 + METRIC_ROWS_MAX * ROW_BYTES];
    int len = snprintf(sql, sizeof(sql), INSERT_METRIC);
    for (size_t i = 1; i < count; i++) {
        len += snprintf(sql + len, sizeof(sql) - (size_t)len, ", " METRIC_ROW);
    }
    return query_kept(store, STATEMENT_ADD_METRICS, sql);
}

/* *ret_is_together: it takes all the rows at once. */
static struct query metric_query(struct store *store, size_t count, bool *ret_is_together)
{
    bool is_new = store->metric_rows == 0 && count > 1 && count <= METRIC_ROWS_MAX;
    *ret_is_together = is_new || (store->metric_rows > 0 && store->metric_rows == count);
    if (!*ret_is_together) {
        return query_kept(store, STATEMENT_ADD_METRIC, INSERT_METRIC);
    }
    struct query q = is_new ? query_of_rows(store, count) : query_kept(store, STATEMENT_ADD_METRICS, NULL);
    store->metric_rows = q.stmt != NULL ? count : 0;
    return q;
}

static bool metrics_run(struct query *q, const struct sample_record *sample, struct err *err)
{
    bool is_conflict = false;
    if (!query_try(q, &is_conflict, err)) {
        return false;
    }
    return !is_conflict || err_set(err, ERR_BUG, "case '%.*s': two scores in one dimension", STR_ARG(sample->case_id));
}

static bool metrics_add(struct store *store, const struct sample_record *sample, struct err *err)
{
    if (sample->score_count == 0) {
        return true;
    }
    bool is_together = false;
    struct query q CLEANUP(query_done) = metric_query(store, sample->score_count, &is_together);
    for (size_t i = 0; i < sample->score_count; i++) {
        const struct score *score = &sample->scores[i];
        query_int(&q, sample->seq);
        query_int(&q, score->dimension);
        query_int(&q, sample->state == SAMPLE_SCORED);
        query_int(&q, score->outcome);
        query_real(&q, score->value);
        query_optional_real(&q, score->has_unit, score->unit);
        query_text(&q, score->comment.len > 0 ? score->comment : STR_NULL);
        query_text(&q, score->answered);
        query_text(&q, score->wanted);
        if (!is_together && !metrics_run(&q, sample, err)) {
            return false;
        }
    }
    return !is_together || metrics_run(&q, sample, err);
}

bool store_add_sample(struct store *store, const struct run_record *run, struct sample_record *sample, struct err *err)
{
    bool is_conflict = false;
    if (!case_text_add(store, run, sample, err) || !span_add(store, run, sample, &is_conflict, err)) {
        return false;
    }
    if (is_conflict) {
        if (!span_supersede(store, run, sample, err) || !span_add(store, run, sample, &is_conflict, err)) {
            return false;
        }
        if (is_conflict) {
            return err_set(err, ERR_BUG, "case '%.*s': its record cannot be replaced", STR_ARG(sample->case_id));
        }
    }
    sample->seq = sqlite_last_seq(store);
    sample->run = run->seq;
    return metrics_add(store, sample, err);
}

bool store_has_sample(struct store *store, int64_t run, uint64_t ordinal, uint32_t trial, bool *ret_has,
                      uint32_t *ret_attempt, enum sample_state *ret_state, struct err *err)
{
    struct query q CLEANUP(query_done) = query_kept(
        store, STATEMENT_HAS_SAMPLE,
        "SELECT attempt, state FROM span WHERE run = ? AND ordinal = ? AND trial = ? AND superseded IS NULL");
    query_int(&q, run);
    query_int(&q, (int64_t)ordinal);
    query_int(&q, trial);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    if (has) {
        uint32_t attempt = query_get_u32(&q);
        int state = query_get_enum(&q, SAMPLE_ERRORED + 1);
        if (!query_intact(&q, err)) {
            return false;
        }
        *ret_attempt = attempt;
        *ret_state = (enum sample_state)state;
    }
    *ret_has = has;
    return true;
}

bool store_count_samples(struct store *store, int64_t run, uint64_t *ret_recorded, uint64_t *ret_errored,
                         struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT (SELECT count(*) FROM span WHERE run = ?1 AND superseded IS NULL), "
                         "(SELECT count(*) FROM span WHERE run = ?1 AND state = 1 AND superseded IS NULL)");
    query_int(&q, run);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    *ret_recorded = query_get_count(&q);
    *ret_errored = query_get_count(&q);
    return true;
}
