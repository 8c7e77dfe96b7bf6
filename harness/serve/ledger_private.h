#ifndef ASSAY_SERVE_LEDGER_PRIVATE_H
#define ASSAY_SERVE_LEDGER_PRIVATE_H

/* Inside the ledger: its queries' slots, and what its files share. */

#include "serve/ledger.h"
#include "store/query.h"
#include "store/store.h"

/* Statements that are kept prepared. */
enum ledger_slot {
    SLOT_FIND_SPAN = 2, /* begin and commit, which are the store's, have the first two */
    SLOT_ADD_SPAN,
    SLOT_CHANGE_SPAN,
    SLOT_SPAN,
    SLOT_ADD_GENERATION,
    SLOT_FIND_TRACE,
    SLOT_ADD_TRACE,
    SLOT_SET_ROOT,
    SLOT_ADD_METRIC,
    SLOT_METRIC,
    SLOT_CHANGE_METRIC,
    SLOT_COUNT_METRICS,
    SLOT_METRICS,
    SLOT_TRACE_SPANS,
    SLOT_FUNCTION_BY_NAME,
    SLOT_COUNT
};
_Static_assert((int)SLOT_COUNT <= (int)QUERY_SLOTS, "a slot for each");

/* A span by its id: *ret_seq 0 = there is none. */
struct ledger_place {
    int64_t seq, trace;
    bool is_root; /* without parent */
};
MUST_CHECK bool ledger_find(struct ledger *ledger, const struct uuid *id, struct ledger_place *ret, struct err *err);

/* The next columns. */
struct wire_time ledger_get_time(struct query *q);
struct wire_int ledger_get_int(struct query *q);
struct str ledger_get_id(struct query *q, struct arena *arena); /* as text; NULL gives none */
void ledger_put_time(struct query *q, struct wire_time time);
void ledger_put_int(struct query *q, struct wire_int value);

/* One row or none. */
MUST_CHECK bool ledger_step(struct query *q, enum ledger_outcome *ret_outcome, struct err *err);

/* The number that a query gives, once it is bound. */
MUST_CHECK bool ledger_count(struct query *q, uint64_t *ret, struct err *err);

/* A statement with one sequence number to bind. */
MUST_CHECK bool ledger_run(struct ledger *ledger, const char *sql, int64_t seq, struct err *err);

struct str ledger_changed(struct str before, struct str change); /* null changes nothing */

/* All metrics of a span, as a trace shows them: without span_id. */
MUST_CHECK bool ledger_all_metrics(struct ledger *ledger, struct arena *arena, int64_t span, struct wire_metric **ret,
                                   size_t *ret_count, struct err *err);

/* The trace of that id, made when there is none. */
MUST_CHECK bool ledger_trace_of(struct ledger *ledger, const struct uuid *id, int64_t *ret_seq, struct err *err);

/* A span is there now, has another name, or is gone: the trace's root and name follow. */
MUST_CHECK bool ledger_trace_settle(struct ledger *ledger, int64_t trace, struct err *err);

#endif
