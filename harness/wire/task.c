#include "wire/task.h"

#include "base/buf.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"

enum { CALL = 1, STORED = 2, ANSWER = 4 };

#define TASK(member) offsetof(struct wire_task, member)
static const struct wire_row TASK_ROWS[] = {
    {"name", WIRE_TEXT, CALL | WIRE_REQUIRED, TASK(name)},
    {"instructions", WIRE_TEXT, CALL, TASK(instructions)},
    {"input", WIRE_ANY, CALL | STORED, TASK(input)},
    {"input_schema", WIRE_MAP, CALL, TASK(input_schema)},
    {"output_schema", WIRE_MAP, CALL, TASK(output_schema)},
    {"model", WIRE_ANY, CALL, TASK(model)},
    {"examples", WIRE_LIST, CALL | STORED, TASK(examples)},
    {"parent_span_id", WIRE_ID, CALL | STORED, TASK(parent_span_id)},
    {"tags", WIRE_MAP, CALL | STORED, TASK(tags)},
    {"configuration", WIRE_MAP, CALL, TASK(configuration)},
    {NULL},
};

#define TASK_ANSWER(member) offsetof(struct wire_task_answer, member)
static const struct wire_row ANSWER_ROWS[] = {
    {"span_id", WIRE_ID, ANSWER, TASK_ANSWER(span_id)},
    {"message", WIRE_TEXT, ANSWER, TASK_ANSWER(message)},
    {"json_payload", WIRE_ANY, ANSWER, TASK_ANSWER(json_payload)},
    {"cached", WIRE_BOOL, ANSWER, TASK_ANSWER(cached)},
    {"images", WIRE_ANY, ANSWER, TASK_ANSWER(images)},
    {"usage", WIRE_ANY, ANSWER, TASK_ANSWER(usage)},
    {"cost", WIRE_ANY, ANSWER, TASK_ANSWER(cost)},
    {NULL},
};

static bool read_task(struct arena *arena, struct str body, unsigned message, struct wire_task *ret,
                      struct wire_faults *faults)
{
    struct value map;
    *ret = (struct wire_task){0};
    return wire_read_body(arena, body, &map, faults) && wire_read(arena, &map, TASK_ROWS, message, ret, faults);
}

bool wire_task_read(struct arena *arena, struct str body, struct wire_task *ret, struct wire_faults *faults)
{
    return read_task(arena, body, CALL, ret, faults);
}

bool wire_task_read_stored(struct arena *arena, struct str body, struct wire_task *ret, struct wire_faults *faults)
{
    return read_task(arena, body, STORED, ret, faults);
}

void wire_task_write(struct json_writer *w, const struct wire_task *task)
{
    wire_write(w, TASK_ROWS, CALL, task, false);
}

void wire_task_answer_write(struct buf *out, const struct wire_task_answer *answer)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_open_map(&w);
    wire_write(&w, ANSWER_ROWS, ANSWER, answer, true);
    json_close_map(&w);
}

/* --- events ------------------------------------------------------------------------------------------------------------------------------ */

struct stream {
    struct buf *out;
    bool only_text;
    struct buf path; /* of the leaf at hand */
};

static void put_leaf(struct stream *s, const struct value *leaf, const char *chunk_type)
{
    struct json_writer w;
    buf_append_cstr(s->out, "data: ");
    json_writer_init(&w, s->out);
    json_open_map(&w);
    json_key(&w, "delta");
    if (s->only_text && leaf->kind != VALUE_TEXT) {
        struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
        (void)value_append_text(&text, leaf);
        json_text(&w, buf_str(&text));
    } else {
        json_value(&w, leaf);
    }
    if (!s->only_text) {
        if (s->path.len > 0) {
            json_put_text(&w, "json_path", buf_str(&s->path));
        }
        json_put_text(&w, "chunk_type", str_from(chunk_type));
    }
    json_close_map(&w);
    buf_append_cstr(s->out, "\n\n");
}

/* Bounded by LIMIT_JSON_DEPTH, which the reader of the payload kept. Lists and maps without items have no leaf and are not told, nor is null. */
static void put_leaves(struct stream *s, const struct value *v)
{
    size_t len = s->path.len;
    if (v->kind == VALUE_NULL) {
        return;
    }
    if (v->kind != VALUE_LIST && v->kind != VALUE_MAP) {
        put_leaf(s, v, "json");
        return;
    }
    for (uint32_t i = 0; i < v->len; i++) {
        if (v->kind == VALUE_LIST) {
            buf_printf(&s->path, "[%u]", (unsigned)i);
        } else {
            buf_append_cstr(&s->path, len > 0 ? "." : "");
            buf_append(&s->path, v->keys[i].text);
        }
        put_leaves(s, &v->items[i]);
        s->path.len = len;
    }
}

void wire_task_answer_stream(struct buf *out, const struct wire_task_answer *answer, const struct value *payload,
                             bool only_text)
{
    struct stream s = {.out = out, .only_text = only_text, .path = BUF(LIMIT_JSON_BYTES)};
    struct json_writer w;
    buf_append_cstr(out, "data: ");
    json_writer_init(&w, out);
    json_open_map(&w);
    json_put_text(&w, "span_id", answer->span_id);
    json_close_map(&w);
    buf_append_cstr(out, "\n\n");
    if (payload != NULL && !only_text) {
        put_leaves(&s, payload);
    } else if (payload != NULL) {
        put_leaf(&s, payload, "json");
    } else if (answer->message.len > 0) {
        struct value text = value_of_text(answer->message);
        put_leaf(&s, &text, "text");
    }
    buf_deinit(&s.path);
}
