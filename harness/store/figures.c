#include "store/store_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"

/* Samples for counting: none of their texts. As every cursor (cursor.c) it reads ahead a bounded piece and lets its statements go.
 *
 * Two statements a piece, not one that joins them: that one gives what belongs to the sample with each of its scores again, and looks each
 * sample's scores up from the root of their tree. Here the scores of a piece are read in the order in which samples were stored, which is
 * nearly that of the plan: mostly the next row is the one wanted. */

enum { AHEAD_SAMPLES = 256, SQL_BYTES = 1024 };

/* Scores of other samples (other variants', superseded ones) that lie between two wanted ones are read over up to so many; then a look-up is
 * cheaper. */
enum { SCORES_PASSED_OVER = 8 };

#define FIGURES "SELECT s.seq, s.ordinal, s.trial, s.state, s.pass, s.score"
#define FIGURES_MEASURES ", s.latency_ms, s.cost_usd, s.input_tokens, s.output_tokens, s.tries"
#define FIGURES_WHERE                                                                                                  \
    " WHERE s.run = ?1 AND s.superseded IS NULL AND (s.ordinal, s.trial) > (?2, ?3) ORDER BY s.ordinal, s.trial"
#define FIGURES_CASES ", c.id, c.digest, coalesce(g.tags, '[]'), c.cluster"
#define FIGURES_CASES_FROM                                                                                             \
    " LEFT JOIN plan_case c ON c.seq = (SELECT plan << 40 FROM run WHERE seq = ?1) + s.ordinal "                       \
    "LEFT JOIN tag_list g ON g.seq = c.tags"
#define FIGURES_SCORES                                                                                                 \
    "SELECT span, dimension, outcome, value, unit, answered, wanted FROM metric WHERE span >= ? ORDER BY span, "       \
    "dimension"

struct figure_reader { /* the state of the cursor */
    struct store *store;
    struct query samples, scores;
    struct arena ahead; /* texts of the piece */
    struct arena room;  /* what each piece uses again */
    int64_t run;
    struct figure_fields fields;
    uint64_t last_ordinal; /* place of the last sample given */
    uint32_t last_trial;
    struct sample_record records[AHEAD_SAMPLES];
    struct sample_record *by_seq[AHEAD_SAMPLES];
    size_t first_score[AHEAD_SAMPLES]; /* index: the array moves while it grows */
    VEC(struct score) found;
    size_t count, at;
    bool is_end;
};

/* --- the samples of a piece ------------------------------------------------------------------------------------------------------- */

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
    struct query *q = &c->samples;
    *ret = (struct sample_record){.run = c->run, .seq = query_get_int(q)};
    ret->ordinal = query_get_count(q);
    ret->trial = query_get_u32(q);
    ret->state = (enum sample_state)query_get_enum(q, SAMPLE_ERRORED + 1);
    ret->pass = (enum sample_pass)query_get_enum(q, PASS_NO + 1);
    ret->has_score = query_get_optional_real(q, &ret->score);
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
    struct query *q = &c->samples;
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
        figures_get_sample(c, &c->records[c->count++]);
    }
    return query_intact(q, err);
}

/* --- their scores ------------------------------------------------------------------------------------------------------------------- */

static int seq_compare(const void *a, const void *b)
{
    const struct sample_record *const *x = a;
    const struct sample_record *const *y = b;
    return ((*x)->seq > (*y)->seq) - ((*x)->seq < (*y)->seq);
}

struct scores_at { /* where the statement of scores stands: its row is of this sample */
    int64_t seq;
    bool has;
};

static bool scores_step(struct figure_reader *c, struct scores_at *at, struct err *err)
{
    if (!query_step(&c->scores, &at->has, err)) {
        return false;
    }
    at->seq = at->has ? query_get_int(&c->scores) : INT64_MAX;
    return true;
}

/* On to the first score of a sample that is not before `seq`. */
static bool scores_go(struct figure_reader *c, struct scores_at *at, int64_t seq, struct err *err)
{
    for (int i = 0; at->seq < seq && i < SCORES_PASSED_OVER; i++) {
        if (!scores_step(c, at, err)) {
            return false;
        }
    }
    if (at->seq >= seq) {
        return true;
    }
    query_again(&c->scores);
    query_int(&c->scores, seq);
    return scores_step(c, at, err);
}

static void figures_get_score(struct figure_reader *c)
{
    struct query *q = &c->scores;
    struct score *score = vec_push(&c->room, &c->found);
    *score = (struct score){.dimension = query_get_u32(q)};
    score->outcome = (enum score_outcome)query_get_enum(q, SCORE_FAIL + 1);
    score->value = query_get_real(q);
    score->has_unit = query_get_optional_real(q, &score->unit);
    score->answered = query_get_text(q, &c->ahead);
    score->wanted = query_get_text(q, &c->ahead);
}

static bool figures_read_scores(struct figure_reader *c, struct err *err)
{
    for (size_t i = 0; i < c->count; i++) {
        c->by_seq[i] = &c->records[i];
    }
    qsort(c->by_seq, c->count, sizeof(c->by_seq[0]), seq_compare);
    struct scores_at at = {.seq = INT64_MIN};
    query_int(&c->scores, c->count > 0 ? c->by_seq[0]->seq : 0);
    for (size_t i = 0; i < c->count; i++) {
        struct sample_record *record = c->by_seq[i];
        if (!scores_go(c, &at, record->seq, err)) {
            return false;
        }
        c->first_score[record - c->records] = c->found.len;
        while (at.has && at.seq == record->seq) {
            figures_get_score(c);
            record->score_count++;
            if (!scores_step(c, &at, err)) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < c->count; i++) {
        c->records[i].scores = c->records[i].score_count == 0 ? NULL : &c->found.items[c->first_score[i]];
    }
    return query_intact(&c->scores, err);
}

/* --- the cursor ------------------------------------------------------------------------------------------------------------------- */

/* Both in one view of the store: within the caller's transaction, or in one of its own. */
static bool figures_read_both(struct figure_reader *c, struct err *err)
{
    bool is_own = !sqlite_in_transaction(c->store);
    if (is_own && !store_read_begin(c->store, err)) {
        return false;
    }
    bool ok = figures_read_samples(c, err) && figures_read_scores(c, err);
    query_again(&c->samples);
    query_again(&c->scores);
    if (is_own) {
        store_read_end(c->store);
    }
    return ok;
}

static bool figures_read_ahead(struct figure_reader *c, struct err *err)
{
    arena_reset(&c->ahead);
    c->found.len = 0;
    c->count = c->at = 0;
    if (!figures_read_both(c, err)) {
        c->count = 0;
        return false;
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
    query_done(&c->samples);
    query_done(&c->scores);
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
    (void)snprintf(sql, sizeof(sql), FIGURES "%s%s FROM span s INDEXED BY span_place%s" FIGURES_WHERE,
                   fields.measures ? FIGURES_MEASURES : "", fields.cases ? FIGURES_CASES : "",
                   fields.cases ? FIGURES_CASES_FROM : "");
    struct figure_reader *c = mem_alloc(sizeof(*c));
    c->store = store;
    c->run = run;
    c->fields = fields;
    c->samples = query_new(store, sql);
    c->scores = query_new(store, FIGURES_SCORES);
    *ret = (struct sample_cursor){.next = figures_next, .close = figures_close, .state = c};
    return true;
}
