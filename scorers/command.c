/* command: a user's program as scorer (docs/contracts.md, C).
 *
 * Shape:  the program reads the sample on stdin (with output, expected, options, meta) and writes {"scores": {dimension: number | {"value", "pass",
 *         "comment"}}}. Dimensions are declared under `dimensions:` by their whole names; none declared = one judged score, 0..1, under the scorer's
 *         dimension, threshold 0.5. With `from` or `extract` the program is given what they find as its output; where they find nothing it is not
 *         asked, and the score fails.
 * Errors: exit, signal, time-out, an answer that is not of this form, a dimension missing or not declared: not scored. */

#include <stddef.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/utf8.h"
#include "data/json.h"
#include "model/command_call.h"
#include "model/command_options.h"
#include "model/dimension_declare.h"
#include "model/suite.h"
#include "scorers/private.h"
#include "scorers/scoring.h"

enum { DEFAULT_TIMEOUT_S = 60, STDERR_SHOWN_BYTES = 300 };

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
    return declare_named(ctx, use, o->dimensions) && ok;
}

static bool program_prepare(struct score_in *in, struct call *ret, struct err *err)
{
    const struct program_options *o = in->options;
    const struct scoring_sample *s = in->sample;
    struct output shown = subject_output(in);
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
        .output = &shown,
        .options = o->options,
    };
    int64_t timeout_ns = o->command.timeout_ns > 0 ? o->command.timeout_ns : DEFAULT_TIMEOUT_S * NS_PER_S;
    return command_call_make(&o->command, &sample, timeout_ns, in->arena, ret, err);
}

static bool broken(struct err *err, const struct call_result *result)
{
    struct str tail = str_trim(result->stderr_tail);
    struct str shown = str_slice(tail, tail.len > STDERR_SHOWN_BYTES ? tail.len - STDERR_SHOWN_BYTES : 0, tail.len);
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
    case CALL_HTTP_STATUS: /* of requests, which programs are not */
    case CALL_NETWORK:
        break;
    }
    return err_set(err, ERR_SETUP, "the scorer's program gave no answer%s%.*s", result->detail.len > 0 ? ": " : "",
                   STR_ARG(result->detail));
}

/* {"value", "pass", "comment"} */
static bool read_map(const struct dimension *d, const struct value *v, const struct value **ret_number,
                     struct judgement *ret, struct err *err)
{
    const struct value *pass = value_get(v, STR("pass"));
    const struct value *comment = value_get(v, STR("comment"));
    for (uint32_t i = 0; i < v->len; i++) {
        struct str key = v->keys[i].text;
        if (!str_eq(key, STR("value")) && !str_eq(key, STR("pass")) && !str_eq(key, STR("comment"))) {
            return err_set(err, ERR_SETUP, "score '%.*s': unknown key '%.*s' (value, pass, comment)", STR_ARG(d->name),
                           STR_ARG(utf8_cut(key, 80)));
        }
    }
    if (pass != NULL && pass->kind != VALUE_BOOL && pass->kind != VALUE_NULL) {
        return err_set(err, ERR_SETUP, "score '%.*s': 'pass' is true or false, not %s", STR_ARG(d->name),
                       value_kind_name(pass->kind));
    }
    if (pass != NULL && pass->kind == VALUE_BOOL && d->kind == DIMENSION_MEASURE) {
        return err_set(err, ERR_SETUP, "score '%.*s' is a measure: it passes by its min and max, not by 'pass'",
                       STR_ARG(d->name));
    }
    if (comment != NULL && comment->kind != VALUE_TEXT && comment->kind != VALUE_NULL) {
        return err_set(err, ERR_SETUP, "score '%.*s': 'comment' is text, not %s", STR_ARG(d->name),
                       value_kind_name(comment->kind));
    }
    *ret_number = value_get(v, STR("value"));
    ret->has_pass = pass != NULL && pass->kind == VALUE_BOOL;
    ret->pass = ret->has_pass && pass->boolean;
    ret->comment = comment != NULL ? comment->text : STR_NULL;
    return true;
}

static bool read_score(const struct dimension *d, const struct value *v, struct judgement *ret, struct err *err)
{
    const struct value *number = v;
    *ret = (struct judgement){.kind = d->kind == DIMENSION_JUDGED ? JUDGED_UNIT : JUDGED_VALUE};
    if (v->kind == VALUE_MAP && !read_map(d, v, &number, ret, err)) {
        return false;
    }
    if (number == NULL || !value_number(number, &ret->number)) {
        return err_set(err, ERR_SETUP, "score '%.*s' has no number", STR_ARG(d->name));
    }
    if (d->kind == DIMENSION_JUDGED && (ret->number < 0 || ret->number > 1)) {
        return err_set(err, ERR_SETUP, "score '%.*s' is judged and has to lie in 0..1 (or declare it kind: measure)",
                       STR_ARG(d->name));
    }
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

/* The map below "scores", NULL when there is none (then err says so); a worker's answer carries its id beside it. */
static const struct value *read_reply(const struct score_in *in, struct str text, struct err *err)
{
    const struct program_options *o = in->options;
    struct value *reply = arena_new(in->arena, struct value);
    if (!json_read(in->arena, text, JSON_REPLY, (struct src_pos){.line = 1, .col = 1}, reply, NULL, err)) {
        (void)err_wrap(err, "the scorer's program did not write JSON: %u:%u", (unsigned)err->pos.line,
                       (unsigned)err->pos.col);
        return NULL;
    }
    const struct value *scores = value_get(reply, STR("scores"));
    if (scores == NULL || scores->kind != VALUE_MAP) {
        (void)err_set(err, ERR_SETUP, "the scorer's program has to write {\"scores\": {\"%.*s\": 0.5}}",
                      STR_ARG(in->use->dimensions[0].name));
        return NULL;
    }
    for (uint32_t i = 0; i < reply->len; i++) {
        struct str key = reply->keys[i].text;
        if (!str_eq(key, STR("scores")) && !(o->command.is_worker && str_eq(key, STR("id")))) {
            (void)err_set(err, ERR_SETUP, "the scorer's program wrote an unknown key '%.*s' beside \"scores\"",
                          STR_ARG(utf8_cut(key, 80)));
            return NULL;
        }
    }
    return scores;
}

static bool program_interpret(struct score_in *in, const struct call_result *result, struct judgement *ret,
                              struct err *err)
{
    if (result->status != CALL_OK) {
        return broken(err, result);
    }
    const struct value *scores = read_reply(in, result->output, err);
    if (scores == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < scores->len; i++) {
        if (find_declared(in->use, scores->keys[i].text) == NULL) {
            return err_set(err, ERR_SETUP, "score '%.*s' is not declared under 'dimensions'",
                           STR_ARG(utf8_cut(scores->keys[i].text, 80)));
        }
    }
    for (size_t i = 0; i < in->use->dimension_count; i++) {
        const struct dimension *d = &in->use->dimensions[i];
        const struct value *v = value_get(scores, d->name);
        ret[i] = (struct judgement){.kind = JUDGED_NOT_SCORED, .comment = STR("the program gave no such score")};
        if (v != NULL && !read_score(d, v, &ret[i], err)) {
            return false;
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
    .starts_programs = true,
    .takes_absent = true,
    .load = program_load,
    .prepare = program_prepare,
    .interpret = program_interpret,
    .visit_templates = program_visit,
};
