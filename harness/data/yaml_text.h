#ifndef ASSAY_DATA_YAML_TEXT_H
#define ASSAY_DATA_YAML_TEXT_H

/* What is looked at in a YAML text besides libyaml: its encoding, which libyaml would guess, and places in it. libyaml counts characters,
 * and ends lines at CR, NEL, U+2028 and U+2029 too; editors and our carets do not. Private to yaml_read.c. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

struct diag;

struct yaml_text {
    const char *file;
    struct str bytes; /* without the byte order mark at the start */
    size_t at;        /* a byte, the characters before it, and its place */
    size_t index;
    struct src_pos pos;
};

/* Takes a leading byte order mark off; refuses UTF-16 and UTF-32, bytes that are not UTF-8, another byte order mark, %TAG,
 * LIMIT_SUITE_BYTES. */
MUST_CHECK bool yaml_text_open(const char *file, struct str text, struct yaml_text *ret, struct diag *diag);

/* The place of a character by its number, and the byte where it begins (may be NULL). Cheap when asked in rising order. */
struct src_pos yaml_text_place(struct yaml_text *t, size_t index, size_t *ret_at);
struct src_pos yaml_text_place_of_byte(struct yaml_text *t, size_t at);

/* The line around a byte, without its end. */
struct str yaml_text_line(const struct yaml_text *t, size_t at);

#endif
