#ifndef ASSAY_BASE_PATTERN_H
#define ASSAY_BASE_PATTERN_H

/* Regular expressions: PCRE2 with JIT where it can be had, UTF-8, invalid bytes in the subject never match and never fail, \C and callouts
 * refused. Limits hold: PCRE2's match limit counts per start offset, not per search, so a search walks its start offsets in windows
 * (PCRE2_USE_OFFSET_LIMIT), doubling a window while a call takes under 5 ms and halving it otherwise, and looks at the clock between them. A
 * search is therefore a small state machine that stops near its deadline and can be continued in the next turn of the event loop.
 *
 * Ownership: struct pattern is heap, freed with pattern_free; a search borrows pattern and subject. One thread. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct err;
struct pattern;

/* `flags`: letters of "imsx" (PCRE2_CASELESS, MULTILINE, DOTALL, EXTENDED); another letter is an error. `full`: the whole subject has to match.
 * Errors: ERR_SUITE with "<reason> at byte N" (N within the pattern, from 0 in *ret_offset when not NULL). */
MUST_CHECK bool pattern_compile(struct str text, struct str flags, bool full, struct pattern **ret, size_t *ret_offset,
                                struct err *err);
void pattern_free(struct pattern *p);
void pattern_free_at(struct pattern **p); /* for CLEANUP */
uint32_t pattern_group_count(const struct pattern *p);
bool pattern_group_number(const struct pattern *p, struct str name, uint32_t *ret); /* a named group */

/* Appends `text` so that it matches literally, whatever flags are on (x included). */
struct buf;
void pattern_quote(struct buf *out, struct str text);

struct pattern_span {
    size_t start, end; /* bytes in the subject; start == SIZE_MAX when the group took no part */
};

enum pattern_status {
    PATTERN_MATCH,
    PATTERN_NO_MATCH,
    PATTERN_MORE, /* the turn's time is over: call again */
    PATTERN_LIMIT /* match, depth, heap limit or the deadline: not the same as no match */
};

struct pattern_search {
    const struct pattern *pattern;
    struct str subject;
    size_t next; /* where the next match may start */
    size_t window_from, window_bytes;
    int64_t spent_ns; /* so far, against LIMIT_PATTERN_MS */
    bool after_empty; /* the last match was empty: step on as Perl does */
    bool no_jit;      /* the JIT stack was too small once: interpreted from here on */
};

void pattern_search_begin(struct pattern_search *s, const struct pattern *p, struct str subject);

/* The next match from left to right, not overlapping. Works at most `turn_ns` (0 = until done), then PATTERN_MORE. `groups` receives the whole
 * match and the groups, as many as `group_max` has room for. */
enum pattern_status pattern_search_next(struct pattern_search *s, int64_t turn_ns, struct pattern_span *groups,
                                        size_t group_max);

#endif
