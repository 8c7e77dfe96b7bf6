#include "wire/span.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"
#include "wire/fault.h"

enum { CREATE = 1, PATCH = 2, ANSWER = 4, GET = 8, ALL = CREATE | PATCH | ANSWER };

#define SPAN(member) offsetof(struct wire_span, member)
static const struct wire_row SPAN_ROWS[] = {
    {"id", WIRE_ID, CREATE, SPAN(id)},
    {"id", WIRE_ID, ANSWER | WIRE_REQUIRED, SPAN(id)},
    {"name", WIRE_TEXT, CREATE | WIRE_REQUIRED, SPAN(name)},
    {"name", WIRE_TEXT, PATCH | ANSWER, SPAN(name)},
    {"trace_id", WIRE_ID, CREATE | ANSWER, SPAN(trace_id)},
    {"parent_id", WIRE_ID, CREATE | ANSWER, SPAN(parent_id)},
    {"type", WIRE_TEXT, ALL, SPAN(type)},
    {"start_time", WIRE_TIME, ALL, SPAN(start)},
    {"end_time", WIRE_TIME, ALL, SPAN(end)},
    {"input", WIRE_ANY, CREATE | ANSWER, SPAN(input)},
    {"input", WIRE_AS_TEXT, PATCH, SPAN(input)},
    {"output", WIRE_ANY, CREATE | ANSWER, SPAN(output)},
    {"output", WIRE_AS_TEXT, PATCH, SPAN(output)},
    {"error", WIRE_TEXT, ALL, SPAN(error)},
    {"meta", WIRE_MAP, ALL, SPAN(meta)},
    {"score", WIRE_INT, ALL, SPAN(score)},
    {"feedback", WIRE_MAP, GET, SPAN(feedback)},
    {NULL},
};

#define FEEDBACK(member) offsetof(struct wire_feedback, member)
static const struct wire_row FEEDBACK_ROWS[] = {
    {"span_id", WIRE_ID, ANSWER, FEEDBACK(span_id)},
    {"score", WIRE_NUMBER, CREATE | ANSWER | GET | WIRE_REQUIRED, FEEDBACK(score)},
    {"comment", WIRE_TEXT, CREATE | ANSWER | GET, FEEDBACK(comment)},
    {"save_to_dataset", WIRE_BOOL, CREATE, FEEDBACK(save_to_dataset)},
    {"example_saved", WIRE_BOOL, ANSWER, FEEDBACK(example_saved)},
    {NULL},
};

static void write_whole(struct buf *out, const struct wire_row *rows, unsigned message, const void *record,
                        bool with_null)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_open_map(&w);
    wire_write(&w, rows, message, record, with_null);
    json_close_map(&w);
}

void wire_span_write_create(struct buf *out, const struct wire_span *span)
{
    write_whole(out, SPAN_ROWS, CREATE, span, false);
}

void wire_span_write_patch(struct buf *out, const struct wire_span *span)
{
    write_whole(out, SPAN_ROWS, PATCH, span, false);
}

void wire_span_write(struct buf *out, const struct wire_span *span, bool with_feedback)
{
    write_whole(out, SPAN_ROWS, with_feedback ? ANSWER | GET : ANSWER, span, true);
}

bool wire_span_read_create(struct arena *arena, struct str body, struct wire_span *ret, struct wire_faults *faults)
{
    struct value map;
    *ret = (struct wire_span){0};
    return wire_read_body(arena, body, &map, faults) && wire_read(arena, &map, SPAN_ROWS, CREATE, ret, faults);
}

bool wire_span_read_patch(struct arena *arena, struct str body, struct wire_span *ret, struct wire_faults *faults)
{
    struct value map;
    *ret = (struct wire_span){0};
    return wire_read_body(arena, body, &map, faults) && wire_read(arena, &map, SPAN_ROWS, PATCH, ret, faults);
}

bool wire_span_read(struct arena *arena, struct str body, struct wire_span *ret, struct err *err)
{
    struct value map;
    if (!wire_read_answer(arena, body, "a span", &map, err)) {
        return false;
    }
    *ret = (struct wire_span){0};
    return wire_read(arena, &map, SPAN_ROWS, ANSWER | GET, ret, NULL) ||
           err_set(err, ERR_NET, "the service's answer should be a span, and has no 'id'");
}

bool wire_feedback_read(struct arena *arena, struct str body, struct wire_feedback *ret, struct wire_faults *faults)
{
    struct value map;
    *ret = (struct wire_feedback){0};
    if (!wire_read_body(arena, body, &map, faults) || !wire_read(arena, &map, FEEDBACK_ROWS, CREATE, ret, faults)) {
        return false;
    }
    const struct value *score = value_get(&map, STR("score"));
    if (ret->score.value < 0) {
        return wire_fault_add(faults, "greater_than_equal", "score", STR("Input should be greater than or equal to 0"),
                              score);
    }
    return ret->score.value <= 1 ||
           wire_fault_add(faults, "less_than_equal", "score", STR("Input should be less than or equal to 1"), score);
}

void wire_feedback_write(struct buf *out, const struct wire_feedback *feedback)
{
    write_whole(out, FEEDBACK_ROWS, ANSWER, feedback, true);
}

struct str wire_feedback_of_span(struct arena *arena, const struct wire_feedback *feedback)
{
    struct buf out CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    write_whole(&out, FEEDBACK_ROWS, GET, feedback, true);
    return arena_str(arena, buf_str(&out));
}
