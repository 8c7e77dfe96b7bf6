#ifndef ASSAY_BASE_PATTERN_H
#define ASSAY_BASE_PATTERN_H

/* Regular expressions: PCRE2 with JIT where it can be had, UTF-8, \C and callouts refused. Lines end with \n unless the pattern says otherwise,
 * (*CRLF). An invalid byte in the subject is no error: it is one character, U+001A SUBSTITUTE, which "." matches and no letter does; places
 * are those in the subject as given.
 *
 * Time: PCRE2's match limit counts per start offset, not per search, and one counted step may read the whole subject, so limits alone are no
 * bound. A short subject is tried first by plain JIT code under a limit so low that even all start offsets together are quick; nearly every
 * search ends there. What meets that limit, and any long subject, is matched by code compiled with automatic callouts, in which we look at the
 * clock: at the deadline the search ends as PATTERN_LIMIT, at the end of a turn it stops between two start offsets as PATTERN_MORE and goes
 * on there in the next one. A single start offset is never left half done, so a turn may last longer by what one offset costs (at most
 * until the deadline). Patterns with \K or \G cannot be resumed; they are matched in one turn.
 *
 * Ownership: struct pattern is heap, freed with pattern_free; a search borrows pattern and subject. One thread. Several searches of one
 * pattern may be under way in turn. */

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
    uint64_t number;  /* which search of its pattern */
    size_t next;      /* where the next match may start */
    size_t from;      /* no match starts in next..from: there the next turn goes on */
    int64_t spent_ns; /* so far, over all matches, against LIMIT_PATTERN_MS */
    bool after_empty; /* the last match was empty: step on as Perl does */
    bool no_jit; /* the JIT stack was too small once: interpreted from here on. May be set after pattern_search_begin */
    bool is_watched; /* the low limit was met: with the clock from here on. May be set after pattern_search_begin */
    bool is_valid;   /* the subject is UTF-8 */
    bool is_over;    /* no more matches */
};

void pattern_search_begin(struct pattern_search *s, const struct pattern *p, struct str subject);

/* The next match from left to right, not overlapping; after PATTERN_NO_MATCH or PATTERN_LIMIT no more come. Works about `turn_ns` (0 = until done),
 * then PATTERN_MORE. `groups` receives the whole match and the groups, as many as `group_max` has room for; it is untouched when nothing
 * matched. */
enum pattern_status pattern_search_next(struct pattern_search *s, int64_t turn_ns, struct pattern_span *groups,
                                        size_t group_max);

#endif
