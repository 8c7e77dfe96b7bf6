#ifndef ASSAY_SERVE_LEDGER_H
#define ASSAY_SERVE_LEDGER_H

/* What `assay serve` was sent: spans, their metrics and feedback, the traces they make, and stored functions. A database of its own by the rules of
 * the journal's (store/query.h), never the journal itself.
 *
 * Changes are made between ledger_begin and ledger_commit, many requests in one transaction, and nobody is answered before its commit: killing
 * the process at any moment loses nothing that was answered.
 *
 * What the API leaves open is decided here:
 *   - a span made without trace gets its parent's; without a parent that is known, a trace of its own. Parents need not exist (yet).
 *   - a span that is sent again with the same content is there already (FOUND); with another content it is a CONFLICT.
 *   - a dimension stands once on a span: a second metric of it is a CONFLICT.
 *   - null changes nothing; meta is merged by its keys.
 *   - deleting a span deletes its metrics; its children stay. A trace without spans is gone.
 *   - traces are listed newest first, metrics and a trace's spans in the order they came.
 *
 * Errors: ERR_IO; the transaction is rolled back then. Texts of results are in the arena given. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/str.h"
#include "wire/metric.h"
#include "wire/span.h"
#include "wire/trace.h"

struct arena;
struct err;
struct store;

struct ledger {
    struct store *store;
};

enum ledger_outcome { LEDGER_FOUND, LEDGER_MISSING, LEDGER_CONFLICT };

MUST_CHECK bool ledger_open(struct ledger *ledger, struct arena *arena, const char *path, struct err *err);
void ledger_close(struct ledger *ledger); /* for CLEANUP */

/* *ret_busy: another process is writing; nothing began, try again in a later turn. */
MUST_CHECK bool ledger_begin(struct ledger *ledger, bool *ret_busy, struct err *err);
MUST_CHECK bool ledger_commit(struct ledger *ledger, struct err *err);
void ledger_rollback(struct ledger *ledger);

/* --- spans --------------------------------------------------------------------------------------------------------------------------- */

/* What is known of a call's span besides. */
struct ledger_generation {
    struct str model, instructions, function;
    struct str tags; /* JSON text of a list of texts */
    struct wire_int total_tokens;
};

/* `span` as it was sent; ids that it does not have are made, a start that it does not have is `now_us`. `generation` may be NULL. */
MUST_CHECK bool ledger_add_span(struct ledger *ledger, struct arena *arena, const struct wire_span *span,
                                const struct ledger_generation *generation, int64_t now_us, struct wire_span *ret,
                                enum ledger_outcome *ret_outcome, struct err *err);
MUST_CHECK bool ledger_span(struct ledger *ledger, struct arena *arena, const struct uuid *id, struct wire_span *ret,
                            enum ledger_outcome *ret_outcome, struct err *err);
MUST_CHECK bool ledger_change_span(struct ledger *ledger, struct arena *arena, const struct uuid *id,
                                   const struct wire_span *change, struct wire_span *ret,
                                   enum ledger_outcome *ret_outcome, struct err *err);
MUST_CHECK bool ledger_drop_span(struct ledger *ledger, const struct uuid *id, enum ledger_outcome *ret_outcome,
                                 struct err *err);
MUST_CHECK bool ledger_set_feedback(struct ledger *ledger, const struct uuid *id, struct str feedback,
                                    enum ledger_outcome *ret_outcome, struct err *err);

/* --- metrics of a span; MISSING: no such span, or no such metric on it ------------------------------------------------------------------- */

MUST_CHECK bool ledger_add_metric(struct ledger *ledger, struct arena *arena, const struct uuid *span,
                                  const struct wire_metric *metric, int64_t now_us, struct wire_metric *ret,
                                  enum ledger_outcome *ret_outcome, struct err *err);
MUST_CHECK bool ledger_metric(struct ledger *ledger, struct arena *arena, const struct uuid *span,
                              const struct uuid *id, struct wire_metric *ret, enum ledger_outcome *ret_outcome,
                              struct err *err);
MUST_CHECK bool ledger_change_metric(struct ledger *ledger, struct arena *arena, const struct uuid *span,
                                     const struct uuid *id, const struct wire_metric *change, struct wire_metric *ret,
                                     enum ledger_outcome *ret_outcome, struct err *err);
MUST_CHECK bool ledger_drop_metric(struct ledger *ledger, const struct uuid *span, const struct uuid *id,
                                   enum ledger_outcome *ret_outcome, struct err *err);

struct ledger_page {
    uint64_t offset, limit; /* offset <= INT64_MAX */
    uint64_t total;         /* filled: all that match */
    size_t count;           /* filled: items given */
};
MUST_CHECK bool ledger_metrics(struct ledger *ledger, struct arena *arena, const struct uuid *span,
                               struct ledger_page *page, struct wire_metric **ret, enum ledger_outcome *ret_outcome,
                               struct err *err);

/* --- traces -------------------------------------------------------------------------------------------------------------------------- */

/* `name` ptr NULL = all; else those whose root span's name holds it, whatever the case of its letters. */
MUST_CHECK bool ledger_traces(struct ledger *ledger, struct arena *arena, struct str name, struct ledger_page *page,
                              struct wire_trace **ret, struct err *err);
/* *ret_seq: of the trace, for its spans. */
MUST_CHECK bool ledger_trace(struct ledger *ledger, struct arena *arena, const struct uuid *id, struct wire_trace *ret,
                             int64_t *ret_seq, enum ledger_outcome *ret_outcome, struct err *err);
/* The next spans of a trace after `*after` (0 = from the start), with their metrics, at most `limit`; *after moves on. */
MUST_CHECK bool ledger_trace_spans(struct ledger *ledger, struct arena *arena, int64_t trace, int64_t *after,
                                   size_t limit, struct wire_trace_span **ret, size_t *ret_count, struct err *err);

/* --- stored functions; CONFLICT: the name is taken ------------------------------------------------------------------------------------------ */

struct wire_revision;
struct wire_stored_function;

MUST_CHECK bool ledger_add_function(struct ledger *ledger, struct arena *arena,
                                    const struct wire_stored_function *function, int64_t now_us,
                                    struct wire_stored_function *ret, enum ledger_outcome *ret_outcome,
                                    struct err *err);
/* `revision` NULL = the current one. */
MUST_CHECK bool ledger_function(struct ledger *ledger, struct arena *arena, const struct uuid *id,
                                const struct uuid *revision, struct wire_stored_function *ret,
                                enum ledger_outcome *ret_outcome, struct err *err);
MUST_CHECK bool ledger_function_by_name(struct ledger *ledger, struct arena *arena, struct str name,
                                        struct wire_stored_function *ret, enum ledger_outcome *ret_outcome,
                                        struct err *err);
/* A new revision, whatever changed. */
MUST_CHECK bool ledger_change_function(struct ledger *ledger, struct arena *arena, const struct uuid *id,
                                       const struct wire_stored_function *change, int64_t now_us,
                                       struct wire_stored_function *ret, enum ledger_outcome *ret_outcome,
                                       struct err *err);
MUST_CHECK bool ledger_drop_function(struct ledger *ledger, const struct uuid *id, enum ledger_outcome *ret_outcome,
                                     struct err *err);

enum ledger_sort { LEDGER_BY_NAME, LEDGER_BY_NAME_DOWN, LEDGER_BY_AGE, LEDGER_BY_AGE_DOWN };

/* `name` ptr NULL = all; else those whose name holds it. */
MUST_CHECK bool ledger_functions(struct ledger *ledger, struct arena *arena, struct str name, enum ledger_sort sort,
                                 struct ledger_page *page, struct wire_stored_function **ret, struct err *err);
MUST_CHECK bool ledger_revisions(struct ledger *ledger, struct arena *arena, const struct uuid *function,
                                 struct ledger_page *page, struct wire_revision **ret, enum ledger_outcome *ret_outcome,
                                 struct err *err);

#endif
