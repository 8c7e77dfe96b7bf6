#include "store/store_private.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/vec.h"

/* Cursors: samples of a run, cases of a plan, values of a dimension, in plan order.
 *
 * Each reads ahead a bounded piece (rows, or bytes of text) and lets its statement go until the next one. So memory is flat, and no read
 * transaction stays open while the caller works: an open one would keep the log from ever being reset, and a transaction begun above an old
 * one is refused. A cursor may thus be open over the caller's own commits; it goes on from its place in plan order. */

enum { AHEAD_ROWS = 64, AHEAD_BYTES = 128 << 10 };

struct place { /* in plan order; the next row is behind it */
    uint64_t ordinal;
    uint32_t trial;
};

/* --- samples ----------------------------------------------------------------------------------------------------------------------- */

#define SAMPLES(scores)                                                                                                \
    "SELECT " SAMPLE_COLUMNS(                                                                                          \
        scores,                                                                                                        \
        "?9") " FROM span s INDEXED BY span_place LEFT JOIN plan_case c ON c.seq = ?1 + s.ordinal "                    \
              "LEFT JOIN tag_list g ON g.seq = c.tags LEFT JOIN case_text t ON t.seq = CASE WHEN ?9 THEN c.seq END "   \
              "WHERE s.run = ?2 AND s.superseded IS NULL AND (s.ordinal, s.trial) > (?3, ?4) AND s.ordinal <= ?5 "     \
              "AND (NOT (?6 OR ?7) OR (?6 AND s.state = 1) OR (?7 AND s.pass = 2)) "                                   \
              "AND (?8 IS NULL OR EXISTS (SELECT 1 FROM json_each(g.tags) WHERE value = ?8)) "                         \
              "ORDER BY s.ordinal, s.trial"

struct sample_reader { /* the state of a sample cursor */
    struct store *store;
    struct query query;
    struct arena run, ahead; /* the cursor's own texts; what was read ahead */
    struct sample_filter filter;
    struct sample_shape shape;
    int64_t plan;
    struct place place;
    uint64_t last_ordinal;
    struct sample_record *records;
    size_t count, at;
    bool is_end, has_kept; /* has_kept: its query is the store's kept one */
};

static void samples_bind(struct sample_reader *c)
{
    struct query *q = &c->query;
    query_again(q);
    query_int(q, case_seq(c->plan, 0));
    query_int(q, c->shape.run);
    query_int(q, (int64_t)c->place.ordinal);
    query_int(q, c->place.trial);
    query_int(q, (int64_t)c->last_ordinal);
    query_int(q, c->filter.only_errored);
    query_int(q, c->filter.only_failed);
    query_text(q, c->filter.tag);
    query_int(q, !c->filter.without_texts);
}

static bool samples_read_ahead(struct sample_reader *c, struct err *err)
{
    arena_reset(&c->ahead);
    c->records = arena_array(&c->ahead, struct sample_record, AHEAD_ROWS);
    c->count = c->at = 0;
    samples_bind(c);
    while (c->count < AHEAD_ROWS && c->ahead.total_bytes < AHEAD_BYTES) {
        bool has = false;
        if (!query_step(&c->query, &has, err)) {
            return false;
        }
        if (!has) {
            c->is_end = true;
            break;
        }
        struct sample_record *record = &c->records[c->count];
        if (!sample_get(&c->query, &c->ahead, &c->shape, record, err)) {
            query_again(&c->query);
            return false;
        }
        c->place = (struct place){record->ordinal, record->trial};
        c->count++;
    }
    query_again(&c->query);
    return true;
}

static bool samples_next(struct sample_cursor *cursor, bool *ret_has, struct sample_record *ret, struct err *err)
{
    struct sample_reader *c = cursor->state;
    if (c->at == c->count && !c->is_end && !samples_read_ahead(c, err)) {
        return false;
    }
    *ret_has = c->at < c->count;
    if (*ret_has) {
        *ret = c->records[c->at++];
    }
    return true;
}

static void sample_reader_free(struct sample_reader **state)
{
    struct sample_reader *c = *state;
    if (c == NULL) {
        return;
    }
    query_done(&c->query);
    if (c->has_kept) {
        c->store->samples_in_use = false;
    }
    arena_deinit(&c->ahead);
    arena_deinit(&c->run);
    mem_free(c);
    *state = NULL;
}

static void samples_close(struct sample_cursor *cursor)
{
    struct sample_reader *c = cursor->state;
    sample_reader_free(&c);
    cursor->state = NULL;
}

static bool samples_find_run(struct sample_reader *c, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(c->store, STATEMENT_RUN_PLAN,
                   "SELECT plan, (SELECT count(*) FROM dimension WHERE run = ?1) FROM run WHERE seq = ?1");
    query_int(&q, c->shape.run);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    if (!has) {
        return err_set(err, ERR_IO, "store '%s' has no run %lld", c->store->path, (long long)c->shape.run);
    }
    c->plan = query_get_int(&q);
    c->shape.dimension_count = query_get_count(&q);
    return true;
}

static bool samples_narrow(struct sample_reader *c, struct err *err)
{
    bool has = false;
    uint64_t ordinal = 0;
    c->last_ordinal = INT64_MAX;
    if (c->filter.has_ordinal) {
        c->place.ordinal = c->last_ordinal = c->filter.ordinal;
    }
    if (c->filter.case_id.ptr == NULL) {
        return true;
    }
    if (!case_find(c->store, c->plan, c->filter.case_id, &has, &ordinal, err)) {
        return false;
    }
    c->place.ordinal = c->last_ordinal = ordinal;
    c->is_end = !has;
    return true;
}

bool store_samples(struct store *store, int64_t run, struct sample_filter filter, struct sample_cursor *ret,
                   struct err *err)
{
    struct sample_reader *c CLEANUP(sample_reader_free) = mem_alloc(sizeof(struct sample_reader));
    c->store = store;
    c->shape.run = run;
    c->filter = filter;
    c->shape.with_texts = !filter.without_texts;
    if (filter.tag.ptr != NULL) {
        c->filter.tag = arena_str(&c->run, filter.tag);
    }
    if (!samples_find_run(c, err) || !samples_narrow(c, err)) {
        return false;
    }
    c->has_kept = !store->samples_in_use;
    store->samples_in_use = true;
    const char *sql = store->steps < SCHEMA_SCORES ? SAMPLES(SCORES_ROWS) : SAMPLES(SCORES_COLUMN);
    c->query = c->has_kept ? query_kept(store, STATEMENT_SAMPLES, sql) : query_new(store, sql);
    *ret = (struct sample_cursor){.next = samples_next, .close = samples_close, .state = take_ptr(&c)};
    return true;
}

/* --- cases of a plan ----------------------------------------------------------------------------------------------------------------- */

struct plan_cursor {
    struct query query;
    struct arena ahead;
    int64_t last_seq, end_seq; /* the last one given, the last one possible */
    struct plan_case *cases;
    size_t count, at;
    bool is_end;
};

void case_get(struct query *q, struct arena *arena, struct plan_case *ret)
{
    *ret = (struct plan_case){.ordinal = query_get_count(q), .id = query_get_text(q, arena)};
    ret->digest = query_get_digest(q);
    ret->tags = query_get_text(q, arena);
    ret->cluster = query_get_text(q, arena);
    ret->skip = query_get_text(q, arena);
    ret->row_offset = query_get_count(q);
    ret->row_line = query_get_count(q);
}

bool store_plan_cases(struct store *store, int64_t plan, struct plan_cursor **ret, struct err *err)
{
    (void)err; /* a statement that cannot be prepared shows at the first step */
    struct plan_cursor *c = mem_alloc(sizeof(*c));
    c->query = query_new(store, "SELECT " CASE_COLUMNS " FROM plan_case c LEFT JOIN tag_list g ON g.seq = c.tags "
                                "WHERE c.seq > ? AND c.seq < ? ORDER BY c.seq");
    c->last_seq = case_seq(plan, 0) - 1;
    c->end_seq = case_seq(plan + 1, 0);
    *ret = c;
    return true;
}

static bool plan_read_ahead(struct plan_cursor *c, struct err *err)
{
    arena_reset(&c->ahead);
    c->cases = arena_array(&c->ahead, struct plan_case, AHEAD_ROWS);
    c->count = c->at = 0;
    int64_t plan_base = c->end_seq - case_seq(1, 0);
    query_again(&c->query);
    query_int(&c->query, c->last_seq);
    query_int(&c->query, c->end_seq);
    while (c->count < AHEAD_ROWS && c->ahead.total_bytes < AHEAD_BYTES) {
        bool has = false;
        if (!query_step(&c->query, &has, err)) {
            return false;
        }
        if (!has) {
            c->is_end = true;
            break;
        }
        struct plan_case *next = &c->cases[c->count++];
        case_get(&c->query, &c->ahead, next);
        c->last_seq = plan_base + (int64_t)next->ordinal;
    }
    query_again(&c->query);
    return query_intact(&c->query, err);
}

bool plan_cursor_next(struct plan_cursor *c, bool *ret_has, struct plan_case *ret, struct err *err)
{
    if (c->at == c->count && !c->is_end && !plan_read_ahead(c, err)) {
        return false;
    }
    *ret_has = c->at < c->count;
    if (*ret_has) {
        *ret = c->cases[c->at++];
    }
    return true;
}

void plan_cursor_close(struct plan_cursor **c)
{
    if (*c != NULL) {
        query_done(&(*c)->query);
        arena_deinit(&(*c)->ahead);
        mem_free(*c);
        *c = NULL;
    }
}
