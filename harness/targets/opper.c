/* A task of Opper under test (POST /call), or a function stored there, by name or id (POST /functions/{id}/call). The wire is wire/call.h; what an answer
 * other than 200 means, wire/reply.h.
 *
 * Output: `json_payload` where there is one, else `message`; images alone are the JSON {"images": [...]}. Meta: call_span_id, cached, usage, cost as they
 * came; function_id and revision of a function that was found by name. A cached answer has no latency: nobody has thought about it. */

#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"
#include "model/service.h"
#include "targets/target.h"
#include "targets/types.h"
#include "wire/call.h"
#include "wire/model_name.h"
#include "wire/path.h"
#include "wire/reply.h"

enum { DEFAULT_TIMEOUT_S = 120, DEFAULT_RETRIES = 3, FIND_TIMEOUT_S = 30 };
enum { TEMPLATE_ROOTS = ROOT_ROW | ROOT_VARS | ROOT_CASE };

#define WHAT "target 'opper'"

struct opper_options {
    /* By the rows. */
    struct str name, function, revision;
    struct template *instructions, *input, *examples, *model, *tags;
    const struct value *input_schema, *output_schema, *configuration;
    int64_t timeout_ns;

    /* By load. */
    const struct service *service;
};

/* clang-format off */
#define KEY(member) .offset = offsetof(struct opper_options, member)
static const struct field OPPER_ROWS[] = {
    {.key = "name", .type = FIELD_NAME, KEY(name),
     .help = "the task; Opper makes a function of this name if there is none"},
    {.key = "instructions", .type = FIELD_TEMPLATE, KEY(instructions), .template_roots = TEMPLATE_ROOTS,
     .help = "the prompt, a text"},
    {.key = "input", .type = FIELD_TEMPLATE, KEY(input), .template_roots = TEMPLATE_ROOTS, .default_text = "the case's",
     .help = "text or any value; for several turns a list of {role, content}"},
    {.key = "input_schema", .type = FIELD_VALUE, KEY(input_schema), .help = "a JSON Schema of the input"},
    {.key = "output_schema", .type = FIELD_VALUE, KEY(output_schema),
     .help = "a JSON Schema: the output is JSON that follows it"},
    {.key = "examples", .type = FIELD_TEMPLATE, KEY(examples), .template_roots = TEMPLATE_ROOTS,
     .help = "a list of {input, output, comment}"},
    {.key = "model", .type = FIELD_TEMPLATE, KEY(model), .template_roots = TEMPLATE_ROOTS | ROOT_ENV,
     .default_text = "Opper's", .help = WIRE_MODEL_HELP},
    {.key = "configuration", .type = FIELD_VALUE, KEY(configuration), .default_text = "no cache",
     .help = "a map of Opper's settings, by their whole names: {invocation.cache.ttl: 3600}"},
    {.key = "tags", .type = FIELD_TEMPLATE, KEY(tags), .template_roots = TEMPLATE_ROOTS,
     .help = "a map of texts, to filter by on Opper"},
    {.key = "function", .type = FIELD_NAME, KEY(function), .help = "a stored function, by name or id, in place of name"},
    {.key = "revision", .type = FIELD_NAME, KEY(revision), .default_text = "the current one",
     .help = "id of the function's revision"},
    {.key = "timeout", .type = FIELD_DURATION, KEY(timeout_ns), .default_text = "120s",
     .help = "of one attempt; a case's own timeout wins"},
    {0},
};

static const struct field rows[] = {
    {.key = "opper", .type = FIELD_MAP, .offset = 0, .rows = OPPER_ROWS, .is_required = true,
     .help = "a task or a stored function of Opper; a variant gives any of its keys"},
    {0},
};
/* clang-format on */

static bool check_is_map(struct field_context *ctx, const struct value *v, const char *key)
{
    return v == NULL || v->kind == VALUE_MAP ||
           diag_add(ctx->diag, v->pos, "'%s' is a map, not %s", key, value_kind_name(v->kind));
}

/* Opper's settings are flat, with points in their names; nested or misspelt they would be passed over in silence. A name with a point that is like none
 * of these may be newer than we are. */
static bool check_setting(struct field_context *ctx, const struct value *key)
{
    static const char *const known[] = {"invocation.cache.ttl",
                                        "invocation.few_shot.count",
                                        "invocation.structured_generation.max_attempts",
                                        "beta.evaluation",
                                        "beta.invocation.input_validation.enabled",
                                        "beta.invocation.xml_mode.enabled",
                                        NULL};
    const char *nearest = str_nearest(key->text, known);
    if ((nearest == NULL && str_find_char(key->text, '.', NULL)) ||
        (nearest != NULL && str_eq_cstr(key->text, nearest))) {
        return true;
    }
    (void)diag_add(ctx->diag, key->pos, "'configuration' knows no '%.*s'", STR_ARG(key->text));
    return nearest != NULL
               ? diag_hint(ctx->diag, "did you mean '%s'?", nearest)
               : diag_hint(ctx->diag,
                           "Opper's settings are written with their whole names: {invocation.cache.ttl: 3600}");
}

static bool check_configuration(struct field_context *ctx, const struct value *v)
{
    if (!check_is_map(ctx, v, "configuration")) {
        return diag_hint(ctx->diag, "write configuration: {invocation.cache.ttl: 3600}");
    }
    bool ok = true;
    for (uint32_t i = 0; v != NULL && i < v->len; i++) {
        double ttl = 0;
        ok = check_setting(ctx, &v->keys[i]) && ok;
        if (str_eq_cstr(v->keys[i].text, "invocation.cache.ttl") && (!value_number(&v->items[i], &ttl) || ttl < 0)) {
            ok = diag_add(ctx->diag, v->items[i].pos, "'invocation.cache.ttl' is a number of seconds");
        }
    }
    return ok;
}

static bool fail_example(const struct value *v, struct err *err)
{
    return err_set_at(err, ERR_SUITE, v->pos, "'examples' is a list of {input: ..., output: ..., comment: ...}");
}

static bool check_examples(const struct value *v, struct err *err)
{
    if (v->kind != VALUE_LIST) {
        return fail_example(v, err);
    }
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value *example = &v->items[i];
        if (value_get(example, STR("input")) == NULL || value_get(example, STR("output")) == NULL) {
            return fail_example(example, err);
        }
        for (uint32_t k = 0; k < example->len; k++) {
            struct str key = example->keys[k].text;
            if (!str_eq_cstr(key, "input") && !str_eq_cstr(key, "output") && !str_eq_cstr(key, "comment")) {
                return err_set_at(err, ERR_SUITE, example->keys[k].pos,
                                  "an example has no '%.*s': input, output, comment", STR_ARG(key));
            }
        }
    }
    return true;
}

static bool check_tags(const struct value *v, struct err *err)
{
    if (v->kind != VALUE_MAP) {
        return err_set_at(err, ERR_SUITE, v->pos, "'tags' is a map of texts, not %s", value_kind_name(v->kind));
    }
    for (uint32_t i = 0; i < v->len; i++) {
        if (v->items[i].kind == VALUE_LIST || v->items[i].kind == VALUE_MAP || v->items[i].kind == VALUE_NULL) {
            return err_set_at(err, ERR_SUITE, v->items[i].pos, "tag '%.*s' is a text, not %s", STR_ARG(v->keys[i].text),
                              value_kind_name(v->items[i].kind));
        }
    }
    return true;
}

/* What is written out is checked at load; what one template stands for, when it is expanded. */
static bool check_written(struct field_context *ctx, const struct template *t,
                          bool (*check)(const struct value *v, struct err *err))
{
    struct err err = ERR_NULL;
    if (t == NULL || (!template_is_constant(t) && template_source(t)->kind == VALUE_TEXT)) {
        return true;
    }
    struct value written = value_resolve(ctx->arena, template_source(t));
    return check(&written, &err) || diag_add_err(ctx->diag, written.pos, &err);
}

static bool check_instructions(const struct value *v, struct err *err)
{
    return v->kind == VALUE_TEXT ||
           err_set_at(err, ERR_SUITE, v->pos, "'instructions' is a text, not %s", value_kind_name(v->kind));
}

/* A stored function brings its own settings: its call takes input, examples and tags. */
static bool check_function(struct field_context *ctx, const struct opper_options *o, struct src_pos pos)
{
    const char *key = o->instructions != NULL    ? "instructions"
                      : o->model != NULL         ? "model"
                      : o->input_schema != NULL  ? "input_schema"
                      : o->output_schema != NULL ? "output_schema"
                      : o->configuration != NULL ? "configuration"
                                                 : NULL;
    if (key != NULL) {
        (void)diag_add(ctx->diag, pos, "a stored function brings its own '%s'", key);
        return diag_hint(ctx->diag, "to try another, call it as a task: 'name' in place of 'function'");
    }
    if (!wire_segment_is_sendable(o->function) || (o->revision.ptr != NULL && !wire_segment_is_sendable(o->revision))) {
        return diag_add(ctx->diag, pos, "'function' and 'revision' cannot be '.' or '..'");
    }
    return true;
}

static bool load(struct target_load *in, void *options, const struct value *node)
{
    struct opper_options *o = options;
    struct field_context *ctx = in->ctx;
    const struct value *map = value_get(node, STR("opper"));
    struct src_pos pos = map == NULL ? node->pos : map->pos;
    o->service = in->service;
    if ((o->name.ptr == NULL) == (o->function.ptr == NULL)) {
        (void)diag_add(ctx->diag, pos, "'opper' %s",
                       o->name.ptr == NULL ? "names neither a task nor a stored function"
                                           : "has both a 'name' and a 'function'");
        return diag_hint(ctx->diag, "a task is 'name' (with instructions, model, ...), a stored function 'function'");
    }
    bool ok = o->function.ptr == NULL || check_function(ctx, o, pos);
    if (o->function.ptr == NULL && o->revision.ptr != NULL) {
        ok = diag_add(ctx->diag, pos, "'revision' is of a stored function: there is no 'function'");
    }
    ok = check_is_map(ctx, o->input_schema, "input_schema") && ok;
    ok = check_is_map(ctx, o->output_schema, "output_schema") && ok;
    ok = check_configuration(ctx, o->configuration) && ok;
    ok = check_written(ctx, o->instructions, check_instructions) && ok;
    ok = check_written(ctx, o->examples, check_examples) && ok;
    ok = check_written(ctx, o->tags, check_tags) && ok;
    return wire_model_check(ctx->diag, o->model) && ok;
}

/* The options that are templates, of one case. */
struct expanded {
    struct str instructions; /* ptr NULL = not given */
    const struct value *input, *examples, *model, *tags;
};

/* What `t` gives; *ret is left alone when the option is not given. */
static bool expand(const struct template *t, const char *key, bool (*check)(const struct value *v, struct err *err),
                   const struct scope *scope, struct arena *arena, const struct value **ret, struct err *err)
{
    if (t == NULL) {
        return true;
    }
    struct value *v = arena_new(arena, struct value);
    if (!template_expand(t, scope, arena, v, NULL, err) || (check != NULL && !check(v, err))) {
        if (err->pos.file == NULL) {
            err->pos = template_source(t)->pos;
        }
        return err_wrap(err, WHAT ": '%s'", key);
    }
    *ret = v;
    return true;
}

static bool expand_all(const struct opper_options *o, const struct scope *scope, struct arena *arena,
                       struct expanded *ret, struct err *err)
{
    if (o->instructions != NULL &&
        !template_expand_text(o->instructions, scope, arena, NULL, &ret->instructions, NULL, err)) {
        return err_wrap(err, WHAT ": 'instructions'");
    }
    return expand(o->input, "input", NULL, scope, arena, &ret->input, err) &&
           expand(o->examples, "examples", check_examples, scope, arena, &ret->examples, err) &&
           expand(o->model, "model", wire_model_is_valid, scope, arena, &ret->model, err) &&
           expand(o->tags, "tags", check_tags, scope, arena, &ret->tags, err);
}

static bool check_case(const void *options, const struct scope *scope, struct arena *scratch, struct err *err)
{
    struct expanded expanded = {0};
    return expand_all(options, scope, scratch, &expanded, err);
}

/* Tags are texts on the wire. */
static const struct value *as_texts(struct arena *arena, const struct value *map)
{
    if (map == NULL) {
        return NULL;
    }
    struct value *texts = arena_copy(arena, map, sizeof(*map));
    texts->text = STR_NULL;
    texts->items = arena_array(arena, struct value, map->len);
    for (uint32_t i = 0; i < map->len; i++) {
        const struct value *v = &map->items[i];
        texts->items[i] = value_of_text(v->kind == VALUE_BOOL ? (v->boolean ? STR("true") : STR("false")) : v->text);
    }
    return texts;
}

static bool prepare(const struct target_in *in, struct call *ret, struct err *err)
{
    const struct opper_options *o = in->options;
    const struct wire_function *found = in->found;
    struct uuid_text span = id_text(&in->span);
    struct expanded expanded = {.input = in->eval_case->input.kind == VALUE_NULL ? NULL : &in->eval_case->input};
    if (!expand_all(o, in->scope, in->arena, &expanded, err)) {
        return false;
    }
    struct wire_call wire = {
        .name = o->name,
        .instructions = expanded.instructions,
        .input = expanded.input,
        .input_schema = o->input_schema,
        .output_schema = o->output_schema,
        .examples = expanded.examples,
        .model = expanded.model,
        .tags = as_texts(in->arena, expanded.tags),
        .configuration = o->configuration,
        .parent_span = in->has_parent_span ? str_from(span.text) : STR_NULL,
    };
    struct buf body CLEANUP(buf_deinit) = BUF((size_t)LIMIT_TEMPLATE_BYTES * 2);
    wire_call_write(&body, &wire);
    if (body.overflow) {
        return err_set(err, ERR_LIMIT, WHAT ": the request is longer than %u bytes", LIMIT_TEMPLATE_BYTES * 2);
    }
    *ret = (struct call){
        .kind = CALL_HTTP,
        .http = {.method = "POST",
                 .url = wire_call_url(in->arena, o->service->base_url, found == NULL ? o->function : found->id,
                                      o->revision),
                 .key = o->service->key,
                 .priority = HTTP_FIRST},
        .input = arena_str(in->arena, buf_str(&body)),
        .timeout_ns = target_timeout_ns(in, o->timeout_ns),
    };
    return true;
}

/* {"images": [...]}, where there is nothing else. */
static struct value images_only(struct arena *arena, const struct value *images)
{
    struct value *key = arena_new(arena, struct value);
    *key = value_of_text(STR("images"));
    return (struct value){
        .kind = VALUE_MAP, .len = 1, .keys = key, .items = arena_copy(arena, images, sizeof(*images))};
}

static void set_output(struct arena *arena, const struct wire_answer *answer, struct output *ret)
{
    if (answer->payload == NULL && answer->has_message) {
        ret->text = answer->message;
        return;
    }
    if (answer->payload != NULL && answer->payload->kind == VALUE_TEXT) {
        ret->text = answer->payload->text; /* a schema of a text: no quotes around it */
        return;
    }
    ret->is_json = true;
    ret->json = answer->payload != NULL ? *answer->payload : images_only(arena, answer->images);
    ret->text = json_compact(arena, &ret->json);
}

static void put_meta(struct value *map, const char *key, struct value v)
{
    map->keys[map->len] = value_of_text(str_from(key));
    map->items[map->len++] = v;
}

static struct value meta_of(const struct target_in *in, const struct wire_answer *answer)
{
    enum { ENTRIES_MAX = 7 };
    const struct opper_options *o = in->options;
    const struct wire_function *found = in->found;
    struct value meta = {.kind = VALUE_MAP,
                         .keys = arena_array(in->arena, struct value, ENTRIES_MAX),
                         .items = arena_array(in->arena, struct value, ENTRIES_MAX)};
    put_meta(&meta, "call_span_id", value_of_text(answer->span_id));
    put_meta(&meta, "cached", value_of_bool(answer->cached));
    if (answer->usage != NULL) {
        put_meta(&meta, "usage", *answer->usage);
    }
    if (answer->cost != NULL) {
        put_meta(&meta, "cost", *answer->cost);
    }
    if (answer->images != NULL && (answer->payload != NULL || answer->has_message)) {
        put_meta(&meta, "images", *answer->images);
    }
    if (found != NULL) {
        put_meta(&meta, "function_id", value_of_text(found->id));
    }
    if (found != NULL && o->revision.ptr == NULL && found->revision.ptr != NULL) {
        put_meta(&meta, "revision", value_of_text(found->revision));
    }
    return meta;
}

static void interpret_answer(const struct target_in *in, const struct call_result *result, struct output *ret)
{
    struct wire_answer answer;
    struct str fault = STR_NULL;
    if (!wire_answer_read(in->arena, result, &answer, &fault)) {
        ret->error = ERROR_PROTOCOL;
        ret->error_text = fault;
        ret->text = result->output;
        return;
    }
    bool has_latency = ret->measures.has_latency && !answer.cached;
    double latency_ms = ret->measures.latency_ms;
    ret->measures = answer.measures;
    ret->measures.has_latency = has_latency;
    ret->measures.latency_ms = has_latency ? latency_ms : 0;
    set_output(in->arena, &answer, ret);
    ret->meta = meta_of(in, &answer);
}

static bool interpret(const struct target_in *in, const struct call_result *result, struct output *ret, struct err *err)
{
    const struct opper_options *o = in->options;
    if (wire_reply_stops_run(in->arena, result, WHAT, o->service, err)) {
        return false;
    }
    struct output output = {
        .meta = {.kind = VALUE_NULL},
        .measures = {.has_latency = result->status != CALL_CANCELLED,
                     .latency_ms = (double)result->latency_ns / (double)NS_PER_MS},
    };
    if (result->status == CALL_OK) {
        interpret_answer(in, result, &output);
    } else {
        output.error = wire_reply_error(result);
        output.error_text = wire_reply_words(in->arena, result, target_timeout_ns(in, o->timeout_ns));
    }
    output.measures.attempts = in->attempt;
    *ret = output;
    return true;
}

static bool is_transient(const void *options, const struct call_result *result)
{
    (void)options;
    return wire_reply_of(result) == WIRE_AGAIN;
}

static bool find(const void *options, struct arena *arena, struct call *ret, struct err *err)
{
    const struct opper_options *o = options;
    struct uuid id;
    (void)err;
    *ret = (struct call){.kind = CALL_NONE};
    if (o->function.ptr == NULL || id_parse(o->function, &id)) {
        return true;
    }
    struct buf path CLEANUP(buf_deinit) = BUF((size_t)LIMIT_ID_BYTES * 8);
    wire_path_write(&path, WIRE_FUNCTION_BY_NAME, o->function, STR_NULL);
    *ret = (struct call){
        .kind = CALL_HTTP,
        .http = {.method = "GET",
                 .url = arena_printf(arena, "%s%.*s", o->service->base_url, STR_ARG(buf_str(&path))).ptr,
                 .key = o->service->key,
                 .priority = HTTP_FIRST},
        .timeout_ns = FIND_TIMEOUT_S * NS_PER_S,
    };
    return true;
}

static bool find_read(const void *options, const struct call_result *result, struct arena *arena, const void **ret,
                      struct err *err)
{
    const struct opper_options *o = options;
    struct wire_function *found = arena_new(arena, struct wire_function);
    struct str words = STR_NULL;
    if (result->status == CALL_HTTP_STATUS && result->http_status == 404) {
        return err_set(err, ERR_SETUP, WHAT ": there is no stored function '%.*s'", STR_ARG(o->function));
    }
    if (wire_reply_stops_run(arena, result, WHAT, o->service, err)) {
        return false;
    }
    if (wire_reply_of(result) != WIRE_OK) {
        words = wire_reply_words(arena, result, FIND_TIMEOUT_S * NS_PER_S);
    } else if (wire_function_read(arena, result, found, &words)) {
        *ret = found;
        return true;
    }
    return err_set(err, ERR_NET, WHAT ": function '%.*s' could not be looked up: %.*s", STR_ARG(o->function),
                   STR_ARG(words));
}

static bool check_access(const void *options, struct err *err)
{
    const struct opper_options *o = options;
    return service_check_key(o->service, WHAT, err);
}

static struct str destination(const void *options, struct arena *arena)
{
    const struct opper_options *o = options;
    return arena_printf(arena, "POST %s", wire_call_url(arena, o->service->base_url, o->function, o->revision));
}

static void visit_templates(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct opper_options *o = options;
    const struct template *const templates[] = {o->instructions, o->input, o->examples, o->model, o->tags};
    for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
        if (templates[i] != NULL) {
            visit(ctx, templates[i]);
        }
    }
}

const struct target_type target_opper = {
    .name = "opper",
    .summary = "a task or a stored function of Opper",
    .rows = rows,
    .options_size = sizeof(struct opper_options),
    .default_timeout_ns = DEFAULT_TIMEOUT_S * NS_PER_S,
    .default_retries = DEFAULT_RETRIES,
    .uses_calls = true,
    .load = load,
    .prepare = prepare,
    .interpret = interpret,
    .is_transient = is_transient,
    .may_blame_parent = wire_reply_may_blame_parent,
    .find = find,
    .find_read = find_read,
    .check_case = check_case,
    .check_access = check_access,
    .destination = destination,
    .visit_templates = visit_templates,
};
