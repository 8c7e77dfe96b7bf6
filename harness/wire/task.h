#ifndef ASSAY_WIRE_TASK_H
#define ASSAY_WIRE_TASK_H

/* Calls as a server sees them: the request of POST /call and of a stored function, and the answer, whole or as a stream of events. (As a client sees
 * them: wire/call.h.) */

#include <stdbool.h>

#include "base/str.h"
#include "wire/message.h"

struct arena;
struct buf;
struct value;
struct wire_faults;

struct wire_task {
    struct str name, instructions;
    struct str input;                       /* JSON text */
    struct str input_schema, output_schema; /* JSON text of maps */
    struct str model;                       /* JSON text: a text, a map, or a list of these */
    struct str examples;                    /* JSON text of a list */
    struct str parent_span_id;              /* a UUID */
    struct str tags, configuration;         /* JSON text of maps */
};

/* POST /call wants a name; a stored function has its own, and takes input, examples, tags and parent alone. */
bool wire_task_read(struct arena *arena, struct str body, struct wire_task *ret, struct wire_faults *faults);
bool wire_task_read_stored(struct arena *arena, struct str body, struct wire_task *ret, struct wire_faults *faults);

/* The members that are given into an open map, in the API's names. */
struct json_writer;
void wire_task_write(struct json_writer *w, const struct wire_task *task);

struct wire_task_answer {
    struct str span_id;
    struct str message;      /* without output schema */
    struct str json_payload; /* JSON text; with one */
    struct wire_bool cached;
    struct str images;      /* JSON text of a list of texts */
    struct str usage, cost; /* JSON text */
};
void wire_task_answer_write(struct buf *out, const struct wire_task_answer *answer);

/* The same as server-sent events: the message in one piece, a payload leaf by leaf with its path ("people[0].name"). A stored function's events have
 * texts as pieces alone: `only_text`. */
void wire_task_answer_stream(struct buf *out, const struct wire_task_answer *answer, const struct value *payload,
                             bool only_text);

#endif
