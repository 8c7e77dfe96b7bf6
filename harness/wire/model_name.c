#include "wire/model_name.h"

#include "base/diag.h"
#include "base/err.h"
#include "data/template.h"

static const char *const KEYS[] = {"name", "options", "extra_headers", NULL};

static bool is_key(struct str key)
{
    size_t i = 0;
    while (KEYS[i] != NULL && !str_eq_cstr(key, KEYS[i])) {
        i++;
    }
    return KEYS[i] != NULL;
}

static bool fail(const struct value *v, const char *what, struct err *err)
{
    return err_set_at(err, ERR_SUITE, v->pos,
                      "'model' %s: write a name, {name: ..., options: {...}}, or a list of them", what);
}

static bool check_name(const struct value *v, struct err *err)
{
    if (v->kind != VALUE_TEXT) {
        return fail(v, "has a name that is no text", err);
    }
    return str_trim(v->text).len > 0 || fail(v, "has an empty name", err);
}

static bool check_map(const struct value *v, struct err *err)
{
    const struct value *name = value_get(v, STR("name"));
    for (uint32_t i = 0; i < v->len; i++) {
        const struct value *item = &v->items[i];
        if (!is_key(v->keys[i].text)) {
            return err_set_at(err, ERR_SUITE, v->keys[i].pos,
                              "'model' knows name, options and extra_headers, not '%.*s'", STR_ARG(v->keys[i].text));
        }
        if (!str_eq(v->keys[i].text, STR("name")) && item->kind != VALUE_MAP && item->kind != VALUE_NULL &&
            item->kind != VALUE_TEXT) { /* a text may be a template */
            return fail(item, "has options that are no map", err);
        }
    }
    return name == NULL ? fail(v, "has no name", err) : check_name(name, err);
}

static bool check_one(const struct value *v, struct err *err)
{
    if (v->kind == VALUE_MAP) {
        return check_map(v, err);
    }
    return v->kind == VALUE_TEXT ? check_name(v, err) : fail(v, "is neither a name nor a map", err);
}

bool wire_model_is_valid(const struct value *model, struct err *err)
{
    if (model->kind != VALUE_LIST) {
        return check_one(model, err);
    }
    for (uint32_t i = 0; i < model->len; i++) {
        if (!check_one(&model->items[i], err)) {
            return false;
        }
    }
    return model->len > 0 || fail(model, "is an empty list", err);
}

bool wire_model_check(struct diag *diag, const struct template *model)
{
    struct err err = ERR_NULL;
    if (model == NULL) {
        return true;
    }
    struct value written = value_resolve(diag->arena, template_source(model));
    return wire_model_is_valid(&written, &err) || diag_add_err(diag, written.pos, &err);
}
