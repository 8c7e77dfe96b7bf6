#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/digest.h"
#include "base/file.h"
#include "store/outbox.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    CHECK(sql, sqlite3_open(path, &db) == SQLITE_OK && sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
}

static void put_file(const char *path, const char *bytes, size_t len)
{
    FILE *f CLEANUP(file_fclose) = fopen(path, "wb");
    CHECK(path, f != NULL && fwrite(bytes, 1, len, f) == len);
}

static struct digest digest_of_file(const char *path)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct str text = STR_NULL;
    struct err err = ERR_NULL;
    CHECK(path, file_read(&arena, path, 64 << 20, &text, &err));
    return digest_of(text);
}

/* --- where --------------------------------------------------------------------------------------------------------------------------- */

/* Folders in order; one that ends with '!' is a file. */
static void make_paths(const char *list)
{
    struct str rest = str_from(list);
    struct str part = STR_NULL;
    while (str_split(&rest, ' ', &part)) {
        char path[64];
        bool is_file = str_ends(part, STR("!"));
        (void)snprintf(path, sizeof(path), "%.*s", (int)part.len - (is_file ? 1 : 0), part.ptr);
        if (is_file) {
            put_file(path, "x", 1);
        } else {
            CHECK(path, mkdir(path, 0777) == 0);
        }
    }
}

static void test_path(void)
{
    static const struct {
        const char *name, *make, *cwd, *flag, *env, *want;
    } rows[] = {
        {"flag", NULL, ".", "x.db", "y.db", "x.db"},
        {"environment", NULL, ".", NULL, "y.db", "y.db"},
        {"empty flag and environment", NULL, ".", "", "", "*./.assay/assay.db"},
        {"nothing: here", "a a/b", "a/b", NULL, NULL, "*a/b/.assay/assay.db"},
        {"git above", ".git a a/b", "a/b", NULL, NULL, "*./.assay/assay.db"},
        {"git is a file", "a a/b a/.git!", "a/b", NULL, NULL, "*a/.assay/assay.db"},
        {"the nearer one", ".git a a/.assay a/b", "a/b", NULL, NULL, "*a/.assay/assay.db"},
        {"the nearer one, git", ".assay a a/.git a/b", "a/b", NULL, NULL, "*a/.assay/assay.db"},
        {"here", ".assay", ".", NULL, NULL, "*./.assay/assay.db"},
    };
    char start[4096];
    CHECK("cwd", getcwd(start, sizeof(start)) != NULL);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fixture f;
        fixture_init(&f);
        CHECK("chdir", chdir(f.dir) == 0);
        if (rows[i].make != NULL) {
            make_paths(rows[i].make);
        }
        CHECK("chdir", chdir(rows[i].cwd) == 0);
        const char *got = store_path(&f.arena, rows[i].flag, rows[i].env);
        CHECK("chdir", chdir(f.dir) == 0);
        if (rows[i].want[0] == '*') {
            const char *rest = strcmp(rows[i].want, "*./.assay/assay.db") == 0 ? ".assay/assay.db" : rows[i].want + 1;
            const char *want = arena_printf(&f.arena, "%s/%s", f.dir, rest).ptr;
            CHECK_CSTR(rows[i].name, str_from(got), want);
        } else {
            CHECK_CSTR(rows[i].name, str_from(got), rows[i].want);
        }
        CHECK("chdir", chdir(start) == 0);
        fixture_deinit(&f);
    }
}

/* --- what is refused ------------------------------------------------------------------------------------------------------------------- */

static void make_store(struct fixture *f)
{
    CHECK("open", store_open(&f->arena, f->path, STORE_WRITE, &f->store, &f->err));
    store_close(&f->store);
}

static void make_foreign(struct fixture *f)
{
    run_sql(f->path, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
}

static void make_foreign_id(struct fixture *f)
{
    run_sql(f->path, "PRAGMA application_id = 77");
}

static void make_text(struct fixture *f)
{
    put_file(f->path,
             "this is no database, whatever its name may be; it is longer than a header of a hundred bytes, too", 96);
}

static void make_zeros(struct fixture *f)
{
    char zeros[2 * 8192] = {0};
    put_file(f->path, zeros, sizeof(zeros));
}

static void make_blank(struct fixture *f)
{
    char zeros[8192] = {0}; /* a page */
    put_file(f->path, zeros, sizeof(zeros));
}

static void make_newer_step(struct fixture *f)
{
    make_store(f);
    run_sql(f->path, "PRAGMA user_version = 1999");
}

static void make_newer_layout(struct fixture *f)
{
    make_store(f);
    run_sql(f->path, "PRAGMA user_version = 2001");
}

static void make_impossible_version(struct fixture *f)
{
    make_store(f);
    run_sql(f->path, "PRAGMA user_version = -5");
}

static void make_cut(struct fixture *f)
{
    make_store(f);
    CHECK("cut", truncate(f->path, 5000) == 0);
}

static void make_wrecked(struct fixture *f)
{
    make_store(f);
    FILE *file CLEANUP(file_fclose) = fopen(f->path, "r+b");
    CHECK("open", file != NULL && fseek(file, 100, SEEK_SET) == 0);
    for (int i = 0; i < 4000; i++) {
        CHECK("write", fputc(0xa5, file) == 0xa5);
    }
}

static void make_folder(struct fixture *f)
{
    CHECK("mkdir", mkdir(f->path, 0777) == 0);
}

static void make_fifo(struct fixture *f)
{
    CHECK("mkfifo", mkfifo(f->path, 0666) == 0);
}

static void make_nothing(struct fixture *f)
{
    (void)f;
}

static void make_empty(struct fixture *f)
{
    put_file(f->path, "", 0);
}

static void test_refused(void)
{
    static const struct {
        const char *name;
        void (*make)(struct fixture *f);
        enum err_kind read, write; /* ERR_NONE = works */
        const char *words;
    } rows[] = {
        {"no file", make_nothing, ERR_EMPTY, ERR_NONE, "no store at"},
        {"empty file", make_empty, ERR_EMPTY, ERR_NONE, "empty"},
        {"the power went while it was made", make_blank, ERR_IO, ERR_NONE, "no SQLite database"},
        {"another program's", make_foreign, ERR_IO, ERR_IO, "another program's"},
        {"another application id", make_foreign_id, ERR_IO, ERR_IO, "another program's"},
        {"text", make_text, ERR_IO, ERR_IO, "no SQLite database"},
        {"zeros", make_zeros, ERR_IO, ERR_IO, "no SQLite database"},
        {"newer by a step", make_newer_step, ERR_NONE, ERR_IO, "newer assay"},
        {"newer layout", make_newer_layout, ERR_IO, ERR_IO, "newer assay"},
        {"impossible version", make_impossible_version, ERR_IO, ERR_IO, "no assay has written"},
        {"cut short", make_cut, ERR_IO, ERR_IO, "damaged"},
        {"wrecked", make_wrecked, ERR_IO, ERR_IO, "damaged"},
        {"a folder", make_folder, ERR_IO, ERR_IO, "no regular file"},
        {"a pipe", make_fifo, ERR_IO, ERR_IO, "no regular file"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
            struct fixture f;
            enum err_kind want = mode == STORE_READ ? rows[i].read : rows[i].write;
            fixture_init(&f);
            f.path = arena_printf(&f.arena, "%s/x.db", f.dir).ptr;
            rows[i].make(&f);
            struct stat status;
            bool is_file = stat(f.path, &status) == 0 && S_ISREG(status.st_mode);
            struct digest before = {{0}};
            if (is_file) {
                before = digest_of_file(f.path);
            }
            bool ok = store_open(&f.arena, f.path, (enum store_mode)mode, &f.store, &f.err);
            bool checked = ok && store_check(f.store, &f.err);
            CHECK_INT(rows[i].name, ok && !checked && want == ERR_IO ? ERR_IO : f.err.kind, want);
            store_close(&f.store);
            if (want != ERR_NONE) {
                CHECK_CONTAINS(rows[i].name, str_from(f.err.text), rows[i].words);
                CHECK_CONTAINS(rows[i].name, str_from(f.err.text), "x.db");
                struct digest after = is_file ? digest_of_file(f.path) : before;
                CHECK(rows[i].name, digest_eq(&before, &after));
            }
            fixture_deinit(&f);
        }
    }
}

static void test_folder(void)
{
    struct fixture f;
    fixture_open(&f, 1, 1);
    struct str text = STR_NULL;
    CHECK("private",
          file_read(&f.arena, arena_printf(&f.arena, "%s/.assay/.gitignore", f.dir).ptr, 100, &text, &f.err));
    CHECK_STR("private", text, STR("*\n"));
    CHECK_INT("no note", store_note(f.store) == NULL, true);
    const char *elsewhere = arena_printf(&f.arena, "%s/missing/x.db", f.dir).ptr;
    struct store *other = NULL;
    CHECK("a folder that is not there is not made", !store_open(&f.arena, elsewhere, STORE_WRITE, &other, &f.err));
    CHECK_INT("a folder that is not there", f.err.kind, ERR_IO);
    CHECK_CONTAINS("a folder that is not there", str_from(f.err.text), "missing");
    const char *plain = arena_printf(&f.arena, "%s/x.db", f.dir).ptr;
    CHECK("another folder gets no .gitignore", store_open(&f.arena, plain, STORE_WRITE, &other, &f.err) &&
                                                   !file_exists(arena_printf(&f.arena, "%s/.gitignore", f.dir).ptr));
    store_close(&other);
    fixture_deinit(&f);
}

/* A kill between the application id and the tables cannot happen (one transaction), but a restored copy might look so. */
static void test_unfinished_schema(void)
{
    struct fixture f;
    fixture_init(&f);
    f.path = arena_printf(&f.arena, "%s/x.db", f.dir).ptr;
    run_sql(f.path, "PRAGMA application_id = 1634951545; PRAGMA user_version = 1000");
    CHECK("read", store_open(&f.arena, f.path, STORE_READ, &f.store, &f.err) == false && f.err.kind == ERR_EMPTY);
    CHECK("write", store_open(&f.arena, f.path, STORE_WRITE, &f.store, &f.err));
    CHECK_INT("completed", fixture_sql(&f, "SELECT count(*) FROM sqlite_schema WHERE name = 'span'"), 1);
    CHECK("every step is applied", fixture_sql(&f, "PRAGMA user_version") >= 1002);
    fixture_deinit(&f);
}

/* Runs `check` in a child as a user who owns nothing, since modes do not bind root. 0 = all well. */
static int as_nobody(struct fixture *f, int (*check)(struct fixture *f))
{
    pid_t pid = fork();
    if (pid == 0) {
        bool dropped = geteuid() != 0 || setuid(65534) == 0;
        _exit(dropped ? check(f) : 99);
    }
    int status = -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

static int check_unwritable(struct fixture *f)
{
    if (store_open(&f->arena, f->path, STORE_WRITE, &f->store, &f->err)) {
        return 1;
    }
    if (f->err.kind != ERR_IO || strstr(f->err.text, "write") == NULL) {
        return 2;
    }
    if (!store_open(&f->arena, f->path, STORE_READ, &f->store, &f->err)) {
        return 3;
    }
    struct run_record *runs = NULL;
    size_t count = 0;
    int result = store_list_runs(f->store, &f->arena, 10, &runs, &count, &f->err) && count == 1 ? 0 : 4;
    store_close(&f->store);
    return result;
}

/* A store of before step 4: scores were rows. */
static void make_rows_of_scores(struct fixture *f)
{
    run_sql(f->path, "PRAGMA journal_mode = DELETE");
    run_sql(
        f->path,
        "CREATE TEMP TABLE m AS SELECT * FROM metric; DROP VIEW opper_metric; DROP VIEW metric; "
        "CREATE TABLE metric (span INTEGER, dimension INTEGER, is_counted INTEGER NOT NULL, outcome INTEGER NOT NULL, "
        "value REAL NOT NULL, unit REAL, comment TEXT, answered TEXT, wanted TEXT, PRIMARY KEY (span, dimension)) "
        "WITHOUT ROWID; INSERT INTO metric SELECT * FROM m; CREATE VIEW opper_metric AS SELECT * FROM metric; "
        "ALTER TABLE span DROP COLUMN scores; PRAGMA user_version = 1003");
}

/* A store of an earlier assay has fewer tables. */
static void make_older(struct fixture *f)
{
    make_rows_of_scores(f);
    run_sql(f->path, "DROP TABLE recording; DROP INDEX span_superseded; PRAGMA user_version = 1001");
    run_sql(f->path, "ALTER TABLE outbox DROP COLUMN part");
}

/* 0 = it is read, and what later steps added is empty or not there. */
static int check_older(struct fixture *f)
{
    struct run_record *runs = NULL;
    struct recording recording;
    size_t count = 0;
    bool found = true;
    if (!store_open(&f->arena, f->path, STORE_READ, &f->store, &f->err)) {
        return 1;
    }
    bool ok = store_list_runs(f->store, &f->arena, 10, &runs, &count, &f->err) && count == 1 &&
              store_recording(f->store, &f->arena, f->run.seq, &found, &recording, &f->err) && !found;
    store_close(&f->store);
    return ok ? 0 : 2;
}

static void test_older_store(void)
{
    struct fixture f;
    fixture_open(&f, 1, 1);
    store_close(&f.store);
    make_older(&f);
    const char *folder = arena_printf(&f.arena, "%s/.assay", f.dir).ptr;
    CHECK("modes", chmod(f.dir, 0755) == 0 && chmod(f.path, 0444) == 0 && chmod(folder, 0555) == 0);
    CHECK_INT("read where it cannot be completed", as_nobody(&f, check_older), 0);
    CHECK_INT("left as it is", fixture_sql(&f, "PRAGMA user_version"), 1001);
    CHECK("modes", chmod(folder, 0755) == 0 && chmod(f.path, 0644) == 0);
    CHECK_INT("read where it can be", check_older(&f), 0);
    CHECK("completed", fixture_sql(&f, "PRAGMA user_version") > 1001);
    fixture_deinit(&f);
}

/* A new store is made at once: every table, column, index and view has to be what the steps come to. */
static void test_anew(void)
{
    static const char layout[] =
        "SELECT group_concat(line, char(10)) FROM (SELECT m.type || ' ' || m.name || ' ' || coalesce(x.name || ' ' || "
        "x.type || ' ' || x.\"notnull\" || ' ' || coalesce(x.dflt_value, '') || ' ' || x.pk, m.sql) AS line "
        "FROM sqlite_schema m LEFT JOIN pragma_table_xinfo(m.name) x ON m.type = 'table' "
        "WHERE m.name NOT LIKE 'sqlite_%' ORDER BY m.type, m.name, x.cid)";
    static char anew[1 << 15];
    static char by_steps[1 << 15];
    struct fixture f;
    fixture_open(&f, 1, 1);
    fixture_sql_text(&f, layout, anew, sizeof(anew));
    store_close(&f.store);
    make_older(&f);
    CHECK("completed", store_open(&f.arena, f.path, STORE_WRITE, &f.store, &f.err));
    fixture_sql_text(&f, layout, by_steps, sizeof(by_steps));
    CHECK("all of it", strlen(anew) > 8000 && strlen(anew) + 1 < sizeof(anew));
    CHECK_CSTR("the same", str_from(by_steps), anew);
    fixture_deinit(&f);
}

static bool has_scores(struct sample_cursor *cursor, uint64_t samples, struct err *err)
{
    for (uint64_t i = 0; i < samples; i++) {
        struct sample_record s;
        bool has = false;
        if (!cursor->next(cursor, &has, &s, err) || !has || s.score_count != 2 || s.scores[0].dimension != 0 ||
            s.scores[0].value != ((s.ordinal + s.trial) % 3 != 0) || !s.scores[0].has_unit ||
            s.scores[1].value != 0.5 + (double)s.ordinal || s.scores[1].has_unit || s.scores[1].outcome != SCORE_NONE) {
            return false;
        }
    }
    return true;
}

enum { OLDER_SAMPLES = 100 };

/* 0 = every reader finds the scores. */
static int check_scores(struct fixture *f)
{
    struct sample_cursor samples CLEANUP(sample_cursor_close) = {0};
    struct sample_cursor figures CLEANUP(sample_cursor_close) = {0};
    struct sample_record s;
    bool is_superseded = false;
    return !store_samples(f->store, f->run.seq, (struct sample_filter){0}, &samples, &f->err) ||
                   !has_scores(&samples, OLDER_SAMPLES, &f->err)
               ? 11
           : !store_figures(f->store, f->run.seq, (struct figure_fields){true, true}, &figures, &f->err) ||
                   !has_scores(&figures, OLDER_SAMPLES, &f->err)
               ? 12
           : !store_sample(f->store, &f->arena, &f->run, 7, &s, &is_superseded, &f->err) || s.score_count != 2 ||
                   !str_eq(s.scores[0].comment, STR("because"))
               ? 13
               : 0;
}

static int check_scores_reading(struct fixture *f)
{
    if (!store_open(&f->arena, f->path, STORE_READ, &f->store, &f->err)) {
        return 1;
    }
    int result = check_scores(f);
    store_close(&f->store);
    return result;
}

/* Who reads leaves rows as they are; who is about to write puts them into their spans, and keeps a copy. */
static void test_rows_of_scores(void)
{
    struct fixture f;
    fixture_open(&f, OLDER_SAMPLES, 1);
    fixture_add_samples(&f, 0, OLDER_SAMPLES);
    store_close(&f.store);
    make_rows_of_scores(&f);
    const char *folder = arena_printf(&f.arena, "%s/.assay", f.dir).ptr;
    const char *copy = arena_printf(&f.arena, "%s.1003", f.path).ptr;
    CHECK("modes", chmod(f.dir, 0755) == 0 && chmod(f.path, 0444) == 0 && chmod(folder, 0555) == 0);
    CHECK_INT("read where nothing can be written", as_nobody(&f, check_scores_reading), 0);
    CHECK("modes", chmod(folder, 0755) == 0 && chmod(f.path, 0600) == 0);
    CHECK_INT("read where it can", check_scores_reading(&f), 0);
    CHECK_INT("left as it is", fixture_sql(&f, "PRAGMA user_version"), 1003);
    CHECK("no copy", !file_exists(copy));

    CHECK("write", store_open(&f.arena, f.path, STORE_WRITE, &f.store, &f.err));
    CHECK_INT("the scores are there", check_scores(&f), 0);
    CHECK_INT("one more", fixture_sql(&f, "SELECT count(*) FROM metric WHERE span = 7 AND comment = 'because'"), 1);
    CHECK_INT("a view", fixture_sql(&f, "SELECT count(*) FROM sqlite_schema WHERE name = 'metric' AND type = 'view'"),
              1);
    CHECK_INT("its version", fixture_sql(&f, "PRAGMA user_version"), 1004);
    CHECK("sound", store_check(f.store, &f.err));
    store_close(&f.store);
    struct stat status = {.st_mode = 0};
    CHECK("a copy", stat(copy, &status) == 0);
    CHECK_INT("for its owner, as the store", status.st_mode & 0777, 0600);
    f.path = copy;
    CHECK_INT("which is the older store", fixture_sql(&f, "PRAGMA user_version"), 1003);
    CHECK_INT("which is whole", check_scores_reading(&f), 0);
    fixture_deinit(&f);
}

static void test_readonly(void)
{
    for (int files_too = 0; files_too < 2; files_too++) {
        struct fixture f;
        fixture_open(&f, 1, 1);
        store_close(&f.store);
        const char *folder = arena_printf(&f.arena, "%s/.assay", f.dir).ptr;
        CHECK("modes",
              chmod(f.dir, 0755) == 0 && chmod(f.path, files_too ? 0444 : 0666) == 0 && chmod(folder, 0555) == 0);
        CHECK_INT(files_too ? "read-only file and folder" : "read-only folder", as_nobody(&f, check_unwritable), 0);
        CHECK("modes", chmod(folder, 0755) == 0);
        fixture_deinit(&f);
    }
}

/* This VFS has no shared memory, as a network file system has none: WAL is refused. */
static void test_without_wal(void)
{
    sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
    CHECK("vfs", sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1) == SQLITE_OK);
    struct fixture f;
    fixture_open(&f, 100, 1);
    CHECK_CONTAINS("said", str_from(store_note(f.store)), "network");
    fixture_add_samples(&f, 0, 50);
    bool is_busy = false;
    struct store *other = NULL;
    CHECK("another process", store_open(&f.arena, f.path, STORE_WRITE, &other, &f.err));
    fixture_begin(&f);
    CHECK("is told to wait", store_begin(other, 0, &is_busy, &f.err) && is_busy);
    fixture_commit(&f);
    store_close(&other);
    CHECK("sync", store_sync(f.store, &f.err));
    fixture_reopen(&f, STORE_READ);
    uint64_t recorded = 0;
    uint64_t errored = 0;
    CHECK("count", store_count_samples(f.store, f.run.seq, &recorded, &errored, &f.err));
    CHECK_INT("recorded", recorded, 50);
    fixture_deinit(&f);
    CHECK("vfs", sqlite3_vfs_register(usual, 1) == SQLITE_OK);
}

static void test_busy(void)
{
    struct fixture f;
    fixture_open(&f, 10, 1);
    struct store *other = NULL;
    bool is_busy = false;
    CHECK("another", store_open(&f.arena, f.path, STORE_WRITE, &other, &f.err));
    fixture_begin(&f);
    CHECK("busy", store_begin(other, 0, &is_busy, &f.err) && is_busy);
    CHECK("busy after waiting", store_begin(other, 20, &is_busy, &f.err) && is_busy);
    CHECK("reading goes on", store_invocation(other, &f.arena, f.invocation.seq, &f.invocation, &f.err));
    fixture_commit(&f);
    CHECK("free", store_begin(other, 0, &is_busy, &f.err) && !is_busy);
    store_rollback(other);
    store_rollback(other);
    CHECK("a failed record rolls nothing else back",
          store_begin(other, 0, &is_busy, &f.err) && !is_busy && store_commit(other, &f.err));
    store_close(&other);
    fixture_reopen(&f, STORE_READ);
    CHECK("not for writing", !store_begin(f.store, 0, &is_busy, &f.err) && f.err.kind == ERR_BUG);
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"where the store is", test_path},    {"what is refused stays as it is", test_refused},
        {"the folder", test_folder},          {"an unfinished schema", test_unfinished_schema},
        {"an older store", test_older_store}, {"read-only", test_readonly},
        {"a new store", test_anew},           {"rows of scores", test_rows_of_scores},
        {"without WAL", test_without_wal},    {"busy", test_busy},
    };
    return check_run("store open", tests, ARRAY_LEN(tests));
}
