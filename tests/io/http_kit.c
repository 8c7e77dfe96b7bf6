#include "tests/io/http_kit.h"

#include <stdio.h>

#include "tests/check.h"

struct call http_kit_post_to(struct rig *rig, const char *url, const struct secret *key)
{
    return (struct call){
        .kind = CALL_HTTP,
        .http = {.method = "POST", .url = arena_printf(&rig->arena, "%s", url).ptr, .key = key},
        .input = STR("{\"name\":\"x\"}"),
        .timeout_ns = 20 * NS_PER_S,
    };
}

struct call http_kit_post(struct rig *rig, const struct fault *f, const char *path, const struct secret *key)
{
    struct fault_text url = fault_url(f, path);
    return http_kit_post_to(rig, url.text, key);
}

void http_kit_run_all(struct rig *rig, struct call *calls, size_t count, struct call_result *ret)
{
    for (size_t i = 0; i < count; i++) {
        CHECK("is never refused", perform_start(rig->perform, &calls[i], &ret[i]) == PERFORM_STARTED);
    }
    int64_t limit_ns = clock_ns(&CLOCK_SYSTEM) + 60 * NS_PER_S;
    for (size_t taken = 0; taken < count;) {
        void *tag = NULL;
        const struct call *call = NULL;
        if (perform_take(rig->perform, &tag, &call)) {
            perform_result(rig->perform, call, &rig->arena, tag);
            taken++;
        } else if (clock_ns(&CLOCK_SYSTEM) > limit_ns) {
            CHECK("hangs", false);
            return;
        } else {
            rig_turn(rig, 1000);
        }
    }
}

static int64_t fast_ns(const struct clock *c)
{
    return c->fake_ns * clock_ns(&CLOCK_SYSTEM);
}

static int64_t true_unix_ms(const struct clock *c)
{
    (void)c;
    return clock_unix_ms(&CLOCK_SYSTEM);
}

struct clock http_kit_fast_clock(int64_t speed)
{
    return (struct clock){.monotonic_ns = fast_ns, .unix_ms = true_unix_ms, .fake_ns = speed};
}

void http_kit_open_fast(struct rig *rig, const struct clock *clock)
{
    rig_open_at(rig, clock);
    rig->max_wait_ms = 5; /* the loop waits in true time */
}
