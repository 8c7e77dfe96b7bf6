/* json: the output (or what `from` and `extract` leave of it) is valid JSON, or equals a value.
 *
 * Shape:  reads the subject; one judged, binary score. By value: 1 equals 1.0, the order of keys is no difference. */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "scorers/private.h"

struct json_options {
    struct template *equals;
};

static const struct field ROWS[] = {
    {.key = "equals",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct json_options, equals),
     .template_roots = SCORER_ROOTS,
     .is_short_form = true,
     .help = "the wanted value; without it the text only has to be JSON"},
    {0},
};

/* The value at hand; NULL when there is none, with the reason. */
static const struct value *json_subject(struct score_in *in, struct str *ret_reason)
{
    if (in->subject.value != NULL) {
        return in->subject.value; /* a null at `from` is a value here */
    }
    if (in->subject.is_absent) {
        *ret_reason = in->subject.reason;
        return NULL;
    }
    struct value *parsed = arena_new(in->arena, struct value);
    struct err err = ERR_NULL;
    if (!json_read(in->arena, in->subject.text, JSON_REPLY, (struct src_pos){.line = 1, .col = 1}, parsed, NULL,
                   &err)) {
        *ret_reason =
            arena_printf(in->arena, "not JSON: %u:%u: %s", (unsigned)err.pos.line, (unsigned)err.pos.col, err.text);
        return NULL;
    }
    return parsed;
}

static enum score_step json_score(struct score_in *in, struct judgement *ret)
{
    const struct json_options *o = in->options;
    struct str reason = STR_NULL;
    const struct value *got = json_subject(in, &reason);
    if (got == NULL) {
        in->is_absent = true;
        *ret = (struct judgement){.kind = JUDGED_UNIT, .number = 0, .comment = reason};
        return STEP_DONE;
    }
    in->subject.is_absent = false;
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_SUITE_BYTES);
    if (o->equals == NULL) {
        *ret = (struct judgement){.kind = JUDGED_UNIT, .number = 1, .comment = STR("valid JSON")};
        return STEP_DONE;
    }
    struct value want;
    enum expand_status status = expand_value(in, o->equals, &want, ret);
    if (status == EXPAND_BAD) {
        return STEP_DONE;
    }
    bool ok = status == EXPAND_OK && value_eq(got, &want);
    words_value(&words, got);
    if (!ok) {
        buf_append_cstr(&words, ", wanted ");
        if (status == EXPAND_OK) {
            words_value(&words, &want);
        } else {
            buf_append_cstr(&words, "something that is absent from the output");
        }
    }
    *ret = (struct judgement){.kind = JUDGED_UNIT, .number = ok ? 1 : 0, .comment = words_finish(in->arena, &words)};
    return STEP_DONE;
}

static void json_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct json_options *o = options;
    if (o->equals != NULL) {
        visit(ctx, o->equals);
    }
}

const struct scorer scorer_json = {
    .name = "json",
    .summary = "the output is JSON, or equals a value at a JSON Pointer",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct json_options),
    .takes_absent = true,
    .score = json_score,
    .visit_templates = json_visit,
};
