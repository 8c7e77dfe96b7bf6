/* exact: the output equals what is expected; as text, or by value where both sides are JSON.
 *
 * Shape:  reads the subject; one judged, binary score.
 * Case:   full Unicode case folding (base/utf8.h), no normal forms: an accented letter composed and decomposed differ. */

#include "scorers/private.h"

static enum score_step exact_score(struct score_in *in, struct judgement *ret)
{
    const struct text_options *o = in->options;
    struct value expected;
    struct str want;
    if (!text_expected(in, o->expected, &expected, &want, ret)) {
        return STEP_DONE;
    }
    bool by_value = in->subject.value != NULL && expected.kind != VALUE_TEXT;
    bool ok = by_value ? value_eq(in->subject.value, &expected)
                       : str_eq(fold_text(in->arena, in->subject.text, o->ignore_case, o->trim),
                                fold_text(in->arena, want, o->ignore_case, o->trim));
    text_judge(in, in->subject.text, want, ok, "is not", ret);
    return STEP_DONE;
}

const struct scorer scorer_exact = {
    .name = "exact",
    .summary = "the output equals what is expected",
    .version = 1,
    .rows = TEXT_ROWS,
    .options_size = sizeof(struct text_options),
    .score = exact_score,
    .visit_templates = text_visit,
};
