#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "tests/check.h"
#include "tests/store/fault_vfs.h"
#include "tests/store/fixture.h"

enum { BATCH = 8, BATCHES = 12 };

/* --- disk faults ------------------------------------------------------------------------------------------------------------------------ */

struct outcome {
    uint64_t announced; /* samples whose commit said yes */
    uint64_t synced;    /* of them, before a sync that said yes */
};

static bool write_batch(struct fixture *f, uint64_t from)
{
    bool is_busy = true;
    static char big[5000];
    memset(big, 'x', sizeof(big));
    if (!store_begin(f->store, 0, &is_busy, &f->err) || is_busy) {
        return false;
    }
    for (uint64_t i = from; i < from + BATCH; i++) {
        struct sample_record s = fixture_sample(f, &f->run, i, 1);
        if (i % 5 == 0) {
            (void)snprintf(big, sizeof(big), "%llu", (unsigned long long)i);
            s.output = (struct str){big, sizeof(big)};
        }
        if (!store_add_sample(f->store, &f->run, &s, &f->err)) {
            store_rollback(f->store);
            return false;
        }
    }
    return store_commit(f->store, &f->err);
}

/* A run as it goes: begun, batches, a sync now and then. Stops at the first fault. */
static struct outcome run_until_fault(struct fixture *f)
{
    struct outcome result = {0};
    bool is_busy = true;
    f->err = ERR_NULL;
    if (!store_open(&f->arena, f->path, STORE_WRITE, &f->store, &f->err)) {
        return result;
    }
    f->invocation = (struct invocation_record){.id = id_of_invocation(STR("x")), .name = STR("x")};
    f->plan = (struct plan_record){.suite = STR("s"), .trials = 1};
    f->run = (struct run_record){.id = id_random(), .variant = STR("v"), .suite = STR("s")};
    struct dimension dimensions[2] = {{.name = STR("a")}, {.name = STR("b")}};
    f->run.dimensions = dimensions;
    f->run.dimension_count = 2;
    bool ok = store_begin(f->store, 0, &is_busy, &f->err) && !is_busy &&
              store_add_invocation(f->store, &f->invocation, &f->err);
    f->plan.invocation = f->run.invocation = f->invocation.seq;
    ok = ok && store_add_plan(f->store, &f->plan, &f->err);
    for (uint64_t i = 0; ok && i < (uint64_t)BATCH * BATCHES; i++) {
        struct str id = arena_printf(&f->arena, "case-%llu", (unsigned long long)i);
        struct plan_case c = {.ordinal = i, .id = id, .tags = STR("[\"t\"]")};
        ok = store_add_plan_case(f->store, f->plan.seq, &c, &f->err);
    }
    f->run.plan = f->plan.seq;
    ok = ok && store_add_run(f->store, &f->run, &f->err) && store_commit(f->store, &f->err);
    for (uint64_t batch = 0; ok && batch < BATCHES; batch++) {
        ok = write_batch(f, batch * BATCH);
        result.announced += ok ? BATCH : 0;
        if (ok && batch % 4 == 3) {
            ok = store_sync(f->store, &f->err);
            result.synced = ok ? result.announced : result.synced;
        }
    }
    store_close(&f->store);
    return result;
}

/* The store is sound, holds whole batches in order, and at least `least` samples. */
static void check_sound(struct fixture *f, const char *row, uint64_t least, uint64_t most)
{
    f->err = ERR_NULL;
    bool ok = store_open(&f->arena, f->path, STORE_WRITE, &f->store, &f->err) && store_check(f->store, &f->err);
    check_true_at(ok, row, f->err.text, __FILE__, __LINE__);
    if (!ok) {
        store_close(&f->store);
        return;
    }
    struct run_record *runs = NULL;
    size_t count = 0;
    uint64_t recorded = 0;
    uint64_t errored = 0;
    bool has_run = store_find_runs(f->store, &f->arena, STR("x"), true, &runs, &count, &f->err);
    if (has_run) {
        CHECK(row, store_count_samples(f->store, runs[0].seq, &recorded, &errored, &f->err));
        struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
        CHECK(row, store_samples(f->store, runs[0].seq, (struct sample_filter){0}, &cursor, &f->err));
        bool has = true;
        for (uint64_t i = 0; has; i++) {
            struct sample_record s;
            ok = cursor.next(&cursor, &has, &s, &f->err);
            CHECK(row, ok && (!has || (s.ordinal == i && s.score_count == 2 && s.output.len > 0)));
            has = has && ok;
        }
    }
    CHECK_INT(row, recorded % BATCH, 0);
    CHECK(row, recorded >= least && recorded <= most);
    store_close(&f->store);
}

static void check_faults(enum fault_kind kind, bool for_ever, const char *words)
{
    int64_t stride = 1;
    for (int64_t at = 1;; at += stride) {
        struct fixture f;
        char row[96];
        (void)snprintf(row, sizeof(row), "%s, call %lld%s", words, (long long)at, for_ever ? " and later" : "");
        fixture_init(&f);
        fault_arm(kind, at, for_ever);
        struct outcome outcome = run_until_fault(&f);
        bool happened = fault_happened();
        if (f.err.kind != ERR_NONE) {
            CHECK_INT(row, f.err.kind, ERR_IO);
            CHECK_CONTAINS(row, str_from(f.err.text), words);
        }
        fault_arm(FAULT_NONE, 0, false);
        check_sound(&f, row, outcome.announced, (uint64_t)BATCH * BATCHES);
        fixture_deinit(&f);
        if (!happened) {
            CHECK("there was something to fail", at > 50);
            CHECK_INT("all was written", outcome.announced, BATCH * BATCHES);
            return;
        }
        stride = at < 50 ? 1 : 11;
    }
}

static void test_disk_faults(void)
{
    fault_install();
    check_faults(FAULT_FULL, false, "");
    check_faults(FAULT_FULL, true, "");
    check_faults(FAULT_IO, false, "");
    check_faults(FAULT_IO, true, "");
    fault_uninstall();
}

/* A run of one case is mostly the making of its store. */
static void test_new_file_syncs(void)
{
    struct fixture f;
    fault_install();
    fixture_init(&f);
    fault_arm(FAULT_NONE, 0, false);
    CHECK("new", store_open(&f.arena, f.path, STORE_WRITE, &f.store, &f.err));
    CHECK_INT("its first page", fault_syncs(), 1);
    store_close(&f.store);
    fixture_deinit(&f);
    fault_uninstall();
}

static void test_full_in_words(void)
{
    struct fixture f;
    fault_install();
    fixture_open(&f, 100, 1);
    fixture_add_samples(&f, 0, 10);
    fault_arm(FAULT_FULL, 1, true);
    CHECK("full", !write_batch(&f, 10));
    CHECK_INT("full", f.err.kind, ERR_IO);
    CHECK_CONTAINS("full", str_from(f.err.text), "the disk is full");
    CHECK_CONTAINS("full", str_from(f.err.text), f.path);
    fault_arm(FAULT_NONE, 0, false);
    CHECK("room again", write_batch(&f, 10)); /* nothing of the batch stayed */
    fixture_reopen(&f, STORE_READ);
    uint64_t recorded = 0;
    uint64_t errored = 0;
    CHECK("count", store_count_samples(f.store, f.run.seq, &recorded, &errored, &f.err));
    CHECK_INT("count", recorded, 10 + BATCH);
    fixture_deinit(&f);
    fault_uninstall();
}

/* After a cut at any call: what was synced is there, batches are whole, whatever subset of the later writes reached the disk. */
static void test_power_cut(void)
{
    fault_install();
    fault_arm(FAULT_CUT, INT64_MAX, true);
    struct fixture whole;
    fixture_init(&whole);
    struct outcome all = run_until_fault(&whole);
    int64_t total = fault_calls();
    CHECK_INT("undisturbed", all.announced, BATCH * BATCHES);
    fixture_deinit(&whole);
    for (int64_t at = 1; at <= total; at += at < 50 ? 1 : 9) {
        for (uint64_t seed = 0; seed < (at < 50 ? 8 : 2); seed++) {
            struct fixture f;
            struct fixture left;
            char row[64];
            (void)snprintf(row, sizeof(row), "cut at call %lld, subset %llu", (long long)at, (unsigned long long)seed);
            fixture_init(&f);
            fixture_init(&left);
            left.path = arena_printf(&left.arena, "%s/assay.db", left.dir).ptr;
            fault_arm(FAULT_CUT, at, true);
            struct outcome outcome = run_until_fault(&f);
            fault_leave(left.dir, seed);
            fault_arm(FAULT_NONE, 0, false);
            check_sound(&left, row, outcome.synced, (uint64_t)BATCH * BATCHES);
            fixture_deinit(&f);
            fixture_deinit(&left);
        }
    }
    fault_uninstall();
}

/* --- processes ---------------------------------------------------------------------------------------------------------------------------- */

static int write_beside_others(const char *path, int number)
{
    struct fixture f = {.path = path};
    int result = 1;
    bool is_busy = true;
    if (!store_open(&f.arena, path, STORE_WRITE, &f.store, &f.err) || !store_begin(f.store, 30000, &is_busy, &f.err) ||
        is_busy) {
        return 2;
    }
    char name[16];
    (void)snprintf(name, sizeof(name), "p%d", number);
    fixture_add_invocation(&f, name, NULL, &f.invocation);
    fixture_add_plan(&f, f.invocation.seq, "s", 400, 1, &f.plan);
    fixture_add_run(&f, &f.invocation, &f.plan, "v", 0, &f.run);
    fixture_commit(&f);
    for (uint64_t at = 0; at < 400;) {
        if (write_batch(&f, at)) {
            at += BATCH;
        } else if (f.err.kind != ERR_NONE) {
            (void)fprintf(stderr, "%s\n", f.err.text);
            return 3;
        }
    }
    result = store_sync(f.store, &f.err) ? 0 : 4;
    store_close(&f.store);
    arena_deinit(&f.arena);
    return result;
}

static void test_processes(void)
{
    struct fixture f;
    pid_t pids[6];
    fixture_init(&f);
    for (int i = 0; i < (int)ARRAY_LEN(pids); i++) { /* all of them find no store and make it */
        pids[i] = fork();
        if (pids[i] == 0) {
            _exit(write_beside_others(f.path, i));
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        int status = -1;
        CHECK("ended", waitpid(pids[i], &status, 0) == pids[i] && WIFEXITED(status));
        CHECK_INT("wrote all", WEXITSTATUS(status), 0);
    }
    CHECK("open", store_open(&f.arena, f.path, STORE_WRITE, &f.store, &f.err) && store_check(f.store, &f.err));
    for (size_t i = 0; i < ARRAY_LEN(pids); i++) {
        char name[16];
        struct run_record *runs = NULL;
        size_t count = 0;
        uint64_t recorded = 0;
        uint64_t errored = 0;
        (void)snprintf(name, sizeof(name), "p%zu", i);
        CHECK(name, store_find_runs(f.store, &f.arena, str_from(name), true, &runs, &count, &f.err));
        CHECK(name, count == 1 && store_count_samples(f.store, runs[0].seq, &recorded, &errored, &f.err));
        CHECK_INT(name, recorded, 400);
    }
    fixture_deinit(&f);
}

/* Commits and announces (in shared memory) until it is killed. */
static void write_and_announce(struct fixture *f, volatile uint64_t *announced, uint64_t from)
{
    struct arena arena = ARENA_NULL; /* of the store: the fixture's is reset after each batch */
    if (!store_open(&arena, f->path, STORE_WRITE, &f->store, &f->err)) {
        _exit(1);
    }
    for (uint64_t at = from; at + BATCH <= 100000; at += BATCH) {
        if (write_batch(f, at)) {
            *announced = at + BATCH;
        }
        arena_reset(&f->arena);
    }
    _exit(2);
}

static void test_kill(void)
{
    struct fixture f;
    struct rng rng;
    rng_seed(&rng, 7);
    fixture_open(&f, 10, 1);
    store_close(&f.store);
    f.path = strdup(f.path); /* the child resets its arena */
    volatile uint64_t *announced =
        mmap(NULL, sizeof(*announced), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t recorded = 0;
    for (int i = 0; i < 12 || (recorded == 0 && i < 24); i++) { /* longer where all is slow, as under valgrind */
        pid_t pid = fork();
        if (pid == 0) {
            write_and_announce(&f, announced, recorded);
        }
        struct timespec pause = {.tv_nsec = (long)(5000000 + rng_below(&rng, 40000000)) * (i < 12 ? 1 : 20)};
        (void)nanosleep(&pause, NULL);
        CHECK("kill", kill(pid, SIGKILL) == 0 && waitpid(pid, NULL, 0) == pid);
        uint64_t errored = 0;
        fixture_reopen(&f, STORE_READ);
        CHECK("sound", store_check(f.store, &f.err));
        CHECK("count", store_count_samples(f.store, f.run.seq, &recorded, &errored, &f.err));
        CHECK("no announced sample is lost, at most one batch was not announced yet",
              recorded == *announced || recorded == *announced + BATCH);
        store_close(&f.store);
    }
    CHECK("something was written", recorded > 0);
    (void)munmap((void *)(uintptr_t)announced, sizeof(*announced));
    char *path = (char *)(uintptr_t)f.path;
    fixture_deinit(&f);
    free(path);
}

/* --- damage ------------------------------------------------------------------------------------------------------------------------------- */

static void read_samples(struct fixture *f, int64_t run, struct sample_filter filter)
{
    struct sample_cursor cursor CLEANUP(sample_cursor_close) = {0};
    struct sample_record s;
    bool has = store_samples(f->store, run, filter, &cursor, &f->err);
    while (has && cursor.next(&cursor, &has, &s, &f->err) && has) {
        for (size_t i = 0; i < s.score_count; i++) {
            CHECK("a dimension that is there", s.scores[i].dimension < 2);
        }
    }
}

static void read_cases(struct fixture *f, int64_t plan)
{
    struct plan_cursor *cursor CLEANUP(plan_cursor_close) = NULL;
    struct plan_case c;
    struct plan_case pair[2];
    bool has = store_plan_cases(f->store, plan, &cursor, &f->err);
    while (has && plan_cursor_next(cursor, &has, &c, &f->err) && has) {
    }
    has = store_find_duplicate_id(f->store, plan, &f->arena, &has, pair, &f->err);
    (void)has;
}

/* Whatever is in the file: errors, never a crash or an endless loop. */
static bool read_everything(struct fixture *f)
{
    struct run_record *runs = NULL;
    struct plan_record *plans = NULL;
    struct invocation_record inv;
    size_t count = 0;
    f->err = ERR_NULL;
    if (!store_open(&f->arena, f->path, STORE_READ, &f->store, &f->err)) {
        return false;
    }
    bool ok = store_find_runs(f->store, &f->arena, STR("latest"), true, &runs, &count, &f->err);
    ok = store_list_runs(f->store, &f->arena, 10, &runs, &count, &f->err) && ok;
    for (size_t i = 0; ok && i < count; i++) {
        read_samples(f, runs[i].seq, (struct sample_filter){0});
        read_samples(f, runs[i].seq, (struct sample_filter){.tag = STR("math"), .only_failed = true});
        read_samples(f, runs[i].seq, (struct sample_filter){.case_id = STR("case-5")});
        ok = store_invocation(f->store, &f->arena, runs[i].invocation, &inv, &f->err) && ok;
        read_cases(f, runs[i].plan);
    }
    ok = store_plans_of(f->store, &f->arena, 1, &plans, &count, &f->err) && ok;
    ok = store_check(f->store, &f->err) && ok;
    store_close(&f->store);
    return ok && f->err.kind == ERR_NONE;
}

static void test_bit_flips(void)
{
    struct fixture f;
    struct rng rng;
    struct str bytes = STR_NULL;
    rng_seed(&rng, 2026);
    fixture_open(&f, 60, 1);
    CHECK("write", write_batch(&f, 0) && write_batch(&f, BATCH));
    fixture_add_samples(&f, 16, 60);
    store_close(&f.store);
    CHECK("sound", read_everything(&f));
    CHECK("bytes", file_read(&f.arena, f.path, 16 << 20, &bytes, &f.err));
    int noticed = 0;
    for (int i = 0; i < 400; i++) {
        struct fixture g = {.path = f.path};
        char *copy = malloc(bytes.len);
        size_t len = i % 8 == 7 ? rng_below(&rng, bytes.len) : bytes.len;
        memcpy(copy, bytes.ptr, bytes.len);
        for (uint64_t flips = 1 + rng_below(&rng, 20); flips > 0; flips--) {
            /* half of them where the tables' descriptions and page headers are */
            uint64_t at = rng_below(&rng, 2) == 0 ? rng_below(&rng, 8192) : rng_below(&rng, bytes.len);
            copy[at] = (char)(copy[at] ^ (char)(1u << rng_below(&rng, 8)));
        }
        FILE *file CLEANUP(file_fclose) = fopen(f.path, "wb");
        CHECK("write", file != NULL && fwrite(copy, 1, len, file) == len && fflush(file) == 0);
        free(copy);
        noticed += read_everything(&g) ? 0 : 1;
        store_close(&g.store);
        arena_deinit(&g.arena);
        (void)unlink(arena_printf(&f.arena, "%s-wal", f.path).ptr);
        (void)unlink(arena_printf(&f.arena, "%s-shm", f.path).ptr);
    }
    CHECK("damage is noticed", noticed > 200);
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"disk faults at every call", test_disk_faults},
        {"a new file is synced once", test_new_file_syncs},
        {"a full disk in words", test_full_in_words},
        {"power cuts at every call", test_power_cut},
        {"processes side by side", test_processes},
        {"kill -9", test_kill},
        {"bit flips", test_bit_flips},
    };
    return check_run("store faults", tests, ARRAY_LEN(tests));
}
