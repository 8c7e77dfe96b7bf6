#include "run/asker.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/retry.h"
#include "io/loop.h"
#include "io/perform.h"
#include "io/signals.h"

enum { BUSY_MS = 20 };

bool asker_goes_on(const struct signals *signals, struct err *err)
{
    if (signals->interrupts == 0) {
        return true;
    }
    (void)err_set(err, ERR_CANCELLED, "stopped by a signal");
    err->sys = signals->first;
    return false;
}

/* One turn of the loop, at the latest at `until_ns`. False with ERR_CANCELLED once a signal came. */
static bool turn(const struct asker *a, int64_t until_ns, struct err *err)
{
    int64_t next_ns = perform_next_ns(a->perform);
    if (!loop_wait(a->loop, next_ns < until_ns ? next_ns : until_ns, err)) {
        return false;
    }
    signals_drain(a->signals);
    perform_turn(a->perform);
    return asker_goes_on(a->signals, err);
}

static bool pause_until(const struct asker *a, int64_t until_ns, struct err *err)
{
    while (loop_now_ns(a->loop) < until_ns) {
        if (!turn(a, until_ns, err)) {
            return false;
        }
    }
    return true;
}

static bool perform_one(const struct asker *a, const struct call *call, struct arena *arena, struct call_result *ret,
                        struct err *err)
{
    void *tag = NULL;
    const struct call *done = NULL;
    while (perform_start(a->perform, call, NULL) != PERFORM_STARTED) {
        if (!pause_until(a, loop_now_ns(a->loop) + BUSY_MS * NS_PER_MS, err)) {
            return false;
        }
    }
    bool ok = true;
    while (!perform_take(a->perform, &tag, &done)) {
        if (ok && !turn(a, INT64_MAX, err)) {
            ok = false;
            perform_cancel_all(a->perform, true); /* and then until its end: the call is the caller's */
        } else if (!ok) {
            struct err ignored = ERR_NULL;
            if (!loop_wait(a->loop, perform_next_ns(a->perform), &ignored)) {
                return false;
            }
            signals_drain(a->signals);
            perform_turn(a->perform);
        }
    }
    perform_result(a->perform, done, arena, ret);
    return ok;
}

static bool empty_file(const struct call *call, struct err *err)
{
    int fd = call->http.file;
    return !call->http.is_to_file || (ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0) ||
           err_set_sys(err, ERR_IO, errno, "cannot empty a temporary file");
}

bool asker_ask(const struct asker *a, struct call *call, struct arena *arena, struct call_result *ret, struct err *err)
{
    for (uint32_t tries = 1;; tries++) {
        int64_t pause_ns = 0;
        call->http.is_repeat = tries > 1;
        if (!empty_file(call, err) || !perform_one(a, call, arena, ret, err)) {
            return false;
        }
        if (tries >= a->tries || !a->is_transient(a->ctx, ret) ||
            !retry_pause_ns(a->rng, tries - 1, ret->retry_after_ns, &pause_ns)) {
            return true;
        }
        if (!pause_until(a, loop_now_ns(a->loop) + pause_ns, err)) {
            return false;
        }
    }
}
