#include "tests/opper/rig.h"

#include "base/err.h"
#include "opper/compare.h"
#include "opper/render.h"
#include "tests/check.h"

enum { BATCH = 16 };

static int64_t fake_ns(const struct clock *c)
{
    return c->fake_ns;
}

static int64_t fake_unix_ms(const struct clock *c)
{
    return c->fake_unix_ms + c->fake_ns / NS_PER_MS;
}

static void ok_at(struct rig *r, bool ok, const char *what, int line)
{
    check_true_at(ok, what, ok ? "" : r->f.err.text, __FILE__, line);
}
#define OK(r, call) ok_at((r), (call), #call, __LINE__)

void rig_open(struct rig *r, uint64_t cases, uint64_t seed)
{
    *r = (struct rig){
        .clock = {.monotonic_ns = fake_ns, .unix_ms = fake_unix_ms, .fake_ns = NS_PER_S, .fake_unix_ms = 1700000000000},
        .patience_ns = 60 * NS_PER_S,
    };
    double_init(&r->service, &r->clock, seed);
    fixture_open(&r->f, cases, 1);
    struct recording recording = {
        .run = r->f.run.seq, .options = RECORD_OPTIONS_DEFAULT, .base_url = STR("https://opper.test/v2")};
    fixture_begin(&r->f);
    OK(r, store_add_recording(r->f.store, &recording, &r->f.err));
    OK(r, store_outbox_add_root(r->f.store, r->f.run.seq, OUTBOX_ROOT_BEGIN, OUTBOX_QUEUED, &r->f.err));
    fixture_commit(&r->f);
}

void rig_start(struct rig *r)
{
    r->runs[0] = &r->f.run;
    r->invocations[0] = &r->f.invocation;
    struct delivery_order order = {
        .store = r->f.store,
        .clock = &r->clock,
        .base_url = "https://opper.test/v2",
        .invocations = r->invocations,
        .invocation_count = 1,
        .runs = r->runs,
        .run_count = 1,
        .seed = 7,
    };
    OK(r, delivery_open(&order, &r->delivery, &r->f.err));
}

void rig_kill(struct rig *r)
{
    delivery_close(&r->delivery);
    double_kill(&r->service);
}

void rig_stop(struct rig *r)
{
    OK(r, delivery_put_back(r->delivery, &r->f.err));
    delivery_close(&r->delivery);
    double_kill(&r->service);
}

void rig_close(struct rig *r)
{
    delivery_close(&r->delivery);
    double_deinit(&r->service);
    fixture_deinit(&r->f);
}

void rig_record(struct rig *r, uint64_t count)
{
    while (count > 0) {
        fixture_begin(&r->f);
        for (int i = 0; i < BATCH && count > 0; i++, count--) {
            struct sample_record s = fixture_sample(&r->f, &r->f.run, r->queued++, 1);
            OK(r, store_add_sample(r->f.store, &r->f.run, &s, &r->f.err));
            OK(r, delivery_queue_sample(r->delivery, &r->f.run, &s, &r->f.err));
        }
        OK(r, delivery_write(r->delivery, &r->f.err));
        fixture_commit(&r->f);
        delivery_committed(r->delivery);
    }
}

void rig_end_root_with(struct rig *r, struct str summary, const struct root_metric *metrics, size_t count)
{
    r->f.run.finished_unix_ms = 1700000009000;
    r->f.run.state = RUN_FINISHED;
    r->f.run.verdict = VERDICT_PASSED;
    r->f.run.summary = summary;
    fixture_begin(&r->f);
    OK(r, store_update_run(r->f.store, &r->f.run, &r->f.err));
    OK(r, store_end_root(r->f.store, &r->f.run, STR("{\"suite\":\"math\"}"), STR("passed: 1 gate holds"), STR("{}"), 7,
                         metrics, count, &r->f.err));
    OK(r, store_outbox_add_root(r->f.store, r->f.run.seq, OUTBOX_ROOT_END, OUTBOX_QUEUED, &r->f.err));
    fixture_commit(&r->f);
    delivery_rows_added(r->delivery);
}

void rig_end_root(struct rig *r)
{
    const struct root_metric metrics[] = {{STR("answer.mean"), 0.1 + 0.2, STR("over 2 cases")},
                                          {STR("answer.pass_rate"), 2.0 / 3, STR("2 of 3 passed")},
                                          {STR("n_cases"), 3, STR_NULL}};
    rig_end_root_with(r, STR("{\"verdict\":\"passed\"}"), metrics, ARRAY_LEN(metrics));
}

static void commit_if_wanted(struct rig *r)
{
    if (delivery_wants_write(r->delivery, r->clock.fake_ns)) {
        fixture_begin(&r->f);
        OK(r, delivery_write(r->delivery, &r->f.err));
        fixture_commit(&r->f);
        delivery_committed(r->delivery);
    }
}

void rig_turn(struct rig *r)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct call_port port = double_port(&r->service);
    struct call_result result;
    void *tag = NULL;
    while (double_take(&r->service, &scratch, &tag, &result)) {
        OK(r, delivery_answer(r->delivery, tag, &result, &r->f.err));
        arena_reset(&scratch);
    }
    commit_if_wanted(r);
    OK(r, delivery_turn(r->delivery, &port, INT64_MAX, &r->f.err));
    commit_if_wanted(r);
    int64_t next_ns = double_next_ns(&r->service);
    int64_t wanted_ns = delivery_next_ns(r->delivery);
    next_ns = wanted_ns < next_ns ? wanted_ns : next_ns;
    int64_t limit_ns = r->clock.fake_ns + NS_PER_S;
    int64_t soon_ns = r->clock.fake_ns + NS_PER_MS;
    next_ns = next_ns > limit_ns ? limit_ns : next_ns;
    r->clock.fake_ns = next_ns > soon_ns ? next_ns : soon_ns;
}

bool rig_drain(struct rig *r)
{
    struct delivery_status status;
    int64_t began_ns = r->clock.fake_ns;
    for (;;) {
        rig_turn(r);
        delivery_status(r->delivery, &status);
        if (status.is_idle) {
            return true;
        }
        int64_t since_ns = status.progress_ns > began_ns ? status.progress_ns : began_ns;
        if ((status.is_stopped && status.in_flight == 0) || r->clock.fake_ns > since_ns + r->patience_ns) {
            return false;
        }
    }
}

static void check_rendered(struct rig *r, const char *what, const struct rendered *want)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    const struct double_span *got = double_span(&r->service, want->span.id);
    CHECK(what, got != NULL);
    if (got == NULL) {
        return;
    }
    const char *differs = compare_span(&scratch, &want->span, &got->span);
    CHECK_CSTR(what, str_from(differs), NULL);
    CHECK_INT(what, double_live_metrics(got), want->metric_count);
    for (size_t i = 0; i < want->metric_count; i++) {
        size_t count = 0;
        for (const struct double_metric *m = got->metrics; m != NULL; m = m->next) {
            if (!m->is_deleted && str_eq(m->metric.dimension, want->metrics[i].dimension)) {
                count++;
                CHECK(what, compare_metric(&want->metrics[i], &m->metric));
            }
        }
        CHECK_INT(what, count, 1);
    }
}

void rig_check_ledger(struct rig *r, const char *what)
{
    struct arena scratch CLEANUP(arena_deinit) = ARENA_NULL;
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct sample_record sample;
    struct recording recording;
    struct rendered rendered;
    struct root_record root;
    bool has = true;
    bool ended = false;
    uint64_t spans = 1;
    OK(r, store_recording(r->f.store, &scratch, r->f.run.seq, &has, &recording, &r->f.err));
    OK(r, store_samples(r->f.store, r->f.run.seq, (struct sample_filter){0}, &cursor, &r->f.err));
    while (has) {
        OK(r, cursor.next(&cursor, &has, &sample, &r->f.err));
        if (has) {
            render_sample(&scratch, &recording, &r->f.run, &sample, false, &rendered);
            check_rendered(r, what, &rendered);
            spans++;
        }
    }
    int64_t *superseded = NULL;
    size_t count = 0;
    OK(r, store_superseded(r->f.store, &scratch, r->f.run.seq, &superseded, &count, &r->f.err));
    for (size_t i = 0; i < count; i++) {
        bool is_superseded = false;
        OK(r, store_sample(r->f.store, &scratch, &r->f.run, superseded[i], &sample, &is_superseded, &r->f.err));
        render_sample(&scratch, &recording, &r->f.run, &sample, is_superseded, &rendered);
        check_rendered(r, what, &rendered);
        spans++;
    }
    OK(r, store_root(r->f.store, &scratch, r->f.run.seq, &ended, &root, &r->f.err));
    if (ended) {
        OK(r, render_root_end(&scratch, &r->f.invocation, &r->f.run, &root, &rendered, &r->f.err));
        check_rendered(r, what, &rendered);
    }
    CHECK_INT(what, r->service.span_count, spans);
    CHECK_INT(what, r->service.order_faults, 0);
    CHECK_INT("nothing is left in the outbox", fixture_sql(&r->f, "SELECT count(*) FROM outbox"), 0);
}
