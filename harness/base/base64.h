#ifndef ASSAY_BASE_BASE64_H
#define ASSAY_BASE_BASE64_H

/* RFC 4648 base64 with padding. Reading is strict: whole groups, padding only at the end, no stray bits below it, so that every text of bytes has
 * one form. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct arena;
struct buf;

size_t base64_size(size_t bytes); /* characters, at least what base64_append writes */
void base64_append(struct buf *out, struct str bytes);
MUST_CHECK bool base64_decode(struct arena *arena, struct str text, struct str *ret);

#endif
