#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "tests/check.h"
#include "tests/opper/rig.h"

static void test_all_well(void)
{
    struct rig r;
    rig_open(&r, 200, 1);
    rig_start(&r);
    rig_record(&r, 100);
    for (int i = 0; i < 20; i++) { /* delivery goes on while samples come */
        rig_turn(&r);
    }
    rig_record(&r, 100);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "all well");
    CHECK_INT("one request a span and metric, two for the root and its metrics", r.service.requests, 200 * 3 + 2 + 3);
    CHECK_INT("nothing was looked up", r.service.lookups, 0);
    struct delivery_status status;
    delivery_status(r.delivery, &status);
    CHECK_INT("rows", status.confirmed, 202);
    rig_close(&r);
}

/* 2 % of every fault, ambiguous ones among them, with each way to answer a repeated creation. */
static void test_every_fault(void)
{
    static const enum double_fate fates[] = {FATE_THROTTLED, FATE_BROKEN,    FATE_BROKEN_DONE, FATE_AWAY,   FATE_NO_WAY,
                                             FATE_LOST,      FATE_LOST_DONE, FATE_LATE,        FATE_GARBLED};
    for (int repeat = 0; repeat < 3; repeat++) {
        for (int conflict = 0; conflict < 2; conflict++) {
            struct rig r;
            char what[64];
            (void)snprintf(what, sizeof(what), "repeat %d, conflict %d", repeat, conflict);
            rig_open(&r, 600, (uint64_t)repeat + 100);
            r.service.repeat = (enum double_repeat)repeat;
            r.service.metrics_conflict = conflict == 1;
            if (conflict == 1) {
                r.service.in_flight_max = 5; /* a sample's requests go out in pieces */
            }
            r.patience_ns = 900 * NS_PER_S;
            for (size_t i = 0; i < ARRAY_LEN(fates); i++) {
                r.service.per_mille[fates[i]] = 20;
            }
            rig_start(&r);
            rig_record(&r, 600);
            rig_end_root(&r);
            CHECK(what, rig_drain(&r));
            rig_check_ledger(&r, what);
            for (size_t i = 0; i < ARRAY_LEN(fates); i++) {
                CHECK(what, r.service.by_fate[fates[i]] > 0);
            }
            rig_close(&r);
        }
    }
}

/* Done a second after the client gave up: only a second look sees it. */
static void test_late(void)
{
    struct rig r;
    rig_open(&r, 300, 5);
    r.service.per_mille[FATE_LATE] = 25;
    rig_start(&r);
    rig_record(&r, 300);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    CHECK("some were late", r.service.by_fate[FATE_LATE] > 5);
    rig_check_ledger(&r, "late");
    rig_close(&r);
}

/* Metrics that were doubled all the same (by another client, say): the oldest stays. */
static void test_doubles_are_mended(void)
{
    struct rig r;
    rig_open(&r, 1, 5);
    rig_start(&r);
    rig_record(&r, 1);
    CHECK("drained", rig_drain(&r));
    struct sample_record s = fixture_sample(&r.f, &r.f.run, 0, 1);
    struct double_span *span = double_span(&r.service, str_from(id_text(&s.span).text));
    struct double_metric *copy = arena_new(&r.service.arena, struct double_metric);
    bool is_there = span != NULL && span->metrics != NULL;
    CHECK("span", is_there);
    if (!is_there) {
        rig_close(&r);
        return;
    }
    *copy = *span->metrics;
    copy->next = NULL;
    copy->metric.id = STR("00000000-0000-4000-8000-00000000dead");
    copy->metric.created.us++;
    *span->metrics_end = copy;
    span->metrics_end = &copy->next;
    span->metrics->metric.value.value += 1; /* and somebody changed ours */
    span->span.output = STR("\"something else\"");
    fixture_begin(&r.f);
    int64_t seq = 0;
    s.seq = 1;
    CHECK("again", store_outbox_add_sample(r.f.store, &r.f.run, &s, OUTBOX_SAMPLE, OUTBOX_UNCLEAR, &seq, &r.f.err));
    fixture_commit(&r.f);
    delivery_rows_added(r.delivery);
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "mended");
    CHECK("the later one went", copy->is_deleted);
    rig_close(&r);
}

/* Killed again and again, with requests under way that are done or not. */
static void test_kills(void)
{
    struct rig r;
    struct rng rng;
    rng_seed(&rng, 3);
    rig_open(&r, 400, 11);
    r.service.per_mille[FATE_LOST_DONE] = 20;
    r.service.per_mille[FATE_BROKEN_DONE] = 20;
    rig_start(&r);
    for (int kills = 0; kills < 200; kills++) {
        if (r.queued < 400) {
            rig_record(&r, 2);
        }
        for (uint64_t turns = rng_below(&rng, 12); turns > 0; turns--) {
            rig_turn(&r);
        }
        if (kills % 7 == 6) {
            rig_stop(&r);
        } else {
            rig_kill(&r);
        }
        rig_start(&r);
    }
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "kills");
    rig_close(&r);
}

/* --- refusals ---------------------------------------------------------------------------------------------------------------------------------- */

struct script {
    const char *method, *part; /* of the path, or of the body */
    enum double_fate fate;
    int times, seen;
};

static enum double_fate by_script(void *ctx, const struct pending *p)
{
    struct script *s = ctx;
    size_t at = 0;
    bool is_it = str_eq_cstr(p->method, s->method) &&
                 (str_find(p->path, str_from(s->part), &at) || str_find(p->body, str_from(s->part), &at));
    if (!is_it || s->seen >= s->times) {
        return FATE_FINE;
    }
    s->seen++;
    return s->fate;
}

static void run_script(struct rig *r, struct script *script, uint64_t count)
{
    rig_open(r, count, 1);
    r->service.decide = by_script;
    r->service.ctx = script;
    rig_start(r);
    rig_record(r, count);
    rig_end_root(r);
}

static struct recording_counts counts_of(struct rig *r)
{
    struct recording_counts counts = {0};
    bool found = false;
    CHECK("count", store_recording_counts(r->f.store, &r->f.arena, r->f.run.seq, &found, &counts, &r->f.err) && found);
    return counts;
}

static void test_refused(void)
{
    static const struct {
        const char *name;
        struct script script;
        uint64_t spans, metrics; /* refused */
        const char *words;
    } rows[] = {
        {"a span", {"POST", "\"case-3\"", FATE_REFUSED, 9, 0}, 1, 2, "not like this"},
        {"a metric", {"POST", "\"latency_ms\",\"value\":3.5", FATE_REFUSED, 9, 0}, 0, 1, "metric 'latency_ms': 422"},
        {"the root's update", {"PATCH", "evaluation_run", FATE_REFUSED, 9, 0}, 1, 0, "not like this"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        struct script script = rows[i].script;
        run_script(&r, &script, 10);
        CHECK(rows[i].name, rig_drain(&r));
        struct recording_counts counts = counts_of(&r);
        CHECK_INT(rows[i].name, counts.pending_spans + counts.pending_metrics, 0);
        CHECK_INT(rows[i].name, counts.refused_spans, rows[i].spans);
        CHECK_INT(rows[i].name, counts.refused_metrics, rows[i].metrics);
        CHECK_CONTAINS(rows[i].name, counts.first_refusal, rows[i].words);
        CHECK_INT("asked once", script.seen, 1);
        /* once the service takes it, another push puts it right */
        script.times = 0;
        r.service.has_ended = false; /* after the root's end, this time */
        rig_stop(&r);
        fixture_begin(&r.f);
        CHECK("revive", store_outbox_revive(r.f.store, r.f.invocation.seq, &r.f.err));
        fixture_commit(&r.f);
        rig_start(&r);
        CHECK(rows[i].name, rig_drain(&r));
        rig_check_ledger(&r, rows[i].name);
        rig_close(&r);
    }
}

static void test_access(void)
{
    struct rig r;
    struct script script = {"POST", "case-17\"", FATE_DENIED, 100000, 0};
    run_script(&r, &script, 200);
    CHECK("stopped", !rig_drain(&r));
    struct delivery_status status;
    delivery_status(r.delivery, &status);
    CHECK("stopped", status.is_stopped);
    CHECK_CONTAINS("why", status.reason, "401");
    uint64_t sent = r.service.requests;
    for (int i = 0; i < 100; i++) {
        rig_turn(&r);
    }
    CHECK_INT("not one request more", r.service.requests, sent);
    CHECK_INT("nothing is dead", counts_of(&r).refused_spans, 0);
    rig_stop(&r);
    script.times = 0;
    rig_start(&r); /* with another key */
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "after 401");
    rig_close(&r);
}

static void test_root_refused(void)
{
    struct rig r;
    struct script script = {"POST", "evaluation_run", FATE_REFUSED, 9, 0};
    run_script(&r, &script, 20);
    for (int starts = 0; starts < 2; starts++) { /* a later process does not try either */
        CHECK("nothing is left that could be sent", rig_drain(&r));
        struct recording_counts counts = counts_of(&r);
        CHECK_INT("refused", counts.refused_spans, 1);
        CHECK_INT("pending", counts.pending_spans, 20);
        CHECK_CONTAINS("why", counts.first_refusal, "the root span 'math [default]': 422");
        CHECK_INT("asked once", script.seen, 1);
        CHECK_INT("nothing hangs in the air", r.service.requests, 1);
        rig_stop(&r);
        rig_start(&r);
    }
    rig_stop(&r);
    script.times = 0;
    fixture_begin(&r.f);
    CHECK("revive", store_outbox_revive(r.f.store, r.f.invocation.seq, &r.f.err));
    fixture_commit(&r.f);
    rig_start(&r);
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "taken at last");
    rig_close(&r);
}

struct hold {
    const struct rig *rig;
    int times;
    size_t root_metrics; /* when the span was asked for last */
    bool root_has_ended;
};

static enum double_fate hold_one(void *ctx, const struct pending *p)
{
    struct hold *hold = ctx;
    size_t at = 0;
    if (hold->times == 0 || !str_eq(p->method, STR("POST")) || !str_find(p->body, STR("\"case-3\""), &at)) {
        return FATE_FINE;
    }
    hold->times--;
    const struct double_span *root =
        double_span(&hold->rig->service, str_from(id_text(&hold->rig->f.run.root_span).text));
    hold->root_metrics = double_live_metrics(root);
    hold->root_has_ended = root->span.end.has;
    return FATE_AWAY;
}

/* While one sample's span is refused by a service that is too busy, the root's metrics arrive, and its end waits. */
static void test_root_beside_samples(void)
{
    struct rig r;
    struct hold hold = {.rig = &r, .times = 4};
    rig_open(&r, 10, 1);
    r.service.decide = hold_one;
    r.service.ctx = &hold;
    rig_start(&r);
    rig_record(&r, 10);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    CHECK_INT("tried so often", hold.times, 0);
    CHECK_INT("the root's metrics were there", hold.root_metrics, 3);
    CHECK("but not its end", !hold.root_has_ended);
    rig_check_ledger(&r, "root beside samples");
    rig_close(&r);
}

/* What waits for others leaves them the memory that all share. */
static void test_large_root(void)
{
    struct rig r;
    struct hold hold = {.rig = &r, .times = 4};
    const struct root_metric metric = {STR("n_cases"), 10, STR_NULL};
    rig_open(&r, 10, 1);
    struct buf summary CLEANUP(buf_deinit) = BUF(DELIVER_BYTES * 2);
    buf_append_char(&summary, '"');
    buf_append_repeat(&summary, 'x', DELIVER_BYTES);
    buf_append_char(&summary, '"');
    r.service.decide = hold_one;
    r.service.ctx = &hold;
    rig_start(&r);
    rig_record(&r, 10);
    rig_end_root_with(&r, buf_str(&summary), &metric, 1);
    CHECK("drained", rig_drain(&r));
    CHECK_INT("tried so often", hold.times, 0);
    CHECK_INT("the root's metric was there", hold.root_metrics, 1);
    rig_check_ledger(&r, "large root");
    rig_close(&r);
}

/* Of more metrics than a row remembers while it waits, too, none is sent twice. */
static void test_many_metrics(void)
{
    static const struct {
        const char *name;
        struct script script;
    } rows[] = {
        {"the root's update fails at first", {"PATCH", "evaluation_run", FATE_BROKEN, 2, 0}},
        {"a metric is throttled", {"POST", "d003.mean", FATE_THROTTLED, 1, 0}},
        {"one that is not remembered is throttled", {"POST", "d070.mean", FATE_THROTTLED, 1, 0}},
        {"one is lost", {"POST", "d099.mean", FATE_LOST_DONE, 1, 0}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        struct script script = rows[i].script;
        rig_open(&r, 4, 1);
        r.service.decide = by_script;
        r.service.ctx = &script;
        rig_start(&r);
        rig_record(&r, 4);
        struct root_metric metrics[100] = {{.value = 0}};
        for (size_t k = 0; k < ARRAY_LEN(metrics); k++) {
            metrics[k] = (struct root_metric){arena_printf(&r.f.arena, "d%03zu.mean", k), (double)k / 7, STR_NULL};
        }
        rig_end_root_with(&r, STR("{}"), metrics, ARRAY_LEN(metrics));
        CHECK(rows[i].name, rig_drain(&r));
        CHECK_INT(rows[i].name, script.seen, script.times);
        rig_check_ledger(&r, rows[i].name);
        rig_close(&r);
    }
}

/* --- outage ------------------------------------------------------------------------------------------------------------------------------------ */

static void test_outage(void)
{
    struct rig r;
    rig_open(&r, 5000, 1);
    r.service.is_down = true;
    rig_start(&r);
    for (int i = 0; i < 50; i++) {
        rig_record(&r, 100);
        for (int j = 0; j < 20; j++) {
            rig_turn(&r);
        }
    }
    CHECK("few requests", r.service.requests < 200);
    CHECK("most rows stay on disk", fixture_sql(&r.f, "SELECT count(*) FROM outbox WHERE state = 1") <= DELIVER_WINDOW);
    rig_end_root(&r);
    CHECK("a drain ends by lack of progress", !rig_drain(&r));
    CHECK_INT("all of it is pending", counts_of(&r).pending_spans, 5001);
    r.service.is_down = false;
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "after an outage");
    rig_close(&r);
}

static void test_retry_after(void)
{
    struct rig r;
    struct script script = {"POST", "evaluation_run", FATE_THROTTLED, 1, 0};
    run_script(&r, &script, 1);
    int64_t began_ns = r.clock.fake_ns;
    CHECK("drained", rig_drain(&r));
    CHECK("not before the second that was demanded", r.clock.fake_ns - began_ns >= NS_PER_S);
    CHECK_INT("a clear refusal is not looked up", r.service.lookups, 0);
    rig_check_ledger(&r, "throttled");
    rig_close(&r);
}

/* --- ahead ---------------------------------------------------------------------------------------------------------------------------------------- */

static void ask_ahead(struct rig *r, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        struct sample_record s = fixture_sample(&r->f, &r->f.run, i, 1);
        delivery_ahead(r->delivery, &r->f.run, &s);
    }
}

static bool is_there(struct rig *r, uint64_t i)
{
    struct sample_record s = fixture_sample(&r->f, &r->f.run, i, 1);
    return delivery_has_span(r->delivery, &s.span);
}

static void test_ahead(void)
{
    struct rig r;
    rig_open(&r, 40, 1);
    rig_start(&r);
    ask_ahead(&r, 0, 32);
    CHECK("not yet", !is_there(&r, 0));
    for (int i = 0; i < 1000 && !delivery_is_ahead(r.delivery); i++) {
        rig_turn(&r);
    }
    CHECK("there", is_there(&r, 0) && is_there(&r, 31) && !is_there(&r, 32));
    CHECK_INT("spans", r.service.span_count, 33);
    rig_record(&r, 40); /* 8 of them without a span */
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "ahead");
    struct sample_record s = fixture_sample(&r.f, &r.f.run, 0, 1);
    CHECK_INT("created, then updated", double_span(&r.service, str_from(id_text(&s.span).text))->updates, 1);
    s = fixture_sample(&r.f, &r.f.run, 39, 1);
    CHECK_INT("created complete", double_span(&r.service, str_from(id_text(&s.span).text))->updates, 0);
    rig_close(&r);
}

/* Pressed, a turn sends the spans of the samples that come next, and nothing else. */
static void test_turn_ahead(void)
{
    struct rig r;
    rig_open(&r, 8, 1);
    rig_start(&r);
    rig_record(&r, 1);
    CHECK("the root is there", rig_drain(&r));
    uint64_t before = r.service.by_route[WIRE_SPANS];
    rig_record(&r, 3);
    ask_ahead(&r, 4, 8);
    struct call_port port = double_port(&r.service);
    delivery_turn_ahead(r.delivery, &port, INT64_MAX);
    CHECK_INT("not before it is stored that they may be there", r.service.in_flight, 0);
    fixture_begin(&r.f);
    CHECK("marks", delivery_write(r.delivery, &r.f.err));
    fixture_commit(&r.f);
    delivery_committed(r.delivery);
    delivery_turn_ahead(r.delivery, &port, INT64_MAX);
    CHECK_INT("sent", r.service.in_flight, 4);
    for (int i = 0; i < 1000 && !delivery_is_ahead(r.delivery); i++) {
        rig_turn(&r);
    }
    CHECK("there", is_there(&r, 4) && is_there(&r, 7));
    rig_record(&r, 4);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    CHECK_INT("each span once", r.service.by_route[WIRE_SPANS] - before, 7);
    rig_check_ledger(&r, "turn ahead");
    rig_close(&r);
}

/* A port that is busy gets a row's few requests all the same: one that is cut would wait for the answers to its first part. */
static void test_whole_rows(void)
{
    struct rig r;
    rig_open(&r, 2, 1);
    rig_start(&r);
    ask_ahead(&r, 0, 2);
    for (int i = 0; i < 1000 && !delivery_is_ahead(r.delivery); i++) {
        rig_turn(&r);
    }
    r.service.room = 1;
    rig_record(&r, 2);
    rig_turn(&r);
    CHECK_INT("two metrics and the update of the first sample", r.service.in_flight, 3);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "whole rows");
    rig_close(&r);
}

/* Of many requests only so many go out together. */
static void test_many_at_once(void)
{
    struct rig r;
    rig_open(&r, 1, 1);
    rig_start(&r);
    rig_record(&r, 1);
    CHECK("samples", rig_drain(&r));
    struct root_metric metrics[40] = {{.value = 0}};
    for (size_t i = 0; i < ARRAY_LEN(metrics); i++) {
        metrics[i] = (struct root_metric){arena_printf(&r.f.arena, "d%02zu.mean", i), (double)i, STR_NULL};
    }
    r.service.room = 1;
    r.service.most_in_flight = 0;
    rig_end_root_with(&r, STR("{}"), metrics, ARRAY_LEN(metrics));
    CHECK("drained", rig_drain(&r));
    CHECK_INT("at once", r.service.most_in_flight, 16);
    rig_check_ledger(&r, "many at once");
    rig_close(&r);
}

/* What a span's requests come to that go out together. */
struct beside {
    struct str span;
    enum double_fate update, metric;
    int updates, metrics; /* so many times */
    int updates_seen;
};

static enum double_fate by_request(void *ctx, const struct pending *p)
{
    struct beside *b = ctx;
    size_t at = 0;
    if (!str_find(p->path, b->span, &at)) {
        return FATE_FINE;
    }
    bool is_update = str_eq(p->method, STR("PATCH"));
    b->updates_seen += is_update ? 1 : 0;
    if (is_update && b->updates > 0) {
        b->updates--;
        return b->update;
    }
    if (str_eq(p->method, STR("POST")) && b->metrics > 0) {
        b->metrics--;
        return b->metric;
    }
    return FATE_FINE;
}

static void test_update_beside_metrics(void)
{
    static const struct {
        const char *name;
        struct beside beside;
        int updates_seen;
        uint64_t refused;
    } rows[] = {
        {"all well", {.updates = 0}, 1, 0},
        {"the update is refused", {.update = FATE_REFUSED, .updates = 9}, 2, 1},
        {"refused, and the metrics fail at first",
         {.update = FATE_REFUSED, .updates = 9, .metric = FATE_BROKEN, .metrics = 4},
         2,
         1},
        {"the update fails at first", {.update = FATE_LOST, .updates = 1}, 2, 0},
        {"all of them say that the span is gone",
         {.update = FATE_GONE, .updates = 1, .metric = FATE_GONE, .metrics = 2},
         2,
         0},
        {"only the update does", {.update = FATE_GONE, .updates = 1}, 2, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        rig_open(&r, 8, 1);
        struct sample_record s = fixture_sample(&r.f, &r.f.run, 3, 1);
        struct uuid_text id = id_text(&s.span);
        struct beside beside = rows[i].beside;
        beside.span = str_from(id.text);
        rig_start(&r);
        ask_ahead(&r, 0, 8);
        for (int k = 0; k < 1000 && !delivery_is_ahead(r.delivery); k++) {
            rig_turn(&r);
        }
        r.service.decide = by_request;
        r.service.ctx = &beside;
        rig_record(&r, 8);
        rig_end_root(&r);
        CHECK(rows[i].name, rig_drain(&r));
        struct recording_counts counts = counts_of(&r);
        CHECK_INT(rows[i].name, counts.pending_spans + counts.pending_metrics, 0);
        CHECK_INT(rows[i].name, counts.refused_spans, rows[i].refused);
        CHECK_INT(rows[i].name, counts.refused_metrics, 0);
        CHECK_INT(rows[i].name, double_live_metrics(double_span(&r.service, beside.span)), 2);
        CHECK_INT(rows[i].name, beside.updates_seen, rows[i].updates_seen);
        if (rows[i].refused == 0) {
            rig_check_ledger(&r, rows[i].name);
        }
        rig_close(&r);
    }
}

/* With every fault, killed in between: what was asked for ahead may be there, or not. */
static void test_ahead_kills(void)
{
    struct rig r;
    struct rng rng;
    rng_seed(&rng, 8);
    rig_open(&r, 300, 21);
    r.service.room = 7;
    for (int fate = FATE_THROTTLED; fate <= FATE_GARBLED; fate++) {
        r.service.per_mille[fate] = 20;
    }
    rig_start(&r);
    while (r.queued < 300) {
        uint64_t to = r.queued + 8 < 300 ? r.queued + 8 : 300;
        ask_ahead(&r, r.queued, to);
        for (uint64_t turns = rng_below(&rng, 8); turns > 0; turns--) {
            rig_turn(&r);
        }
        rig_record(&r, rng_below(&rng, to - r.queued + 1));
        if (rng_below(&rng, 6) == 0) {
            rig_kill(&r);
            rig_start(&r);
        }
    }
    rig_end_root(&r);
    r.patience_ns = 900 * NS_PER_S;
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "ahead and kills");
    rig_close(&r);
}

/* A later attempt: the record before it keeps its span, marked. */
static void test_superseded(void)
{
    for (int is_delivered = 0; is_delivered < 2; is_delivered++) {
        struct rig r;
        rig_open(&r, 3, 1);
        rig_start(&r);
        rig_record(&r, 3);
        if (is_delivered == 1) {
            CHECK("drained", rig_drain(&r));
        }
        struct sample_record again = fixture_sample(&r.f, &r.f.run, 1, 1);
        again.attempt = 1;
        again.span = id_of_sample_span(&r.f.run.id, again.case_id, 1, 1);
        again.scores[0].value = 0.25;
        fixture_begin(&r.f);
        CHECK("add", store_add_sample(r.f.store, &r.f.run, &again, &r.f.err));
        CHECK("queue", delivery_queue_sample(r.delivery, &r.f.run, &again, &r.f.err));
        fixture_commit(&r.f);
        delivery_rows_added(r.delivery);
        rig_end_root(&r);
        CHECK("drained", rig_drain(&r));
        rig_check_ledger(&r, "superseded");
        CHECK_INT("a span each", r.service.span_count, 5);
        rig_close(&r);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"all well", test_all_well},
        {"every fault", test_every_fault},
        {"late", test_late},
        {"doubles are mended", test_doubles_are_mended},
        {"kills", test_kills},
        {"refused", test_refused},
        {"access", test_access},
        {"root refused", test_root_refused},
        {"root beside samples", test_root_beside_samples},
        {"large root", test_large_root},
        {"many metrics", test_many_metrics},
        {"outage", test_outage},
        {"retry after", test_retry_after},
        {"ahead", test_ahead},
        {"turn ahead", test_turn_ahead},
        {"whole rows", test_whole_rows},
        {"many at once", test_many_at_once},
        {"update beside metrics", test_update_beside_metrics},
        {"ahead and kills", test_ahead_kills},
        {"superseded", test_superseded},
    };
    return check_run("deliver", tests, ARRAY_LEN(tests));
}
