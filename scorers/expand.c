/* Options that are templates, and texts to compare. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/utf8.h"
#include "scorers/private.h"

static bool settle(struct score_in *in, bool is_expanded, bool is_absent, const struct err *err, struct judgement *ret)
{
    if (!is_expanded) {
        judge_not_scored(in, arena_printf(in->arena, "%s", err->text), ret);
        return false;
    }
    if (is_absent) {
        judge_absent(in, STR("what it is compared with is absent from the output"), ret);
        return false;
    }
    return true;
}

bool expand_value(struct score_in *in, const struct template *t, struct value *ret_value, struct judgement *ret)
{
    struct err err;
    err_clear(&err);
    bool is_absent = false;
    bool is_expanded = template_expand(t, in->scope, in->arena, ret_value, &is_absent, &err);
    return settle(in, is_expanded, is_absent, &err, ret);
}

bool expand_text(struct score_in *in, const struct template *t, struct str *ret_text, struct judgement *ret)
{
    struct err err;
    err_clear(&err);
    bool is_absent = false;
    bool is_expanded = template_expand_text(t, in->scope, in->arena, NULL, ret_text, &is_absent, &err);
    return settle(in, is_expanded, is_absent, &err, ret);
}

bool expand_texts(struct score_in *in, const struct template *t, struct str **ret_texts, size_t *ret_count,
                  struct judgement *ret)
{
    struct value v;
    if (!expand_value(in, t, &v, ret)) {
        return false;
    }
    const struct value *items = v.kind == VALUE_LIST ? v.items : &v;
    size_t count = v.kind == VALUE_LIST ? v.len : 1;
    struct str *texts = arena_array(in->arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        if (!text_of_value(in->arena, &items[i], &texts[i])) {
            judge_not_scored(in, STR("null where a text is wanted"), ret);
            return false;
        }
        if (texts[i].len == 0) {
            judge_not_scored(in, STR("an empty text where one to compare with is wanted"), ret);
            return false;
        }
    }
    if (count == 0) {
        judge_not_scored(in, STR("the list of texts to compare with is empty"), ret);
        return false;
    }
    *ret_texts = texts;
    *ret_count = count;
    return true;
}

bool expand_expected(struct score_in *in, const struct template *t, struct value *ret_value, struct judgement *ret)
{
    if (t != NULL) {
        return expand_value(in, t, ret_value, ret);
    }
    in->is_of_case = true;
    if (!in->eval_case->has_expected) {
        judge_not_scored(in, STR("the case has no 'expected', and the scorer gives none"), ret);
        return false;
    }
    *ret_value = in->eval_case->expected;
    return true;
}

bool expand_expected_text(struct score_in *in, const struct template *t, struct value *ret_value, struct str *ret_text,
                          struct judgement *ret)
{
    if (!expand_expected(in, t, ret_value, ret)) {
        return false;
    }
    if (!text_of_value(in->arena, ret_value, ret_text)) {
        judge_not_scored(in, STR("null is expected, which is no text (`json: {equals: null}` compares values)"), ret);
        return false;
    }
    return true;
}

bool expand_constant(struct arena *arena, const struct template *t, struct value *ret)
{
    const struct scope nothing = {.row = NULL};
    struct err ignored = ERR_NULL;
    return template_is_constant(t) && template_expand(t, &nothing, arena, ret, NULL, &ignored);
}

bool check_constant_texts(struct field_context *ctx, const struct scorer_use *use, const char *key,
                          const struct template *t)
{
    struct value v;
    if (!expand_constant(ctx->arena, t, &v)) {
        return true;
    }
    const char *name = use->type->name;
    if (v.kind == VALUE_LIST && v.len == 0) {
        return diag_add(ctx->diag, use->pos, "scorer '%s': the list '%s' is empty", name, key);
    }
    for (uint32_t i = 0; i < (v.kind == VALUE_LIST ? v.len : 1); i++) {
        const struct value *item = v.kind == VALUE_LIST ? &v.items[i] : &v;
        if (item->kind == VALUE_NULL || (item->kind == VALUE_TEXT && item->text.len == 0)) {
            return diag_add(ctx->diag, use->pos, "scorer '%s': '%s' has an empty text", name, key);
        }
    }
    return true;
}

bool text_of_value(struct arena *arena, const struct value *v, struct str *ret)
{
    if (v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER) {
        *ret = v->text;
        return true;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    if (!value_append_text(&text, v)) {
        return false;
    }
    *ret = arena_str(arena, buf_str(&text));
    return true;
}

struct str text_fold(struct arena *arena, struct str text, bool ignore_case, bool trim)
{
    if (trim) {
        text = str_trim(text);
    }
    if (!ignore_case) {
        return text;
    }
    struct buf folded CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    utf8_fold(&folded, text);
    return arena_str(arena, buf_str(&folded));
}
