#include "judge/narrow.h"

#include <math.h>

#include "judge/tag_list.h"

struct narrowing {
    struct arena *arena;
    const uint32_t *rows; /* of the whole, by row of the narrow one */
    const uint32_t *news; /* the other way; CASE_NO_ROW = not of the tag */
    size_t count;
};

static double *narrow_numbers(const struct narrowing *n, const double *items, size_t len)
{
    double *numbers = arena_array(n->arena, double, n->count);
    for (size_t i = 0; i < n->count; i++) {
        numbers[i] = n->rows[i] < len ? items[n->rows[i]] : NAN;
    }
    return numbers;
}

static uint32_t *narrow_counts(const struct narrowing *n, const uint32_t *items, size_t len)
{
    uint32_t *counts = arena_array(n->arena, uint32_t, n->count);
    for (size_t i = 0; i < n->count; i++) {
        counts[i] = n->rows[i] < len ? items[n->rows[i]] : 0;
    }
    return counts;
}

static void narrow_column(const struct narrowing *n, const struct value_column *c, size_t len, struct value_column *ret)
{
    *ret = (struct value_column){0};
    if (c->values == NULL) {
        return;
    }
    ret->values = narrow_numbers(n, c->values, len);
    if (c->with_pass != NULL) {
        ret->with_pass = narrow_counts(n, c->with_pass, len);
        ret->passed = narrow_counts(n, c->passed, len);
    }
    for (size_t i = 0; i < c->classes.len; i++) {
        struct value_class class = c->classes.items[i];
        class.row = n->news[class.row];
        if (class.row != CASE_NO_ROW) {
            *vec_push(n->arena, &ret->classes) = class;
        }
    }
}

static void narrow_run(const struct narrowing *n, const struct run_values *v, struct run_values *ret)
{
    *ret = *v;
    ret->count = n->count;
    ret->ordinals = NULL;
    ret->states = arena_array(n->arena, uint8_t, n->count);
    for (size_t i = 0; i < n->count; i++) {
        ret->states[i] = (uint8_t)values_state(v, n->rows[i]);
    }
    ret->scores = narrow_numbers(n, v->scores, v->count);
    ret->with_pass = narrow_counts(n, v->with_pass, v->count);
    ret->passed = narrow_counts(n, v->passed, v->count);
    ret->columns = arena_array(n->arena, struct value_column, v->dimension_count);
    for (size_t i = 0; i < v->dimension_count; i++) {
        narrow_column(n, &v->columns[i], v->count, &ret->columns[i]);
    }
}

static struct narrowing find_rows(const struct case_table *t, struct str tag, struct arena *arena)
{
    bool *has_tag = arena_array(arena, bool, t->tag_lists.len); /* equal lists are one: few, mostly */
    uint32_t *news = arena_array(arena, uint32_t, t->count);
    uint32_t *rows = arena_array(arena, uint32_t, t->count);
    struct narrowing n = {.arena = arena, .rows = rows, .news = news};
    for (size_t i = 0; i < t->tag_lists.len; i++) {
        has_tag[i] = tag_list_has(&t->tag_lists.items[i], tag);
    }
    for (size_t row = 0; row < t->count; row++) {
        bool is_in = has_tag[t->tags[row]];
        news[row] = is_in ? (uint32_t)n.count : CASE_NO_ROW;
        if (is_in) {
            rows[n.count++] = (uint32_t)row;
        }
    }
    return n;
}

void values_narrow(const struct case_table *t, const struct run_values *runs, size_t count, struct str tag,
                   struct arena *arena, struct case_table *ret_table, struct run_values *ret_runs)
{
    struct narrowing n = find_rows(t, tag, arena);
    *ret_table = *t;
    ret_table->arena = arena;
    ret_table->count = ret_table->cap = n.count;
    ret_table->slots = NULL;
    ret_table->slot_count = 0;
    ret_table->ids = arena_array(arena, struct str, n.count);
    ret_table->digests = arena_array(arena, struct digest, n.count);
    ret_table->clusters = narrow_counts(&n, t->clusters, t->count);
    ret_table->tags = narrow_counts(&n, t->tags, t->count);
    ret_table->ring = arena_array(arena, uint32_t, n.count);
    for (size_t i = 0; i < n.count; i++) {
        ret_table->ids[i] = t->ids[n.rows[i]];
        ret_table->digests[i] = t->digests[n.rows[i]];
        ret_table->ring[i] = (uint32_t)i;
    }
    for (size_t run = 0; run < count; run++) {
        narrow_run(&n, &runs[run], &ret_runs[run]);
    }
}
