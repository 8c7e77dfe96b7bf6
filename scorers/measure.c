/* Measures: their dimension and their words; used by the scorers that look at the call or count. */

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/num.h"
#include "scorers/private.h"

bool declare_measure(struct field_context *ctx, struct scorer_use *use, const char *name, struct field_number min,
                     struct field_number max, enum dimension_direction direction)
{
    struct dimension *d = arena_new(ctx->arena, struct dimension);
    *d = (struct dimension){
        .name = use->common.dimension.ptr != NULL ? use->common.dimension : str_from(name),
        .kind = DIMENSION_MEASURE,
        .type = TYPE_UNBOUNDED,
        .direction = direction,
        .has_min = min.is_set,
        .has_max = max.is_set,
        .min = min.value,
        .max = max.value,
        .pos = use->pos,
    };
    use->dimensions = d;
    use->dimension_count = 1;
    if (min.is_set && max.is_set && min.value > max.value) {
        return diag_add(ctx->diag, use->pos, "scorer '%s': min is above max", use->type->name);
    }
    return true;
}

void declare_part(struct field_context *ctx, struct scorer_use *use, size_t of, const char *part)
{
    struct dimension *grown = arena_array(ctx->arena, struct dimension, use->dimension_count + 1);
    memcpy(grown, use->dimensions, use->dimension_count * sizeof(*grown));
    struct dimension *d = &grown[use->dimension_count];
    *d = (struct dimension){
        .name = arena_printf(ctx->arena, "%.*s_%s", STR_ARG(use->dimensions[of].name), part),
        .kind = DIMENSION_MEASURE,
        .type = TYPE_UNBOUNDED,
        .is_optional = true,
        .pos = use->pos,
    };
    use->dimensions = grown;
    use->dimension_count++;
}

/* Cents have more places than milliseconds. */
static void add_number(struct words *words, double value)
{
    char room[32];
    words_add(words, num_text_short(value, fabs(value) < 1 ? 6 : 3, room));
}

void measure_judge(const struct score_in *in, bool is_known, double value, const char *unit, const char *reason,
                   struct judgement *ret)
{
    if (!is_known) {
        *ret = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = str_from(reason)};
        return;
    }
    const struct dimension *d = &in->use->dimensions[0];
    struct words words;
    words_begin(&words);
    bool is_low = d->has_min && value < d->min;
    bool is_high = d->has_max && value > d->max;
    add_number(&words, value);
    words_add_cstr(&words, " ");
    words_add_cstr(&words, unit);
    if (is_low || is_high) {
        words_add_cstr(&words, is_low ? ", below " : ", over ");
        add_number(&words, is_low ? d->min : d->max);
    }
    *ret = (struct judgement){.kind = JUDGED_VALUE, .number = value, .comment = words_finish(in->arena, &words)};
}
