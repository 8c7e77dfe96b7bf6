#include <stdlib.h>

#include "base/rng.h"
#include "tests/check.h"
#include "tests/store/fixture.h"

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void check_sizes(struct fixture *f, size_t size, bool in_transaction)
{
    struct sorter *s CLEANUP(sorter_free) = NULL;
    struct sorter *other CLEANUP(sorter_free) = NULL;
    struct rng rng;
    rng_seed(&rng, size);
    double *values = calloc(size, sizeof(double));
    double value = 0;
    CHECK("new", store_sorter_new(f->store, &s, &f->err) && store_sorter_new(f->store, &other, &f->err));
    if (in_transaction) {
        fixture_begin(f);
    }
    for (size_t i = 0; i < size; i++) {
        values[i] = (double)rng_below(&rng, 100000) / 8 - 3000;
        CHECK("add", sorter_add(s, values[i], &f->err));
    }
    CHECK("another", sorter_add(other, 42, &f->err));
    qsort(values, size, sizeof(double), compare);
    for (size_t rank = 1; rank <= size; rank += 1 + rank / 7) {
        CHECK("at", sorter_value_at(s, rank, &value, &f->err));
        CHECK_DOUBLE("rank", value, values[rank - 1], 0);
    }
    CHECK("last", sorter_value_at(s, size, &value, &f->err) && value == values[size - 1]);
    CHECK("rank 0", !sorter_value_at(s, 0, &value, &f->err) && f->err.kind == ERR_BUG);
    CHECK("rank too high", !sorter_value_at(s, size + 1, &value, &f->err));
    CHECK("no more", !sorter_add(s, 1, &f->err));
    CHECK("another", sorter_value_at(other, 1, &value, &f->err) && value == 42);
    if (in_transaction) {
        fixture_commit(f);
    }
    free(values);
}

static void test_ranks(void)
{
    static const size_t SIZES[] = {1, 2, 1000, 131072, 131073, 300000};
    struct fixture f;
    fixture_open(&f, 10, 1);
    for (size_t i = 0; i < ARRAY_LEN(SIZES); i++) {
        check_sizes(&f, SIZES[i], false);
        check_sizes(&f, SIZES[i], true);
    }
    fixture_add_samples(&f, 0, 10); /* the store works on */
    fixture_reopen(&f, STORE_READ);
    check_sizes(&f, 70000, false);
    fixture_deinit(&f);
}

int main(void)
{
    static const struct check_test tests[] = {{"ranks", test_ranks}};
    return check_run("store sorter", tests, ARRAY_LEN(tests));
}
