#ifndef ASSAY_WIRE_ERROR_H
#define ASSAY_WIRE_ERROR_H

/* Error bodies of Opper's API, as words for people.
 *
 * Shape:  documented is {"type", "message", "detail": any}; met are also {"detail": "..."}, the 422 list [{"loc": [...], "msg": "..."}] or one such
 *         object, {"error": "..."} and {"error": {"message": "..."}} of gateways in between, an HTML page, and nothing.
 * Result: one line of valid UTF-8, escaped as for a terminal, at most WIRE_ERROR_BYTES. The message comes first, the detail after it where it says
 *         more; never empty. */

#include <stddef.h>

#include "base/str.h"

struct arena;

enum { WIRE_ERROR_BYTES = 4096, WIRE_START_BYTES = 200 };

struct str wire_error_words(struct arena *arena, struct str body);

/* The first WIRE_START_BYTES of a body that is not what was asked for, in quotes, escaped; with "..." where it goes on; "(empty)" for nothing. */
struct str wire_body_start(struct arena *arena, struct str body);

#endif
