#ifndef ASSAY_DATA_JSON_CHECK_H
#define ASSAY_DATA_JSON_CHECK_H

/* Whether a text is JSON (RFC 8259), strictly: one pass, no recursion, LIMIT_JSON_DEPTH levels. It goes before the tokenizer, which believes
 * nearly everything, and says what that and the builder of the tree then need to know. Private to json_*.c. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

struct json_shape {
    size_t nodes; /* values and keys: as many tokens as jsmn will make */
    bool has_newline, has_non_ascii, has_escape;
    bool has_lone_surrogate;
};

struct json_fault {
    enum err_kind kind; /* ERR_SUITE; ERR_LIMIT for the depth */
    size_t at;          /* byte */
    char text[160];     /* a sentence without full stop */
};

/* A member of the outermost map that is looked for on the way. */
struct json_member {
    struct str key;
    struct str text; /* as written, between its quotes; ptr NULL = it is not there, or no text */
};

/* Lone surrogates ("\ud800") are a fault unless `lone_surrogates_ok`. `member` may be NULL. */
MUST_CHECK bool json_check(struct str text, bool lone_surrogates_ok, struct json_member *member, struct json_shape *ret,
                           struct json_fault *fault);

/* From `at` over what a JSON string holds as it is, eight bytes at a time, to the first byte that it does not (a quote, a backslash, a control
 * character) or the end: most bytes of a data file are passed here. Sets *has_non_ascii when it passed any byte over 0x7f. */
size_t json_skip_plain(struct str text, size_t at, bool *has_non_ascii);

#endif
