#include <stdio.h>

#include "model/recording.h"
#include "store/outbox.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

enum { ROWS = 64 };

static void add_recording(struct fixture *f, int64_t run)
{
    struct recording r = {.run = run, .options = RECORD_OPTIONS_DEFAULT, .base_url = STR("https://opper.test/v2")};
    r.options.outputs = RECORD_DIGEST;
    CHECK("add recording", store_add_recording(f->store, &r, &f->err));
}

/* A run with its root and samples 0..count-1 queued. */
static void open_queued(struct fixture *f, uint64_t count)
{
    fixture_open(f, count, 1);
    fixture_begin(f);
    add_recording(f, f->run.seq);
    CHECK("root", store_outbox_add_root(f->store, f->run.seq, OUTBOX_ROOT_BEGIN, OUTBOX_QUEUED, &f->err));
    for (uint64_t i = 0; i < count; i++) {
        struct sample_record s = fixture_sample(f, &f->run, i, 1);
        int64_t seq = 0;
        CHECK("add", store_add_sample(f->store, &f->run, &s, &f->err));
        CHECK("queue", store_outbox_add_sample(f->store, &f->run, &s, OUTBOX_SAMPLE, OUTBOX_QUEUED, &seq, &f->err));
        CHECK("seq", seq > 0);
        CHECK("count",
              store_count_recorded(f->store, f->run.seq, 1, record_count_metrics(&s, f->run.dimensions), &f->err));
    }
    fixture_commit(f);
}

static size_t take(struct fixture *f, struct outbox_row *rows, size_t limit, int64_t *after, size_t *later)
{
    struct outbox_take order = {.invocation = f->invocation.seq, .after = *after, .now_unix_ms = 1000, .limit = limit};
    size_t count = 0;
    fixture_begin(f);
    CHECK("take", store_outbox_take(f->store, &f->arena, &order, rows, &count, after, later, &f->err));
    fixture_commit(f);
    return count;
}

static void test_order_and_states(void)
{
    struct fixture f;
    struct outbox_row rows[ROWS];
    open_queued(&f, 10);
    int64_t after = 0;
    size_t later = 0;
    CHECK_INT("a piece", take(&f, rows, 4, &after, &later), 4);
    CHECK_INT("the root first", rows[0].op, OUTBOX_ROOT_BEGIN);
    CHECK_INT("the root's span", rows[0].span, 0);
    CHECK_INT("then samples", rows[1].op, OUTBOX_SAMPLE);
    CHECK("in their order", rows[1].span < rows[2].span && rows[2].span < rows[3].span);
    CHECK_INT("the rest", take(&f, rows + 4, ROWS - 4, &after, &later), 7);
    CHECK_INT("nothing twice", take(&f, rows + 11, ROWS - 11, &after, &later), 0);
    after = 0;
    CHECK_INT("nothing twice from the beginning", take(&f, rows + 11, ROWS - 11, &after, &later), 0);

    fixture_begin(&f);
    CHECK("drop", store_outbox_drop(f.store, rows[0].seq, &f.err));
    rows[1].state = OUTBOX_QUEUED;
    rows[1].tries = 3;
    rows[1].not_before_unix_ms = 5000;
    rows[1].last_error = STR("503");
    CHECK("keep for later", store_outbox_keep(f.store, &rows[1], &f.err));
    rows[2].state = OUTBOX_DEAD;
    rows[2].last_error = STR("422: no");
    CHECK("keep as dead", store_outbox_keep(f.store, &rows[2], &f.err));
    fixture_commit(&f);
    fixture_reopen(&f, STORE_WRITE);
    after = 0;
    CHECK_INT("none is due", take(&f, rows, ROWS, &after, &later), 0);
    CHECK_INT("one is for later", later, 1);

    fixture_begin(&f);
    CHECK("recover", store_outbox_recover(f.store, f.invocation.seq, &f.err));
    fixture_commit(&f);
    after = 0;
    CHECK_INT("what was in flight is unclear", take(&f, rows, ROWS, &after, &later), 8);
    CHECK_INT("unclear", rows[0].state, OUTBOX_UNCLEAR);
    struct outbox_take order = {.invocation = f.invocation.seq, .now_unix_ms = 5000, .limit = ROWS};
    size_t count = 0;
    fixture_begin(&f);
    CHECK("due", store_outbox_take(f.store, &f.arena, &order, rows, &count, &after, &later, &f.err));
    fixture_commit(&f);
    CHECK_INT("due", count, 1);
    CHECK_INT("tries", rows[0].tries, 3);
    CHECK_STR("why", rows[0].last_error, STR("503"));
    CHECK_INT("state as it was", rows[0].state, OUTBOX_QUEUED);
    fixture_deinit(&f);
}

/* What is passed over stays as it is, wherever it stands between what is taken. */
static void test_passed_over(void)
{
    struct fixture f;
    struct outbox_row rows[ROWS];
    open_queued(&f, 9);
    fixture_exec(&f, "UPDATE outbox SET not_before_ms = 5000 WHERE seq IN (2, 5, 6)");
    fixture_exec(&f, "UPDATE outbox SET state = 3 WHERE seq = 8");
    int64_t after = 0;
    size_t later = 0;
    CHECK_INT("taken", take(&f, rows, 5, &after, &later), 5);
    CHECK_INT("passed over", later, 3);
    CHECK_INT("in flight", fixture_sql(&f, "SELECT count(*) FROM outbox WHERE state = 1"), 5);
    CHECK_INT("these", fixture_sql(&f, "SELECT sum(seq) FROM outbox WHERE state = 1"), 1 + 3 + 4 + 7 + 9);
    CHECK_INT("queued still", fixture_sql(&f, "SELECT sum(seq) FROM outbox WHERE state = 0"), 2 + 5 + 6 + 10);
    fixture_deinit(&f);
}

static void test_other_invocations(void)
{
    struct fixture f;
    struct outbox_row rows[ROWS];
    open_queued(&f, 3);
    struct invocation_record other;
    struct plan_record plan;
    struct run_record run;
    fixture_begin(&f);
    fixture_add_invocation(&f, "other", NULL, &other);
    fixture_add_plan(&f, other.seq, "suite", 2, 1, &plan);
    fixture_add_run(&f, &other, &plan, "default", 0, &run);
    add_recording(&f, run.seq);
    CHECK("root", store_outbox_add_root(f.store, run.seq, OUTBOX_ROOT_BEGIN, OUTBOX_IN_FLIGHT, &f.err));
    CHECK("recover the first", store_outbox_recover(f.store, f.invocation.seq, &f.err));
    fixture_commit(&f);
    CHECK_INT("the other's is in flight still", fixture_sql(&f, "SELECT count(*) FROM outbox WHERE state = 1"), 1);
    int64_t after = 0;
    size_t later = 0;
    CHECK_INT("only the first's rows", take(&f, rows, ROWS, &after, &later), 4);
    int64_t *seqs = NULL;
    size_t count = 0;
    CHECK("invocations", store_outbox_invocations(f.store, false, &f.arena, &seqs, &count, &f.err));
    CHECK_INT("two have rows", count, 2);
    CHECK("oldest first", count == 2 && seqs[0] == f.invocation.seq && seqs[1] == other.seq);
    fixture_deinit(&f);
}

static void test_counts(void)
{
    struct fixture f;
    struct outbox_row rows[ROWS];
    struct recording_counts counts;
    open_queued(&f, 5);
    struct recording recording;
    bool found = false;
    CHECK("recording", store_recording(f.store, &f.arena, f.run.seq, &found, &recording, &f.err));
    CHECK("found", found);
    CHECK_INT("outputs", recording.options.outputs, RECORD_DIGEST);
    CHECK_INT("max_bytes", recording.options.max_bytes, RECORD_MAX_BYTES);
    CHECK_STR("base_url", recording.base_url, STR("https://opper.test/v2"));
    CHECK_INT("spans", recording.spans, 5);
    CHECK_INT(
        "metrics", recording.metrics,
        fixture_sql(&f, "SELECT count(*) FROM opper_metric JOIN opper_span ON id = span_id AND parent_id IS NOT NULL"));
    CHECK("count", store_recording_counts(f.store, &f.arena, f.run.seq, &found, &counts, &f.err) && found);
    CHECK_INT("root and samples", counts.pending_spans, 6);
    uint64_t spans = 0;
    CHECK("alone", store_pending_spans(f.store, &f.arena, f.run.seq, &spans, &f.err));
    CHECK_INT("alone", spans, 6);
    CHECK_INT("their scores", counts.pending_metrics, recording.metrics);
    CHECK_INT("none refused", counts.refused_spans + counts.refused_metrics, 0);

    int64_t after = 0;
    size_t later = 0;
    CHECK_INT("take all", take(&f, rows, ROWS, &after, &later), 6);
    fixture_begin(&f);
    CHECK("root done", store_outbox_drop(f.store, rows[0].seq, &f.err));
    /* of the first sample one metric was refused, the second one wholly */
    struct outbox_row part = {.run = f.run.seq, .span = rows[1].span, .op = OUTBOX_METRIC, .last_error = STR("400: a")};
    CHECK("dead part",
          store_outbox_add_dead(f.store, &part, &f.err) && store_outbox_drop(f.store, rows[1].seq, &f.err));
    rows[2].state = OUTBOX_DEAD;
    rows[2].last_error = STR("422: b");
    CHECK("dead sample", store_outbox_keep(f.store, &rows[2], &f.err));
    fixture_commit(&f);
    CHECK("count", store_recording_counts(f.store, &f.arena, f.run.seq, &found, &counts, &f.err) && found);
    CHECK_INT("pending", counts.pending_spans, 3);
    CHECK_INT("refused spans", counts.refused_spans, 1);
    CHECK_INT("refused metrics", counts.refused_metrics, 3);
    CHECK_STR("why", counts.first_refusal, STR("422: b"));

    fixture_begin(&f);
    CHECK("revive", store_outbox_revive(f.store, f.invocation.seq, &f.err));
    fixture_commit(&f);
    CHECK("count", store_recording_counts(f.store, &f.arena, f.run.seq, &found, &counts, &f.err) && found);
    CHECK_INT("pending again", counts.pending_spans, 5);
    CHECK_INT("none refused", counts.refused_spans + counts.refused_metrics, 0);
    fixture_deinit(&f);
}

/* A root that Opper refuses is one span, although its end waits too: what was written must not be less than nothing. */
static void test_refused_root(void)
{
    struct fixture f;
    struct outbox_row rows[ROWS];
    struct recording_counts counts;
    bool found = false;
    open_queued(&f, 5);
    int64_t after = 0;
    size_t later = 0;
    CHECK_INT("take all", take(&f, rows, ROWS, &after, &later), 6);
    fixture_begin(&f);
    rows[0].state = OUTBOX_DEAD;
    rows[0].last_error = STR("422: no");
    CHECK("dead root", store_outbox_keep(f.store, &rows[0], &f.err));
    CHECK("its end", store_outbox_add_root(f.store, f.run.seq, OUTBOX_ROOT_END, OUTBOX_QUEUED, &f.err));
    fixture_commit(&f);
    CHECK("count", store_recording_counts(f.store, &f.arena, f.run.seq, &found, &counts, &f.err) && found);
    CHECK_INT("refused", counts.refused_spans, 1);
    CHECK_INT("pending", counts.pending_spans, 5);
    fixture_deinit(&f);
}

/* Delivery was stopped when a metric of a sample was refused and its others were not answered yet. One row stands for the span afterwards: two would send
 * twice what both miss. */
static void test_refused_part(void)
{
    struct fixture f;
    struct outbox_row rows[ROWS];
    struct recording_counts counts;
    bool found = false;
    open_queued(&f, 3);
    int64_t after = 0;
    size_t later = 0;
    CHECK_INT("take all", take(&f, rows, ROWS, &after, &later), 4);
    fixture_begin(&f);
    CHECK("root done", store_outbox_drop(f.store, rows[0].seq, &f.err));
    struct outbox_row part = {.run = f.run.seq, .span = rows[1].span, .op = OUTBOX_METRIC, .last_error = STR("422: a")};
    CHECK("dead part", store_outbox_add_dead(f.store, &part, &f.err));
    rows[1].op = OUTBOX_SAMPLE_REST;
    rows[1].state = OUTBOX_UNCLEAR;
    CHECK("the rest of it", store_outbox_keep(f.store, &rows[1], &f.err));
    fixture_commit(&f);
    CHECK("count", store_recording_counts(f.store, &f.arena, f.run.seq, &found, &counts, &f.err) && found);
    CHECK_INT("pending", counts.pending_spans, 3);
    CHECK_INT("refused", counts.refused_metrics, 1);
    CHECK_INT("each metric once", counts.pending_metrics + counts.refused_metrics, counts.metrics);

    fixture_begin(&f);
    CHECK("revive", store_outbox_revive(f.store, f.invocation.seq, &f.err));
    fixture_commit(&f);
    after = 0;
    later = 0;
    CHECK("recover", store_outbox_recover(f.store, f.invocation.seq, &f.err));
    CHECK_INT("a row a span", take(&f, rows, ROWS, &after, &later), 3);
    CHECK_INT("all of it", rows[0].op, OUTBOX_SAMPLE);
    CHECK_INT("is looked at", rows[0].state, OUTBOX_UNCLEAR);
    fixture_deinit(&f);
}

static void test_root_end(void)
{
    struct fixture f;
    struct outbox_row rows[ROWS];
    open_queued(&f, 2);
    struct root_metric metrics[] = {{STR("answer.mean"), 0.5, STR("over 2 cases")}, {STR("n_cases"), 2, STR_NULL}};
    struct root_record root;
    bool ended = true;
    CHECK("root", store_root(f.store, &f.arena, f.run.seq, &ended, &root, &f.err));
    CHECK("not ended", !ended);
    fixture_begin(&f);
    CHECK("end",
          store_end_root(f.store, &f.run, STR("{\"suite\":\"s\"}"), STR("passed"), STR("{}"), 7, metrics, 2, &f.err));
    for (int i = 0; i < 2; i++) { /* judged again before the first was delivered */
        CHECK("queue", store_outbox_add_root(f.store, f.run.seq, OUTBOX_ROOT_END, OUTBOX_QUEUED, &f.err));
    }
    fixture_commit(&f);
    CHECK("root", store_root(f.store, &f.arena, f.run.seq, &ended, &root, &f.err));
    CHECK("ended", ended);
    CHECK_INT("score", root.span_score, 7);
    CHECK_INT("metrics", root.metric_count, 2);
    CHECK_STR("output", root.output, STR("passed"));
    int64_t after = 0;
    size_t later = 0;
    CHECK_INT("begin, two samples, one end", take(&f, rows, ROWS, &after, &later), 4);
    CHECK_INT("the end is last", rows[3].op, OUTBOX_ROOT_END);
    bool is_last = true;
    CHECK("ask", store_outbox_is_last(f.store, &rows[3], &is_last, &f.err));
    CHECK("others first", !is_last);
    fixture_begin(&f);
    for (int i = 0; i < 2; i++) {
        CHECK("drop", store_outbox_drop(f.store, rows[i].seq, &f.err));
    }
    rows[2].state = OUTBOX_DEAD;
    CHECK("dead", store_outbox_keep(f.store, &rows[2], &f.err));
    fixture_commit(&f);
    CHECK("ask", store_outbox_is_last(f.store, &rows[3], &is_last, &f.err));
    CHECK("now it is last", is_last);
    struct recording_counts counts;
    bool found = false;
    CHECK("count", store_recording_counts(f.store, &f.arena, f.run.seq, &found, &counts, &f.err) && found);
    CHECK_INT("the root is a span", counts.pending_spans, 1);
    CHECK_INT("with metrics", counts.pending_metrics, 2);
    fixture_deinit(&f);
}

static void test_superseded(void)
{
    struct fixture f;
    struct outbox_row rows[ROWS];
    open_queued(&f, 2);
    struct sample_record again = fixture_sample(&f, &f.run, 1, 1);
    again.attempt = 1;
    again.span = id_of_sample_span(&f.run.id, again.case_id, 1, 1);
    int64_t seq = 0;
    fixture_begin(&f);
    CHECK("add", store_add_sample(f.store, &f.run, &again, &f.err));
    CHECK("queue", store_outbox_add_sample(f.store, &f.run, &again, OUTBOX_SAMPLE_REST, OUTBOX_UNCLEAR, &seq, &f.err));
    fixture_commit(&f);
    int64_t after = 0;
    size_t later = 0;
    CHECK_INT("root, two, the second again, its mark", take(&f, rows, ROWS, &after, &later), 5);
    CHECK_INT("rest", rows[3].op, OUTBOX_SAMPLE_REST);
    CHECK_INT("mark", rows[4].op, OUTBOX_SUPERSEDED);
    CHECK_INT("of the one before", rows[4].span, rows[2].span);
    struct sample_record read;
    bool is_superseded = false;
    CHECK("read", store_sample(f.store, &f.arena, &f.run, rows[4].span, &read, &is_superseded, &f.err));
    CHECK("superseded", is_superseded);
    CHECK_INT("attempt", read.attempt, 0);
    CHECK("read", store_sample(f.store, &f.arena, &f.run, rows[3].span, &read, &is_superseded, &f.err));
    CHECK("current", !is_superseded);
    CHECK_INT("attempt", read.attempt, 1);
    CHECK_STR("input", read.input, again.input);
    CHECK_STR("comment", read.scores[0].comment, again.scores[0].comment);
    int64_t *seqs = NULL;
    size_t count = 0;
    CHECK("list", store_superseded(f.store, &f.arena, f.run.seq, &seqs, &count, &f.err));
    CHECK("one", count == 1 && seqs[0] == rows[4].span);
    CHECK("no such span", !store_sample(f.store, &f.arena, &f.run, 9999, &read, &is_superseded, &f.err));
    fixture_deinit(&f);
}

static void test_ahead(void)
{
    static const struct {
        uint64_t ordinal;
        uint32_t trial;
        uint64_t want_ordinal;
        uint32_t want_trial;
    } marks[] = {{3, 1, 3, 1}, {3, 2, 3, 2}, {2, 9, 3, 2}, {4, 1, 4, 1}};
    struct fixture f;
    open_queued(&f, 1);
    struct recording r;
    bool found = false;
    CHECK("read", store_recording(f.store, &f.arena, f.run.seq, &found, &r, &f.err));
    CHECK("no mark", found && !r.has_ahead);
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        fixture_begin(&f);
        CHECK("mark", store_mark_ahead(f.store, f.run.seq, marks[i].ordinal, marks[i].trial, &f.err));
        fixture_commit(&f);
        CHECK("read", store_recording(f.store, &f.arena, f.run.seq, &found, &r, &f.err));
        CHECK("mark", r.has_ahead);
        CHECK_INT("ordinal", r.ahead_ordinal, marks[i].want_ordinal);
        CHECK_INT("trial", r.ahead_trial, marks[i].want_trial);
    }
    CHECK("no recording of another run", store_recording(f.store, &f.arena, 77, &found, &r, &f.err) && !found);
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"order and states", test_order_and_states},
        {"passed over", test_passed_over},
        {"other invocations", test_other_invocations},
        {"counts", test_counts},
        {"a refused root", test_refused_root},
        {"a refused part of what waits", test_refused_part},
        {"root end", test_root_end},
        {"superseded", test_superseded},
        {"ahead", test_ahead},
    };
    return check_run("outbox", tests, ARRAY_LEN(tests));
}
