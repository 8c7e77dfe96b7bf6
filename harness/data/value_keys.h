#ifndef ASSAY_DATA_VALUE_KEYS_H
#define ASSAY_DATA_VALUE_KEYS_H

/* The keys of a map in the order of their bytes: for comparing maps, for the canonical form, and for finding keys that repeat without asking
 * each for every other. Private to data/: a tree that has been read has no repeated keys. Equal keys stay in the order of the map. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct value;

enum { VALUE_KEYS_NEAR = 24 };

/* `sorted` points into the map's `keys`; the value of sorted[i] is map->items[sorted[i] - map->keys]. Not to be copied: it may point into
 * itself. */
struct value_keys {
    const struct value **sorted;
    const struct value *near[VALUE_KEYS_NEAR]; /* rows have few keys: no allocation for them */
};

void value_keys_sort(struct value_keys *ret, const struct value *map);
void value_keys_deinit(struct value_keys *keys);

/* The first repetition in the map's order: its index and that of the key it repeats. False when there is none. */
MUST_CHECK bool value_keys_find_repeated(const struct value *map, uint32_t *ret_first, uint32_t *ret_again);

/* Of keys that repeat the last one's value stays, at the place of the first. True when there were any. */
bool value_keys_keep_last(struct value *map);

#endif
