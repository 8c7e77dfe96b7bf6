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
    size_t nodes;                /* values and keys: as many tokens as jsmn will make */
    bool is_map;                 /* the whole */
    bool has_blank, has_newline; /* between the values */
    bool has_non_ascii, has_escape;
    bool has_lone_surrogate;
};

struct json_fault {
    enum err_kind kind; /* ERR_SUITE; ERR_LIMIT for the depth */
    size_t at;          /* byte */
    char text[160];     /* a sentence without full stop */
};

/* Members of the outermost map that are looked for on the way. */
struct json_member {
    struct str key;
    struct str written; /* out: its value as it stands there; of two the last one counts; ptr NULL = it is not there */
    size_t nodes;       /* out: as in json_shape, of the value */
};

struct json_wanted {
    struct json_member *members;
    size_t count;
    bool has_escaped_key; /* out: a key is written with escapes, so that it may be one of these all the same */
};

/* Lone surrogates ("\ud800") are a fault unless `lone_surrogates_ok`. `wanted` may be NULL. */
MUST_CHECK bool json_check(struct str text, bool lone_surrogates_ok, struct json_wanted *wanted, struct json_shape *ret,
                           struct json_fault *fault);

/* From `at` over what a JSON string holds as it is, eight bytes at a time, to the first byte that it does not (a quote, a backslash, a control
 * character) or the end: most bytes of a data file are passed here. Sets *has_non_ascii when it passed any byte over 0x7f. */
size_t json_skip_plain(struct str text, size_t at, bool *has_non_ascii);

#endif
