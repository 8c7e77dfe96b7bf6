#include "data/field.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/limits.h"
#include "base/num.h"
#include "base/utf8.h"
#include "data/field_words.h"

enum { SHOWN_BYTES = 60, WANTED_BYTES = 2048 };

/* One key being decoded: what every message needs. */
struct decoder {
    struct field_context *ctx;
    const struct field *field;
    const struct value *node;
    const char *what;
};

static bool is_nothing(const struct value *node)
{
    return node->kind == VALUE_NULL || (node->kind == VALUE_TEXT && node->is_plain && node->text.len == 0);
}

static bool is_scalar(const struct value *node)
{
    return !is_nothing(node) && node->kind != VALUE_LIST && node->kind != VALUE_MAP;
}

/* A scalar as it was written, whatever reader gave it a type. */
static struct str scalar_text(const struct value *node)
{
    if (node->kind == VALUE_BOOL) {
        return str_from(node->boolean ? "true" : "false");
    }
    return node->text;
}

static bool is_quoted(const struct value *node)
{
    return node->kind == VALUE_TEXT && !node->is_plain;
}

/* Underlines a scalar, its quotes included. */
static void underline(struct diag *diag, const struct value *node)
{
    if (node->is_verbatim && node->text.len < LIMIT_ID_BYTES) {
        (void)diag_span(diag, (uint32_t)(utf8_count(node->text) + (is_quoted(node) ? 2 : 0)));
    }
}

/* "suite: 'timeout' wants a duration ..., not '60'" */
static bool fault_wanted(const struct decoder *d, const struct value *node)
{
    struct buf wanted CLEANUP(buf_deinit) = BUF(WANTED_BYTES);
    field_append_wanted(&wanted, d->field);
    if (is_scalar(node)) {
        struct str shown = utf8_cut(scalar_text(node), SHOWN_BYTES);
        (void)diag_add(d->ctx->diag, node->pos, "%s: '%s' wants %.*s, not '%.*s'", d->what, d->field->key,
                       STR_ARG(buf_str(&wanted)), STR_ARG(shown));
    } else {
        (void)diag_add(d->ctx->diag, node->pos, "%s: '%s' wants %.*s, not %s", d->what, d->field->key,
                       STR_ARG(buf_str(&wanted)), is_nothing(node) ? "nothing" : value_kind_name(node->kind));
    }
    underline(d->ctx->diag, node);
    return false;
}

/* A number or a truth in quotes is text; what stands between them may well be right. */
static bool fault_quoted(const struct decoder *d)
{
    (void)fault_wanted(d, d->node);
    return diag_hint(d->ctx->diag, "write it without quotes: %.*s", STR_ARG(utf8_cut(d->node->text, SHOWN_BYTES)));
}

static bool decode_bool(const struct decoder *d, bool *target)
{
    static const struct {
        const char *text;
        bool value;
    } FOREIGN[] = {{"yes", true},  {"Yes", true},  {"YES", true},  {"on", true},     {"On", true},     {"ON", true},
                   {"True", true}, {"TRUE", true}, {"1", true},    {"no", false},    {"No", false},    {"NO", false},
                   {"off", false}, {"Off", false}, {"OFF", false}, {"False", false}, {"FALSE", false}, {"0", false}};
    struct str text = scalar_text(d->node);
    if (!is_scalar(d->node)) {
        return fault_wanted(d, d->node);
    }
    bool is_true = str_eq(text, STR("true"));
    if (is_true || str_eq(text, STR("false"))) {
        *target = is_true;
        return !is_quoted(d->node) || fault_quoted(d);
    }
    (void)fault_wanted(d, d->node);
    for (size_t i = 0; i < ARRAY_LEN(FOREIGN); i++) {
        if (str_eq_cstr(text, FOREIGN[i].text)) {
            return diag_hint(d->ctx->diag, "write %s", FOREIGN[i].value ? "true" : "false");
        }
    }
    return false;
}

static bool is_in_range(const struct field *field, double value)
{
    return field->min >= field->max || (value >= field->min && value <= field->max);
}

/* "1,000" and "1_000" without their separators; empty when that is no number either. */
static struct str without_separators(struct arena *arena, struct str text)
{
    struct str digits = arena_str(arena, text);
    char *to = arena_cstr(arena, text);
    size_t len = 0;
    uint64_t value;
    for (size_t i = 0; to != NULL && i < digits.len; i++) {
        if (digits.ptr[i] != ',' && digits.ptr[i] != '_') {
            to[len++] = digits.ptr[i];
        }
    }
    struct str plain = {to, len};
    return len < digits.len && num_parse_u64(plain, &value) ? plain : STR_NULL;
}

static bool decode_count(const struct decoder *d, uint64_t *target)
{
    struct str text = scalar_text(d->node);
    uint64_t count = 0;
    if (is_scalar(d->node) && num_parse_u64(text, &count)) {
        if (is_quoted(d->node)) {
            return fault_quoted(d);
        }
        if (text.len > 1 && text.ptr[0] == '0') { /* YAML 1.1 reads 012 as ten: nobody should have to know */
            (void)fault_wanted(d, d->node);
            return diag_hint(d->ctx->diag, "write it without the leading zero: %llu", (unsigned long long)count);
        }
        *target = count;
        return is_in_range(d->field, (double)count) || fault_wanted(d, d->node);
    }
    (void)fault_wanted(d, d->node);
    if (!is_scalar(d->node)) {
        return false;
    }
    struct str plain = without_separators(d->ctx->arena, text);
    return plain.len > 0 ? diag_hint(d->ctx->diag, "write %.*s", STR_ARG(plain)) : false;
}

static bool decode_number(const struct decoder *d, struct field_number *target)
{
    struct str text = scalar_text(d->node);
    double value = 0;
    enum num_fault fault = is_scalar(d->node) ? num_parse_json(text, &value) : NUM_SYNTAX;
    if (fault == NUM_OK || fault == NUM_UNDERFLOW) {
        if (is_quoted(d->node)) {
            return fault_quoted(d);
        }
        *target = (struct field_number){.value = value, .is_set = true};
        return is_in_range(d->field, value) || fault_wanted(d, d->node);
    }
    (void)fault_wanted(d, d->node);
    if (fault == NUM_OVERFLOW) {
        return diag_hint(d->ctx->diag, "it is too large for a number");
    }
    struct str percent = {text.ptr, text.len == 0 ? 0 : text.len - 1};
    if (is_scalar(d->node) && str_ends(text, STR("%")) && num_parse_json(percent, &value) == NUM_OK) {
        char room[32];
        return diag_hint(d->ctx->diag, "write %.*s", STR_ARG(num_text_short(value / 100, 6, room)));
    }
    return is_scalar(d->node) && str_starts(text, STR(".")) ? diag_hint(d->ctx->diag, "write 0%.*s", STR_ARG(text))
                                                            : false;
}

/* The values of field_parse.c: their sentence begins with "wants". */
static bool fault_parsed(const struct decoder *d, const struct err *err)
{
    (void)diag_add(d->ctx->diag, d->node->pos, "%s: '%s' %s", d->what, d->field->key, err->text);
    underline(d->ctx->diag, d->node);
    return false;
}

/* What people write for a duration elsewhere: "60", "60 s", "60sec", "5 minutes", "1d". */
static bool hint_duration(const struct decoder *d, struct str text)
{
    static const struct {
        const char *foreign, *ours;
    } UNITS[] = {{"", "s"},     {"sec", "s"},    {"secs", "s"},    {"second", "s"}, {"seconds", "s"}, {"min", "m"},
                 {"mins", "m"}, {"minute", "m"}, {"minutes", "m"}, {"hr", "h"},     {"hour", "h"},    {"hours", "h"},
                 {"S", "s"},    {"M", "m"},      {"H", "h"},       {"MS", "ms"},    {"msec", "ms"},   {"millis", "ms"},
                 {"ms", "ms"},  {"s", "s"},      {"m", "m"},       {"h", "h"}};
    size_t end = 0;
    while (end < text.len && ((text.ptr[end] >= '0' && text.ptr[end] <= '9') || text.ptr[end] == '.')) {
        end++;
    }
    struct str number = str_slice(text, 0, end);
    struct str unit = str_trim(str_slice(text, end, text.len));
    double value = 0;
    if (num_parse_json(number, &value) != NUM_OK) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_LEN(UNITS); i++) {
        if (str_eq_cstr(unit, UNITS[i].foreign)) {
            if (end + unit.len == text.len && str_eq_cstr(unit, UNITS[i].ours)) {
                return false; /* well written, and too much */
            }
            return diag_hint(d->ctx->diag, "%swrite %.*s%s", unit.len == 0 ? "a duration needs a unit: " : "",
                             STR_ARG(number), UNITS[i].ours);
        }
    }
    if (str_eq(unit, STR("d")) || str_eq(unit, STR("days"))) {
        char room[32];
        return diag_hint(d->ctx->diag, "write %.*sh", STR_ARG(num_text_short(value * 24, 3, room)));
    }
    return unit.len > 0 && unit.ptr[0] < 0x7f ? diag_hint(d->ctx->diag, "one number and one unit, such as 90s") : false;
}

static bool decode_duration(const struct decoder *d, int64_t *target)
{
    struct err err = ERR_NULL;
    if (!is_scalar(d->node)) {
        return fault_wanted(d, d->node);
    }
    struct str text = scalar_text(d->node);
    int64_t ns = 0;
    if (!field_parse_duration(text, &ns, &err)) {
        (void)fault_parsed(d, &err);
        return hint_duration(d, text);
    }
    if (ns == 0) { /* 0 is how the decoded struct says "not given" */
        (void)diag_add(d->ctx->diag, d->node->pos, "%s: '%s' wants a duration above zero", d->what, d->field->key);
        underline(d->ctx->diag, d->node);
        return diag_hint(d->ctx->diag, "leave the key out for the default");
    }
    *target = ns;
    return true;
}

static bool decode_rate(const struct decoder *d, double *target)
{
    struct err err = ERR_NULL;
    if (!is_scalar(d->node)) {
        return fault_wanted(d, d->node);
    }
    struct str text = scalar_text(d->node);
    uint64_t count = 0;
    if (field_parse_rate(text, target, &err)) {
        return true;
    }
    (void)fault_parsed(d, &err);
    return num_parse_u64(text, &count) && count > 0
               ? diag_hint(d->ctx->diag, "a rate needs a unit: write %.*s/s", STR_ARG(text))
               : false;
}

static bool decode_share(const struct decoder *d, struct field_share *target)
{
    struct err err = ERR_NULL;
    if (!is_scalar(d->node)) {
        return fault_wanted(d, d->node);
    }
    struct str text = scalar_text(d->node);
    double value = 0;
    if (field_parse_share(text, target, &err)) {
        return true;
    }
    (void)fault_parsed(d, &err);
    if (num_parse_json(text, &value) == NUM_OK && value > 0 && value < 1) {
        char room[32];
        return diag_hint(d->ctx->diag, "write %.*s%%", STR_ARG(num_text_short(value * 100, 6, room)));
    }
    return false;
}

/* Templates are read only where the table says so; taken as plain text they would pass in silence. */
static bool fault_template(const struct decoder *d, const struct value *node)
{
    (void)diag_add(d->ctx->diag, node->pos, "%s: '%s' takes no template", d->what, d->field->key);
    underline(d->ctx->diag, node);
    return diag_hint(d->ctx->diag, "write the value itself; help and schema show which keys take templates");
}

static bool has_template(const struct value *node)
{
    if (node->kind == VALUE_TEXT) {
        return str_find(node->text, STR("{{"), NULL);
    }
    return false;
}

static bool decode_text(const struct decoder *d, const struct value *node, struct str *target)
{
    if (!is_scalar(node)) {
        return fault_wanted(d, node);
    }
    if (has_template(node)) {
        return fault_template(d, node);
    }
    *target = scalar_text(node);
    return true;
}

static bool decode_name(const struct decoder *d, struct str *target)
{
    struct str name = STR_NULL;
    if (!decode_text(d, d->node, &name)) {
        return false;
    }
    if (name.len == 0) {
        return diag_add(d->ctx->diag, d->node->pos, "%s: '%s' wants a name, not an empty text", d->what, d->field->key);
    }
    if (str_has_control(name)) {
        return diag_add(d->ctx->diag, d->node->pos, "%s: '%s' holds a control character or a line end", d->what,
                        d->field->key);
    }
    if (name.len > LIMIT_ID_BYTES) {
        return diag_add(d->ctx->diag, d->node->pos, "%s: '%s' is longer than %u bytes", d->what, d->field->key,
                        LIMIT_ID_BYTES);
    }
    *target = name;
    return true;
}

static bool decode_texts(const struct decoder *d, struct field_texts *target)
{
    const struct value *node = d->node;
    const struct value *items = node;
    size_t len = 1;
    if (node->kind == VALUE_LIST) {
        items = node->items;
        len = node->len;
    }
    bool ok = true;
    struct field_texts texts = {.len = len, .pos = node->pos, .is_set = true};
    texts.items = arena_array(d->ctx->arena, struct str, len);
    for (size_t i = 0; i < len; i++) {
        ok = decode_text(d, &items[i], &texts.items[i]) && ok;
    }
    if (ok) {
        *target = texts;
    }
    return ok;
}

static bool decode_word(const struct decoder *d, int *target)
{
    struct str text = scalar_text(d->node);
    for (int i = 0; is_scalar(d->node) && d->field->words[i] != NULL; i++) {
        if (str_eq_cstr(text, d->field->words[i])) {
            *target = i;
            return true;
        }
    }
    (void)fault_wanted(d, d->node);
    const char *near = is_scalar(d->node) ? str_nearest(text, d->field->words) : NULL;
    return near != NULL ? diag_hint(d->ctx->diag, "did you mean '%s'?", near) : false;
}

static bool refuse_templates(const struct decoder *d, const struct value *node)
{
    bool ok = !has_template(node) || fault_template(d, node);
    for (uint32_t i = 0; (node->kind == VALUE_LIST || node->kind == VALUE_MAP) && i < node->len; i++) {
        ok = refuse_templates(d, &node->items[i]) && ok;
    }
    return ok;
}

static bool decode_any(const struct decoder *d, const struct value **target)
{
    if (!refuse_templates(d, d->node)) {
        return false;
    }
    struct value *value = arena_new(d->ctx->arena, struct value);
    *value = value_resolve(d->ctx->arena, d->node);
    *target = value;
    return true;
}

static bool decode_template(const struct decoder *d, struct template **target)
{
    struct template_rules rules = {.roots = d->field->template_roots, .secrets_allowed = d->field->template_secrets};
    return template_compile(d->ctx->arena, d->node, rules, true, target, d->ctx->diag);
}

static const char *what_below(const struct decoder *d)
{
    return arena_printf(d->ctx->arena, "%s: %s", d->what, d->field->key).ptr;
}

static bool has_short_form(const struct field *rows)
{
    for (; rows->key != NULL; rows++) {
        if (rows->is_short_form) {
            return true;
        }
    }
    return false;
}

static bool decode_map(const struct decoder *d, void *target)
{
    bool is_map = d->node->kind == VALUE_MAP || is_nothing(d->node) || has_short_form(d->field->rows);
    return is_map ? field_decode(d->ctx, d->field->rows, d->node, what_below(d), target) : fault_wanted(d, d->node);
}

static bool decode_maps(const struct decoder *d, struct field_list *target)
{
    const struct value *items = d->node;
    size_t len = 1;
    if (d->node->kind == VALUE_LIST) {
        items = d->node->items;
        len = d->node->len;
    } else if (is_nothing(d->node) || (is_scalar(d->node) && !has_short_form(d->field->rows))) {
        return fault_wanted(d, d->node);
    }
    bool ok = true;
    const char *what = what_below(d);
    struct field_list list = {.items = arena_alloc_array(d->ctx->arena, d->field->item_size, len), .len = len};
    for (size_t i = 0; i < len; i++) {
        ok = field_decode(d->ctx, d->field->rows, &items[i], what, (char *)list.items + i * d->field->item_size) && ok;
    }
    *target = list;
    return ok;
}

static bool decode_value(const struct decoder *d, void *target)
{
    switch (d->field->type) {
    case FIELD_BOOL:
        return decode_bool(d, target);
    case FIELD_COUNT:
        return decode_count(d, target);
    case FIELD_NUMBER:
        return decode_number(d, target);
    case FIELD_SHARE:
        return decode_share(d, target);
    case FIELD_TEXT:
        return decode_text(d, d->node, target);
    case FIELD_NAME:
        return decode_name(d, target);
    case FIELD_DURATION:
        return decode_duration(d, target);
    case FIELD_RATE:
        return decode_rate(d, target);
    case FIELD_WORD:
        return decode_word(d, target);
    case FIELD_VALUE:
        return decode_any(d, target);
    case FIELD_TEMPLATE:
        return decode_template(d, target);
    case FIELD_TEXT_LIST:
        return decode_texts(d, target);
    case FIELD_MAP:
        return decode_map(d, target);
    case FIELD_MAPS:
        return decode_maps(d, target);
    case FIELD_CUSTOM:
        break;
    }
    return d->field->parse(d->ctx, d->field, d->node, target);
}

static bool decode_field(struct field_context *ctx, const struct field *field, const struct value *node,
                         const char *what, void *out)
{
    struct decoder d = {.ctx = ctx, .field = field, .node = node, .what = what};
    if (field->has_set) {
        *(bool *)((char *)out + field->set_offset) = true;
    }
    return decode_value(&d, (char *)out + field->offset);
}

static bool fault_unknown(struct field_context *ctx, const struct field *rows, const struct value *key,
                          const char *what)
{
    (void)diag_add(ctx->diag, key->pos, "%s: unknown key '%.*s'", what, STR_ARG(utf8_cut(key->text, SHOWN_BYTES)));
    underline(ctx->diag, key);
    return diag_hint_nearest(ctx->diag, key->text, field_keys(ctx->arena, rows));
}

static bool decode_keys(struct field_context *ctx, const struct field *rows, const struct value *node, const char *what,
                        bool *seen, void *out)
{
    bool ok = true;
    for (uint32_t i = 0; i < node->len; i++) {
        const struct field *field = field_find(rows, node->keys[i].text);
        if (field == NULL) {
            ok = fault_unknown(ctx, rows, &node->keys[i], what);
            continue;
        }
        seen[field - rows] = true;
        ok = decode_field(ctx, field, &node->items[i], what, out) && ok;
    }
    return ok;
}

static bool decode_short_form(struct field_context *ctx, const struct field *rows, const struct value *node,
                              const char *what, bool *seen, void *out)
{
    for (const struct field *field = rows; field->key != NULL; field++) {
        if (field->is_short_form) {
            seen[field - rows] = true;
            return decode_field(ctx, field, node, what, out);
        }
    }
    (void)diag_add(ctx->diag, node->pos, "%s: wants a map of keys, not %s", what, value_kind_name(node->kind));
    return diag_hint(ctx->diag, "write it as 'key: value', indented below");
}

bool field_decode(struct field_context *ctx, const struct field *rows, const struct value *node, const char *what,
                  void *out)
{
    static const struct value NOTHING = {.kind = VALUE_NULL};
    size_t len = 0;
    while (rows[len].key != NULL) {
        len++;
    }
    bool *seen = arena_array(ctx->arena, bool, len + 1);
    bool ok = true;
    node = node == NULL ? &NOTHING : node;
    if (node->kind == VALUE_MAP) {
        ok = decode_keys(ctx, rows, node, what, seen, out);
    } else if (!is_nothing(node) && !decode_short_form(ctx, rows, node, what, seen, out)) {
        return false; /* what is missing beside it would be noise */
    }
    for (size_t i = 0; i < len; i++) {
        if (rows[i].is_required && !seen[i]) {
            (void)diag_add(ctx->diag, node->pos, "%s: the key '%s' is missing", what, rows[i].key);
            ok = diag_hint(ctx->diag, "%s: %s", rows[i].key, rows[i].help);
        }
    }
    return ok;
}

const struct field *field_find(const struct field *rows, struct str key)
{
    for (; rows->key != NULL; rows++) {
        if (str_eq_cstr(key, rows->key)) {
            return rows;
        }
    }
    return NULL;
}

const char *const *field_keys(struct arena *arena, const struct field *rows)
{
    size_t len = 0;
    while (rows[len].key != NULL) {
        len++;
    }
    const char **keys = arena_array(arena, const char *, len + 1);
    for (size_t i = 0; i < len; i++) {
        keys[i] = rows[i].key;
    }
    return keys;
}
