#include "store/store_private.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "store/outbox.h"

/* A row of span and what belongs to it as a record. */

static enum error_kind get_error(struct query *q, struct arena *arena)
{
    struct str word = query_get_text(q, arena);
    enum error_kind kind = ERROR_NONE;
    if (word.ptr == NULL) {
        return ERROR_NONE;
    }
    if (!error_kind_of_word(word, &kind) || kind == ERROR_NONE) {
        q->is_damaged = true;
        return ERROR_TARGET;
    }
    return kind;
}

static void get_measures(struct query *q, struct call_measures *ret)
{
    ret->has_latency = query_get_optional_real(q, &ret->latency_ms);
    ret->has_cost = query_get_optional_real(q, &ret->cost_usd);
    ret->has_input_tokens = query_get_optional_real(q, &ret->input_tokens);
    ret->has_output_tokens = query_get_optional_real(q, &ret->output_tokens);
    ret->attempts = query_get_u32(q);
}

static bool sample_get_scores(struct query *q, struct arena *arena, const struct sample_shape *shape,
                              struct sample_record *sample, struct err *err)
{
    struct score_list scores = {0};
    query_get_scores(q, shape->with_texts, arena, arena, &scores);
    for (size_t i = 0; i < scores.len; i++) {
        q->is_damaged |= scores.items[i].dimension >= shape->dimension_count;
    }
    sample->scores = scores.items;
    sample->score_count = scores.len;
    return query_intact(q, err);
}

bool sample_get(struct query *q, struct arena *arena, const struct sample_shape *shape, struct sample_record *ret,
                struct err *err)
{
    *ret = (struct sample_record){.run = shape->run, .seq = query_get_int(q)};
    ret->span = query_get_uuid(q);
    ret->ordinal = query_get_count(q);
    ret->trial = query_get_u32(q);
    ret->attempt = query_get_u32(q);
    ret->started_unix_ms = query_get_int(q);
    ret->ended_unix_ms = query_get_int(q);
    ret->state = (enum sample_state)query_get_enum(q, SAMPLE_ERRORED + 1);
    ret->error = get_error(q, arena);
    ret->error_text = query_get_text(q, arena);
    ret->pass = (enum sample_pass)query_get_enum(q, PASS_NO + 1);
    ret->has_score = query_get_optional_real(q, &ret->score);
    get_measures(q, &ret->measures);
    ret->output_is_json = query_get_bool(q);
    q->is_damaged |= query_is_null(q); /* a sample whose case is gone */
    ret->case_id = query_get_text(q, arena);
    ret->case_digest = query_get_digest(q);
    ret->tags = query_get_text(q, arena);
    ret->cluster = query_get_text(q, arena);
    if (!query_intact(q, err) || !body_get(q, arena, &ret->input, err) || !body_get(q, arena, &ret->expected, err) ||
        !body_get(q, arena, &ret->output, err)) {
        return false;
    }
    ret->meta = query_get_text(q, arena);
    return sample_get_scores(q, arena, shape, ret, err);
}

#define SAMPLE(scores)                                                                                                 \
    "SELECT " SAMPLE_COLUMNS(                                                                                          \
        scores, "1") ", s.superseded IS NOT NULL FROM span s LEFT JOIN plan_case c ON c.seq = ?1 + s.ordinal "         \
                     "LEFT JOIN tag_list g ON g.seq = c.tags LEFT JOIN case_text t ON t.seq = c.seq "                  \
                     "WHERE s.seq = ?2 AND s.run = ?3"

bool store_sample(struct store *store, struct arena *arena, const struct run_record *run, int64_t span,
                  struct sample_record *ret, bool *ret_superseded, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_SAMPLE, store->steps < SCHEMA_SCORES ? SAMPLE(SCORES_ROWS) : SAMPLE(SCORES_COLUMN));
    query_int(&q, case_seq(run->plan, 0));
    query_int(&q, span);
    query_int(&q, run->seq);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    if (!has) {
        return err_set(err, ERR_IO, "store '%s' has no span %lld", store->path, (long long)span);
    }
    struct sample_shape shape = {.run = run->seq, .dimension_count = run->dimension_count, .with_texts = true};
    struct sample_record sample;
    if (!sample_get(&q, arena, &shape, &sample, err)) {
        return false;
    }
    bool is_superseded = query_get_bool(&q);
    if (!query_intact(&q, err)) {
        return false;
    }
    *ret = sample;
    *ret_superseded = is_superseded;
    return true;
}
