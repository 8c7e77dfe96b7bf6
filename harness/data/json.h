#ifndef ASSAY_DATA_JSON_H
#define ASSAY_DATA_JSON_H

/* JSON in and out (RFC 8259).
 *
 * Reading: jsmn is a tokenizer, not a validator (in strict mode it still accepts 66 of JSONTestSuite's 188 invalid texts), so our own strict
 * pass comes first: grammar, UTF-8, surrogate pairs, depth (LIMIT_JSON_DEPTH), and the count of tokens; jsmn then tokenizes proven text
 * with exactly that many tokens. Errors: ERR_SUITE (a file of ours) with line and column of the first fault, counted from `origin`;
 * ERR_LIMIT for LIMIT_JSON_BYTES, _DEPTH and _NODES. A byte order mark is refused: whoever reads files takes it off.
 *
 * Writing: json_writer cannot emit a stray comma, an unescaped byte or a NaN. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

struct arena;
struct buf;
struct value;

enum json_source {
    JSON_OURS, /* suites, data rows, exports: duplicate keys and lone surrogates are errors */
    JSON_REPLY /* what a model or a service said: last duplicate wins, a lone surrogate becomes U+FFFD; see json_notes */
};

struct json_notes {
    bool had_duplicate_key, had_lone_surrogate;
};

/* `origin` is the place of the text's first byte (file, line, col; line 0 counts as 1:1); places of nodes count from there. notes may be
 * NULL. Texts without escapes, and numbers, are slices of `text`: it lives as long as the tree (value_copy cuts the tie). */
MUST_CHECK bool json_read(struct arena *arena, struct str text, enum json_source source, struct src_pos origin,
                          struct value *ret, struct json_notes *notes, struct err *err);

/* Members of a map, by their keys (at most JSON_MEMBERS_MAX): the whole text is checked as json_read(JSON_REPLY) does, but only these are made into trees:
 * for answers of which little is wanted, and most of the time of reading goes into the tree. ret[i] is NULL when there is no such member, and the nodes
 * have no places (line 0). *ret_is_map false: it is JSON, but no map, and has none. */
enum { JSON_MEMBERS_MAX = 16 };
MUST_CHECK bool json_read_members(struct arena *arena, struct str text, const char *const *keys, size_t count,
                                  const struct value **ret, bool *ret_is_map, struct err *err);

/* The text of one member of a map. *ret has ptr NULL when there is no such member or it is no text; else it is a slice of `text`, or in `arena`. False:
 * not JSON, or no map. */
MUST_CHECK bool json_text_member(struct arena *arena, struct str text, const char *key, struct str *ret);

enum { JSON_STACK = 130 };

struct json_writer {
    struct buf *out;
    uint8_t depth;
    bool has_item[JSON_STACK];
    bool after_key;
};

void json_writer_init(struct json_writer *w, struct buf *out);
void json_open_map(struct json_writer *w);
void json_close_map(struct json_writer *w);
void json_open_list(struct json_writer *w);
void json_close_list(struct json_writer *w);
void json_key(struct json_writer *w,
              const char *key); /* a word of ours: printable ASCII without quotes and backslashes */
void json_key_str(struct json_writer *w, struct str key);
void json_text(struct json_writer *w, struct str text); /* invalid UTF-8 becomes U+FFFD */
void json_number(struct json_writer *w, double value);  /* shortest round trip; NaN and infinity become null */
void json_int(struct json_writer *w, int64_t value);
void json_bool(struct json_writer *w, bool value);
void json_null(struct json_writer *w);
void json_value(struct json_writer *w, const struct value *v); /* numbers as written */
void json_raw(struct json_writer *w, struct str json);         /* text that is JSON already */

/* A member of a map: key and value in one. */
void json_put_text(struct json_writer *w, const char *key, struct str text);
void json_put_bytes(struct json_writer *w, const char *key, struct str bytes); /* as json_bytes */
void json_put_int(struct json_writer *w, const char *key, int64_t value);
void json_put_number(struct json_writer *w, const char *key, double value);
void json_put_number_or_null(struct json_writer *w, const char *key, bool has, double value);
void json_put_bool(struct json_writer *w, const char *key, bool value);
void json_put_time(struct json_writer *w, const char *key, int64_t unix_ms); /* RFC 3339 in UTC; 0 (not yet) = null */
void json_put_raw(struct json_writer *w, const char *key, struct str json);

/* Text, or {"base64": "..."} when it is not valid UTF-8 (contract D, jsonl). */
void json_bytes(struct json_writer *w, struct str bytes);
MUST_CHECK bool json_read_bytes(struct arena *arena, const struct value *v,
                                struct str *ret); /* the reverse; false when it is neither */

struct str json_compact(struct arena *arena, const struct value *v); /* the whole tree as one text */

/* Canonical form for digests: compact, keys sorted by bytes, numbers as written, no normalisation of text. */
void json_canonical(struct buf *out, const struct value *v);
void json_append_quoted(struct buf *out, struct str text); /* one JSON string */

#endif
