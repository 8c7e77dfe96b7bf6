/* What is answered by 409, "it is there": another store's run of the same name was recorded before, or what was sent before an older copy of this store was put
 * back. It is looked at, and put right; what no look finds is refused in the end. And what is gone, and made again. */

#include <stdio.h>

#include "tests/check.h"
#include "tests/opper/rig.h"

enum { DIMENSIONS = 9, SAMPLES = 3 };

/* Of samples with more metrics than a conflict is looked at. */
static void wide_open(struct rig *r)
{
    static struct dimension dimensions[DIMENSIONS];
    rig_open(r, SAMPLES, 1);
    fixture_exec(&r->f, "DELETE FROM dimension WHERE position > 0");
    for (size_t i = 0; i < DIMENSIONS; i++) {
        dimensions[i] = r->f.run.dimensions[0];
        dimensions[i].name = arena_printf(&r->f.arena, "d%zu", i);
        struct str sql = arena_printf(
            &r->f.arena,
            "INSERT OR REPLACE INTO dimension SELECT run, %zu, 'd%zu', kind, type, lo, hi, direction, weight, "
            "threshold, "
            "is_optional, is_required, min, max, is_call_measure, scorer FROM dimension WHERE position = 0",
            i, i);
        fixture_exec(&r->f, sql.ptr);
    }
    r->f.run.dimensions = dimensions;
    r->f.run.dimension_count = DIMENSIONS;
}

static struct sample_record wide_sample(struct rig *r, uint64_t ordinal)
{
    struct sample_record s = fixture_sample(&r->f, &r->f.run, ordinal, 1);
    struct score score = s.scores[0];
    s.score_count = DIMENSIONS;
    s.scores = arena_array(&r->f.arena, struct score, DIMENSIONS);
    for (uint32_t i = 0; i < DIMENSIONS; i++) {
        s.scores[i] = score;
        s.scores[i].dimension = i;
    }
    return s;
}

static void wide_record(struct rig *r)
{
    fixture_begin(&r->f);
    for (uint64_t i = 0; i < SAMPLES; i++) {
        struct sample_record s = wide_sample(r, i);
        CHECK("add", store_add_sample(r->f.store, &r->f.run, &s, &r->f.err));
        CHECK("queue", delivery_queue_sample(r->delivery, &r->f.run, &s, &r->f.err));
    }
    CHECK("write", delivery_write(r->delivery, &r->f.err));
    fixture_commit(&r->f);
    delivery_committed(r->delivery);
}

/* All of it waits again, by a store that does not know that it was sent. */
static void forget_all(struct rig *r)
{
    rig_stop(r);
    fixture_begin(&r->f);
    CHECK("again", store_outbox_again(r->f.store, r->f.invocation.seq, STR("https://opper.test/v2"), &r->f.err));
    fixture_commit(&r->f);
    fixture_exec(&r->f, "UPDATE outbox SET state = 0");
    r->service.has_ended = false;
    rig_start(r);
}

static uint64_t refused(struct rig *r)
{
    struct recording_counts counts = {0};
    bool found = false;
    CHECK("count", store_recording_counts(r->f.store, &r->f.arena, r->f.run.seq, &found, &counts, &r->f.err) && found);
    return counts.refused_spans + counts.refused_metrics;
}

enum there { THERE_EQUAL, THERE_OTHER, THERE_IN_PART };

/* What the service holds, as somebody else left it. */
static void disturb(struct rig *r, enum there there)
{
    for (struct double_span *span = r->service.first; span != NULL; span = span->next) {
        span->updates = 0;
        if (there == THERE_EQUAL) {
            continue;
        }
        span->span.output = STR("\"something else\"");
        span->span.start.us += 1000;
        for (struct double_metric *m = span->metrics; m != NULL; m = m->next) {
            m->metric.value.value += 1;
            m->metric.comment = m->metric.comment.ptr == NULL ? STR_NULL : STR("of another day");
            m = m->next != NULL && there == THERE_IN_PART ? m->next : m;
            m->is_deleted = there == THERE_IN_PART;
        }
    }
}

static enum double_fate of_creations(void *ctx, const struct pending *p)
{
    const enum double_fate *fate = ctx;
    return str_eq_cstr(p->method, "POST") && str_eq_cstr(p->path, "/spans") ? *fate : FATE_FINE;
}

static void test_all_is_there(void)
{
    static const struct {
        const char *name;
        enum double_repeat repeat;
        bool metrics_conflict;
        enum there there;
        size_t in_flight_max;
        enum double_fate creation;
    } rows[] = {
        {"equal", REPEAT_CONFLICTS, true, THERE_EQUAL, 64, FATE_FINE},
        {"equal, and so the spans are no conflict", REPEAT_IS_FINE, true, THERE_EQUAL, 64, FATE_FINE},
        {"equal, and a repeated span is an error", REPEAT_BREAKS, true, THERE_EQUAL, 64, FATE_FINE},
        {"equal, a few requests at a time", REPEAT_IS_FINE, true, THERE_EQUAL, 2, FATE_FINE},
        {"other values", REPEAT_CONFLICTS, true, THERE_OTHER, 64, FATE_FINE},
        {"other values, a few requests at a time", REPEAT_CONFLICTS, true, THERE_OTHER, 2, FATE_FINE},
        {"other values, and a repeated span is an error", REPEAT_BREAKS, true, THERE_OTHER, 64, FATE_FINE},
        {"some are there", REPEAT_CONFLICTS, true, THERE_IN_PART, 64, FATE_FINE},
        {"some are there, a few requests at a time", REPEAT_CONFLICTS, true, THERE_IN_PART, 2, FATE_FINE},
        {"a second metric would be taken", REPEAT_CONFLICTS, false, THERE_EQUAL, 64, FATE_FINE},
        {"a second metric would be taken, an error", REPEAT_BREAKS, false, THERE_EQUAL, 64, FATE_FINE},
        {"a second metric would be taken, lost", REPEAT_IS_FINE, false, THERE_EQUAL, 64, FATE_LOST},
        {"a second metric would be taken, other values", REPEAT_CONFLICTS, false, THERE_OTHER, 64, FATE_FINE},
        {"a second metric would be taken, other values, an error", REPEAT_BREAKS, false, THERE_OTHER, 64, FATE_FINE},
        {"a second metric would be taken, some are there", REPEAT_CONFLICTS, false, THERE_IN_PART, 3, FATE_FINE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        enum double_fate creation = rows[i].creation;
        wide_open(&r);
        rig_start(&r);
        wide_record(&r);
        rig_end_root(&r);
        CHECK(rows[i].name, rig_drain(&r));
        r.service.repeat = rows[i].repeat;
        r.service.metrics_conflict = rows[i].metrics_conflict;
        r.service.in_flight_max = rows[i].in_flight_max;
        r.service.decide = of_creations;
        r.service.ctx = &creation;
        disturb(&r, rows[i].there);
        forget_all(&r);
        int64_t began_ns = r.clock.fake_ns;
        CHECK(rows[i].name, rig_drain(&r));
        if (rows[i].there != THERE_IN_PART && rows[i].repeat != REPEAT_BREAKS && creation == FATE_FINE) {
            CHECK("what is whole is not looked at twice", r.clock.fake_ns - began_ns < LOOK_AGAIN_MS * NS_PER_MS);
        }
        CHECK_INT(rows[i].name, refused(&r), 0);
        rig_check_ledger(&r, rows[i].name);
        rig_close(&r);
    }
}

/* With every fault besides, and killed in between. */
static void test_faults(void)
{
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct rig r;
        char what[32];
        (void)snprintf(what, sizeof(what), "seed %llu", (unsigned long long)seed);
        wide_open(&r);
        rig_start(&r);
        wide_record(&r);
        rig_end_root(&r);
        CHECK(what, rig_drain(&r));
        rng_seed(&r.service.rng, seed);
        r.service.repeat = seed % 2 == 0 ? REPEAT_CONFLICTS : REPEAT_BREAKS;
        r.service.metrics_conflict = seed % 3 != 0;
        r.service.in_flight_max = seed % 5 == 0 ? 3 : 64;
        for (int fate = FATE_THROTTLED; fate <= FATE_GARBLED; fate++) {
            r.service.per_mille[fate] = 30;
        }
        disturb(&r, seed % 4 == 0 ? THERE_IN_PART : THERE_OTHER);
        forget_all(&r);
        for (uint64_t turns = seed % 7 * 4; turns > 0; turns--) {
            rig_turn(&r);
        }
        rig_kill(&r);
        rig_start(&r);
        r.patience_ns = 900 * NS_PER_S;
        CHECK(what, rig_drain(&r));
        CHECK_INT(what, refused(&r), 0);
        rig_check_ledger(&r, what);
        rig_close(&r);
    }
}

/* Early spans, and their samples' rows in the window, find the same. The service takes a second metric. */
static void test_ahead(void)
{
    static const struct {
        const char *name;
        enum double_repeat repeat;
        enum there there;
        int turns; /* before the samples are recorded */
    } rows[] = {
        {"other values", REPEAT_CONFLICTS, THERE_OTHER, 1000},
        {"other values, under way", REPEAT_CONFLICTS, THERE_OTHER, 1},
        {"other values, an error", REPEAT_BREAKS, THERE_OTHER, 1000},
        {"other values, an error, under way", REPEAT_BREAKS, THERE_OTHER, 1},
        {"equal, an error", REPEAT_BREAKS, THERE_EQUAL, 1000},
        {"equal, an error, under way", REPEAT_BREAKS, THERE_EQUAL, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        wide_open(&r);
        rig_start(&r);
        wide_record(&r);
        CHECK(rows[i].name, rig_drain(&r));
        disturb(&r, rows[i].there);
        r.service.repeat = rows[i].repeat;
        rig_stop(&r);
        fixture_exec(&r.f, "DELETE FROM outbox");
        fixture_exec(&r.f, "DELETE FROM span");
        rig_start(&r);
        for (uint64_t k = 0; k < SAMPLES; k++) {
            struct sample_record s = wide_sample(&r, k);
            delivery_ahead(r.delivery, &r.f.run, &s);
        }
        for (int k = 0; k < rows[i].turns && !delivery_is_ahead(r.delivery); k++) {
            rig_turn(&r);
        }
        wide_record(&r);
        rig_end_root(&r);
        CHECK(rows[i].name, rig_drain(&r));
        CHECK_INT(rows[i].name, refused(&r), 0);
        rig_check_ledger(&r, rows[i].name);
        rig_close(&r);
    }
}

struct late {
    struct str span;
    int creates;
};

static enum double_fate late_then_throttled(void *ctx, const struct pending *p)
{
    struct late *late = ctx;
    size_t at = 0;
    if (!str_eq(p->method, STR("POST")) || !str_eq(p->path, STR("/spans")) || !str_find(p->body, late->span, &at)) {
        return FATE_FINE;
    }
    late->creates++;
    return late->creates == 1 ? FATE_LATE : late->creates == 2 ? FATE_THROTTLED : FATE_FINE;
}

/* An early creation is done after a look has not found it, and the next one is answered by what is there, which lacks all that a sample has. */
static void test_late_creation(void)
{
    struct rig r;
    rig_open(&r, 4, 1);
    struct sample_record s = fixture_sample(&r.f, &r.f.run, 2, 1);
    struct uuid_text id = id_text(&s.span);
    struct late late = {.span = str_from(id.text)};
    r.service.repeat = REPEAT_IS_FINE;
    r.service.decide = late_then_throttled;
    r.service.ctx = &late;
    rig_start(&r);
    for (uint64_t i = 0; i < 4; i++) {
        s = fixture_sample(&r.f, &r.f.run, i, 1);
        delivery_ahead(r.delivery, &r.f.run, &s);
    }
    for (int i = 0; i < 10; i++) {
        rig_turn(&r);
    }
    rig_record(&r, 4);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    CHECK_INT("created again", late.creates, 3);
    rig_check_ledger(&r, "late");
    rig_close(&r);
}

/* --- what outlives a pause, a stop, a drain's patience ---------------------------------------------------------------------------------------- */

enum { ROOT_METRICS = 40 };

static void end_large_root(struct rig *r)
{
    struct root_metric *metrics = arena_array(&r->f.arena, struct root_metric, ROOT_METRICS);
    for (size_t i = 0; i < ROOT_METRICS; i++) {
        metrics[i] = (struct root_metric){arena_printf(&r->f.arena, "d%02zu.mean", i), (double)i / 7, STR_NULL};
    }
    rig_end_root_with(r, STR("{}"), metrics, ROOT_METRICS);
}

static enum double_fate throttled_once(void *ctx, const struct pending *p)
{
    int *times = ctx;
    size_t at = 0;
    bool is_it = str_eq_cstr(p->method, "POST") && str_find(p->body, STR(".mean"), &at) && (*times)-- > 0;
    return is_it ? FATE_THROTTLED : FATE_FINE;
}

/* Of metrics that a look found to be others, most still wait for the port when the row has to pause: they are changed after it, not sent as new ones. */
static void test_changes_outlive_a_pause(void)
{
    struct rig r;
    int times = 1;
    rig_open(&r, SAMPLES, 1);
    rig_start(&r);
    rig_record(&r, SAMPLES);
    end_large_root(&r);
    CHECK("drained", rig_drain(&r));
    r.service.in_flight_max = 2;
    r.service.decide = throttled_once;
    r.service.ctx = &times;
    disturb(&r, THERE_IN_PART);
    forget_all(&r);
    CHECK("drained", rig_drain(&r));
    CHECK_INT("paused", r.service.by_fate[FATE_THROTTLED], 1);
    rig_check_ledger(&r, "pause");
    rig_close(&r);
}

/* One process finds that the root is there, the next one ends it: its metrics are looked for by that one, too. */
static void test_root_of_an_earlier_process(void)
{
    for (int is_other = 0; is_other < 2; is_other++) {
        struct rig r;
        rig_open(&r, SAMPLES, 1);
        rig_start(&r);
        rig_record(&r, SAMPLES);
        end_large_root(&r);
        CHECK("drained", rig_drain(&r));
        disturb(&r, is_other == 1 ? THERE_OTHER : THERE_EQUAL);
        forget_all(&r);
        fixture_exec(&r.f, "DELETE FROM outbox WHERE op = 5");
        CHECK("begun", rig_drain(&r));
        rig_stop(&r);
        CHECK_INT("nothing waits", fixture_sql(&r.f, "SELECT count(*) FROM outbox"), 0);
        rig_start(&r);
        end_large_root(&r);
        CHECK("ended", rig_drain(&r));
        rig_check_ledger(&r, is_other == 1 ? "other values" : "equal");
        rig_close(&r);
    }
}

/* Row after row is found complete, and nothing is sent for longer than a drain is patient. */
static void test_looks_are_progress(void)
{
    enum { ROWS = 300 };
    struct rig r;
    struct delivery_status status;
    rig_open(&r, ROWS, 1);
    rig_start(&r);
    rig_record(&r, ROWS);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    forget_all(&r);
    fixture_exec(&r.f, "UPDATE outbox SET state = 2");
    uint64_t before = r.service.requests;
    uint64_t looks = r.service.lookups;
    r.service.in_flight_max = 1;
    r.service.latency_ns = 200 * NS_PER_MS;
    int64_t began_ns = r.clock.fake_ns;
    CHECK("drained", rig_drain(&r));
    CHECK("slowly", r.clock.fake_ns - began_ns > r.patience_ns);
    CHECK_INT("nothing but looks", r.service.requests - before, r.service.lookups - looks);
    delivery_status(r.delivery, &status);
    CHECK_INT("rows", status.confirmed, ROWS + 2);
    rig_check_ledger(&r, "progress");
    rig_close(&r);
}

/* --- "it is there" ------------------------------------------------------------------------------------------------------------------------------ */

/* Says so of metrics, as often as it is to. */
struct denial {
    const char *dimension; /* NULL = of every one of a sample */
    int times, seen;
};

static enum double_fate deny(void *ctx, const struct pending *p)
{
    struct denial *denial = ctx;
    size_t at = 0;
    bool is_it = str_eq_cstr(p->method, "POST") && str_find(p->path, STR("/metrics"), &at) &&
                 str_find(p->body, denial->dimension == NULL ? STR("because") : str_from(denial->dimension), &at);
    if (!is_it || denial->seen >= denial->times) {
        return FATE_FINE;
    }
    denial->seen++;
    return FATE_CONFLICT;
}

/* "It is there", and no look finds it: believed for a while. The others arrive, and each is refused once. */
static void test_never_found(void)
{
    static const struct {
        const char *name;
        struct denial denial;
        size_t in_flight_max;
        uint64_t refused;
    } rows[] = {
        {"one, for a while", {"\"d4\"", 2 * SAMPLES, 0}, 64, 0},
        {"one, always", {"\"d4\"", 999, 0}, 64, SAMPLES},
        {"each, always", {NULL, 999, 0}, 64, (uint64_t)DIMENSIONS * SAMPLES},
        {"each, always, a few requests at a time", {NULL, 999, 0}, 2, (uint64_t)DIMENSIONS * SAMPLES},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        struct denial denial = rows[i].denial;
        wide_open(&r);
        r.service.decide = deny;
        r.service.ctx = &denial;
        r.service.in_flight_max = rows[i].in_flight_max;
        rig_start(&r);
        wide_record(&r);
        rig_end_root(&r);
        CHECK(rows[i].name, rig_drain(&r));
        CHECK_INT(rows[i].name, refused(&r), rows[i].refused);
        CHECK("a few times each", denial.seen <= (int)(5 * rows[i].refused) || denial.seen == denial.times);
        CHECK_INT(rows[i].name, r.service.by_fate[FATE_CONFLICT], denial.seen);
        denial.times = 0; /* once the service takes it */
        r.service.has_ended = false;
        rig_stop(&r);
        fixture_begin(&r.f);
        CHECK("revive", store_outbox_revive(r.f.store, r.f.invocation.seq, &r.f.err));
        fixture_commit(&r.f);
        rig_start(&r);
        CHECK(rows[i].name, rig_drain(&r));
        CHECK_INT(rows[i].name, refused(&r), 0);
        rig_check_ledger(&r, rows[i].name);
        rig_close(&r);
    }
}

/* Somebody else's content under our id: looked at, then updated. */
static void test_conflict(void)
{
    struct rig r;
    rig_open(&r, 3, 1);
    struct sample_record s = fixture_sample(&r.f, &r.f.run, 1, 1);
    struct double_span *other = arena_new(&r.service.arena, struct double_span);
    other->span =
        (struct wire_span){.id = arena_str(&r.service.arena, str_from(id_text(&s.span).text)),
                           .trace_id = arena_str(&r.service.arena, str_from(id_text(&r.f.run.id).text)),
                           .parent_id = arena_str(&r.service.arena, str_from(id_text(&r.f.run.root_span).text)),
                           .name = STR("what is this"),
                           .type = STR("evaluation_case")};
    other->metrics_end = &other->metrics;
    r.service.buckets[str_hash(other->span.id) % DOUBLE_BUCKETS] = other;
    *r.service.end = other;
    r.service.end = &other->next;
    r.service.span_count++;
    rig_start(&r);
    rig_record(&r, 3);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    rig_check_ledger(&r, "conflict");
    CHECK_INT("updated once", other->updates, 1);
    rig_close(&r);
}

/* --- gone, and there ------------------------------------------------------------------------------------------------------------------------------ */

struct absence {
    const char *part; /* of what the update says */
    int times, seen;
};

static enum double_fate gone(void *ctx, const struct pending *p)
{
    struct absence *absence = ctx;
    size_t at = 0;
    bool is_it = str_eq_cstr(p->method, "PATCH") && str_find(p->body, str_from(absence->part), &at);
    return is_it && absence->seen++ < absence->times ? FATE_GONE : FATE_FINE;
}

/* A span that is gone when it is updated is made again, with its metrics. If it is there after all, as it was, it still is updated. */
static void test_gone(void)
{
    static const struct {
        const char *name, *part;
        enum double_repeat repeat;
    } rows[] = {
        {"a root", "evaluation_run", REPEAT_CONFLICTS},
        {"a root, answered by what it was", "evaluation_run", REPEAT_IS_FINE},
        {"a root, an error", "evaluation_run", REPEAT_BREAKS},
        {"an early span", "A: 1.1", REPEAT_CONFLICTS},
        {"an early span, answered by what it was", "A: 1.1", REPEAT_IS_FINE},
        {"an early span, an error", "A: 1.1", REPEAT_BREAKS},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        struct absence absence = {rows[i].part, 1, 0};
        rig_open(&r, SAMPLES, 1);
        r.service.repeat = rows[i].repeat;
        r.service.decide = gone;
        r.service.ctx = &absence;
        rig_start(&r);
        for (uint64_t k = 0; k < SAMPLES; k++) {
            struct sample_record s = fixture_sample(&r.f, &r.f.run, k, 1);
            delivery_ahead(r.delivery, &r.f.run, &s);
        }
        for (int k = 0; k < 1000 && !delivery_is_ahead(r.delivery); k++) {
            rig_turn(&r);
        }
        rig_record(&r, SAMPLES);
        rig_end_root(&r);
        CHECK(rows[i].name, rig_drain(&r));
        CHECK_INT(rows[i].name, r.service.by_fate[FATE_GONE], 1);
        CHECK_INT(rows[i].name, refused(&r), 0);
        rig_check_ledger(&r, rows[i].name);
        rig_close(&r);
    }
}

/* A creation and metrics that were in conflict leave the one time that a span which is gone is made again. */
static void test_gone_after_conflict(void)
{
    struct rig r;
    struct absence absence = {"A: 1.1", 1, 0};
    wide_open(&r);
    rig_start(&r);
    wide_record(&r);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    r.service.metrics_conflict = true;
    disturb(&r, THERE_OTHER);
    r.service.decide = gone;
    r.service.ctx = &absence;
    forget_all(&r);
    CHECK("drained", rig_drain(&r));
    CHECK_INT("it was gone", r.service.by_fate[FATE_GONE], 1);
    CHECK_INT("nothing is refused", refused(&r), 0);
    rig_check_ledger(&r, "gone");
    rig_close(&r);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"all is there", test_all_is_there},
        {"faults", test_faults},
        {"ahead", test_ahead},
        {"late creation", test_late_creation},
        {"changes outlive a pause", test_changes_outlive_a_pause},
        {"root of an earlier process", test_root_of_an_earlier_process},
        {"looks are progress", test_looks_are_progress},
        {"never found", test_never_found},
        {"another span", test_conflict},
        {"gone", test_gone},
        {"gone after a conflict", test_gone_after_conflict},
    };
    return check_run("opper conflicts", tests, ARRAY_LEN(tests));
}
