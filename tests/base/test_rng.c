#include "base/rng.h"

#include "tests/check.h"

static void test_reference(void)
{
    /* the authors' xoshiro256starstar.c from this state */
    static const uint64_t want[] = {
        11520u,
        0u,
        1509978240u,
        1215971899390074240u,
        1216172134540287360u,
        607988272756665600u,
        16172922978634559625u,
        8476171486693032832u,
        10595114339597558777u,
        2904607092377533576u,
    };
    struct rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        CHECK_INT("draw", rng_u64(&r), want[i]);
    }
}

static void test_seed(void)
{
    /* the authors' splitmix64.c */
    static const uint64_t want[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u,
                                    4593380528125082431u};
    struct rng r;
    rng_seed(&r, 1234567);
    for (size_t i = 0; i < ARRAY_LEN(want); i++) {
        CHECK_INT("state", r.state[i], want[i]);
    }
    struct rng zero;
    rng_seed(&zero, 0);
    CHECK("seed 0 is no dead state", (zero.state[0] | zero.state[1] | zero.state[2] | zero.state[3]) != 0);
}

static void test_unit(void)
{
    struct rng r;
    double sum = 0;
    const int draws = 100000;
    rng_seed(&r, 7);
    for (int i = 0; i < draws; i++) {
        double unit = rng_unit(&r);
        CHECK("in [0, 1)", unit >= 0 && unit < 1);
        sum += unit;
    }
    CHECK_DOUBLE("mean, within five standard errors", sum / draws, 0.5, 5 * 0.2887 / 316.2);
    r = (struct rng){{0, UINT64_MAX, 0, 0}};
    CHECK("never 1", rng_unit(&r) < 1);
}

static void test_below(void)
{
    enum { DRAWS = 60000 };
    int counts[6] = {0};
    struct rng r;
    rng_seed(&r, 42);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t drawn = rng_below(&r, 6);
        CHECK("below the bound", drawn < 6);
        if (drawn < 6) {
            counts[drawn]++;
        }
    }
    double chi2 = 0;
    for (size_t i = 0; i < 6; i++) {
        double off = counts[i] - DRAWS / 6.0;
        chi2 += off * off / (DRAWS / 6.0);
    }
    CHECK("uniform: chi-square of 5 degrees under its 99.9% point", chi2 < 20.5);
    CHECK_INT("a bound of one", rng_below(&r, 1), 0);

    /* With a bound just over 2^63 nearly half of the plain remainders would fall on the low results twice. */
    const uint64_t bound = (UINT64_C(1) << 63) + 1;
    int low = 0;
    for (int i = 0; i < 10000; i++) {
        low += rng_below(&r, bound) < bound / 2 ? 1 : 0;
    }
    CHECK("no modulo bias", low > 4750 && low < 5250);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"the reference's draws", test_reference},
        {"the reference's seeding", test_seed},
        {"unit interval", test_unit},
        {"below a bound", test_below},
    };
    return check_run("rng", tests, ARRAY_LEN(tests));
}
