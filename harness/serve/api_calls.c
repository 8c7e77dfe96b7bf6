#include "serve/server_private.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "wire/function.h"
#include "wire/span.h"

/* Calls: a request, the program's answer, and the call's span below its parent. */

struct call_state {
    struct wire_task task;
    struct uuid span;
    struct str span_id;
    struct wire_time start;
    bool is_stream, is_stored;
    struct answer_job job;
};

/* The model's name: itself, the name in its map, or the first of a list. */
static struct str model_name(struct arena *arena, struct str json)
{
    struct value v;
    struct err ignored = ERR_NULL;
    if (json.ptr == NULL || !json_read(arena, json, JSON_REPLY, (struct src_pos){0}, &v, NULL, &ignored)) {
        return STR_NULL;
    }
    const struct value *model = v.kind == VALUE_LIST && v.len > 0 ? &v.items[0] : &v;
    const struct value *name = model->kind == VALUE_MAP ? value_get(model, STR("name")) : model;
    return name != NULL && name->kind == VALUE_TEXT ? name->text : STR_NULL;
}

/* "key=value" of each tag. */
static struct str tag_list(struct arena *arena, struct str json)
{
    struct value v;
    struct err ignored = ERR_NULL;
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct buf tag CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    if (json.ptr == NULL || !json_read(arena, json, JSON_REPLY, (struct src_pos){0}, &v, NULL, &ignored)) {
        return STR_NULL;
    }
    json_writer_init(&w, &text);
    json_open_list(&w);
    for (uint32_t i = 0; i < v.len; i++) {
        buf_clear(&tag);
        buf_append(&tag, v.keys[i].text);
        buf_append_char(&tag, '=');
        (void)value_append_text(&tag, &v.items[i]);
        json_text(&w, buf_str(&tag));
    }
    json_close_list(&w);
    return arena_str(arena, buf_str(&text));
}

static void put_given(struct json_writer *w, const char *key, struct str json)
{
    if (json.ptr != NULL) {
        json_put_raw(w, key, json);
    }
}

static struct str meta_of(const struct request *r, const struct call_state *s, const struct answer *answer)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    json_open_map(&w);
    put_given(&w, "model", answer->model.ptr != NULL ? answer->model : s->task.model);
    put_given(&w, "tags", s->task.tags);
    put_given(&w, "usage", answer->usage);
    put_given(&w, "cost", answer->cost);
    put_given(&w, "program", answer->meta);
    json_close_map(&w);
    return arena_str(r->arena, buf_str(&text));
}

static struct str json_of_text(struct arena *arena, struct str text)
{
    struct buf json CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    json_append_quoted(&json, text);
    return arena_str(arena, buf_str(&json));
}

static bool call_record(struct request *r, const struct call_state *s, const struct answer *answer, struct str output,
                        struct err *err)
{
    struct wire_span span = {
        .id = s->span_id,
        .parent_id = s->task.parent_span_id,
        .name = s->task.name,
        .type = STR("generation"),
        .start = s->start,
        .end = {.has = true, .us = r->now_us},
        .input = s->task.input,
        .output = output,
        .error = answer->words,
        .meta = meta_of(r, s, answer),
    };
    struct ledger_generation generation = {
        .model = model_name(r->arena, answer->model.ptr != NULL ? answer->model : s->task.model),
        .instructions = s->task.instructions,
        .function = s->task.name,
        .tags = tag_list(r->arena, s->task.tags),
        .total_tokens = answer->total_tokens,
    };
    struct wire_span stored;
    enum ledger_outcome outcome = LEDGER_FOUND;
    return ledger_add_span(&r->server->ledger, r->arena, &span, &generation, r->now_us, &stored, &outcome, err);
}

/* The program has answered. */
static bool call_finish(struct request *r, struct err *err)
{
    const struct call_state *s = r->state;
    const struct answer *answer = &s->job.answer;
    struct wire_task_answer told = {
        .span_id = s->span_id,
        .cached = answer->cached,
        .images = answer->images,
        .usage = answer->usage,
        .cost = answer->cost,
    };
    struct str output = STR_NULL;
    r->job = NULL;
    if (answer->status == 200 && answer->has_payload) {
        told.json_payload = output = json_compact(r->arena, &answer->payload);
    } else if (answer->status == 200) {
        told.message = answer->message;
        output = json_of_text(r->arena, answer->message);
    }
    if (!call_record(r, s, answer, output, err)) {
        return false;
    }
    if (answer->status != 200) {
        reply_error(r, answer->status, "%.*s", STR_ARG(answer->words));
        r->x->retry_after_s = answer->retry_after_s;
        return true;
    }
    r->x->status = 200;
    if (s->is_stream) {
        r->x->type = "text/event-stream";
        wire_task_answer_stream(&r->x->answer, &told, answer->has_payload ? &answer->payload : NULL, s->is_stored);
    } else {
        wire_task_answer_write(&r->x->answer, &told);
    }
    return true;
}

/* The task is known: a parent that is named has to be there, then the program is asked. */
static bool call_ask(struct request *r, struct call_state *s, struct err *err)
{
    struct uuid parent;
    struct wire_span found;
    enum ledger_outcome outcome = LEDGER_FOUND;
    if (id_parse(s->task.parent_span_id, &parent)) {
        if (!ledger_span(&r->server->ledger, r->arena, &parent, &found, &outcome, err)) {
            return false;
        }
        if (outcome != LEDGER_FOUND) {
            return reply_missing(r, "Span", s->task.parent_span_id);
        }
    }
    s->span = id_random();
    s->span_id = arena_str(r->arena, str_from(id_text(&s->span).text));
    s->start = (struct wire_time){.has = true, .us = r->now_us};
    s->job = (struct answer_job){.program = {.request = r, .arena = r->arena}, .task = &s->task, .span_id = s->span_id};
    r->job = &s->job;
    r->state = s;
    r->step = call_finish;
    return true;
}

static bool can_answer(struct request *r)
{
    if (r->server->options->answer_with == NULL) {
        reply_error(r, 404, "This server answers no calls: start it with --answer-with PROGRAM");
    }
    return r->server->options->answer_with != NULL;
}

/* What the request does not say is as it is stored. */
static void fill_from(struct wire_task *task, const struct wire_stored_function *f)
{
    const struct {
        struct str *to, from;
    } settings[] = {
        {&task->name, f->name},
        {&task->instructions, f->instructions},
        {&task->input_schema, f->input_schema},
        {&task->output_schema, f->output_schema},
        {&task->model, f->model},
        {&task->configuration, f->configuration},
    };
    for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
        if (settings[i].to->ptr == NULL) {
            *settings[i].to = settings[i].from;
        }
    }
}

/* A task of a new name becomes a stored function, as the service has it. */
static bool know_function(struct request *r, struct wire_task *task, struct err *err)
{
    struct ledger *ledger = &r->server->ledger;
    struct wire_stored_function f = {.name = task->name,
                                     .instructions = task->instructions.ptr != NULL ? task->instructions : STR(""),
                                     .input_schema = task->input_schema,
                                     .output_schema = task->output_schema,
                                     .model = task->model,
                                     .configuration = task->configuration};
    struct wire_stored_function stored;
    enum ledger_outcome outcome = LEDGER_MISSING;
    if (!ledger_function_by_name(ledger, r->arena, task->name, &stored, &outcome, err)) {
        return false;
    }
    if (outcome == LEDGER_FOUND) {
        fill_from(task, &stored);
        return true;
    }
    return ledger_add_function(ledger, r->arena, &f, r->now_us, &stored, &outcome, err);
}

bool call_task(struct request *r, struct err *err)
{
    struct call_state *s = arena_new(r->arena, struct call_state);
    s->is_stream = r->match.route == WIRE_CALL_STREAM;
    if (!wire_task_read(r->arena, r->x->body, &s->task, &r->faults)) {
        reply_faults(r);
        return true;
    }
    return !can_answer(r) || (know_function(r, &s->task, err) && call_ask(r, s, err));
}

bool call_function(struct request *r, struct err *err)
{
    struct call_state *s = arena_new(r->arena, struct call_state);
    struct wire_stored_function f;
    enum ledger_outcome outcome = LEDGER_MISSING;
    enum wire_route route = r->match.route;
    bool has_revision = route == WIRE_FUNCTION_CALL_REVISION || route == WIRE_FUNCTION_STREAM_REVISION;
    s->is_stored = true;
    s->is_stream = route == WIRE_FUNCTION_STREAM || route == WIRE_FUNCTION_STREAM_REVISION;
    if (!wire_task_read_stored(r->arena, r->x->body, &s->task, &r->faults)) {
        reply_faults(r);
        return true;
    }
    if (!ledger_function(&r->server->ledger, r->arena, &r->ids[0], has_revision ? &r->ids[1] : NULL, &f, &outcome,
                         err)) {
        return false;
    }
    if (outcome != LEDGER_FOUND) {
        return reply_missing(r, has_revision ? "Revision of function" : "Function", r->match.ids[0]);
    }
    fill_from(&s->task, &f);
    return !can_answer(r) || call_ask(r, s, err);
}
