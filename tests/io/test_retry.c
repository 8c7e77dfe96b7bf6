#include "io/retry.h"

#include "base/clock.h"
#include "base/rng.h"
#include "tests/check.h"

static void test_bounds_and_spread(void)
{
    static const struct {
        uint32_t earlier;
        int64_t ceiling_s;
    } rows[] = {{0, 1}, {1, 2}, {2, 4}, {5, 32}, {6, 60}, {7, 60}, {63, 60}, {64, 60}, {UINT32_MAX, 60}};
    struct rng rng;
    rng_seed(&rng, 7);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        double sum = 0;
        for (int n = 0; n < 2000; n++) {
            int64_t delay_ns = retry_delay_ns(&rng, rows[i].earlier);
            CHECK("within", delay_ns >= 0 && delay_ns < rows[i].ceiling_s * NS_PER_S);
            sum += (double)delay_ns;
        }
        double middle = (double)(rows[i].ceiling_s * NS_PER_S) / 2;
        CHECK_DOUBLE("full jitter: the middle on average", sum / 2000, middle, middle * 0.1);
    }
}

static void test_seeded(void)
{
    struct rng a;
    struct rng b;
    rng_seed(&a, 1);
    rng_seed(&b, 1);
    for (uint32_t i = 0; i < 10; i++) {
        CHECK_INT("the same seed, the same delays", retry_delay_ns(&a, i), retry_delay_ns(&b, i));
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"bounds and spread", test_bounds_and_spread},
        {"seeded", test_seeded},
    };
    return check_run("retry", tests, ARRAY_LEN(tests));
}
