#ifndef ASSAY_STORE_STORE_H
#define ASSAY_STORE_STORE_H

/* The local journal: SQLite, in Opper's own terms (spans, span metrics), plus what a journal needs (invocations, plans, bodies, outbox). It is
 * the source of truth: a sample is announced only after its commit.
 *
 * WAL, synchronous=NORMAL, an explicit checkpoint and sync at pauses and at the end. In the loop nothing waits: busy timeout 0, a busy batch
 * goes with the next turn (store_begin says busy). Long bodies (over 2 KiB) live once, by SHA-256; short ones stand in their row, which costs
 * less. Input and expectation are stored with the case, once for all its variants and trials. Schema version in user_version, ours by
 * application_id; migrations are additive, in one transaction; a newer store is refused for writing (ERR_IO with a hint), and for reading
 * when its layout is another; a foreign or corrupt file is never overwritten. For people with a shell: the views opper_span, opper_metric.
 *
 * Memory: about 10 MB of cache, whatever the store holds. A sample with its scores is one row: what it costs next to a bare insert is
 * measured by `bench/run replay`.
 *
 * Errors: ERR_IO with SQLite's words and the file; disk full named. After a failure of SQLite in a transaction it is rolled back (autocommit
 * is asked, since SQLite may have done it already); after any other failure the caller rolls back (store_rollback is always harmless). Rows
 * that hold what this program cannot have written are ERR_IO "damaged". One thread, and no fork with a store open but for exec. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/record.h"

struct arena;
struct err;
struct store;

enum store_mode {
    STORE_READ,
    STORE_WRITE,
    STORE_CHANGE /* as STORE_WRITE, of a store that has to be there */
};

/* STORE_WRITE creates the file, its folder `.assay` (with a .gitignore of `*`) and the schema. The others of a missing file: ERR_EMPTY. */
MUST_CHECK bool store_open(struct arena *arena, const char *path, enum store_mode mode, struct store **ret,
                           struct err *err);
/* A store of its own that nobody else sees and that is gone when it is closed, or when the program dies: for reading an export as if it were stored.
 * `name` is what messages call it. Small ones stay in memory (the page cache), larger ones in a file without name in TMPDIR. No WAL, no syncs; what
 * was rolled back must not be read. */
MUST_CHECK bool store_open_temporary(struct arena *arena, const char *name, struct store **ret, struct err *err);
void store_close(struct store **store);                            /* checkpoints when it wrote */
MUST_CHECK bool store_check(struct store *store, struct err *err); /* quick_check */

/* A line for people about how it was opened, or NULL: the file system has no shared memory, so it works without WAL. */
const char *store_note(const struct store *store);

/* Whether a recorder's clock is so far ahead of ours (5 minutes) that its run is sorted by when the store got it: it would be `latest` for ever. */
bool store_is_ahead(int64_t finished_unix_ms);

/* The folder of the project: the nearest ancestor with `.assay` or `.git`, else the current one. */
const char *store_folder(struct arena *arena);

/* Where the store is: --db, ASSAY_DB, else `.assay/assay.db` in the folder of the project. */
const char *store_path(struct arena *arena, const char *flag, const char *env);

/* --- writing --------------------------------------------------------------------------------------------------------------------- */

enum { STORE_WAIT_S = 30 };

/* BEGIN IMMEDIATE. *ret_busy = another process is writing: nothing began, try again next turn. wait_ms > 0: wait that long first (outside the loop). */
MUST_CHECK bool store_begin(struct store *store, int wait_ms, bool *ret_busy, struct err *err);
MUST_CHECK bool store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

/* Outside the loop: another process that is writing is waited for, STORE_WAIT_S at most (ERR_IO). */
MUST_CHECK bool store_begin_waiting(struct store *store, struct err *err);
/* Commits what is good, else rolls back; true when it was committed. */
MUST_CHECK bool store_end(struct store *store, bool is_good, struct err *err);

/* Around several reads, which else each take and give back the store's locks. For a moment, and nothing is written meanwhile. */
MUST_CHECK bool store_read_begin(struct store *store, struct err *err);
void store_read_end(struct store *store);

MUST_CHECK bool store_sync(struct store *store,
                           struct err *err); /* checkpoint: what was committed survives a power cut */

/* All of these inside a transaction. Records' seq is filled. An invocation id that exists: ERR_USAGE ("use resume"). */
MUST_CHECK bool store_add_invocation(struct store *store, struct invocation_record *inv, struct err *err);
MUST_CHECK bool store_update_invocation(struct store *store, const struct invocation_record *inv,
                                        struct err *err); /* state, finish, verdict, reason */
MUST_CHECK bool store_add_plan(struct store *store, struct plan_record *plan, struct err *err);
MUST_CHECK bool store_add_plan_cases(struct store *store, int64_t plan, const struct plan_case *cases, size_t count,
                                     struct err *err); /* ordinals ascending */
MUST_CHECK bool store_add_plan_case(struct store *store, int64_t plan, const struct plan_case *c, struct err *err);
MUST_CHECK bool store_finish_plan(struct store *store, const struct plan_record *plan,
                                  struct err *err); /* counts, digest */
/* Two cases of a plan with one id; *ret_found false when there is no such pair. Flat memory (1 MiB, or SQLite's sorter). */
MUST_CHECK bool store_find_duplicate_id(struct store *store, int64_t plan, struct arena *arena, bool *ret_found,
                                        struct plan_case ret[static 2], struct err *err);
/* By its place: a step. */
MUST_CHECK bool store_case_at(struct store *store, struct arena *arena, int64_t plan, uint64_t ordinal, bool *ret_found,
                              struct plan_case *ret, struct err *err);
/* A case of a plan by its id; fast when asked in plan order, else a scan. */
MUST_CHECK bool store_find_case(struct store *store, struct arena *arena, int64_t plan, struct str id, bool *ret_found,
                                struct plan_case *ret, struct err *err);
MUST_CHECK bool store_add_run(struct store *store, struct run_record *run,
                              struct err *err); /* creates the root span too */
MUST_CHECK bool store_update_run(struct store *store, const struct run_record *run,
                                 struct err *err); /* state, finish, verdict, summary */

/* The root span's end: output in words, integer score (-1 = null), meta JSON, and its own metrics ("answer.mean", "n_cases"). */
struct root_metric {
    struct str dimension;
    double value;
    struct str comment;
};
MUST_CHECK bool store_end_root(struct store *store, const struct run_record *run, struct str input, struct str output,
                               struct str meta, int span_score, const struct root_metric *metrics, size_t count,
                               struct err *err);

/* Result, scores (metrics) and texts of samples, in this order; each one's seq and run are filled. Input and expected are stored at the first
 * sample of their case, later ones' are not looked at. The unique key (run, ordinal, trial) of current records: a second one is ERR_BUG, unless
 * `attempt` is higher: then the older is marked superseded in the same transaction. */
struct sample_entry {
    const struct run_record *run;
    struct sample_record *sample;
};
MUST_CHECK bool store_add_samples(struct store *store, const struct sample_entry *entries, size_t count,
                                  struct err *err);
MUST_CHECK bool store_add_sample(struct store *store, const struct run_record *run, struct sample_record *sample,
                                 struct err *err); /* one */

/* --- reading --------------------------------------------------------------------------------------------------------------------- */

/* RUN as people write it: run or invocation id, unique prefix (4 hex or more), `latest`, `latest~2`, `latest/VARIANT`, `ID/VARIANT`, a label
 * `k=v` (the newest that has it), the name of a --run-id. Gives the runs of one invocation (all its suites and variants, or the one named), in
 * order. `latest` and labels mean finished ones unless `with_unfinished`. `latest/VARIANT` is a variant of the latest invocation, never an older
 * one's. A verdict of what is not finished reads as interrupted. Errors: ERR_EMPTY with what there is ("no run 'ab12'; newest: ..."); ERR_USAGE for an ambiguous prefix. */
MUST_CHECK bool store_find_runs(struct store *store, struct arena *arena, struct str name, bool with_unfinished,
                                struct run_record **ret, size_t *ret_count, struct err *err);
MUST_CHECK bool store_invocation(struct store *store, struct arena *arena, int64_t seq, struct invocation_record *ret,
                                 struct err *err);
MUST_CHECK bool store_plan(struct store *store, struct arena *arena, int64_t seq, struct plan_record *ret,
                           struct err *err);
MUST_CHECK bool store_runs_of(struct store *store, struct arena *arena, int64_t invocation, struct run_record **ret,
                              size_t *ret_count, struct err *err);
MUST_CHECK bool store_plans_of(struct store *store, struct arena *arena, int64_t invocation, struct plan_record **ret,
                               size_t *ret_count, struct err *err);

/* Runs newest first, at most `limit`, for `assay list`: by their invocation's end, an unfinished one by its start; then sequence. The runs of an
 * invocation stand together, in the order of suites and variants. The end of an imported run that is more than 5 minutes ahead of our clock
 * counts as its arrival. */
MUST_CHECK bool store_list_runs(struct store *store, struct arena *arena, size_t limit, struct run_record **ret,
                                size_t *ret_count, struct err *err);

/* Finished runs of one suite in finished invocations, newest first: what histories and baselines look at. */
struct suite_runs {
    struct str suite, variant; /* variant ptr NULL = all */
    struct str labels;         /* a JSON map: only invocations with every one of these labels; ptr NULL = any */
    bool only_full;            /* nothing was selected away */
    bool only_passed;
    bool only_original; /* no rescores: they are other opinions of samples that are here already */
    size_t limit;
};
MUST_CHECK bool store_suite_runs(struct store *store, struct arena *arena, const struct suite_runs *which,
                                 struct run_record **ret, size_t *ret_count, struct err *err);
/* The names of all suites, the one planned last first. */
MUST_CHECK bool store_suites(struct store *store, struct arena *arena, struct str **ret, size_t *ret_count,
                             struct err *err);

/* Current samples of a run in plan order. `errored` or `failed` narrow; case_id ptr NULL = all (many cases by id, asked for in plan order,
 * cost a step each; in another order a scan of the plan). Cursors read ahead a bounded piece and hold no transaction open: the store may be
 * written while one is read, and it goes on from its place. */
struct sample_filter {
    bool only_errored, only_failed; /* both set = either */
    struct str case_id;
    bool has_ordinal; /* only the case at this place of the plan: a step, in any order */
    uint64_t ordinal;
    struct str tag;     /* ptr NULL = all */
    bool without_texts; /* input, expected, output, meta and comments are not read: for figures */
};
MUST_CHECK bool store_samples(struct store *store, int64_t run, struct sample_filter filter, struct sample_cursor *ret,
                              struct err *err);

/* The same for counting: of each sample only ordinal, trial, state, pass, score and the scores without comments are filled; when asked for, the
 * case (id, digest, tags, cluster) and the measures of the call. About twice as fast. */
struct figure_fields {
    bool cases, measures;
};
MUST_CHECK bool store_figures(struct store *store, int64_t run, struct figure_fields fields, struct sample_cursor *ret,
                              struct err *err);

/* Figures that are put together from those of stored runs, for self-tests: while it is set, store_figures and store_plan ask it first. Each sets *ret_is_mine
 * and gives its own, or leaves it false: then the stored ones are meant. */
struct store_stand_in {
    bool (*figures)(void *context, int64_t run, struct figure_fields fields, bool *ret_is_mine,
                    struct sample_cursor *ret, struct err *err);
    bool (*plan)(void *context, int64_t plan, bool *ret_is_mine, struct plan_record *ret, struct err *err);
    void *context;
};
void store_set_stand_in(struct store *store, const struct store_stand_in *stand_in); /* borrowed; NULL = none */

/* Cases of a plan, ascending; the same shape as a cursor, for resume and merge. */
struct plan_cursor;
MUST_CHECK bool store_plan_cases(struct store *store, int64_t plan, struct plan_cursor **ret, struct err *err);
MUST_CHECK bool plan_cursor_next(struct plan_cursor *c, bool *ret_has, struct plan_case *ret,
                                 struct err *err); /* texts until the next call */
void plan_cursor_close(struct plan_cursor **c);

/* Whether any case of a plan names a cluster: reading them costs time where there are none. */
MUST_CHECK bool store_plan_has_clusters(struct store *store, int64_t plan, bool *ret, struct err *err);

/* Whether (run, ordinal, trial) has a current record, and its attempt and state: what resume leaves out. */
MUST_CHECK bool store_has_sample(struct store *store, int64_t run, uint64_t ordinal, uint32_t trial, bool *ret_has,
                                 uint32_t *ret_attempt, enum sample_state *ret_state, struct err *err);
MUST_CHECK bool store_count_samples(struct store *store, int64_t run, uint64_t *ret_recorded, uint64_t *ret_errored,
                                    struct err *err);

/* Numbers in ascending order (quantiles of a million cases) without holding them: up to 131072 (1 MiB) in memory, more in a scratch table on disk. Add all,
 * then read; reading ends adding. Finite values only. */
struct sorter;
MUST_CHECK bool store_sorter_new(struct store *store, struct sorter **ret, struct err *err);
MUST_CHECK bool sorter_add(struct sorter *s, double value, struct err *err);
MUST_CHECK bool sorter_value_at(struct sorter *s, uint64_t rank, double *ret,
                                struct err *err); /* rank from 1 of the ascending order */
void sorter_free(struct sorter **s);

/* --- locks ----------------------------------------------------------------------------------------------------------------------- */

/* An OS lock on one invocation, held while it runs: dies with its holder. ERR_USAGE names pid, host and start of who has it. */
struct store_lock {
    char *path; /* NULL = none */
    int fd;
};
MUST_CHECK bool store_lock(struct store *store, const struct uuid *invocation, struct store_lock *ret, struct err *err);
void store_unlock(struct store_lock *lock); /* for CLEANUP */

#endif
