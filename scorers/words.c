/* What comments say, and the judgements that carry them. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "data/json.h"
#include "scorers/private.h"

enum { QUOTE_BYTES = 120 };

static void words_copy(struct words *w, struct str text)
{
    size_t left = sizeof(w->room) - w->len;
    size_t len = text.len < left ? text.len : left;
    if (len > 0) {
        memcpy(w->room + w->len, text.ptr, len);
        w->len += len;
    }
}

void words_add(struct words *w, struct str text)
{
    text = utf8_cut(text, sizeof(w->room));
    size_t at = 0;
    while (!utf8_is_valid(text, &at)) {
        words_copy(w, str_slice(text, 0, at));
        words_copy(w, STR("\xef\xbf\xbd"));
        text = str_slice(text, at + 1, text.len);
    }
    words_copy(w, text);
}

void words_add_cstr(struct words *w, const char *text)
{
    words_copy(w, str_from(text));
}

void words_printf(struct words *w, const char *format, ...)
{
    char text[sizeof(w->room)];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    words_add(w, str_from(text));
}

void words_short(struct words *w, struct str text)
{
    struct str cut = utf8_cut(text, QUOTE_BYTES);
    words_add(w, cut);
    words_add_cstr(w, cut.len < text.len ? "…" : "");
}

void words_quote(struct words *w, struct str text)
{
    words_add_cstr(w, "'");
    words_short(w, text);
    words_add_cstr(w, "'");
}

void words_value(struct words *w, const struct value *v)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer writer;
    json_writer_init(&writer, &text);
    json_value(&writer, v);
    words_short(w, buf_str(&text));
}

struct str words_finish(struct arena *arena, const struct words *w)
{
    return arena_str(arena, utf8_cut((struct str){w->room, w->len}, LIMIT_COMMENT_BYTES));
}

void judge_unit(const struct score_in *in, bool ok, const struct words *w, struct judgement *ret)
{
    *ret = (struct judgement){.kind = JUDGED_UNIT, .number = ok ? 1 : 0, .comment = words_finish(in->arena, w)};
}

void judge_absent(struct score_in *in, struct str reason, struct judgement *ret)
{
    in->is_absent = true;
    for (size_t i = 0; i < in->use->dimension_count; i++) {
        bool is_judged = in->use->dimensions[i].kind == DIMENSION_JUDGED;
        ret[i] = (struct judgement){.kind = is_judged ? JUDGED_UNIT : JUDGED_NOT_SCORED, .comment = reason};
    }
}

void judge_not_scored(const struct score_in *in, struct str reason, struct judgement *ret)
{
    for (size_t i = 0; i < in->use->dimension_count; i++) {
        ret[i] = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = reason};
    }
}
