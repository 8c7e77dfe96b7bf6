/* What exact and starts_with share: their options, the expected text, the words. */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"
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

void text_judge(const struct score_in *in, struct str got, struct str want, bool ok, const char *verb,
                struct judgement *ret)
{
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    words_quote(&words, got);
    if (!ok) {
        buf_printf(&words, " %s ", verb);
        words_quote(&words, want);
    }
    *ret = (struct judgement){.kind = JUDGED_UNIT, .number = ok ? 1 : 0, .comment = words_finish(in->arena, &words)};
}

/* The expected text; false when there is none to compare with (then `ret` is the judgement). */
bool text_expected(const struct score_in *in, const struct template *t, struct value *ret_value, struct str *ret_text,
                   struct judgement *ret)
{
    switch (expand_expected(in, t, ret_value, ret)) {
    case EXPAND_BAD:
        return false;
    case EXPAND_ABSENT:
        *ret = (struct judgement){
            .kind = JUDGED_UNIT, .number = 0, .comment = STR("what is expected is absent from the output")};
        return false;
    case EXPAND_OK:
        break;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    if (!value_append_text(&text, ret_value)) {
        *ret = (struct judgement){.kind = JUDGED_NOT_SCORED,
                                  .comment = STR("null is expected: use `json: {equals: null}`")};
        return false;
    }
    *ret_text = arena_str(in->arena, buf_str(&text));
    return true;
}
