/* A user's program under test, started for each sample or staying as a worker (docs/contracts.md, C). `command` and `shell` are two types over the same
 * options, which model/command_options.h shares with the scorer `command`. */

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/diag.h"
#include "base/num.h"
#include "data/value.h"
#include "model/command_call.h"
#include "model/command_options.h"
#include "model/dimension_declare.h"
#include "targets/answer.h"
#include "targets/target.h"
#include "targets/types.h"

enum { EXIT_TEMPORARY = 75, /* EX_TEMPFAIL of sysexits.h */ DEFAULT_TIMEOUT_S = 60, EXIT_CODES = 256 };

enum output_form { OUTPUT_TEXT, OUTPUT_JSON };

struct command_target {
    struct command_options command; /* first: its rows count from here */
    bool sends_expected;
    int output_form;
    struct field_texts retry_on;
    const struct value *dimensions_node;
    struct dimension *dimensions;
    size_t dimension_count;
    bool retries_timeout;
    bool retries_exit[EXIT_CODES];
};

static const char *const output_words[] = {"text", "json", NULL};

enum { TEMPLATE_ROOTS = ROOT_ROW | ROOT_VARS | ROOT_CASE };

/* clang-format off */
#define TARGET_ROWS                                                                                                      \
    {.key = "send_expected", .type = FIELD_BOOL, .offset = offsetof(struct command_target, sends_expected),              \
     .help = "put the expected answer on stdin too", .default_text = "false"},                                           \
    {.key = "output", .type = FIELD_WORD, .offset = offsetof(struct command_target, output_form),                        \
     .help = "text: stdout is the output; json: stdout is one object with output, error, metrics, meta, usage, cost_usd", \
     .words = output_words, .default_text = "text"},                                                                     \
    {.key = "retry_on", .type = FIELD_TEXT_LIST, .offset = offsetof(struct command_target, retry_on),                    \
     .help = "exit codes, and the word timeout, that `retries` tries again, besides exit 75"},                                   \
    {.key = "dimensions", .type = FIELD_CUSTOM, .offset = offsetof(struct command_target, dimensions_node),              \
     .help = "the metrics that it reports, each with direction, min, max", .parse = dimension_declare_parse,             \
     .schema = dimension_declare_schema}
/* clang-format on */

static const struct field command_rows[] = {COMMAND_ROW, COMMAND_ROWS(TEMPLATE_ROOTS), TARGET_ROWS, {0}};
static const struct field shell_rows[] = {SHELL_ROW, COMMAND_ROWS(TEMPLATE_ROOTS), TARGET_ROWS, {0}};

static bool load_retry_on(struct field_context *ctx, struct command_target *o)
{
    bool ok = true;
    for (size_t i = 0; i < o->retry_on.len; i++) {
        struct str word = o->retry_on.items[i];
        uint64_t code = 0;
        if (str_eq_cstr(word, "timeout")) {
            o->retries_timeout = true;
        } else if (num_parse_u64(word, &code) && code >= 1 && code < EXIT_CODES) {
            o->retries_exit[code] = true;
        } else {
            (void)diag_add(ctx->diag, o->retry_on.pos, "'retry_on' knows timeout and exit codes 1 to 255, not '%.*s'",
                           STR_ARG(word));
            ok = diag_hint(ctx->diag, "write retry_on: [timeout, 75]");
        }
    }
    return ok;
}

static bool load(struct target_load *in, void *options, const struct value *node)
{
    struct command_target *o = options;
    struct command_load command = {
        .what = "target",
        .dir = in->dir,
        .env = in->env,
        .template_roots = TEMPLATE_ROOTS,
        .workers_default = in->workers_default,
        .pos = node->pos,
    };
    bool ok = command_options_load(in->ctx, &o->command, &command);
    ok = load_retry_on(in->ctx, o) && ok;
    o->retries_exit[EXIT_TEMPORARY] = true;
    bool prints_text = !o->command.is_worker && o->output_form == OUTPUT_TEXT;
    if (o->dimensions_node == NULL) {
        return ok;
    }
    if (prints_text) {
        (void)diag_add(in->ctx->diag, o->dimensions_node->pos,
                       "`dimensions` without `output: json`: a text reports no metrics");
        ok = diag_hint(in->ctx->diag, "add output: json");
    }
    if (!dimension_declare(in->ctx, o->dimensions_node, true, &o->dimensions, &o->dimension_count)) {
        return false;
    }
    in->dimensions = o->dimensions;
    in->dimension_count = o->dimension_count;
    return ok;
}

static bool prepare(const struct target_in *in, struct call *ret, struct err *err)
{
    const struct command_target *o = in->options;
    struct uuid_text run = id_text(&in->run);
    struct uuid_text span = id_text(&in->span);
    struct str run_id = arena_str(in->arena, str_from(run.text));
    struct command_sample sample = {
        .eval_case = in->eval_case,
        .scope = in->scope,
        .suite = in->suite,
        .variant = in->variant,
        .run_id = run_id,
        .trace_id = run_id, /* contract D */
        .span_id = arena_str(in->arena, str_from(span.text)),
        .trial = in->trial,
        .attempt = in->attempt,
        .sends_expected = o->sends_expected,
    };
    return command_call_make(&o->command, &sample, target_timeout_ns(in, o->command.timeout_ns), in->arena, ret, err);
}

static void fail(struct output *ret, enum error_kind kind, struct str text)
{
    ret->error = kind;
    ret->error_text = text;
}

/* What a failed call means; its stdout is kept, never scored. */
static void interpret_failure(const struct target_in *in, const struct call_result *result, struct output *ret)
{
    const struct command_target *o = in->options;
    const char *name = NULL;
    ret->text = result->output;
    switch (result->status) {
    case CALL_EXIT:
        fail(ret, ERROR_EXIT, arena_printf(in->arena, "exit %d", result->exit_code));
        break;
    case CALL_SIGNAL:
        name = call_signal_name(result->signal_number);
        fail(ret, ERROR_SIGNAL,
             name != NULL ? arena_printf(in->arena, "signal %s", name)
                          : arena_printf(in->arena, "signal %d", result->signal_number));
        break;
    case CALL_TIMEOUT:
        fail(ret, ERROR_TIMEOUT,
             arena_printf(in->arena, "no answer within %s",
                          clock_duration(target_timeout_ns(in, o->command.timeout_ns)).text));
        break;
    case CALL_OUTPUT_LIMIT:
        fail(ret, ERROR_OUTPUT_LIMIT,
             result->detail.len > 0 ? result->detail
                                    : arena_printf(in->arena, "stdout is longer than max_output (%zu bytes)",
                                                   (size_t)o->command.max_output));
        break;
    case CALL_CANCELLED:
        fail(ret, ERROR_CANCELLED, STR("stopped before its end"));
        break;
    case CALL_PROTOCOL:
    case CALL_HTTP_STATUS: /* of requests, which programs are not */
    case CALL_NETWORK:
    case CALL_EXEC_FAILED: /* interpret has returned */
    case CALL_OK:
        fail(ret, ERROR_PROTOCOL, result->detail);
        break;
    }
}

static bool interpret(const struct target_in *in, const struct call_result *result, struct output *ret, struct err *err)
{
    const struct command_target *o = in->options;
    if (result->status == CALL_EXEC_FAILED) {
        return err_set(err, ERR_SETUP, "target: %.*s", STR_ARG(result->detail));
    }
    struct output output = {
        .error = ERROR_NONE,
        .meta = {.kind = VALUE_NULL},
        .measures = {.has_latency = result->status != CALL_CANCELLED,
                     .latency_ms = (double)result->latency_ns / (double)NS_PER_MS,
                     .attempts = in->attempt},
    };
    if (result->status != CALL_OK) {
        interpret_failure(in, result, &output);
    } else if (o->command.is_worker || o->output_form == OUTPUT_JSON) {
        answer_read(in->arena, result->output, o->command.is_worker, o->dimensions, o->dimension_count, &output);
    } else {
        bool has_newline = str_ends(result->output, STR("\n"));
        output.text = str_slice(result->output, 0, result->output.len - (has_newline ? 1 : 0));
    }
    if (result->stderr_tail.len > 0) {
        answer_add_meta(in->arena, &output, "stderr", value_of_text(result->stderr_tail));
    }
    if (result->leaked) {
        answer_add_meta(in->arena, &output, "leaked", value_of_bool(true));
    }
    *ret = output;
    return true;
}

static bool is_transient(const void *options, const struct call_result *result)
{
    const struct command_target *o = options;
    if (result->status == CALL_TIMEOUT) {
        return o->retries_timeout;
    }
    return result->status == CALL_EXIT && result->exit_code > 0 && result->exit_code < EXIT_CODES &&
           o->retries_exit[result->exit_code];
}

static void visit_templates(const void *options, void (*visit)(void *ctx, const struct template *t), void *ctx)
{
    const struct command_target *o = options;
    command_options_visit(&o->command, visit, ctx);
}

/* clang-format off */
#define COMMAND_TYPE                                                                                                     \
    .options_size = sizeof(struct command_target), .default_timeout_ns = DEFAULT_TIMEOUT_S * NS_PER_S,                   \
    .uses_calls = true, .starts_programs = true, .load = load, .prepare = prepare, .interpret = interpret, .is_transient = is_transient,          \
    .visit_templates = visit_templates
/* clang-format on */

const struct target_type target_command = {
    .name = "command",
    .summary = "a program of yours, started without a shell; or a worker that stays",
    .rows = command_rows,
    COMMAND_TYPE,
};

const struct target_type target_shell = {
    .name = "shell",
    .summary = "a text for /bin/sh -c",
    .rows = shell_rows,
    COMMAND_TYPE,
};
