#ifndef ASSAY_DATA_FIELD_WORDS_H
#define ASSAY_DATA_FIELD_WORDS_H

/* How a row's type is called, for messages (field.c) and for help (field_help.c). Private to them. */

struct buf;
struct field;

/* "a whole number from 1 to 4096": what stands behind "wants". */
void field_append_wanted(struct buf *out, const struct field *field);

/* "count 1..4096": for a column of help. */
void field_append_type(struct buf *out, const struct field *field);

#endif
