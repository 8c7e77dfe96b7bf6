#include "data/template.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/template_node.h"

enum { PARTS_ON_STACK = 16, SUGGESTION_KEYS_MAX = 64, COLUMNS_SHOWN = 8, COLUMN_BYTES = 40, COLUMNS_BYTES = 1024 };

typedef void quote_fn(struct buf *out, struct str text);

/* One expansion: where it reads, where it writes, and how its inserts are quoted. */
struct expander {
    const struct scope *scope;
    struct arena *arena;
    quote_fn *quote; /* may be NULL */
    bool is_absent;  /* a name below output or meta was not there */
    struct err *err;
};

/* A path followed as far as it goes. */
struct lookup {
    const struct value *value; /* NULL = not there */
    const struct value *last;  /* the last value that was there, for the hint */
    struct str missing;        /* the name that was not found in it */
    struct value room;         /* holds a value that is not in the scope: of env, of a filter */
};

bool template_is_constant(const struct template *t)
{
    return t->root.kind == NODE_CONSTANT;
}

const struct value *template_source(const struct template *t)
{
    return t->source;
}

static void visit_insert(const struct template_insert *insert,
                         void (*visit)(void *ctx, const struct str *segments, size_t len), void *ctx)
{
    if (insert != NULL) {
        visit(ctx, insert->names, insert->name_len);
    }
}

static void visit_node(const struct template_node *node,
                       void (*visit)(void *ctx, const struct str *segments, size_t len), void *ctx)
{
    visit_insert(node->insert, visit, ctx);
    for (size_t i = 0; node->kind == NODE_TEXT && i < node->len; i++) {
        visit_insert(node->parts[i].insert, visit, ctx);
    }
    for (size_t i = 0; (node->kind == NODE_LIST || node->kind == NODE_MAP) && i < node->len; i++) {
        visit_node(&node->items[i], visit, ctx);
    }
}

void template_visit(const struct template *t, void (*visit)(void *ctx, const struct str *segments, size_t len),
                    void *ctx)
{
    visit_node(&t->root, visit, ctx);
}

static const struct value *get_var(const struct scope *scope, struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(scope->vars); i++) {
        const struct value *found = scope->vars[i] == NULL ? NULL : value_get(scope->vars[i], name);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

static const struct value *get_step(const struct value *from, const struct template_step *step)
{
    if (step->name.ptr != NULL) {
        return value_get(from, step->name);
    }
    return from->kind == VALUE_LIST && step->index < from->len ? &from->items[step->index] : NULL;
}

/* Where the path begins; *ret_used = the steps that this took. */
static const struct value *base_value(const struct expander *e, const struct template_insert *insert,
                                      struct lookup *lookup, size_t *ret_used)
{
    const struct scope *scope = e->scope;
    *ret_used = 0;
    switch (insert->base) {
    case BASE_ROW:
    case BASE_COLUMN:
        return scope->row;
    case BASE_VARS:
        *ret_used = 1;
        return get_var(scope, insert->steps[0].name);
    case BASE_VAR_OR_ROW: {
        const struct value *found = scope->bare_is_row ? NULL : get_var(scope, insert->steps[0].name);
        *ret_used = found != NULL ? 1 : 0;
        return found != NULL ? found : scope->row;
    }
    case BASE_ENV: {
        struct str text = STR_NULL;
        *ret_used = 1;
        if (scope->env == NULL || !scope->env(scope->env_ctx, e->arena, insert->steps[0].name, &text)) {
            return NULL;
        }
        lookup->room = value_of_text(text);
        return &lookup->room;
    }
    case BASE_OUTPUT:
        return scope->output;
    case BASE_META:
        return scope->meta;
    case BASE_ID:
        return scope->id;
    case BASE_INPUT:
        return scope->input;
    case BASE_EXPECTED:
        return scope->expected;
    case BASE_TAGS:
        return scope->tags;
    case BASE_TRIAL:
        return scope->trial;
    case BASE_VARIANT:
        return scope->variant;
    case BASE_SUITE:
        return scope->suite;
    }
    return NULL;
}

static void look_up(const struct expander *e, const struct template_insert *insert, struct lookup *lookup)
{
    size_t used = 0;
    const struct value *value = base_value(e, insert, lookup, &used);
    for (size_t i = used; value != NULL && i < insert->step_len; i++) {
        lookup->last = value;
        lookup->missing = insert->steps[i].name;
        value = get_step(value, &insert->steps[i]);
    }
    lookup->value = value;
}

static bool may_be_absent(const struct template_insert *insert)
{
    return insert->base == BASE_OUTPUT || insert->base == BASE_META;
}

/* The key of a map that is nearest to a name nobody knows; empty when none is near. */
static struct str nearest_key(const struct value *map, struct str name)
{
    struct str best = STR_NULL;
    size_t limit = name.len < 3 ? 0 : name.len < 6 ? 1 : 2;
    if (map == NULL || map->kind != VALUE_MAP || map->len > SUGGESTION_KEYS_MAX) {
        return best;
    }
    for (uint32_t i = 0; i < map->len && limit > 0; i++) {
        size_t distance = str_distance(name, map->keys[i].text, limit);
        if (distance <= limit) {
            best = map->keys[i].text;
            limit = distance == 0 ? 0 : distance - 1;
        }
    }
    return best;
}

/* The columns that there are: a file with another separator has one of a strange name. */
static void list_keys(struct buf *out, const struct value *map)
{
    for (uint32_t i = 0; i < map->len && i < COLUMNS_SHOWN; i++) {
        buf_printf(out, "%s'%.*s'", i == 0 ? "" : ", ", STR_ARG(utf8_cut(map->keys[i].text, COLUMN_BYTES)));
    }
    buf_append_cstr(out, map->len == 0 ? "no fields" : map->len > COLUMNS_SHOWN ? ", ..." : "");
}

static bool fail_undefined(struct expander *e, const struct template_insert *insert, const struct lookup *lookup)
{
    struct str near = nearest_key(lookup->last, lookup->missing);
    bool is_first_name = insert->base == BASE_VARS ? lookup->last == NULL
                                                   : insert->base == BASE_VAR_OR_ROW && lookup->last == e->scope->row;
    for (size_t i = 0; is_first_name && near.len == 0 && i < ARRAY_LEN(e->scope->vars); i++) {
        near = nearest_key(e->scope->vars[i], insert->steps[0].name);
    }
    if (near.len > 0) {
        return err_set_at(e->err, ERR_SUITE, insert->pos, "undefined: '%.*s' (did you mean '%.*s'?)",
                          STR_ARG(insert->text), STR_ARG(near));
    }
    if (e->scope->row != NULL && lookup->last == e->scope->row) {
        struct buf names CLEANUP(buf_deinit) = BUF(COLUMNS_BYTES);
        list_keys(&names, e->scope->row);
        return err_set_at(e->err, ERR_SUITE, insert->pos, "undefined: '%.*s' (the row has %.*s)", STR_ARG(insert->text),
                          STR_ARG(buf_str(&names)));
    }
    return err_set_at(e->err, ERR_SUITE, insert->pos, "undefined: '%.*s'", STR_ARG(insert->text));
}

static bool fail_limit(struct expander *e, struct src_pos pos)
{
    return err_set_at(e->err, ERR_LIMIT, pos, "a template of more than %u MiB", LIMIT_TEMPLATE_BYTES >> 20);
}

/* A value's text. Text and numbers are shared; the rest is written into the arena. Null is the caller's business. */
static bool text_of(struct expander *e, const struct value *v, struct src_pos pos, struct str *ret)
{
    if (v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER) {
        *ret = v->text;
        return true;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_TEMPLATE_BYTES);
    if (!value_append_text(&text, v) || text.overflow) {
        return fail_limit(e, pos);
    }
    *ret = arena_str(e->arena, buf_str(&text));
    return true;
}

static bool apply_json(struct expander *e, const struct template_insert *insert, struct lookup *lookup)
{
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_TEMPLATE_BYTES);
    if (lookup->value->kind == VALUE_TEXT) {
        json_append_quoted(&text, lookup->value->text);
    } else if (lookup->value->kind == VALUE_NULL) {
        buf_append_cstr(&text, "null");
    } else if (!value_append_text(&text, lookup->value)) {
        return fail_limit(e, insert->pos);
    }
    if (text.overflow) {
        return fail_limit(e, insert->pos);
    }
    lookup->room = value_of_text(arena_str(e->arena, buf_str(&text)));
    lookup->value = &lookup->room;
    return true;
}

static bool apply_trim(struct expander *e, const struct template_insert *insert, struct lookup *lookup)
{
    enum value_kind kind = lookup->value->kind;
    if (kind == VALUE_TEXT) {
        struct value trimmed = *lookup->value;
        trimmed.text = str_trim(trimmed.text);
        lookup->room = trimmed;
        lookup->value = &lookup->room;
    }
    if (kind == VALUE_LIST || kind == VALUE_MAP) {
        return err_set_at(e->err, ERR_SUITE, insert->pos, "'%.*s' is %s: 'trim' wants text", STR_ARG(insert->text),
                          value_kind_name(kind));
    }
    return true;
}

/* The value of an insert, its filters applied. True with lookup->value == NULL when it is absent, which e->is_absent then says. */
static bool evaluate(struct expander *e, const struct template_insert *insert, struct lookup *lookup)
{
    *lookup = (struct lookup){.value = NULL};
    look_up(e, insert, lookup);
    for (size_t i = 0; i < insert->filter_len; i++) {
        const struct template_filter *filter = &insert->filters[i];
        if (filter->kind == FILTER_DEFAULT) {
            bool is_wanted = lookup->value == NULL || lookup->value->kind == VALUE_NULL;
            lookup->value = is_wanted ? &filter->literal : lookup->value;
        } else if (lookup->value != NULL &&
                   !(filter->kind == FILTER_JSON ? apply_json : apply_trim)(e, insert, lookup)) {
            return false;
        }
    }
    if (lookup->value != NULL) {
        return true;
    }
    e->is_absent = may_be_absent(insert);
    return e->is_absent || fail_undefined(e, insert, lookup);
}

/* An insert as text, quoted when that is asked. Null has no text: an error, but absence in what a model said. */
static bool insert_text(struct expander *e, const struct template_insert *insert, struct str *ret)
{
    struct lookup lookup;
    if (!evaluate(e, insert, &lookup)) {
        return false;
    }
    if (e->is_absent) {
        *ret = STR_NULL;
        return true;
    }
    if (lookup.value->kind == VALUE_NULL) {
        *ret = STR_NULL;
        e->is_absent = may_be_absent(insert);
        return e->is_absent ||
               err_set_at(e->err, ERR_SUITE, insert->pos, "'%.*s' is null, which has no text", STR_ARG(insert->text));
    }
    struct str text = STR_NULL;
    if (!text_of(e, lookup.value, insert->pos, &text)) {
        return false;
    }
    *ret = text;
    if (e->quote != NULL) {
        struct buf quoted CLEANUP(buf_deinit) = BUF(LIMIT_TEMPLATE_BYTES);
        e->quote(&quoted, text);
        *ret = arena_str(e->arena, buf_str(&quoted));
        return !quoted.overflow || fail_limit(e, insert->pos);
    }
    return true;
}

/* The parts first as views, so that the whole is allocated once and copied once. */
static bool join_parts(struct expander *e, const struct template_node *node, struct str *ret)
{
    struct str few[PARTS_ON_STACK];
    struct str *texts = node->len <= PARTS_ON_STACK ? few : arena_array(e->arena, struct str, node->len);
    size_t total = 0;
    for (size_t i = 0; i < node->len; i++) {
        const struct template_part *part = &node->parts[i];
        texts[i] = part->literal;
        if (part->insert != NULL && !insert_text(e, part->insert, &texts[i])) {
            return false;
        }
        if (e->is_absent) {
            *ret = STR_NULL;
            return true;
        }
        if (texts[i].len > LIMIT_TEMPLATE_BYTES - total) {
            return fail_limit(e, node->value.pos);
        }
        total += texts[i].len;
    }
    char *joined = arena_alloc(e->arena, total + 1);
    char *at = joined;
    for (size_t i = 0; i < node->len; i++) {
        if (texts[i].len > 0) {
            memcpy(at, texts[i].ptr, texts[i].len);
            at += texts[i].len;
        }
    }
    *ret = (struct str){joined, total};
    return true;
}

static bool expand_node(struct expander *e, const struct template_node *node, struct value *ret)
{
    switch (node->kind) {
    case NODE_CONSTANT:
        *ret = node->value;
        return true;
    case NODE_INSERT: {
        struct lookup lookup;
        if (!evaluate(e, node->insert, &lookup)) {
            return false;
        }
        *ret = e->is_absent ? (struct value){.kind = VALUE_NULL} : *lookup.value;
        return true;
    }
    case NODE_TEXT: {
        struct str text = STR_NULL;
        if (!join_parts(e, node, &text)) {
            return false;
        }
        *ret = value_of_text(text);
        ret->pos = node->value.pos;
        return true;
    }
    case NODE_LIST:
    case NODE_MAP:
        break;
    }
    struct value whole = node->value;
    whole.items = arena_array(e->arena, struct value, node->len);
    for (size_t i = 0; i < node->len; i++) {
        if (!expand_node(e, &node->items[i], &whole.items[i])) {
            return false;
        }
        if (e->is_absent) {
            break;
        }
    }
    *ret = whole;
    return true;
}

bool template_expand(const struct template *t, const struct scope *scope, struct arena *arena, struct value *ret,
                     bool *ret_absent, struct err *err)
{
    if (t->root.kind == NODE_CONSTANT) { /* most options of most scorers */
        *ret = t->root.value;
        if (ret_absent != NULL) {
            *ret_absent = false;
        }
        return true;
    }
    struct expander e = {.scope = scope, .arena = arena, .err = err};
    struct value whole = {.kind = VALUE_NULL};
    if (!expand_node(&e, &t->root, &whole)) {
        return false;
    }
    *ret = e.is_absent ? (struct value){.kind = VALUE_NULL} : whole;
    if (ret_absent != NULL) {
        *ret_absent = e.is_absent;
    }
    return true;
}

bool template_expand_text(const struct template *t, const struct scope *scope, struct arena *arena,
                          void (*quote)(struct buf *out, struct str text), struct str *ret, bool *ret_absent,
                          struct err *err)
{
    struct expander e = {.scope = scope, .arena = arena, .quote = quote, .err = err};
    struct str text = STR_NULL;
    bool ok;
    if (t->root.kind == NODE_INSERT) {
        ok = insert_text(&e, t->root.insert, &text);
    } else if (t->root.kind == NODE_TEXT) {
        ok = join_parts(&e, &t->root, &text);
    } else {
        struct value whole = {.kind = VALUE_NULL};
        ok = expand_node(&e, &t->root, &whole);
        if (ok && !e.is_absent) {
            ok = whole.kind != VALUE_NULL ? text_of(&e, &whole, t->source->pos, &text)
                                          : err_set_at(err, ERR_SUITE, t->source->pos, "null has no text");
        }
    }
    if (!ok) {
        return false;
    }
    *ret = text;
    if (ret_absent != NULL) {
        *ret_absent = e.is_absent;
    }
    return true;
}
