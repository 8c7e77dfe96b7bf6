/* The cases of all runs that meet: rows by id and content. */

#include <string.h>

#include "base/err.h"
#include "judge/tag_list.h"
#include "judge/values_private.h"

enum { FIRST_ROWS = 256 };

void case_table_init(struct case_table *t, struct arena *arena)
{
    *t = (struct case_table){.arena = arena};
}

bool case_table_has_tag(const struct case_table *t, size_t row, struct str tag)
{
    return tag_list_has(&t->tag_lists.items[t->tags[row]], tag);
}

bool case_table_in(const struct case_table *t, size_t row, const struct stat_filter *filter)
{
    if (filter->tag.ptr != NULL && !case_table_has_tag(t, row, filter->tag)) {
        return false;
    }
    uint32_t cluster = t->clusters[row];
    return filter->cluster.ptr == NULL ||
           (cluster != CASE_OWN_CLUSTER && str_eq(t->cluster_names.items[cluster], filter->cluster));
}

void *values_grow(struct arena *arena, const void *items, size_t len, size_t cap, size_t item_size)
{
    void *grown = arena_alloc_array(arena, item_size, cap);
    if (len > 0) {
        memcpy(grown, items, len * item_size);
    }
    return grown;
}

static size_t slot_of(const struct case_table *t, struct str id)
{
    size_t at = (size_t)str_hash(id) & (t->slot_count - 1);
    while (t->slots[at] != 0 && !str_eq(t->ids[t->slots[at] - 1], id)) {
        at = (at + 1) & (t->slot_count - 1);
    }
    return at;
}

void case_table_reserve(struct case_table *t, size_t rows)
{
    if (rows <= t->cap) {
        return;
    }
    size_t cap = t->cap == 0 ? FIRST_ROWS : t->cap;
    size_t slots = 2 * (size_t)FIRST_ROWS;
    cap = rows > cap + cap / 2 ? rows : cap + cap / 2;
    while (slots < 2 * cap) {
        slots *= 2;
    }
    t->ids = values_grow(t->arena, t->ids, t->count, cap, sizeof(*t->ids));
    t->digests = values_grow(t->arena, t->digests, t->count, cap, sizeof(*t->digests));
    t->clusters = values_grow(t->arena, t->clusters, t->count, cap, sizeof(*t->clusters));
    t->tags = values_grow(t->arena, t->tags, t->count, cap, sizeof(*t->tags));
    t->ring = values_grow(t->arena, t->ring, t->count, cap, sizeof(*t->ring));
    t->cap = cap;
    t->slots = arena_array(t->arena, uint32_t, slots);
    t->slot_count = slots;
    for (size_t row = 0; row < t->count; row++) {
        size_t at = slot_of(t, t->ids[row]);
        t->slots[at] = t->slots[at] == 0 ? (uint32_t)row + 1 : t->slots[at];
    }
}

/* Numbers from 0 in the order of appearance; pointers in the map are the number plus one. */
static uint32_t number_of(struct map *numbers, struct str name, size_t next, bool *ret_is_new)
{
    void *known = map_get(numbers, name);
    *ret_is_new = known == NULL;
    return known == NULL ? (uint32_t)next : (uint32_t)((uintptr_t)known - 1);
}

static void *number_pointer(uint32_t number)
{
    return (void *)((uintptr_t)number + 1); /* NOLINT(performance-no-int-to-ptr): a number in a map of pointers */
}

/* The number of a name in a list of them; it is added when it is new. */
#define NUMBER_OF_NAME(t, names, numbers, name)                                                                        \
    __extension__({                                                                                                    \
        bool is_new = false;                                                                                           \
        uint32_t number = number_of(&(t)->numbers, (name), (t)->names.len, &is_new);                                   \
        if (is_new) {                                                                                                  \
            struct str copy = arena_str((t)->arena, (name));                                                           \
            *vec_push((t)->arena, &(t)->names) = copy;                                                                 \
            (void)map_put(&(t)->numbers, (t)->arena, copy, number_pointer(number));                                    \
        }                                                                                                              \
        number;                                                                                                        \
    })

static uint32_t cluster_number(struct case_table *t, struct str name)
{
    return name.ptr == NULL ? CASE_OWN_CLUSTER : NUMBER_OF_NAME(t, cluster_names, cluster_numbers, name);
}

uint32_t case_table_label(struct case_table *t, struct str label)
{
    return label.ptr == NULL ? CASE_NO_LABEL : NUMBER_OF_NAME(t, labels, label_numbers, label);
}

/* Whether two of the cases are in one cluster: else every case is its own, whatever it is called. */
static bool shares_clusters(const struct case_table *t, const uint32_t *rows, size_t count, struct arena *arena)
{
    bool *is_met = arena_array(arena, bool, t->cluster_names.len);
    for (size_t i = 0; i < count; i++) {
        uint32_t cluster = t->clusters[rows[i]];
        if (cluster != CASE_OWN_CLUSTER && is_met[cluster]) {
            return true;
        }
        if (cluster != CASE_OWN_CLUSTER) {
            is_met[cluster] = true;
        }
    }
    return false;
}

uint32_t *case_table_clusters(const struct case_table *t, const uint32_t *rows, size_t count, struct arena *arena,
                              uint32_t *ret_count)
{
    *ret_count = 0;
    if (!shares_clusters(t, rows, count, arena)) {
        return NULL;
    }
    uint32_t *numbers = arena_array(arena, uint32_t, t->cluster_names.len); /* plus one */
    uint32_t *clusters = arena_array(arena, uint32_t, count);
    for (size_t i = 0; i < count; i++) {
        uint32_t cluster = t->clusters[rows[i]];
        if (cluster == CASE_OWN_CLUSTER) {
            clusters[i] = (*ret_count)++;
            continue;
        }
        if (numbers[cluster] == 0) {
            numbers[cluster] = ++*ret_count;
        }
        clusters[i] = numbers[cluster] - 1;
    }
    return clusters;
}

static bool tags_number(struct case_table *t, struct str tags, uint32_t *ret, struct err *err)
{
    bool is_new = false;
    if (t->tag_lists.len > 0 && str_eq(tags, t->tag_texts.items[t->last_tags])) { /* neighbours mostly have the same */
        *ret = t->last_tags;
        return true;
    }
    uint32_t number = number_of(&t->tag_numbers, tags, t->tag_lists.len, &is_new);
    if (is_new) {
        struct str copy = arena_str(t->arena, tags);
        struct value list;
        if (!tag_list_read(t->arena, copy, &list, err)) {
            return false;
        }
        *vec_push(t->arena, &t->tag_lists) = list;
        *vec_push(t->arena, &t->tag_texts) = copy;
        (void)map_put(&t->tag_numbers, t->arena, copy, number_pointer(number));
    }
    t->last_tags = number;
    *ret = number;
    return true;
}

static bool is_row(const struct case_table *t, size_t row, const struct case_trials *c)
{
    return row < t->count && str_eq(t->ids[row], c->id) && digest_eq(&t->digests[row], &c->digest);
}

bool case_table_row(struct case_table *t, const struct case_trials *c, size_t guess, size_t *ret, struct err *err)
{
    if (is_row(t, guess, c)) { /* runs mostly have the same cases in the same order */
        *ret = guess;
        return true;
    }
    case_table_reserve(t, t->count + 1);
    size_t slot = slot_of(t, c->id);
    size_t first = t->slots[slot] == 0 ? CASE_NO_ROW : t->slots[slot] - 1;
    for (size_t row = first; first != CASE_NO_ROW;) {
        if (is_row(t, row, c)) {
            *ret = row;
            return true;
        }
        row = t->ring[row];
        if (row == first) {
            break;
        }
    }
    if (t->count >= CASE_NO_ROW - 1) {
        return err_set(err, ERR_LIMIT, "more than %u cases to compare", CASE_NO_ROW - 1);
    }
    size_t row = t->count;
    if (!tags_number(t, c->tags, &t->tags[row], err)) {
        return false;
    }
    t->ids[row] = arena_str(t->arena, c->id);
    t->digests[row] = c->digest;
    t->clusters[row] = cluster_number(t, c->cluster);
    t->ring[row] = (uint32_t)row;
    if (first == CASE_NO_ROW) {
        t->slots[slot] = (uint32_t)row + 1;
    } else {
        t->ring[row] = t->ring[first];
        t->ring[first] = (uint32_t)row;
    }
    t->count++;
    *ret = row;
    return true;
}
