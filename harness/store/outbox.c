#include "store/outbox.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "store/store_private.h"

/* --- recordings ----------------------------------------------------------------------------------------------------------------------- */

bool store_add_recording(struct store *store, const struct recording *r, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store, "INSERT INTO recording (run, mode, inputs, outputs, comments, max_bytes, base_url, spans, metrics) "
               "VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)");
    query_int(&q, r->run);
    query_int(&q, r->options.mode);
    query_int(&q, r->options.inputs);
    query_int(&q, r->options.outputs);
    query_int(&q, r->options.comments);
    query_int(&q, (int64_t)r->options.max_bytes);
    query_text(&q, r->base_url.ptr == NULL ? STR("") : r->base_url);
    return query_run(&q, err);
}

bool store_recording(struct store *store, struct arena *arena, int64_t run, bool *ret_found, struct recording *ret,
                     struct err *err)
{
    *ret_found = false;
    if (store->steps < SCHEMA_RECORDING) {
        return true;
    }
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT mode, inputs, outputs, comments, max_bytes, base_url, spans, metrics, "
                         "ahead_ordinal IS NOT NULL, ahead_ordinal, ahead_trial FROM recording WHERE run = ?");
    query_int(&q, run);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    *ret_found = has;
    if (!has) {
        return true;
    }
    struct recording r = {.run = run};
    r.options.mode = query_get_enum(&q, RECORD_LOCAL + 1);
    r.options.inputs = query_get_enum(&q, RECORD_DIGEST + 1);
    r.options.outputs = query_get_enum(&q, RECORD_DIGEST + 1);
    r.options.comments = query_get_enum(&q, RECORD_DIGEST + 1);
    r.options.max_bytes = query_get_count(&q);
    r.base_url = query_get_text(&q, arena);
    r.spans = query_get_count(&q);
    r.metrics = query_get_count(&q);
    r.has_ahead = query_get_bool(&q);
    r.ahead_ordinal = query_get_count(&q);
    r.ahead_trial = query_get_u32(&q);
    if (!query_intact(&q, err)) {
        return false;
    }
    *ret = r;
    return true;
}

bool store_mark_ahead(struct store *store, int64_t run, uint64_t ordinal, uint32_t trial, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_MARK_AHEAD,
                   "UPDATE recording SET ahead_ordinal = ?2, ahead_trial = ?3 WHERE run = ?1 AND "
                   "(ahead_ordinal IS NULL OR (ahead_ordinal, ahead_trial) < (?2, ?3))");
    query_int(&q, run);
    query_int(&q, (int64_t)ordinal);
    query_int(&q, trial);
    return query_run(&q, err);
}

/* --- writing -------------------------------------------------------------------------------------------------------------------------- */

static bool outbox_insert(struct store *store, const struct outbox_row *row, int64_t *ret_seq, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_ADD_OUTBOX,
                   "INSERT INTO outbox (op, run, span, state, tries, last_error, part) VALUES (?, ?, ?, ?, ?, ?, ?)");
    query_int(&q, row->op);
    query_int(&q, row->run);
    query_int(&q, row->span);
    query_int(&q, row->state);
    query_int(&q, row->tries);
    query_text(&q, row->last_error);
    query_int(&q, row->part);
    if (!query_run(&q, err)) {
        return false;
    }
    *ret_seq = sqlite_last_seq(store);
    return true;
}

/* Records that a later attempt took the place of: on Opper they keep their span, and say so. */
static bool outbox_add_superseded(struct store *store, const struct sample_record *sample, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store, "INSERT INTO outbox (op, run, span, state, tries) SELECT ?, run, seq, ?, 0 FROM span "
               "WHERE run = ? AND ordinal = ? AND trial = ? AND superseded = 1 ORDER BY attempt DESC LIMIT 1");
    query_int(&q, OUTBOX_SUPERSEDED);
    query_int(&q, OUTBOX_QUEUED);
    query_int(&q, sample->run);
    query_int(&q, (int64_t)sample->ordinal);
    query_int(&q, sample->trial);
    return query_run(&q, err);
}

bool store_count_recorded(struct store *store, int64_t run, uint64_t spans, uint64_t metrics, struct err *err)
{
    struct query q CLEANUP(query_done) = query_kept(
        store, STATEMENT_COUNT_RECORDED, "UPDATE recording SET spans = spans + ?, metrics = metrics + ? WHERE run = ?");
    query_int(&q, (int64_t)spans);
    query_int(&q, (int64_t)metrics);
    query_int(&q, run);
    return query_run(&q, err);
}

bool store_outbox_add_sample(struct store *store, const struct run_record *run, const struct sample_record *sample,
                             enum outbox_op op, enum outbox_state state, int64_t *ret_seq, struct err *err)
{
    const struct outbox_row row = {.run = run->seq, .span = sample->seq, .op = op, .state = state};
    return outbox_insert(store, &row, ret_seq, err) &&
           (sample->attempt == 0 || outbox_add_superseded(store, sample, err));
}

#define OF_INVOCATION "run IN (SELECT seq FROM run WHERE invocation = ?1)"
/* What was read back of a run is no longer so when more of it is sent: by whatever makes rows of it wait again. */
#define FORGET_VERIFIED                                                                                                \
    "UPDATE recording SET verified_spans = NULL, verified_metrics = NULL, missing = NULL, differing = NULL WHERE "     \
    "verified_spans IS NOT NULL AND "

bool store_outbox_drop_root_end(struct store *store, int64_t run, struct err *err)
{
    struct query forget CLEANUP(query_done) = query_new(store, FORGET_VERIFIED "run = ?");
    query_int(&forget, run);
    struct query q CLEANUP(query_done) = query_new(store, "DELETE FROM outbox WHERE run = ? AND span = 0 AND op >= ?");
    query_int(&q, run);
    query_int(&q, OUTBOX_ROOT_END);
    return query_run(&forget, err) && query_run(&q, err);
}

bool store_outbox_add_root(struct store *store, int64_t run, enum outbox_op op, enum outbox_state state,
                           struct err *err)
{
    int64_t seq = 0;
    const struct outbox_row row = {.run = run, .op = op, .state = state};
    return (op != OUTBOX_ROOT_END || store_outbox_drop_root_end(store, run, err)) &&
           outbox_insert(store, &row, &seq, err);
}

bool store_outbox_add_dead(struct store *store, const struct outbox_row *row, struct err *err)
{
    struct outbox_row dead = *row;
    dead.state = OUTBOX_DEAD;
    int64_t seq = 0;
    return outbox_insert(store, &dead, &seq, err);
}

bool store_outbox_recover(struct store *store, int64_t invocation, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, "UPDATE outbox SET state = ? WHERE state = ? AND run IN "
                                                          "(SELECT seq FROM run WHERE invocation = ?)");
    query_int(&q, OUTBOX_UNCLEAR);
    query_int(&q, OUTBOX_IN_FLIGHT);
    query_int(&q, invocation);
    return query_run(&q, err);
}

bool store_outbox_again(struct store *store, int64_t invocation, struct str base_url, struct err *err)
{
    static const char *const steps[] = {
        "DELETE FROM outbox WHERE " OF_INVOCATION,
        "UPDATE recording SET base_url = ?2, spans = (SELECT count(*) FROM span WHERE run = recording.run), "
        "metrics = (SELECT count(*) FROM span s JOIN metric m ON m.span = s.seq JOIN dimension d ON d.run = s.run AND "
        "d.position = m.dimension WHERE s.run = recording.run AND m.outcome <> 0 AND (m.is_counted OR d.kind = 1)) "
        "WHERE " OF_INVOCATION,
        "INSERT INTO outbox (op, run, span, state, tries) SELECT 1, run, 0, 2, 0 FROM recording WHERE " OF_INVOCATION,
        "INSERT INTO outbox (op, run, span, state, tries) SELECT 2, s.run, s.seq, 2, 0 FROM span s "
        "JOIN recording r ON r.run = s.run WHERE s." OF_INVOCATION " ORDER BY s.seq",
        "INSERT INTO outbox (op, run, span, state, tries) SELECT 5, r.run, 0, 2, 0 FROM recording r "
        "JOIN run u ON u.seq = r.run WHERE u.root_output IS NOT NULL AND r." OF_INVOCATION,
        FORGET_VERIFIED OF_INVOCATION,
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct query q CLEANUP(query_done) = query_new(store, steps[i]);
        query_int(&q, invocation);
        if (i == 1) {
            query_text(&q, base_url);
        }
        if (!query_run(&q, err)) {
            return false;
        }
    }
    return true;
}

bool store_outbox_revive(struct store *store, int64_t invocation, struct err *err)
{
    /* One whole look a span puts right whatever of it was refused. A span whose own row still waits gets that look by it: two rows of one span would be
     * at work side by side, and send twice what both miss. The creation of a root is apart from its end. */
    static const char *const steps[] = {
        "UPDATE outbox SET state = 2, op = CASE span WHEN 0 THEN op ELSE 2 END, not_before_ms = NULL WHERE state <> 3 "
        "AND "
        "op IN (2, 3, 5) AND " OF_INVOCATION
        " AND (run, span) IN (SELECT run, span FROM outbox WHERE state = 3 AND op <> 1 AND " OF_INVOCATION ")",
        "INSERT INTO outbox (op, run, span, state, tries) SELECT CASE span WHEN 0 THEN CASE min(op) WHEN 1 THEN 1 ELSE "
        "5 "
        "END ELSE 2 END, run, span, 2, 0 FROM outbox WHERE state = 3 AND " OF_INVOCATION
        " AND (op = 1 OR (run, span) NOT IN (SELECT run, span FROM outbox WHERE state <> 3 AND op IN (2, 3, 5) "
        "AND " OF_INVOCATION ")) GROUP BY run, span ORDER BY run, span",
        FORGET_VERIFIED OF_INVOCATION " AND run IN (SELECT run FROM outbox WHERE state = 3)",
        ("DELETE FROM outbox WHERE state = 3 AND " OF_INVOCATION),
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        struct query q CLEANUP(query_done) = query_new(store, steps[i]);
        query_int(&q, invocation);
        if (!query_run(&q, err)) {
            return false;
        }
    }
    return true;
}

bool store_outbox_drop(struct store *store, int64_t seq, struct err *err)
{
    struct query q CLEANUP(query_done) = query_kept(store, STATEMENT_DROP_OUTBOX, "DELETE FROM outbox WHERE seq = ?");
    query_int(&q, seq);
    return query_run(&q, err);
}

bool store_outbox_keep(struct store *store, const struct outbox_row *row, struct err *err)
{
    struct query q CLEANUP(query_done) = query_kept(
        store, STATEMENT_KEEP_OUTBOX,
        "UPDATE outbox SET op = ?, state = ?, tries = ?, not_before_ms = ?, last_error = ?, part = ? WHERE seq = ?");
    query_int(&q, row->op);
    query_int(&q, row->state);
    query_int(&q, row->tries);
    if (row->not_before_unix_ms == 0) {
        query_null(&q);
    } else {
        query_int(&q, row->not_before_unix_ms);
    }
    query_text(&q, row->last_error);
    query_int(&q, row->part);
    query_int(&q, row->seq);
    return query_run(&q, err);
}

/* --- taking --------------------------------------------------------------------------------------------------------------------------- */

/* Rows that were taken one after the other: between them are only such as are not the invocation's, or not to be taken. */
struct taken_range {
    int64_t first, last;
};

static bool outbox_mark_taken(struct store *store, int64_t invocation, const struct taken_range *ranges, size_t count,
                              struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_TAKE_OUTBOX,
                   "UPDATE outbox SET state = ? WHERE seq BETWEEN ? AND ? AND state IN (0, 2) AND "
                   "run IN (SELECT seq FROM run WHERE invocation = ?)");
    for (size_t i = 0; i < count; i++) {
        query_int(&q, OUTBOX_IN_FLIGHT);
        query_int(&q, ranges[i].first);
        query_int(&q, ranges[i].last);
        query_int(&q, invocation);
        if (!query_run(&q, err)) {
            return false;
        }
    }
    return true;
}

static bool is_passed_over(const struct outbox_take *take, int64_t run)
{
    size_t i = 0;
    while (i < take->runs_not_count && take->runs_not[i] != run) {
        i++;
    }
    return i < take->runs_not_count;
}

bool store_outbox_take(struct store *store, struct arena *arena, const struct outbox_take *take,
                       struct outbox_row *rows, size_t *ret_count, int64_t *ret_scanned, size_t *ret_later,
                       struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_kept(store, STATEMENT_FIND_OUTBOX,
                   "SELECT seq, op, run, span, state, tries, coalesce(not_before_ms, 0), last_error, part FROM outbox "
                   "WHERE seq > ? AND "
                   "state IN (0, 2) AND run IN (SELECT seq FROM run WHERE invocation = ?) ORDER BY seq");
    query_int(&q, take->after);
    query_int(&q, take->invocation);
    VEC(struct taken_range) ranges = {0};
    bool goes_on = false; /* the last range */
    size_t count = 0;
    size_t later = 0;
    int64_t scanned = take->after;
    while (count < take->limit) {
        bool has = false;
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        struct outbox_row row = {.seq = query_get_int(&q)};
        row.op = (enum outbox_op)query_get_enum(&q, OUTBOX_UPDATE + 1);
        row.run = query_get_int(&q);
        row.span = query_get_int(&q);
        row.state = (enum outbox_state)query_get_enum(&q, OUTBOX_DEAD + 1);
        row.tries = query_get_u32(&q);
        row.not_before_unix_ms = query_get_int(&q);
        scanned = row.seq;
        bool is_not_wanted = is_passed_over(take, row.run);
        bool is_later = !is_not_wanted && row.not_before_unix_ms > take->now_unix_ms;
        later += is_later ? 1 : 0;
        if (is_not_wanted || is_later) {
            goes_on = false;
            continue;
        }
        if (!goes_on) {
            vec_push(arena, &ranges)->first = row.seq;
            goes_on = true;
        }
        ranges.items[ranges.len - 1].last = row.seq;
        row.last_error = query_get_text(&q, arena);
        row.part = query_get_int(&q);
        rows[count++] = row;
    }
    if (!query_intact(&q, err)) {
        return false;
    }
    query_again(&q);
    if (!outbox_mark_taken(store, take->invocation, ranges.items, ranges.len, err)) {
        return false;
    }
    *ret_count = count;
    *ret_scanned = scanned;
    *ret_later = later;
    return true;
}

static bool ask(struct query *q, bool *ret, struct err *err)
{
    bool has = false;
    if (!query_step(q, &has, err)) {
        return false;
    }
    *ret = has && query_get_bool(q);
    return query_intact(q, err);
}

bool store_outbox_is_last(struct store *store, const struct outbox_row *row, bool *ret, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE run = ? AND state <> ? AND seq <> ?)");
    query_int(&q, row->run);
    query_int(&q, OUTBOX_DEAD);
    query_int(&q, row->seq);
    return ask(&q, ret, err);
}

bool store_outbox_find_root(struct store *store, int64_t run, bool *ret_found, enum outbox_state *ret_state,
                            struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT state FROM outbox WHERE run = ? AND op = ? ORDER BY state LIMIT 1");
    query_int(&q, run);
    query_int(&q, OUTBOX_ROOT_BEGIN);
    if (!query_step(&q, ret_found, err)) {
        return false;
    }
    if (*ret_found) {
        *ret_state = (enum outbox_state)query_get_enum(&q, OUTBOX_DEAD + 1);
    }
    return query_intact(&q, err);
}

/* --- counting ------------------------------------------------------------------------------------------------------------------------- */

/* Of rows that are no samples'. */
#define ROW_METRICS "CASE o.op WHEN 6 THEN 1 WHEN 5 THEN (SELECT count(*) FROM run_metric WHERE run = o.run) ELSE 0 END"

static bool kinds_of_dimensions(struct store *store, struct arena *arena, int64_t run, struct dimension **ret,
                                size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(store, "SELECT kind FROM dimension WHERE run = ? ORDER BY position");
    query_int(&q, run);
    VEC(struct dimension) dimensions = {0};
    for (bool has = true;;) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        vec_push(arena, &dimensions)->kind = (enum dimension_kind)query_get_enum(&q, DIMENSION_MEASURE + 1);
    }
    *ret = dimensions.items;
    *ret_count = dimensions.len;
    return query_intact(&q, err);
}

#define SAMPLES_THAT_WAIT(scores)                                                                                      \
    "SELECT o.state = 3, s.state, " scores " FROM outbox o JOIN span s ON s.seq = o.span "                             \
    "WHERE o.run = ? AND o.op IN (2, 3)"

/* The scores of waiting and refused samples that are metrics: read here, for the view of them costs SQLite twenty times as much. */
static bool metrics_of_samples(struct store *store, int64_t run, struct recording_counts *ret, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct dimension *dimensions = NULL;
    size_t dimension_count = 0;
    if (!kinds_of_dimensions(store, &arena, run, &dimensions, &dimension_count, err)) {
        return false;
    }
    struct query q CLEANUP(query_done) = query_new(
        store, store->steps < SCHEMA_SCORES ? SAMPLES_THAT_WAIT(SCORES_ROWS) : SAMPLES_THAT_WAIT(SCORES_COLUMN));
    query_int(&q, run);
    for (bool has = true;;) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        bool is_dead = query_get_bool(&q);
        struct sample_record sample = {.state = (enum sample_state)query_get_enum(&q, SAMPLE_ERRORED + 1)};
        struct score_list scores = {0};
        query_get_scores(&q, false, &scratch, &scratch, &scores);
        for (size_t i = 0; i < scores.len; i++) {
            q.is_damaged |= scores.items[i].dimension >= dimension_count;
        }
        if (!query_intact(&q, err)) {
            return false;
        }
        sample.scores = scores.items;
        sample.score_count = scores.len;
        *(is_dead ? &ret->refused_metrics : &ret->pending_metrics) += record_count_metrics(&sample, dimensions);
        arena_reset(&scratch);
    }
    return true;
}

/* Parts that were refused of a span that waits itself are not pending, too. */
static bool count_refused_parts(struct store *store, int64_t run, struct recording_counts *ret, struct err *err)
{
    if (ret->refused_spans + ret->refused_metrics == 0 || ret->pending_spans == 0) {
        return true;
    }
    struct query q CLEANUP(query_done) = query_new(
        store, "SELECT coalesce(sum(d.op = 7), 0), coalesce(sum(d.op = 6), 0) FROM outbox d JOIN (SELECT DISTINCT "
               "span FROM outbox WHERE run = ?1 AND state <> 3 AND op IN (2, 3, 5)) w ON w.span = d.span "
               "WHERE d.run = ?1 AND d.state = 3 AND d.op IN (6, 7)");
    query_int(&q, run);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    ret->pending_spans -= query_get_count(&q);
    ret->pending_metrics -= query_get_count(&q);
    return query_intact(&q, err);
}

/* Without the metrics of samples. */
static bool counts_of_rows(struct store *store, struct arena *arena, int64_t run, struct recording_counts *ret,
                           struct err *err)
{
    /* an ended root whose beginning is not confirmed either is one span: pending with its end, refused with its beginning */
    struct query q CLEANUP(query_done) = query_new(
        store,
        "SELECT coalesce(sum(state <> 3 AND op <> 4 AND NOT (op = 1 AND ended) AND NOT (op = 5 AND is_root_dead)), 0), "
        "coalesce(sum(CASE WHEN state <> 3 THEN metrics END), 0), "
        "coalesce(sum(state = 3 AND op <> 6 AND NOT (op = 5 AND is_root_dead)), 0), coalesce(sum(CASE WHEN state = 3 "
        "THEN metrics END), 0), "
        "(SELECT last_error FROM outbox WHERE run = ?1 AND state = 3 ORDER BY seq LIMIT 1) FROM "
        "(SELECT o.state, o.op, r.root_output IS NOT NULL AS ended, "
        "EXISTS (SELECT 1 FROM outbox WHERE run = ?1 AND op = 1 AND state = 3) AS is_root_dead, " ROW_METRICS
        " AS metrics "
        "FROM outbox o JOIN run r ON r.seq = o.run WHERE o.run = ?1)");
    query_int(&q, run);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    ret->pending_spans = query_get_count(&q);
    ret->pending_metrics = query_get_count(&q);
    ret->refused_spans = query_get_count(&q);
    ret->refused_metrics = query_get_count(&q);
    ret->first_refusal = query_get_text(&q, arena);
    return query_intact(&q, err);
}

bool store_recording_counts(struct store *store, struct arena *arena, int64_t run, bool *ret_found,
                            struct recording_counts *ret, struct err *err)
{
    *ret_found = false;
    if (store->steps < SCHEMA_RECORDING) {
        return true;
    }
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT mode, spans, metrics + (SELECT count(*) FROM run_metric WHERE run = ?1), "
                         "verified_spans IS NOT NULL, verified_spans, verified_metrics, missing, differing "
                         "FROM recording WHERE run = ?1");
    query_int(&q, run);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    if (!has) {
        return true;
    }
    struct recording_counts counts = {.mode = query_get_enum(&q, RECORD_LOCAL + 1)};
    counts.spans = query_get_count(&q) + 1;
    counts.metrics = query_get_count(&q);
    counts.is_verified = query_get_bool(&q);
    counts.verified_spans = query_get_count(&q);
    counts.verified_metrics = query_get_count(&q);
    counts.missing = query_get_count(&q);
    counts.differing = query_get_count(&q);
    if (!query_intact(&q, err) || !counts_of_rows(store, arena, run, &counts, err) ||
        !metrics_of_samples(store, run, &counts, err) || !count_refused_parts(store, run, &counts, err)) {
        return false;
    }
    *ret = counts;
    *ret_found = true;
    return true;
}

bool store_pending_spans(struct store *store, struct arena *arena, int64_t run, uint64_t *ret, struct err *err)
{
    struct recording_counts counts = {0};
    if (store->steps >= SCHEMA_RECORDING &&
        (!counts_of_rows(store, arena, run, &counts, err) || !count_refused_parts(store, run, &counts, err))) {
        return false;
    }
    *ret = counts.pending_spans;
    return true;
}

bool store_set_verified(struct store *store, int64_t run, const struct recording_counts *c, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store,
        "UPDATE recording SET verified_spans = ?, verified_metrics = ?, missing = ?, differing = ? WHERE run = ?");
    query_int(&q, (int64_t)c->verified_spans);
    query_int(&q, (int64_t)c->verified_metrics);
    query_int(&q, (int64_t)c->missing);
    query_int(&q, (int64_t)c->differing);
    query_int(&q, run);
    return query_run(&q, err);
}

static bool seqs_collect(struct query *q, struct arena *arena, int64_t **ret, size_t *ret_count, struct err *err)
{
    VEC(int64_t) seqs = {0};
    for (bool has = true;;) {
        if (!query_step(q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        *vec_push(arena, &seqs) = query_get_int(q);
    }
    *ret = seqs.items;
    *ret_count = seqs.len;
    return true;
}

bool store_outbox_invocations(struct store *store, bool with_dead, struct arena *arena, int64_t **ret,
                              size_t *ret_count, struct err *err)
{
    struct query q CLEANUP(query_done) = query_new(
        store,
        "SELECT r.invocation FROM outbox o JOIN run r ON r.seq = o.run WHERE ?1 OR o.state <> ?2 "
        "UNION SELECT r.invocation FROM invocation i JOIN run r ON r.invocation = i.seq JOIN recording c ON c.run = "
        "r.seq "
        "WHERE i.exit_code = ?3 AND i.seq NOT IN (SELECT r.invocation FROM outbox o JOIN run r ON r.seq = o.run) "
        "GROUP BY r.invocation HAVING total(c.missing) + total(c.differing) = 0 ORDER BY 1");
    query_int(&q, with_dead);
    query_int(&q, OUTBOX_DEAD);
    query_int(&q, verdict_row(VERDICT_UNRECORDED)->exit_code);
    return seqs_collect(&q, arena, ret, ret_count, err);
}

/* --- what is rendered ------------------------------------------------------------------------------------------------------------------- */

bool store_superseded(struct store *store, struct arena *arena, int64_t run, int64_t **ret, size_t *ret_count,
                      struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT seq FROM span WHERE run = ? AND superseded = 1 ORDER BY ordinal, trial, attempt");
    query_int(&q, run);
    return seqs_collect(&q, arena, ret, ret_count, err);
}

static bool root_metrics(struct store *store, struct arena *arena, int64_t run, struct root_record *ret,
                         struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT dimension, value, comment FROM run_metric WHERE run = ? ORDER BY dimension");
    query_int(&q, run);
    VEC(struct root_metric) metrics = {0};
    for (bool has = true;;) {
        if (!query_step(&q, &has, err)) {
            return false;
        }
        if (!has) {
            break;
        }
        struct root_metric *metric = vec_push(arena, &metrics);
        metric->dimension = query_get_text(&q, arena);
        metric->value = query_get_real(&q);
        metric->comment = query_get_text(&q, arena);
    }
    ret->metrics = metrics.items;
    ret->metric_count = metrics.len;
    return query_intact(&q, err);
}

bool store_root(struct store *store, struct arena *arena, int64_t run, bool *ret_ended, struct root_record *ret,
                struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "SELECT root_input, root_output, root_meta, coalesce(root_score, -1) FROM run WHERE seq = ?");
    query_int(&q, run);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    struct root_record root = {.span_score = -1};
    if (has && (!body_get(&q, arena, &root.input, err) || !body_get(&q, arena, &root.output, err) ||
                !body_get(&q, arena, &root.meta, err))) {
        return false;
    }
    if (has) {
        root.span_score = (int)query_get_int(&q);
    }
    *ret_ended = root.output.ptr != NULL;
    if (!root_metrics(store, arena, run, &root, err)) {
        return false;
    }
    *ret = root;
    return true;
}
