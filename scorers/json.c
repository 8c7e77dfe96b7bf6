/* json: the output (or what `from` and `extract` leave of it) is valid JSON, or equals a value.
 *
 * Shape:  reads the subject; one judged, binary score. By value: 1 equals 1.0, the order of keys is no difference. */

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
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
static const struct value *json_subject(const struct score_in *in, struct str *ret_reason)
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
    struct words words = WORDS_NULL;
    struct str reason = STR_NULL;
    const struct value *got = json_subject(in, &reason);
    if (got == NULL) {
        judge_absent(in, reason, ret);
        return STEP_DONE;
    }
    if (o->equals == NULL) {
        words_add_cstr(&words, "valid JSON");
        judge_unit(in, true, &words, ret);
        return STEP_DONE;
    }
    struct value want;
    if (expand_value(in, o->equals, &want, ret)) {
        bool ok = value_eq(got, &want);
        words_value(&words, got);
        if (!ok) {
            words_add_cstr(&words, ", wanted ");
            words_value(&words, &want);
        }
        judge_unit(in, ok, &words, ret);
    }
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
