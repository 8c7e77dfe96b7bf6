#include "wire/function.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"

enum { CREATE = 1, PATCH = 2, ANSWER = 4, ITEM = 8, KEPT = 16, ALL = CREATE | PATCH | ANSWER | KEPT };

#define FUNCTION(member) offsetof(struct wire_stored_function, member)
static const struct wire_row ROWS[] = {
    {"id", WIRE_ID, ANSWER | ITEM, FUNCTION(id)},
    {"name", WIRE_TEXT, CREATE | WIRE_REQUIRED, FUNCTION(name)},
    {"name", WIRE_TEXT, PATCH | ANSWER | ITEM | KEPT, FUNCTION(name)},
    {"description", WIRE_TEXT, ALL | ITEM, FUNCTION(description)},
    {"instructions", WIRE_TEXT, CREATE | WIRE_REQUIRED, FUNCTION(instructions)},
    {"instructions", WIRE_TEXT, PATCH | ANSWER | ITEM | KEPT, FUNCTION(instructions)},
    {"input_schema", WIRE_MAP, ALL, FUNCTION(input_schema)},
    {"output_schema", WIRE_MAP, ALL, FUNCTION(output_schema)},
    {"model", WIRE_ANY, ALL | ITEM, FUNCTION(model)},
    {"configuration", WIRE_MAP, ALL, FUNCTION(configuration)},
    {"observer_enabled", WIRE_BOOL, ANSWER, FUNCTION(observer_enabled)},
    {"dataset_id", WIRE_ID, ANSWER, FUNCTION(dataset_id)},
    {"revision_id", WIRE_ID, ANSWER | ITEM, FUNCTION(revision_id)},
    {NULL},
};

#define REVISION(member) offsetof(struct wire_revision, member)
static const struct wire_row REVISION_ROWS[] = {
    {"id", WIRE_ID, ANSWER, REVISION(id)},
    {"configuration", WIRE_MAP, ANSWER, REVISION(configuration)},
    {"created_at", WIRE_TIME, ANSWER, REVISION(created)},
    {"updated_at", WIRE_TIME, ANSWER, REVISION(created)}, /* a revision never changes */
    {NULL},
};

static bool read_function(struct arena *arena, struct str body, unsigned message, struct wire_stored_function *ret,
                          struct wire_faults *faults)
{
    struct value map;
    *ret = (struct wire_stored_function){0};
    return wire_read_body(arena, body, &map, faults) && wire_read(arena, &map, ROWS, message, ret, faults);
}

bool wire_function_read_create(struct arena *arena, struct str body, struct wire_stored_function *ret,
                               struct wire_faults *faults)
{
    return read_function(arena, body, CREATE, ret, faults);
}

bool wire_function_read_patch(struct arena *arena, struct str body, struct wire_stored_function *ret,
                              struct wire_faults *faults)
{
    return read_function(arena, body, PATCH, ret, faults);
}

static void write_map(struct json_writer *w, const struct wire_row *rows, unsigned message, const void *record,
                      bool with_null)
{
    json_open_map(w);
    wire_write(w, rows, message, record, with_null);
    json_close_map(w);
}

void wire_function_write(struct json_writer *w, const struct wire_stored_function *function)
{
    write_map(w, ROWS, ANSWER, function,
              false); /* the SDK takes a function without model, and none whose model is null */
}

void wire_function_write_item(struct json_writer *w, const struct wire_stored_function *function)
{
    write_map(w, ROWS, ITEM, function, false);
}

void wire_revision_write(struct json_writer *w, const struct wire_revision *revision)
{
    write_map(w, REVISION_ROWS, ANSWER, revision, true);
}

struct str wire_function_settings(struct arena *arena, const struct wire_stored_function *function)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_JSON_BYTES);
    struct json_writer w;
    json_writer_init(&w, &text);
    write_map(&w, ROWS, KEPT, function, false);
    return arena_str(arena, buf_str(&text));
}

bool wire_function_of_settings(struct arena *arena, struct str settings, struct wire_stored_function *ret)
{
    struct value map;
    struct err ignored = ERR_NULL;
    *ret = (struct wire_stored_function){0};
    return json_read(arena, settings, JSON_REPLY, (struct src_pos){0}, &map, NULL, &ignored) &&
           wire_read(arena, &map, ROWS, KEPT, ret, NULL);
}
