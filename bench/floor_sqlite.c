/* The floor under the store: SQLite alone, with the same tables, settings and batches.
 *
 *   floor_sqlite schema MODEL.db                             prints the tables of a store that assay made, and its page size
 *   floor_sqlite create SCHEMA.sql NEW.db COMMITS            makes the same database, then COMMITS - 1 more commits of one row
 *   floor_sqlite insert SCHEMA.sql NEW.db SAMPLES BATCH BYTES  one span row with an output of BYTES and two scores a sample, BATCH samples a
 *                                                            commit; prints the microseconds that the inserts took
 *   floor_sqlite read STORE.db                               reads every run's cases and spans once, in order, and each number of their scores;
 *                                                            prints the microseconds */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>

static void fail(sqlite3 *db, const char *what)
{
    (void)fprintf(stderr, "floor_sqlite: %s: %s\n", what, db == NULL ? "no memory" : sqlite3_errmsg(db));
    exit(2);
}

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail(db, sql);
    }
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        fail(db, sql);
    }
    return stmt;
}

static void step(sqlite3 *db, sqlite3_stmt *stmt)
{
    if (sqlite3_step(stmt) != SQLITE_DONE || sqlite3_reset(stmt) != SQLITE_OK) {
        fail(db, "step");
    }
}

static int print_schema(const char *model)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(model, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        fail(db, model);
    }
    sqlite3_stmt *stmt = prepare(db, "SELECT 'PRAGMA page_size=' || page_size || ';' FROM pragma_page_size UNION ALL "
                                     "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL");
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        (void)puts((const char *)sqlite3_column_text(stmt, 0));
    }
    (void)sqlite3_finalize(stmt);
    return sqlite3_close(db);
}

static char *read_text(const char *path)
{
    enum { MAX_BYTES = 1 << 20 };
    char *text = calloc(1, MAX_BYTES);
    FILE *file = fopen(path, "r");
    if (text == NULL || file == NULL) {
        perror(path);
        exit(2);
    }
    size_t len = fread(text, 1, MAX_BYTES - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    return text;
}

/* The store's settings (harness/store/open.c), then its tables in one transaction. */
static sqlite3 *create(const char *schema, const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(path, &db) != SQLITE_OK) {
        fail(db, path);
    }
    char *text = read_text(schema);
    char *tables = strchr(text, '\n'); /* the first line sets the page size: before WAL, outside any transaction */
    if (tables == NULL) {
        fail(db, schema);
    }
    *tables = '\0';
    run(db, text);
    run(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=2000; PRAGMA "
            "cache_size=-8192; BEGIN IMMEDIATE");
    run(db, tables + 1);
    run(db, "COMMIT");
    free(text);
    return db;
}

static int make(const char *schema, const char *path, long commits)
{
    sqlite3 *db = create(schema, path);
    sqlite3_stmt *stmt = prepare(db, "INSERT INTO tag_list (tags) VALUES (?)");
    for (long i = 1; i < commits; i++) {
        char text[32];
        int len = snprintf(text, sizeof(text), "%ld", i);
        (void)sqlite3_bind_text(stmt, 1, text, len, SQLITE_STATIC);
        step(db, stmt);
    }
    (void)sqlite3_finalize(stmt);
    return sqlite3_close(db);
}

static long long now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void insert_sample(sqlite3 *db, sqlite3_stmt *span, long i, const char *output, int bytes)
{
    unsigned char id[16] = {0};
    memcpy(id, &i, sizeof(i));
    (void)sqlite3_bind_int64(span, 1, i + 1);
    (void)sqlite3_bind_blob(span, 2, id, sizeof(id), SQLITE_STATIC);
    (void)sqlite3_bind_int64(span, 3, i);
    (void)sqlite3_bind_text(span, 4, output, bytes, SQLITE_STATIC);
    step(db, span);
}

static int insert(const char *schema, const char *path, long samples, long batch, int bytes)
{
    sqlite3 *db = create(schema, path);
    sqlite3_stmt *span = prepare(db, "INSERT INTO span (seq, id, run, ordinal, trial, attempt, state, started_ms, "
                                     "ended_ms, pass, score, latency_ms, tries, "
                                     "output_is_json, output, meta, scores) VALUES (?, ?, 1, ?, 1, 0, 0, "
                                     "1700000000000, 1700000000000, 1, 1.0, 0.5, 1, 0, ?, '{}', "
                                     "'[[0,2,1,1,\"pass: found what was wanted at byte 12\"],"
                                     "[1,2,1,1,\"pass: found what was wanted at byte 12\"]]')");
    char *output = malloc((size_t)bytes);
    if (output == NULL) {
        fail(db, "output");
    }
    memset(output, 'x', (size_t)bytes);
    long long begin = now_us();
    for (long i = 0; i < samples; i++) {
        if (i % batch == 0) {
            run(db, i == 0 ? "BEGIN IMMEDIATE" : "COMMIT; BEGIN IMMEDIATE");
        }
        insert_sample(db, span, i, output, bytes);
    }
    run(db, "COMMIT");
    (void)sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    (void)printf("%lld\n", now_us() - begin);
    free(output);
    (void)sqlite3_finalize(span);
    return sqlite3_close(db);
}

/* The sum of the numbers outside of texts. */
static double sum_scores(const char *at)
{
    double sum = 0;
    for (bool in_text = false; *at != '\0'; at++) {
        if (*at == '"') {
            in_text = !in_text;
        } else if (in_text && *at == '\\') {
            at++;
        } else if (!in_text && *at >= '0' && *at <= '9') {
            char *end = NULL;
            sum += strtod(at, &end);
            at = end - 1;
        }
    }
    return sum;
}

/* What a comparison cannot do without: of every sample its case and its numbers. */
static int read_runs(const char *path)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        fail(db, path);
    }
    long long begin = now_us();
    run(db, "PRAGMA cache_size=-8192");
    sqlite3_stmt *stmt = prepare(
        db, "SELECT s.ordinal, c.id, c.digest, coalesce(s.scores, '') FROM run r "
            "JOIN span s INDEXED BY span_place ON s.run = r.seq JOIN plan_case c ON c.seq = (r.plan << 40) + s.ordinal "
            "WHERE s.superseded IS NULL ORDER BY r.seq, s.ordinal, s.trial");
    double sum = 0;
    size_t bytes = 0;
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        bytes += sqlite3_column_text(stmt, 1) == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, 1);
        bytes += sqlite3_column_blob(stmt, 2) == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, 2);
        sum += (double)sqlite3_column_int64(stmt, 0) + sum_scores((const char *)sqlite3_column_text(stmt, 3));
    }
    (void)sqlite3_finalize(stmt);
    if (bytes == 0 || sum < 0) {
        fail(db, "nothing was read");
    }
    (void)printf("%lld\n", now_us() - begin);
    return sqlite3_close(db);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "schema") == 0) {
        return print_schema(argv[2]);
    }
    if (argc == 5 && strcmp(argv[1], "create") == 0) {
        return make(argv[2], argv[3], strtol(argv[4], NULL, 10));
    }
    if (argc == 7 && strcmp(argv[1], "insert") == 0) {
        return insert(argv[2], argv[3], strtol(argv[4], NULL, 10), strtol(argv[5], NULL, 10),
                      (int)strtol(argv[6], NULL, 10));
    }
    if (argc == 3 && strcmp(argv[1], "read") == 0) {
        return read_runs(argv[2]);
    }
    (void)fprintf(
        stderr, "usage: floor_sqlite schema MODEL | create SCHEMA NEW COMMITS | insert SCHEMA NEW SAMPLES BATCH BYTES "
                "| read STORE\n");
    return 2;
}
