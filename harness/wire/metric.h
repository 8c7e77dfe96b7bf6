#ifndef ASSAY_WIRE_METRIC_H
#define ASSAY_WIRE_METRIC_H

/* Span metrics on the wire: one dimension, one number, one comment. Values are any finite double and keep their bits. The client cannot choose the id,
 * and whether a dimension may stand twice on a span is not documented: use each once, and look before a repeat. */

#include <stdbool.h>

#include "base/str.h"
#include "wire/message.h"
#include "wire/time.h"

struct arena;
struct buf;
struct err;
struct json_writer;
struct value;
struct wire_faults;

struct wire_metric {
    struct str id, span_id; /* UUIDs */
    struct str dimension;
    struct wire_number value;
    struct str comment;
    struct wire_time created;
};

/* POST and PATCH take the same members; a create needs dimension and value. What is none is left out. */
void wire_metric_write_request(struct buf *out, const struct wire_metric *metric);

/* The answer; inside a page or a trace by its writer (no span_id in a trace). */
void wire_metric_write(struct json_writer *w, const struct wire_metric *metric, bool in_trace);

bool wire_metric_read_create(struct arena *arena, struct str body, struct wire_metric *ret, struct wire_faults *faults);
bool wire_metric_read_patch(struct arena *arena, struct str body, struct wire_metric *ret, struct wire_faults *faults);

/* Errors: ERR_NET when it is no metric (no id). */
bool wire_metric_of(struct arena *arena, const struct value *map,
                    struct wire_metric *ret); /* an item of a page or trace */

#endif
