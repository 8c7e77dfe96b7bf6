/* one_of: the output is one of a list of classes, and the wanted one where one is wanted.
 *
 * Shape:  reads the subject (with `each`: a list, every element of it); one judged, binary score.
 * Classes: with `expected` the score carries what was answered and what was wanted, in the spelling of `values`; recall, precision and F1 are counted
 *          from these. An answer outside the classes counts as none of them.
 * Blanks and line ends around the answer are no part of it. */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/limits.h"
#include "scorers/private.h"

struct one_of_options {
    struct template *values, *expected;
    bool each, ignore_case;
};

static const struct field ROWS[] = {
    {.key = "values",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct one_of_options, values),
     .template_roots = SCORER_ROOTS,
     .is_required = true,
     .is_short_form = true,
     .help = "the classes, a list"},
    {.key = "expected",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct one_of_options, expected),
     .template_roots = SCORER_ROOTS,
     .help = "the class wanted; without it any of them is right"},
    {.key = "each",
     .type = FIELD_BOOL,
     .offset = offsetof(struct one_of_options, each),
     .default_text = "false",
     .help = "every element of a list has to be one of the values"},
    {.key = "ignore_case",
     .type = FIELD_BOOL,
     .offset = offsetof(struct one_of_options, ignore_case),
     .default_text = "false",
     .help = "compare case-folded"},
    {0},
};

static bool one_of_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct one_of_options *o = use->options;
    if (o->each && o->expected != NULL) {
        return diag_add(ctx->diag, use->pos, "scorer 'one_of': 'each' and 'expected' exclude each other");
    }
    return true;
}

static const struct str *find_class(const struct score_in *in, const struct str *values, size_t count, struct str text)
{
    const struct one_of_options *o = in->options;
    struct str folded = fold_text(in->arena, text, o->ignore_case, true);
    for (size_t i = 0; i < count; i++) {
        if (str_eq(folded, fold_text(in->arena, values[i], o->ignore_case, true))) {
            return &values[i];
        }
    }
    return NULL;
}

static void judge_words(const struct score_in *in, bool ok, struct buf *words, struct judgement *ret)
{
    *ret = (struct judgement){.kind = JUDGED_UNIT, .number = ok ? 1 : 0, .comment = words_finish(in->arena, words)};
}

static void judge_each(const struct score_in *in, const struct str *values, size_t count, struct judgement *ret)
{
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    const struct value *list = in->subject.value;
    if (list == NULL || list->kind != VALUE_LIST || list->len == 0) {
        buf_append_cstr(&words, list != NULL && list->kind == VALUE_LIST ? "the list is empty" : "not a list: ");
        if (list == NULL || list->kind != VALUE_LIST) {
            words_quote(&words, in->subject.text);
        }
        judge_words(in, false, &words, ret);
        return;
    }
    for (size_t i = 0; i < list->len; i++) {
        struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
        bool ok = value_append_text(&text, &list->items[i]) && find_class(in, values, count, buf_str(&text)) != NULL;
        if (!ok) {
            words_value(&words, &list->items[i]);
            buf_append_cstr(&words, " is none of the values");
            judge_words(in, false, &words, ret);
            return;
        }
    }
    buf_printf(&words, "all %u are among the values", (unsigned)list->len);
    judge_words(in, true, &words, ret);
}

static void judge_class(const struct score_in *in, const struct str *values, size_t count, struct judgement *ret)
{
    const struct one_of_options *o = in->options;
    const struct str *answered = find_class(in, values, count, in->subject.text);
    const struct str *wanted = NULL;
    if (o->expected != NULL) {
        struct str text;
        if (expand_text(in, o->expected, &text, ret) == EXPAND_BAD) {
            return;
        }
        wanted = find_class(in, values, count, text);
        if (wanted == NULL) {
            ret->kind = JUDGED_NOT_SCORED;
            ret->comment = arena_printf(in->arena, "the wanted class '%.*s' is none of the values",
                                        STR_ARG(str_slice(text, 0, 80)));
            return;
        }
    }
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    words_quote(&words, str_trim(in->subject.text));
    bool ok = answered != NULL && (wanted == NULL || wanted == answered);
    if (answered == NULL) {
        buf_append_cstr(&words, " is none of the values");
    }
    if (!ok && wanted != NULL) {
        buf_append_cstr(&words, ", wanted ");
        words_quote(&words, *wanted);
    }
    judge_words(in, ok, &words, ret);
    if (wanted != NULL) {
        ret->answered = answered != NULL ? *answered : STR_NULL;
        ret->wanted = *wanted;
    }
}

static enum score_step one_of_score(struct score_in *in, struct judgement *ret)
{
    const struct one_of_options *o = in->options;
    struct str *values = NULL;
    size_t count = 0;
    enum expand_status status = expand_texts(in, o->values, &values, &count, ret);
    if (status == EXPAND_BAD) {
        return STEP_DONE;
    }
    if (status == EXPAND_ABSENT || count == 0) {
        *ret = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = STR("the list of values is empty")};
    } else if (o->each) {
        judge_each(in, values, count, ret);
    } else {
        judge_class(in, values, count, ret);
    }
    return STEP_DONE;
}

static void one_of_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct one_of_options *o = options;
    visit(ctx, o->values);
    if (o->expected != NULL) {
        visit(ctx, o->expected);
    }
}

const struct scorer scorer_one_of = {
    .name = "one_of",
    .summary = "the output is one of the classes, and the wanted one",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct one_of_options),
    .load = one_of_load,
    .score = one_of_score,
    .visit_templates = one_of_visit,
};
