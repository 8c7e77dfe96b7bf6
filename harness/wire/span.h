#ifndef ASSAY_WIRE_SPAN_H
#define ASSAY_WIRE_SPAN_H

/* Spans on the wire: POST /spans, PATCH /spans/{id}, and the span that both answer, as GET does.
 *
 * Traps of the API that are settled here: input and output are any JSON when a span is made, and a string or null when it is changed (what is no text
 * goes as its JSON then); the score is an integer; null changes nothing; meta is always sent whole. */

#include <stdbool.h>

#include "base/str.h"
#include "wire/message.h"
#include "wire/time.h"

struct arena;
struct buf;
struct err;
struct value;
struct wire_faults;

/* Nothing is given where a member is none (wire/message.h). */
struct wire_span {
    struct str id, trace_id, parent_id; /* UUIDs */
    struct str name, type;
    struct wire_time start, end;
    struct str input, output; /* JSON text */
    struct str error;
    struct str meta; /* JSON text of a map */
    struct wire_int score;
    struct str feedback; /* JSON text of {"score", "comment"}; only GET tells it */
};

/* Requests: what is none is left out. A create needs a name. */
void wire_span_write_create(struct buf *out, const struct wire_span *span);
void wire_span_write_patch(struct buf *out,
                           const struct wire_span *span); /* id, trace_id, parent_id cannot be changed */

/* The answer: every member, null where it is none. */
void wire_span_write(struct buf *out, const struct wire_span *span, bool with_feedback);

/* False with faults of the part "body". */
bool wire_span_read_create(struct arena *arena, struct str body, struct wire_span *ret, struct wire_faults *faults);
bool wire_span_read_patch(struct arena *arena, struct str body, struct wire_span *ret, struct wire_faults *faults);

/* Errors: ERR_NET when it is no span (no id). Members of a kind that the API does not document are none. */
bool wire_span_read(struct arena *arena, struct str body, struct wire_span *ret, struct err *err);

/* POST /spans/{id}/feedback */
struct wire_feedback {
    struct str span_id;
    struct wire_number score; /* 0..1 */
    struct str comment;
    struct wire_bool save_to_dataset; /* of the request; none = as configured */
    struct wire_bool example_saved;   /* of the answer */
};
bool wire_feedback_read(struct arena *arena, struct str body, struct wire_feedback *ret, struct wire_faults *faults);
void wire_feedback_write(struct buf *out, const struct wire_feedback *feedback); /* the answer */
struct str wire_feedback_of_span(struct arena *arena,
                                 const struct wire_feedback *feedback); /* for wire_span.feedback */

#endif
