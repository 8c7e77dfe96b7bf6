#ifndef ASSAY_STORE_QUERY_H
#define ASSAY_STORE_QUERY_H

/* A database of our own with a schema, and queries over it: what the journal is built on (store_private.h), and what `assay serve` keeps its spans in.
 * Opening, WAL, the guard against foreign and newer files, and the words of errors are the same for both (store.h).
 *
 * `struct query` is one prepared statement in use: bind in the order of the question marks, step, get in the order of the columns. Its
 * faults are sticky (as a buf's overflow is): binding and getting never fail on the spot, query_step and query_intact tell. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/str.h"
#include "store/store.h"

struct arena;
struct err;
struct sqlite3_context;
struct sqlite3_stmt;

/* The tables, and how a file is told to be ours: application_id, and user_version = 1000 * generation + number of steps applied. A step adds,
 * or leaves what it changes readable under its name (a view); a change that older programs could not read begins a new generation. So a program
 * reads any store of its generation, and writes those whose steps it knows. */
struct schema_step {
    const char *const *statements;
    size_t count;
    bool rewrites; /* rows that are there: the file is copied first */
};

enum { SCHEMA_JOURNAL_ID = 0x61736179 /* "asay" */, SCHEMA_SERVED_ID = 0x61737276 /* "asrv" */ };

struct schema {
    const char *what; /* "a store of assay": what a foreign file is not */
    uint32_t application_id;
    int generation;
    const struct schema_step *steps;
    int step_count;
    struct schema_step anew; /* all steps at once, for a new store; without statements: the steps */
};

/* As store_open, with tables of its own. */
MUST_CHECK bool store_open_as(struct arena *arena, const char *path, enum store_mode mode, const struct schema *schema,
                              struct store **ret, struct err *err);

/* ERR_IO in SQLite's words and ours, with the file; rolls back what a failed write has left open. Out of memory ends the program. */
bool store_fail(struct store *store, int code, struct err *err);
MUST_CHECK bool store_exec(struct store *store, const char *sql, struct err *err); /* without parameters or rows */

/* Rows that a statement reads straight from memory, `INSERT INTO t SELECT * FROM NAME`: one statement for many rows, where a bound one is set,
 * started and ended anew for each (measured: of a sample with three scores a third less). The texts of a row are borrowed until the next. */
struct feed_table {
    const char *name;
    int columns;
    bool (*next)(void *rows); /* to the next row, at first to the first one; false: there is none */
    void (*column)(const void *rows, int column,
                   struct sqlite3_context *out); /* by one of feed_...; none of them = NULL */
};

void feed_int(struct sqlite3_context *out, int64_t value);
void feed_real(struct sqlite3_context *out, double value);
void feed_optional_real(struct sqlite3_context *out, bool has, double value);
void feed_text(struct sqlite3_context *out, struct str text); /* as query_text */
void feed_blob(struct sqlite3_context *out, const void *bytes, size_t len);

struct feed { /* a feed_table that is known to the database, and what it reads while a statement runs */
    const struct feed_table *table;
    void *rows;
};

enum { QUERY_SLOTS = 64, QUERY_FEEDS = 4 };

struct query {
    struct store *store;
    struct sqlite3_stmt *stmt;
    struct feed *feed; /* NULL = it has none */
    int at;            /* parameter or column that comes next */
    int code;          /* SQLite's, sticky */
    bool is_own;       /* finalized at the end, not kept */
    bool is_damaged;   /* a value that this program cannot have written */
};

int64_t sqlite_last_seq(const struct store *store);
int64_t sqlite_changes(const struct store *store);

struct query query_kept(struct store *store, unsigned slot,
                        const char *sql); /* stays prepared; slot < QUERY_SLOTS, the owner's own numbering */
struct query query_new(struct store *store, const char *sql);
/* As query_kept, of a statement that reads from table->name; `rows` until it is done. At most QUERY_FEEDS tables. */
struct query query_fed(struct store *store, unsigned slot, const char *sql, const struct feed_table *table, void *rows);
void query_done(struct query *q);  /* for CLEANUP; resets, finalizes its own */
void query_again(struct query *q); /* reset, to bind anew */

void query_int(struct query *q, int64_t value);
void query_real(struct query *q, double value);
void query_optional_real(struct query *q, bool has, double value);
void query_text(struct query *q, struct str text); /* ptr NULL = NULL; borrowed until the query is done */
void query_blob(struct query *q, const void *bytes, size_t len);
void query_uuid(struct query *q, const struct uuid *id);
void query_digest(struct query *q, const struct digest *d);
void query_null(struct query *q);

MUST_CHECK bool query_step(struct query *q, bool *ret_row, struct err *err);
MUST_CHECK bool query_run(struct query *q, struct err *err); /* no rows wanted; reset at once */
/* As query_run, but a row that is there already is no error: *ret_conflict. */
MUST_CHECK bool query_try(struct query *q, bool *ret_conflict, struct err *err);

bool query_is_null(const struct query *q); /* of the next column */
bool query_is_int(const struct query *q);
int64_t query_get_int(struct query *q);
uint64_t query_get_count(struct query *q); /* not negative, else damaged */
uint32_t query_get_u32(struct query *q);
bool query_get_bool(struct query *q);
int query_get_enum(struct query *q, int count); /* 0..count - 1, else damaged */
double query_get_real(struct query *q);         /* finite, else damaged */
bool query_get_optional_real(struct query *q, double *ret);
struct str query_get_text(struct query *q, struct arena *arena); /* a copy; NULL gives STR_NULL */
struct uuid query_get_uuid(struct query *q);
struct digest query_get_digest(struct query *q);
void query_skip(struct query *q);
MUST_CHECK bool query_intact(const struct query *q, struct err *err);

#endif
