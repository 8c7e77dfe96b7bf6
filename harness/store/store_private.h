#ifndef ASSAY_STORE_STORE_PRIVATE_H
#define ASSAY_STORE_STORE_PRIVATE_H

/* Inside the store. sqlite.c is the only file that includes sqlite3.h; queries are query.h. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/id.h"
#include "base/str.h"
#include "store/query.h"
#include "store/store.h"

struct sqlite3;
struct sqlite3_stmt;

/* Statements that are kept prepared: the ones of the loop, and of a cursor's refill. */
enum statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_READ,
    STATEMENT_FIND_TAGS,
    STATEMENT_ADD_TAGS,
    STATEMENT_ADD_CASE,
    STATEMENT_ADD_CASE_TEXT,
    STATEMENT_ADD_SPAN,
    STATEMENT_ADD_BODY,
    STATEMENT_FIND_BODY,
    STATEMENT_BODY,
    STATEMENT_HAS_SAMPLE,
    STATEMENT_SAMPLES,
    STATEMENT_SAMPLE,
    STATEMENT_ADD_OUTBOX,
    STATEMENT_FIND_OUTBOX,
    STATEMENT_TAKE_OUTBOX,
    STATEMENT_KEEP_OUTBOX,
    STATEMENT_DROP_OUTBOX,
    STATEMENT_COUNT_RECORDED,
    STATEMENT_MARK_AHEAD,
    STATEMENT_RUN_PLAN,
    STATEMENT_FIND_CASE,
    STATEMENT_CASE,
    STATEMENT_COUNT
};
_Static_assert((int)STATEMENT_COUNT <= (int)QUERY_SLOTS, "a slot for each");

enum {
    STORE_PAGE_BYTES =
        8192, /* measured: a sample of 1 KB costs 15 % less than with pages of 4096, and no less with 16384 */
    STORE_CACHE_KIB = 8192, /* of SQLite's page cache: memory stays flat, whatever the store holds */
    /* SQLite's sorter takes as much memory as the page cache may have, on top of it. With a small cache it goes to disk early, and the
     * peak of a million cases stays near that of ten thousand (measured: 13 and 12 MB, else 20 and 12). */
    STORE_SORT_CACHE_KIB = 512,
    STORE_CHECKPOINT_PAGES = 2000, /* 16 MiB of WAL between checkpoints */
    STORE_INLINE_BYTES =
        2048, /* texts up to here stand in their row; longer ones are bodies, once by SHA-256 (write.c) */
    STORE_KNOWN_CASES = 1024,
    STORE_CASE_BITS = 40 /* plan_case.seq = plan << 40 | ordinal: appended in key order, found without an index */
};

struct plan_marks;

struct planned { /* the plan that this handle has added last, all of its cases, too */
    int64_t plan;
    bool has_cluster;         /* a case names one */
    struct plan_marks *marks; /* of their ids, until the transaction ends: then others may add to it */
    bool may_repeat_ids;
};

struct store {
    struct sqlite3 *db;
    const char *path;
    const char *note;
    enum store_mode mode;
    int steps; /* of the schema that the file has; fewer than ours in an old one that cannot be written */
    bool uses_wal;
    bool is_new; /* made by us: its folder is not synced yet */
    const struct schema *schema;
    struct sqlite3_stmt *statements[QUERY_SLOTS];
    struct feed feeds[QUERY_FEEDS];
    bool samples_in_use;  /* the kept statement of sample cursors is taken: a second cursor prepares its own */
    struct buf last_tags; /* the tag list that add_plan_case saw last, and its row */
    int64_t last_tags_seq;
    int64_t known_cases
        [STORE_KNOWN_CASES]; /* cases whose texts are stored, by seq modulo: variants and trials share them */
    unsigned sorter_count;
    struct planned planned;
    const struct store_stand_in *stand_in;
    int64_t found_case; /* the case found last by its id: the next one usually follows it */
};

/* --- sqlite.c -------------------------------------------------------------------------------------------------------------------- */

enum sqlite_open { SQLITE_HANDLE_CREATE, SQLITE_HANDLE_EXISTING, SQLITE_HANDLE_IMMUTABLE, SQLITE_HANDLE_TEMPORARY };
MUST_CHECK bool sqlite_open(struct store *store, enum sqlite_open how, struct err *err);
void sqlite_close(struct store *store);
void sqlite_wait(struct store *store, int wait_ms); /* the busy timeout from now on */
bool sqlite_is_readonly(const struct store *store);
bool sqlite_in_transaction(const struct store *store);
void sqlite_rollback(struct store *store); /* when there is something to roll back */
/* Passive: never waits. *ret_complete = the whole log is in the database file, which was synced. */
bool sqlite_has_moved(struct store *store); /* the file is no longer where it was opened */
MUST_CHECK bool sqlite_checkpoint(struct store *store, bool *ret_complete, struct err *err);
MUST_CHECK bool query_begin(struct query *q, bool *ret_busy, struct err *err); /* of a BEGIN */
/* The function assay_score of SQL, which SCORES_ROWS asks for. */
MUST_CHECK bool sqlite_add_score_function(struct store *store, struct err *err);

/* --- open.c ---------------------------------------------------------------------------------------------------------------------- */

MUST_CHECK bool store_cache(struct store *store, int kib,
                            struct err *err); /* the ceiling of the page cache from now on */

/* --- schema.c, migrate.c ------------------------------------------------------------------------------------------------------------- */

extern const struct schema SCHEMA_JOURNAL;

/* Steps that readers ask store->steps for. */
enum { SCHEMA_RECORDING = 3, SCHEMA_SCORES = 4 };

/* Tells ours from foreign, newer and unfinished ones; makes or completes the schema when the store is open for writing. */
MUST_CHECK bool schema_prepare(struct store *store, struct err *err);

/* --- plan_add.c ------------------------------------------------------------------------------------------------------------------------- */

void planned_begin(struct store *store, int64_t plan);
void planned_end(struct store *store); /* of the transaction, committed */
void planned_forget(struct store *store);
/* That no two of its cases have one id; false: nobody knows. */
bool planned_ids_differ(const struct store *store, int64_t plan);

/* --- write.c, body.c ------------------------------------------------------------------------------------------------------------- */

/* The number of the body that holds `text`, which is added when it is new; 0 of a short text, which stands in its row. */
MUST_CHECK bool body_of(struct store *store, struct str text, int64_t *ret, struct err *err);

/* Binds `text` as it is when it is short, else the number of its body. */
MUST_CHECK bool body_bind(struct query *q, struct str text, struct err *err);

/* The next column, written by body_bind; a copy. */
MUST_CHECK bool body_get(struct query *q, struct arena *arena, struct str *ret, struct err *err);

/* --- scores.c ----------------------------------------------------------------------------------------------------------------------- */

struct score_list { /* a VEC */
    struct score *items;
    size_t len, cap;
};

/* The scores of span s as the text of a column; ROWS: in a store of before SCHEMA_SCORES, out of the rows that held them. */
#define SCORES_COLUMN "s.scores"
#define SCORES_ROWS                                                                                                    \
    "(SELECT '[' || group_concat(entry, ',') || ']' FROM (SELECT assay_score(dimension, outcome, value, unit, "        \
    "comment, answered, wanted) AS entry FROM metric WHERE span = s.seq ORDER BY dimension))"

void score_write(struct buf *out, const struct score *score);           /* one entry of the list */
void scores_write(struct buf *out, const struct sample_record *sample); /* nothing where there are none */
/* What cannot be written: two scores in one dimension, a value that is no number (ERR_BUG). */
MUST_CHECK bool scores_check(const struct sample_record *sample, struct err *err);
/* Adds to `ret`, which grows in `arena`; copies of texts in `texts`. False: no list of scores. */
MUST_CHECK bool scores_read(struct str text, bool with_comments, struct arena *arena, struct arena *texts,
                            struct score_list *ret);
/* The next column, such a text. */
void query_get_scores(struct query *q, bool with_comments, struct arena *arena, struct arena *texts,
                      struct score_list *ret);

/* --- sample_read.c ----------------------------------------------------------------------------------------------------------------- */

/* The columns of a sample, from span s, plan_case c, tag_list g, case_text t; `scores` is SCORES_COLUMN or SCORES_ROWS, `texts` SQL for whether its
 * long texts are wanted. */
#define SAMPLE_COLUMNS(scores, texts)                                                                                  \
    "s.seq, s.id, s.ordinal, s.trial, s.attempt, s.started_ms, s.ended_ms, s.state, s.error, s.error_text, "           \
    "s.pass, s.score, s.latency_ms, s.cost_usd, s.input_tokens, s.output_tokens, s.tries, s.output_is_json, c.id, "    \
    "c.digest, coalesce(g.tags, '[]'), c.cluster, CASE WHEN " texts " THEN t.input END, CASE WHEN " texts " THEN "     \
    "t.expected END, CASE WHEN " texts " THEN s.output END, CASE WHEN " texts " THEN s.meta END, " scores

struct sample_shape {
    int64_t run;
    size_t dimension_count;
    bool with_texts; /* else texts and the comments of scores stay out */
};

/* The row at hand as a record, with its scores; texts in `arena`. */
MUST_CHECK bool sample_get(struct query *q, struct arena *arena, const struct sample_shape *shape,
                           struct sample_record *ret, struct err *err);

/* --- read.c ---------------------------------------------------------------------------------------------------------------------- */

#define RUN_COLUMNS                                                                                                    \
    "r.seq, r.invocation, r.plan, r.id, r.root, r.position, p.suite, r.variant, r.target_digest, "                     \
    "r.started_ms, r.finished_ms, r.state, r.origin, r.header, r.source_run, r.exit_code, r.summary "                  \
    "FROM run r JOIN plan p ON p.seq = r.plan JOIN invocation i ON i.seq = r.invocation "

/* Newest first: by the end, an unfinished one by its start. An end that is more than five minutes ahead of our clock counted as its arrival. */
#define NEWEST_FIRST "coalesce(i.order_ms, i.started_ms) DESC, i.seq DESC"

/* All rows of a query over RUN_COLUMNS, with their dimensions. */
MUST_CHECK bool runs_collect(struct query *q, struct arena *arena, struct run_record **ret, size_t *ret_count,
                             struct err *err);

/* The next columns: id, digest, tags, cluster, skip, row_offset, row_line of a case. */
#define CASE_COLUMNS                                                                                                   \
    "c.seq & 0xffffffffff, c.id, c.digest, coalesce(g.tags, '[]'), c.cluster, c.skip, c.row_offset, c.row_line"
void case_get(struct query *q, struct arena *arena, struct plan_case *ret);

static inline int64_t case_seq(int64_t plan, uint64_t ordinal)
{
    return (int64_t)((uint64_t)plan << STORE_CASE_BITS | ordinal);
}

/* Where a case stands in its plan; *ret_found false when the plan has none of that id. */
MUST_CHECK bool case_find(struct store *store, int64_t plan, struct str id, bool *ret_found, uint64_t *ret_ordinal,
                          struct err *err);

#endif
