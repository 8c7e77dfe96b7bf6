#include "store/store_private.h"

#include "base/err.h"

/* Writing samples: the hot path. A sample of 1 KB is one row of span, one of case_text for the first sample of a case, and an entry of span_place;
 * all but the last are appended. The rows of many samples are written by one statement for each table, which
 * reads them from where they are (query.h: feeds). */

enum { ADD_AT_ONCE = 64, SCORES_BYTES = 64 << 20 };

struct adding { /* samples that are added together */
    struct store *store;
    const struct sample_entry *entries;
    size_t count;
    /* of each: the bodies that hold its long texts, 0 = none */
    int64_t inputs[ADD_AT_ONCE], expecteds[ADD_AT_ONCE], outputs[ADD_AT_ONCE];
    size_t at; /* the sample whose row is fed */
    bool has_begun;
    struct buf scores; /* of that one */
};

static void adding_rewind(struct adding *a)
{
    a->at = 0;
    a->has_begun = false;
}

static const struct sample_record *sample_at_hand(const struct adding *a)
{
    return a->entries[a->at].sample;
}

static bool adding_next(struct adding *a)
{
    a->at += a->has_begun ? 1 : 0;
    a->has_begun = true;
    return a->at < a->count;
}

static void feed_body_or_text(struct sqlite3_context *out, int64_t body, struct str text)
{
    if (body != 0) {
        feed_int(out, body);
    } else {
        feed_text(out, text);
    }
}

/* --- texts of cases ------------------------------------------------------------------------------------------------------------------ */

/* Input and expectation belong to the case: its variants, trials and attempts share them. */
static bool case_is_known(const struct adding *a, size_t i)
{
    const struct sample_record *sample = a->entries[i].sample;
    int64_t seq = case_seq(a->entries[i].run->plan, sample->ordinal);
    return a->store->known_cases[(uint64_t)seq % STORE_KNOWN_CASES] == seq ||
           (sample->input.ptr == NULL && sample->expected.ptr == NULL);
}

static bool next_case(void *rows)
{
    struct adding *a = rows;
    bool has = adding_next(a);
    while (has && case_is_known(a, a->at)) {
        has = adding_next(a);
    }
    return has;
}

static void case_column(const void *rows, int column, struct sqlite3_context *out)
{
    const struct adding *a = rows;
    const struct sample_record *sample = sample_at_hand(a);
    switch (column) {
    case 0:
        feed_int(out, case_seq(a->entries[a->at].run->plan, sample->ordinal));
        break;
    case 1:
        feed_body_or_text(out, a->inputs[a->at], sample->input);
        break;
    default:
        feed_body_or_text(out, a->expecteds[a->at], sample->expected);
    }
}

static const struct feed_table FED_CASES = {"fed_cases", 3, next_case, case_column};

static bool cases_add(struct adding *a, struct err *err)
{
    struct store *store = a->store;
    size_t first = 0;
    while (first < a->count && case_is_known(a, first)) {
        first++;
    }
    if (first == a->count) {
        return true;
    }
    for (size_t i = first; i < a->count; i++) {
        const struct sample_record *sample = a->entries[i].sample;
        if (!case_is_known(a, i) && (!body_of(store, sample->input, &a->inputs[i], err) ||
                                     !body_of(store, sample->expected, &a->expecteds[i], err))) {
            return false;
        }
    }
    adding_rewind(a);
    struct query q CLEANUP(query_done) =
        query_fed(store, STATEMENT_ADD_CASE_TEXT,
                  "INSERT OR IGNORE INTO case_text (seq, input, expected) SELECT * FROM fed_cases", &FED_CASES, a);
    if (!query_run(&q, err)) {
        return false;
    }
    for (size_t i = first; i < a->count; i++) {
        if (!case_is_known(a, i)) {
            int64_t seq = case_seq(a->entries[i].run->plan, a->entries[i].sample->ordinal);
            store->known_cases[(uint64_t)seq % STORE_KNOWN_CASES] = seq;
        }
    }
    return true;
}

/* --- spans --------------------------------------------------------------------------------------------------------------------------- */

/* The columns of ADD_SPANS, in the order of the table: then SQLite builds a row where it stands. */
enum span_column {
    SPAN_SEQ,
    SPAN_ID,
    SPAN_RUN,
    SPAN_ORDINAL,
    SPAN_TRIAL,
    SPAN_ATTEMPT,
    SPAN_SUPERSEDED,
    SPAN_STATE,
    SPAN_ERROR,
    SPAN_STARTED,
    SPAN_ENDED,
    SPAN_PASS,
    SPAN_SCORE,
    SPAN_LATENCY,
    SPAN_COST,
    SPAN_INPUT_TOKENS,
    SPAN_OUTPUT_TOKENS,
    SPAN_TRIES,
    SPAN_OUTPUT_IS_JSON,
    SPAN_ERROR_TEXT,
    SPAN_OUTPUT,
    SPAN_META,
    SPAN_SCORES,
    SPAN_COLUMN_COUNT
};

static bool next_span(void *rows)
{
    struct adding *a = rows;
    bool has = adding_next(a);
    buf_clear(&a->scores);
    if (has) {
        scores_write(&a->scores, sample_at_hand(a));
    }
    return has;
}

static void span_measure(const struct call_measures *m, int column, struct sqlite3_context *out)
{
    switch (column) {
    case SPAN_LATENCY:
        feed_optional_real(out, m->has_latency, m->latency_ms);
        break;
    case SPAN_COST:
        feed_optional_real(out, m->has_cost, m->cost_usd);
        break;
    case SPAN_INPUT_TOKENS:
        feed_optional_real(out, m->has_input_tokens, m->input_tokens);
        break;
    case SPAN_OUTPUT_TOKENS:
        feed_optional_real(out, m->has_output_tokens, m->output_tokens);
        break;
    default:
        feed_int(out, m->attempts);
    }
}

static void span_column(const void *rows, int column, struct sqlite3_context *out)
{
    const struct adding *a = rows;
    const struct sample_record *sample = sample_at_hand(a);
    switch (column) {
    case SPAN_ID:
        feed_blob(out, sample->span.bytes, sizeof(sample->span.bytes));
        break;
    case SPAN_RUN:
        feed_int(out, a->entries[a->at].run->seq);
        break;
    case SPAN_ORDINAL:
        feed_int(out, (int64_t)sample->ordinal);
        break;
    case SPAN_TRIAL:
        feed_int(out, sample->trial);
        break;
    case SPAN_ATTEMPT:
        feed_int(out, sample->attempt);
        break;
    case SPAN_STATE:
        feed_int(out, sample->state);
        break;
    case SPAN_ERROR:
        feed_text(out, sample->error == ERROR_NONE ? STR_NULL : str_from(error_kind_word(sample->error)));
        break;
    case SPAN_STARTED:
        feed_int(out, sample->started_unix_ms);
        break;
    case SPAN_ENDED: /* the wall clock may step back; a span never ends before it starts */
        feed_int(out,
                 sample->ended_unix_ms < sample->started_unix_ms ? sample->started_unix_ms : sample->ended_unix_ms);
        break;
    case SPAN_PASS:
        feed_int(out, sample->pass);
        break;
    case SPAN_SCORE:
        feed_optional_real(out, sample->has_score, sample->score);
        break;
    case SPAN_LATENCY:
    case SPAN_COST:
    case SPAN_INPUT_TOKENS:
    case SPAN_OUTPUT_TOKENS:
    case SPAN_TRIES:
        span_measure(&sample->measures, column, out);
        break;
    case SPAN_OUTPUT_IS_JSON:
        feed_int(out, sample->output_is_json);
        break;
    case SPAN_ERROR_TEXT:
        feed_text(out, sample->error_text.len > 0 ? sample->error_text : STR_NULL);
        break;
    case SPAN_OUTPUT:
        feed_body_or_text(out, a->outputs[a->at], sample->output);
        break;
    case SPAN_META:
        feed_text(out, sample->meta);
        break;
    case SPAN_SCORES:
        feed_text(out, a->scores.len > 0 ? buf_str(&a->scores) : STR_NULL);
        break;
    default: /* NULL: seq, which is the next one, and superseded */
        break;
    }
}

static const struct feed_table FED_SPANS = {"fed_spans", SPAN_COLUMN_COUNT, next_span, span_column};

/* OR FAIL: a conflict ends the transaction anyway, and ABORT would keep a journal of each statement of several rows. */
#define ADD_SPANS                                                                                                      \
    "INSERT OR FAIL INTO span (seq, id, run, ordinal, trial, attempt, superseded, state, error, started_ms, "          \
    "ended_ms, pass, score, latency_ms, cost_usd, input_tokens, output_tokens, tries, output_is_json, error_text, "    \
    "output, meta, scores) SELECT * FROM fed_spans"

static bool spans_add(struct adding *a, struct err *err)
{
    struct store *store = a->store;
    for (size_t i = 0; i < a->count; i++) {
        if (!scores_check(a->entries[i].sample, err) ||
            !body_of(store, a->entries[i].sample->output, &a->outputs[i], err)) {
            return false;
        }
    }
    adding_rewind(a);
    struct query q CLEANUP(query_done) = query_fed(store, STATEMENT_ADD_SPAN, ADD_SPANS, &FED_SPANS, a);
    bool is_conflict = false;
    if (!query_try(&q, &is_conflict, err)) {
        return false;
    }
    if (is_conflict) {
        const struct sample_record *sample = sample_at_hand(a);
        return err_set(err, ERR_BUG, "case '%.*s', trial %u: recorded already, and attempt %u is not a later one",
                       STR_ARG(sample->case_id), sample->trial, sample->attempt);
    }
    int64_t last = sqlite_last_seq(store); /* each got the next number */
    for (size_t i = 0; i < a->count; i++) {
        a->entries[i].sample->seq = last - (int64_t)(a->count - 1 - i);
        a->entries[i].sample->run = a->entries[i].run->seq;
    }
    return true;
}

/* Makes room for a later attempt: the record that stands there is kept, marked. */
static bool span_supersede(struct store *store, const struct sample_entry *entry, struct err *err)
{
    struct query q CLEANUP(query_done) =
        query_new(store, "UPDATE span SET superseded = 1 WHERE run = ? AND ordinal = ? AND trial = ? AND "
                         "superseded IS NULL AND attempt < ?");
    query_int(&q, entry->run->seq);
    query_int(&q, (int64_t)entry->sample->ordinal);
    query_int(&q, entry->sample->trial);
    query_int(&q, entry->sample->attempt);
    return query_run(&q, err);
}

/* --- samples ------------------------------------------------------------------------------------------------------------------------- */

static bool samples_add(struct store *store, const struct sample_entry *entries, size_t count, struct err *err)
{
    struct adding a = {.store = store, .entries = entries, .count = count, .scores = BUF(SCORES_BYTES)};
    bool ok = cases_add(&a, err) && spans_add(&a, err);
    buf_deinit(&a.scores);
    return ok;
}

bool store_add_samples(struct store *store, const struct sample_entry *entries, size_t count, struct err *err)
{
    for (size_t from = 0, to = 0; from < count; from = to) {
        /* what a later attempt supersedes may stand before it in the list */
        if (entries[from].sample->attempt > 0 && !span_supersede(store, &entries[from], err)) {
            return false;
        }
        to = from + 1;
        while (to < count && to - from < ADD_AT_ONCE && entries[to].sample->attempt == 0) {
            to++;
        }
        if (!samples_add(store, &entries[from], to - from, err)) {
            return false;
        }
    }
    return true;
}

bool store_add_sample(struct store *store, const struct run_record *run, struct sample_record *sample, struct err *err)
{
    return store_add_samples(store, &(struct sample_entry){run, sample}, 1, err);
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
