#include "store/prune.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/recording.h"
#include "store/outbox.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

enum { LONG_BYTES = 5000 };

/* An invocation as a letter says: P passed, F failed, X errored, r still running, i interrupted, p passed over a part of the cases, s rescored and passed. */
struct row {
    const char *suite, *variant;
    char kind;
    const char *other_suite; /* in the same invocation; NULL = none */
};

static struct run_record add_run(struct fixture *f, const struct row *row, const struct invocation_record *inv,
                                 const char *suite, struct plan_record *ret_plan)
{
    struct run_record run;
    fixture_add_plan(f, inv->seq, suite, 3, 1, ret_plan);
    fixture_add_run(f, inv, ret_plan, row->variant == NULL ? "default" : row->variant, 0, &run);
    for (uint64_t i = 0; i < 3; i++) {
        struct sample_record s = fixture_sample(f, &run, i, 1);
        char *text = arena_alloc(&f->arena, LONG_BYTES);
        memset(text, 'o', LONG_BYTES);
        (void)snprintf(text, 64, "%lld %llu ", (long long)run.seq, (unsigned long long)i);
        s.output = (struct str){text, LONG_BYTES}; /* its own */
        char *input = arena_alloc(&f->arena, LONG_BYTES);
        memset(input, 'i', LONG_BYTES);
        (void)snprintf(input, 64, "\"%llu ", (unsigned long long)i);
        input[LONG_BYTES - 1] = '"';
        s.input = (struct str){input, LONG_BYTES}; /* the same in every run */
        CHECK("sample", store_add_sample(f->store, &run, &s, &f->err));
    }
    const struct root_metric metric = {STR("answer.mean"), 0.5, STR("words")};
    CHECK("root", store_end_root(f->store, &run, STR("{}"), STR("words"), STR("{}"), 5, &metric, 1, &f->err));
    return run;
}

static void add(struct fixture *f, const struct row *row, int64_t second, struct invocation_record *ret)
{
    struct plan_record plan;
    bool is_finished = row->kind != 'r' && row->kind != 'i';
    fixture_begin(f);
    fixture_add_invocation(f, NULL, NULL, ret);
    ret->started_unix_ms = second * 1000;
    struct run_record runs[2];
    size_t count = 0;
    runs[count++] = add_run(f, row, ret, row->suite, &plan);
    if (row->other_suite != NULL) {
        runs[count++] = add_run(f, row, ret, row->other_suite, &plan);
    }
    ret->state = is_finished ? RUN_FINISHED : row->kind == 'i' ? RUN_INTERRUPTED : RUN_RUNNING;
    ret->verdict = row->kind == 'F' ? VERDICT_FAILED : row->kind == 'X' ? VERDICT_ERRORED : VERDICT_PASSED;
    ret->finished_unix_ms = is_finished ? second * 1000 : 0;
    for (size_t i = 0; i < count; i++) {
        runs[i].state = ret->state;
        runs[i].verdict = ret->verdict;
        runs[i].finished_unix_ms = ret->finished_unix_ms;
        CHECK("run", store_update_run(f->store, &runs[i], &f->err));
    }
    CHECK("invocation", store_update_invocation(f->store, ret, &f->err));
    fixture_commit(f);
    char sql[200];
    (void)snprintf(sql, sizeof(sql), "UPDATE invocation SET started_ms = %lld, is_full = %d WHERE seq = %lld",
                   (long long)second * 1000, row->kind != 'p', (long long)ret->seq);
    (void)fixture_sql(f, sql);
    if (row->kind == 's') {
        (void)snprintf(sql, sizeof(sql), "UPDATE run SET origin = 3 WHERE invocation = %lld", (long long)ret->seq);
        (void)fixture_sql(f, sql);
    }
}

/* What is listed: the seconds of the ends, oldest first. */
static struct str listed(struct fixture *f, struct prune_rules rules)
{
    struct buf text CLEANUP(buf_deinit) = BUF(1000);
    struct prune_item *items = NULL;
    size_t count = 0;
    CHECK("list", store_prune_list(f->store, &f->arena, &rules, &items, &count, &f->err));
    for (size_t i = 0; i < count; i++) {
        buf_printf(&text, "%lld ", (long long)items[i].ended_unix_ms / 1000);
    }
    return arena_str(&f->arena, buf_str(&text));
}

/* A fixture without the run that it comes with. */
static void open_empty(struct fixture *f)
{
    fixture_init(f);
    CHECK("open", store_open(&f->arena, f->path, STORE_WRITE, &f->store, &f->err));
}

static void test_list(void)
{
    static const struct {
        const char *name;
        struct row rows[8]; /* ends at 10, 20, ... */
        struct prune_rules rules;
        const char *listed;
    } rows[] = {
        {"nothing there", {{0}}, {.keep = 1}, ""},
        {"two of four",
         {{"s", .kind = 'P'}, {"s", .kind = 'F'}, {"s", .kind = 'P'}, {"s", .kind = 'P'}},
         {.keep = 2},
         "10 20 "},
        {"more than there are", {{"s", .kind = 'P'}, {"s", .kind = 'F'}}, {.keep = 3}, ""},
        {"of each suite", {{"s", .kind = 'P'}, {"t", .kind = 'P'}, {"s", .kind = 'P'}}, {.keep = 1}, "10 "},
        {"of each variant", {{"s", "a", 'P'}, {"s", "b", 'P'}, {"s", "a", 'P'}}, {.keep = 1}, "10 "},
        {"an outage pushes nothing out",
         {{"s", .kind = 'P'}, {"s", .kind = 'X'}, {"s", .kind = 'X'}, {"s", .kind = 'X'}},
         {.keep = 1},
         "20 30 "},
        {"nor do runs of a part",
         {{"s", .kind = 'P'}, {"s", .kind = 'p'}, {"s", .kind = 'p'}, {"s", .kind = 'p'}},
         {.keep = 2},
         "20 "},
        {"nor rescores", {{"s", .kind = 'P'}, {"s", .kind = 's'}, {"s", .kind = 's'}}, {.keep = 1}, "20 "},
        {"nor what did not finish", {{"s", .kind = 'P'}, {"s", .kind = 'r'}, {"s", .kind = 'i'}}, {.keep = 1}, ""},
        {"which goes when so many came after it",
         {{"s", .kind = 'r'}, {"s", .kind = 'i'}, {"s", .kind = 'P'}, {"s", .kind = 'P'}},
         {.keep = 2},
         "10 20 "},
        {"one came after it", {{"s", .kind = 'r'}, {"s", .kind = 'P'}}, {.keep = 2}, ""},
        {"whole invocations", {{"s", .kind = 'P', .other_suite = "t"}, {"s", .kind = 'P'}}, {.keep = 1}, ""},
        {"when every run of it may go",
         {{"s", .kind = 'P', .other_suite = "t"}, {"s", .kind = 'P'}, {"t", .kind = 'P'}},
         {.keep = 1},
         "10 "},
        {"one suite",
         {{"s", .kind = 'P'}, {"t", .kind = 'P'}, {"s", .kind = 'P'}, {"t", .kind = 'P'}},
         {.keep = 1, .suite = {"t", 1}},
         "20 "},
        {"one suite alone",
         {{"s", .kind = 'P', .other_suite = "t"}, {"s", .kind = 'P'}, {"t", .kind = 'P'}},
         {.keep = 1, .suite = {"t", 1}},
         ""},
        {"a suite that nobody has", {{"s", .kind = 'P'}, {"s", .kind = 'P'}}, {.keep = 1, .suite = {"x", 1}}, ""},
        {"old ones",
         {{"s", .kind = 'P'}, {"s", .kind = 'P'}, {"s", .kind = 'P'}},
         {.keep = 1, .before_unix_ms = 15000},
         "10 "},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        struct invocation_record inv;
        open_empty(&f);
        for (int64_t j = 0; j < 8 && rows[i].rows[j].suite != NULL; j++) {
            add(&f, &rows[i].rows[j], 10 * (j + 1), &inv);
        }
        CHECK_CSTR(rows[i].name, listed(&f, rows[i].rules), rows[i].listed);
        fixture_deinit(&f);
    }
}

static const char *const TABLES[] = {"invocation", "plan", "plan_case", "case_text", "run",       "run_metric",
                                     "dimension",  "span", "metric",    "body",      "recording", "outbox"};

static struct str counts(struct fixture *f)
{
    struct buf text CLEANUP(buf_deinit) = BUF(1000);
    for (size_t i = 0; i < ARRAY_LEN(TABLES); i++) {
        char sql[64];
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", TABLES[i]);
        buf_printf(&text, "%s %lld, ", TABLES[i], (long long)fixture_sql(f, sql));
    }
    return arena_str(&f->arena, buf_str(&text));
}

/* What is removed leaves nothing behind, and takes nothing with it that others use: the store is as if it had never been there. */
static void test_sweep(void)
{
    static const struct row row = {"s", .kind = 'P'};
    struct fixture f;
    struct fixture without;
    struct invocation_record inv[4];
    open_empty(&f);
    open_empty(&without);
    for (int64_t i = 0; i < 4; i++) {
        add(&f, &row, 10 * i, &inv[i]);
    }
    struct invocation_record ignored;
    add(&without, &row, 0, &ignored);
    add(&without, &row, 10, &ignored);
    enum prune_hidden hidden;
    CHECK("hide", store_prune_hide(f.store, inv[1].seq, &hidden, &f.err) && hidden == PRUNE_HIDDEN);
    CHECK("hide", store_prune_hide(f.store, inv[3].seq, &hidden, &f.err) && hidden == PRUNE_HIDDEN);
    CHECK("again", store_prune_hide(f.store, inv[3].seq, &hidden, &f.err) && hidden == PRUNE_GONE);

    struct run_record *runs = NULL;
    size_t count = 0;
    CHECK("list", store_list_runs(f.store, &f.arena, 10, &runs, &count, &f.err) && count == 2);
    CHECK("by its id",
          !store_find_runs(f.store, &f.arena, str_from(id_text(&inv[3].id).text), true, &runs, &count, &f.err) &&
              f.err.kind == ERR_EMPTY);
    /* the numbers of what is hidden are not given away: a new run has nothing of the old one's */
    struct invocation_record fresh;
    add(&f, &row, 50, &fresh);
    CHECK("runs", store_runs_of(f.store, &f.arena, fresh.seq, &runs, &count, &f.err) && count == 1);
    uint64_t recorded = 0;
    uint64_t errored = 0;
    CHECK("samples", store_count_samples(f.store, runs[0].seq, &recorded, &errored, &f.err) && recorded == 3);
    CHECK("hide", store_prune_hide(f.store, fresh.seq, &hidden, &f.err) && hidden == PRUNE_HIDDEN);

    struct prune_swept swept = {0};
    uint64_t before = 0;
    uint64_t after = 0;
    CHECK("bytes", store_bytes(f.store, &before, &f.err));
    CHECK("sweep", store_prune_sweep(f.store, &swept, &f.err));
    CHECK_INT("runs", swept.runs, 3);
    CHECK_INT("samples", swept.samples, 9);
    CHECK_INT("texts: the outputs", swept.texts, 9);
    CHECK("space", swept.can_shrink && swept.freed_pages > 0);
    CHECK("smaller", store_bytes(f.store, &after, &f.err) && after < before);
    CHECK_STR("nothing left behind", counts(&f), counts(&without));
    CHECK_INT("texts have their names",
              fixture_sql(&f, "SELECT count(*) FROM body WHERE typeof(sha256) <> 'blob' OR length(sha256) <> 32"), 0);
    CHECK("sound", store_check(f.store, &f.err));
    CHECK("again", store_prune_sweep(f.store, &swept, &f.err) && swept.runs == 0 && swept.texts == 0);
    fixture_deinit(&f);
    fixture_deinit(&without);
}

static void test_superseded(void)
{
    struct fixture f;
    fixture_open(&f, 3, 1);
    fixture_begin(&f);
    struct sample_record s = fixture_sample(&f, &f.run, 0, 1);
    CHECK("first", store_add_sample(f.store, &f.run, &s, &f.err));
    s.attempt = 1;
    CHECK("second", store_add_sample(f.store, &f.run, &s, &f.err));
    fixture_commit(&f);
    enum prune_hidden hidden;
    struct prune_swept swept = {0};
    CHECK("prune",
          store_prune_hide(f.store, f.invocation.seq, &hidden, &f.err) && store_prune_sweep(f.store, &swept, &f.err));
    CHECK_INT("both records", swept.samples, 2);
    for (size_t i = 0; i < ARRAY_LEN(TABLES); i++) {
        char sql[64];
        (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", TABLES[i]);
        CHECK_INT(TABLES[i], fixture_sql(&f, sql), 0);
    }
    fixture_deinit(&f);
}

static void test_unsent(void)
{
    struct fixture f;
    fixture_open(&f, 3, 1);
    enum prune_hidden hidden;
    const struct recording recording = {
        .run = f.run.seq, .options = RECORD_OPTIONS_DEFAULT, .base_url = STR("https://x/v2")};
    fixture_begin(&f);
    CHECK("recording", store_add_recording(f.store, &recording, &f.err));
    CHECK("root", store_outbox_add_root(f.store, f.run.seq, OUTBOX_ROOT_BEGIN, OUTBOX_QUEUED, &f.err));
    fixture_commit(&f);
    CHECK("look", store_prune_look(f.store, f.invocation.seq, &hidden, &f.err) && hidden == PRUNE_UNSENT);
    CHECK("hide", store_prune_hide(f.store, f.invocation.seq, &hidden, &f.err) && hidden == PRUNE_UNSENT);
    CHECK_INT("as it was",
              fixture_sql(&f, "SELECT count(*) FROM outbox o JOIN run r ON r.seq = o.run WHERE r.invocation > 0"), 1);
    (void)fixture_sql(&f, "UPDATE outbox SET state = 3"); /* refused for good */
    CHECK("look", store_prune_look(f.store, f.invocation.seq, &hidden, &f.err) && hidden == PRUNE_HIDDEN);
    CHECK("hide", store_prune_hide(f.store, f.invocation.seq, &hidden, &f.err) && hidden == PRUNE_HIDDEN);
    struct prune_swept swept = {0};
    CHECK("sweep", store_prune_sweep(f.store, &swept, &f.err));
    CHECK_INT("outbox",
              fixture_sql(&f, "SELECT count(*) FROM outbox") + fixture_sql(&f, "SELECT count(*) FROM recording"), 0);
    fixture_deinit(&f);
}

/* A text that somebody comes to use while it is looked at whether anybody does: by another connection, between two slices. */
static void test_texts_in_use(void)
{
    static const struct row row = {"s", .kind = 'P'};
    struct fixture f;
    struct invocation_record inv[2];
    struct prune_swept swept = {0};
    open_empty(&f);
    add(&f, &row, 10, &inv[0]);
    add(&f, &row, 20, &inv[1]);
    /* as a prune leaves it that was killed after renaming: one that is used, one that is not */
    (void)fixture_sql(&f, "UPDATE body SET sha256 = 'loose ' || seq");
    (void)fixture_sql(&f, "UPDATE span SET output = 'short' WHERE seq = (SELECT min(seq) FROM span)");
    CHECK("sweep", store_prune_sweep(f.store, &swept, &f.err));
    CHECK_INT("the unused one goes", swept.texts, 1);
    CHECK_INT("the others have their names again",
              fixture_sql(&f, "SELECT count(*) FROM body WHERE length(sha256) = 32"), 8);
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct run_record *runs = NULL;
    size_t count = 0;
    struct sample_record s;
    bool has = false;
    CHECK("runs", store_runs_of(f.store, &f.arena, inv[1].seq, &runs, &count, &f.err));
    CHECK("samples", store_samples(f.store, runs[0].seq, (struct sample_filter){0}, &cursor, &f.err));
    for (size_t i = 0; i < 3; i++) {
        CHECK("sample", cursor.next(&cursor, &has, &s, &f.err) && has && s.output.len == LONG_BYTES);
    }
    sample_cursor_close(&cursor);
    /* written again: the text is found by its name, not stored twice */
    struct invocation_record third;
    add(&f, &row, 30, &third);
    CHECK_INT("three new outputs, no new input", fixture_sql(&f, "SELECT count(*) FROM body"), 11);
    fixture_deinit(&f);
}

/* Columns without a declared type are those that hold texts of any size (body.c): pruning has to know all of them. */
static void test_columns(void)
{
    struct fixture f;
    char found[1000];
    open_empty(&f);
    fixture_sql_text(
        &f,
        "SELECT group_concat(t.name || '.' || c.name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type = 'table' "
        "ORDER BY name) t, pragma_table_info(t.name) c WHERE c.type = '' AND t.name NOT IN ('body')",
        found, sizeof(found));
    CHECK_CSTR("harness/store/prune_texts.c, USES", str_from(found),
               "case_text.input case_text.expected invocation.options plan.resolved plan.data_files run.header "
               "run.summary run.root_input run.root_output run.root_meta span.output");
    fixture_deinit(&f);
}

/* A file from before stores could shrink. */
static void test_rewrite(void)
{
    struct fixture f;
    struct prune_swept swept = {0};
    enum prune_hidden hidden;
    fixture_open(&f, 100, 1);
    fixture_add_samples(&f, 0, 100);
    store_close(&f.store);
    fixture_exec(&f, "PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM");
    CHECK("open", store_open(&f.arena, f.path, STORE_CHANGE, &f.store, &f.err));
    CHECK("prune",
          store_prune_hide(f.store, f.invocation.seq, &hidden, &f.err) && store_prune_sweep(f.store, &swept, &f.err));
    CHECK("it cannot", !swept.can_shrink && swept.freed_pages == 0);
    uint64_t before = 0;
    uint64_t after = 0;
    CHECK("bytes", store_bytes(f.store, &before, &f.err));
    CHECK("rewrite", store_rewrite(f.store, &f.err) && store_check(f.store, &f.err));
    CHECK("it is smaller", store_bytes(f.store, &after, &f.err) && after < before);
    CHECK("and can from now on", store_prune_sweep(f.store, &swept, &f.err) && swept.can_shrink);
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"what is beyond", test_list},
        {"sweep", test_sweep},
        {"superseded records", test_superseded},
        {"not delivered", test_unsent},
        {"texts in use", test_texts_in_use},
        {"columns of texts", test_columns},
        {"rewrite", test_rewrite},
    };
    return check_run("store prune", tests, ARRAY_LEN(tests));
}
