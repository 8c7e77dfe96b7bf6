#ifndef ASSAY_DATA_MAP_READER_H
#define ASSAY_DATA_MAP_READER_H

/* A map of ours, read back key by key: records that were stored as JSON. Keys that are not there, or null, leave the target as it is; the first key
 * that holds something else than it should is kept, so that a reader is a plain list of fields and looks once at the end.
 *
 *   struct map_reader r = {.map = &map, .arena = arena};
 *   map_text(&r, "name", &record->name);
 *   record->has_mean = map_number(&r, "mean", &record->mean);
 *   if (r.bad_key != NULL) ...
 *
 * Texts are copied into the arena. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "data/value.h"

struct arena;

struct map_reader {
    const struct value *map;
    struct arena *arena;
    const char *bad_key; /* NULL = none */
};

/* Those that return a bool: whether the key is there. */
bool map_node(struct map_reader *r, const char *key, enum value_kind kind, const struct value **ret);
bool map_text(struct map_reader *r, const char *key, struct str *ret);
bool map_flag(struct map_reader *r, const char *key, bool *ret);
bool map_number(struct map_reader *r, const char *key, double *ret);
bool map_count(struct map_reader *r, const char *key, uint64_t *ret); /* whole, 0 to 2^53 */
bool map_time(struct map_reader *r, const char *key, int64_t *ret_unix_ms);

/* A word of a NULL-ended list: its index. */
int map_word(struct map_reader *r, const char *key, const char *const *words, int otherwise);

/* The items of a list; NULL and 0 when it is not there. */
const struct value *map_list(struct map_reader *r, const char *key, size_t *ret_len);
struct str *map_texts(struct map_reader *r, const char *key, size_t *ret_len); /* a list of texts */

/* A reader of an item: its faults go to the first reader by map_reader_join. */
struct map_reader map_reader_of(const struct map_reader *r, const struct value *item);
void map_reader_join(struct map_reader *r, const struct map_reader *item);

#endif
