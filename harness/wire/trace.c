#include "wire/trace.h"

#include "base/arena.h"
#include "base/err.h"
#include "data/json.h"
#include "data/value.h"

enum { ANSWER = 1 };

#define TRACE(member) offsetof(struct wire_trace, member)
static const struct wire_row TRACE_ROWS[] = {
    {"id", WIRE_ID, ANSWER | WIRE_REQUIRED, TRACE(id)},      {"name", WIRE_TEXT, ANSWER, TRACE(name)},
    {"input", WIRE_AS_TEXT, ANSWER, TRACE(input)},           {"output", WIRE_AS_TEXT, ANSWER, TRACE(output)},
    {"start_time", WIRE_TIME, ANSWER, TRACE(start)},         {"end_time", WIRE_TIME, ANSWER, TRACE(end)},
    {"duration_ms", WIRE_INT, ANSWER, TRACE(duration_ms)},   {"status", WIRE_TEXT, ANSWER, TRACE(status)},
    {"total_tokens", WIRE_INT, ANSWER, TRACE(total_tokens)}, {NULL},
};

#define SPAN(member) offsetof(struct wire_trace_span, member)
static const struct wire_row SPAN_ROWS[] = {
    {"id", WIRE_ID, ANSWER | WIRE_REQUIRED, SPAN(id)},
    {"name", WIRE_TEXT, ANSWER, SPAN(name)},
    {"start_time", WIRE_TIME, ANSWER, SPAN(start)},
    {"end_time", WIRE_TIME, ANSWER, SPAN(end)},
    {"type", WIRE_TEXT, ANSWER, SPAN(type)},
    {"parent_id", WIRE_ID, ANSWER, SPAN(parent_id)},
    {"duration_ms", WIRE_INT, ANSWER, SPAN(duration_ms)},
    {"error", WIRE_TEXT, ANSWER, SPAN(error)},
    {"meta", WIRE_MAP, ANSWER, SPAN(meta)},
    {"score", WIRE_INT, ANSWER, SPAN(score)},
    {NULL},
};

#define DATA(member) offsetof(struct wire_span_data, member)
static const struct wire_row DATA_ROWS[] = {
    {"input", WIRE_AS_TEXT, ANSWER, DATA(input)},
    {"output", WIRE_AS_TEXT, ANSWER, DATA(output)},
    {"total_tokens", WIRE_INT, ANSWER, DATA(total_tokens)},
    {"model", WIRE_TEXT, ANSWER, DATA(model)},
    {"instructions", WIRE_TEXT, ANSWER, DATA(instructions)},
    {"function", WIRE_TEXT, ANSWER, DATA(function)},
    {"tags", WIRE_TEXT_LIST, ANSWER, DATA(tags)},
    {"score", WIRE_INT, ANSWER, DATA(score)},
    {"generation_id", WIRE_ID, ANSWER, DATA(generation_id)},
    {"observations", WIRE_TEXT, ANSWER, DATA(observations)},
    {"scorer_context", WIRE_MAP, ANSWER, DATA(scorer_context)},
    {NULL},
};

void wire_trace_write_item(struct json_writer *w, const struct wire_trace *trace)
{
    json_open_map(w);
    wire_write(w, TRACE_ROWS, ANSWER, trace, true);
    json_close_map(w);
}

void wire_trace_begin(struct json_writer *w, const struct wire_trace *trace)
{
    json_open_map(w);
    wire_write(w, TRACE_ROWS, ANSWER, trace, true);
    json_key(w, "spans");
    json_open_list(w);
}

void wire_trace_write_span(struct json_writer *w, const struct wire_trace_span *span)
{
    json_open_map(w);
    wire_write(w, SPAN_ROWS, ANSWER, span, true);
    json_key(w, "data");
    json_open_map(w);
    wire_write(w, DATA_ROWS, ANSWER, &span->data, true);
    json_close_map(w);
    json_key(w, "metrics");
    json_open_list(w);
    for (size_t i = 0; i < span->metric_count; i++) {
        wire_metric_write(w, &span->metrics[i], true);
    }
    json_close_list(w);
    json_close_map(w);
}

void wire_trace_end(struct json_writer *w)
{
    json_close_list(w);
    json_close_map(w);
}

bool wire_trace_of(struct arena *arena, const struct value *map, struct wire_trace *ret)
{
    struct wire_trace trace = {0};
    if (map->kind != VALUE_MAP || !wire_read(arena, map, TRACE_ROWS, ANSWER, &trace, NULL)) {
        return false;
    }
    *ret = trace;
    return true;
}

bool wire_trace_span_of(struct arena *arena, const struct value *map, struct wire_trace_span *ret)
{
    struct wire_trace_span span = {0};
    if (map->kind != VALUE_MAP || !wire_read(arena, map, SPAN_ROWS, ANSWER, &span, NULL)) {
        return false;
    }
    const struct value *data = value_get(map, STR("data"));
    const struct value *metrics = value_get(map, STR("metrics"));
    if (data != NULL && data->kind == VALUE_MAP) {
        (void)wire_read(arena, data, DATA_ROWS, ANSWER, &span.data, NULL); /* nothing in it is required */
    }
    if (metrics != NULL && metrics->kind == VALUE_LIST && metrics->len > 0) {
        span.metrics = arena_array(arena, struct wire_metric, metrics->len);
        for (uint32_t i = 0; i < metrics->len; i++) {
            if (wire_metric_of(arena, &metrics->items[i], &span.metrics[span.metric_count])) {
                span.metric_count++;
            }
        }
    }
    *ret = span;
    return true;
}

bool wire_trace_read(struct arena *arena, struct str body, struct wire_trace *ret, const struct value **ret_spans,
                     size_t *ret_count, struct err *err)
{
    struct value map;
    if (!wire_read_answer(arena, body, "a trace", &map, err)) {
        return false;
    }
    if (!wire_trace_of(arena, &map, ret)) {
        return err_set(err, ERR_NET, "the service's answer should be a trace, and has no 'id'");
    }
    const struct value *spans = value_get(&map, STR("spans"));
    bool has_spans = spans != NULL && spans->kind == VALUE_LIST;
    *ret_spans = has_spans ? spans->items : NULL;
    *ret_count = has_spans ? spans->len : 0;
    return true;
}
