#include "base/map.h"

#include "base/arena.h"

enum { MAP_FIRST_SLOTS = 16 };

static struct map_entry *map_slot(const struct map *m, struct str key)
{
    size_t mask = m->cap - 1;
    size_t at = (size_t)str_hash(key) & mask;
    while (m->slots[at].value != NULL && !str_eq(m->slots[at].key, key)) {
        at = (at + 1) & mask;
    }
    return &m->slots[at];
}

void *map_get(const struct map *m, struct str key)
{
    return m->cap == 0 ? NULL : map_slot(m, key)->value;
}

static void map_grow(struct map *m, struct arena *arena)
{
    struct map old = *m;
    m->cap = old.cap == 0 ? MAP_FIRST_SLOTS : old.cap * 2;
    m->slots = arena_array(arena, struct map_entry, m->cap);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.slots[i].value != NULL) {
            *map_slot(m, old.slots[i].key) = old.slots[i];
        }
    }
}

void *map_put(struct map *m, struct arena *arena, struct str key, void *value)
{
    if (m->cap == 0 || m->len >= m->cap - m->cap / 4) {
        map_grow(m, arena);
    }
    struct map_entry *slot = map_slot(m, key);
    void *before = slot->value;
    if (before == NULL) {
        m->len++;
    }
    *slot = (struct map_entry){key, value};
    return before;
}
