#include "io/poller.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/check.h"

enum { PIPES = 300 };

struct pipes {
    struct loop *loop;
    struct poller poller;
    int fds[PIPES][2];
    int owners[PIPES]; /* their addresses tell them apart */
};

/* `with_epoll` false: as where there is none. */
static void open_pipes(struct pipes *p, bool with_epoll)
{
    struct rlimit former;
    p->loop = loop_new(&CLOCK_SYSTEM);
    CHECK_INT("limit", getrlimit(RLIMIT_NOFILE, &former), 0);
    const struct rlimit none = {0, former.rlim_max};
    if (!with_epoll) {
        CHECK_INT("no descriptor for epoll", setrlimit(RLIMIT_NOFILE, &none), 0);
    }
    poller_open(&p->poller, p->loop);
    (void)setrlimit(RLIMIT_NOFILE, &former);
    for (size_t i = 0; i < PIPES; i++) {
        CHECK_INT("pipe", pipe2(p->fds[i], O_CLOEXEC | O_NONBLOCK), 0);
    }
}

static void close_pipes(struct pipes *p)
{
    for (size_t i = 0; i < PIPES; i++) {
        poller_remove(&p->poller, p->fds[i][0]);
        (void)close(p->fds[i][0]);
        (void)close(p->fds[i][1]);
    }
    poller_close(&p->poller);
    loop_free(&p->loop);
}

/* After a wait of at most `ms`: which of the pipes are ready, as a sum of their numbers + 1. */
static size_t ready_after(struct pipes *p, int ms, unsigned wanted)
{
    struct poller_event events[PIPES];
    struct err err = ERR_NULL;
    size_t sum = 0;
    CHECK("wait", loop_wait(p->loop, clock_ns(&CLOCK_SYSTEM) + ms * NS_PER_MS, &err));
    size_t count = poller_ready(&p->poller, events, PIPES);
    for (size_t i = 0; i < count; i++) {
        size_t number = (size_t)((const int *)events[i].owner - p->owners);
        CHECK("its owner", number < PIPES && poller_owner(&p->poller, events[i].fd) == events[i].owner);
        CHECK_INT("ready for what was asked", events[i].ready, wanted);
        sum += number + 1;
    }
    return sum;
}

static void check_life(bool with_epoll)
{
    struct pipes p;
    char byte = 0;
    open_pipes(&p, with_epoll);
    CHECK_INT("the way that is tested", p.poller.watch.fd >= 0, with_epoll);
    for (size_t i = 0; i < PIPES; i++) {
        poller_set(&p.poller, p.fds[i][0], LOOP_READ, &p.owners[i]);
    }
    CHECK_INT("none", ready_after(&p, 1, LOOP_READ), 0);
    CHECK_INT("write", write(p.fds[7][1], "x", 1), 1);
    CHECK_INT("write", write(p.fds[290][1], "x", 1), 1);
    CHECK_INT("two", ready_after(&p, 1000, LOOP_READ), 8 + 291);
    CHECK_INT("again, as long as nobody reads", ready_after(&p, 1000, LOOP_READ), 8 + 291);
    CHECK_INT("read", read(p.fds[7][0], &byte, 1), 1);
    poller_rest(&p.poller, p.fds[290][0]);
    CHECK("nobody's", poller_owner(&p.poller, p.fds[290][0]) == NULL);
    CHECK_INT("one that rests does not show", ready_after(&p, 1, LOOP_READ), 0);
    int64_t before_ns = clock_ns(&CLOCK_SYSTEM);
    CHECK_INT("nor wake twice", ready_after(&p, 20, LOOP_READ), 0);
    CHECK("nor wake twice", clock_ns(&CLOCK_SYSTEM) - before_ns >= 20 * NS_PER_MS);
    poller_set(&p.poller, p.fds[290][0], LOOP_READ, &p.owners[290]);
    CHECK_INT("and is there when it is wanted again", ready_after(&p, 1000, LOOP_READ), 291);
    poller_set(&p.poller, p.fds[290][0], 0, &p.owners[290]);
    CHECK_INT("wants nothing", ready_after(&p, 1, LOOP_READ), 0);
    poller_remove(&p.poller, p.fds[290][0]);
    (void)close(p.fds[5][1]);
    CHECK_INT("a hang-up is readable", ready_after(&p, 1000, LOOP_READ), 6);
    poller_remove(&p.poller, p.fds[5][0]);
    p.fds[5][1] = dup(0);
    poller_set(&p.poller, p.fds[9][1], LOOP_WRITE, &p.owners[9]);
    CHECK_INT("room to write", ready_after(&p, 1000, LOOP_WRITE), 10);
    poller_remove(&p.poller, p.fds[9][1]);
    CHECK_INT("no more", ready_after(&p, 1, LOOP_WRITE), 0);
    poller_remove(&p.poller, 100000);
    CHECK("one that was never there", poller_owner(&p.poller, 200000) == NULL);
    close_pipes(&p);
}

static void test_epoll(void)
{
    check_life(true);
}

static void test_without(void)
{
    check_life(false);
}

/* A number that is closed and opened again is another descriptor. */
static void test_same_number(void)
{
    struct pipes p;
    open_pipes(&p, true);
    for (int round = 0; round < 3; round++) {
        int reads = p.fds[0][0];
        poller_set(&p.poller, reads, LOOP_READ, &p.owners[0]);
        poller_rest(&p.poller, reads);
        poller_remove(&p.poller, reads);
        (void)close(reads);
        (void)close(p.fds[0][1]);
        CHECK_INT("pipe", pipe2(p.fds[0], O_CLOEXEC | O_NONBLOCK), 0);
        CHECK_INT("the same number", p.fds[0][0], reads);
        poller_set(&p.poller, reads, LOOP_READ, &p.owners[0]);
        CHECK_INT("none", ready_after(&p, 1, LOOP_READ), 0);
        CHECK_INT("write", write(p.fds[0][1], "x", 1), 1);
        CHECK_INT("one", ready_after(&p, 1000, LOOP_READ), 1);
    }
    close_pipes(&p);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"epoll", test_epoll},
        {"without epoll", test_without},
        {"same number", test_same_number},
    };
    return check_run("poller", tests, ARRAY_LEN(tests));
}
