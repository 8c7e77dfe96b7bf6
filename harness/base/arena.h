#ifndef ASSAY_BASE_ARENA_H
#define ASSAY_BASE_ARENA_H

/* Memory that is freed all at once. Three lifetimes use it: *run* (suite and options: immutable once loaded), *case* (request, output,
 * scores of one sample) and *scratch* (one message, one line; reset by whoever opened it). A function that allocates takes the arena as a
 * parameter, so the lifetime shows in its signature.
 *
 * Errors: none; out of memory ends the program (base/mem.h). Under AddressSanitizer every allocation is a malloc of its own, so that an
 * overrun is seen. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct arena_chunk;

struct arena {
    struct arena_chunk *head; /* newest first */
    size_t total_bytes;       /* what was handed out since the last reset */
};

#define ARENA_NULL ((struct arena){NULL, 0})

void arena_deinit(struct arena *a);
void arena_reset(struct arena *a); /* all allocations are gone; the largest chunk of ordinary size is kept */
void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type */
void *arena_copy(struct arena *a, const void *from, size_t size);
struct str arena_str(struct arena *a, struct str s); /* copies; the copy has a NUL after its end */
char *arena_cstr(struct arena *a, struct str s);     /* copies; NULL when `s` holds a NUL byte */
PRINTF_LIKE(2, 3) struct str arena_printf(struct arena *a, const char *format, ...);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_alloc_array((a), sizeof(type), (count)))
void *arena_alloc_array(struct arena *a, size_t item_size, size_t count); /* checked product */

#endif
