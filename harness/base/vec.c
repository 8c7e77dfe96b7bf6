#include "base/vec.h"

#include <string.h>

#include "base/arena.h"

enum { VEC_FIRST_ITEMS = 8 };

void *vec_grow(struct arena *arena, const void *items, size_t len, size_t *cap, size_t item_size)
{
    size_t grown = *cap == 0 ? VEC_FIRST_ITEMS : *cap * 2;
    void *fresh = arena_alloc_array(arena, item_size, grown);
    if (len > 0) {
        memcpy(fresh, items, len * item_size);
    }
    *cap = grown;
    return fresh;
}
