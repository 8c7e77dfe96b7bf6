#include "store/store_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

/* Numbers in order. Up to MEMORY_VALUES are held and sorted here, which is all that most runs need; beyond that they go to a temporary table on disk,
 * in pieces of that size, and SQLite's external sort copies them to a second one whose row numbers are the ranks. */

enum { MEMORY_VALUES = 1 << 17, SQL_BYTES = 160 };

struct sorter {
    struct store *store;
    unsigned number; /* part of the tables' names: several sorters may be in use */
    double *values;
    size_t len, cap;
    uint64_t total;
    bool has_table, is_sorted;
};

bool store_sorter_new(struct store *store, struct sorter **ret, struct err *err)
{
    (void)err; /* nothing is made on disk before it is needed */
    struct sorter *s = mem_alloc(sizeof(*s));
    s->store = store;
    s->number = ++store->sorter_count;
    *ret = s;
    return true;
}

static bool sorter_insert_all(struct sorter *s, struct err *err)
{
    char sql[SQL_BYTES];
    (void)snprintf(sql, sizeof(sql), "INSERT INTO temp.sorter_%u (value) VALUES (?)", s->number);
    struct query q CLEANUP(query_done) = query_new(s->store, sql);
    for (size_t i = 0; i < s->len; i++) {
        query_real(&q, s->values[i]);
        if (!query_run(&q, err)) {
            return false;
        }
    }
    s->len = 0;
    return true;
}

/* A savepoint, since the caller may be in a transaction or not; without either each row would be one of its own. */
static bool sorter_spill(struct sorter *s, struct err *err)
{
    char sql[SQL_BYTES];
    (void)snprintf(sql, sizeof(sql), "PRAGMA temp.cache_size = -256; CREATE TEMP TABLE sorter_%u (value REAL NOT NULL)",
                   s->number);
    if (!s->has_table && !store_exec(s->store, sql, err)) {
        return false;
    }
    s->has_table = true;
    if (!store_exec(s->store, "SAVEPOINT spill", err)) {
        return false;
    }
    return sorter_insert_all(s, err) && store_exec(s->store, "RELEASE spill", err);
}

bool sorter_add(struct sorter *s, double value, struct err *err)
{
    if (s->is_sorted) {
        return err_set(err, ERR_BUG, "a sorter that was read from takes no more values");
    }
    if (s->len == MEMORY_VALUES && !sorter_spill(s, err)) {
        return false;
    }
    if (s->len == s->cap) {
        s->cap = s->cap == 0 ? 256 : 2 * s->cap;
        s->values = mem_realloc(s->values, s->cap * sizeof(double));
    }
    s->values[s->len++] = value;
    s->total++;
    return true;
}

static int value_compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static bool sorter_sort(struct sorter *s, struct err *err)
{
    if (!s->has_table) {
        if (s->len > 0) {
            qsort(s->values, s->len, sizeof(double), value_compare);
        }
        s->is_sorted = true;
        return true;
    }
    char sql[SQL_BYTES];
    (void)snprintf(sql, sizeof(sql),
                   "CREATE TEMP TABLE ranks_%u AS SELECT value FROM temp.sorter_%u ORDER BY value; "
                   "DROP TABLE temp.sorter_%u",
                   s->number, s->number, s->number);
    s->is_sorted = sorter_spill(s, err) && store_cache(s->store, STORE_SORT_CACHE_KIB, err) &&
                   store_exec(s->store, sql, err) && store_cache(s->store, STORE_CACHE_KIB, err);
    return s->is_sorted;
}

bool sorter_value_at(struct sorter *s, uint64_t rank, double *ret, struct err *err)
{
    if (rank == 0 || rank > s->total) {
        return err_set(err, ERR_BUG, "rank %llu of %llu values", (unsigned long long)rank,
                       (unsigned long long)s->total);
    }
    if (!s->is_sorted && !sorter_sort(s, err)) {
        return false;
    }
    if (!s->has_table) {
        *ret = s->values[rank - 1];
        return true;
    }
    char sql[SQL_BYTES];
    (void)snprintf(sql, sizeof(sql), "SELECT value FROM temp.ranks_%u WHERE rowid = ?", s->number);
    struct query q CLEANUP(query_done) = query_new(s->store, sql);
    query_int(&q, (int64_t)rank);
    bool has = false;
    if (!query_step(&q, &has, err)) {
        return false;
    }
    if (!has) {
        return err_set(err, ERR_BUG, "a sorted value is missing");
    }
    *ret = query_get_real(&q);
    return query_intact(&q, err);
}

void sorter_free(struct sorter **s)
{
    if (*s == NULL) {
        return;
    }
    if ((*s)->has_table) {
        char sql[SQL_BYTES];
        (void)snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS temp.sorter_%u; DROP TABLE IF EXISTS temp.ranks_%u",
                       (*s)->number, (*s)->number);
        struct err ignored; /* what stays is gone when the store is closed */
        bool dropped = store_exec((*s)->store, sql, &ignored);
        (void)dropped;
    }
    mem_free((*s)->values);
    mem_free(*s);
    *s = NULL;
}
