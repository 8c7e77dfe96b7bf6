#include "wire/message.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/num.h"
#include "data/json.h"
#include "data/value.h"
#include "wire/fault.h"
#include "wire/time.h"

static const void *member_of(const struct wire_row *row, const void *record)
{
    return (const char *)record + row->offset;
}

static bool is_text_kind(enum wire_kind kind)
{
    return kind != WIRE_TIME && kind != WIRE_INT && kind != WIRE_NUMBER && kind != WIRE_BOOL;
}

static bool is_none(const struct wire_row *row, const void *record)
{
    const void *at = member_of(row, record);
    if (is_text_kind(row->kind)) {
        return ((const struct str *)at)->ptr == NULL;
    }
    /* `has` comes first in all of them */
    _Static_assert(offsetof(struct wire_time, has) == 0 && offsetof(struct wire_int, has) == 0 &&
                       offsetof(struct wire_number, has) == 0 && offsetof(struct wire_bool, has) == 0,
                   "has is first");
    return !*(const bool *)at;
}

static void write_member(struct json_writer *w, const struct wire_row *row, const void *record)
{
    const void *at = member_of(row, record);
    switch (row->kind) {
    case WIRE_TEXT:
    case WIRE_ID:
        json_text(w, *(const struct str *)at);
        break;
    case WIRE_TIME:
        json_text(w, str_from(wire_time_text(((const struct wire_time *)at)->us).text));
        break;
    case WIRE_INT:
        json_int(w, ((const struct wire_int *)at)->value);
        break;
    case WIRE_NUMBER:
        json_number(w, ((const struct wire_number *)at)->value);
        break;
    case WIRE_BOOL:
        json_bool(w, ((const struct wire_bool *)at)->value);
        break;
    case WIRE_ANY:
    case WIRE_MAP:
    case WIRE_LIST:
    case WIRE_TEXT_LIST:
        json_raw(w, *(const struct str *)at);
        break;
    case WIRE_AS_TEXT:
        if (str_starts(*(const struct str *)at, STR("\""))) {
            json_raw(w, *(const struct str *)at);
        } else {
            json_text(w, *(const struct str *)at);
        }
        break;
    }
}

void wire_write(struct json_writer *w, const struct wire_row *rows, unsigned message, const void *record,
                bool with_null)
{
    for (const struct wire_row *row = rows; row->key != NULL; row++) {
        if ((row->in & message) == 0) {
            continue;
        }
        if (!is_none(row, record)) {
            json_key(w, row->key);
            write_member(w, row, record);
        } else if (with_null) {
            json_key(w, row->key);
            json_null(w);
        }
    }
}

static bool is_text_list(const struct value *v)
{
    bool is_list = v->kind == VALUE_LIST;
    for (uint32_t i = 0; is_list && i < v->len; i++) {
        is_list = v->items[i].kind == VALUE_TEXT;
    }
    return is_list;
}

/* Beyond 2^53 the digits decide, not the double. */
static bool read_int(const struct value *v, int64_t *ret)
{
    double number = 0;
    if (v->kind != VALUE_NUMBER) {
        return false;
    }
    if (num_parse_i64(v->text, ret)) {
        return true;
    }
    if (!value_number(v, &number) || number != floor(number) || fabs(number) > 9007199254740992.0) {
        return false;
    }
    *ret = (int64_t)number;
    return true;
}

/* How a member of the wrong kind is described, in the words of the service's framework. */
static const struct wire_complaint {
    const char *type, *msg;
} COMPLAINTS[] = {
    [WIRE_TEXT] = {"string_type", "Input should be a valid string"},
    [WIRE_ID] = {"uuid_parsing", "Input should be a valid UUID"},
    [WIRE_TIME] = {"datetime_parsing", "Input should be a valid datetime"},
    [WIRE_INT] = {"int_type", "Input should be a valid integer"},
    [WIRE_NUMBER] = {"float_type", "Input should be a valid number"},
    [WIRE_BOOL] = {"bool_type", "Input should be a valid boolean"},
    [WIRE_ANY] = {"any_type", "Input should be a JSON value"},
    [WIRE_MAP] = {"dict_type", "Input should be a valid dictionary"},
    [WIRE_LIST] = {"list_type", "Input should be a valid list"},
    [WIRE_TEXT_LIST] = {"list_type", "Input should be a valid list of strings"},
    [WIRE_AS_TEXT] = {"string_type", "Input should be a valid string"},
};

static bool read_id(struct arena *arena, const struct value *v, bool is_strict, struct str *ret)
{
    struct uuid id;
    if (v->kind != VALUE_TEXT) {
        return false;
    }
    if (id_parse(v->text, &id)) {
        *ret = arena_str(arena, str_from(id_text(&id).text));
        return true;
    }
    if (!is_strict) {
        *ret = arena_str(arena, v->text);
    }
    return !is_strict;
}

/* False: of the wrong kind. */
static bool read_member(struct arena *arena, const struct value *v, const struct wire_row *row, bool is_strict,
                        void *at)
{
    struct str *text = at;
    struct wire_time *time = at;
    struct wire_int *integer = at;
    struct wire_number *number = at;
    struct wire_bool *boolean = at;
    bool ok = false;
    switch (row->kind) {
    case WIRE_TEXT:
        if ((ok = v->kind == VALUE_TEXT)) {
            *text = arena_str(arena, v->text);
        }
        break;
    case WIRE_ID:
        ok = read_id(arena, v, is_strict, text);
        break;
    case WIRE_TIME:
        time->has = ok = v->kind == VALUE_TEXT && wire_time_parse(v->text, &time->us);
        break;
    case WIRE_INT:
        integer->has = ok = read_int(v, &integer->value);
        break;
    case WIRE_NUMBER:
        number->has = ok = v->kind == VALUE_NUMBER && value_number(v, &number->value);
        break;
    case WIRE_BOOL:
        boolean->has = ok = v->kind == VALUE_BOOL;
        boolean->value = v->boolean;
        break;
    case WIRE_ANY:
        *text = json_compact(arena, v);
        ok = true;
        break;
    case WIRE_MAP:
    case WIRE_LIST:
    case WIRE_TEXT_LIST:
    case WIRE_AS_TEXT:
        ok = row->kind == WIRE_MAP         ? v->kind == VALUE_MAP
             : row->kind == WIRE_LIST      ? v->kind == VALUE_LIST
             : row->kind == WIRE_TEXT_LIST ? is_text_list(v)
                                           : v->kind == VALUE_TEXT;
        if (ok) {
            *text = json_compact(arena, v);
        }
        break;
    }
    return ok;
}

bool wire_read(struct arena *arena, const struct value *map, const struct wire_row *rows, unsigned message,
               void *record, struct wire_faults *faults)
{
    bool ok = true;
    for (const struct wire_row *row = rows; row->key != NULL; row++) {
        if ((row->in & message) == 0) {
            continue;
        }
        const struct value *v = value_get(map, str_from(row->key));
        bool is_given = v != NULL && v->kind != VALUE_NULL;
        bool is_read = is_given && read_member(arena, v, row, faults != NULL, (char *)record + row->offset);
        if (is_read || (!is_given && (row->in & WIRE_REQUIRED) == 0)) {
            continue;
        }
        if (faults == NULL) {
            ok = ok && (row->in & WIRE_REQUIRED) == 0;
        } else if (v == NULL) {
            ok = wire_fault_add(faults, "missing", row->key, STR("Field required"), map);
        } else {
            ok = wire_fault_add(faults, COMPLAINTS[row->kind].type, row->key, str_from(COMPLAINTS[row->kind].msg), v);
        }
    }
    return ok;
}

bool wire_read_body(struct arena *arena, struct str body, struct value *ret, struct wire_faults *faults)
{
    struct err err = ERR_NULL;
    faults->part = "body";
    if (str_trim(body).len == 0) {
        return wire_fault_add(faults, "missing", NULL, STR("Field required"), NULL);
    }
    if (!json_read(arena, body, JSON_REPLY, (struct src_pos){0}, ret, NULL, &err)) {
        struct str words =
            arena_printf(arena, "JSON decode error: %s at line %u, column %u", err.text, err.pos.line, err.pos.col);
        return wire_fault_add(faults, "json_invalid", NULL, words, NULL);
    }
    return ret->kind == VALUE_MAP ||
           wire_fault_add(faults, "model_attributes_type", NULL, STR("Input should be a valid dictionary"), ret);
}

bool wire_read_answer(struct arena *arena, struct str body, const char *expected, struct value *ret, struct err *err)
{
    struct err cause = ERR_NULL;
    if (!json_read(arena, body, JSON_REPLY, (struct src_pos){0}, ret, NULL, &cause)) {
        return err_set(err, ERR_NET, "the service's answer should be %s, and is no JSON: %s", expected, cause.text);
    }
    if (ret->kind != VALUE_MAP) {
        return err_set(err, ERR_NET, "the service's answer should be %s, and is %s", expected,
                       value_kind_name(ret->kind));
    }
    return true;
}

bool wire_read_id(struct arena *arena, struct str body, struct str *ret)
{
    struct str id = STR_NULL;
    if (!json_text_member(arena, body, "id", &id) || id.ptr == NULL) {
        return false;
    }
    *ret = id;
    return true;
}

bool wire_id_eq(struct str a, struct str b)
{
    struct uuid left, right;
    return str_eq(a, b) || (id_parse(a, &left) && id_parse(b, &right) && id_eq(&left, &right));
}
