#include "base/retry.h"

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

static void test_demands(void)
{
    static const struct {
        const char *name;
        int64_t demanded_ns, least_ns, most_ns;
        bool ok;
    } rows[] = {
        {"nothing demanded", -1, 0, NS_PER_S, true},
        {"at once", 0, 0, NS_PER_S + NS_PER_S / 10, true},
        {"longer than ours", 10 * NS_PER_S, 10 * NS_PER_S, 11 * NS_PER_S, true},
        {"as long as may be", 300 * NS_PER_S, 300 * NS_PER_S, 330 * NS_PER_S, true},
        {"too long", 300 * NS_PER_S + 1, 0, 0, false},
        {"for ever", INT64_MAX, 0, 0, false},
    };
    struct rng rng;
    rng_seed(&rng, 3);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int n = 0; n < 200; n++) {
            int64_t pause_ns = -1;
            bool ok = retry_pause_ns(&rng, 0, rows[i].demanded_ns, &pause_ns);
            CHECK_INT(rows[i].name, ok, rows[i].ok);
            CHECK(rows[i].name, !ok || (pause_ns >= rows[i].least_ns && pause_ns <= rows[i].most_ns));
        }
    }
}

static void test_budget(void)
{
    static const struct {
        uint64_t requests, repeats;
    } rows[] = {{0, 10}, {4, 10}, {5, 11}, {100, 30}, {10000, 2010}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct retry_budget budget = {0};
        for (uint64_t n = 0; n < rows[i].requests; n++) {
            retry_budget_request(&budget);
        }
        uint64_t taken = 0;
        while (retry_budget_take(&budget)) {
            taken++;
        }
        CHECK_INT("a fifth and ten", taken, rows[i].repeats);
        CHECK("and no more", !retry_budget_take(&budget));
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"bounds and spread", test_bounds_and_spread},
        {"seeded", test_seeded},
        {"what the server demands", test_demands},
        {"budget", test_budget},
    };
    return check_run("retry", tests, ARRAY_LEN(tests));
}
