#include "base/map.h"

#include "base/arena.h"
#include "base/rng.h"
#include "tests/check.h"

static void test_simple(void)
{
    struct arena a CLEANUP(arena_deinit) = ARENA_NULL;
    struct map m = MAP_NULL;
    int one = 1;
    int two = 2;
    CHECK("empty", map_get(&m, STR("a")) == NULL && map_get(&m, STR_NULL) == NULL);
    CHECK("new", map_put(&m, &a, STR("a"), &one) == NULL);
    CHECK("there", map_get(&m, STR("a")) == &one);
    CHECK("replaced", map_put(&m, &a, STR("a"), &two) == &one && map_get(&m, STR("a")) == &two);
    CHECK_INT("still one", m.len, 1);
    CHECK("an empty key is a key", map_put(&m, &a, STR(""), &one) == NULL && map_get(&m, STR_NULL) == &one);
    CHECK("NUL counts", map_put(&m, &a, STR("a\0"), &one) == NULL && map_get(&m, STR("a")) == &two);
    CHECK("a prefix is another key", map_get(&m, STR("aa")) == NULL);
}

/* Thousands of keys, put in any order and some twice, against a plain array. */
static void test_model(void)
{
    enum { KEYS = 5000 };
    struct arena a CLEANUP(arena_deinit) = ARENA_NULL;
    struct map m = MAP_NULL;
    struct rng r;
    static struct str keys[KEYS];
    static int values[2 * KEYS];
    static int *model[KEYS];
    size_t present = 0;
    rng_seed(&r, 10);
    for (size_t i = 0; i < KEYS; i++) {
        keys[i] = arena_printf(&a, "case-%zu", i);
        model[i] = NULL;
    }
    for (size_t step = 0; step < ARRAY_LEN(values); step++) {
        size_t i = (size_t)rng_below(&r, KEYS);
        present += model[i] == NULL ? 1 : 0;
        CHECK("what was there before", map_put(&m, &a, keys[i], &values[step]) == model[i]);
        model[i] = &values[step];
    }
    CHECK_INT("length", m.len, present);
    CHECK("never full", m.len < m.cap);
    for (size_t i = 0; i < KEYS; i++) {
        CHECK("as the model", map_get(&m, keys[i]) == model[i]);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"put and get", test_simple},
        {"many keys", test_model},
    };
    return check_run("map", tests, ARRAY_LEN(tests));
}
