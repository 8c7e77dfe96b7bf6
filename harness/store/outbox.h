#ifndef ASSAY_STORE_OUTBOX_H
#define ASSAY_STORE_OUTBOX_H

/* What Opper has not received yet, and what of a run it is to receive.
 *
 * A row names an operation, not its payload: what is sent is rendered from the journal when it is sent. Rows of a sample are written in the
 * sample's transaction; a run that is only recorded here has none. Order is by seq: the root span first, then samples as they were recorded, the
 * root's end last. One row stands for all of a sample (create, metrics, update): what a crash leaves half done is looked up anyway before
 * anything is repeated, so rows of a finer grain would tell nothing more and cost an insert for every score.
 *
 *   queued --take--> in flight --drop--> (gone: confirmed)
 *                       |-- keep --> queued (not sent), unclear (may have been done), dead (refused for good; last_error says why)
 *
 * A row is in flight when the process that took it may have sent something of it. So what is in flight when nobody runs is unclear
 * (store_outbox_recover). Reading is flat: a bounded piece at a time. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/recording.h"

struct arena;
struct err;
struct root_metric;
struct run_record;
struct sample_record;
struct store;

/* --- what a run's recording is ------------------------------------------------------------------------------------------------------ */

struct recording {
    int64_t run;
    struct record_options options; /* as resolved when the run began: push renders by the same */
    struct str base_url;           /* of the service that gets it, "https://host/v2" */
    uint64_t spans, metrics; /* of samples, queued so far: what Opper is to hold in the end, the root's left out */
    bool has_ahead; /* spans of samples up to this place, in plan order, may exist before their sample is recorded */
    uint64_t ahead_ordinal;
    uint32_t ahead_trial;
};

MUST_CHECK bool store_add_recording(struct store *store, const struct recording *recording, struct err *err);
MUST_CHECK bool store_recording(struct store *store, struct arena *arena, int64_t run, bool *ret_found,
                                struct recording *ret, struct err *err);
/* In a transaction, before the first of these spans is created. */
MUST_CHECK bool store_mark_ahead(struct store *store, int64_t run, uint64_t ordinal, uint32_t trial, struct err *err);

/* --- rows --------------------------------------------------------------------------------------------------------------------------- */

enum outbox_op { /* stored numbers: only added to */
                 OUTBOX_ROOT_BEGIN = 1,
                 OUTBOX_SAMPLE,      /* create, metrics, update; or created complete, then metrics */
                 OUTBOX_SAMPLE_REST, /* its span exists: metrics, update */
                 OUTBOX_SUPERSEDED,  /* a later attempt took its place: its meta says so */
                 OUTBOX_ROOT_END,    /* metrics and update of the root, when nothing else of the run is left */
                 OUTBOX_METRIC,      /* dead rows only: one metric that was refused, `part` says which */
                 OUTBOX_UPDATE       /* dead rows only: the update that was refused */
};

enum outbox_state { OUTBOX_QUEUED, OUTBOX_IN_FLIGHT, OUTBOX_UNCLEAR, OUTBOX_DEAD };

struct outbox_row {
    int64_t seq, run;
    int64_t span; /* of a sample: its seq; 0 = the root */
    enum outbox_op op;
    enum outbox_state state;
    uint32_t tries;
    int64_t not_before_unix_ms; /* 0 = at once */
    int64_t part;               /* OUTBOX_METRIC: place among what the span is rendered to; else 0 */
    struct str last_error;      /* ptr NULL = none */
};

/* All of these inside a transaction. */

/* A recorded sample (its seq is filled), and, when it is a later attempt, the mark on the records that it superseded. Whoever adds some counts them, in the
 * same transaction: store_count_recorded. */
MUST_CHECK bool store_outbox_add_sample(struct store *store, const struct run_record *run,
                                        const struct sample_record *sample, enum outbox_op op, enum outbox_state state,
                                        int64_t *ret_seq, struct err *err);
/* That so many more spans of samples, with so many metrics, are to be on Opper. */
MUST_CHECK bool store_count_recorded(struct store *store, int64_t run, uint64_t spans, uint64_t metrics,
                                     struct err *err);
/* OUTBOX_ROOT_BEGIN, or OUTBOX_ROOT_END in place of one that still waits. */
MUST_CHECK bool store_outbox_add_root(struct store *store, int64_t run, enum outbox_op op, enum outbox_state state,
                                      struct err *err);
/* Of a run that goes on: what waited, or was refused, of its end as it was; and what was read back of it. */
MUST_CHECK bool store_outbox_drop_root_end(struct store *store, int64_t run, struct err *err);
/* A part that was refused for good. */
MUST_CHECK bool store_outbox_add_dead(struct store *store, const struct outbox_row *row, struct err *err);

/* Of all runs of an invocation: what was in flight is unclear now. Under the invocation's lock only. */
MUST_CHECK bool store_outbox_recover(struct store *store, int64_t invocation, struct err *err);

/* All of an invocation's runs anew, as unclear: whatever Opper holds of them is looked at, and put right. For a service that has lost something, or
 * another one (`base_url`). */
MUST_CHECK bool store_outbox_again(struct store *store, int64_t invocation, struct str base_url, struct err *err);

/* Refused ones of an invocation are tried again: as unclear, one row a span. What was read back of their runs is forgotten, as by store_outbox_again. */
MUST_CHECK bool store_outbox_revive(struct store *store, int64_t invocation, struct err *err);

/* The next rows after `after` that are queued or unclear and due, in order, at most `limit`: now in flight. *ret_scanned is where the next scan goes on;
 * *ret_later counts those passed over because they are not due. `state` of a row is what it was before. */
struct outbox_take {
    int64_t invocation, after, now_unix_ms;
    size_t limit;
    const int64_t *runs_not; /* rows of these stay where they are */
    size_t runs_not_count;
};
MUST_CHECK bool store_outbox_take(struct store *store, struct arena *arena, const struct outbox_take *take,
                                  struct outbox_row *rows, size_t *ret_count, int64_t *ret_scanned, size_t *ret_later,
                                  struct err *err);
/* Whether anything of the run but this row still is to be done (dead rows are not). */
MUST_CHECK bool store_outbox_is_last(struct store *store, const struct outbox_row *row, bool *ret, struct err *err);
/* The creation of the run's root, when that is not confirmed. */
MUST_CHECK bool store_outbox_find_root(struct store *store, int64_t run, bool *ret_found, enum outbox_state *ret_state,
                                       struct err *err);
MUST_CHECK bool store_outbox_drop(struct store *store, int64_t seq, struct err *err); /* confirmed */
MUST_CHECK bool store_outbox_keep(struct store *store, const struct outbox_row *row,
                                  struct err *err); /* op, state, tries, ... */

/* --- counting ----------------------------------------------------------------------------------------------------------------------- */

/* *ret_found false: the run is only recorded here. */
MUST_CHECK bool store_recording_counts(struct store *store, struct arena *arena, int64_t run, bool *ret_found,
                                       struct recording_counts *ret, struct err *err);

/* Of these the pending spans alone, for which no sample is read; 0 where the run is only recorded here. */
MUST_CHECK bool store_pending_spans(struct store *store, struct arena *arena, int64_t run, uint64_t *ret,
                                    struct err *err);

/* What a comparison with Opper came to; in a transaction. */
MUST_CHECK bool store_set_verified(struct store *store, int64_t run, const struct recording_counts *counts,
                                   struct err *err);

/* Invocations that a push has to do with, oldest first: with rows that wait (`with_dead`: or were refused); or judged "unrecorded" with nothing left that
 * would be: their process was killed before it could store that all is confirmed. */
MUST_CHECK bool store_outbox_invocations(struct store *store, bool with_dead, struct arena *arena, int64_t **ret,
                                         size_t *ret_count, struct err *err);

/* --- reading what is rendered --------------------------------------------------------------------------------------------------------- */

/* A sample by its span's seq, current or superseded, with texts and scores. */
MUST_CHECK bool store_sample(struct store *store, struct arena *arena, const struct run_record *run, int64_t span,
                             struct sample_record *ret, bool *ret_superseded, struct err *err);

/* Spans of a run that a later attempt took the place of. */
MUST_CHECK bool store_superseded(struct store *store, struct arena *arena, int64_t run, int64_t **ret,
                                 size_t *ret_count, struct err *err);

/* The root span as it was ended (store_end_root); *ret_ended false before. */
struct root_record {
    struct str input, output, meta;
    int span_score;              /* -1 = null */
    struct root_metric *metrics; /* by dimension */
    size_t metric_count;
};
MUST_CHECK bool store_root(struct store *store, struct arena *arena, int64_t run, bool *ret_ended,
                           struct root_record *ret, struct err *err);

#endif
