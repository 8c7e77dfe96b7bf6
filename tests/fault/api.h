#ifndef ASSAY_TESTS_FAULT_API_H
#define ASSAY_TESTS_FAULT_API_H

/* Spans, metrics, traces and calls of Opper's API v2, in memory: enough to tell afterwards what a client made of it. Written without the product's own
 * knowledge of the API, so that the two check each other. What calls answer: server.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "tests/fault/request.h"

struct metric {
    struct str id, dimension, value, comment; /* value: a JSON number as written; comment: JSON */
    struct str created_at;
    int64_t created_ns;
    bool is_deleted;
};

/* Fields are JSON as it was sent; empty = never. */
enum { SPAN_FIELDS = 10 };
extern const char *const SPAN_FIELD_NAMES[SPAN_FIELDS];

struct span {
    struct span *next; /* in the order of creation */
    struct str id, trace_id, parent_id;
    struct str fields[SPAN_FIELDS];
    VEC(struct metric) metrics;
    uint64_t posts, patches;
    bool is_call, is_deleted;
};

struct api_options {
    const char *key;          /* NULL = any */
    bool repeat_span_is_ok;   /* 200 with the span that is there; else 409 */
    bool repeat_metric_is_ok; /* stored a second time; else 409 */
    bool parent_must_exist;   /* of a span; of a call it must, always */
    int64_t lag_ns;           /* a metric is not listed before */
};

struct api {
    struct arena arena;
    struct api_options options;
    struct map spans; /* by id */
    struct span *first, **end;
    uint64_t span_count, metric_count, next_id;
    struct map calls; /* times that an equal call came, by its body's digest */
};

struct answer {
    unsigned status;
    struct buf body;
};

void api_init(struct api *api, const struct api_options *options);
void api_deinit(struct api *api);

const char *api_kind(const struct request *r); /* "create-span", "call", ...: server.c has the list */

/* Does what is asked and fills the answer. */
void api_answer(struct api *api, const struct request *r, const char *kind, int64_t now_ns, int64_t unix_ms,
                struct answer *ret);

/* The final state, a JSON line a span. */
void api_dump(const struct api *api, struct buf *out);

#endif
