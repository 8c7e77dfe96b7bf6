#ifndef ASSAY_WIRE_TRACE_H
#define ASSAY_WIRE_TRACE_H

/* Traces on the wire, read only: items of GET /traces, and GET /traces/{id} with its spans and their metrics.
 *
 * Traps of the API: input and output are strings here ("data" of a span), not any JSON as in GET /spans; scores are integers here too; a trace's span has no
 * trace_id, and metrics in it no span_id. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "wire/message.h"
#include "wire/metric.h"
#include "wire/time.h"

struct arena;
struct err;
struct json_writer;
struct value;

/* What the list tells of a trace, and the head of a whole one: of its root span. */
struct wire_trace {
    struct str id, name;
    struct str input, output; /* JSON text; on the wire strings */
    struct wire_time start, end;
    struct wire_int duration_ms;
    struct str status;
    struct wire_int total_tokens;
};

/* "data" of a span in a trace; what is known of a generation. */
struct wire_span_data {
    struct str input, output; /* JSON text; on the wire strings */
    struct wire_int total_tokens;
    struct str model, instructions, function;
    struct str tags; /* JSON text of a list of texts */
    struct wire_int score;
    struct str generation_id, observations;
    struct str scorer_context; /* JSON text of a map */
};

struct wire_trace_span {
    struct str id, parent_id, name, type;
    struct wire_time start, end;
    struct wire_int duration_ms;
    struct str error;
    struct str meta; /* JSON text of a map */
    struct wire_int score;
    struct wire_span_data data;
    struct wire_metric *metrics;
    size_t metric_count;
};

/* Answers. A whole trace is written piece by piece, for it may be long: begin, spans, end. */
void wire_trace_write_item(struct json_writer *w, const struct wire_trace *trace);
void wire_trace_begin(struct json_writer *w, const struct wire_trace *trace);
void wire_trace_write_span(struct json_writer *w, const struct wire_trace_span *span);
void wire_trace_end(struct json_writer *w);

/* Reading answers; texts in `arena`. False when there is no id. */
bool wire_trace_of(struct arena *arena, const struct value *map,
                   struct wire_trace *ret); /* an item of a page, or a whole one */
bool wire_trace_span_of(struct arena *arena, const struct value *map, struct wire_trace_span *ret);

/* The head of a whole trace and its spans, still as values. Errors: ERR_NET when it is no trace. */
bool wire_trace_read(struct arena *arena, struct str body, struct wire_trace *ret, const struct value **ret_spans,
                     size_t *ret_count, struct err *err);

#endif
