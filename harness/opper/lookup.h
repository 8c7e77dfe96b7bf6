#ifndef ASSAY_OPPER_LOOKUP_H
#define ASSAY_OPPER_LOOKUP_H

/* Looking a run up on Opper: the requests of `assay pull`, and the list of traces that they answer with. What a root or a trace says is read by pulled.h.
 *
 * A call's strings live in `arena`. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/str.h"
#include "model/call.h"

struct arena;
struct err;
struct service;

#define LOOKUP_TRACE_BYTES (8ull << 30) /* of one trace: a file holds it */

/* GET /spans/{root of the run} */
struct call lookup_root(struct arena *arena, const struct service *service, const struct uuid *run);
/* GET /traces/{run}, into `file` */
struct call lookup_trace(struct arena *arena, const struct service *service, const struct uuid *run, int file);
/* GET /traces?name=SUITE&offset= */
struct call lookup_traces(struct arena *arena, const struct service *service, struct str suite, uint64_t offset);

bool lookup_is_transient(const void *unused, const struct call_result *result);

/* True when the answer is there to be read. *ret_is_missing: it is a 404. Else an error with the service's words; `what` names what was asked for. */
MUST_CHECK bool lookup_check(struct arena *arena, const struct service *service, const struct call *call,
                             const struct call_result *result, const char *what, bool *ret_is_missing, struct err *err);

/* A trace that is named like a run of the suite: "SUITE [VARIANT]". The filter of the list is a part of the name, in any case. */
struct lookup_run {
    struct uuid id;
    struct str variant;
    int64_t started_us; /* 0 = not known */
};

struct lookup_page {
    struct lookup_run *runs;
    size_t run_count;
    struct uuid first; /* of the page, whoever's it is: a service that does not go on at an offset is known by it */
    uint64_t next_offset;
    bool is_last;
};

/* The page that was asked for with `offset`. */
MUST_CHECK bool lookup_read_page(struct arena *arena, struct str body, struct str suite, uint64_t offset,
                                 struct lookup_page *ret, struct err *err);

#endif
