#ifndef ASSAY_WIRE_PATH_H
#define ASSAY_WIRE_PATH_H

/* The paths of the API, relative to its base URL ("https://HOST/v2"), to build and to match from one table. Ids are percent-encoded one segment at a
 * time: the function name `a/b c` travels as a%2Fb%20c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct buf;

enum wire_route {
    WIRE_SPANS,                    /* /spans */
    WIRE_SPAN,                     /* /spans/{span} */
    WIRE_SPAN_METRICS,             /* /spans/{span}/metrics */
    WIRE_SPAN_METRIC,              /* /spans/{span}/metrics/{metric} */
    WIRE_SPAN_FEEDBACK,            /* /spans/{span}/feedback */
    WIRE_SPAN_SAVE_EXAMPLES,       /* /spans/{span}/save_examples */
    WIRE_TRACES,                   /* /traces */
    WIRE_TRACE,                    /* /traces/{trace} */
    WIRE_CALL,                     /* /call */
    WIRE_CALL_STREAM,              /* /call/stream */
    WIRE_FUNCTIONS,                /* /functions */
    WIRE_FUNCTION_BY_NAME,         /* /functions/by-name/{name} */
    WIRE_FUNCTION,                 /* /functions/{function} */
    WIRE_FUNCTION_REVISIONS,       /* /functions/{function}/revisions */
    WIRE_FUNCTION_REVISION,        /* /functions/{function}/revisions/{revision} */
    WIRE_FUNCTION_CALL,            /* /functions/{function}/call */
    WIRE_FUNCTION_STREAM,          /* /functions/{function}/call/stream */
    WIRE_FUNCTION_STREAM_REVISION, /* /functions/{function}/call/stream/{revision} */
    WIRE_FUNCTION_CALL_REVISION,   /* /functions/{function}/call/{revision} */
    WIRE_ROUTE_COUNT
};

enum { WIRE_PATH_IDS = 2 };

/* Appends the path; as many ids as the route has, the rest is not looked at. */
void wire_path_write(struct buf *out, enum wire_route route, struct str first, struct str second);

struct wire_match {
    enum wire_route route;
    struct str ids[WIRE_PATH_IDS]; /* decoded */
};

/* `path` without its query. False: no such path, or a bad escape. */
bool wire_path_match(struct arena *arena, struct str path, struct wire_match *ret);

/* Query strings: ?a=b&c=d after the path; key by key. */
void wire_query_add(struct buf *out, const char *key, struct str value);
void wire_query_add_int(struct buf *out, const char *key, uint64_t value);

/* The first value of `key` in a query without its '?'. *ret ptr NULL = not there. False for a bad escape. */
bool wire_query_get(struct arena *arena, struct str query, const char *key, struct str *ret);

#endif
