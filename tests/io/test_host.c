#include "io/host.h"

#include "base/clock.h"
#include "base/rng.h"
#include "tests/check.h"

/* Sends as long as there is room, then answers all of it. Returns how many. */
static uint32_t round_of(struct host *h, enum host_answer answer, int64_t now_ns)
{
    uint32_t sent = 0;
    while (host_has_room(h, now_ns)) {
        host_sent(h, HTTP_FIRST, false);
        sent++;
    }
    for (uint32_t i = 0; i < sent; i++) {
        host_answered(h, answer, -1, false, now_ns);
    }
    return sent;
}

static void test_growth(void)
{
    static const struct {
        uint32_t max, rounds[6];
    } rows[] = {
        {1, {1, 1, 1, 1, 1, 1}},
        {0, {1, 1, 1, 1, 1, 1}},
        {10, {10, 10, 10, 10, 10, 10}},
        {64, {16, 32, 64, 64, 64, 64}},
        {300, {16, 32, 64, 128, 256, 300}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct host h;
        host_init(&h, rows[i].max);
        for (size_t r = 0; r < ARRAY_LEN(rows[i].rounds); r++) {
            CHECK_INT("doubles up to its bound", round_of(&h, HOST_SUCCESS, 0), rows[i].rounds[r]);
        }
    }
}

static void test_cut(void)
{
    struct host h;
    host_init(&h, 1000);
    (void)round_of(&h, HOST_SUCCESS, 0);
    (void)round_of(&h, HOST_SUCCESS, 0);
    CHECK_INT("64", round_of(&h, HOST_THROTTLED, NS_PER_S), 64);
    CHECK_INT("all at once are one message", round_of(&h, HOST_THROTTLED, 2 * NS_PER_S), 51);
    CHECK_INT("not for 15 s", round_of(&h, HOST_THROTTLED, 16 * NS_PER_S - 1), 51);
    CHECK_INT("then again", round_of(&h, HOST_THROTTLED, 16 * NS_PER_S), 51);
    uint32_t before = round_of(&h, HOST_SUCCESS, 17 * NS_PER_S);
    CHECK_INT("0.8 of it", before, 40);
    (void)round_of(&h, HOST_SUCCESS, 17 * NS_PER_S); /* the window that saw the last 429 is over now */
    CHECK_INT("slowly from now on: 5 %", round_of(&h, HOST_SUCCESS, 17 * NS_PER_S), 43);
    for (int i = 0; i < 200; i++) {
        (void)round_of(&h, HOST_THROTTLED, (int64_t)(100 + 15 * i) * NS_PER_S);
    }
    CHECK_INT("one always", round_of(&h, HOST_SUCCESS, 10000 * NS_PER_S), 1);
    uint32_t grown = 0;
    for (int i = 0; i < 60; i++) {
        grown = round_of(&h, HOST_SUCCESS, 10000 * NS_PER_S);
    }
    CHECK("and grows again from one", grown >= 2);
}

static void test_what_holds(void)
{
    static const struct {
        const char *name;
        enum host_answer one;
        bool is_repeat;
        uint32_t next;
    } rows[] = {
        {"a success", HOST_SUCCESS, false, 32},
        {"a success after a failed try", HOST_SUCCESS, true, 16},
        {"a 500", HOST_FAILED, false, 16},
        {"a broken connection", HOST_NOT_CONNECTED, false, 16},
        {"one that we ended", HOST_UNKNOWN, false, 16},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct host h;
        host_init(&h, 100);
        while (host_has_room(&h, 0)) {
            host_sent(&h, HTTP_FIRST, false);
        }
        for (int n = 0; n < 15; n++) {
            host_answered(&h, HOST_SUCCESS, -1, false, 0);
        }
        host_answered(&h, rows[i].one, -1, rows[i].is_repeat, 0);
        CHECK_INT(rows[i].name, round_of(&h, HOST_SUCCESS, 0), rows[i].next);
    }
    struct host h;
    host_init(&h, 100);
    for (int n = 0; n < 100; n++) { /* one at a time: nobody knows what more would do */
        host_sent(&h, HTTP_FIRST, false);
        host_answered(&h, HOST_SUCCESS, -1, false, 0);
    }
    CHECK_INT("room that is not used does not grow", round_of(&h, HOST_SUCCESS, 0), 16);
}

static void test_pause(void)
{
    static const struct {
        const char *name;
        enum host_answer answer;
        int64_t retry_after_ns, until_ns;
    } rows[] = {
        {"2 s", HOST_THROTTLED, 2 * NS_PER_S, 2 * NS_PER_S},
        {"nothing said", HOST_THROTTLED, -1, 0},
        {"at once", HOST_THROTTLED, 0, 0},
        {"for ever: 5 min", HOST_THROTTLED, INT64_MAX, 300 * NS_PER_S},
        {"of a 500 it concerns that request only", HOST_FAILED, 2 * NS_PER_S, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct host h;
        host_init(&h, 10);
        host_sent(&h, HTTP_FIRST, false);
        host_answered(&h, rows[i].answer, rows[i].retry_after_ns, false, 0);
        CHECK_INT(rows[i].name, host_next_ns(&h, 0), rows[i].until_ns);
        CHECK(rows[i].name, rows[i].until_ns == 0 || !host_has_room(&h, rows[i].until_ns - 1));
        CHECK(rows[i].name, host_has_room(&h, rows[i].until_ns));
    }
    struct host h;
    host_init(&h, 10);
    for (int i = 0; i < 3; i++) {
        host_sent(&h, HTTP_FIRST, false);
    }
    host_answered(&h, HOST_THROTTLED, 5 * NS_PER_S, false, 0);
    host_answered(&h, HOST_THROTTLED, NS_PER_S, false, 0);
    CHECK_INT("the longer one", host_next_ns(&h, 0), 5 * NS_PER_S);
    CHECK_INT("full: only an answer helps", (host_set_max(&h, 1), host_next_ns(&h, 9 * NS_PER_S)), INT64_MAX);
}

static void test_circuit(void)
{
    struct host h;
    host_init(&h, 100);
    for (int i = 0; i < 19; i++) {
        host_sent(&h, HTTP_FIRST, false);
        host_answered(&h, HOST_NOT_CONNECTED, -1, false, 0);
    }
    CHECK("19 are not enough", !host_is_unreachable(&h, 0) && host_has_room(&h, 0));
    host_sent(&h, HTTP_FIRST, false);
    host_answered(&h, HOST_FAILED, -1, false, 0);
    for (int i = 0; i < 19; i++) {
        host_sent(&h, HTTP_FIRST, false);
        host_answered(&h, HOST_NOT_CONNECTED, -1, false, 0);
    }
    CHECK("a bad answer is an answer", !host_is_unreachable(&h, 0));
    host_sent(&h, HTTP_FIRST, false);
    host_answered(&h, HOST_NOT_CONNECTED, -1, false, NS_PER_S);
    CHECK("20 in a row", host_is_unreachable(&h, NS_PER_S) && !host_has_room(&h, NS_PER_S));
    CHECK("for 5 s", host_is_unreachable(&h, 6 * NS_PER_S - 1));
    CHECK("then a probe", !host_is_unreachable(&h, 6 * NS_PER_S) && host_has_room(&h, 6 * NS_PER_S));
    host_sent(&h, HTTP_FIRST, false);
    CHECK("one at a time", host_is_unreachable(&h, 6 * NS_PER_S) && !host_has_room(&h, 6 * NS_PER_S));
    host_answered(&h, HOST_NOT_CONNECTED, -1, false, 7 * NS_PER_S);
    CHECK("it failed", host_is_unreachable(&h, 8 * NS_PER_S));
    host_sent(&h, HTTP_FIRST, false);
    host_answered(&h, HOST_SUCCESS, -1, false, 12 * NS_PER_S);
    CHECK("it connected", !host_is_unreachable(&h, 12 * NS_PER_S) && host_has_room(&h, 12 * NS_PER_S));
    host_sent(&h, HTTP_FIRST, false);
    host_answered(&h, HOST_NOT_TRUSTED, -1, false, 13 * NS_PER_S);
    CHECK("a certificate that is refused is refused at once", host_is_unreachable(&h, 13 * NS_PER_S));
}

static void test_turns(void)
{
    struct host h;
    host_init(&h, 1000);
    int behind = 0;
    for (int i = 0; i < 80; i++) {
        enum http_priority turn = host_turn(&h, true, true);
        behind += turn == HTTP_BEHIND ? 1 : 0;
        host_sent(&h, turn, true);
        CHECK("the first seven are of samples", i >= 7 || turn == HTTP_FIRST);
    }
    CHECK_INT("every eighth is not", behind, 10);
    CHECK_INT("alone", host_turn(&h, false, true), HTTP_BEHIND);
    for (int i = 0; i < 100; i++) { /* nobody waits behind: no debt grows */
        host_sent(&h, HTTP_FIRST, false);
    }
    CHECK_INT("alone", host_turn(&h, true, true), HTTP_FIRST);
}

/* Whatever comes in whatever order, the bounds hold. */
static void test_random(void)
{
    struct rng rng;
    rng_seed(&rng, 9);
    for (int round = 0; round < 200; round++) {
        struct host h;
        uint32_t max = (uint32_t)rng_below(&rng, 50) + 1;
        uint32_t in_flight = 0;
        int64_t now_ns = 0;
        host_init(&h, max);
        for (int i = 0; i < 1000; i++) {
            now_ns += (int64_t)rng_below(&rng, NS_PER_S);
            if (host_has_room(&h, now_ns) && rng_below(&rng, 2) == 0) {
                host_sent(&h, rng_below(&rng, 2) == 0 ? HTTP_FIRST : HTTP_BEHIND, true);
                in_flight++;
            } else if (in_flight > 0) {
                enum host_answer answer = (enum host_answer)rng_below(&rng, HOST_UNKNOWN + 1);
                host_answered(&h, answer, (int64_t)rng_below(&rng, 3 * NS_PER_S) - NS_PER_S, rng_below(&rng, 2) == 0,
                              now_ns);
                in_flight--;
            }
            CHECK("bounds", h.in_flight == in_flight && in_flight <= max && h.room >= 1.0 && h.room <= h.max);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"growth", test_growth},   {"cut", test_cut},     {"what holds", test_what_holds}, {"pause", test_pause},
        {"circuit", test_circuit}, {"turns", test_turns}, {"random", test_random},
    };
    return check_run("host", tests, ARRAY_LEN(tests));
}
