#include "wire/metric.h"

#include "base/err.h"
#include "data/json.h"
#include "data/value.h"

enum { CREATE = 1, PATCH = 2, ANSWER = 4, IN_TRACE = 8 };

#define METRIC(member) offsetof(struct wire_metric, member)
static const struct wire_row ROWS[] = {
    {"id", WIRE_ID, ANSWER | IN_TRACE | WIRE_REQUIRED, METRIC(id)},
    {"span_id", WIRE_ID, ANSWER, METRIC(span_id)},
    {"dimension", WIRE_TEXT, CREATE | WIRE_REQUIRED, METRIC(dimension)},
    {"dimension", WIRE_TEXT, PATCH | ANSWER | IN_TRACE, METRIC(dimension)},
    {"value", WIRE_NUMBER, CREATE | WIRE_REQUIRED, METRIC(value)},
    {"value", WIRE_NUMBER, PATCH | ANSWER | IN_TRACE, METRIC(value)},
    {"comment", WIRE_TEXT, CREATE | PATCH | ANSWER | IN_TRACE, METRIC(comment)},
    {"created_at", WIRE_TIME, ANSWER | IN_TRACE, METRIC(created)},
    {NULL},
};

void wire_metric_write_request(struct buf *out, const struct wire_metric *metric)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_open_map(&w);
    wire_write(&w, ROWS, PATCH, metric, false);
    json_close_map(&w);
}

void wire_metric_write(struct json_writer *w, const struct wire_metric *metric, bool in_trace)
{
    json_open_map(w);
    wire_write(w, ROWS, in_trace ? IN_TRACE : ANSWER, metric, true);
    json_close_map(w);
}

static bool read_request(struct arena *arena, struct str body, unsigned message, struct wire_metric *ret,
                         struct wire_faults *faults)
{
    struct value map;
    *ret = (struct wire_metric){0};
    return wire_read_body(arena, body, &map, faults) && wire_read(arena, &map, ROWS, message, ret, faults);
}

bool wire_metric_read_create(struct arena *arena, struct str body, struct wire_metric *ret, struct wire_faults *faults)
{
    return read_request(arena, body, CREATE, ret, faults);
}

bool wire_metric_read_patch(struct arena *arena, struct str body, struct wire_metric *ret, struct wire_faults *faults)
{
    return read_request(arena, body, PATCH, ret, faults);
}

bool wire_metric_of(struct arena *arena, const struct value *map, struct wire_metric *ret)
{
    struct wire_metric metric = {0};
    if (map->kind != VALUE_MAP || !wire_read(arena, map, ROWS, ANSWER, &metric, NULL)) {
        return false;
    }
    *ret = metric;
    return true;
}
