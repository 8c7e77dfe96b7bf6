#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"
#include "data/field.h"
#include "data/field_words.h"
#include "data/json.h"

enum { KEY_COLUMNS_MAX = 20, TYPE_COLUMNS_MAX = 32, TYPE_BYTES = 1024, TEXT_BYTES = 4096, INDENT_STEP = 2 };

/* Beyond this a bound is a technical one (an index that still fits), and no news to a reader. */
static const double BOUND_SHOWN_MAX = 1e12;

static const struct {
    const char *wanted, *type;
} TYPES[] = {
    [FIELD_BOOL] = {"true or false", "true|false"},
    [FIELD_COUNT] = {"a whole number", "count"},
    [FIELD_NUMBER] = {"a number", "number"},
    [FIELD_SHARE] = {"a count or a percentage (5, 1%)", "count or %"},
    [FIELD_TEXT] = {"text", "text"},
    [FIELD_NAME] = {"a name", "name"},
    [FIELD_DURATION] = {"a duration with a unit (250ms 60s 5m 2h)", "duration"},
    [FIELD_RATE] = {"a rate above zero (20/s 300/m 1000/h)", "rate (20/s)"},
    [FIELD_WORD] = {"one of", ""},
    [FIELD_VALUE] = {"a value", "any value"},
    [FIELD_TEMPLATE] = {"a value or a template", "template"},
    [FIELD_TEXT_LIST] = {"a text or a list of texts", "text or list"},
    [FIELD_MAP] = {"a map of keys", "map"},
    [FIELD_MAPS] = {"a list of maps", "list of maps"},
    [FIELD_CUSTOM] = {"another value", "value"},
};

static bool has_range(const struct field *field)
{
    return (field->type == FIELD_COUNT || field->type == FIELD_NUMBER) && field->min < field->max;
}

static void append_number(struct buf *out, double value)
{
    char room[32];
    buf_append(out, num_text_short(value, 6, room));
}

static void append_words(struct buf *out, const char *const *words, const char *separator)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        buf_append_cstr(out, i == 0 ? "" : separator);
        buf_append_cstr(out, words[i]);
    }
}

void field_append_wanted(struct buf *out, const struct field *field)
{
    buf_append_cstr(out, TYPES[field->type].wanted);
    if (field->type == FIELD_WORD) {
        buf_append_char(out, ' ');
        append_words(out, field->words, ", ");
    }
    if (has_range(field)) {
        buf_append_cstr(out, " from ");
        append_number(out, field->min);
        if (field->max < BOUND_SHOWN_MAX) {
            buf_append_cstr(out, " to ");
            append_number(out, field->max);
        }
    }
}

void field_append_type(struct buf *out, const struct field *field)
{
    buf_append_cstr(out, TYPES[field->type].type);
    if (field->type == FIELD_WORD) {
        append_words(out, field->words, "|");
    }
    if (has_range(field)) {
        buf_append_char(out, ' ');
        append_number(out, field->min);
        buf_append_cstr(out, "..");
        if (field->max < BOUND_SHOWN_MAX) {
            append_number(out, field->max);
        }
    }
}

static size_t type_columns(const struct field *field)
{
    struct buf type CLEANUP(buf_deinit) = BUF(TYPE_BYTES);
    field_append_type(&type, field);
    return type.len;
}

/* At least one column wider than what stands in it, and as wide as the widest that is not over the cap. */
static size_t wider(size_t columns, size_t used, size_t max)
{
    return used > columns && used <= max ? used : columns;
}

static void append_padded(struct buf *out, struct str text, size_t columns)
{
    buf_append(out, text);
    buf_append_repeat(out, ' ', (text.len < columns ? columns - text.len : 0) + 2);
}

void field_help(const struct field *rows, size_t indent, bool deep, struct buf *out)
{
    size_t key_columns = 0;
    size_t columns = 0;
    for (const struct field *f = rows; f->key != NULL; f++) {
        key_columns = wider(key_columns, str_from(f->key).len, KEY_COLUMNS_MAX);
        columns = wider(columns, type_columns(f), TYPE_COLUMNS_MAX);
    }
    for (const struct field *f = rows; f->key != NULL; f++) {
        struct buf type CLEANUP(buf_deinit) = BUF(TYPE_BYTES);
        field_append_type(&type, f);
        buf_append_repeat(out, ' ', indent);
        append_padded(out, str_from(f->key), key_columns);
        append_padded(out, buf_str(&type), columns);
        buf_append_cstr(out, f->help);
        if (f->is_required) {
            buf_append_cstr(out, " (required)");
        } else if (f->default_text != NULL) {
            buf_printf(out, " (default %s)", f->default_text);
        }
        buf_append_char(out, '\n');
        if (deep && f->rows != NULL) {
            field_help(f->rows, indent + INDENT_STEP, deep, out);
        }
    }
}

static void schema_type(struct json_writer *w, const char *type)
{
    json_put_text(w, "type", str_from(type));
}

static void schema_pattern(struct json_writer *w, const char *pattern)
{
    schema_type(w, "string");
    json_put_text(w, "pattern", str_from(pattern));
}

/* Editors read YAML's plain scalars as its core types; our texts are texts however they look. */
static void schema_scalar(struct json_writer *w)
{
    json_key(w, "type");
    json_open_list(w);
    json_text(w, STR("string"));
    json_text(w, STR("number"));
    json_text(w, STR("boolean"));
    json_close_list(w);
}

static void schema_range(struct json_writer *w, const struct field *field)
{
    if (has_range(field)) {
        json_put_number(w, "minimum", field->min);
        if (field->max < BOUND_SHOWN_MAX) {
            json_put_number(w, "maximum", field->max);
        }
    } else if (field->type == FIELD_COUNT) {
        json_put_int(w, "minimum", 0);
    }
}

/* Two ways to write a value: {"anyOf": [A, B]}, A written before this call. */
static void schema_open_any(struct json_writer *w)
{
    json_key(w, "anyOf");
    json_open_list(w);
    json_open_map(w);
}

static void schema_next_any(struct json_writer *w)
{
    json_close_map(w);
    json_open_map(w);
}

static void schema_close_any(struct json_writer *w)
{
    json_close_map(w);
    json_close_list(w);
}

static void schema_share(struct json_writer *w)
{
    schema_open_any(w);
    schema_type(w, "integer");
    json_put_int(w, "minimum", 0);
    schema_next_any(w);
    schema_pattern(w, "^([0-9]+|[0-9]+(\\.[0-9]+)?%)$");
    schema_close_any(w);
}

static void schema_words(struct json_writer *w, const char *const *words)
{
    json_key(w, "enum");
    json_open_list(w);
    for (size_t i = 0; words[i] != NULL; i++) {
        json_text(w, str_from(words[i]));
    }
    json_close_list(w);
}

static void schema_texts(struct json_writer *w)
{
    schema_open_any(w);
    schema_scalar(w);
    schema_next_any(w);
    schema_type(w, "array");
    json_key(w, "items");
    json_open_map(w);
    schema_scalar(w);
    json_close_map(w);
    schema_close_any(w);
}

static void schema_table(struct json_writer *w, const char *key, const struct field *rows)
{
    json_key(w, key);
    json_open_list(w);
    field_schema(rows, w);
    json_close_list(w);
}

static void schema_maps(struct json_writer *w, const struct field *rows)
{
    schema_open_any(w);
    schema_type(w, "array");
    json_key(w, "items");
    field_schema(rows, w);
    schema_next_any(w);
    schema_table(w, "allOf", rows);
    schema_close_any(w);
}

/* The keywords of a row's value, inside an open schema object. */
static void schema_keywords(struct json_writer *w, const struct field *field)
{
    switch (field->type) {
    case FIELD_BOOL:
        schema_type(w, "boolean");
        break;
    case FIELD_COUNT:
        schema_type(w, "integer");
        schema_range(w, field);
        break;
    case FIELD_NUMBER:
        schema_type(w, "number");
        schema_range(w, field);
        break;
    case FIELD_SHARE:
        schema_share(w);
        break;
    case FIELD_TEXT:
    case FIELD_NAME:
        schema_scalar(w);
        break;
    case FIELD_DURATION:
        schema_pattern(w, "^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$");
        break;
    case FIELD_RATE:
        schema_pattern(w, "^[0-9]+(\\.[0-9]+)?/(s|m|h)$");
        break;
    case FIELD_WORD:
        schema_words(w, field->words);
        break;
    case FIELD_TEXT_LIST:
        schema_texts(w);
        break;
    case FIELD_MAP:
        schema_table(w, "allOf", field->rows);
        break;
    case FIELD_MAPS:
        schema_maps(w, field->rows);
        break;
    case FIELD_CUSTOM:
        if (field->schema != NULL) {
            json_key(w, "allOf");
            json_open_list(w);
            field->schema(field, w);
            json_close_list(w);
        }
        break;
    case FIELD_VALUE:
    case FIELD_TEMPLATE:
        break; /* any value */
    }
}

static void schema_value(struct json_writer *w, const struct field *field)
{
    struct buf text CLEANUP(buf_deinit) = BUF(TEXT_BYTES);
    json_open_map(w);
    buf_append_cstr(&text, field->help);
    if (field->type == FIELD_TEMPLATE) {
        buf_append_cstr(&text, " (template)");
    }
    if (field->default_text != NULL) {
        buf_printf(&text, " (default %s)", field->default_text);
    }
    json_put_text(w, "description", buf_str(&text));
    schema_keywords(w, field);
    json_close_map(w);
}

static void schema_object(struct json_writer *w, const struct field *rows)
{
    schema_type(w, "object");
    json_put_bool(w, "additionalProperties", false);
    json_key(w, "properties");
    json_open_map(w);
    size_t required = 0;
    for (const struct field *f = rows; f->key != NULL; f++) {
        json_key(w, f->key);
        schema_value(w, f);
        required += f->is_required ? 1 : 0;
    }
    json_close_map(w);
    if (required > 0) {
        json_key(w, "required");
        json_open_list(w);
        for (const struct field *f = rows; f->key != NULL; f++) {
            if (f->is_required) {
                json_text(w, str_from(f->key));
            }
        }
        json_close_list(w);
    }
}

void field_schema(const struct field *rows, struct json_writer *w)
{
    const struct field *alone = NULL;
    for (const struct field *f = rows; f->key != NULL; f++) {
        alone = f->is_short_form ? f : alone;
    }
    json_open_map(w);
    if (alone != NULL) {
        json_key(w, "anyOf");
        json_open_list(w);
        schema_value(w, alone);
        json_open_map(w);
    }
    schema_object(w, rows);
    if (alone != NULL) {
        json_close_map(w);
        json_close_list(w);
    }
    json_close_map(w);
}
