#ifndef ASSAY_WIRE_PAGE_H
#define ASSAY_WIRE_PAGE_H

/* A page of a list: {"meta": {"total_count"}, "data": [...]}, asked for by ?offset=&limit=. total_count counts all that match, not the page. There is no
 * cursor: whoever reads on asks with the offset after what came, until it has total_count or a page is empty. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct arena;
struct buf;
struct err;
struct json_writer;
struct value;

enum { WIRE_PAGE_LIMIT = 100 }; /* the most, and the default of all lists but functions */

/* The items are written between the two by their own writers. */
void wire_page_begin(struct json_writer *w, uint64_t total_count);
void wire_page_end(struct json_writer *w);

struct wire_page {
    bool has_total; /* else unknown */
    uint64_t total_count;
    const struct value *items; /* maps or not: their readers tell */
    size_t count;
};

/* Errors: ERR_NET when it is no page. */
bool wire_page_read(struct arena *arena, struct str body, struct wire_page *ret, struct err *err);

#endif
