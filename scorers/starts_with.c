/* starts_with: the output begins with a text.
 *
 * Shape:  reads the subject; one judged, binary score. An empty text, with which every output begins, is not scored. */

#include "scorers/private.h"

static enum score_step starts_with_score(struct score_in *in, struct judgement *ret)
{
    const struct text_options *o = in->options;
    struct value expected;
    struct str want = STR_NULL;
    if (!expand_expected_text(in, o->expected, &expected, &want, ret)) {
        return STEP_DONE;
    }
    if (want.len == 0) {
        judge_not_scored(in, STR("the expected text is empty, and every output begins with that"), ret);
        return STEP_DONE;
    }
    struct str text = text_fold(in->arena, in->subject.text, o->ignore_case, o->trim);
    bool ok = str_starts(text, text_fold(in->arena, want, o->ignore_case, o->trim));
    text_judge(in, want, ok, "does not start with", ret);
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
