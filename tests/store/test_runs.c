#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

static void test_round_trip(void)
{
    struct fixture f;
    fixture_open(&f, 25, 3);
    fixture_begin(&f);
    f.invocation.state = RUN_FINISHED;
    f.invocation.finished_unix_ms = 1700000009000;
    f.invocation.verdict = VERDICT_FAILED;
    f.invocation.reason = STR("answer.pass_rate is 0.5");
    CHECK("update", store_update_invocation(f.store, &f.invocation, &f.err));
    f.run.state = RUN_FINISHED;
    f.run.finished_unix_ms = 1700000008000;
    f.run.verdict = VERDICT_INTERRUPTED_TERM;
    f.run.summary = STR("{\"n\":1}");
    CHECK("update", store_update_run(f.store, &f.run, &f.err));
    struct run_record nowhere = {.seq = 99};
    CHECK("no such run", !store_update_run(f.store, &nowhere, &f.err) && f.err.kind == ERR_BUG);
    fixture_commit(&f);
    fixture_reopen(&f, STORE_READ);

    struct invocation_record inv;
    CHECK("invocation", store_invocation(f.store, &f.arena, f.invocation.seq, &inv, &f.err));
    CHECK("id", id_eq(&inv.id, &f.invocation.id));
    CHECK_STR("options", inv.options, f.invocation.options);
    CHECK_STR("labels", inv.labels, f.invocation.labels);
    CHECK_STR("reason", inv.reason, f.invocation.reason);
    CHECK_INT("verdict", inv.verdict, VERDICT_FAILED);
    CHECK_INT("state", inv.state, RUN_FINISHED);
    CHECK_INT("start", inv.started_unix_ms, 1700000000000);
    CHECK_INT("finish", inv.finished_unix_ms, 1700000009000);
    CHECK("full", inv.is_full_selection);
    CHECK("no such invocation", !store_invocation(f.store, &f.arena, 77, &inv, &f.err) && f.err.kind == ERR_IO);

    struct plan_record *plans = NULL;
    size_t count = 0;
    CHECK("plans", store_plans_of(f.store, &f.arena, f.invocation.seq, &plans, &count, &f.err) && count == 1);
    CHECK_STR("suite", plans[0].suite, STR("math"));
    CHECK_STR("path", plans[0].path, f.plan.path);
    CHECK_STR("resolved", plans[0].resolved, f.plan.resolved);
    CHECK_STR("data files", plans[0].data_files, f.plan.data_files);
    CHECK("digests", digest_eq(&plans[0].suite_digest, &f.plan.suite_digest) &&
                         digest_eq(&plans[0].plan_digest, &f.plan.plan_digest));
    CHECK_INT("cases", plans[0].case_count, 25);
    CHECK_INT("trials", plans[0].trials, 3);

    struct run_record *runs = NULL;
    CHECK("runs", store_runs_of(f.store, &f.arena, f.invocation.seq, &runs, &count, &f.err) && count == 1);
    CHECK("ids", id_eq(&runs[0].id, &f.run.id) && id_eq(&runs[0].root_span, &f.run.root_span));
    CHECK_STR("suite", runs[0].suite, STR("math"));
    CHECK_STR("variant", runs[0].variant, STR("default"));
    CHECK_STR("header", runs[0].header, f.run.header);
    CHECK_STR("summary", runs[0].summary, f.run.summary);
    CHECK_INT("verdict", runs[0].verdict, VERDICT_INTERRUPTED_TERM);
    CHECK_INT("dimensions", runs[0].dimension_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct dimension *got = &runs[0].dimensions[i];
        const struct dimension *want = &f.run.dimensions[i];
        CHECK_STR("name", got->name, want->name);
        CHECK("kinds", got->kind == want->kind && got->type == want->type && got->direction == want->direction);
        CHECK("numbers", got->lo == want->lo && got->hi == want->hi && got->weight == want->weight &&
                             got->threshold == want->threshold);
        CHECK("bounds", got->has_min == want->has_min && got->has_max == want->has_max && got->max == want->max);
        CHECK("flags", got->is_optional == want->is_optional && got->is_required == want->is_required &&
                           got->is_call_measure == want->is_call_measure);
        CHECK("scorer", digest_eq(&got->scorer, &want->scorer));
    }
    fixture_deinit(&f);
}

static void test_unfinished_never_passed(void)
{
    struct fixture f;
    fixture_open(&f, 1, 1);
    struct run_record *runs = NULL;
    size_t count = 0;
    struct invocation_record inv;
    CHECK("runs", store_runs_of(f.store, &f.arena, f.invocation.seq, &runs, &count, &f.err));
    CHECK_INT("run", runs[0].verdict, VERDICT_INTERRUPTED_INT);
    CHECK("invocation", store_invocation(f.store, &f.arena, f.invocation.seq, &inv, &f.err));
    CHECK_INT("invocation", inv.verdict, VERDICT_INTERRUPTED_INT);
    fixture_deinit(&f);
}

static void test_exists(void)
{
    struct fixture f;
    fixture_open(&f, 1, 1);
    struct invocation_record inv;
    fixture_begin(&f);
    fixture_add_invocation(&f, "nightly", NULL, &inv);
    CHECK("again", !store_add_invocation(f.store, &inv, &f.err));
    CHECK_INT("again", f.err.kind, ERR_USAGE);
    CHECK_CONTAINS("again", str_from(f.err.text), "resume nightly");
    store_rollback(f.store);
    fixture_begin(&f);
    CHECK("a run twice", !store_add_run(f.store, &f.run, &f.err) && f.err.kind == ERR_USAGE);
    store_rollback(f.store);
    fixture_deinit(&f);
}

static void test_plan_cases(void)
{
    struct fixture f;
    fixture_open(&f, 200, 1);
    struct plan_record second;
    fixture_begin(&f);
    fixture_add_plan(&f, f.invocation.seq, "other", 3, 1, &second);
    fixture_commit(&f);
    struct plan_cursor *cursor CLEANUP(plan_cursor_close) = NULL;
    struct plan_case c;
    bool has = true;
    CHECK("cursor", store_plan_cases(f.store, f.plan.seq, &cursor, &f.err));
    for (uint64_t i = 0; i < 200; i++) {
        CHECK("next", plan_cursor_next(cursor, &has, &c, &f.err) && has);
        struct digest want = digest_of(c.id);
        CHECK_INT("ordinal", c.ordinal, i);
        CHECK("digest", digest_eq(&c.digest, &want));
        CHECK_CSTR("tags", c.tags, i % 3 == 0 ? "[]" : i % 3 == 1 ? "[\"smoke\",\"math\"]" : "[\"math\"]");
        CHECK_INT("cluster", c.cluster.ptr != NULL, i % 2 == 1);
        CHECK_INT("skip", c.skip.ptr != NULL, i % 10 == 9);
        CHECK_INT("offset", c.row_offset, i * 100);
        CHECK_INT("line", c.row_line, i + 1);
    }
    CHECK("end", plan_cursor_next(cursor, &has, &c, &f.err) && !has);
    struct plan_record alone;
    fixture_begin(&f);
    fixture_add_plan(&f, f.invocation.seq, "one case", 1, 1, &alone); /* the first names no cluster */
    fixture_commit(&f);
    CHECK("clusters", store_plan_has_clusters(f.store, second.seq, &has, &f.err) && has);
    CHECK("no clusters", store_plan_has_clusters(f.store, alone.seq, &has, &f.err) && !has);
    CHECK_INT("tag lists stand once", fixture_sql(&f, "SELECT count(*) FROM tag_list"), 2);
    fixture_deinit(&f);
}

/* An invocation with a run of each variant, finished at that second. */
static void add_finished(struct fixture *f, const char *suite, const char *labels, int64_t second, enum verdict verdict)
{
    struct invocation_record inv;
    struct plan_record plan;
    fixture_add_invocation(f, NULL, labels, &inv);
    fixture_add_plan(f, inv.seq, suite, 2, 1, &plan);
    for (uint32_t v = 0; v < 2; v++) {
        struct run_record run;
        fixture_add_run(f, &inv, &plan, v == 0 ? "small" : "large", v, &run);
        run.state = RUN_FINISHED;
        run.verdict = verdict;
        run.finished_unix_ms = second * 1000;
        CHECK("run", store_update_run(f->store, &run, &f->err));
    }
    inv.state = RUN_FINISHED;
    inv.verdict = verdict;
    inv.finished_unix_ms = second * 1000;
    CHECK("invocation", store_update_invocation(f->store, &inv, &f->err));
}

static void test_suite_runs(void)
{
    static const struct {
        const char *name;
        struct suite_runs which;
        const char *seconds; /* of the ends found, in order */
    } rows[] = {
        {"all of a suite", {.suite = {"s", 1}, .limit = 99}, "50 50 40 40 30 30 20 20 "},
        {"a variant", {.suite = {"s", 1}, .variant = {"large", 5}, .limit = 99}, "50 40 30 20 "},
        {"no such variant", {.suite = {"s", 1}, .variant = {"larg", 4}, .limit = 99}, ""},
        {"no such suite", {.suite = {"S", 1}, .limit = 99}, ""},
        {"the newest", {.suite = {"s", 1}, .variant = {"small", 5}, .limit = 2}, "50 40 "},
        {"a label",
         {.suite = {"s", 1}, .variant = {"small", 5}, .labels = {"{\"b\":\"m\"}", 9}, .limit = 99},
         "40 30 20 "},
        {"labels that are no text",
         {.suite = {"s", 1}, .variant = {"small", 5}, .labels = {"{\"n\":\"1\"}", 9}, .limit = 99},
         "20 "},
        {"two labels",
         {.suite = {"s", 1}, .variant = {"small", 5}, .labels = {"{\"b\":\"m\",\"n\":\"2\"}", 17}, .limit = 99},
         "30 "},
        {"no label is any", {.suite = {"s", 1}, .variant = {"small", 5}, .labels = {"{}", 2}, .limit = 1}, "50 "},
        {"passed", {.suite = {"s", 1}, .variant = {"small", 5}, .only_passed = true, .limit = 99}, "50 30 20 "},
        {"full", {.suite = {"s", 1}, .variant = {"small", 5}, .only_full = true, .limit = 99}, "50 40 20 "},
        {"original", {.suite = {"s", 1}, .variant = {"small", 5}, .only_original = true, .limit = 99}, "40 30 20 "},
    };
    struct fixture f;
    fixture_open(&f, 0, 1); /* an unfinished one, of another suite */
    fixture_begin(&f);
    add_finished(&f, "s", "{\"b\":\"m\",\"n\":1}", 20, VERDICT_PASSED);
    add_finished(&f, "s", "not json", 50, VERDICT_PASSED); /* by its end, not by its place */
    add_finished(&f, "s", "{\"b\":\"m\",\"n\":2}", 30, VERDICT_PASSED);
    add_finished(&f, "other", "{}", 35, VERDICT_PASSED);
    add_finished(&f, "s", "{\"b\":\"m\",\"n\":3}", 40, VERDICT_FAILED);
    struct invocation_record unfinished;
    struct plan_record plan;
    struct run_record run;
    fixture_add_invocation(&f, NULL, NULL, &unfinished);
    fixture_add_plan(&f, unfinished.seq, "s", 2, 1, &plan);
    fixture_add_run(&f, &unfinished, &plan, "small", 0, &run);
    fixture_commit(&f);
    (void)fixture_sql(&f, "UPDATE invocation SET is_full = 0 WHERE finished_ms = 30000");
    (void)fixture_sql(&f, "UPDATE run SET origin = 3 WHERE finished_ms = 50000");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct run_record *runs = NULL;
        size_t count = 0;
        struct buf text CLEANUP(buf_deinit) = BUF(1000);
        CHECK(rows[i].name, store_suite_runs(f.store, &f.arena, &rows[i].which, &runs, &count, &f.err));
        for (size_t j = 0; j < count; j++) {
            buf_printf(&text, "%lld ", (long long)runs[j].finished_unix_ms / 1000);
        }
        CHECK_CSTR(rows[i].name, buf_str(&text), rows[i].seconds);
    }
    struct str *names = NULL;
    size_t count = 0;
    CHECK("suites", store_suites(f.store, &f.arena, &names, &count, &f.err) && count == 3);
    CHECK("the newest first",
          str_eq_cstr(names[0], "s") && str_eq_cstr(names[1], "other") && str_eq_cstr(names[2], "math"));
    fixture_deinit(&f);
}

/* A plan that is rolled back takes its tag lists along; what was remembered of them must go too. */
static void test_rollback_forgets(void)
{
    struct fixture f;
    fixture_open(&f, 0, 1);
    struct plan_record plan;
    fixture_begin(&f);
    fixture_add_plan(&f, f.invocation.seq, "gone", 2, 1, &plan);
    store_rollback(f.store);
    fixture_begin(&f);
    fixture_add_plan(&f, f.invocation.seq, "stays", 2, 1, &plan);
    fixture_commit(&f);
    struct plan_cursor *cursor CLEANUP(plan_cursor_close) = NULL;
    struct plan_case c;
    bool has = false;
    CHECK("cursor", store_plan_cases(f.store, plan.seq, &cursor, &f.err));
    CHECK("first", plan_cursor_next(cursor, &has, &c, &f.err) && has);
    CHECK("second", plan_cursor_next(cursor, &has, &c, &f.err) && has);
    CHECK_CSTR("tags", c.tags, "[\"smoke\",\"math\"]");
    plan_cursor_close(&cursor);

    struct run_record run;
    fixture_begin(&f);
    fixture_add_run(&f, &f.invocation, &plan, "v", 1, &run);
    struct sample_record s = fixture_sample(&f, &run, 0, 1);
    CHECK("sample", store_add_sample(f.store, &run, &s, &f.err));
    store_rollback(f.store);
    fixture_begin(&f);
    fixture_add_run(&f, &f.invocation, &plan, "v", 1, &run);
    CHECK("sample", store_add_sample(f.store, &run, &s, &f.err));
    fixture_commit(&f);
    CHECK_INT("its texts", fixture_sql(&f, "SELECT count(*) FROM case_text"), 1);
    fixture_deinit(&f);
}

static void test_duplicate_ids(void)
{
    static const struct {
        const char *name;
        const char *ids[6];
        bool found;
        uint64_t first, second;
    } rows[] = {
        {"none", {"a", "b", "c", "A", "a ", "ab"}, false, 0, 0},
        {"neighbours", {"a", "a", "b", "c", "d", "e"}, true, 0, 1},
        {"far apart", {"z", "b", "c", "d", "e", "z"}, true, 0, 5},
        {"the pair that a reader meets first", {"z", "a", "z", "b", "b", "a"}, true, 0, 2},
        {"three alike", {"x", "m", "n", "m", "m", "y"}, true, 1, 3},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        fixture_open(&f, 5, 1);
        struct plan_record plan;
        fixture_begin(&f);
        fixture_add_plan(&f, f.invocation.seq, "x", 0, 1, &plan);
        for (uint64_t j = 0; j < 6; j++) {
            struct plan_case c = {.ordinal = j, .id = str_from(rows[i].ids[j]), .tags = STR("[]"), .row_line = j + 10};
            CHECK("add", store_add_plan_case(f.store, plan.seq, &c, &f.err));
        }
        struct plan_case pair[2];
        bool found = !rows[i].found;
        CHECK(rows[i].name, store_find_duplicate_id(f.store, plan.seq, &f.arena, &found, pair, &f.err));
        CHECK_INT(rows[i].name, found, rows[i].found);
        if (found) {
            CHECK_INT(rows[i].name, pair[0].ordinal, rows[i].first);
            CHECK_INT(rows[i].name, pair[1].ordinal, rows[i].second);
            CHECK_INT(rows[i].name, pair[1].row_line, rows[i].second + 10);
        }
        fixture_commit(&f);
        fixture_deinit(&f);
    }
}

/* What is remembered of a plan while it is made (plan_add.c) has to say the same as the plan. */
static void test_many_ids(void)
{
    enum { CASES = 3000, PIECE = 100 };
    static struct plan_case cases[CASES];
    static const struct {
        const char *name;
        bool repeats, in_two_transactions, beside_another;
    } rows[] = {
        {"all differ", false, false, false},
        {"two are equal", true, false, false},
        {"all differ, committed between", false, true, false},
        {"two are equal, committed between", true, true, false},
        {"all differ, another plan between", false, false, true},
        {"two are equal, another plan between", true, false, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        struct plan_record plan;
        struct plan_record other;
        struct plan_case pair[2];
        bool found = !rows[i].repeats;
        bool has_clusters = false;
        fixture_open(&f, 1, 1);
        fixture_begin(&f);
        fixture_add_plan(&f, f.invocation.seq, "x", 0, 1, &plan);
        for (uint64_t j = 0; j < CASES; j++) {
            uint64_t name = rows[i].repeats && j == CASES - 7 ? 10 : j;
            cases[j] = (struct plan_case){.ordinal = j,
                                          .id = arena_printf(&f.arena, "row-%llu", (unsigned long long)name),
                                          .tags = j % 70 == 3 ? STR("[\"odd\"]") : STR("[]"),
                                          .cluster = j == 2500 ? STR("c") : STR_NULL};
        }
        for (size_t j = 0; j < CASES; j += PIECE) {
            CHECK(rows[i].name, store_add_plan_cases(f.store, plan.seq, &cases[j], PIECE, &f.err));
            if (j == 1000 && rows[i].in_two_transactions) {
                fixture_commit(&f);
                fixture_begin(&f);
            }
            if (j == 1000 && rows[i].beside_another) {
                fixture_add_plan(&f, f.invocation.seq, "y", 3, 1, &other);
            }
        }
        CHECK(rows[i].name, store_find_duplicate_id(f.store, plan.seq, &f.arena, &found, pair, &f.err));
        CHECK_INT(rows[i].name, found, rows[i].repeats);
        CHECK_INT(rows[i].name, found ? pair[0].ordinal : 10, 10);
        CHECK_INT(rows[i].name, found ? pair[1].ordinal : CASES - 7, CASES - 7);
        fixture_commit(&f);
        CHECK(rows[i].name, store_plan_has_clusters(f.store, plan.seq, &has_clusters, &f.err) && has_clusters);
        CHECK(rows[i].name, store_plan_has_clusters(f.store, f.plan.seq, &has_clusters, &f.err) && !has_clusters);
        CHECK_INT(rows[i].name, fixture_sql(&f, "SELECT count(*) FROM plan_case WHERE cluster = 'c'"), 1);
        CHECK_INT(rows[i].name, fixture_sql(&f, "SELECT count(tags) FROM plan_case WHERE id LIKE 'row-%'"), 43);
        fixture_deinit(&f);
    }
}

static void test_case_by_id(void)
{
    static const struct {
        const char *id;
        bool found;
        uint64_t ordinal;
    } rows[] = {{"case-3", true, 3},   {"case-3", true, 3}, {"case-8", true, 8}, {"case-0", true, 0},
                {"case-10", false, 0}, {"case", false, 0},  {"", false, 0},      {"case-9", true, 9}};
    struct fixture f;
    struct plan_record other;
    struct plan_case c;
    bool found = false;
    fixture_open(&f, 10, 1);
    fixture_begin(&f);
    fixture_add_plan(&f, f.invocation.seq, "other", 20, 1, &other);
    fixture_commit(&f);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CHECK(rows[i].id, store_find_case(f.store, &f.arena, f.plan.seq, str_from(rows[i].id), &found, &c, &f.err));
        CHECK_INT(rows[i].id, found, rows[i].found);
        if (found) {
            CHECK_INT(rows[i].id, c.ordinal, rows[i].ordinal);
            CHECK_CSTR(rows[i].id, c.id, rows[i].id);
        }
    }
    CHECK("in another plan",
          store_find_case(f.store, &f.arena, other.seq, STR("case-10"), &found, &c, &f.err) && found);
    CHECK_INT("in another plan", c.row_offset, 1000);
    fixture_deinit(&f);
}

static void finish(struct fixture *f, struct invocation_record *inv, int64_t at)
{
    inv->state = RUN_FINISHED;
    inv->finished_unix_ms = at;
    CHECK("finish", store_update_invocation(f->store, inv, &f->err));
}

struct names { /* of test_find: what the store holds */
    struct fixture f;
    struct invocation_record inv[5];
    struct run_record runs[5][2];
};

/* Finished in another order than begun: 0 first, 2, then 1; 3 is unfinished, 4 claims to have finished next year. */
static void names_init(struct names *n)
{
    static const char *const LABELS[] = {"{\"branch\":\"main\",\"n\":1}", "{\"branch\":\"feature/x\"}",
                                         "{\"branch\":\"main\"}", "{\"branch\":\"main\"}", "{}"};
    static const char *const NAMES[] = {NULL, "nightly/2026", NULL, NULL, "dead=beef"};
    fixture_init(&n->f);
    CHECK("open", store_open(&n->f.arena, n->f.path, STORE_WRITE, &n->f.store, &n->f.err));
    fixture_begin(&n->f);
    for (size_t i = 0; i < 5; i++) {
        struct plan_record plan;
        fixture_add_invocation(&n->f, NAMES[i], LABELS[i], &n->inv[i]);
        fixture_add_plan(&n->f, n->inv[i].seq, "math", 1, 1, &plan);
        fixture_add_run(&n->f, &n->inv[i], &plan, "small", 0, &n->runs[i][0]);
        fixture_add_run(&n->f, &n->inv[i], &plan, "large/1", 1, &n->runs[i][1]);
    }
    int64_t now = clock_unix_ms(&CLOCK_SYSTEM);
    finish(&n->f, &n->inv[4], now + 365 * INT64_C(86400000));
    finish(&n->f, &n->inv[0], now - 3000);
    finish(&n->f, &n->inv[2], now - 2000);
    finish(&n->f, &n->inv[1], now + 60000); /* a clock a minute ahead of ours is believed */
    fixture_commit(&n->f);
}

static void check_found(struct names *n, const char *name, bool with_unfinished, int want, int variant)
{
    struct run_record *runs = NULL;
    size_t count = 0;
    n->f.err = ERR_NULL;
    bool ok = store_find_runs(n->f.store, &n->f.arena, str_from(name), with_unfinished, &runs, &count, &n->f.err);
    CHECK_CSTR(name, str_from(n->f.err.text), "");
    if (!ok) {
        return;
    }
    CHECK_INT(name, count, variant < 0 ? 2 : 1);
    CHECK(name, id_eq(&runs[0].id, &n->runs[want][variant < 0 ? 0 : variant].id));
    CHECK_INT(name, runs[0].dimension_count, 2);
}

static void test_find(void)
{
    static const struct {
        const char *name;
        bool with_unfinished;
        int want, variant; /* variant -1 = all */
    } rows[] = {
        {"latest", false, 1, -1},
        {"latest~0", false, 1, -1},
        {"latest~1", false, 4, -1}, /* arrived now, whatever it claims */
        {"latest~2", false, 2, -1},
        {"latest~3", false, 0, -1},
        {"latest~4", true, 3, -1},
        {"latest/large/1", false, 1, 1},
        {"latest~2/small", false, 2, 0},
        {"branch=main", false, 2, -1},
        {"branch=feature/x", false, 1, -1},
        {"n=1", false, 0, -1},
        {"nightly/2026", false, 1, -1},
        {"nightly/2026/small", false, 1, 0},
        {"nightly/2026/large/1", false, 1, 1},
        {"dead=beef", false, 4, -1},
    };
    struct names n;
    names_init(&n);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        check_found(&n, rows[i].name, rows[i].with_unfinished, rows[i].want, rows[i].variant);
    }
    for (int i = 0; i < 5; i++) {
        struct uuid_text inv = id_text(&n.inv[i].id);
        struct uuid_text run = id_text(&n.runs[i][1].id);
        char text[80];
        check_found(&n, inv.text, false, i, -1);
        check_found(&n, run.text, false, i, 1);
        (void)snprintf(text, sizeof(text), "%.13s", inv.text);
        check_found(&n, text, false, i, -1);
        (void)snprintf(text, sizeof(text), "%.8s%.3s", run.text, run.text + 9);
        check_found(&n, text, false, i, 1);
        (void)snprintf(text, sizeof(text), "%.9s/small", inv.text);
        check_found(&n, text, false, i, 0);
    }
    fixture_deinit(&n.f);
}

static void test_not_found(void)
{
    static const struct {
        const char *name, *words;
        enum err_kind kind;
    } rows[] = {
        {"", "no run ''; newest: ", ERR_EMPTY},
        {"latest~5", "newest: ", ERR_EMPTY},
        {"latest~x", "newest: ", ERR_EMPTY},
        {"latest/huge", "has no variant 'huge'; it has: small, large/1", ERR_EMPTY},
        {"branch=none", "no run 'branch=none'", ERR_EMPTY},
        {"=", "no run '='", ERR_EMPTY},
        {"zzzz", "(math [", ERR_EMPTY},
        {"/", "no run '/'", ERR_EMPTY},
        {"00000000-0000-0000-0000-000000000000-00", "no run", ERR_EMPTY},
    };
    struct names n;
    names_init(&n);
    struct run_record *runs = NULL;
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        n.f.err = ERR_NULL;
        CHECK(rows[i].name,
              !store_find_runs(n.f.store, &n.f.arena, str_from(rows[i].name), false, &runs, &count, &n.f.err));
        CHECK_INT(rows[i].name, n.f.err.kind, rows[i].kind);
        CHECK_CONTAINS(rows[i].name, str_from(n.f.err.text), rows[i].words);
    }
    struct uuid_text id = id_text(&n.inv[0].id);
    char text[8];
    (void)snprintf(text, sizeof(text), "%.3s", id.text);
    CHECK("three digits", !store_find_runs(n.f.store, &n.f.arena, str_from(text), false, &runs, &count, &n.f.err));
    fixture_deinit(&n.f);
}

static void test_ambiguous(void)
{
    struct fixture f;
    fixture_open(&f, 0, 1);
    struct run_record *runs = NULL;
    size_t count = 0;
    fixture_begin(&f);
    for (uint8_t i = 0; i < 7; i++) {
        struct run_record run = f.run;
        run.id = (struct uuid){{0xab, 0xcd, 0x12, 0x34, i}};
        CHECK("add", store_add_run(f.store, &run, &f.err));
    }
    fixture_commit(&f);
    CHECK("ambiguous", !store_find_runs(f.store, &f.arena, STR("abcd"), false, &runs, &count, &f.err));
    CHECK_INT("ambiguous", f.err.kind, ERR_USAGE);
    CHECK_CONTAINS("names them", str_from(f.err.text), "abcd1234-0000-0000-0000-000000000000, abcd1234-01");
    CHECK_CONTAINS("not all", str_from(f.err.text), ", ...");
    CHECK("longer", store_find_runs(f.store, &f.arena, STR("ABCD1234-03"), false, &runs, &count, &f.err) && count == 1);
    CHECK_INT("longer", runs[0].id.bytes[4], 3);
    fixture_deinit(&f);
}

static void test_empty_store(void)
{
    struct fixture f;
    struct run_record *runs = NULL;
    size_t count = 0;
    fixture_init(&f);
    CHECK("open", store_open(&f.arena, f.path, STORE_WRITE, &f.store, &f.err));
    CHECK("none", !store_find_runs(f.store, &f.arena, STR("latest"), false, &runs, &count, &f.err));
    CHECK_INT("none", f.err.kind, ERR_EMPTY);
    CHECK_CONTAINS("none", str_from(f.err.text), "holds none");
    fixture_deinit(&f);
}

static void test_list(void)
{
    struct names n;
    names_init(&n);
    static const int WANT[] = {1, 4, 2, 0, 3};
    struct run_record *runs = NULL;
    size_t count = 0;
    CHECK("list", store_list_runs(n.f.store, &n.f.arena, 100, &runs, &count, &n.f.err));
    CHECK_INT("all", count, 10);
    for (size_t i = 0; i < count; i++) {
        CHECK("newest first, suites and variants in order", id_eq(&runs[i].id, &n.runs[WANT[i / 2]][i % 2].id));
    }
    CHECK("limit", store_list_runs(n.f.store, &n.f.arena, 3, &runs, &count, &n.f.err) && count == 3);
    fixture_deinit(&n.f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is written is read", test_round_trip},
        {"what is not finished has not passed", test_unfinished_never_passed},
        {"what exists", test_exists},
        {"cases of a plan", test_plan_cases},
        {"runs of a suite", test_suite_runs},
        {"a rollback forgets", test_rollback_forgets},
        {"equal ids", test_duplicate_ids},
        {"many ids", test_many_ids},
        {"a case by its id", test_case_by_id},
        {"RUN names", test_find},
        {"RUN names of nothing", test_not_found},
        {"ambiguous names", test_ambiguous},
        {"an empty store", test_empty_store},
        {"list", test_list},
    };
    return check_run("store runs", tests, ARRAY_LEN(tests));
}
