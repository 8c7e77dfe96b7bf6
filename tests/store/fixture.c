#include "tests/store/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/file.h"
#include "tests/check.h"

void fixture_init(struct fixture *f)
{
    *f = (struct fixture){.err = ERR_NULL};
    (void)snprintf(f->dir, sizeof(f->dir), "/tmp/assay-store-XXXXXX");
    CHECK("temporary folder", mkdtemp(f->dir) != NULL);
    f->path = arena_printf(&f->arena, "%s/.assay/assay.db", f->dir).ptr;
}

static void fixture_ok(struct fixture *f, const char *what, bool ok)
{
    check_true_at(ok, what, ok ? "" : f->err.text, __FILE__, __LINE__);
}

void fixture_begin(struct fixture *f)
{
    bool is_busy = true;
    fixture_ok(f, "begin", store_begin(f->store, 0, &is_busy, &f->err));
    CHECK("not busy", !is_busy);
}

void fixture_commit(struct fixture *f)
{
    fixture_ok(f, "commit", store_commit(f->store, &f->err));
}

void fixture_add_invocation(struct fixture *f, const char *name, const char *labels, struct invocation_record *ret)
{
    *ret = (struct invocation_record){
        .id = name == NULL ? id_random() : id_of_invocation(str_from(name)),
        .name = str_from(name),
        .started_unix_ms = 1700000000000,
        .options = STR("{\"trials\":1}"),
        .labels = labels == NULL ? STR("{}") : str_from(labels),
        .is_full_selection = true,
    };
    fixture_ok(f, "add invocation", store_add_invocation(f->store, ret, &f->err));
}

void fixture_add_plan(struct fixture *f, int64_t invocation, const char *suite, uint64_t cases, uint32_t trials,
                      struct plan_record *ret)
{
    static const char *const TAGS[] = {"[]", "[\"smoke\",\"math\"]", "[\"math\"]"};
    *ret = (struct plan_record){
        .invocation = invocation,
        .suite = str_from(suite),
        .path = STR("/suites/a.yaml"),
        .resolved = STR("{\"files\":[]}"),
        .trials = trials,
    };
    ret->suite_digest.bytes[0] = 7;
    fixture_ok(f, "add plan", store_add_plan(f->store, ret, &f->err));
    for (uint64_t i = 0; i < cases; i++) {
        char id[32];
        (void)snprintf(id, sizeof(id), "case-%llu", (unsigned long long)i);
        struct plan_case c = {.ordinal = i, .id = str_from(id), .tags = str_from(TAGS[i % 3]), .row_line = i + 1};
        c.digest = digest_of(c.id);
        c.cluster = i % 2 == 0 ? STR_NULL : STR("cluster");
        c.skip = i % 10 == 9 ? STR("not today") : STR_NULL;
        c.row_offset = i * 100;
        fixture_ok(f, "add case", store_add_plan_case(f->store, ret->seq, &c, &f->err));
    }
    ret->case_count = cases;
    ret->data_files = STR("[{\"path\":\"x\"}]");
    ret->plan_digest.bytes[31] = 9;
    fixture_ok(f, "finish plan", store_finish_plan(f->store, ret, &f->err));
}

void fixture_add_run(struct fixture *f, const struct invocation_record *inv, const struct plan_record *plan,
                     const char *variant, uint32_t position, struct run_record *ret)
{
    static struct dimension dimensions[2];
    dimensions[0] = (struct dimension){.name = STR("answer"),
                                       .type = TYPE_BINARY,
                                       .hi = 1,
                                       .direction = DIRECTION_HIGHER,
                                       .weight = 1,
                                       .threshold = 1};
    dimensions[1] = (struct dimension){.name = STR("latency_ms"),
                                       .kind = DIMENSION_MEASURE,
                                       .type = TYPE_UNBOUNDED,
                                       .direction = DIRECTION_LOWER,
                                       .has_max = true,
                                       .max = 20000,
                                       .is_optional = true,
                                       .is_call_measure = true};
    dimensions[1].scorer.bytes[3] = 1;
    *ret = (struct run_record){
        .invocation = inv->seq,
        .plan = plan->seq,
        .id = id_of_run(&inv->id, plan->suite, str_from(variant)),
        .position = position,
        .suite = plan->suite,
        .variant = str_from(variant),
        .started_unix_ms = 1700000000001,
        .dimensions = dimensions,
        .dimension_count = 2,
        .header = STR("{\"kind\":\"run\"}"),
    };
    ret->root_span = id_of_root_span(&ret->id);
    ret->target_digest.bytes[5] = 5;
    fixture_ok(f, "add run", store_add_run(f->store, ret, &f->err));
}

void fixture_open(struct fixture *f, uint64_t cases, uint32_t trials)
{
    fixture_init(f);
    fixture_ok(f, "open", store_open(&f->arena, f->path, STORE_WRITE, &f->store, &f->err));
    fixture_begin(f);
    fixture_add_invocation(f, NULL, NULL, &f->invocation);
    fixture_add_plan(f, f->invocation.seq, "math", cases, trials, &f->plan);
    fixture_add_run(f, &f->invocation, &f->plan, "default", 0, &f->run);
    fixture_commit(f);
}

void fixture_reopen(struct fixture *f, enum store_mode mode)
{
    store_close(&f->store);
    fixture_ok(f, "reopen", store_open(&f->arena, f->path, mode, &f->store, &f->err));
}

void fixture_deinit(struct fixture *f)
{
    store_close(&f->store);
    file_remove_tree(f->dir);
    arena_deinit(&f->arena);
}

struct sample_record fixture_sample(struct fixture *f, const struct run_record *run, uint64_t ordinal, uint32_t trial)
{
    bool passes = (ordinal + trial) % 3 != 0;
    struct sample_record s = {
        .ordinal = ordinal,
        .trial = trial,
        .started_unix_ms = 1700000001000 + (int64_t)ordinal,
        .ended_unix_ms = 1700000001250 + (int64_t)ordinal,
        .case_id = arena_printf(&f->arena, "case-%llu", (unsigned long long)ordinal),
        .input = arena_printf(&f->arena, "\"what is %llu?\"", (unsigned long long)ordinal),
        .expected = arena_printf(&f->arena, "%llu", (unsigned long long)ordinal),
        .output = arena_printf(&f->arena, "A: %llu.%u", (unsigned long long)ordinal, trial),
        .meta = STR("{\"k\":1}"),
        .pass = passes ? PASS_YES : PASS_NO,
        .has_score = true,
        .score = passes ? 1 : 0,
        .measures = {.has_latency = true, .latency_ms = 250.5, .has_cost = true, .cost_usd = 1e-9, .attempts = 2},
        .score_count = 2,
    };
    s.span = id_of_sample_span(&run->id, s.case_id, trial, 0);
    s.scores = arena_array(&f->arena, struct score, 2);
    s.scores[0] = (struct score){.dimension = 0,
                                 .outcome = passes ? SCORE_PASS : SCORE_FAIL,
                                 .value = passes,
                                 .has_unit = true,
                                 .unit = passes,
                                 .comment = STR("because")};
    s.scores[1] = (struct score){.dimension = 1, .outcome = SCORE_NONE, .value = 0.5 + (double)(ordinal % 100)};
    return s;
}

void fixture_add_samples(struct fixture *f, uint64_t from, uint64_t to)
{
    fixture_begin(f);
    for (uint64_t i = from; i < to; i++) {
        struct sample_record s = fixture_sample(f, &f->run, i, 1);
        fixture_ok(f, "add sample", store_add_sample(f->store, &f->run, &s, &f->err));
    }
    fixture_commit(f);
}

void fixture_sql_text(struct fixture *f, const char *sql, char *ret, size_t size)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    ret[0] = '\0';
    bool ok = sqlite3_open(f->path, &db) == SQLITE_OK && sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK;
    int code = ok ? sqlite3_step(stmt) : SQLITE_ERROR;
    if (code == SQLITE_ROW && sqlite3_column_text(stmt, 0) != NULL) {
        (void)snprintf(ret, size, "%s", (const char *)sqlite3_column_text(stmt, 0));
    }
    check_true_at(code == SQLITE_ROW || code == SQLITE_DONE, sql, sqlite3_errmsg(db), __FILE__, __LINE__);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

void fixture_exec(struct fixture *f, const char *sql)
{
    sqlite3 *db = NULL;
    bool ok = sqlite3_open(f->path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
    check_true_at(ok, sql, sqlite3_errmsg(db), __FILE__, __LINE__);
    sqlite3_close(db);
}

int64_t fixture_sql(struct fixture *f, const char *sql)
{
    char text[64];
    fixture_sql_text(f, sql, text, sizeof(text));
    return strtoll(text, NULL, 10);
}
