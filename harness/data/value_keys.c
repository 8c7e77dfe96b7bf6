#include "data/value_keys.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "data/value.h"

static int key_order(const void *a, const void *b)
{
    const struct value *left = *(const struct value *const *)a;
    const struct value *right = *(const struct value *const *)b;
    int order = str_cmp(left->text, right->text);
    return order != 0 ? order : (left > right) - (left < right);
}

static void sort_few(const struct value **keys, uint32_t len)
{
    for (uint32_t i = 1; i < len; i++) {
        const struct value *moved = keys[i];
        uint32_t at = i;
        for (; at > 0 && str_cmp(keys[at - 1]->text, moved->text) > 0; at--) {
            keys[at] = keys[at - 1];
        }
        keys[at] = moved;
    }
}

void value_keys_sort(struct value_keys *ret, const struct value *map)
{
    bool is_near = map->len <= VALUE_KEYS_NEAR;
    ret->sorted = is_near ? ret->near : mem_alloc(map->len * sizeof(struct value *));
    for (uint32_t i = 0; i < map->len; i++) {
        ret->sorted[i] = &map->keys[i];
    }
    if (is_near) {
        sort_few(ret->sorted, map->len);
    } else {
        qsort(ret->sorted, map->len, sizeof(struct value *), key_order);
    }
}

void value_keys_deinit(struct value_keys *keys)
{
    if (keys->sorted != keys->near) {
        mem_free(keys->sorted);
    }
    keys->sorted = keys->near;
}

/* Few keys are compared each with each, most by their length alone, which is faster than sorting them. */
static bool find_repeated_of_few(const struct value *map, uint32_t *ret_first, uint32_t *ret_again)
{
    for (uint32_t again = 1; again < map->len; again++) {
        for (uint32_t first = 0; first < again; first++) {
            if (str_eq(map->keys[first].text, map->keys[again].text)) {
                *ret_first = first;
                *ret_again = again;
                return true;
            }
        }
    }
    return false;
}

bool value_keys_find_repeated(const struct value *map, uint32_t *ret_first, uint32_t *ret_again)
{
    if (map->len <= VALUE_KEYS_NEAR) {
        return find_repeated_of_few(map, ret_first, ret_again);
    }
    struct value_keys keys CLEANUP(value_keys_deinit) = {0};
    value_keys_sort(&keys, map);
    uint32_t best = map->len;
    uint32_t first = 0;
    for (uint32_t i = 1; i < map->len; i++) {
        if (!str_eq(keys.sorted[i]->text, keys.sorted[i - 1]->text)) {
            first = i;
        } else if (i == first + 1 && keys.sorted[i] - map->keys < best) {
            best = (uint32_t)(keys.sorted[i] - map->keys);
            *ret_first = (uint32_t)(keys.sorted[first] - map->keys);
            *ret_again = best;
        }
    }
    return best < map->len;
}

bool value_keys_keep_last(struct value *map)
{
    uint32_t first = 0;
    uint32_t again = 0;
    if (!value_keys_find_repeated(map, &first, &again)) {
        return false;
    }
    struct value_keys keys CLEANUP(value_keys_deinit) = {0};
    value_keys_sort(&keys, map);
    bool *is_dropped = mem_alloc(map->len);
    first = 0;
    for (uint32_t i = 1; i < map->len; i++) {
        if (!str_eq(keys.sorted[i]->text, keys.sorted[i - 1]->text)) {
            first = i;
        } else {
            map->items[keys.sorted[first] - map->keys] = map->items[keys.sorted[i] - map->keys];
            is_dropped[keys.sorted[i] - map->keys] = true;
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < map->len; i++) {
        if (!is_dropped[i]) {
            map->keys[kept] = map->keys[i];
            map->items[kept] = map->items[i];
            kept++;
        }
    }
    map->len = kept;
    mem_free(is_dropped);
    return true;
}
