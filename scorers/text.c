/* What exact and starts_with share: their options and their words. */

#include <stddef.h>

#include "scorers/private.h"

const struct field TEXT_ROWS[] = {
    {.key = "expected",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct text_options, expected),
     .template_roots = SCORER_ROOTS,
     .is_short_form = true,
     .default_text = "the case's",
     .help = "the wanted text (exact: any value)"},
    {.key = "ignore_case",
     .type = FIELD_BOOL,
     .offset = offsetof(struct text_options, ignore_case),
     .default_text = "false",
     .help = "compare case-folded"},
    {.key = "trim",
     .type = FIELD_BOOL,
     .offset = offsetof(struct text_options, trim),
     .default_text = "false",
     .help = "without blanks and line ends around"},
    {0},
};

void text_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct text_options *o = options;
    if (o->expected != NULL) {
        visit(ctx, o->expected);
    }
}

void text_judge(const struct score_in *in, struct str want, bool ok, const char *verb, struct judgement *ret)
{
    struct words words = WORDS_NULL;
    words_quote(&words, in->subject.text);
    if (!ok) {
        words_printf(&words, " %s ", verb);
        words_quote(&words, want);
    }
    judge_unit(in, ok, &words, ret);
}
