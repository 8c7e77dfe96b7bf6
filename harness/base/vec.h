#ifndef ASSAY_BASE_VEC_H
#define ASSAY_BASE_VEC_H

/* A growing array in an arena: `struct { T *items; size_t len, cap; }`. Growth copies, so pointers into `items` live until the next push;
 * keep indices. The old items stay in the arena until it is reset: use it for what is loaded once, not in a loop without end.
 *
 *   VEC(struct field_use) uses = {0};
 *   *vec_push(arena, &uses) = (struct field_use){...};       the new slot is zeroed
 */

#include <stddef.h>

struct arena;

#define VEC(type)                                                                                                      \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t len, cap;                                                                                               \
    }

#define vec_push(arena, v)                                                                                             \
    __extension__({                                                                                                    \
        if ((v)->len == (v)->cap) {                                                                                    \
            (v)->items = vec_grow((arena), (v)->items, (v)->len, &(v)->cap, sizeof(*(v)->items));                      \
        }                                                                                                              \
        &(v)->items[(v)->len++];                                                                                       \
    })

/* Twice the room (first 8), old items copied, the rest zeroed. */
void *vec_grow(struct arena *arena, const void *items, size_t len, size_t *cap, size_t item_size);

#endif
