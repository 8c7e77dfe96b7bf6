#ifndef ASSAY_WIRE_FUNCTION_H
#define ASSAY_WIRE_FUNCTION_H

/* Stored functions as a server sees them: a task under a name, with its settings; each change makes a revision. (Called by id: wire/task.h.) */

#include <stdbool.h>

#include "base/str.h"
#include "wire/message.h"
#include "wire/time.h"

struct arena;
struct buf;
struct json_writer;
struct wire_faults;

struct wire_stored_function {
    struct str id, revision_id, dataset_id; /* UUIDs */
    struct str name, description, instructions;
    struct str input_schema, output_schema; /* JSON text of maps */
    struct str model;                       /* JSON text: a text, a map, or a list of these */
    struct str configuration;               /* JSON text of a map */
    struct wire_bool observer_enabled;
};

bool wire_function_read_create(struct arena *arena, struct str body, struct wire_stored_function *ret,
                               struct wire_faults *faults);
bool wire_function_read_patch(struct arena *arena, struct str body, struct wire_stored_function *ret,
                              struct wire_faults *faults);

/* The answers: a whole function, an item of the list, an item of the list of revisions. */
void wire_function_write(struct json_writer *w, const struct wire_stored_function *function);
void wire_function_write_item(struct json_writer *w, const struct wire_stored_function *function);

struct wire_revision {
    struct str id;
    struct str configuration; /* JSON text of a map: the function's settings then */
    struct wire_time created;
};
void wire_revision_write(struct json_writer *w, const struct wire_revision *revision);

/* The settings alone, as they are kept (ids left out), and back. False: it is none. */
struct str wire_function_settings(struct arena *arena, const struct wire_stored_function *function);
bool wire_function_of_settings(struct arena *arena, struct str settings, struct wire_stored_function *ret);

#endif
