#ifndef ASSAY_WIRE_CALL_H
#define ASSAY_WIRE_CALL_H

/* Calls of Opper's API v2: the request of a task call (POST /call) and of a stored function (POST /functions/{id}/call[/{revision}]), and their
 * answer. Pure: text in, text out. What an answer other than 200 means: wire/reply.h. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"
#include "data/value.h"
#include "model/output.h"

struct arena;
struct buf;
struct call_result;

/* What is NULL (a text: ptr NULL) is left out. A stored function takes input, examples, tags and parent_span alone. */
struct wire_call {
    struct str name; /* of the task; ptr NULL = a stored function is called */
    struct str instructions;
    const struct value *input, *input_schema, *output_schema, *examples, *model, *tags, *configuration;
    struct str parent_span; /* UUID */
};

/* The body. A task call always says what it wants of the cache: `configuration` as given, and "invocation.cache.ttl": 0 unless that names it, so that
 * no setting stored under the task's name falsifies what is measured. */
void wire_call_write(struct buf *out, const struct wire_call *call);

/* Where it goes. `function` ptr NULL = a task call, `revision` ptr NULL = the current one. */
const char *wire_call_url(struct arena *arena, const char *base_url, struct str function, struct str revision);

/* "." and ".." are steps of a path to everybody on the way, however they are encoded. */
bool wire_segment_is_sendable(struct str segment);

struct wire_answer {
    struct str span_id;
    bool cached;
    bool has_message; /* without output schema */
    struct str message;
    const struct value *payload;               /* with one; NULL = none */
    const struct value *images, *usage, *cost; /* as sent; NULL = none */
    struct call_measures measures;             /* of usage and cost */
};

/* Reads the body of an answer with a status of 2xx. False: it is no answer of a call, and *ret_fault says what is wrong with it, for people, with the
 * start of the body. Texts are slices of it. */
MUST_CHECK bool wire_answer_read(struct arena *arena, const struct call_result *result, struct wire_answer *ret,
                                 struct str *ret_fault);

struct wire_function {
    struct str id, revision; /* revision: ptr NULL = not told */
};

MUST_CHECK bool wire_function_read(struct arena *arena, const struct call_result *result, struct wire_function *ret,
                                   struct str *ret_fault);

#endif
