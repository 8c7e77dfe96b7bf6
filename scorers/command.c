/* command: a user's program as scorer (docs/contracts.md, C).
 *
 * Shape:  the program reads the sample on stdin (with output, expected, options, meta) and writes {"scores": {dimension: number | {"value", "pass",
 *         "comment"}}}. Dimensions are declared under `dimensions:` by their whole names; none declared = one judged score, 0..1, under the scorer's
 *         dimension, threshold 0.5.
 * Errors: exit, signal, time-out, an answer that is not of this form, a dimension missing or not declared: not scored. */

#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/num.h"
#include "data/json.h"
#include "model/command_call.h"
#include "model/command_options.h"
#include "model/dimension_declare.h"
#include "model/suite.h"
#include "scorers/private.h"
#include "scorers/scoring.h"

enum { DEFAULT_TIMEOUT_S = 60 };

struct program_options {
    struct command_options command; /* first: its rows count from here */
    const struct value *dimensions;
    const struct value *options;
};

static const struct field ROWS[] = {
    COMMAND_ROW,
    SHELL_ROW,
    {.key = "dimensions",
     .type = FIELD_CUSTOM,
     .offset = offsetof(struct program_options, dimensions),
     .parse = dimension_declare_parse,
     .schema = dimension_declare_schema,
     .help = "the scores that the program gives, by name: {tone: {direction: lower, kind: measure}}"},
    {.key = "options",
     .type = FIELD_VALUE,
     .offset = offsetof(struct program_options, options),
     .help = "a map handed to the program on stdin"},
    COMMAND_ROWS(SCORER_ROOTS),
    {0},
};

static bool program_load(struct field_context *ctx, struct scorer_use *use)
{
    struct program_options *o = use->options;
    struct command_load in = {
        .what = "scorer 'command'",
        .dir = use->env->dir,
        .env = use->env->environment,
        .template_roots = SCORER_ROOTS,
        .workers_default = use->env->workers_default,
        .pos = use->pos,
    };
    bool ok = command_options_load(ctx, &o->command, &in);
    if (o->dimensions != NULL) {
        return dimension_declare(ctx, o->dimensions, false, &use->dimensions, &use->dimension_count) && ok;
    }
    use->dimensions[0].type = TYPE_BOUNDED;
    use->dimensions[0].threshold = 0.5;
    return ok;
}

static bool program_prepare(const struct score_in *in, struct call *ret, struct err *err)
{
    const struct program_options *o = in->options;
    const struct scoring_sample *s = in->sample;
    struct command_sample sample = {
        .eval_case = in->eval_case,
        .scope = in->scope,
        .suite = s->suite->name,
        .variant = s->variant->name,
        .run_id = s->run_id,
        .trace_id = s->trace_id,
        .span_id = s->span_id,
        .trial = s->trial,
        .attempt = s->attempt,
        .sends_expected = true,
        .output = in->output,
        .options = o->options,
    };
    int64_t timeout_ns = o->command.timeout_ns > 0 ? o->command.timeout_ns : DEFAULT_TIMEOUT_S * NS_PER_S;
    return command_call_make(&o->command, &sample, timeout_ns, in->arena, ret, err);
}

static bool broken(struct err *err, const struct call_result *result)
{
    struct str tail = str_trim(result->stderr_tail);
    struct str shown = tail.len > 300 ? str_slice(tail, tail.len - 300, tail.len) : tail;
    const char *mark = shown.len > 0 ? ": " : "";
    switch (result->status) {
    case CALL_EXIT:
        return err_set(err, ERR_SETUP, "the scorer's program ended with exit %d%s%.*s", result->exit_code, mark,
                       STR_ARG(shown));
    case CALL_SIGNAL:
        return err_set(err, ERR_SETUP, "the scorer's program died by signal %d%s%.*s", result->signal_number, mark,
                       STR_ARG(shown));
    case CALL_TIMEOUT:
        return err_set(err, ERR_SETUP, "the scorer's program ran into its timeout%s%.*s", mark, STR_ARG(shown));
    case CALL_OUTPUT_LIMIT:
        return err_set(err, ERR_SETUP, "the scorer's program wrote more than its max_output");
    case CALL_OK:
    case CALL_EXEC_FAILED:
    case CALL_PROTOCOL:
    case CALL_CANCELLED:
        break;
    }
    return err_set(err, ERR_SETUP, "the scorer's program gave no answer%s%.*s", result->detail.len > 0 ? ": " : "",
                   STR_ARG(result->detail));
}

static bool read_score(const struct score_in *in, const struct dimension *d, const struct value *v,
                       struct judgement *ret, struct err *err)
{
    const struct value *number = v;
    const struct value *pass = NULL;
    if (v->kind == VALUE_MAP) {
        number = value_get(v, STR("value"));
        pass = value_get(v, STR("pass"));
        const struct value *comment = value_get(v, STR("comment"));
        ret->comment = comment != NULL && comment->kind == VALUE_TEXT ? arena_str(in->arena, comment->text) : STR_NULL;
        for (uint32_t i = 0; i < v->len; i++) {
            struct str key = v->keys[i].text;
            if (!str_eq(key, STR("value")) && !str_eq(key, STR("pass")) && !str_eq(key, STR("comment"))) {
                return err_set(err, ERR_SETUP, "score '%.*s': unknown key '%.*s' (value, pass, comment)",
                               STR_ARG(d->name), STR_ARG(key));
            }
        }
    }
    if (number == NULL || !value_number(number, &ret->number) || !num_is_finite(ret->number)) {
        return err_set(err, ERR_SETUP, "score '%.*s' has no number", STR_ARG(d->name));
    }
    if (d->kind == DIMENSION_JUDGED && (ret->number < 0 || ret->number > 1)) {
        return err_set(err, ERR_SETUP, "score '%.*s' is judged and has to lie in 0..1 (or declare it kind: measure)",
                       STR_ARG(d->name));
    }
    ret->kind = d->kind == DIMENSION_JUDGED ? JUDGED_UNIT : JUDGED_VALUE;
    ret->has_pass = pass != NULL && pass->kind == VALUE_BOOL;
    ret->pass = ret->has_pass && pass->boolean;
    return true;
}

static const struct dimension *find_declared(const struct scorer_use *use, struct str name)
{
    for (size_t i = 0; i < use->dimension_count; i++) {
        if (str_eq(use->dimensions[i].name, name)) {
            return &use->dimensions[i];
        }
    }
    return NULL;
}

static bool program_interpret(const struct score_in *in, const struct call_result *result, struct judgement *ret,
                              struct err *err)
{
    if (result->status != CALL_OK) {
        return broken(err, result);
    }
    struct value reply;
    if (!json_read(in->arena, result->output, JSON_REPLY, (struct src_pos){.line = 1, .col = 1}, &reply, NULL, err)) {
        return err_wrap(err, "the scorer's program did not write JSON: %u:%u", (unsigned)err->pos.line,
                        (unsigned)err->pos.col);
    }
    const struct value *scores = value_get(&reply, STR("scores"));
    if (scores == NULL || scores->kind != VALUE_MAP) {
        return err_set(err, ERR_SETUP, "the scorer's program has to write {\"scores\": {\"%.*s\": 0.5}}",
                       STR_ARG(in->use->dimensions[0].name));
    }
    for (uint32_t i = 0; i < scores->len; i++) {
        if (find_declared(in->use, scores->keys[i].text) == NULL) {
            return err_set(err, ERR_SETUP, "score '%.*s' is not declared under `dimensions:`",
                           STR_ARG(str_slice(scores->keys[i].text, 0, 80)));
        }
    }
    for (size_t i = 0; i < in->use->dimension_count; i++) {
        const struct value *v = value_get(scores, in->use->dimensions[i].name);
        ret[i] = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = STR("the program gave no such score")};
        if (v != NULL) {
            ret[i].comment = STR_NULL;
            if (!read_score(in, &in->use->dimensions[i], v, &ret[i], err)) {
                return false;
            }
        }
    }
    return true;
}

static void program_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct program_options *o = options;
    command_options_visit(&o->command, visit, ctx);
}

const struct scorer scorer_command = {
    .name = "command",
    .summary = "a program of your own gives the scores",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct program_options),
    .takes_absent = true,
    .load = program_load,
    .prepare = program_prepare,
    .interpret = program_interpret,
    .visit_templates = program_visit,
};
