/* latency: how long the call took: the last attempt, without queue or back-off.
 *
 * Shape:  one measure, latency_ms, lower is better; a pass with `max` or `min` (durations). Not scored where the call's time is not known (an answer
 *         from a cache, an output that is replayed). */

#include <stddef.h>

#include "scorers/private.h"

struct latency_options {
    int64_t max_ns, min_ns;
    bool has_max, has_min;
};

static const struct field ROWS[] = {
    {.key = "max",
     .type = FIELD_DURATION,
     .offset = offsetof(struct latency_options, max_ns),
     .has_set = true,
     .set_offset = offsetof(struct latency_options, has_max),
     .is_short_form = true,
     .help = "at most, a duration: 20s"},
    {.key = "min",
     .type = FIELD_DURATION,
     .offset = offsetof(struct latency_options, min_ns),
     .has_set = true,
     .set_offset = offsetof(struct latency_options, has_min),
     .help = "at least"},
    {0},
};

static bool latency_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct latency_options *o = use->options;
    struct field_number min = {(double)o->min_ns / 1e6, o->has_min};
    struct field_number max = {(double)o->max_ns / 1e6, o->has_max};
    return declare_measure(ctx, use, "latency_ms", min, max, DIRECTION_LOWER);
}

static enum score_step latency_score(struct score_in *in, struct judgement *ret)
{
    const struct call_measures *m = &in->output->measures;
    measure_judge(in, m->has_latency, m->latency_ms, "ms",
                  "the time of the call is not known: it was replayed, or answered from a cache", ret);
    return STEP_DONE;
}

const struct scorer scorer_latency = {
    .name = "latency",
    .summary = "how long the call took",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct latency_options),
    .ignores_output = true,
    .load = latency_load,
    .score = latency_score,
};
