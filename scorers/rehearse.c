#include "scorers/rehearse.h"

#include "base/arena.h"
#include "base/err.h"
#include "model/output.h"
#include "scorers/private.h"

/* A number, and JSON too: whatever a scorer reads of an answer, this is one. */
static const struct str STAND_IN = {"0", 1};

static bool is_rehearsed(const struct scorer_use *use)
{
    return use->type->score != NULL && !use->type->ignores_output && !use->dimensions[0].is_optional;
}

bool scorer_rehearse(const struct scorer_use *use, const struct eval_case *c, const struct scope *scope,
                     struct arena *scratch, bool *ret_is_alike, struct err *err)
{
    *ret_is_alike = true;
    if (!is_rehearsed(use)) {
        return true;
    }
    const struct scorer *type = use->type;
    struct output output = {.text = STAND_IN};
    struct value text = value_of_text(STAND_IN);
    struct scope with_output = *scope;
    with_output.output = &text;
    struct judgement *judgements = arena_array(scratch, struct judgement, use->dimension_count);
    struct score_in in = {
        .use = use,
        .options = use->options,
        .eval_case = c,
        .output = &output,
        .scope = &with_output,
        .subject = {.text = STAND_IN},
        .arena = scratch,
        .state = type->state_size == 0 ? NULL : arena_alloc(scratch, type->state_size),
    };
    while (type->score(&in, judgements) == STEP_MORE) {
    }
    *ret_is_alike = !in.is_of_case;
    if (judgements[0].kind != JUDGED_NOT_SCORED) {
        return true;
    }
    return err_set_at(err, ERR_SUITE, use->pos, "scorer '%s' cannot judge any output here: %.*s", type->name,
                      STR_ARG(judgements[0].comment));
}
