#include "store/store_private.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"

/* Samples for counting: one statement for spans and metrics together, none of their texts. Half the time of store_samples without texts. As every
 * cursor (cursor.c) it reads ahead a bounded piece and lets its statement go. */

enum { AHEAD_SAMPLES = 256, SQL_BYTES = 1024 };

#define FIGURES                                                                                                        \
    "SELECT s.ordinal, s.trial, s.state, s.pass, s.score, m.dimension, m.outcome, m.value, m.unit, m.answered, "       \
    "m.wanted"
#define FIGURES_MEASURES ", s.latency_ms, s.cost_usd, s.input_tokens, s.output_tokens, s.tries"
#define FIGURES_FROM                                                                                                   \
    " LEFT JOIN metric m ON m.span = s.seq "                                                                           \
    "WHERE s.run = ?1 AND s.superseded IS NULL AND (s.ordinal, s.trial) > (?2, ?3) ORDER BY s.ordinal, s.trial"
#define FIGURES_CASES ", c.id, c.digest, coalesce(g.tags, '[]'), c.cluster"
#define FIGURES_CASES_FROM                                                                                             \
    " LEFT JOIN plan_case c ON c.seq = (SELECT plan << 40 FROM run WHERE seq = ?1) + s.ordinal "                       \
    "LEFT JOIN tag_list g ON g.seq = c.tags"

struct figure_reader { /* the state of the cursor */
    struct store *store;
    struct query query;
    struct arena ahead;
    int64_t run;
    struct figure_fields fields;
    uint64_t last_ordinal; /* place of the last sample given */
    uint32_t last_trial;
    struct sample_record records[AHEAD_SAMPLES];
    size_t first_score[AHEAD_SAMPLES]; /* index: the array moves while it grows */
    VEC(struct score) scores;
    size_t count, at;
    bool is_end;
};

/* The row's sample, when it is not the one at hand. False when there is no room for another. */
static bool figures_enter(struct figure_reader *c, uint64_t ordinal, uint32_t trial)
{
    struct query *q = &c->query;
    const struct sample_record *last = c->count > 0 ? &c->records[c->count - 1] : NULL;
    if (last != NULL && last->ordinal == ordinal && last->trial == trial) {
        query_skip(q);
        query_skip(q);
        query_skip(q);
        return true;
    }
    if (c->count == AHEAD_SAMPLES) {
        return false;
    }
    c->first_score[c->count] = c->scores.len;
    struct sample_record *record = &c->records[c->count++];
    *record = (struct sample_record){.run = c->run, .ordinal = ordinal, .trial = trial};
    record->state = (enum sample_state)query_get_enum(q, SAMPLE_ERRORED + 1);
    record->pass = (enum sample_pass)query_get_enum(q, PASS_NO + 1);
    record->has_score = query_get_optional_real(q, &record->score);
    return true;
}

static void figures_get_score(struct figure_reader *c)
{
    struct query *q = &c->query;
    if (query_is_null(q)) { /* a sample without scores: an error before there was an output */
        for (int i = 0; i < 6; i++) {
            query_skip(q);
        }
        return;
    }
    struct score *score = vec_push(&c->ahead, &c->scores);
    *score = (struct score){.dimension = query_get_u32(q)};
    score->outcome = (enum score_outcome)query_get_enum(q, SCORE_FAIL + 1);
    score->value = query_get_real(q);
    score->has_unit = query_get_optional_real(q, &score->unit);
    score->answered = query_get_text(q, &c->ahead);
    score->wanted = query_get_text(q, &c->ahead);
    c->records[c->count - 1].score_count++;
}

static void figures_get_fields(struct figure_reader *c, struct sample_record *record)
{
    struct query *q = &c->query;
    struct call_measures *m = &record->measures;
    if (c->fields.measures) {
        m->has_latency = query_get_optional_real(q, &m->latency_ms);
        m->has_cost = query_get_optional_real(q, &m->cost_usd);
        m->has_input_tokens = query_get_optional_real(q, &m->input_tokens);
        m->has_output_tokens = query_get_optional_real(q, &m->output_tokens);
        m->attempts = query_get_u32(q);
    }
    if (c->fields.cases) {
        q->is_damaged |= query_is_null(q); /* a sample whose case is gone */
        record->case_id = query_get_text(q, &c->ahead);
        record->case_digest = query_get_digest(q);
        record->tags = query_get_text(q, &c->ahead);
        record->cluster = query_get_text(q, &c->ahead);
    }
}

/* False with *ret_more set when the piece is full, without it at the end. */
static bool figures_row(struct figure_reader *c, bool *ret_more, struct err *err)
{
    struct query *q = &c->query;
    bool has = false;
    *ret_more = false;
    if (!query_step(q, &has, err)) {
        return false;
    }
    if (!has) {
        c->is_end = true;
        return true;
    }
    size_t count = c->count;
    uint64_t ordinal = query_get_count(q);
    uint32_t trial = query_get_u32(q);
    if (!figures_enter(c, ordinal, trial)) {
        return true;
    }
    figures_get_score(c);
    if (c->count > count) {
        figures_get_fields(c, &c->records[count]);
    }
    *ret_more = true;
    return query_intact(q, err);
}

static bool figures_read_ahead(struct figure_reader *c, struct err *err)
{
    struct query *q = &c->query;
    arena_reset(&c->ahead);
    c->scores.items = NULL;
    c->scores.len = c->scores.cap = 0;
    c->count = c->at = 0;
    query_again(q);
    query_int(q, c->run);
    query_int(q, (int64_t)c->last_ordinal);
    query_int(q, c->last_trial);
    for (bool has_more = true; has_more;) {
        if (!figures_row(c, &has_more, err)) {
            query_again(q);
            return false;
        }
    }
    query_again(q);
    for (size_t i = 0; i < c->count; i++) {
        c->records[i].scores = c->records[i].score_count == 0 ? NULL : &c->scores.items[c->first_score[i]];
    }
    if (c->count > 0) {
        c->last_ordinal = c->records[c->count - 1].ordinal;
        c->last_trial = c->records[c->count - 1].trial;
    }
    return true;
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
    (void)snprintf(sql, sizeof(sql), FIGURES "%s%s FROM span s INDEXED BY span_place%s" FIGURES_FROM,
                   fields.measures ? FIGURES_MEASURES : "", fields.cases ? FIGURES_CASES : "",
                   fields.cases ? FIGURES_CASES_FROM : "");
    struct figure_reader *c = mem_alloc(sizeof(*c));
    c->store = store;
    c->run = run;
    c->fields = fields;
    c->query = query_new(store, sql);
    *ret = (struct sample_cursor){.next = figures_next, .close = figures_close, .state = c};
    return true;
}
