#include "cli/args.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/vec.h"

struct arg_value {
    const char *name;
    const char *value; /* "" for a flag */
};

struct parse {
    struct arena *arena;
    const struct option_row *tables[2];
    VEC(struct arg_value) values;
    VEC(const char *) operands;
};

static const struct option_row *find_name(const struct parse *p, struct str name)
{
    for (size_t t = 0; t < 2; t++) {
        for (const struct option_row *row = p->tables[t]; row != NULL && row->name != NULL; row++) {
            if (str_eq_cstr(name, row->name)) {
                return row;
            }
        }
    }
    return NULL;
}

static const struct option_row *find_letter(const struct parse *p, char letter)
{
    for (size_t t = 0; t < 2; t++) {
        for (const struct option_row *row = p->tables[t]; row != NULL && row->name != NULL; row++) {
            if (row->letter == letter) {
                return row;
            }
        }
    }
    return NULL;
}

static bool unknown_option(struct parse *p, const char *written, struct str name, struct err *err)
{
    VEC(const char *) names = {0};
    for (size_t t = 0; t < 2; t++) {
        for (const struct option_row *row = p->tables[t]; row != NULL && row->name != NULL; row++) {
            *vec_push(p->arena, &names) = row->name;
        }
    }
    *vec_push(p->arena, &names) = NULL;
    const char *near = str_nearest(name, names.items);
    if (near != NULL) {
        return err_set(err, ERR_USAGE, "unknown option '%s': did you mean '--%s'?", written, near);
    }
    return err_set(err, ERR_USAGE, "unknown option '%s'", written);
}

static bool add_value(struct parse *p, const struct option_row *row, const char *value, struct err *err)
{
    if (row->kind == OPTION_VALUE) {
        for (size_t i = 0; i < p->values.len; i++) {
            if (strcmp(p->values.items[i].name, row->name) == 0) {
                return err_set(err, ERR_USAGE, "--%s is given twice ('%s' and '%s')", row->name,
                               p->values.items[i].value, value);
            }
        }
    }
    *vec_push(p->arena, &p->values) = (struct arg_value){row->name, value};
    return true;
}

/* One option; `*at` stands on it and is left on the last word it used. */
static bool parse_option(struct parse *p, const char *const *argv, size_t *at, struct err *err)
{
    const char *word = argv[*at];
    const struct option_row *row = NULL;
    const char *value = NULL;
    if (word[1] == '-') {
        struct str name = str_from(word + 2);
        size_t equals = 0;
        if (str_find_char(name, '=', &equals)) {
            value = name.ptr + equals + 1;
            name.len = equals;
        }
        row = find_name(p, name);
        if (row == NULL) {
            return unknown_option(p, word, name, err);
        }
    } else {
        row = find_letter(p, word[1]);
        if (row == NULL || (row->kind == OPTION_FLAG && word[2] != '\0')) {
            return unknown_option(p, word, str_from(word + 1), err);
        }
        value = word[2] != '\0' ? word + 2 : NULL;
    }
    if (row->kind == OPTION_FLAG) {
        if (value != NULL) {
            return err_set(err, ERR_USAGE, "--%s takes no value", row->name);
        }
        return add_value(p, row, "", err);
    }
    bool is_apart = value == NULL;
    value = is_apart ? argv[*at + 1] : value;
    if (value == NULL || value[0] == '\0') { /* `--run-id "$UNSET"` is no wish for the default */
        return err_set(err, ERR_USAGE, "--%s wants a value%s: --%s %s", row->name,
                       value == NULL ? "" : " that is not empty", row->name, row->value);
    }
    *at += is_apart ? 1 : 0;
    return add_value(p, row, value, err);
}

bool args_parse(struct arena *arena, const char *const *argv, const struct option_row *own,
                const struct option_row *common, struct args *ret, struct err *err)
{
    struct parse p = {.arena = arena, .tables = {own, common}};
    bool is_over = false;
    for (size_t at = 0; argv[at] != NULL; at++) {
        const char *word = argv[at];
        if (!is_over && strcmp(word, "--") == 0) {
            is_over = true;
        } else if (!is_over && word[0] == '-' && word[1] != '\0') {
            if (!parse_option(&p, argv, &at, err)) {
                return false;
            }
        } else {
            *vec_push(arena, &p.operands) = word;
        }
    }
    size_t operand_count = p.operands.len;
    *vec_push(arena, &p.operands) = NULL;
    *ret = (struct args){p.operands.items, operand_count, p.values.items, p.values.len};
    return true;
}

const char *args_value(const struct args *a, const char *name)
{
    for (size_t i = a->value_count; i > 0; i--) {
        if (strcmp(a->values[i - 1].name, name) == 0) {
            return a->values[i - 1].value;
        }
    }
    return NULL;
}

bool args_has(const struct args *a, const char *name)
{
    return args_value(a, name) != NULL;
}

size_t args_count(const struct args *a, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < a->value_count; i++) {
        count += strcmp(a->values[i].name, name) == 0 ? 1 : 0;
    }
    return count;
}

const char *const *args_list(const struct args *a, struct arena *arena, const char *name)
{
    if (!args_has(a, name)) {
        return NULL;
    }
    VEC(const char *) list = {0};
    for (size_t i = 0; i < a->value_count; i++) {
        if (strcmp(a->values[i].name, name) == 0) {
            *vec_push(arena, &list) = a->values[i].value;
        }
    }
    *vec_push(arena, &list) = NULL;
    return list.items;
}

bool args_number(const struct args *a, const char *name, uint64_t lo, uint64_t hi, uint64_t *ret, struct err *err)
{
    const char *text = args_value(a, name);
    if (text == NULL) {
        return true;
    }
    uint64_t number = 0;
    if (!num_parse_u64(str_from(text), &number) || number < lo || number > hi) {
        return err_set(err, ERR_USAGE, "--%s wants a whole number from %llu to %llu, not '%s'", name,
                       (unsigned long long)lo, (unsigned long long)hi, text);
    }
    *ret = number;
    return true;
}

void args_help(const struct option_row *rows, struct buf *out)
{
    for (const struct option_row *row = rows; row != NULL && row->name != NULL; row++) {
        size_t before = out->len;
        if (row->letter != 0) {
            buf_printf(out, "  -%c, --%s", row->letter, row->name);
        } else {
            buf_printf(out, "      --%s", row->name);
        }
        if (row->value != NULL) {
            buf_printf(out, " %s", row->value);
        }
        size_t used = out->len - before;
        buf_append_repeat(out, ' ', used < 30 ? 30 - used : 1);
        buf_printf(out, "%s\n", row->help);
    }
}
