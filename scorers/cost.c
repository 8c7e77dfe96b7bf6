/* cost: what the call cost, as the target says.
 *
 * Shape:  one measure, cost_usd, lower is better; a pass with `max` or `min`. Not scored where the target names no cost. */

#include <stddef.h>

#include "scorers/private.h"

struct cost_options {
    struct field_number max, min;
};

static const struct field ROWS[] = {
    {.key = "max",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct cost_options, max),
     .is_short_form = true,
     .help = "at most, in dollars"},
    {.key = "min", .type = FIELD_NUMBER, .offset = offsetof(struct cost_options, min), .help = "at least"},
    {0},
};

static bool cost_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct cost_options *o = use->options;
    return declare_measure(ctx, use, "cost_usd", o->min, o->max, DIRECTION_LOWER);
}

static enum score_step cost_score(struct score_in *in, struct judgement *ret)
{
    const struct call_measures *m = &in->output->measures;
    measure_judge(in, m->has_cost, m->cost_usd, "usd", "the target names no cost", ret);
    return STEP_DONE;
}

const struct scorer scorer_cost = {
    .name = "cost",
    .summary = "what the call cost",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct cost_options),
    .ignores_output = true,
    .load = cost_load,
    .score = cost_score,
};
