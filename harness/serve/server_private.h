#ifndef ASSAY_SERVE_SERVER_PRIVATE_H
#define ASSAY_SERVE_SERVER_PRIVATE_H

/* Inside the server: requests on their way through it, and the endpoints' table. */

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "io/signals.h"
#include "serve/answerer.h"
#include "serve/ledger.h"
#include "serve/listener.h"
#include "serve/pages.h"
#include "serve/server.h"
#include "wire/fault.h"
#include "wire/path.h"
#include "wire/task.h"

struct err;
struct request;

struct server {
    const struct server_options *options;
    const struct server_events *events;
    const struct clock *clock;
    struct arena arena;
    struct loop *loop;
    struct signals signals;
    struct perform *perform;
    struct listener *listener;
    struct ledger ledger;
    struct answerer answerer;
    struct pages pages;
    struct request *due, **due_end; /* to be carried out in the next transaction */
    size_t programs;                /* asked for, and not read yet */
    int64_t busy_until_ns;          /* the database was busy: not before */
    bool has_said_failure;
};

/* A step of a request inside the transaction. False: the database failed. Otherwise it has filled the exchange's answer, or set `job` and the next
 * step. */
typedef bool (*request_step)(struct request *r, struct err *err);

/* An endpoint: who takes which method of which path. */
struct endpoint {
    enum wire_route route;
    const char *method;
    request_step step;
};

struct request {
    struct request *next;
    struct server *server;
    struct exchange *x;
    struct arena *arena; /* the exchange's */
    request_step step;
    struct wire_match match;
    struct uuid ids[WIRE_PATH_IDS]; /* where the route's ids are UUIDs */
    struct wire_faults faults;
    int64_t now_us;
    struct answer_job *job; /* a call that wants an answer */
    void *state;            /* the step's own */
};

/* What the request is: its endpoint, its ids, its key. False: the exchange has its answer (401, 404, 405, 422). */
bool request_begin(struct request *r);

/* Answers. */
void reply_error(struct request *r, unsigned status, const char *format, ...) PRINTF_LIKE(3, 4);
void reply_faults(struct request *r);                                   /* 422 */
bool reply_missing(struct request *r, const char *what, struct str id); /* 404 "Span ID not found"; returns true */

/* A parameter of the query; ptr NULL = not given. False: the exchange has its answer. */
bool request_query(struct request *r, const char *key, struct str *ret);

/* offset and limit. False: the exchange has its answer. */
bool request_page(struct request *r, uint64_t default_limit, struct ledger_page *ret);

extern const struct endpoint ENDPOINTS[]; /* ends with step NULL */

/* api_spans.c */
bool span_create(struct request *r, struct err *err);
bool span_get(struct request *r, struct err *err);
bool span_change(struct request *r, struct err *err);
bool span_delete(struct request *r, struct err *err);
bool span_feedback(struct request *r, struct err *err);
bool span_save_examples(struct request *r, struct err *err);

/* api_metrics.c */
bool metric_create(struct request *r, struct err *err);
bool metric_list(struct request *r, struct err *err);
bool metric_get(struct request *r, struct err *err);
bool metric_change(struct request *r, struct err *err);
bool metric_delete(struct request *r, struct err *err);

/* api_traces.c */
bool trace_list(struct request *r, struct err *err);
bool trace_get(struct request *r, struct err *err);

/* api_calls.c */
bool call_task(struct request *r, struct err *err);
bool call_function(struct request *r, struct err *err);

/* api_functions.c */
bool function_create(struct request *r, struct err *err);
bool function_list(struct request *r, struct err *err);
bool function_get(struct request *r, struct err *err); /* of a revision, too */
bool function_by_name(struct request *r, struct err *err);
bool function_change(struct request *r, struct err *err);
bool function_delete(struct request *r, struct err *err);
bool function_revisions(struct request *r, struct err *err);

#endif
