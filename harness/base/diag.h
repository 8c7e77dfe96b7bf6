#ifndef ASSAY_BASE_DIAG_H
#define ASSAY_BASE_DIAG_H

/* The list of faults of one load: a reader goes on after a fault, so that one `assay check` shows them all (up to LIMIT_FAULTS; the rest
 * is counted). Each fault has a place, a sentence, and often a hint. The texts of the files read are registered here, so that the line
 * under a fault can be shown without reading the file again (base/caret.h).
 *
 * Ownership: all in the arena given to diag_init, which outlives the list. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/vec.h"

struct arena;

struct fault {
    struct src_pos pos;
    uint32_t len;       /* characters to underline from pos; 0 or 1 = one caret */
    enum err_kind kind; /* ERR_SUITE, or what stopped the load (ERR_IO, ERR_LIMIT) */
    struct str text;    /* what is wrong, a sentence without full stop */
    struct str hint;    /* what to do; empty = none */
};

struct source {
    const char *file;
    struct str text;
};

struct diag {
    struct arena *arena;
    VEC(struct fault) faults;
    VEC(struct source) sources;
    size_t dropped; /* faults beyond LIMIT_FAULTS */
};

void diag_init(struct diag *d, struct arena *arena);
void diag_source(struct diag *d, const char *file, struct str text);

/* Adds a fault and returns false, so that `return diag_add(d, pos, "...")` is one line. */
PRINTF_LIKE(3, 4) bool diag_add(struct diag *d, struct src_pos pos, const char *format, ...);

/* Gives the newest fault a hint (the newest one that was kept; nothing when it was dropped). Returns false. */
PRINTF_LIKE(2, 3) bool diag_hint(struct diag *d, const char *format, ...);

/* The newest fault underlines `len` characters. Returns false. */
bool diag_span(struct diag *d, uint32_t len);

/* As a fault: the error's place, kind and text. `fallback` is the place when the error has none. Returns false. */
bool diag_add_err(struct diag *d, struct src_pos fallback, const struct err *err);

/* "did you mean 'x'?" when a name of the NULL-ended list is near; else the whole list when it is short. Returns false. */
bool diag_hint_nearest(struct diag *d, struct str word, const char *const *names);

bool diag_is_clean(const struct diag *d);

/* Sorts by file and place, for display; faults of equal place keep their order. */
void diag_sort(struct diag *d);

#endif
