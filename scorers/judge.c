/* judge: a rubric, answered by a model: a call of an Opper task with an output schema.
 *
 * Shape:  one judged score 0..1 (threshold 0.5), or the dimensions declared under `dimensions:`; `verdict: true` asks for pass or fail instead of a
 *         number. With `repeats` the score is the mean of so many calls, decided once, on the mean; `<dimension>_spread` is the highest less the lowest.
 *         Every call is kept in meta `judge`; what they cost in `judge_cost_usd`.
 * Prompt: rubric and rules are the task's instructions. Input, expectation and output of the case are its input, as JSON: an output cannot leave its string,
 *         and the rules say that it is data. A rubric that inserts `output` or `meta` inserts them as JSON strings.
 * Errors: a call that fails after its retries, or an answer that is not of the schema: not scored. A refused key or an unknown model stops the run. */

#include <stddef.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/err.h"
#include "data/template.h"
#include "model/dimension_declare.h"
#include "model/environment.h"
#include "model/service.h"
#include "scorers/judge.h"
#include "scorers/private.h"
#include "wire/model_name.h"
#include "wire/reply.h"

enum { REPEATS_MAX = 100 };

static const struct field ROWS[] = {
    {.key = "rubric",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct judge_options, rubric),
     .is_required = true,
     .is_short_form = true,
     .template_roots = SCORER_ROOTS,
     .help = "what makes an answer good, in words for the judge"},
    {.key = "model",
     .type = FIELD_TEMPLATE,
     .offset = offsetof(struct judge_options, model_template),
     .template_roots = ROOT_ENV,
     .default_text = "Opper's",
     .help = WIRE_MODEL_HELP},
    {.key = "repeats",
     .type = FIELD_COUNT,
     .offset = offsetof(struct judge_options, repeats),
     .min = 1,
     .max = REPEATS_MAX,
     .default_text = "1",
     .help = "so many calls; their mean is the score, their spread recorded as <dimension>_spread"},
    {.key = "verdict",
     .type = FIELD_BOOL,
     .offset = offsetof(struct judge_options, is_verdict),
     .default_text = "false",
     .help = "ask for pass or fail, not for a number from 0 to 1"},
    {.key = "dimensions",
     .type = FIELD_CUSTOM,
     .offset = offsetof(struct judge_options, dimensions),
     .parse = dimension_declare_parse,
     .schema = dimension_declare_schema,
     .help = "several scores of one call, by name: {tone: {}, accuracy: {threshold: 0.8}}"},
    {.key = "timeout",
     .type = FIELD_DURATION,
     .offset = offsetof(struct judge_options, timeout_ns),
     .default_text = "120s",
     .help = "of one attempt"},
    {0},
};

static bool make_model(struct field_context *ctx, const struct scorer_use *use, struct judge_options *o)
{
    struct scope scope = {0};
    struct err err = ERR_NULL;
    if (o->model_template == NULL) {
        return true;
    }
    if (!wire_model_check(ctx->diag, o->model_template)) {
        return false;
    }
    struct value *model = arena_new(ctx->arena, struct value);
    environment_names(use->env->vars_environment, &scope);
    o->model = model;
    return (template_expand(o->model_template, &scope, ctx->arena, model, NULL, &err) &&
            wire_model_is_valid(model, &err)) ||
           diag_add_err(ctx->diag, template_source(o->model_template)->pos, &err);
}

static void visit_path(void *ctx, const struct str *segments, size_t len)
{
    bool *quotes = ctx;
    (void)len;
    *quotes = *quotes || str_eq(segments[0], STR("output")) || str_eq(segments[0], STR("meta"));
}

static bool check_rubric(struct field_context *ctx, const struct template *rubric)
{
    const struct value *source = template_source(rubric);
    if (source->kind != VALUE_TEXT || str_trim(source->text).len == 0) {
        (void)diag_add(ctx->diag, source->pos, "'rubric' is a text, not %s",
                       source->kind == VALUE_TEXT ? "an empty one" : value_kind_name(source->kind));
        return diag_hint(ctx->diag, "write rubric: 'The answer is polite and names the price.'");
    }
    return true;
}

static bool judge_load(struct field_context *ctx, struct scorer_use *use)
{
    struct judge_options *o = use->options;
    bool ok = check_rubric(ctx, o->rubric);
    ok = make_model(ctx, use, o) && ok;
    if (!declare_named(ctx, use, o->dimensions) || !ok) {
        return false;
    }
    o->service = use->env->service;
    o->repeats = o->repeats == 0 ? 1 : o->repeats;
    o->asked_count = use->dimension_count;
    o->name = arena_printf(ctx->arena, "assay_judge_%.*s", STR_ARG(use->dimensions[0].name));
    o->what = arena_printf(ctx->arena, "judge '%.*s'", STR_ARG(use->dimensions[0].name)).ptr;
    template_visit(o->rubric, visit_path, &o->quotes_inserts);
    for (size_t i = 0; i < o->asked_count; i++) {
        struct dimension *d = &use->dimensions[i];
        if (d->kind == DIMENSION_JUDGED && o->is_verdict && o->repeats == 1) {
            d->type = TYPE_BINARY;
        }
        if (d->kind == DIMENSION_JUDGED && o->repeats > 1) {
            declare_part(ctx, use, i, "spread");
        }
    }
    return judge_make_schema(ctx, use);
}

static bool judge_is_transient(const struct call_result *result)
{
    return wire_reply_of(result) == WIRE_AGAIN;
}

static bool judge_stops_run(const struct scorer_use *use, const struct call_result *result, struct err *err)
{
    const struct judge_options *o = use->options;
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    return wire_reply_stops_run(&arena, result, o->what, o->service, err);
}

static uint64_t judge_call_count(const struct scorer_use *use)
{
    const struct judge_options *o = use->options;
    return o->repeats;
}

static bool judge_check_access(const struct scorer_use *use, struct err *err)
{
    const struct judge_options *o = use->options;
    return service_check_key(o->service, o->what, err);
}

static void judge_visit(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct judge_options *o = options;
    visit(ctx, o->rubric);
    if (o->model_template != NULL) {
        visit(ctx, o->model_template);
    }
}

const struct scorer scorer_judge = {
    .name = "judge",
    .summary = "a model judges by a rubric: a call of Opper",
    .version = 1,
    .rows = ROWS,
    .options_size = sizeof(struct judge_options),
    .state_size = sizeof(struct judge_state),
    .calls_service = true,
    .load = judge_load,
    .prepare = judge_prepare,
    .interpret = judge_interpret,
    .is_transient = judge_is_transient,
    .may_blame_parent = wire_reply_may_blame_parent,
    .stops_run = judge_stops_run,
    .call_count = judge_call_count,
    .check_access = judge_check_access,
    .visit_templates = judge_visit,
};
