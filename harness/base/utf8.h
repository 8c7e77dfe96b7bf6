#ifndef ASSAY_BASE_UTF8_H
#define ASSAY_BASE_UTF8_H

/* UTF-8: validity, code points, words, case folding (utf8proc), display width. Text from a model may hold anything; text in a suite is
 * valid UTF-8 or the suite is refused. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct buf;

bool utf8_is_valid(struct str s,
                   size_t *ret_bad_at); /* strict: no surrogates, no overlong forms, <= U+10FFFF; ret may be NULL */

/* Decodes the code point at `*at` and steps over it. Each byte that belongs to no well-formed sequence gives U+FFFD and a step of one, so a
 * step of 1 tells it from a U+FFFD in the text. False at the end. */
bool utf8_next(struct str s, size_t *at, uint32_t *ret_point);
size_t utf8_encode(uint32_t point, char ret[static 4]); /* bytes written, 1..4; what is no code point becomes U+FFFD */
void utf8_append(struct buf *out, uint32_t point);
void utf8_append_valid(struct buf *out, struct str s); /* invalid parts become U+FFFD */

size_t utf8_count(struct str s);       /* code points; an invalid byte counts one */
size_t utf8_count_words(struct str s); /* runs of non-blank characters, blanks as Unicode White_Space */
int utf8_width(uint32_t point);        /* terminal columns: 0, 1 or 2 */

/* Whether a digit right after this character belongs to its word ("v2", "x86_64"): digits, '_', letters of scripts with case. Caseless
 * letters do not join: Chinese, Japanese, Thai or Arabic text puts numbers beside them without a blank. */
bool utf8_joins_digits(uint32_t point);

/* Full case folding (Unicode CaseFolding C+F through utf8proc), canonical composition left as it is. Invalid parts become U+FFFD. */
void utf8_fold(struct buf *out, struct str s);

/* Cut to at most `max_bytes` at a character's border; the result is a slice. */
struct str utf8_cut(struct str s, size_t max_bytes);

#endif
