#ifndef ASSAY_DATA_VALUE_H
#define ASSAY_DATA_VALUE_H

/* One tree for every text format: YAML and JSON are read into it, JSON is written from it. Numbers keep their digits as written. Every node
 * knows where it stood. A tree is immutable once read and lives in an arena. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

struct arena;
struct buf;

enum value_kind { VALUE_NULL, VALUE_BOOL, VALUE_NUMBER, VALUE_TEXT, VALUE_LIST, VALUE_MAP };

struct value {
    enum value_kind kind;
    bool boolean; /* of VALUE_BOOL */
    bool
        is_plain; /* a YAML scalar without quotes: still VALUE_TEXT; value_resolve gives it a type where any value may stand */
    bool is_double_quoted; /* YAML: backslash escapes were read */
    bool is_verbatim;      /* YAML: the file holds `text` so, on one line: places in it can be counted */
    uint32_t len;          /* items of a list or map */
    /* VALUE_TEXT: the text. VALUE_NUMBER: its digits as written (a JSON number). VALUE_LIST, VALUE_MAP: the compact JSON that was read, if it was that,
     * so that it can be written again as it is; ptr NULL in one that is made or changed. */
    struct str text;
    struct value *items; /* VALUE_LIST: items; VALUE_MAP: the values, in order of the file */
    struct value *keys;  /* VALUE_MAP: VALUE_TEXT nodes, with their places */
    struct src_pos pos;
};

const char *value_kind_name(enum value_kind kind); /* "text", "a list", ... as used in messages */

const struct value *value_get(const struct value *map, struct str key); /* NULL when absent or not a map */
struct value value_of_text(struct str text);                            /* quoted text; borrowed */
struct value value_of_number(struct arena *arena, double number);
struct value value_of_bool(bool boolean);
bool value_eq(const struct value *a,
              const struct value *b); /* by value: 1 = 1.0 = 1e0, order of keys is no difference */

/* Contract E: where any value may stand, a plain YAML scalar that is a JSON number, true, false, null or nothing is that; everything else, and
 * anything quoted, is text. Applied to the whole tree below `v`. */
struct value value_resolve(struct arena *arena, const struct value *v);

/* A copy that does not share memory with the source. */
struct value value_copy(struct arena *arena, const struct value *v);

/* As text in a template or a prompt: text as it is, numbers as written, true/false, compact JSON for lists and maps. False for null. */
bool value_append_text(struct buf *out, const struct value *v);

/* The number of a VALUE_NUMBER node as a double; false on overflow or another kind. */
bool value_number(const struct value *v, double *ret);

#endif
