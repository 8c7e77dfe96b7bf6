/* one_of: the output is one of a list of classes, and the wanted one where one is wanted.
 *
 * Shape:  reads the subject (with `each`: a list, every element of it); one judged, binary score.
 * Classes: with `expected` the score carries what was answered and what was wanted, in the spelling of `values`; recall, precision and F1 are counted
 *          from these. An answer outside the classes counts as none of them, and so does none at all.
 * Blanks and line ends around the answer are no part of it. */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/utf8.h"
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

/* The values by what is compared of them, to their spelling. Of two that are equal so the first one is meant. */
struct classes {
    struct map by_text;
    size_t longest; /* bytes: a longer answer is none of them, and not worth a hash */
    bool ignore_case;
};

static struct classes classes_make(struct arena *arena, struct str *values, size_t count, bool ignore_case)
{
    struct classes classes = {.by_text = MAP_NULL, .ignore_case = ignore_case};
    for (size_t i = 0; i < count; i++) {
        struct str folded = text_fold(arena, values[i], ignore_case, true);
        classes.longest = folded.len > classes.longest ? folded.len : classes.longest;
        if (map_get(&classes.by_text, folded) == NULL) {
            (void)map_put(&classes.by_text, arena, folded, &values[i]);
        }
    }
    return classes;
}

static const struct str *classes_find(const struct classes *classes, struct str text)
{
    struct buf folded CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    text = str_trim(text);
    if (classes->ignore_case) {
        utf8_fold(&folded, text);
        text = buf_str(&folded);
    }
    return text.len > classes->longest ? NULL : map_get(&classes->by_text, text);
}

/* A wanted class that is none of the values could never be answered: seen at load where both are written out. */
static bool check_expected(struct field_context *ctx, const struct scorer_use *use, const struct one_of_options *o)
{
    struct value values;
    struct value wanted;
    struct str text = STR_NULL;
    if (o->expected == NULL || !expand_constant(ctx->arena, o->values, &values) || values.kind != VALUE_LIST ||
        !expand_constant(ctx->arena, o->expected, &wanted)) {
        return true;
    }
    struct str *texts = arena_array(ctx->arena, struct str, values.len);
    for (uint32_t i = 0; i < values.len; i++) {
        (void)text_of_value(ctx->arena, &values.items[i], &texts[i]);
    }
    struct classes classes = classes_make(ctx->arena, texts, values.len, o->ignore_case);
    return (text_of_value(ctx->arena, &wanted, &text) && classes_find(&classes, text) != NULL) ||
           diag_add(ctx->diag, use->pos, "scorer 'one_of': the wanted class '%.*s' is none of the values",
                    STR_ARG(utf8_cut(text, 80)));
}

static bool one_of_load(struct field_context *ctx, struct scorer_use *use)
{
    const struct one_of_options *o = use->options;
    if (o->each && o->expected != NULL) {
        return diag_add(ctx->diag, use->pos, "scorer 'one_of': 'each' and 'expected' exclude each other");
    }
    return check_constant_texts(ctx, use, "values", o->values) && check_expected(ctx, use, o);
}

static void judge_each(struct score_in *in, const struct classes *classes, struct judgement *ret)
{
    const struct value *list = in->subject.value;
    struct words words = WORDS_NULL;
    if (list == NULL || list->kind != VALUE_LIST) {
        words_add_cstr(&words, "not a list: ");
        words_quote(&words, in->subject.text);
        judge_unit(in, false, &words, ret);
        return;
    }
    if (list->len == 0) {
        judge_absent(in, STR("the list is empty"), ret);
        return;
    }
    for (uint32_t i = 0; i < list->len; i++) {
        const struct value *item = &list->items[i];
        bool is_text = item->kind == VALUE_TEXT || item->kind == VALUE_NUMBER;
        struct str text = item->text;
        if ((!is_text && !text_of_value(in->arena, item, &text)) || classes_find(classes, text) == NULL) {
            words_value(&words, item);
            words_add_cstr(&words, " is none of the values");
            judge_unit(in, false, &words, ret);
            return;
        }
    }
    words_printf(&words, "all %u are among the values", (unsigned)list->len);
    judge_unit(in, true, &words, ret);
}

/* The class wanted, NULL when none is; false when there is one and it cannot be had: then `ret` is the judgement. */
static bool wanted_class(struct score_in *in, const struct classes *classes, const struct str **ret_wanted,
                         struct judgement *ret)
{
    const struct one_of_options *o = in->options;
    struct str text = STR_NULL;
    *ret_wanted = NULL;
    if (o->expected == NULL) {
        return true;
    }
    if (!expand_text(in, o->expected, &text, ret)) {
        return false;
    }
    *ret_wanted = classes_find(classes, text);
    if (*ret_wanted == NULL) {
        struct words words = WORDS_NULL;
        words_add_cstr(&words, "the wanted class ");
        words_quote(&words, text);
        words_add_cstr(&words, " is none of the values");
        judge_not_scored(in, words_finish(in->arena, &words), ret);
        return false;
    }
    return true;
}

static void judge_class(struct score_in *in, const struct classes *classes, struct judgement *ret)
{
    const struct str *wanted = NULL;
    if (!wanted_class(in, classes, &wanted, ret)) {
        return;
    }
    const struct str *answered = in->subject.is_absent ? NULL : classes_find(classes, in->subject.text);
    struct words words = WORDS_NULL;
    bool ok = answered != NULL && (wanted == NULL || wanted == answered);
    if (in->subject.is_absent) {
        in->is_absent = true;
        words_add(&words, in->subject.reason);
    } else {
        words_quote(&words, str_trim(in->subject.text));
        words_add_cstr(&words, answered == NULL ? " is none of the values" : "");
    }
    if (!ok && wanted != NULL) {
        words_add_cstr(&words, ", wanted ");
        words_quote(&words, *wanted);
    }
    judge_unit(in, ok, &words, ret);
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
    if (in->subject.is_absent && o->expected == NULL) {
        judge_absent(in, in->subject.reason, ret);
    } else if (expand_texts(in, o->values, &values, &count, ret)) {
        struct classes classes = classes_make(in->arena, values, count, o->ignore_case);
        if (o->each) {
            judge_each(in, &classes, ret);
        } else {
            judge_class(in, &classes, ret);
        }
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
    .takes_absent = true,
    .load = one_of_load,
    .score = one_of_score,
    .visit_templates = one_of_visit,
};
