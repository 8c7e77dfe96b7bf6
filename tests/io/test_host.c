#include "io/host.h"

#include "base/clock.h"
#include "base/rng.h"
#include "tests/check.h"

static void send_one(struct host *h, int64_t now_ns)
{
    host_sent(h, HTTP_FIRST, false, now_ns);
}

static void answered(struct host *h, enum host_answer answer, int64_t now_ns)
{
    host_answered(h, &(struct host_result){.answer = answer, .begun_ns = now_ns, .retry_after_ns = -1}, now_ns);
}

/* Sends as long as there is room, then answers all of it. Returns how many. */
static uint32_t round_of(struct host *h, enum host_answer answer, int64_t now_ns)
{
    uint32_t sent = 0;
    while (host_has_room(h, HTTP_FIRST, now_ns)) {
        send_one(h, now_ns);
        sent++;
    }
    for (uint32_t i = 0; i < sent; i++) {
        answered(h, answer, now_ns);
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
        {64, {32, 64, 64, 64, 64, 64}},
        {300, {32, 64, 128, 256, 300, 300}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct host h;
        host_init(&h, rows[i].max);
        for (size_t r = 0; r < ARRAY_LEN(rows[i].rounds); r++) {
            CHECK_INT("doubles up to its bound", round_of(&h, HOST_SUCCESS, 0), rows[i].rounds[r]);
        }
    }
}

/* What was in flight together is one message, heard over some milliseconds. */
static void flight_of(struct host *h, uint32_t sent, uint32_t refused, int64_t begun_ns)
{
    for (uint32_t i = 0; i < sent; i++) {
        send_one(h, begun_ns);
    }
    for (uint32_t i = 0; i < sent; i++) {
        enum host_answer answer = i < refused ? HOST_THROTTLED : HOST_SUCCESS;
        struct host_result result = {.answer = answer, .begun_ns = begun_ns, .retry_after_ns = 0};
        host_answered(h, &result, begun_ns + (i + 1) * NS_PER_MS);
    }
}

static void test_cut(void)
{
    static const struct {
        const char *name;
        uint32_t refused; /* of 64 */
        double left;
    } rows[] = {
        {"one: a fifth less", 1, 64 * 0.8}, {"a fifth", 12, 64 * 0.8}, {"more: as many as were answered", 24, 40},
        {"at least half", 32, 32},          {"all", 64, 32},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct host h;
        host_init(&h, 1000);
        (void)round_of(&h, HOST_SUCCESS, 0);
        flight_of(&h, 64, rows[i].refused, NS_PER_S);
        CHECK_DOUBLE(rows[i].name, h.room, rows[i].left, 1e-9);
    }
}

static void test_after_a_cut(void)
{
    struct host h;
    host_init(&h, 1000);
    (void)round_of(&h, HOST_SUCCESS, 0);
    flight_of(&h, 64, 64, 0);
    flight_of(&h, 1, 1, 100 * NS_PER_S);
    CHECK_DOUBLE("one sent after it is another message", h.room, 32 * 0.8, 1e-9);
    int64_t now_ns = 200 * NS_PER_S;
    CHECK_INT("0.8 of a half", round_of(&h, HOST_SUCCESS, now_ns), 25);
    CHECK_INT("slowly from now on: 5 %", round_of(&h, HOST_SUCCESS, now_ns), 26);
    CHECK_INT("and not at once again", round_of(&h, HOST_SUCCESS, now_ns + NS_PER_S), 26);
    CHECK_INT("after 2 s", round_of(&h, HOST_SUCCESS, now_ns + 3 * NS_PER_S), 26);
    CHECK_INT("5 % more", round_of(&h, HOST_SUCCESS, now_ns + 3 * NS_PER_S), 28);
    for (int i = 0; i < 200; i++) {
        now_ns += 100 * NS_PER_S;
        (void)round_of(&h, HOST_THROTTLED, now_ns);
    }
    now_ns += 100 * NS_PER_S;
    CHECK_INT("one always", round_of(&h, HOST_SUCCESS, now_ns), 1);
    uint32_t grown = 0;
    for (int i = 0; i < 60; i++) {
        now_ns += 2 * NS_PER_S;
        grown = round_of(&h, HOST_SUCCESS, now_ns);
    }
    CHECK("and grows again from one", grown >= 2);
}

/* A server that says "too many" and not for how long. */
static void test_own_pause(void)
{
    static const int64_t pauses_ms[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000};
    struct host h;
    int64_t now_ns = 0;
    host_init(&h, 100);
    for (size_t i = 0; i < ARRAY_LEN(pauses_ms); i++) {
        (void)round_of(&h, HOST_THROTTLED, now_ns);
        CHECK_INT("doubled", host_next_ns(&h, HTTP_FIRST, now_ns) - now_ns, pauses_ms[i] * NS_PER_MS);
        CHECK("nothing is sent", !host_has_room(&h, HTTP_FIRST, now_ns + pauses_ms[i] * NS_PER_MS - 1));
        now_ns += pauses_ms[i] * NS_PER_MS;
    }
    send_one(&h, now_ns);
    answered(&h, HOST_SUCCESS, now_ns);
    now_ns += NS_PER_S;
    (void)round_of(&h, HOST_THROTTLED, now_ns);
    CHECK_INT("from the beginning after a success", host_next_ns(&h, HTTP_FIRST, now_ns) - now_ns, 500 * NS_PER_MS);
}

/* A server that counts whole seconds, and says "in 0.3 s" whatever is left of this one. */
static void test_too_short_a_word(void)
{
    static const int64_t pauses_ms[] = {300, 1000, 2000};
    struct host h;
    int64_t now_ns = 0;
    host_init(&h, 100);
    for (size_t i = 0; i < ARRAY_LEN(pauses_ms); i++) {
        send_one(&h, now_ns);
        host_answered(
            &h, &(struct host_result){.answer = HOST_THROTTLED, .begun_ns = now_ns, .retry_after_ns = 300 * NS_PER_MS},
            now_ns);
        CHECK_INT("longer than it says, once that was not enough", host_next_ns(&h, HTTP_FIRST, now_ns) - now_ns,
                  pauses_ms[i] * NS_PER_MS);
        now_ns += pauses_ms[i] * NS_PER_MS;
    }
    send_one(&h, now_ns);
    answered(&h, HOST_SUCCESS, now_ns);
    send_one(&h, ++now_ns);
    host_answered(
        &h, &(struct host_result){.answer = HOST_THROTTLED, .begun_ns = now_ns, .retry_after_ns = 300 * NS_PER_MS},
        now_ns);
    CHECK_INT("its word counts again after a success", host_next_ns(&h, HTTP_FIRST, now_ns) - now_ns, 300 * NS_PER_MS);
}

static void test_what_holds(void)
{
    static const struct {
        const char *name;
        enum host_answer answer;
        bool is_repeat;
        uint32_t count, next; /* of 32 */
    } rows[] = {
        {"all succeed", HOST_SUCCESS, false, 32, 64},
        {"three of 32 fail", HOST_FAILED, false, 3, 64},
        {"four of 32 fail", HOST_FAILED, false, 4, 32},
        {"all fail", HOST_FAILED, false, 32, 32},
        {"successes after failed tries", HOST_SUCCESS, true, 32, 32},
        {"those that we ended", HOST_UNKNOWN, false, 32, 32},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct host h;
        host_init(&h, 100);
        uint32_t left = 0;
        for (; host_has_room(&h, HTTP_FIRST, 0); left++) {
            send_one(&h, 0);
        }
        for (uint32_t n = 0; n < rows[i].count; n++, left--) {
            struct host_result result = {
                .answer = rows[i].answer, .retry_after_ns = -1, .is_repeat = rows[i].is_repeat};
            host_answered(&h, &result, 0);
        }
        for (; left > 0; left--) {
            answered(&h, HOST_SUCCESS, 0);
        }
        for (uint32_t n = 0; n < 32 && h.room < 33 && h.window_left < 32 && rows[i].answer == HOST_FAILED; n++) {
            send_one(&h, 0); /* the window goes on until it has seen 32 successes */
            answered(&h, HOST_SUCCESS, 0);
        }
        CHECK_INT(rows[i].name, (uint32_t)h.room, rows[i].next);
    }
    struct host h;
    host_init(&h, 100);
    for (int n = 0; n < 100; n++) { /* one at a time: nobody knows what more would do */
        send_one(&h, 0);
        answered(&h, HOST_SUCCESS, 0);
    }
    CHECK_INT("room that is not used does not grow", round_of(&h, HOST_SUCCESS, 0), HOST_START);
}

/* A server that takes `latency_ns` for an answer, and not more than `per_s` of them: requests at once, 0.1 s long. Returns the share at the end. */
static uint32_t share_after(double seconds, int64_t latency_ns, double per_s)
{
    struct host h;
    int64_t due_ns[4096]; /* when each of those under way is answered */
    int64_t begun_ns[4096];
    size_t first = 0;
    size_t last = 0;
    int64_t free_ns = 0; /* the server's next answer is not before */
    int64_t step_ns = (int64_t)((double)NS_PER_S / per_s);
    host_init(&h, 2000);
    h.room = 2000;
    for (int64_t now_ns = 0; now_ns < (int64_t)(seconds * (double)NS_PER_S);) {
        while (host_has_room(&h, HTTP_BEHIND, now_ns) && last - first < 4096) {
            host_sent(&h, HTTP_BEHIND, true, now_ns);
            free_ns = (free_ns > now_ns ? free_ns : now_ns) + step_ns;
            begun_ns[last % 4096] = now_ns;
            due_ns[last++ % 4096] = free_ns > now_ns + latency_ns ? free_ns : now_ns + latency_ns;
        }
        if (first == last) {
            CHECK("something is under way", false);
            break;
        }
        now_ns = due_ns[first % 4096];
        struct host_result result = {.answer = HOST_SUCCESS,
                                     .priority = HTTP_BEHIND,
                                     .begun_ns = begun_ns[first++ % 4096],
                                     .retry_after_ns = -1};
        host_answered(&h, &result, now_ns);
    }
    return h.behind.max;
}

static void test_share(void)
{
    static const struct {
        const char *name;
        int64_t latency_ns;
        double per_s;
        uint32_t least, most;
    } rows[] = {
        {"answers at once, 20,000 a second", 0, 20000, 16, 32},
        {"1 ms, 20,000 a second: 20 at once", NS_PER_MS, 20000, 32, 64},
        {"50 ms, as many as come: all there is", 50 * NS_PER_MS, 1e6, 1024, 2048},
        {"50 ms, 1,000 a second: 50 at once", 50 * NS_PER_MS, 1000, 64, 128},
        {"2 s, 100 a second: 200 at once", 2 * NS_PER_S, 100, 128, 512},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (int k = 0; k < 3; k++) { /* also while a doubling is tried */
            uint32_t share = share_after(58.0 + 1.7 * k, rows[i].latency_ns, rows[i].per_s);
            CHECK(rows[i].name, share >= rows[i].least && share <= rows[i].most);
            if (share < rows[i].least || share > rows[i].most) {
                CHECK_INT(rows[i].name, share, rows[i].least);
            }
        }
    }
    struct host h;
    host_init(&h, 2000);
    for (int i = 0; i < 1000; i++) { /* one at a time: more is not wanted */
        host_sent(&h, HTTP_BEHIND, false, i * NS_PER_MS);
        host_answered(&h, &(struct host_result){.priority = HTTP_BEHIND, .retry_after_ns = -1}, i * NS_PER_MS);
    }
    CHECK_INT("unused, it stays", h.behind.max, HOST_START);
    for (int i = 0; i < HOST_START; i++) {
        host_sent(&h, HTTP_BEHIND, true, 0);
    }
    h.room = 100;
    CHECK("full for the one", !host_has_room(&h, HTTP_BEHIND, 0) && host_next_ns(&h, HTTP_BEHIND, 0) == INT64_MAX);
    CHECK("and not for the other", host_has_room(&h, HTTP_FIRST, 0));
}

/* A service that answers calls, and not what is only written down. */
static void test_calls_go_on(void)
{
    struct host h;
    host_init(&h, 1000);
    while (host_has_room(&h, HTTP_BEHIND, 0)) { /* these are never answered */
        host_sent(&h, HTTP_BEHIND, true, 0);
    }
    CHECK_INT("all of the room at first", h.in_flight, HOST_START);
    static const uint32_t rounds[] = {16, 16, 32, 32, 96};
    for (size_t i = 0; i < ARRAY_LEN(rounds); i++) {
        CHECK_INT("half of it at least, and it grows", round_of(&h, HOST_SUCCESS, 0), rounds[i]);
    }
    for (int i = 0; i < HOST_START; i++) {
        host_answered(
            &h,
            &(struct host_result){.answer = HOST_THROTTLED, .priority = HTTP_BEHIND, .retry_after_ns = 20 * NS_PER_S},
            NS_PER_S);
    }
    CHECK_INT("those that wait", host_next_ns(&h, HTTP_BEHIND, NS_PER_S), 21 * NS_PER_S);
    CHECK_INT("and calls do not", host_next_ns(&h, HTTP_FIRST, NS_PER_S), NS_PER_S);
    CHECK_INT("cut once: all were refused", h.behind.max, 16);
    CHECK_DOUBLE("and no room less", h.room, 128, 0);
    host_init(&h, 32);
    h.room = 32;
    h.behind.max = 32;
    while (host_has_room(&h, HTTP_BEHIND, 0)) {
        host_sent(&h, HTTP_BEHIND, true, 0);
    }
    CHECK_INT("some of all there is are kept for calls", round_of(&h, HOST_SUCCESS, 0), 4);
    host_init(&h, 1000);
    (void)round_of(&h, HOST_THROTTLED, 0);
    CHECK_INT("what calls are told holds for all", host_next_ns(&h, HTTP_BEHIND, 0), 500 * NS_PER_MS);
}

static void test_pause(void)
{
    static const struct {
        const char *name;
        enum host_answer answer;
        int64_t retry_after_ns, until_ns;
    } rows[] = {
        {"2 s", HOST_THROTTLED, 2 * NS_PER_S, 2 * NS_PER_S},
        {"nothing said", HOST_THROTTLED, -1, 500 * NS_PER_MS},
        {"at once", HOST_THROTTLED, 0, 0},
        {"for ever: 5 min", HOST_THROTTLED, INT64_MAX, 300 * NS_PER_S},
        {"of a 500 it concerns that request only", HOST_FAILED, 2 * NS_PER_S, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct host h;
        host_init(&h, 10);
        send_one(&h, 0);
        host_answered(&h, &(struct host_result){.answer = rows[i].answer, .retry_after_ns = rows[i].retry_after_ns}, 0);
        CHECK_INT(rows[i].name, host_next_ns(&h, HTTP_FIRST, 0), rows[i].until_ns);
        CHECK(rows[i].name, rows[i].until_ns == 0 || !host_has_room(&h, HTTP_FIRST, rows[i].until_ns - 1));
        CHECK(rows[i].name, host_has_room(&h, HTTP_FIRST, rows[i].until_ns));
    }
    struct host h;
    host_init(&h, 10);
    for (int i = 0; i < 3; i++) {
        send_one(&h, 0);
    }
    host_answered(&h, &(struct host_result){.answer = HOST_THROTTLED, .retry_after_ns = 5 * NS_PER_S}, 0);
    host_answered(&h, &(struct host_result){.answer = HOST_THROTTLED, .retry_after_ns = NS_PER_S}, 0);
    CHECK_INT("the longer one", host_next_ns(&h, HTTP_FIRST, 0), 5 * NS_PER_S);
    CHECK_INT("full: only an answer helps", (host_set_max(&h, 1), host_next_ns(&h, HTTP_FIRST, 9 * NS_PER_S)),
              INT64_MAX);
}

/* One that could not connect, sent and failed at `now_ns`. */
static void fail_at(struct host *h, int64_t now_ns)
{
    send_one(h, now_ns);
    answered(h, HOST_NOT_CONNECTED, now_ns);
}

static void test_circuit(void)
{
    struct host h;
    int64_t ms = NS_PER_MS;
    host_init(&h, 100);
    (void)round_of(&h, HOST_SUCCESS, 0);
    for (int i = 0; i < 30; i++) {
        send_one(&h, 0);
    }
    for (int i = 0; i < 30; i++) {
        host_answered(&h, &(struct host_result){.answer = HOST_NOT_CONNECTED, .retry_after_ns = -1}, (i + 1) * ms);
    }
    CHECK_INT("what was under way together counts once", h.failures, 1);
    CHECK("one by one from now on",
          !host_has_room(&h, HTTP_FIRST, 500 * ms) && host_has_room(&h, HTTP_FIRST, 501 * ms));
    CHECK_INT("that is when", host_next_ns(&h, HTTP_FIRST, 400 * ms), 501 * ms);
    send_one(&h, 501 * ms);
    CHECK("not two", !host_has_room(&h, HTTP_FIRST, 1000 * ms) && host_has_room(&h, HTTP_FIRST, 1001 * ms));
    answered(&h, HOST_FAILED, 510 * ms);
    CHECK("a bad answer is an answer", host_has_room(&h, HTTP_FIRST, 510 * ms) && h.failures == 0);
    for (int i = 0; i < 19; i++) {
        fail_at(&h, (600 + i) * ms);
    }
    CHECK("19 are not enough", !host_is_unreachable(&h, 618 * ms));
    fail_at(&h, 1000 * ms);
    CHECK("20 in a row", host_is_unreachable(&h, 1000 * ms) && !host_has_room(&h, HTTP_FIRST, 1000 * ms));
    CHECK("for 5 s", host_is_unreachable(&h, 5999 * ms));
    CHECK("then a probe", !host_is_unreachable(&h, 6000 * ms) && host_has_room(&h, HTTP_FIRST, 6000 * ms));
    send_one(&h, 6000 * ms);
    CHECK("one at a time", host_is_unreachable(&h, 6000 * ms) && !host_has_room(&h, HTTP_FIRST, 6000 * ms));
    answered(&h, HOST_NOT_CONNECTED, 7000 * ms);
    CHECK("it failed", host_is_unreachable(&h, 8000 * ms));
    send_one(&h, 12000 * ms);
    answered(&h, HOST_SUCCESS, 12001 * ms);
    CHECK("it connected", !host_is_unreachable(&h, 12001 * ms) && host_has_room(&h, HTTP_FIRST, 12001 * ms));
    send_one(&h, 13000 * ms);
    answered(&h, HOST_NOT_TRUSTED, 13000 * ms);
    CHECK("a certificate that is refused is refused at once", host_is_unreachable(&h, 13000 * ms));
    host_init(&h, 100);
    for (int i = 0; i < 3; i++) {
        fail_at(&h, i * ms);
    }
    CHECK("never reached", !host_is_unreachable(&h, 3 * ms));
    fail_at(&h, 4 * ms);
    CHECK("never reached, four in a row: a wrong address", host_is_unreachable(&h, 4 * ms));
}

static void test_turns(void)
{
    struct host h;
    host_init(&h, 1000);
    int behind = 0;
    for (int i = 0; i < 80; i++) {
        enum http_priority turn = host_turn(&h, true, true);
        behind += turn == HTTP_BEHIND ? 1 : 0;
        host_sent(&h, turn, true, 0);
        CHECK("the first seven are of samples", i >= 7 || turn == HTTP_FIRST);
    }
    CHECK_INT("every eighth is not", behind, 10);
    CHECK_INT("alone", host_turn(&h, false, true), HTTP_BEHIND);
    for (int i = 0; i < 100; i++) { /* nobody waits behind: no debt grows */
        send_one(&h, 0);
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
            enum http_priority priority = rng_below(&rng, 2) == 0 ? HTTP_FIRST : HTTP_BEHIND;
            if (host_has_room(&h, priority, now_ns) && rng_below(&rng, 2) == 0) {
                host_sent(&h, priority, true, now_ns);
                in_flight++;
            } else if (in_flight > 0) {
                enum host_answer answer = (enum host_answer)rng_below(&rng, HOST_UNKNOWN + 1);
                bool is_behind = h.behind.in_flight > 0;
                struct host_result result = {.answer = answer,
                                             .priority = is_behind ? HTTP_BEHIND : HTTP_FIRST,
                                             .begun_ns = now_ns - (int64_t)rng_below(&rng, NS_PER_S),
                                             .retry_after_ns = (int64_t)rng_below(&rng, 3 * NS_PER_S) - NS_PER_S,
                                             .is_repeat = rng_below(&rng, 2) == 0};
                host_answered(&h, &result, now_ns);
                in_flight--;
            }
            CHECK("bounds", h.in_flight == in_flight && in_flight <= max && h.behind.in_flight <= in_flight &&
                                h.room >= 1.0 && h.room <= h.max);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"growth", test_growth},
        {"cut", test_cut},
        {"after a cut", test_after_a_cut},
        {"own pause", test_own_pause},
        {"too short a word", test_too_short_a_word},
        {"what holds", test_what_holds},
        {"share", test_share},
        {"calls go on", test_calls_go_on},
        {"pause", test_pause},
        {"circuit", test_circuit},
        {"turns", test_turns},
        {"random", test_random},
    };
    return check_run("host", tests, ARRAY_LEN(tests));
}
