#ifndef ASSAY_RUN_IMPORT_H
#define ASSAY_RUN_IMPORT_H

/* Brings an export (docs/jsonl.md) into the store as the same runs: ids, scores and verdict as they were. Imported runs are read-only: no resume.
 *
 * The file is read twice: first every block is checked (form, order, count of samples, SHA-256), then all of it is stored in one transaction. So a
 * damaged file changes nothing. Memory is flat: one line at a time. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/str.h"
#include "model/record.h"

struct arena;
struct err;
struct store;

struct imported_run {
    struct uuid id;
    struct str suite, variant;
    int64_t finished_unix_ms; /* of its invocation, by the recorder's clock */
    uint64_t samples;
    struct str sha256; /* of its block; empty when the block has no end line */
    bool was_there;    /* the store had it already: the caller compares (import of equal content is no error) */
};

struct import_from {
    const char *path;
    const char *name;       /* in messages; NULL = path */
    bool is_partial;        /* a last block without its end line is taken as far as it goes */
    enum run_origin origin; /* ORIGIN_IMPORTED, ORIGIN_PULLED */
};

/* Errors: ERR_USAGE for a file that is no export or damaged, with file:line; ERR_IO. */
MUST_CHECK bool import_file(struct store *store, struct arena *arena, const struct import_from *from,
                            struct imported_run **ret, size_t *ret_count, struct err *err);

/* An export as if it were stored: read into a temporary store of its own, which the caller closes. import_open: the runs of one invocation, in order
 * of suites and variants. import_open_all: of any number, newest first (a saved baseline). Errors: as import_file; ERR_USAGE for a file that
 * holds runs of several invocations (import_open). */
MUST_CHECK bool import_open_all(struct arena *arena, const char *path, struct store **ret, struct run_record **ret_runs,
                                size_t *ret_count, struct err *err);
MUST_CHECK bool import_open(struct arena *arena, const char *path, struct store **ret, struct run_record **ret_runs,
                            size_t *ret_count, struct err *err);

#endif
