#ifndef ASSAY_IO_POLLER_H
#define ASSAY_IO_POLLER_H

/* Many descriptors behind one watch of the loop: hundreds of sockets, of which few are ready at a time, cost a turn what is ready and not what is open
 * (epoll; where there is none, each is a watch of the loop). A descriptor that rests stays known to the kernel, so that connections that are used again
 * and again cost no system call each time. */

#include <stdbool.h>
#include <stddef.h>

#include "io/loop.h"

struct poller_entry {
    void *owner; /* NULL = not in it, or resting */
    unsigned wants;
    unsigned known;           /* to the kernel: what it looks for; 0 = not known */
    struct loop_watch *watch; /* without epoll */
};

struct poller {
    struct loop *loop;
    struct loop_watch watch;      /* of the epoll descriptor */
    struct poller_entry *entries; /* by descriptor */
    size_t cap;
};

struct poller_event {
    int fd;
    void *owner;
    unsigned ready; /* of enum loop_ready */
};

void poller_open(struct poller *p, struct loop *loop);
void poller_close(struct poller *p); /* lets go of what is left */

void poller_set(struct poller *p, int fd, unsigned wants, void *owner); /* adds it, or changes what it wants */
void poller_rest(struct poller *p, int fd);                             /* nobody waits for it, for now */
void poller_remove(struct poller *p, int fd);                           /* it is about to be closed */
void *poller_owner(const struct poller *p, int fd);                     /* NULL when nobody waits for it */

/* What is ready after the loop's last wait, at most `max`. Whoever acts on one may remove others: an event is only true while poller_owner says so. */
size_t poller_ready(struct poller *p, struct poller_event *ret, size_t max);

/* Whether something has become ready since: another turn would find it at once. False where that cannot be known cheaply. */
bool poller_is_ready(const struct poller *p);

#endif
