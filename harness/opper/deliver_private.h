#ifndef ASSAY_OPPER_DELIVER_PRIVATE_H
#define ASSAY_OPPER_DELIVER_PRIVATE_H

/* Inside delivery. deliver.c owns the window and its turns, deliver_rows.c brings rows of the outbox into it and back. Of one row deliver_item.c decides
 * what is sent next, deliver_answer.c and deliver_look.c what came of it. deliver_request.c makes the requests, deliver_ahead.c keeps the
 * spans that were created early. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/retry.h"
#include "base/rng.h"
#include "model/call.h"
#include "opper/deliver.h"
#include "opper/render.h"

/* One run. */
struct lane {
    const struct invocation_record *invocation;
    const struct run_record *run;
    struct recording recording; /* its ahead_* are those of earlier processes */
    bool root_is_there;         /* confirmed: others may name it as their parent */
    bool root_was_there;        /* before this process: its metrics may be, too */
    bool is_refused;            /* its root was: nothing of it can be sent */
    size_t in_window;           /* rows of this run */
    uint64_t new_spans;         /* in the transaction that is open */
    uint64_t new_metrics;
    bool has_mark, is_marked; /* has_mark: a place is to be stored; is_marked: it is */
    uint64_t mark_ordinal;
    uint32_t mark_trial;
};

/* One metric of a span. */
enum part_state { PART_TODO, PART_SENT, PART_DONE, PART_CHANGE };
struct part {
    enum part_state state;
    bool was_seen, is_equal; /* by a look */
    bool is_dead;            /* refused for good; its state is PART_DONE */
    bool is_in_conflict;     /* the service says that it is there */
    uint32_t vain_looks;     /* that have not found it since */
    struct str id;           /* of the metric that was seen; the oldest one */
    int64_t created_us;
};

struct item {
    struct item *next;
    struct outbox_row row; /* last_error is not kept here */
    struct lane *lane;
    struct ahead *ahead; /* its early creation is still under way */
    uint64_t done;       /* parts that are confirmed, the first 64: outlives the rendering; of others a look tells */
    bool all_done;       /* outlives it, too: all of them were when it ended */
    int64_t resume_ns;
    int64_t demanded_ns; /* Retry-After of this round; -1 = none */
    uint32_t rounds;     /* in a row that confirmed nothing */
    uint64_t dead;       /* of `done`: refused for good */
    uint32_t conflicts;  /* creations that were answered by: it is there */
    bool was_gone;       /* its span was, once */
    size_t outstanding;  /* requests under way */
    int64_t unsure_ns;   /* a request for a metric that left it open was under way until then, at most */
    int64_t look_ns;     /* when the last complete list of its metrics was asked for */
    bool exists;         /* its span is there */
    bool needs_update;
    bool may_be_bare;  /* it was to be created early, and nobody knows whether, or when, that is done */
    bool updates_last; /* it was refused beside metrics: once more when these are decided, and the row with them */
    bool is_unsure_of_span, is_unsure_of_metrics;
    bool has_sent;                          /* something of it may have arrived */
    bool has_failed, has_progress, is_dead; /* in this round */

    /* while it is under way */
    bool is_rendered;
    struct arena arena;
    struct rendered rendered;
    struct part *parts;
    struct str *extras; /* ids of metrics that are one too many in their dimension */
    size_t extra_count, extra_cap, extra_sent;
    uint64_t listed; /* metrics in the pages so far */
};

struct item_list {
    struct item *first, *last;
};

enum request_kind {
    REQUEST_CREATE,
    REQUEST_METRIC,
    REQUEST_CHANGE_METRIC,
    REQUEST_DROP_METRIC,
    REQUEST_UPDATE,
    REQUEST_LOOK_SPAN,
    REQUEST_LOOK_METRICS
};

struct request {
    struct request *next, **link; /* of those under way, or of the spare ones (next only) */
    struct item *item;            /* NULL: of `ahead` */
    struct ahead *ahead;
    enum request_kind kind;
    size_t part;
    struct call call;
    struct buf text; /* the url, a NUL, the body */
};

/* A span created before its sample is recorded. Its creation is tried once: it only is what a call may hang on. */
enum ahead_state {
    AHEAD_WANTED, /* the mark that it may exist is not stored yet */
    AHEAD_READY,  /* may be sent */
    AHEAD_SENT,
    AHEAD_THERE,
    AHEAD_NOT, /* certainly not there */
    AHEAD_UNSURE
};

struct ahead {
    struct ahead *bucket_next, *queue_next;
    struct uuid span;
    struct lane *lane;
    enum ahead_state state;
    uint64_t ordinal;
    uint32_t trial;
    int64_t row;       /* of the recorded sample; 0 = not recorded yet */
    struct item *item; /* when that row is in the window */
    char *case_id;     /* heap */
};

struct ahead_list { /* in plan order */
    struct ahead *first, *last;
};

enum { AHEAD_BUCKETS = 1024 };

/* A change of the outbox that waits for the next transaction. */
enum write_kind { WRITE_DROP, WRITE_KEEP, WRITE_DEAD_PART };
struct write {
    struct write *next;
    enum write_kind kind;
    struct outbox_row row;
    char *error; /* heap; NULL = none */
};

struct delivery {
    struct delivery_order order;
    struct arena arena; /* lanes, addresses */
    struct lane *lanes;
    size_t lane_count;
    int64_t *refused; /* runs of refused lanes */
    size_t refused_count;
    struct rng rng;
    struct retry_budget budget;

    struct item_list ready, waiting, parked, spare;
    size_t window; /* rows taken */
    size_t active; /* of these rendered */
    size_t active_bytes;
    struct request *sent, *spare_requests;
    size_t in_flight;
    struct arena scratch; /* of the answer that is being read */

    struct ahead *buckets[AHEAD_BUCKETS];
    struct ahead_list ahead_wanted, ahead_ready;
    size_t ahead_count, ahead_sent;

    struct write *writes, **writes_end;
    size_t write_count;
    int64_t oldest_write_ns;
    struct outbox_row *taken; /* in the transaction that is open */
    size_t taken_count, taken_limit, taken_later, taken_source;
    int64_t taken_scanned;
    struct arena taken_arena;

    size_t source; /* the invocation whose rows are looked at */
    int64_t after; /* of these, rows up to here were */
    bool has_more; /* behind it, or of later invocations */
    size_t later;  /* rows that went back for later */
    int64_t rescan_ns, took_ns;

    unsigned failures; /* in a row, over all requests */
    uint32_t probes;
    int64_t probe_ns;
    bool is_stopped, is_closing, is_blocked;
    bool is_reading; /* in this turn samples are read, in one transaction */
    struct buf reason;
    int64_t opened_ns, now_ns, progress_ns;
    uint64_t requests, confirmed;
};

/* --- deliver.c ------------------------------------------------------------------------------------------------------------------------- */

void item_push(struct item_list *list, struct item *item);
void item_push_first(struct item_list *list, struct item *item);
struct item *item_new(struct delivery *d);
void item_wait(struct delivery *d, struct item *item); /* until its resume_ns */
struct item *item_pop(struct item_list *list);
struct lane *delivery_lane(struct delivery *d, int64_t run);
void delivery_succeeded(struct delivery *d, bool is_progress);     /* is_progress: something was confirmed */
void delivery_failed(struct delivery *d, struct str words);        /* something went wrong that may go right later */
bool delivery_is_out(const struct delivery *d);                    /* nothing succeeds any more: only probes */
void delivery_forget_item(struct delivery *d, struct item *item);  /* its row is decided; out of the window */
void delivery_unpark(struct delivery *d, const struct lane *lane); /* NULL = all */

/* --- deliver_rows.c -------------------------------------------------------------------------------------------------------------------- */

enum { DELIVER_TAKE_ROWS = 256 };

void delivery_row_added(struct delivery *d, int64_t seq);
/* A change of the outbox; `error` may be empty. */
void delivery_add_write(struct delivery *d, enum write_kind kind, const struct outbox_row *row, struct str error);
void delivery_free_writes(struct delivery *d);
int64_t
delivery_next_write_ns(const struct delivery *d); /* when rows are to be taken, or changes written, by time alone */
void delivery_rescan(struct delivery *d);         /* when it is time for what went back for later */
void delivery_refuse_lane(struct delivery *d, struct lane *lane); /* its rows go back to the outbox, and stay there */

/* --- deliver_item.c -------------------------------------------------------------------------------------------------------------------- */

enum { ITEM_DONE_BITS = 64 };

void item_begin(struct delivery *d, struct item *item); /* from its row */
enum item_next { ITEM_SENT, ITEM_BLOCKED, ITEM_PARKED, ITEM_WAITS, ITEM_OVER };
MUST_CHECK bool item_step(struct delivery *d, struct item *item, const struct call_port *port, enum item_next *ret,
                          struct err *err);
void item_unrender(struct delivery *d, struct item *item);
void item_part_done(struct item *item, size_t part);
void item_part_dead(struct item *item, size_t part);
bool item_has_parts(const struct item *item); /* that are not confirmed, or refused */

/* --- deliver_answer.c ------------------------------------------------------------------------------------------------------------------ */

void item_answer(struct delivery *d, struct item *item, struct request *request, const struct call_result *result);
enum outbox_state item_state_to_keep(const struct item *item);

/* --- deliver_look.c -------------------------------------------------------------------------------------------------------------------- */

void item_look_at_span(struct item *item, const struct wire_span *span);
bool item_look_at_page(struct item *item, struct str body); /* of its metrics; false: it cannot be read */
void item_span_is_gone(struct item *item);
void item_was_there(struct item *item); /* somebody else made its span */

/* --- deliver_request.c ----------------------------------------------------------------------------------------------------------------- */

/* False: the port takes no more. */
bool request_send(struct delivery *d, const struct call_port *port, struct item *item, enum request_kind kind,
                  size_t part);
bool request_send_ahead(struct delivery *d, const struct call_port *port, struct ahead *ahead);
void request_free(struct delivery *d, struct request *request);

/* --- deliver_ahead.c ------------------------------------------------------------------------------------------------------------------- */

struct ahead *ahead_find(const struct delivery *d, const struct uuid *span);
struct ahead *ahead_of_row(const struct delivery *d, int64_t row); /* recorded, and still under way */
void ahead_marks_stored(struct delivery *d);
void ahead_send(struct delivery *d, const struct call_port *port, int64_t until_ns);
void ahead_answer(struct delivery *d, struct ahead *ahead, const struct call_result *result);
void ahead_free_all(struct delivery *d);

#endif
