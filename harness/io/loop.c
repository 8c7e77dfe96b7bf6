#include "io/loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

/* poll over two parallel arrays, kept between waits: a thousand descriptors cost less here than the children behind them. */
struct loop {
    const struct clock *clock;
    struct pollfd *fds;
    struct loop_watch **watches;
    uint32_t len, cap;
    int64_t now_ns;
};

struct loop *loop_new(const struct clock *clock)
{
    struct loop *loop = mem_alloc(sizeof(*loop));
    loop->clock = clock;
    loop->now_ns = clock_ns(clock);
    return loop;
}

void loop_free(struct loop **loop)
{
    if (*loop == NULL) {
        return;
    }
    assert((*loop)->len == 0);
    mem_free((*loop)->fds);
    mem_free((*loop)->watches);
    mem_free(take_ptr(loop));
}

void loop_add(struct loop *loop, struct loop_watch *watch)
{
    if (loop->len == loop->cap) {
        loop->cap = loop->cap == 0 ? 64 : loop->cap * 2;
        loop->fds = mem_realloc(loop->fds, loop->cap * sizeof(*loop->fds));
        loop->watches = mem_realloc(loop->watches, loop->cap * sizeof(*loop->watches));
    }
    watch->slot = loop->len;
    watch->ready = 0;
    loop->watches[loop->len] = watch;
    loop->len++;
}

void loop_remove(struct loop *loop, struct loop_watch *watch)
{
    assert(watch->slot < loop->len && loop->watches[watch->slot] == watch);
    struct loop_watch *last = loop->watches[loop->len - 1];
    loop->watches[watch->slot] = last;
    last->slot = watch->slot;
    watch->ready = 0;
    loop->len--;
}

static int wait_for(struct loop *loop, int64_t wait_ns)
{
#ifdef __linux__
    struct timespec limit = {.tv_sec = (time_t)(wait_ns / NS_PER_S), .tv_nsec = (long)(wait_ns % NS_PER_S)};
    return ppoll(loop->fds, loop->len, wait_ns == INT64_MAX ? NULL : &limit, NULL);
#else
    int64_t wait_ms = wait_ns / NS_PER_MS + (wait_ns % NS_PER_MS != 0);
    return poll(loop->fds, loop->len, wait_ns == INT64_MAX ? -1 : wait_ms > INT32_MAX ? INT32_MAX : (int)wait_ms);
#endif
}

bool loop_wait(struct loop *loop, int64_t until_ns, struct err *err)
{
    for (uint32_t i = 0; i < loop->len; i++) {
        const struct loop_watch *watch = loop->watches[i];
        short events =
            (short)(((watch->wants & LOOP_READ) != 0 ? POLLIN : 0) | ((watch->wants & LOOP_WRITE) != 0 ? POLLOUT : 0));
        /* A watch that wants nothing is left out: poll would report its hang-up again and again. */
        loop->fds[i] = (struct pollfd){.fd = events == 0 ? -1 : watch->fd, .events = events};
    }
    int64_t wait_ns = INT64_MAX;
    if (until_ns != INT64_MAX) {
        int64_t now_ns = clock_ns(loop->clock);
        wait_ns = until_ns > now_ns ? until_ns - now_ns : 0;
    }
    int got = wait_for(loop, wait_ns);
    int sys = errno;
    loop->now_ns = clock_ns(loop->clock);
    if (got < 0 && sys != EINTR && sys != EAGAIN) {
        return err_set_sys(err, ERR_IO, sys, "cannot wait for %u descriptors", (unsigned)loop->len);
    }
    for (uint32_t i = 0; i < loop->len; i++) {
        short events = got > 0 ? loop->fds[i].revents : 0;
        unsigned ready = 0;
        if ((events & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0) {
            ready |= LOOP_READ;
        }
        if ((events & (POLLOUT | POLLHUP | POLLERR | POLLNVAL)) != 0) {
            ready |= LOOP_WRITE; /* a reader that went away shows when we write */
        }
        loop->watches[i]->ready = ready & loop->watches[i]->wants;
    }
    return true;
}

int64_t loop_now_ns(const struct loop *loop)
{
    return loop->now_ns;
}

const struct clock *loop_clock(const struct loop *loop)
{
    return loop->clock;
}
