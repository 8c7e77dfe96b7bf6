#ifndef ASSAY_BASE_MAP_H
#define ASSAY_BASE_MAP_H

/* Text to pointer, in an arena; open addressing, insert and look up only. Keys are borrowed, not copied. */

#include <stddef.h>

#include "base/str.h"

struct arena;

struct map_entry {
    struct str key;
    void *value;
};

struct map {
    struct map_entry *slots;
    size_t len, cap; /* cap: a power of two, or 0 */
};

#define MAP_NULL ((struct map){NULL, 0, 0})

void *map_get(const struct map *m, struct str key); /* NULL when absent */

/* Returns the value that was there before and is now replaced, or NULL. `value` is not NULL. */
void *map_put(struct map *m, struct arena *arena, struct str key, void *value);

#endif
