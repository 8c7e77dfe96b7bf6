#include "serve/answerer.h"

#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "io/perform.h"
#include "model/environment.h"
#include "model/output.h"
#include "serve/server.h"
#include "wire/task.h"

enum { TERM_GRACE_S = 5, STDERR_SHOWN_BYTES = 1000, EXIT_TEMPORARY = 75 };

#define MOST_TOKENS 9007199254740992.0 /* 2^53: counts are exact up to it */

/* Ours, without the key: it is for the server, and a program that calls a service has a key of its own. */
const char *const *answerer_environment(struct arena *arena, const struct environment *env)
{
    static const char *const KEYS[] = {"OPPER_API_KEY=", "OPPER_API_KEY_FILE=", "TMPDIR="};
    size_t count = 0;
    size_t kept = 0;
    while (env->entries[count] != NULL) {
        count++;
    }
    const char **entries = arena_array(arena, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        bool is_kept = true;
        for (size_t k = 0; k < ARRAY_LEN(KEYS); k++) {
            is_kept = is_kept && strncmp(env->entries[i], KEYS[k], strlen(KEYS[k])) != 0;
        }
        if (is_kept) {
            entries[kept++] = env->entries[i];
        }
    }
    return entries;
}

void answerer_init(struct answerer *a, struct perform *perform, const struct server_options *options)
{
    *a = (struct answerer){.perform = perform, .options = options};
    a->end = &a->first;
    const char **argv = arena_array(&a->arena, const char *, 4);
    argv[0] = "sh";
    argv[1] = "-c";
    argv[2] = options->answer_with;
    a->spec = (struct worker_spec){
        .key = a,
        .max = options->concurrency,
        .program = {.path = "/bin/sh",
                    .argv = argv,
                    .envp = answerer_environment(&a->arena, options->env),
                    .cwd = ".",
                    .max_output = LIMIT_OUTPUT_BYTES,
                    .wants_tmpdir = true},
    };
}

void answerer_deinit(struct answerer *a)
{
    arena_deinit(&a->arena);
}

static struct str line_of(const struct answer_job *job, struct str worker_id)
{
    struct buf line CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &line);
    json_open_map(&w);
    json_put_int(&w, "v", 1);
    if (worker_id.len > 0) {
        json_put_text(&w, "id", worker_id);
    }
    json_put_text(&w, "span_id", job->span_id);
    wire_task_write(&w, job->task);
    json_close_map(&w);
    if (worker_id.len == 0) {
        buf_append_char(&line, '\n');
    }
    return arena_str(job->program.arena, buf_str(&line));
}

void answerer_turn(struct answerer *a)
{
    while (a->first != NULL && perform_in_flight(a->perform) < a->options->concurrency) {
        struct answer_job *job = a->first;
        if (perform_start(a->perform, &job->call, job) == PERFORM_BUSY) {
            return;
        }
        a->first = job->next;
        if (a->first == NULL) {
            a->end = &a->first;
        }
    }
}

/* --- what came back ---------------------------------------------------------------------------------------------------------------------- */

PRINTF_LIKE(4, 5)
static void fail(struct arena *arena, struct answer *ret, unsigned status, const char *format, ...)
{
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    va_list args;
    va_start(args, format);
    buf_vprintf(&words, format, args);
    va_end(args);
    *ret = (struct answer){.status = status, .words = arena_str(arena, buf_str(&words))};
}

static bool read_json(struct arena *arena, struct str text, struct value *ret, struct answer *answer)
{
    struct err err = ERR_NULL;
    if (!json_read(arena, text, JSON_REPLY, (struct src_pos){0}, ret, NULL, &err)) {
        fail(arena, answer, 502, "The program's answer is no JSON: %s (line %u, column %u)", err.text, err.pos.line,
             err.pos.col);
        return false;
    }
    return true;
}

static void set_output(struct arena *arena, struct answer *ret, const struct value *output, bool wants_payload)
{
    ret->status = 200;
    ret->has_payload = wants_payload || output->kind != VALUE_TEXT;
    if (ret->has_payload) {
        ret->payload = *output;
    } else {
        ret->message = arena_str(arena, output->text);
    }
}

static const struct value *given(const struct value *map, const char *key)
{
    const struct value *v = value_get(map, str_from(key));
    return v == NULL || v->kind == VALUE_NULL ? NULL : v;
}

static struct str given_json(struct arena *arena, const struct value *map, const char *key)
{
    const struct value *v = given(map, key);
    return v == NULL ? STR_NULL : json_compact(arena, v);
}

/* A number is USD: the parts that the API names are made of it. */
static struct str cost_of(struct arena *arena, const struct value *map)
{
    const struct value *cost = given(map, "cost") != NULL ? given(map, "cost") : given(map, "cost_usd");
    if (cost == NULL || cost->kind != VALUE_NUMBER) {
        return cost == NULL ? STR_NULL : json_compact(arena, cost);
    }
    return arena_printf(arena, "{\"generation\":%.*s,\"platform\":0,\"total\":%.*s}", STR_ARG(cost->text),
                        STR_ARG(cost->text));
}

static void read_error(struct arena *arena, const struct value *map, const struct value *error, struct answer *ret)
{
    const struct value *status = given(map, "status");
    const struct value *after = given(map, "retry_after");
    double number = 502;
    double seconds = 0;
    struct buf words CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    (void)value_append_text(&words, error);
    if (status != NULL && (!value_number(status, &number) || number < 400 || number > 599 || number != floor(number))) {
        fail(arena, ret, 502, "The program's answer has a 'status' that is no number from 400 to 599");
        return;
    }
    if (after != NULL && (!value_number(after, &seconds) || seconds < 0 || seconds > 86400)) {
        fail(arena, ret, 502, "The program's answer has a 'retry_after' that is no number of seconds");
        return;
    }
    fail(arena, ret, (unsigned)number, "%.*s", STR_ARG(buf_str(&words)));
    ret->retry_after_s = (unsigned)ceil(seconds);
}

/* As the program says, else the sum of what it says. */
static struct wire_int total_tokens_of(const struct value *usage)
{
    struct call_measures m = {0};
    struct wire_int total = {0};
    double number = 0;
    const struct value *said = usage == NULL ? NULL : given(usage, "total_tokens");
    if (said != NULL) {
        total.has = value_number(said, &number) && num_parse_i64(said->text, &total.value);
    } else if (usage != NULL && call_measures_read_usage(usage, &m) && (m.has_input_tokens || m.has_output_tokens)) {
        number = m.input_tokens + m.output_tokens;
        total.has = number <= MOST_TOKENS;
        total.value = total.has ? (int64_t)number : 0;
    }
    return total;
}

static void read_object(const struct answer_job *job, struct str text, struct answer *ret)
{
    static const char *const KNOWN[] = {"v",    "id",       "output", "error",       "usage",
                                        "cost", "cost_usd", "cached", "images",      "model",
                                        "meta", "metrics",  "status", "retry_after", NULL};
    struct value map;
    if (!read_json(job->program.arena, text, &map, ret)) {
        return;
    }
    for (uint32_t i = 0; map.kind == VALUE_MAP && i < map.len; i++) {
        size_t k = 0;
        while (KNOWN[k] != NULL && !str_eq_cstr(map.keys[i].text, KNOWN[k])) {
            k++;
        }
        if (KNOWN[k] == NULL) {
            const char *nearest = str_nearest(map.keys[i].text, KNOWN);
            fail(job->program.arena, ret, 502, "The program's answer has an unknown member '%.*s'%s%s%s",
                 STR_ARG(map.keys[i].text), nearest != NULL ? ": did you mean '" : "", nearest != NULL ? nearest : "",
                 nearest != NULL ? "'?" : "");
            return;
        }
    }
    const struct value *output = given(&map, "output");
    const struct value *error = given(&map, "error");
    if ((output == NULL) == (error == NULL)) {
        fail(job->program.arena, ret, 502,
             "The program's answer is an object with either 'output' or 'error': {\"output\": \"...\"}");
        return;
    }
    if (error != NULL) {
        read_error(job->program.arena, &map, error, ret);
        return;
    }
    set_output(job->program.arena, ret, output, job->task->output_schema.ptr != NULL);
    ret->usage = given_json(job->program.arena, &map, "usage");
    ret->cost = cost_of(job->program.arena, &map);
    ret->images = given_json(job->program.arena, &map, "images");
    ret->meta = given_json(job->program.arena, &map, "meta");
    ret->model = given_json(job->program.arena, &map, "model");
    const struct value *cached = given(&map, "cached");
    ret->cached =
        (struct wire_bool){.has = true, .value = cached != NULL && cached->kind == VALUE_BOOL && cached->boolean};
    ret->total_tokens = total_tokens_of(given(&map, "usage"));
}

static void read_text(const struct answer_job *job, struct str text, struct answer *ret)
{
    struct value output = value_of_text(text);
    if (job->task->output_schema.ptr != NULL && !read_json(job->program.arena, text, &output, ret)) {
        return;
    }
    set_output(job->program.arena, ret, &output, job->task->output_schema.ptr != NULL);
    ret->cached = (struct wire_bool){.has = true};
}

static void read_failure(struct arena *arena, const struct call *call, const struct call_result *result,
                         struct answer *ret)
{
    struct str said = str_trim(result->stderr_tail);
    said = said.len > STDERR_SHOWN_BYTES ? str_slice(said, said.len - STDERR_SHOWN_BYTES, said.len) : said;
    const char *colon = said.len > 0 ? ": " : "";
    switch (result->status) {
    case CALL_EXIT:
        fail(arena, ret, result->exit_code == EXIT_TEMPORARY ? 503 : 502,
             "The program that answers ended with exit %d%s%.*s", result->exit_code, colon, STR_ARG(said));
        ret->retry_after_s = result->exit_code == EXIT_TEMPORARY ? 1 : 0;
        return;
    case CALL_SIGNAL:
        fail(arena, ret, 502, "The program that answers died by signal %d%s%.*s", result->signal_number, colon,
             STR_ARG(said));
        return;
    case CALL_TIMEOUT:
        fail(arena, ret, 504, "The program that answers took longer than %s", clock_duration(call->timeout_ns).text);
        return;
    case CALL_OUTPUT_LIMIT:
        fail(arena, ret, 502, "The program that answers wrote more than %u bytes", LIMIT_OUTPUT_BYTES);
        return;
    case CALL_CANCELLED:
        fail(arena, ret, 503, "The server is ending");
        return;
    case CALL_EXEC_FAILED:
    case CALL_PROTOCOL:
    case CALL_HTTP_STATUS:
    case CALL_NETWORK:
    case CALL_OK:
        break;
    }
    fail(arena, ret, 502, "The program that answers: %.*s%s%.*s", STR_ARG(result->detail), colon, STR_ARG(said));
}

static void read_answer(struct program *p, const struct call *call, const struct call_result *result)
{
    struct answer_job *job = (struct answer_job *)p; /* its first member */
    struct str text = result->output;
    if (result->status != CALL_OK) {
        read_failure(p->arena, call, result, &job->answer);
    } else if (job->wants_object) {
        read_object(job, text, &job->answer);
    } else {
        read_text(job, str_ends(text, STR("\n")) ? str_slice(text, 0, text.len - 1) : text, &job->answer);
    }
}

void answerer_submit(struct answerer *a, struct answer_job *job)
{
    const struct server_options *o = a->options;
    job->program.read = read_answer;
    job->wants_object = o->is_worker || o->answers_json;
    job->call = (struct call){.kind = o->is_worker ? CALL_WORKER : CALL_COMMAND,
                              .timeout_ns = o->timeout_ns,
                              .term_grace_ns = TERM_GRACE_S * NS_PER_S};
    if (o->is_worker) {
        job->call.worker = &a->spec;
        job->call.worker_id = arena_printf(job->program.arena, "%llu", (unsigned long long)++a->count);
    } else {
        job->call.command = a->spec.program;
    }
    job->call.input = line_of(job, job->call.worker_id);
    job->next = NULL;
    *a->end = job;
    a->end = &job->next;
}
