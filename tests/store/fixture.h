#ifndef ASSAY_TESTS_STORE_FIXTURE_H
#define ASSAY_TESTS_STORE_FIXTURE_H

/* A store in a folder of its own, with an invocation, a plan and a run to write to. */

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

struct fixture {
    struct arena arena;
    char dir[64];
    const char *path; /* <dir>/.assay/assay.db */
    struct store *store;
    struct err err;
    struct invocation_record invocation;
    struct plan_record plan;
    struct run_record run;
};

/* The folder, no store yet. */
void fixture_init(struct fixture *f);
/* An open store with one run over `cases` cases (ids "case-0", "case-1", ...) in two dimensions, committed. */
void fixture_open(struct fixture *f, uint64_t cases, uint32_t trials);
void fixture_reopen(struct fixture *f, enum store_mode mode);
void fixture_deinit(struct fixture *f); /* closes, removes the folder */

void fixture_begin(struct fixture *f);
void fixture_commit(struct fixture *f);

/* An invocation named `name` (may be NULL) with one plan of `cases` cases and one run per variant (up to `variant_count`). In a transaction. */
void fixture_add_invocation(struct fixture *f, const char *name, const char *labels, struct invocation_record *ret);
void fixture_add_plan(struct fixture *f, int64_t invocation, const char *suite, uint64_t cases, uint32_t trials,
                      struct plan_record *ret);
void fixture_add_run(struct fixture *f, const struct invocation_record *inv, const struct plan_record *plan,
                     const char *variant, uint32_t position, struct run_record *ret);

/* A sample with texts and two scores made from its place; its texts live in the fixture's arena. */
struct sample_record fixture_sample(struct fixture *f, const struct run_record *run, uint64_t ordinal, uint32_t trial);
void fixture_add_samples(struct fixture *f, uint64_t from, uint64_t to); /* trial 1, one transaction */

/* Statements by plain SQL. */
void fixture_exec(struct fixture *f, const char *sql);
/* One number by plain SQL through a connection of its own. */
int64_t fixture_sql(struct fixture *f, const char *sql);
void fixture_sql_text(struct fixture *f, const char *sql, char *ret, size_t size);

#endif
