#ifndef ASSAY_WIRE_FAULT_H
#define ASSAY_WIRE_FAULT_H

/* What is wrong with a request, and the error bodies that a server answers with: {"type", "message", "detail"}. For 422 the detail is a list of {"type",
 * "loc", "msg", "input"}, which is the native form of the framework that the service runs on; its documentation shows one such object. A client
 * reads either (wire/error.h). */

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "base/vec.h"

struct arena;
struct buf;
struct value;

/* What is wrong with a request: where ("body", "name"), in words, and the value. */
struct wire_fault {
    const char *type;  /* "missing", "string_type", ... */
    const char *part;  /* "body", "path", "query" */
    struct str member; /* ptr NULL = the whole part */
    struct str msg;
    struct str input; /* JSON text of at most WIRE_FAULT_INPUT_BYTES; ptr NULL = none, or longer */
};

enum { WIRE_FAULT_INPUT_BYTES = 1024 };

struct wire_faults {
    struct arena *arena;
    const char *part; /* of the faults added from now on */
    VEC(struct wire_fault) items;
};

/* Texts are borrowed; `input` may be NULL. Returns false. */
bool wire_fault_add(struct wire_faults *faults, const char *type, const char *member, struct str msg,
                    const struct value *input);

/* The body of an error: type and message as the API documents them for the status (400, 401, 403, 404, 405, 409, 413, 422, 429, 5xx). */
void wire_error_write(struct buf *out, unsigned status, struct str detail);
void wire_error_write_faults(struct buf *out, const struct wire_faults *faults); /* of a 422 */

#endif
