#include "suites/schema.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "data/json.h"
#include "scorers/scorer.h"
#include "suites/schema_parts.h"
#include "suites/spec.h"
#include "targets/target.h"

enum { ROWS_MAX = 200 };

static void reference(struct json_writer *w, const char *name)
{
    json_open_map(w);
    json_put_text(w, "$ref", str_from(name));
    json_close_map(w);
}

static void list_of(struct json_writer *w, const char *name)
{
    json_open_map(w);
    json_put_text(w, "type", STR("array"));
    json_key(w, "items");
    reference(w, name);
    json_close_map(w);
}

void schema_target(const struct field *field, struct json_writer *w)
{
    (void)field;
    reference(w, "#/$defs/target");
}

void schema_variants(const struct field *field, struct json_writer *w)
{
    (void)field;
    list_of(w, "#/$defs/variant");
}

void schema_cases(const struct field *field, struct json_writer *w)
{
    (void)field;
    list_of(w, "#/$defs/case");
}

void schema_scorers(const struct field *field, struct json_writer *w)
{
    (void)field;
    list_of(w, "#/$defs/scorer");
}

void schema_gates(const struct field *field, struct json_writer *w)
{
    (void)field;
    list_of(w, "#/$defs/gate");
}

/* One place, or a list of them. */
void schema_baseline(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_open_map(w);
    json_key(w, "anyOf");
    json_open_list(w);
    reference(w, "#/$defs/baseline");
    list_of(w, "#/$defs/baseline");
    json_close_list(w);
    json_close_map(w);
}

void schema_dataset(const struct field *field, struct json_writer *w)
{
    (void)field;
    field_schema(DATASET_ROWS, w);
}

void schema_pass_trials(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_raw(w, STR("{\"anyOf\":[{\"enum\":[\"all\",\"any\"]},{\"type\":\"integer\",\"minimum\":1}]}"));
}

void schema_cost(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_raw(w, STR("{\"type\":\"string\",\"pattern\":\"^[0-9]+(\\\\.[0-9]+)?usd$\"}"));
}

/* A target is always a map, whatever short form its own key has elsewhere. */
static void target_map(const struct field *target_rows, struct json_writer *w)
{
    struct field rows[ROWS_MAX] = {{0}};
    for (size_t i = 0; target_rows[i].key != NULL && i + 1 < ROWS_MAX; i++) {
        rows[i] = target_rows[i];
        rows[i].is_short_form = false;
    }
    field_schema(rows, w);
}

/* Exactly one kind: each kind's own key is required in its alternative. */
static void define_target(struct json_writer *w)
{
    json_open_map(w);
    json_key(w, "oneOf");
    json_open_list(w);
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        json_open_map(w);
        json_put_text(w, "description", str_from(TARGETS[i]->summary));
        json_key(w, "required");
        json_open_list(w);
        json_text(w, str_from(TARGETS[i]->name));
        json_close_list(w);
        json_key(w, "allOf");
        json_open_list(w);
        target_map(TARGETS[i]->rows, w);
        json_close_list(w);
        json_close_map(w);
    }
    json_close_list(w);
    json_close_map(w);
}

struct row_list {
    struct field rows[ROWS_MAX];
    size_t len;
};

/* Those that the list does not have yet, none of them required. */
static void add_rows(struct row_list *list, const struct field *rows)
{
    for (const struct field *row = rows; row->key != NULL && list->len + 1 < ROWS_MAX; row++) {
        if (field_find(list->rows, str_from(row->key)) == NULL) {
            list->rows[list->len] = *row;
            list->rows[list->len].is_required = false;
            list->rows[list->len].is_short_form = false;
            list->len++;
        }
    }
}

/* A variant's keys: its name, and every key that any kind of target has, beside its own or in the map below it. */
static void define_variant(struct json_writer *w)
{
    struct row_list list = {
        .rows = {{.key = "name", .type = FIELD_NAME, .is_required = true, .help = "names the run: SUITE [NAME]"}},
        .len = 1,
    };
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        add_rows(&list, TARGETS[i]->rows);
    }
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        const struct field *own = field_find(TARGETS[i]->rows, str_from(TARGETS[i]->name));
        if (own != NULL && own->type == FIELD_MAP) {
            add_rows(&list, own->rows);
        }
    }
    field_schema(list.rows, w);
}

/* One scorer of a list: its name alone, or a map of its name to its options or short form. */
static void define_scorer(struct arena *arena, struct json_writer *w)
{
    json_open_map(w);
    json_key(w, "anyOf");
    json_open_list(w);
    json_open_map(w);
    json_key(w, "enum");
    json_open_list(w);
    for (size_t i = 0; SCORERS[i] != NULL; i++) {
        json_text(w, str_from(SCORERS[i]->name));
    }
    json_close_list(w);
    json_close_map(w);
    for (size_t i = 0; SCORERS[i] != NULL; i++) {
        const struct field row[] = {{.key = SCORERS[i]->name,
                                     .type = FIELD_MAP,
                                     .is_required = true,
                                     .help = SCORERS[i]->summary,
                                     .rows = scorer_rows(arena, SCORERS[i])},
                                    {.key = NULL}};
        field_schema(row, w);
    }
    json_close_list(w);
    json_close_map(w);
}

void schema_write(struct arena *arena, struct buf *out)
{
    struct json_writer w;
    json_writer_init(&w, out);
    json_open_map(&w);
    json_put_text(&w, "$schema", STR("https://json-schema.org/draft/2020-12/schema"));
    json_put_text(&w, "title", STR("An assay suite"));
    json_key(&w, "allOf");
    json_open_list(&w);
    field_schema(SUITE_ROWS, &w);
    json_close_list(&w);
    json_key(&w, "$defs");
    json_open_map(&w);
    json_key(&w, "baseline");
    field_schema(BASELINE_ROWS, &w);
    json_key(&w, "case");
    field_schema(CASE_ROWS, &w);
    json_key(&w, "gate");
    field_schema(GATE_ROWS, &w);
    json_key(&w, "scorer");
    define_scorer(arena, &w);
    json_key(&w, "target");
    define_target(&w);
    json_key(&w, "variant");
    define_variant(&w);
    json_close_map(&w);
    json_close_map(&w);
    buf_append_char(out, '\n');
}

static const struct {
    const char *key;
    const struct field *rows;
} PARTS[] = {{"dataset", DATASET_ROWS}, {"cases", CASE_ROWS}, {"gates", GATE_ROWS}, {"baseline", BASELINE_ROWS}};

void schema_help_suite(struct buf *out)
{
    field_help(SUITE_ROWS, 2, true, out);
    for (size_t i = 0; i < ARRAY_LEN(PARTS); i++) {
        buf_printf(out, "\n%s:\n", PARTS[i].key);
        field_help(PARTS[i].rows, 2, true, out);
    }
    buf_append_cstr(out, "\ntarget (and variants, which override its keys):\n");
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        buf_printf(out, "  %-10s %s\n", TARGETS[i]->name, TARGETS[i]->summary);
    }
    buf_append_cstr(out, "\nscorers:\n");
    for (size_t i = 0; SCORERS[i] != NULL; i++) {
        buf_printf(out, "  %-12s %s\n", SCORERS[i]->name, SCORERS[i]->summary);
    }
}

void schema_help_gate(struct buf *out)
{
    field_help(GATE_ROWS, 2, true, out);
    buf_append_cstr(out, "\nbaseline (one place, or a list of them tried in order):\n");
    field_help(BASELINE_ROWS, 2, true, out);
}
