#ifndef ASSAY_TESTS_FAULT_REQUEST_H
#define ASSAY_TESTS_FAULT_REQUEST_H

/* A request as it came: slices of the bytes received. Content-Length only (no client of ours sends chunks). */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

struct request {
    struct str method, target; /* "POST", "/v2/spans?x=1" or "http://host/v2/..." (to a proxy) */
    struct str path, query;    /* of the target, without scheme and host */
    struct str head;           /* all of it, with the empty line */
    struct str authorization;  /* value of that header, empty = none */
    struct str body;
    bool wants_close;
};

enum request_parsed { REQUEST_PARTIAL, REQUEST_WHOLE, REQUEST_BAD };

/* The request at the beginning of `data`, which has head.len + body.len bytes. */
enum request_parsed request_parse(struct str data, struct request *ret);

/* "/v2/spans/ID/metrics" -> part 0 "v2", 1 "spans", ...; empty beyond the end. */
struct str request_path_part(struct str path, size_t index);

/* A number of the query; `otherwise` when it is not there. */
size_t request_query_number(struct str query, const char *name, size_t otherwise);
struct str request_query_text(struct str query, const char *name); /* as written; empty = not there */

#endif
