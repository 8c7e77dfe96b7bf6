#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "store/outbox.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

static void check_same(const char *row, const struct sample_record *got, const struct sample_record *want)
{
    CHECK_INT(row, got->ordinal, want->ordinal);
    CHECK_INT(row, got->trial, want->trial);
    CHECK_INT(row, got->attempt, want->attempt);
    CHECK_STR(row, got->case_id, want->case_id);
    CHECK(row, id_eq(&got->span, &want->span));
    CHECK_INT(row, got->started_unix_ms, want->started_unix_ms);
    CHECK_INT(row, got->ended_unix_ms, want->ended_unix_ms);
    CHECK_INT(row, got->state, want->state);
    CHECK_INT(row, got->error, want->error);
    CHECK_STR(row, got->error_text, want->error_text);
    CHECK_STR(row, got->input, want->input);
    CHECK_STR(row, got->expected, want->expected);
    CHECK_STR(row, got->output, want->output);
    CHECK_INT(row, got->output.ptr == NULL, want->output.ptr == NULL);
    CHECK_INT(row, got->expected.ptr == NULL, want->expected.ptr == NULL);
    CHECK_INT(row, got->output_is_json, want->output_is_json);
    CHECK_STR(row, got->meta, want->meta);
    CHECK_INT(row, got->pass, want->pass);
    CHECK_INT(row, got->has_score, want->has_score);
    CHECK_DOUBLE(row, got->score, want->score, 0);
    CHECK_INT(row, got->measures.has_latency, want->measures.has_latency);
    CHECK_DOUBLE(row, got->measures.latency_ms, want->measures.latency_ms, 0);
    CHECK_INT(row, got->measures.has_cost, want->measures.has_cost);
    CHECK_DOUBLE(row, got->measures.cost_usd, want->measures.cost_usd, 0);
    CHECK_INT(row, got->measures.has_input_tokens, want->measures.has_input_tokens);
    CHECK_INT(row, got->measures.attempts, want->measures.attempts);
    CHECK_INT(row, got->score_count, want->score_count);
    for (size_t i = 0; i < got->score_count && i < want->score_count; i++) {
        CHECK_INT(row, got->scores[i].dimension, want->scores[i].dimension);
        CHECK_INT(row, got->scores[i].outcome, want->scores[i].outcome);
        CHECK_DOUBLE(row, got->scores[i].value, want->scores[i].value, 0);
        CHECK_INT(row, got->scores[i].has_unit, want->scores[i].has_unit);
        CHECK_DOUBLE(row, got->scores[i].unit, want->scores[i].unit, 0);
        CHECK_STR(row, got->scores[i].comment, want->scores[i].comment);
    }
}

/* How many samples the filter gives, in plan order all of them. */
static size_t count_samples(struct fixture *f, struct sample_filter filter)
{
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct sample_record s;
    size_t count = 0;
    uint64_t last = 0;
    bool has = true;
    CHECK("cursor", store_samples(f->store, f->run.seq, filter, &cursor, &f->err));
    while (has) {
        CHECK("next", cursor.next(&cursor, &has, &s, &f->err));
        uint64_t place = has ? s.ordinal * 1000 + s.trial : 0;
        CHECK("plan order", !has || count == 0 || place > last);
        last = place;
        count += has ? 1 : 0;
    }
    return count;
}

static void test_round_trip(void)
{
    struct fixture f;
    fixture_open(&f, 300, 2);
    fixture_begin(&f);
    /* out of order, as samples finish */
    for (uint64_t i = 300; i-- > 0;) {
        for (uint32_t trial = 2; trial > 0; trial--) {
            struct sample_record s = fixture_sample(&f, &f.run, i, trial);
            CHECK("add", store_add_sample(f.store, &f.run, &s, &f.err));
            CHECK("seq", s.seq > 0 && s.run == f.run.seq);
        }
    }
    fixture_commit(&f);
    for (int mode = 0; mode < 2; mode++) {
        fixture_reopen(&f, mode == 0 ? STORE_READ : STORE_WRITE);
        struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
        CHECK("cursor", store_samples(f.store, f.run.seq, (struct sample_filter){0}, &cursor, &f.err));
        for (uint64_t i = 0; i < 600; i++) {
            struct sample_record got;
            bool has = false;
            CHECK("next", cursor.next(&cursor, &has, &got, &f.err) && has);
            struct sample_record want = fixture_sample(&f, &f.run, i / 2, (uint32_t)(i % 2) + 1);
            check_same("sample", &got, &want);
            CHECK_STR("tags", got.tags,
                      str_from(i / 2 % 3 == 0   ? "[]"
                               : i / 2 % 3 == 1 ? "[\"smoke\",\"math\"]"
                                                : "[\"math\"]"));
            CHECK_CSTR("cluster", got.cluster, i / 2 % 2 == 0 ? "" : "cluster");
        }
        struct sample_record got;
        bool has = true;
        CHECK("end", cursor.next(&cursor, &has, &got, &f.err) && !has);
        CHECK("end again", cursor.next(&cursor, &has, &got, &f.err) && !has);
        sample_cursor_close(&cursor);
    }
    CHECK_INT("input and expectation stand once a case", fixture_sql(&f, "SELECT count(*) FROM case_text"), 300);
    fixture_deinit(&f);
}

static void test_filters(void)
{
    struct fixture f;
    fixture_open(&f, 200, 1);
    fixture_add_samples(&f, 0, 100);
    fixture_begin(&f);
    struct sample_record s = fixture_sample(&f, &f.run, 150, 1);
    s.state = SAMPLE_ERRORED;
    s.error = ERROR_SIGNAL;
    s.error_text = STR("signal SIGSEGV");
    s.pass = PASS_NONE;
    s.has_score = false;
    CHECK("errored", store_add_sample(f.store, &f.run, &s, &f.err));
    fixture_commit(&f);
    static const struct {
        const char *name;
        struct sample_filter filter;
        size_t want;
    } rows[] = {
        {"all", {0}, 101},
        {"failed", {.only_failed = true}, 33},
        {"errored", {.only_errored = true}, 1},
        {"either", {.only_failed = true, .only_errored = true}, 34},
        {"tag", {.tag = {"smoke", 5}}, 33},
        {"another tag", {.tag = {"math", 4}}, 66},
        {"part of a tag", {.tag = {"mat", 3}}, 0},
        {"tag and failed", {.tag = {"smoke", 5}, .only_failed = true}, 0},
        {"case", {.case_id = {"case-42", 7}}, 1},
        {"errored case", {.case_id = {"case-150", 8}}, 1},
        {"case without record", {.case_id = {"case-151", 8}}, 0},
        {"no such case", {.case_id = {"case-4", 5}}, 0},
        {"without texts", {.without_texts = true}, 101},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK_INT(rows[i].name, count_samples(&f, rows[i].filter), rows[i].want);
    }
    uint64_t recorded = 0;
    uint64_t errored = 0;
    CHECK("count", store_count_samples(f.store, f.run.seq, &recorded, &errored, &f.err));
    CHECK_INT("recorded", recorded, 101);
    CHECK_INT("errored", errored, 1);
    fixture_deinit(&f);
}

static void test_cases_by_id_in_any_order(void)
{
    struct fixture f;
    fixture_open(&f, 500, 1);
    fixture_add_samples(&f, 0, 500);
    for (size_t i = 0; i < 500; i++) {
        size_t wanted = i * 211 % 500;
        char id[32];
        (void)snprintf(id, sizeof(id), "case-%zu", wanted);
        struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
        struct sample_record s = {0};
        bool has = false;
        CHECK(id, store_samples(f.store, f.run.seq, (struct sample_filter){.case_id = str_from(id)}, &cursor, &f.err));
        CHECK(id, cursor.next(&cursor, &has, &s, &f.err) && has);
        CHECK_INT(id, s.ordinal, wanted);
    }
    fixture_deinit(&f);
}

static void test_without_texts(void)
{
    struct fixture f;
    fixture_open(&f, 1, 1);
    fixture_add_samples(&f, 0, 1);
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct sample_record s;
    bool has = false;
    CHECK("cursor", store_samples(f.store, f.run.seq, (struct sample_filter){.without_texts = true}, &cursor, &f.err));
    CHECK("next", cursor.next(&cursor, &has, &s, &f.err) && has);
    CHECK("no texts", s.input.ptr == NULL && s.output.ptr == NULL && s.expected.ptr == NULL && s.meta.ptr == NULL &&
                          s.scores[0].comment.ptr == NULL);
    CHECK_CSTR("but the case", s.case_id, "case-0");
    CHECK_DOUBLE("and the values", s.scores[1].value, 0.5, 0);
    sample_cursor_close(&cursor);
    fixture_deinit(&f);
}

static void test_once(void)
{
    struct fixture f;
    fixture_open(&f, 3, 1);
    fixture_add_samples(&f, 0, 1);
    struct sample_record s = fixture_sample(&f, &f.run, 0, 1);
    fixture_begin(&f);
    CHECK("a second record", !store_add_sample(f.store, &f.run, &s, &f.err));
    CHECK_INT("is our mistake", f.err.kind, ERR_BUG);
    store_rollback(f.store);

    fixture_begin(&f);
    s.attempt = 1;
    s.output = STR("later");
    s.span = id_of_sample_span(&f.run.id, s.case_id, 1, 1);
    CHECK("a later attempt", store_add_sample(f.store, &f.run, &s, &f.err));
    store_rollback(f.store);
    CHECK_INT("rolled back: the older stands", fixture_sql(&f, "SELECT attempt FROM span WHERE superseded IS NULL"), 0);
    fixture_begin(&f);
    CHECK("a later attempt", store_add_sample(f.store, &f.run, &s, &f.err));
    fixture_commit(&f);
    CHECK_INT("one is current", count_samples(&f, (struct sample_filter){0}), 1);
    CHECK_INT("both are kept", fixture_sql(&f, "SELECT count(*) FROM span"), 2);
    CHECK_INT("with their metrics", fixture_sql(&f, "SELECT count(*) FROM metric"), 4);

    bool has = false;
    uint32_t attempt = 0;
    enum sample_state state = SAMPLE_ERRORED;
    CHECK("has", store_has_sample(f.store, f.run.seq, 0, 1, &has, &attempt, &state, &f.err) && has);
    CHECK_INT("attempt", attempt, 1);
    CHECK_INT("state", state, SAMPLE_SCORED);
    CHECK("another trial", store_has_sample(f.store, f.run.seq, 0, 2, &has, &attempt, &state, &f.err) && !has);
    CHECK("another case", store_has_sample(f.store, f.run.seq, 1, 1, &has, &attempt, &state, &f.err) && !has);

    fixture_begin(&f);
    CHECK("the same attempt again", !store_add_sample(f.store, &f.run, &s, &f.err));
    store_rollback(f.store);
    fixture_deinit(&f);
}

static void test_any_number_of_scores(void)
{
    static const size_t counts[] = {1, 3, 3, 0, 2, 33, 3, 1, 3};
    enum { MOST = 33 };
    struct fixture f;
    struct score scores[MOST];
    size_t added = 0;
    fixture_open(&f, ARRAY_LEN(counts), 1);
    fixture_begin(&f);
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct sample_record s = fixture_sample(&f, &f.run, i, 1);
        for (size_t k = 0; k < counts[i]; k++) {
            scores[k] = s.scores[0];
            scores[k].dimension = (uint32_t)k;
            scores[k].value = (double)(i * MOST + k);
            scores[k].comment = k % 2 == 0 ? STR_NULL : STR("why");
        }
        s.scores = scores;
        s.score_count = counts[i];
        added += counts[i];
        CHECK("add", store_add_sample(f.store, &f.run, &s, &f.err));
    }
    fixture_commit(&f);
    CHECK_INT("all are there", fixture_sql(&f, "SELECT count(*) FROM metric"), added);
    CHECK_INT("each as it was",
              fixture_sql(&f, "SELECT count(*) FROM metric m JOIN span s ON s.seq = m.span WHERE "
                              "m.value = s.ordinal * 33 + m.dimension AND (m.comment IS NULL) = (m.dimension % 2 = 0)"),
              added);
    for (size_t count = 2; count <= 3; count++) {
        struct sample_record s = fixture_sample(&f, &f.run, 1, 2);
        s.scores = scores;
        s.score_count = count;
        scores[0].dimension = scores[1].dimension = 7;
        fixture_begin(&f);
        CHECK("two in one dimension", !store_add_sample(f.store, &f.run, &s, &f.err));
        CHECK_INT("are our mistake", f.err.kind, ERR_BUG);
        store_rollback(f.store);
        f.err = ERR_NULL;
    }
    CHECK_INT("and leave nothing", fixture_sql(&f, "SELECT count(*) FROM metric"), added);
    fixture_deinit(&f);
}

/* One list with what a list may hold: more than are written together, several trials of a case, no scores, long texts, records that take the place of
 * others (of this list, and of an earlier one). */
static void test_list(void)
{
    enum { CASES = 70, TRIALS = 2, COUNT = CASES * TRIALS + 2 };
    static struct sample_record samples[COUNT];
    static struct sample_entry entries[COUNT];
    static char big[5000];
    struct fixture f;
    fixture_open(&f, CASES, TRIALS);
    memset(big, 'b', sizeof(big));
    for (size_t i = 0; i < COUNT; i++) {
        bool is_again = i >= CASES * TRIALS;
        samples[i] = fixture_sample(&f, &f.run, is_again ? i % 3 : i / TRIALS, is_again ? 1 : 1 + i % TRIALS);
        samples[i].attempt = is_again ? 1 : 0;
        samples[i].span = id_of_sample_span(&f.run.id, samples[i].case_id, samples[i].trial, samples[i].attempt);
        samples[i].score_count = i % 10 == 7 ? 0 : samples[i].score_count;
        samples[i].output = i % 20 == 3 ? (struct str){big, sizeof(big) - i} : samples[i].output;
        samples[i].input = i == 9 || i == 8 ? (struct str){big, sizeof(big)} : samples[i].input;
        entries[i] = (struct sample_entry){&f.run, &samples[i]};
    }
    fixture_begin(&f);
    CHECK("all", store_add_samples(f.store, entries, COUNT, &f.err));
    CHECK("none", store_add_samples(f.store, entries, 0, &f.err));
    fixture_commit(&f);
    for (size_t i = 0; i < COUNT; i++) {
        struct sample_record got;
        bool is_superseded = false;
        CHECK("one", store_sample(f.store, &f.arena, &f.run, samples[i].seq, &got, &is_superseded, &f.err));
        CHECK_INT("its case", got.ordinal, samples[i].ordinal);
        CHECK_INT("its trial", got.trial, samples[i].trial);
        CHECK_INT("its attempt", got.attempt, samples[i].attempt);
        CHECK_STR("its output", got.output, samples[i].output);
        CHECK_STR("its input", got.input, samples[i].input);
        CHECK_INT("its scores", got.score_count, samples[i].score_count);
        bool takes_place = samples[i].ordinal == (CASES * TRIALS) % 3 || samples[i].ordinal == (CASES * TRIALS + 1) % 3;
        CHECK_INT("is it the current one", is_superseded,
                  takes_place && samples[i].trial == 1 && samples[i].attempt == 0);
    }
    CHECK_INT("each once", fixture_sql(&f, "SELECT count(*) FROM span"), COUNT);
    CHECK_INT("texts of cases once", fixture_sql(&f, "SELECT count(*) FROM case_text"), CASES);

    samples[1].ordinal = 999;
    samples[2].case_id = STR("the second");
    fixture_begin(&f);
    CHECK("recorded already", !store_add_samples(f.store, &entries[1], 2, &f.err));
    CHECK_CONTAINS("says which", str_from(f.err.text), "the second");
    store_rollback(f.store);
    CHECK_INT("nothing of it", fixture_sql(&f, "SELECT count(*) FROM span"), COUNT);
    fixture_deinit(&f);
}

static void test_texts_of_every_kind(void)
{
    struct fixture f;
    fixture_open(&f, 20, 1);
    static char big[3 << 20];
    for (size_t i = 0; i < sizeof(big); i++) {
        big[i] = (char)(i * 2654435761u >> 13);
    }
    static const struct {
        const char *name;
        size_t len;
        const char *text;
    } rows[] = {
        {"none", 0, NULL},
        {"empty", 0, ""},
        {"digits", 3, "123"},
        {"a NUL", 5, "a\0b\0c"},
        {"no UTF-8", 3, "\xff\xfe\x80"},
        {"the longest inline", 2048, big},
        {"the shortest body", 2049, big},
        {"big", sizeof(big), big},
        {"big again", sizeof(big), big},
        {"integer like a body", 1, "1"},
    };
    fixture_begin(&f);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sample_record s = fixture_sample(&f, &f.run, i, 1);
        s.output = (struct str){rows[i].text, rows[i].len};
        s.expected = s.output;
        CHECK(rows[i].name, store_add_sample(f.store, &f.run, &s, &f.err));
    }
    fixture_commit(&f);
    fixture_reopen(&f, STORE_READ);
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    CHECK("cursor", store_samples(f.store, f.run.seq, (struct sample_filter){0}, &cursor, &f.err));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct sample_record s;
        bool has = false;
        struct str want = {rows[i].text, rows[i].len};
        CHECK(rows[i].name, cursor.next(&cursor, &has, &s, &f.err) && has);
        CHECK(rows[i].name, str_eq(s.output, want) && str_eq(s.expected, want));
        CHECK_INT(rows[i].name, s.output.ptr == NULL, want.ptr == NULL);
        CHECK_INT(rows[i].name, s.expected.ptr == NULL, want.ptr == NULL);
    }
    sample_cursor_close(&cursor);
    CHECK_INT("long texts stand once", fixture_sql(&f, "SELECT count(*) FROM body"), 2);
    fixture_deinit(&f);
}

/* A cursor is read while its caller commits: rescore and resume do. */
static void test_cursor_over_commits(void)
{
    struct fixture f;
    fixture_open(&f, 1000, 1);
    fixture_add_samples(&f, 0, 500);
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct sample_cursor second CLEANUP(sample_cursor_close) = {0};
    struct plan_cursor *cases CLEANUP(plan_cursor_close) = NULL;
    CHECK("cursor", store_samples(f.store, f.run.seq, (struct sample_filter){0}, &cursor, &f.err));
    CHECK("a second one", store_samples(f.store, f.run.seq, (struct sample_filter){0}, &second, &f.err));
    CHECK("cases", store_plan_cases(f.store, f.plan.seq, &cases, &f.err));
    for (uint64_t i = 0; i < 500; i++) {
        struct sample_record s;
        struct plan_case c;
        bool has = false;
        CHECK("next", cursor.next(&cursor, &has, &s, &f.err) && has);
        CHECK_INT("ordinal", s.ordinal, i);
        if (i % 2 == 0) {
            CHECK("next of the second", second.next(&second, &has, &s, &f.err) && has);
            CHECK_INT("ordinal of the second", s.ordinal, i / 2);
        }
        CHECK("case", plan_cursor_next(cases, &has, &c, &f.err) && has);
        CHECK_INT("its ordinal", c.ordinal, i);
        fixture_add_samples(&f, 500 + i, 501 + i);
    }
    CHECK("the log does not grow behind an open cursor",
          store_sync(f.store, &f.err) && fixture_sql(&f, "PRAGMA wal_checkpoint(TRUNCATE)") == 0);
    sample_cursor_close(&cursor);
    sample_cursor_close(&second);
    plan_cursor_close(&cases);
    fixture_deinit(&f);
}

static void test_opper_views(void)
{
    struct fixture f;
    char text[256];
    fixture_open(&f, 3, 1);
    fixture_add_samples(&f, 0, 3);
    struct root_metric metrics[] = {{STR("answer.mean"), 0.5, STR("2 of 3")}, {STR("n_cases"), 3, STR_NULL}};
    fixture_begin(&f);
    CHECK("end root", store_end_root(f.store, &f.run, STR("in"), STR("passed"), STR("{}"), 7, metrics, 2, &f.err));
    CHECK("again", store_end_root(f.store, &f.run, STR("in"), STR("passed"), STR("{}"), 7, metrics, 2, &f.err));
    fixture_commit(&f);
    fixture_sql_text(&f, "SELECT id FROM opper_span WHERE type = 'evaluation_run'", text, sizeof(text));
    struct uuid_text root = id_text(&f.run.root_span);
    CHECK_CSTR("root", str_from(text), root.text);
    fixture_sql_text(&f, "SELECT name || ' ' || output || ' ' || score FROM opper_span WHERE parent_id IS NULL", text,
                     sizeof(text));
    CHECK_CSTR("root span", str_from(text), "math [default] passed 7");
    fixture_sql_text(&f,
                     "SELECT id || ' ' || input || ' ' || output || ' ' || start_time || ' ' || score FROM opper_span "
                     "WHERE name = 'case-1'",
                     text, sizeof(text));
    struct sample_record s = fixture_sample(&f, &f.run, 1, 1);
    struct uuid_text span = id_text(&s.span);
    CHECK_CSTR("sample span", str_from(text),
               arena_printf(&f.arena, "%s \"what is 1?\" A: 1.1 2023-11-14T22:13:21.001Z 10", span.text).ptr);
    CHECK_INT("metrics", fixture_sql(&f, "SELECT count(*) FROM opper_metric"), 8);
    CHECK_INT("of spans that are there",
              fixture_sql(&f, "SELECT count(*) FROM opper_metric WHERE span_id IN (SELECT id FROM opper_span)"), 8);
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is written is read", test_round_trip},
        {"filters", test_filters},
        {"cases by id", test_cases_by_id_in_any_order},
        {"without texts", test_without_texts},
        {"a sample is recorded once", test_once},
        {"any number of scores", test_any_number_of_scores},
        {"a list", test_list},
        {"texts of every kind", test_texts_of_every_kind},
        {"cursors over commits", test_cursor_over_commits},
        {"Opper's terms", test_opper_views},
    };
    return check_run("store samples", tests, ARRAY_LEN(tests));
}
