#include "io/poller.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

#include "base/mem.h"

enum { FIRST_ENTRIES = 256, EVENTS_AT_ONCE = 256 };

static struct poller_entry *entry_of(struct poller *p, int fd)
{
    size_t at = (size_t)fd;
    if (at >= p->cap) {
        size_t cap = p->cap == 0 ? FIRST_ENTRIES : p->cap;
        while (cap <= at) {
            cap *= 2;
        }
        p->entries = mem_realloc(p->entries, cap * sizeof(*p->entries));
        memset(p->entries + p->cap, 0, (cap - p->cap) * sizeof(*p->entries));
        p->cap = cap;
    }
    return &p->entries[at];
}

void poller_open(struct poller *p, struct loop *loop)
{
    *p = (struct poller){.loop = loop, .watch = {.fd = -1, .wants = LOOP_READ}};
#ifdef __linux__
    p->watch.fd = epoll_create1(EPOLL_CLOEXEC);
    if (p->watch.fd >= 0) {
        loop_add(loop, &p->watch);
    }
#endif
}

static bool has_epoll(const struct poller *p)
{
    return p->watch.fd >= 0;
}

static void tell_kernel(struct poller *p, int fd, struct poller_entry *entry, unsigned wants)
{
#ifdef __linux__
    struct epoll_event event = {.data.fd = fd};
    if (entry->known != wants) { /* what wants nothing is not in it: its hang-up would be reported again and again */
        event.events =
            ((wants & LOOP_READ) != 0 ? (uint32_t)EPOLLIN : 0) | ((wants & LOOP_WRITE) != 0 ? (uint32_t)EPOLLOUT : 0);
        int operation = entry->known == 0 ? EPOLL_CTL_ADD : wants == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;
        (void)epoll_ctl(p->watch.fd, operation, fd, &event);
    }
#else
    (void)p;
    (void)fd;
#endif
    entry->known = wants;
}

static void watch_in_loop(struct poller *p, int fd, struct poller_entry *entry, unsigned wants)
{
    if (wants != 0 && entry->watch == NULL) {
        entry->watch = mem_alloc(sizeof(*entry->watch));
        entry->watch->fd = fd;
        loop_add(p->loop, entry->watch);
    }
    if (wants == 0 && entry->watch != NULL) {
        loop_remove(p->loop, entry->watch);
        mem_free(entry->watch);
        entry->watch = NULL;
    }
    if (entry->watch != NULL) {
        entry->watch->wants = wants;
    }
}

void poller_set(struct poller *p, int fd, unsigned wants, void *owner)
{
    struct poller_entry *entry = entry_of(p, fd);
    assert(owner != NULL);
    entry->owner = owner;
    entry->wants = wants;
    if (has_epoll(p)) {
        tell_kernel(p, fd, entry, wants);
    } else {
        watch_in_loop(p, fd, entry, wants);
    }
}

void poller_rest(struct poller *p, int fd)
{
    struct poller_entry *entry = entry_of(p, fd);
    entry->owner = NULL;
    entry->wants = 0;
    if (!has_epoll(p)) {
        watch_in_loop(p, fd, entry, 0);
    }
}

void poller_remove(struct poller *p, int fd)
{
    poller_rest(p, fd);
    if (has_epoll(p)) {
        tell_kernel(p, fd, entry_of(p, fd), 0);
    }
}

void *poller_owner(const struct poller *p, int fd)
{
    return (size_t)fd < p->cap ? p->entries[fd].owner : NULL;
}

void poller_close(struct poller *p)
{
    for (size_t fd = 0; fd < p->cap; fd++) {
        poller_remove(p, (int)fd);
    }
    if (has_epoll(p)) {
        loop_remove(p->loop, &p->watch);
        (void)close(p->watch.fd);
    }
    mem_free(p->entries);
    *p = (struct poller){.watch = {.fd = -1}};
}

#ifdef __linux__
static size_t epoll_ready(struct poller *p, struct poller_event *ret, size_t max)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    size_t count = 0;
    int got = p->watch.ready == 0
                  ? 0
                  : epoll_wait(p->watch.fd, events, (int)(max < EVENTS_AT_ONCE ? max : EVENTS_AT_ONCE), 0);
    for (int i = 0; i < got; i++) {
        bool is_over = (events[i].events & ((uint32_t)EPOLLHUP | (uint32_t)EPOLLERR)) != 0;
        unsigned ready = (is_over || (events[i].events & (uint32_t)EPOLLIN) != 0 ? (unsigned)LOOP_READ : 0) |
                         (is_over || (events[i].events & (uint32_t)EPOLLOUT) != 0 ? (unsigned)LOOP_WRITE : 0);
        struct poller_entry *entry = entry_of(p, events[i].data.fd);
        if (entry->owner == NULL) {
            tell_kernel(p, events[i].data.fd, entry, 0); /* one that rests: its server hangs up */
        } else if ((ready & entry->wants) != 0) {
            ret[count++] = (struct poller_event){events[i].data.fd, entry->owner, ready & entry->wants};
        }
    }
    return count;
}
#endif

size_t poller_ready(struct poller *p, struct poller_event *ret, size_t max)
{
#ifdef __linux__
    if (has_epoll(p)) {
        return epoll_ready(p, ret, max);
    }
#endif
    size_t count = 0;
    for (size_t fd = 0; fd < p->cap && count < max; fd++) {
        const struct poller_entry *entry = &p->entries[fd];
        if (entry->owner != NULL && entry->watch != NULL && entry->watch->ready != 0) {
            ret[count++] = (struct poller_event){(int)fd, entry->owner, entry->watch->ready};
            entry->watch->ready = 0;
        }
    }
    return count;
}

bool poller_is_ready(const struct poller *p)
{
#ifdef __linux__
    struct epoll_event event;
    return has_epoll(p) && epoll_wait(p->watch.fd, &event, 1, 0) > 0;
#else
    (void)p;
    return false;
#endif
}
