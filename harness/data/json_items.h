#ifndef ASSAY_DATA_JSON_ITEMS_H
#define ASSAY_DATA_JSON_ITEMS_H

/* One list of a JSON document that is too large to be held, item by item: {"id": ..., "spans": [{...}, {...}, ...]}. The document is a map; the list is the
 * value of one of its keys. Memory: one item, and what one read brings.
 *
 *   json_items_init(&items, fd, "spans", LIMIT_ROW_BYTES);
 *   while (json_items_next(&items, &has, &text, &err) && has) { ... json_read(text) ... }
 *
 * Commas, brackets and quotes of the whole are checked, to its last byte; what stands in an item is the reader's to check (json_read), and values of
 * other keys are passed over.
 *
 * Errors: ERR_NET, "not JSON: ..." with the offset, also for a document that ends too early, or has no such list; ERR_LIMIT for an item over
 * max_item_bytes; ERR_IO. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

struct err;

enum { JSON_ITEMS_CHUNK = 64 << 10 };

struct json_items {
    int fd; /* the caller's */
    const char *key;
    size_t max_item_bytes;
    char *chunk; /* JSON_ITEMS_CHUNK */
    size_t at, len;
    uint64_t offset; /* of the chunk's end */
    bool is_end;     /* of the file */
    enum { ITEMS_BEFORE, ITEMS_IN_LIST, ITEMS_OVER } state;
    bool has_list, has_item; /* has_item: one was given, so that a comma comes before the next */
    struct buf item;
};

void json_items_init(struct json_items *items, int fd, const char *key, size_t max_item_bytes);
void json_items_deinit(struct json_items *items); /* for CLEANUP */

/* *ret_has false at the end of the document. *ret is valid until the next call. */
MUST_CHECK bool json_items_next(struct json_items *items, bool *ret_has, struct str *ret, struct err *err);

#endif
