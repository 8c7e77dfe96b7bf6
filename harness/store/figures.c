#include "store/store_private.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"

/* Samples for counting: of their texts only their scores, without comments. As every cursor (cursor.c) it reads ahead a bounded piece and lets its
 * statement go. */

enum { AHEAD_SAMPLES = 256, SQL_BYTES = 2048 };

#define FIGURES "SELECT s.ordinal, s.trial, s.state, s.pass, s.score, "
#define FIGURES_MEASURES ", s.latency_ms, s.cost_usd, s.input_tokens, s.output_tokens, s.tries"
#define FIGURES_WHERE                                                                                                  \
    " WHERE s.run = ?1 AND s.superseded IS NULL AND (s.ordinal, s.trial) > (?2, ?3) ORDER BY s.ordinal, s.trial"
#define FIGURES_CASES ", c.id, c.digest, coalesce(g.tags, '[]'), c.cluster"
#define FIGURES_CASES_FROM                                                                                             \
    " LEFT JOIN plan_case c ON c.seq = (SELECT plan << 40 FROM run WHERE seq = ?1) + s.ordinal "                       \
    "LEFT JOIN tag_list g ON g.seq = c.tags"

struct figure_reader { /* the state of the cursor */
    struct store *store;
    struct query query;
    struct arena ahead; /* texts of the piece */
    struct arena room;  /* what each piece uses again */
    int64_t run;
    struct figure_fields fields;
    uint64_t last_ordinal; /* place of the last sample given */
    uint32_t last_trial;
    struct sample_record records[AHEAD_SAMPLES];
    size_t first_score[AHEAD_SAMPLES]; /* index: the array moves while it grows */
    struct score_list found;
    size_t count, at;
    bool is_end;
};

static void figures_get_measures(struct query *q, struct call_measures *ret)
{
    ret->has_latency = query_get_optional_real(q, &ret->latency_ms);
    ret->has_cost = query_get_optional_real(q, &ret->cost_usd);
    ret->has_input_tokens = query_get_optional_real(q, &ret->input_tokens);
    ret->has_output_tokens = query_get_optional_real(q, &ret->output_tokens);
    ret->attempts = query_get_u32(q);
}

static void figures_get_sample(struct figure_reader *c, struct sample_record *ret)
{
    struct query *q = &c->query;
    *ret = (struct sample_record){.run = c->run};
    ret->ordinal = query_get_count(q);
    ret->trial = query_get_u32(q);
    ret->state = (enum sample_state)query_get_enum(q, SAMPLE_ERRORED + 1);
    ret->pass = (enum sample_pass)query_get_enum(q, PASS_NO + 1);
    ret->has_score = query_get_optional_real(q, &ret->score);
    size_t scores = c->found.len;
    query_get_scores(q, false, &c->room, &c->ahead, &c->found);
    ret->score_count = c->found.len - scores;
    if (c->fields.measures) {
        figures_get_measures(q, &ret->measures);
    }
    if (c->fields.cases) {
        q->is_damaged |= query_is_null(q); /* a sample whose case is gone */
        ret->case_id = query_get_text(q, &c->ahead);
        ret->case_digest = query_get_digest(q);
        ret->tags = query_get_text(q, &c->ahead);
        ret->cluster = query_get_text(q, &c->ahead);
    }
}

static bool figures_read_samples(struct figure_reader *c, struct err *err)
{
    struct query *q = &c->query;
    query_int(q, c->run);
    query_int(q, (int64_t)c->last_ordinal);
    query_int(q, c->last_trial);
    while (c->count < AHEAD_SAMPLES) {
        bool has = false;
        if (!query_step(q, &has, err)) {
            return false;
        }
        if (!has) {
            c->is_end = true;
            break;
        }
        c->first_score[c->count] = c->found.len;
        figures_get_sample(c, &c->records[c->count++]);
    }
    return query_intact(q, err);
}

static bool figures_read_ahead(struct figure_reader *c, struct err *err)
{
    arena_reset(&c->ahead);
    c->found.len = 0;
    c->count = c->at = 0;
    bool ok = figures_read_samples(c, err);
    query_again(&c->query);
    for (size_t i = 0; i < c->count; i++) {
        c->records[i].scores = c->records[i].score_count == 0 ? NULL : &c->found.items[c->first_score[i]];
    }
    if (ok && c->count > 0) {
        c->last_ordinal = c->records[c->count - 1].ordinal;
        c->last_trial = c->records[c->count - 1].trial;
    }
    c->count = ok ? c->count : 0;
    return ok;
}

static bool figures_next(struct sample_cursor *cursor, bool *ret_has, struct sample_record *ret, struct err *err)
{
    struct figure_reader *c = cursor->state;
    if (c->at == c->count && !c->is_end && !figures_read_ahead(c, err)) {
        return false;
    }
    *ret_has = c->at < c->count;
    if (*ret_has) {
        *ret = c->records[c->at++];
    }
    return true;
}

static void figures_close(struct sample_cursor *cursor)
{
    struct figure_reader *c = cursor->state;
    query_done(&c->query);
    arena_deinit(&c->ahead);
    arena_deinit(&c->room);
    mem_free(c);
    cursor->state = NULL;
}

bool store_figures(struct store *store, int64_t run, struct figure_fields fields, struct sample_cursor *ret,
                   struct err *err)
{
    char sql[SQL_BYTES];
    bool is_stood_in = false;
    if (store->stand_in != NULL &&
        !store->stand_in->figures(store->stand_in->context, run, fields, &is_stood_in, ret, err)) {
        return false;
    }
    if (is_stood_in) {
        return true;
    }
    /* a statement that cannot be prepared shows at the first step */
    (void)snprintf(sql, sizeof(sql), FIGURES "%s%s%s FROM span s INDEXED BY span_place%s" FIGURES_WHERE,
                   store->steps < SCHEMA_SCORES ? SCORES_ROWS : SCORES_COLUMN, fields.measures ? FIGURES_MEASURES : "",
                   fields.cases ? FIGURES_CASES : "", fields.cases ? FIGURES_CASES_FROM : "");
    struct figure_reader *c = mem_alloc(sizeof(*c));
    c->store = store;
    c->run = run;
    c->fields = fields;
    c->query = query_new(store, sql);
    *ret = (struct sample_cursor){.next = figures_next, .close = figures_close, .state = c};
    return true;
}
