/* Outputs recorded earlier: `replay: "{{row.answer}}"`. No call; the output is the template's value. */

#include "base/arena.h"
#include "data/json.h"
#include "targets/target.h"
#include "targets/types.h"

struct replay_options {
    struct template *output;
};

static const struct field rows[] = {
    {.key = "replay",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct replay_options, output),
     .help = "the output recorded earlier, most often a column of the data",
     .is_required = true,
     .template_roots = ROOT_ROW | ROOT_VARS | ROOT_CASE},
    {0},
};

static bool prepare(const struct target_in *in, struct call *ret, struct err *err)
{
    (void)in;
    (void)err;
    *ret = (struct call){.kind = CALL_NONE};
    return true;
}

static bool interpret(const struct target_in *in, const struct call_result *result, struct output *ret, struct err *err)
{
    (void)result;
    const struct replay_options *o = in->options;
    struct output output = {.error = ERROR_NONE, .measures = {.attempts = 1}};
    struct value v;
    bool is_absent = false;
    if (!template_expand(o->output, in->scope, in->arena, &v, &is_absent, err)) {
        return err_wrap(err, "target 'replay'");
    }
    switch (v.kind) {
    case VALUE_NULL: /* nothing was recorded: an empty output, which scorers judge as absent */
        break;
    case VALUE_TEXT:
    case VALUE_NUMBER:
        output.text = v.text;
        break;
    case VALUE_BOOL:
        output.text = v.boolean ? STR("true") : STR("false");
        break;
    case VALUE_LIST:
    case VALUE_MAP:
        output.is_json = true;
        output.json = v;
        output.text = json_compact(in->arena, &v);
        break;
    }
    *ret = output;
    return true;
}

static bool is_transient(const void *options, const struct call_result *result)
{
    (void)options;
    (void)result;
    return false;
}

static void visit_templates(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct replay_options *o = options;
    visit(ctx, o->output);
}

const struct target_type target_replay = {
    .name = "replay",
    .summary = "outputs recorded earlier, scored anew without a call",
    .rows = rows,
    .options_size = sizeof(struct replay_options),
    .prepare = prepare,
    .interpret = interpret,
    .is_transient = is_transient,
    .visit_templates = visit_templates,
};
