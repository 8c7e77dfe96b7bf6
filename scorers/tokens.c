/* tokens: how many tokens the call used, as the target says.
 *
 * Shape:  one measure, output_tokens or input_tokens, lower is better; a pass with `max` or `min`. Not scored where the target names none. */

#include <stddef.h>

#include "scorers/private.h"

enum tokens_of { TOKENS_OUTPUT, TOKENS_INPUT };

struct tokens_options {
    struct field_number max, min;
    int of;
};

static const char *const OF_WORDS[] = {"output", "input", NULL};

static const struct field ROWS[] = {
    {.key = "max",
     .type = FIELD_NUMBER,
     .offset = offsetof(struct tokens_options, max),
     .is_short_form = true,
     .help = "at most"},
    {.key = "min", .type = FIELD_NUMBER, .offset = offsetof(struct tokens_options, min), .help = "at least"},
    {.key = "of",
     .type = FIELD_WORD,
     .offset = offsetof(struct tokens_options, of),
     .words = OF_WORDS,
     .default_text = "output",
     .help = "which tokens"},
    {0},
};

static bool tokens_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct tokens_options *o = use->options;
    return declare_measure(ctx, use, o->of == TOKENS_OUTPUT ? "output_tokens" : "input_tokens", o->min, o->max,
                           DIRECTION_LOWER);
}

static enum score_step tokens_score(struct score_in *in, struct judgement *ret)
{
    const struct tokens_options *o = in->options;
    const struct call_measures *m = &in->output->measures;
    if (o->of == TOKENS_OUTPUT) {
        measure_judge(in, m->has_output_tokens, m->output_tokens, "tokens", "the target names no tokens", ret);
    } else {
        measure_judge(in, m->has_input_tokens, m->input_tokens, "tokens", "the target names no tokens", ret);
    }
    return STEP_DONE;
}

const struct scorer scorer_tokens = {
    .name = "tokens",
    .summary = "how many tokens the call used",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct tokens_options),
    .ignores_output = true,
    .load = tokens_load,
    .score = tokens_score,
};
