#include "run/push.h"

#include "base/arena.h"
#include "base/err.h"
#include "model/service.h"
#include "run/driver.h"
#include "store/outbox.h"
#include "store/store.h"

static bool check_addresses(const struct push_order *order, struct err *err)
{
    for (size_t i = 0; i < order->run_count; i++) {
        const struct invocation_record *invocation = order->invocations[0];
        for (size_t k = 1; k < order->invocation_count && invocation->seq != order->runs[i]->invocation; k++) {
            invocation = order->invocations[k];
        }
        if (!recorder_check_address(order->store, order->service, invocation, order->runs[i], err)) {
            return false;
        }
    }
    return true;
}

bool push_deliver(const struct push_order *order, struct arena *arena, struct recorder_end *ret, struct err *err)
{
    struct driver driver CLEANUP(driver_close) = {0};
    *ret = (struct recorder_end){.end = DRAIN_DONE};
    if (!check_addresses(order, err) || !driver_open(&driver, order->clock, &order->settings, err)) {
        return false;
    }
    struct recorder_order recording = {
        .store = order->store,
        .clock = order->clock,
        .driver = &driver,
        .service = order->service,
        .invocations = order->invocations,
        .invocation_count = order->invocation_count,
        .runs = order->runs,
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

static bool add_all(const struct push_order *order, struct err *err)
{
    bool ok = true;
    for (size_t i = 0; i < order->invocation_count && ok; i++) {
        ok = store_outbox_again(order->store, order->invocations[i]->seq, str_from(order->service->base_url), err);
    }
    return ok;
}

bool push_again(const struct push_order *order, struct err *err)
{
    return store_begin_waiting(order->store, err) && store_end(order->store, add_all(order, err), err);
}

bool push_refused(const struct push_order *order, struct err *err)
{
    if (!store_begin_waiting(order->store, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < order->invocation_count && ok; i++) {
        ok = store_outbox_revive(order->store, order->invocations[i]->seq, err);
    }
    return store_end(order->store, ok, err);
}

bool push_adopt(const struct push_order *order, const struct record_options *options, struct err *err)
{
    if (!store_begin_waiting(order->store, err)) {
        return false;
    }
    bool ok = true;
    for (size_t i = 0; i < order->run_count && ok; i++) {
        struct recording recording = {
            .run = order->runs[i]->seq, .options = options[i], .base_url = str_from(order->service->base_url)};
        ok = store_add_recording(order->store, &recording, err);
    }
    return store_end(order->store, ok && add_all(order, err), err);
}
