#ifndef ASSAY_DATA_FIELD_H
#define ASSAY_DATA_FIELD_H

/* Field tables: one row per key of a map in the suite language. The rows are the single source of parsing, of messages ("unknown key
 * 'asert': did you mean 'cases'?"), of `assay schema` and of `assay help`. A row names the key, its type, where it goes in the decoded
 * struct, whether it is required, its help, and (for sub-maps) the rows below.
 *
 * Fails closed: an unknown key, a wrong type, a missing required key, a value out of range are faults with a place. Decoding goes on after a
 * fault, so that one check shows all. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "data/template.h"
#include "data/value.h"

struct arena;
struct buf;
struct diag;
struct json_writer;

enum field_type {
    FIELD_BOOL,   /* bool: plain true or false only ("yes" gets a hint) */
    FIELD_COUNT,  /* uint64_t: digits; min, max */
    FIELD_NUMBER, /* struct field_number: a JSON number; min, max */
    FIELD_SHARE,  /* struct field_share: a count, or a share written "1%" */
    FIELD_TEXT, /* struct str: a scalar, quoted or plain, as its text; a `{{` is a fault, since nobody would read it */
    FIELD_NAME, /* struct str: FIELD_TEXT without control bytes, 1..LIMIT_ID_BYTES */
    FIELD_DURATION,  /* int64_t ns: 250ms 60s 5m 2h; without a unit: an error that offers one. 0 = unset */
    FIELD_RATE,      /* double per second: 20/s, 300/m, 1000/h. 0 = unset */
    FIELD_WORD,      /* int: index into `words` (NULL-ended); offset of an int */
    FIELD_VALUE,     /* const struct value *: any value, plain scalars resolved (contract E); a `{{` is a fault */
    FIELD_TEMPLATE,  /* struct template *: any value, with templates (`template_roots`) */
    FIELD_TEXT_LIST, /* struct field_texts: one text or a list of texts */
    FIELD_MAP,       /* struct inline at offset: a map decoded by `rows` */
    FIELD_MAPS,      /* struct field_list: a list of maps (or one map), each decoded by `rows` into item_size bytes */
    FIELD_CUSTOM     /* `parse` decodes the node itself; `schema` describes it */
};

struct field_number {
    double value;
    bool is_set;
};

struct field_share {
    double value; /* the count, or the share 0..1 */
    bool is_share, is_set;
};

struct field_texts {
    struct str *items;
    size_t len;
    struct src_pos pos;
    bool is_set;
};

struct field_list {
    void *items; /* array of the row's item_size */
    size_t len;
};

struct field_context {
    struct arena *arena; /* run arena: what is decoded lives there */
    struct diag *diag;
    void *user; /* for custom rows: the loader */
};

struct field {
    const char *key;
    enum field_type type;
    size_t offset;
    const char *help; /* one line, shown by help and schema */
    bool is_required;
    bool is_short_form;       /* a scalar (or list) in place of the map stands for this key: `- regex: 'x'` */
    double min, max;          /* COUNT, NUMBER: inclusive range when min < max */
    const char *default_text; /* shown, not applied: the struct's initial bytes are the default */
    const char *const *words; /* FIELD_WORD */
    unsigned template_roots;  /* FIELD_TEMPLATE: of enum template_root */
    bool template_secrets;    /* FIELD_TEMPLATE: env names that look secret are allowed */
    const struct field *rows; /* FIELD_MAP, FIELD_MAPS */
    size_t item_size;         /* FIELD_MAPS */
    bool (*parse)(struct field_context *ctx, const struct field *field, const struct value *node,
                  void *target); /* CUSTOM: target = struct + offset; faults to ctx->diag */
    void (*schema)(const struct field *field,
                   struct json_writer *w); /* CUSTOM: the value's JSON Schema, one JSON value */
    size_t set_offset;                     /* when has_set: a bool that becomes true where the key is present */
    bool has_set;
};

/* Tables end with a row whose key is NULL. */

/* Decodes `node` (a map, or a short form; NULL or nothing is the empty map) into `out`, which holds the defaults. `what` names it in messages
 * ("suite", "scorer 'regex'"); a table below adds its key: "suite: dataset: unknown key 'fil'". False when any fault was added. */
MUST_CHECK bool field_decode(struct field_context *ctx, const struct field *rows, const struct value *node,
                             const char *what, void *out);

const struct field *field_find(const struct field *rows, struct str key); /* NULL when unknown */

/* The keys of a table, NULL-ended, in the arena: for hints. */
const char *const *field_keys(struct arena *arena, const struct field *rows);

/* Single values, for command-line flags and custom rows; the same rules and sentences. The text of an error begins with "wants": "wants a
 * duration with a unit (250ms 60s 5m 2h), not '60'". Zero is a duration here; a table refuses it, because 0 there is "not given". */
MUST_CHECK bool field_parse_duration(struct str text, int64_t *ret_ns, struct err *err);
MUST_CHECK bool field_parse_rate(struct str text, double *ret_per_s, struct err *err);
MUST_CHECK bool field_parse_cost(struct str text, double *ret_usd, struct err *err); /* above zero */
MUST_CHECK bool field_parse_share(struct str text, struct field_share *ret, struct err *err);

/* One JSON Schema object (draft 2020-12) for the table: properties, required, additionalProperties false, descriptions. */
void field_schema(const struct field *rows, struct json_writer *w);

/* Help text: one line a key, indented by `indent`: key, type in words, default, help. Sub-tables are shown below their key when `deep`. */
void field_help(const struct field *rows, size_t indent, bool deep, struct buf *out);

#endif
