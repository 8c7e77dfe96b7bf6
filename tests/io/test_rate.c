#include "io/rate.h"

#include "base/clock.h"
#include "tests/check.h"

static void test_no_limit(void)
{
    struct rate r;
    rate_init(&r, 0, 5);
    for (int i = 0; i < 1000; i++) {
        CHECK("always", rate_take(&r, 5));
    }
    CHECK_INT("now", rate_next_ns(&r, 77), 77);
}

static void test_waits_exactly_as_said(void)
{
    static const double rates[] = {0.001, 0.3, 1, 3, 7, 20, 333, 10000};
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        struct rate r;
        int64_t now_ns = 12345;
        rate_init(&r, rates[i], now_ns);
        for (int n = 0; n < 1000; n++) {
            int64_t next_ns = rate_next_ns(&r, now_ns);
            CHECK("not before", next_ns <= now_ns + 1 || !rate_take(&r, next_ns - (next_ns - now_ns) / 2 - 1));
            now_ns = next_ns;
            CHECK("then", rate_take(&r, now_ns));
        }
        double expected_ns = 999.0 / rates[i] * (double)NS_PER_S;
        CHECK_DOUBLE("999 intervals", (double)(now_ns - 12345), expected_ns, expected_ns * 1e-6 + 2000);
    }
}

static void test_burst_is_bounded(void)
{
    struct rate r;
    rate_init(&r, 20, 0);
    int first_second = 0;
    for (int64_t ns = 0; ns < NS_PER_S; ns += NS_PER_MS) {
        first_second += rate_take(&r, ns) ? 1 : 0;
    }
    CHECK("the first second is no double one", first_second <= 21 && first_second >= 19);
    int burst = 0;
    while (rate_take(&r, 100 * NS_PER_S)) {
        burst++;
    }
    CHECK_INT("after a long pause: one second's worth", burst, 20);
    struct rate slow;
    rate_init(&slow, 0.5, 0);
    CHECK("at least one", rate_take(&slow, 0));
    CHECK("no second", !rate_take(&slow, NS_PER_S));
    CHECK("after two seconds", rate_take(&slow, 2 * NS_PER_S));
    CHECK("a clock that went back gives nothing", !rate_take(&slow, 0));
}

int main(void)
{
    static const struct check_test tests[] = {
        {"no limit", test_no_limit},
        {"waits exactly as said", test_waits_exactly_as_said},
        {"bursts are bounded", test_burst_is_bounded},
    };
    return check_run("rate", tests, ARRAY_LEN(tests));
}
