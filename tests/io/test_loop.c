#include "io/loop.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/check.h"

static void close_loop(struct loop **loop)
{
    loop_free(loop);
}

static void test_time(void)
{
    struct loop *loop CLEANUP(close_loop) = loop_new(&CLOCK_SYSTEM);
    struct err err = ERR_NULL;
    int64_t before_ns = clock_ns(&CLOCK_SYSTEM);
    CHECK("only looks", loop_wait(loop, 0, &err));
    CHECK("past as well", loop_wait(loop, INT64_MIN, &err));
    CHECK("waits", loop_wait(loop, before_ns + 20 * NS_PER_MS, &err));
    CHECK("as long as said", loop_now_ns(loop) >= before_ns + 20 * NS_PER_MS);
    CHECK("its clock", loop_clock(loop) == &CLOCK_SYSTEM);
}

static void test_readiness(void)
{
    struct loop *loop CLEANUP(close_loop) = loop_new(&CLOCK_SYSTEM);
    struct err err = ERR_NULL;
    int fds[2];
    CHECK_INT("pipe", pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
    struct loop_watch reads = {.fd = fds[0], .wants = LOOP_READ};
    struct loop_watch writes = {.fd = fds[1], .wants = LOOP_WRITE};
    struct loop_watch none = {.fd = -1, .wants = LOOP_READ};
    loop_add(loop, &reads);
    loop_add(loop, &none);
    loop_add(loop, &writes);
    CHECK("wait", loop_wait(loop, INT64_MAX, &err));
    CHECK_INT("nothing to read", reads.ready, 0);
    CHECK_INT("room to write", writes.ready, LOOP_WRITE);
    CHECK_INT("no descriptor", none.ready, 0);
    CHECK_INT("a byte", write(fds[1], "x", 1), 1);
    writes.wants = 0;
    CHECK("wait", loop_wait(loop, INT64_MAX, &err));
    CHECK_INT("to read", reads.ready, LOOP_READ);
    CHECK_INT("wants nothing", writes.ready, 0);
    loop_remove(loop, &none);
    loop_remove(loop, &writes);
    (void)close(fds[1]);
    char byte = 0;
    CHECK_INT("the byte", read(fds[0], &byte, 1), 1);
    CHECK("wait", loop_wait(loop, INT64_MAX, &err));
    CHECK_INT("a hang-up is readable", reads.ready, LOOP_READ);
    reads.wants = 0;
    CHECK("a hang-up nobody wants does not wake", loop_wait(loop, loop_now_ns(loop) + 5 * NS_PER_MS, &err));
    CHECK_INT("nor show", reads.ready, 0);
    loop_remove(loop, &reads);
    (void)close(fds[0]);
}

static void test_many(void)
{
    enum { MANY = 300 };
    struct loop *loop CLEANUP(close_loop) = loop_new(&CLOCK_SYSTEM);
    struct err err = ERR_NULL;
    struct loop_watch watches[MANY];
    int fds[MANY][2];
    for (size_t i = 0; i < MANY; i++) {
        CHECK_INT("pipe", pipe2(fds[i], O_CLOEXEC), 0);
        watches[i] = (struct loop_watch){.fd = fds[i][0], .wants = LOOP_READ};
        loop_add(loop, &watches[i]);
    }
    for (size_t i = 0; i < MANY; i += 3) { /* removal moves the last one into the gap */
        loop_remove(loop, &watches[i]);
    }
    CHECK_INT("write", write(fds[MANY - 1][1], "x", 1), 1);
    CHECK_INT("write", write(fds[1][1], "x", 1), 1);
    CHECK("wait", loop_wait(loop, INT64_MAX, &err));
    for (size_t i = 0; i < MANY; i++) {
        CHECK_INT("ready", i % 3 != 0 && watches[i].ready != 0, i == 1 || i == MANY - 1);
    }
    for (size_t i = 0; i < MANY; i++) {
        if (i % 3 != 0) {
            loop_remove(loop, &watches[i]);
        }
        (void)close(fds[i][0]);
        (void)close(fds[i][1]);
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"time", test_time},
        {"readiness", test_readiness},
        {"many", test_many},
    };
    return check_run("loop", tests, ARRAY_LEN(tests));
}
