#ifndef ASSAY_TESTS_IO_RIG_H
#define ASSAY_TESTS_IO_RIG_H

/* What every test of perform needs: a loop, signals, an arena; and one call from start to result. */

#include "base/arena.h"
#include "base/clock.h"
#include "io/loop.h"
#include "io/perform.h"
#include "io/signals.h"

struct rig {
    struct loop *loop;
    struct signals signals;
    struct perform *perform;
    struct arena arena;
    int max_wait_ms; /* of a turn; 0 = as long as it is told */
};

void rig_open(struct rig *rig);
void rig_open_at(struct rig *rig, const struct clock *clock); /* on another clock; max_wait_ms is for it */
void rig_close(struct rig *rig);

/* `sh -c script`, /tmp as its folder, time-out 20 s, grace 5 s, 8 MiB of output. */
struct call rig_shell(struct rig *rig, const char *script);

/* A program with arguments, NULL-ended. */
struct call rig_program(struct rig *rig, const char *const *argv);

/* Performs it alone, until its result is there. */
struct call_result rig_run(struct rig *rig, const struct call *call);

/* One turn of the loop, at most `wait_ms`. */
void rig_turn(struct rig *rig, int wait_ms);

int64_t rig_elapsed_ms(int64_t since_ns);

/* Whether a process is there and no zombie. */
bool rig_is_alive(long pid);

/* Whether it is gone within five seconds. */
bool rig_is_gone_soon(long pid);

/* Under valgrind, which does exec and descriptor limits by itself: it cannot come back from an exec that fails late. */
bool rig_is_emulated(void);

/* Children of this process, zombies too, but for the guard. */
size_t rig_count_children(void);

/* Whether none is left within two seconds: what was killed with its group is ours to reap only when its parent is gone. */
bool rig_has_no_children_soon(struct rig *rig);

#endif
