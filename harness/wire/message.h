#ifndef ASSAY_WIRE_MESSAGE_H
#define ASSAY_WIRE_MESSAGE_H

/* A message of the API as a table: one row a member gives its JSON name, its kind, and where it stands in our record. The same rows write and read,
 * so that what one end sends and the other expects cannot differ. A member may differ between messages of one record (create, change,
 * answer): a row says by its mask which messages it is of.
 *
 * Absent and null are the same, "none": text with ptr NULL, `has` false; a zeroed record has
 * nothing. Unknown members are ignored. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct buf;
struct err;
struct json_writer;
struct value;
struct wire_faults;

struct wire_int {
    bool has;
    int64_t value;
};

struct wire_number {
    bool has;
    double value; /* finite; the same bits at the other end */
};

struct wire_bool {
    bool has, value;
};

enum wire_kind {
    WIRE_TEXT,      /* struct str */
    WIRE_ID,        /* struct str; a UUID, in lower case, where a request is checked; in answers any text */
    WIRE_TIME,      /* struct wire_time */
    WIRE_INT,       /* struct wire_int; 9.0 is 9 */
    WIRE_NUMBER,    /* struct wire_number */
    WIRE_BOOL,      /* struct wire_bool */
    WIRE_ANY,       /* struct str, JSON text: any value but null */
    WIRE_MAP,       /* struct str, JSON text of a map */
    WIRE_LIST,      /* struct str, JSON text of a list */
    WIRE_TEXT_LIST, /* struct str, JSON text of a list of texts */
    WIRE_AS_TEXT /* struct str, JSON text in our record; on the wire a string: a text as it is, anything else as its JSON */
};

enum { WIRE_REQUIRED = 1 << 30 };

struct wire_row {
    const char *key; /* NULL ends the table */
    enum wire_kind kind;
    unsigned in; /* the messages that have it; WIRE_REQUIRED: not none in any of them */
    size_t offset;
};

/* The members of `message` into an open map; with_null writes the ones that are none as null (answers), else they are left out (requests). */
void wire_write(struct json_writer *w, const struct wire_row *rows, unsigned message, const void *record,
                bool with_null);

/* Reads the members of `message` into `record`, where they are none so far. Texts are in `arena`.
 * With `faults`, strictly: each member that is missing or of the wrong kind is noted; false when there was one.
 * Without, leniently, as answers of a service are read: a member of the wrong kind is none; false only when one that is required is none. */
bool wire_read(struct arena *arena, const struct value *map, const struct wire_row *rows, unsigned message,
               void *record, struct wire_faults *faults);

/* The body of a request as a map; false with a fault when it is no JSON or no map. */
bool wire_read_body(struct arena *arena, struct str body, struct value *ret, struct wire_faults *faults);

/* The body of an answer as a map. Errors: ERR_NET, with what was expected ("a span") in words. */
bool wire_read_answer(struct arena *arena, struct str body, const char *expected, struct value *ret, struct err *err);

/* The id of what an answer is about, a span or a metric, where nothing else of it matters: that it is one confirms a create or a change. *ret is a slice
 * of `body`, or in `arena`. */
bool wire_read_id(struct arena *arena, struct str body, struct str *ret);

/* One id, in upper or lower case. */
bool wire_id_eq(struct str a, struct str b);

#endif
