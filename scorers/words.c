/* Words for comments, options that are templates, texts to compare. */

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "data/json.h"
#include "scorers/private.h"

enum { QUOTE_BYTES = 120 };

void words_quote(struct buf *out, struct str text)
{
    struct str cut = utf8_cut(text, QUOTE_BYTES);
    buf_append_char(out, '\'');
    utf8_append_valid(out, cut);
    buf_append_cstr(out, cut.len < text.len ? "…'" : "'");
}

void words_value(struct buf *out, const struct value *v)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_value(&w, v);
    struct str cut = utf8_cut(buf_str(&text), QUOTE_BYTES);
    utf8_append_valid(out, cut);
    if (cut.len < text.len) {
        buf_append_cstr(out, "…");
    }
}

struct str words_finish(struct arena *arena, struct buf *out)
{
    return arena_str(arena, utf8_cut(buf_str(out), LIMIT_COMMENT_BYTES));
}

static enum expand_status expand_failed(const struct score_in *in, const struct err *err, struct judgement *reterr)
{
    reterr->kind = JUDGED_NOT_SCORED;
    reterr->comment = arena_printf(in->arena, "%s", err->text);
    return EXPAND_BAD;
}

enum expand_status expand_value(const struct score_in *in, const struct template *t, struct value *ret,
                                struct judgement *reterr)
{
    struct err err = ERR_NULL;
    bool is_absent = false;
    if (!template_expand(t, in->scope, in->arena, ret, &is_absent, &err)) {
        return expand_failed(in, &err, reterr);
    }
    return is_absent ? EXPAND_ABSENT : EXPAND_OK;
}

enum expand_status expand_text(const struct score_in *in, const struct template *t, struct str *ret,
                               struct judgement *reterr)
{
    struct err err = ERR_NULL;
    bool is_absent = false;
    if (!template_expand_text(t, in->scope, in->arena, NULL, ret, &is_absent, &err)) {
        return expand_failed(in, &err, reterr);
    }
    return is_absent ? EXPAND_ABSENT : EXPAND_OK;
}

static bool text_of(struct arena *arena, const struct value *v, struct str *ret)
{
    if (v->kind == VALUE_TEXT) {
        *ret = v->text;
        return true;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    bool ok = value_append_text(&text, v);
    *ret = arena_str(arena, buf_str(&text));
    return ok;
}

enum expand_status expand_texts(const struct score_in *in, const struct template *t, struct str **ret,
                                size_t *ret_count, struct judgement *reterr)
{
    struct value v;
    enum expand_status status = expand_value(in, t, &v, reterr);
    if (status != EXPAND_OK) {
        return status;
    }
    const struct value *items = v.kind == VALUE_LIST ? v.items : &v;
    size_t count = v.kind == VALUE_LIST ? v.len : 1;
    struct str *texts = arena_array(in->arena, struct str, count);
    for (size_t i = 0; i < count; i++) {
        if (!text_of(in->arena, &items[i], &texts[i])) {
            reterr->kind = JUDGED_NOT_SCORED;
            reterr->comment = STR("null where a text is wanted");
            return EXPAND_BAD;
        }
    }
    *ret = texts;
    *ret_count = count;
    return EXPAND_OK;
}

enum expand_status expand_expected(const struct score_in *in, const struct template *t, struct value *ret,
                                   struct judgement *reterr)
{
    if (t != NULL) {
        return expand_value(in, t, ret, reterr);
    }
    if (!in->eval_case->has_expected) {
        reterr->kind = JUDGED_NOT_SCORED;
        reterr->comment = STR("the case has no 'expected', and the scorer gives none");
        return EXPAND_BAD;
    }
    *ret = in->eval_case->expected;
    return EXPAND_OK;
}

struct str fold_text(struct arena *arena, struct str text, bool ignore_case, bool trim)
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
