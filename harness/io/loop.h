#ifndef ASSAY_IO_LOOP_H
#define ASSAY_IO_LOOP_H

/* The one place that waits. One thread, one wait: descriptors (pipes of children, the signal pipe, what stands for libcurl's sockets), timers. No
 * callbacks: after a wait, each watch says what is ready and its owner looks at it.
 *
 * A loop is heap; watches and timers belong to their owners and are removed before the loop is freed. */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct clock;
struct err;
struct loop;

enum loop_ready { LOOP_READ = 1, LOOP_WRITE = 2 };

struct loop_watch {
    int fd;                /* -1 = none for now */
    unsigned wants, ready; /* of enum loop_ready; a hang-up shows as LOOP_READ */
    uint32_t slot;         /* the loop's */
};

struct loop *loop_new(const struct clock *clock); /* the clock outlives the loop */
void loop_free(struct loop **loop);
void loop_add(struct loop *loop, struct loop_watch *watch); /* watch stays where it is until loop_remove */
void loop_remove(struct loop *loop, struct loop_watch *watch);

/* Waits until a descriptor is ready or `until_ns` (monotonic; INT64_MAX = no limit, past = only look). EINTR counts as ready-nothing. */
MUST_CHECK bool loop_wait(struct loop *loop, int64_t until_ns, struct err *err);
int64_t loop_now_ns(const struct loop *loop); /* the time of the last wait's end: timers judge by when data was ready */
const struct clock *loop_clock(const struct loop *loop);

#endif
