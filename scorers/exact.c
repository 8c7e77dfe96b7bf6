/* exact: the output equals what is expected: by value where both sides are JSON numbers, lists, maps, true or false; else as text.
 *
 * Shape:  reads the subject; one judged, binary score.
 * Case:   full Unicode case folding (base/utf8.h), no normal forms: an accented letter composed and decomposed differ. `trim` and `ignore_case`
 *         concern texts. */

#include "scorers/private.h"

static enum score_step exact_score(struct score_in *in, struct judgement *ret)
{
    const struct text_options *o = in->options;
    const struct value *got = in->subject.value;
    struct value expected;
    struct str want = STR_NULL;
    if (!expand_expected_text(in, o->expected, &expected, &want, ret)) {
        return STEP_DONE;
    }
    bool is_by_value = got != NULL && got->kind != VALUE_TEXT && expected.kind != VALUE_TEXT;
    bool ok = is_by_value ? value_eq(got, &expected)
                          : str_eq(text_fold(in->arena, in->subject.text, o->ignore_case, o->trim),
                                   text_fold(in->arena, want, o->ignore_case, o->trim));
    text_judge(in, want, ok, "is not", ret);
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
