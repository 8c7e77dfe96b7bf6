/* What is answered by 409, "it is there": another store's run of the same name was recorded before, or what was sent before an older copy of this store was put
 * back. It is looked at, and put right; what no look finds is refused in the end. */

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

static void test_all_is_there(void)
{
    static const struct {
        const char *name;
        enum double_repeat repeat;
        bool metrics_conflict;
        enum there there;
        size_t in_flight_max;
    } rows[] = {
        {"equal", REPEAT_CONFLICTS, true, THERE_EQUAL, 64},
        {"equal, and so the spans are no conflict", REPEAT_IS_FINE, true, THERE_EQUAL, 64},
        {"equal, and a repeated span is an error", REPEAT_BREAKS, true, THERE_EQUAL, 64},
        {"equal, a few requests at a time", REPEAT_IS_FINE, true, THERE_EQUAL, 2},
        {"other values", REPEAT_CONFLICTS, true, THERE_OTHER, 64},
        {"other values, a few requests at a time", REPEAT_CONFLICTS, true, THERE_OTHER, 2},
        {"other values, and a repeated span is an error", REPEAT_BREAKS, true, THERE_OTHER, 64},
        {"some are there", REPEAT_CONFLICTS, true, THERE_IN_PART, 64},
        {"some are there, a few requests at a time", REPEAT_CONFLICTS, true, THERE_IN_PART, 2},
        {"a second metric would be taken", REPEAT_CONFLICTS, false, THERE_EQUAL, 64},
        {"a second metric would be taken, other values", REPEAT_CONFLICTS, false, THERE_OTHER, 64},
        {"a second metric would be taken, other values, an error", REPEAT_BREAKS, false, THERE_OTHER, 64},
        {"a second metric would be taken, some are there", REPEAT_CONFLICTS, false, THERE_IN_PART, 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig r;
        wide_open(&r);
        rig_start(&r);
        wide_record(&r);
        rig_end_root(&r);
        CHECK(rows[i].name, rig_drain(&r));
        r.service.repeat = rows[i].repeat;
        r.service.metrics_conflict = rows[i].metrics_conflict;
        r.service.in_flight_max = rows[i].in_flight_max;
        disturb(&r, rows[i].there);
        forget_all(&r);
        int64_t began_ns = r.clock.fake_ns;
        CHECK(rows[i].name, rig_drain(&r));
        if (rows[i].there != THERE_IN_PART && rows[i].repeat != REPEAT_BREAKS) {
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

/* Early spans, and their samples' rows in the window, find the same. */
static void test_ahead(void)
{
    for (int is_late = 0; is_late < 2; is_late++) {
        struct rig r;
        wide_open(&r);
        rig_start(&r);
        wide_record(&r);
        CHECK("drained", rig_drain(&r));
        disturb(&r, THERE_OTHER);
        rig_stop(&r);
        fixture_exec(&r.f, "DELETE FROM outbox");
        fixture_exec(&r.f, "DELETE FROM span");
        rig_start(&r);
        for (uint64_t i = 0; i < SAMPLES; i++) {
            struct sample_record s = wide_sample(&r, i);
            delivery_ahead(r.delivery, &r.f.run, &s);
        }
        for (int i = 0; i < (is_late == 1 ? 1 : 1000) && !delivery_is_ahead(r.delivery); i++) {
            rig_turn(&r);
        }
        wide_record(&r);
        rig_end_root(&r);
        CHECK("drained", rig_drain(&r));
        CHECK_INT("nothing is refused", refused(&r), 0);
        rig_check_ledger(&r, "ahead");
        rig_close(&r);
    }
}

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

static enum double_fate gone_once(void *ctx, const struct pending *p)
{
    int *times = ctx;
    size_t at = 0;
    bool is_it = str_eq_cstr(p->method, "PATCH") && str_find(p->body, STR("A: 1.1"), &at) && (*times)-- > 0;
    return is_it ? FATE_GONE : FATE_FINE;
}

/* A creation and metrics that were in conflict leave the one time that a span which is gone is made again. */
static void test_gone_after_conflict(void)
{
    struct rig r;
    int times = 1;
    wide_open(&r);
    rig_start(&r);
    wide_record(&r);
    rig_end_root(&r);
    CHECK("drained", rig_drain(&r));
    r.service.metrics_conflict = true;
    disturb(&r, THERE_OTHER);
    r.service.decide = gone_once;
    r.service.ctx = &times;
    forget_all(&r);
    CHECK("drained", rig_drain(&r));
    CHECK("it was gone", times <= 0);
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
        {"never found", test_never_found},
        {"another span", test_conflict},
        {"gone after a conflict", test_gone_after_conflict},
    };
    return check_run("opper conflicts", tests, ARRAY_LEN(tests));
}
