#ifndef ASSAY_BASE_STR_H
#define ASSAY_BASE_STR_H

/* A borrowed view of bytes: pointer and length, no terminator, any byte allowed (NUL too). Whoever made the bytes owns them; a view never
 * frees. The empty view may have a NULL pointer. Where "no text" differs from "empty text", ptr == NULL means none and the header says so. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *ptr;
    size_t len;
};

#define STR_NULL ((struct str){NULL, 0})
#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_ARG(s)                                                                                                     \
    ((int)((s).len > 0x7fffffff ? 0x7fffffff : (s).len)), ((s).ptr == NULL ? "" : (s).ptr) /* for "%.*s" */

/* The smallest ones stand here, so that they cost nothing where they are called: the length of a literal is known to the compiler. */

static inline struct str str_from(const char *text) /* NULL gives STR_NULL */
{
    return text == NULL ? STR_NULL : (struct str){text, strlen(text)};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_eq_cstr(struct str a, const char *b)
{
    return str_eq(a, str_from(b));
}

/* Where no text is not the empty one. */
static inline bool str_same(struct str a, struct str b)
{
    return a.ptr == NULL || b.ptr == NULL ? a.ptr == b.ptr : str_eq(a, b);
}

/* Clamped to the text. */
static inline struct str str_slice(struct str s, size_t from, size_t to)
{
    to = to > s.len ? s.len : to;
    return from >= to ? (struct str){s.ptr, 0} : (struct str){s.ptr + from, to - from};
}

int str_cmp(struct str a, struct str b); /* by bytes, then by length: <0, 0, >0 */
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
struct str str_trim(struct str s); /* ASCII blanks, tabs and line ends off both ends */
bool str_find(struct str s, struct str part, size_t *ret_at);
bool str_find_char(struct str s, char c, size_t *ret_at);
bool str_has_nul(struct str s);
bool str_has_control(struct str s); /* any byte below 0x20, or 0x7f */

/* Take the part before the first `separator` off `*rest`; false when nothing is left. "a,b" gives "a", then "b"; "a," gives "a", then "". */
bool str_split(struct str *rest, char separator, struct str *ret_part);

uint64_t str_hash(struct str s); /* for tables in memory; not stable over versions, never stored */

/* Damerau-Levenshtein distance (adjacent swaps count 1), at most `limit` + 1. For "did you mean". */
size_t str_distance(struct str a, struct str b, size_t limit);

/* The candidate nearest to `word` within 2 edits and a third of its length (at least 1); NULL when none. `candidates` ends with NULL. */
const char *str_nearest(struct str word, const char *const *candidates);

#endif
