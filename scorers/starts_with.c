/* starts_with: the output begins with a text.
 *
 * Shape:  reads the subject; one judged, binary score. */

#include "scorers/private.h"

static enum score_step starts_with_score(struct score_in *in, struct judgement *ret)
{
    const struct text_options *o = in->options;
    struct value expected;
    struct str want;
    if (!text_expected(in, o->expected, &expected, &want, ret)) {
        return STEP_DONE;
    }
    struct str text = fold_text(in->arena, in->subject.text, o->ignore_case, o->trim);
    bool ok = str_starts(text, fold_text(in->arena, want, o->ignore_case, false));
    text_judge(in, in->subject.text, want, ok, "does not start with", ret);
    return STEP_DONE;
}

const struct scorer scorer_starts_with = {
    .name = "starts_with",
    .summary = "the output begins with a text",
    .version = 1,
    .rows = TEXT_ROWS,
    .options_size = sizeof(struct text_options),
    .score = starts_with_score,
    .visit_templates = text_visit,
};
