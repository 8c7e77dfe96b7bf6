#include "run/push.h"

#include "base/arena.h"
#include "base/err.h"
#include "model/service.h"
#include "run/driver.h"
#include "store/outbox.h"
#include "store/store.h"

enum { STORE_WAIT_MS = 30000 };

bool push_invocation(const struct push_order *order, struct arena *arena, struct recorder_end *ret, struct err *err)
{
    struct driver driver CLEANUP(driver_close) = {0};
    *ret = (struct recorder_end){.end = DRAIN_DONE};
    const struct run_record **runs = arena_array(arena, const struct run_record *, order->run_count);
    for (size_t i = 0; i < order->run_count; i++) {
        runs[i] = &order->runs[i];
    }
    if (!driver_open(&driver, order->clock, &order->settings, err)) {
        return false;
    }
    struct recorder_order recording = {
        .store = order->store,
        .clock = order->clock,
        .driver = &driver,
        .service = order->service,
        .invocation = order->invocation,
        .runs = runs,
        .run_count = order->run_count,
    };
    struct recorder recorder;
    bool ok = recorder_open(&recorder, &recording, err) &&
              recorder_finish(&recorder, &order->limits, order->verifies, order->events, arena, ret, err);
    driver_close(&driver); /* no call is under way when the recorder goes */
    recorder_close(&recorder);
    return ok;
}

/* --- what waits ------------------------------------------------------------------------------------------------------------------------- */

static bool begin(const struct push_order *order, struct err *err)
{
    bool is_busy = false;
    if (!store_begin(order->store, STORE_WAIT_MS, &is_busy, err)) {
        return false;
    }
    return !is_busy ||
           err_set(err, ERR_IO, "the store is busy: another process has been writing for %d s", STORE_WAIT_MS / 1000);
}

static bool end(const struct push_order *order, bool is_good, struct err *err)
{
    if (is_good && store_commit(order->store, err)) {
        return true;
    }
    store_rollback(order->store);
    return false;
}

bool push_again(const struct push_order *order, struct err *err)
{
    return begin(order, err) &&
           end(order, store_outbox_again(order->store, order->invocation->seq, str_from(order->service->base_url), err),
               err);
}

bool push_refused(const struct push_order *order, struct err *err)
{
    return begin(order, err) && end(order, store_outbox_revive(order->store, order->invocation->seq, err), err);
}

bool push_adopt(const struct push_order *order, const struct record_options *options, struct err *err)
{
    if (!begin(order, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < order->run_count && ok; i++) {
        struct recording recording = {
            .run = order->runs[i].seq, .options = *options, .base_url = str_from(order->service->base_url)};
        ok = store_add_recording(order->store, &recording, err);
    }
    ok = ok && store_outbox_again(order->store, order->invocation->seq, str_from(order->service->base_url), err);
    return end(order, ok, err);
}
