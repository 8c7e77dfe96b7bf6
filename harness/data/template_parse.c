#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/num.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "data/json.h"
#include "data/template_node.h"

enum { ALLOWED_BYTES = 256 };

struct compiler {
    struct arena *arena;
    struct template_rules rules;
    bool resolve;
    struct diag *diag;
};

/* One scalar being read; `open` is where the current `{{` stands, which is where its faults are shown. */
struct scanner {
    struct compiler *c;
    const struct value *node;
    struct str text;
    size_t at, open;
};

static const struct {
    const char *name;
    unsigned root;
    enum template_base base;
} FIXED_NAMES[] = {
    {"row", ROOT_ROW | ROOT_BARE_IS_ROW, BASE_ROW},
    {"vars", ROOT_VARS, BASE_VARS},
    {"env", ROOT_ENV, BASE_ENV},
    {"output", ROOT_OUTPUT, BASE_OUTPUT},
    {"meta", ROOT_OUTPUT, BASE_META},
    {"id", ROOT_CASE, BASE_ID},
    {"input", ROOT_CASE, BASE_INPUT},
    {"expected", ROOT_CASE, BASE_EXPECTED},
    {"tags", ROOT_CASE, BASE_TAGS},
    {"trial", ROOT_CASE, BASE_TRIAL},
    {"variant", ROOT_CASE, BASE_VARIANT},
    {"suite", ROOT_CASE, BASE_SUITE},
};

/* The place of a byte of a scalar: counted where the file holds the text as it is, else the scalar's own. */
static struct src_pos place_of(const struct value *node, size_t at)
{
    struct src_pos pos = node->pos;
    if (node->is_verbatim) {
        pos.col += (uint32_t)utf8_count(str_slice(node->text, 0, at)) + (node->is_plain ? 0 : 1);
    }
    return pos;
}

/* How much to underline: up to the end of the template. */
static void underline(struct scanner *s)
{
    size_t length = 0;
    struct str rest = str_slice(s->text, s->open, s->text.len);
    if (s->node->is_verbatim && str_find(rest, STR("}}"), &length)) {
        (void)diag_span(s->c->diag, (uint32_t)utf8_count(str_slice(rest, 0, length + 2)));
    }
}

PRINTF_LIKE(2, 3) static bool fault(struct scanner *s, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    (void)diag_add(s->c->diag, place_of(s->node, s->open), "%s", text);
    underline(s);
    return false;
}

static char peek(const struct scanner *s)
{
    return s->at < s->text.len ? s->text.ptr[s->at] : '\0';
}

static bool peek_is(const struct scanner *s, const char *text)
{
    return str_starts(str_slice(s->text, s->at, s->text.len), str_from(text));
}

static void skip_blanks(struct scanner *s)
{
    while (s->at < s->text.len && strchr(" \t\r\n", s->text.ptr[s->at]) != NULL && s->text.ptr[s->at] != '\0') {
        s->at++;
    }
}

static bool char_is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static struct str read_name(struct scanner *s)
{
    size_t start = s->at;
    while (s->at < s->text.len && char_is_name(s->text.ptr[s->at])) {
        s->at++;
    }
    return str_slice(s->text, start, s->at);
}

/* `"any text"`, with JSON's escapes. */
static bool read_quoted(struct scanner *s, struct str *ret)
{
    size_t start = s->at;
    s->at++;
    while (s->at < s->text.len && s->text.ptr[s->at] != '"') {
        s->at += s->text.ptr[s->at] == '\\' ? 2 : 1;
    }
    if (s->at >= s->text.len) {
        return fault(s, "a '\"' without its end");
    }
    s->at++;
    struct value text;
    struct err err = ERR_NULL;
    if (!json_read(s->c->arena, str_slice(s->text, start, s->at), JSON_OURS, place_of(s->node, start), &text, NULL,
                   &err)) {
        return fault(s, "%s", err.text);
    }
    *ret = text.text;
    return true;
}

static bool fault_no_name(struct scanner *s)
{
    if (peek_is(s, "}}")) {
        (void)fault(s, "an empty template");
        return diag_hint(s->c->diag, "name a value: {{question}}");
    }
    if (peek(s) == '{') {
        (void)fault(s, "three braces");
        return diag_hint(
            s->c->diag,
            "a template has two: {{question}}; for a brace before it write {{ \"{{\" }} or a blank between");
    }
    if (peek(s) == '"') {
        (void)fault(s, "only {{ \"{{\" }}, for two braces, may stand quoted in a template");
        return false;
    }
    if (peek(s) != '\0' && strchr("#/%^!>&=", peek(s)) != NULL) {
        (void)fault(s, "templates have no conditions, loops or comments");
        return diag_hint(s->c->diag, "prepare the value in the data, in vars, or in your program");
    }
    if ((unsigned char)peek(s) >= 0x80) {
        (void)fault(s, "a name has letters a-z, digits, '_' and '-'");
        return diag_hint(s->c->diag, "write row[\"any text\"]");
    }
    (void)fault(s, "a template begins with a name");
    return diag_hint(s->c->diag, "name a value: {{question}}; for two braces write {{ \"{{\" }}");
}

static bool read_index(struct scanner *s, struct template_step *ret)
{
    size_t start = s->at;
    while (s->at < s->text.len && s->text.ptr[s->at] != ']' && s->text.ptr[s->at] != '}') {
        s->at++;
    }
    struct str digits = str_slice(s->text, start, s->at);
    if (num_parse_size(digits, &ret->index)) {
        return true;
    }
    (void)fault(s, "'[%.*s]' is no index", STR_ARG(digits));
    if (digits.len > 0 && digits.ptr[0] == '\'') {
        return diag_hint(s->c->diag, "write [\"%.*s\"]", STR_ARG(str_slice(digits, 1, digits.len - 1)));
    }
    return diag_hint(s->c->diag, "an index counts from 0: [0]; a name stands in double quotes: [\"any text\"]");
}

/* ".name", "[0]" or '["any text"]' */
static bool read_step(struct scanner *s, struct template_step *ret)
{
    bool is_bracket = peek(s) == '[';
    s->at++;
    *ret = (struct template_step){0};
    if (!is_bracket) {
        ret->name = read_name(s);
        if (ret->name.len == 0) {
            (void)fault(s, "a name is missing after '.'");
            return diag_hint(s->c->diag, "a name has letters, digits, '_' and '-'; any other stands as [\"any text\"]");
        }
        return true;
    }
    if (peek(s) == '"') {
        if (!read_quoted(s, &ret->name)) {
            return false;
        }
        if (ret->name.ptr == NULL) {
            ret->name.ptr = ""; /* NULL says: an index */
        }
    } else if (!read_index(s, ret)) {
        return false;
    }
    if (peek(s) != ']') {
        return fault(s, "a '[' without its ']'");
    }
    s->at++;
    return true;
}

static void append_allowed(struct buf *out, unsigned roots)
{
    static const struct {
        unsigned root;
        const char *text;
    } TEXTS[] = {
        {ROOT_BARE_IS_ROW, "names of columns"},
        {ROOT_ROW | ROOT_BARE_IS_ROW, "row.*"},
        {ROOT_VARS, "vars.*"},
        {ROOT_CASE, "id input expected tags trial variant suite"},
        {ROOT_ENV, "env.*"},
        {ROOT_OUTPUT, "output meta.*"},
    };
    for (size_t i = 0; i < ARRAY_LEN(TEXTS); i++) {
        if ((roots & TEXTS[i].root) != 0) {
            buf_append_cstr(out, out->len == 0 ? "" : ", ");
            buf_append_cstr(out, TEXTS[i].text);
        }
    }
}

static bool fault_not_allowed(struct scanner *s, struct str name)
{
    struct buf allowed CLEANUP(buf_deinit) = BUF(ALLOWED_BYTES);
    append_allowed(&allowed, s->c->rules.roots);
    if (allowed.len == 0) {
        (void)fault(s, "templates are not read here");
        return diag_hint(s->c->diag, "write the value itself; two braces are written {{ \"{{\" }}");
    }
    (void)fault(s, "'%.*s' has no meaning here", STR_ARG(name));
    return diag_hint(s->c->diag, "allowed here: %.*s", STR_ARG(buf_str(&allowed)));
}

/* What the first name of a path stands for. The fixed names win; only where a bare name is a column (dataset) and the case's names have no
 * meaning yet, a column may be called `id` or `input`. */
static bool choose_base(struct scanner *s, struct str name, enum template_base *ret)
{
    unsigned roots = s->c->rules.roots;
    bool bare_is_row = (roots & ROOT_BARE_IS_ROW) != 0;
    for (size_t i = 0; i < ARRAY_LEN(FIXED_NAMES); i++) {
        if (!str_eq_cstr(name, FIXED_NAMES[i].name)) {
            continue;
        }
        if ((roots & FIXED_NAMES[i].root) != 0) {
            *ret = FIXED_NAMES[i].base;
            return true;
        }
        if (bare_is_row && FIXED_NAMES[i].base != BASE_VARS && FIXED_NAMES[i].base != BASE_ENV) {
            *ret = BASE_COLUMN;
            return true;
        }
        return fault_not_allowed(s, name);
    }
    if (bare_is_row || (roots & (ROOT_ROW | ROOT_VARS)) == ROOT_ROW) {
        *ret = BASE_COLUMN;
        return true;
    }
    if ((roots & ROOT_VARS) != 0) {
        *ret = BASE_VAR_OR_ROW;
        return true;
    }
    return fault_not_allowed(s, name);
}

static bool char_eq_ignoring_case(char a, char b)
{
    return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b;
}

static bool name_looks_secret(struct str name)
{
    static const char *const MARKS[] = {"KEY", "TOKEN", "SECRET", "PASSW"};
    for (size_t i = 0; i < ARRAY_LEN(MARKS); i++) {
        size_t length = strlen(MARKS[i]);
        for (size_t at = 0; at + length <= name.len; at++) {
            size_t same = 0;
            while (same < length && char_eq_ignoring_case(name.ptr[at + same], MARKS[i][same])) {
                same++;
            }
            if (same == length) {
                return true;
            }
        }
    }
    return false;
}

static bool check_env(struct scanner *s, const struct template_insert *insert)
{
    if (insert->step_len != 1 || insert->steps[0].name.ptr == NULL) {
        (void)fault(s, "'env' needs the name of one variable");
        return diag_hint(s->c->diag, "write {{env.NAME}}");
    }
    struct str name = insert->steps[0].name;
    if (str_eq(name, STR("OPPER_API_KEY"))) {
        (void)fault(s, "OPPER_API_KEY is never inserted");
        return diag_hint(s->c->diag, "a program that needs it gets it by `pass_env: [OPPER_API_KEY]`");
    }
    if (!s->c->rules.secrets_allowed && name_looks_secret(name)) {
        (void)fault(s, "'env.%.*s' looks like a secret, which would be recorded here", STR_ARG(name));
        return diag_hint(s->c->diag, "names with KEY, TOKEN, SECRET or PASSW stand only in a command's `env:`");
    }
    return true;
}

static bool check_path(struct scanner *s, const struct template_insert *insert)
{
    if (insert->base == BASE_ENV) {
        return check_env(s, insert);
    }
    if (insert->base == BASE_VARS && (insert->step_len == 0 || insert->steps[0].name.ptr == NULL)) {
        (void)fault(s, "'vars' needs the name of a variable");
        return diag_hint(s->c->diag, "write {{vars.NAME}}");
    }
    return true;
}

static bool read_path(struct scanner *s, struct template_insert *ret)
{
    VEC(struct template_step) steps = {0};
    VEC(struct str) names = {0};
    size_t start = s->at;
    struct str root = read_name(s);
    if (root.len == 0) {
        return fault_no_name(s);
    }
    if (!choose_base(s, root, &ret->base)) {
        return false;
    }
    *vec_push(s->c->arena, &names) = root;
    if (ret->base == BASE_COLUMN || ret->base == BASE_VAR_OR_ROW) {
        *vec_push(s->c->arena, &steps) = (struct template_step){.name = root};
    }
    while (peek(s) == '.' || peek(s) == '[') {
        size_t from = s->at;
        struct template_step step;
        if (!read_step(s, &step)) {
            return false;
        }
        *vec_push(s->c->arena, &steps) = step;
        *vec_push(s->c->arena, &names) = step.name.ptr != NULL ? step.name : str_slice(s->text, from + 1, s->at - 1);
    }
    ret->text = str_slice(s->text, start, s->at);
    ret->steps = steps.items;
    ret->step_len = steps.len;
    ret->names = names.items;
    ret->name_len = names.len;
    return check_path(s, ret);
}

/* The text between the brackets of `default(...)`: up to the bracket that is not inside quotes. */
static bool read_argument(struct scanner *s, struct str *ret)
{
    size_t start = s->at;
    char quote = '\0';
    for (; s->at < s->text.len; s->at++) {
        char c = s->text.ptr[s->at];
        if (quote != '\0') {
            if (c == '\\' && quote == '"') {
                s->at++;
            } else if (c == quote) {
                quote = '\0';
            }
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == ')') {
            *ret = str_trim(str_slice(s->text, start, s->at));
            s->at++;
            return true;
        }
    }
    return fault(s, "'default(' without its ')'");
}

static bool read_default(struct scanner *s, struct value *ret)
{
    skip_blanks(s);
    if (peek(s) != '(') {
        (void)fault(s, "'default' wants a value in brackets");
        return diag_hint(s->c->diag, "write default(\"none\"), default(0) or default(null)");
    }
    s->at++;
    size_t at = s->at;
    struct str argument = STR_NULL;
    if (!read_argument(s, &argument)) {
        return false;
    }
    /* YAML's double quotes leave only single ones for a text in here */
    if (argument.len >= 2 && argument.ptr[0] == '\'' && argument.ptr[argument.len - 1] == '\'') {
        *ret = value_of_text(str_slice(argument, 1, argument.len - 1));
        ret->pos = place_of(s->node, at);
        return true;
    }
    struct err err = ERR_NULL;
    if (!json_read(s->c->arena, argument, JSON_OURS, place_of(s->node, at), ret, NULL, &err)) {
        (void)fault(s, "'default(%.*s)' wants a JSON value", STR_ARG(argument));
        return diag_hint(s->c->diag, "a text stands in quotes: default(\"none\")");
    }
    return true;
}

static bool read_filter(struct scanner *s, struct template_filter *ret)
{
    static const char *const NAMES[] = {
        [FILTER_DEFAULT] = "default", [FILTER_JSON] = "json", [FILTER_TRIM] = "trim", NULL};
    skip_blanks(s);
    struct str name = read_name(s);
    *ret = (struct template_filter){0};
    for (size_t i = 0; NAMES[i] != NULL; i++) {
        if (str_eq_cstr(name, NAMES[i])) {
            ret->kind = (enum template_filter_kind)i;
            return ret->kind != FILTER_DEFAULT || read_default(s, &ret->literal);
        }
    }
    (void)fault(s, "unknown filter '%.*s'", STR_ARG(name));
    const char *near = str_nearest(name, NAMES);
    return near != NULL ? diag_hint(s->c->diag, "did you mean '%s'?", near)
                        : diag_hint(s->c->diag, "one of default(...), json, trim");
}

static bool fault_no_end(struct scanner *s)
{
    if (s->at >= s->text.len) {
        (void)fault(s, "'{{' without its '}}'");
        return diag_hint(s->c->diag, "two braces are written {{ \"{{\" }}");
    }
    size_t at = s->at;
    struct str rest = str_slice(s->text, at, s->text.len);
    size_t end = rest.len;
    (void)str_find(rest, STR("}}"), &end);
    (void)fault(s, "expected '|' or '}}' before '%.*s'", STR_ARG(str_trim(str_slice(rest, 0, end))));
    if (char_is_name(peek(s)) || (unsigned char)peek(s) >= 0x80) {
        return diag_hint(s->c->diag, "a name with other characters is written row[\"any text\"]");
    }
    return diag_hint(s->c->diag, "a template is a path and filters: no arithmetic, no calls");
}

/* From behind `{{` to behind `}}`. *ret_insert stays NULL for the escape, whose text is then in *ret_literal. */
static bool read_insert(struct scanner *s, const struct template_insert **ret_insert, struct str *ret_literal)
{
    struct arena *arena = s->c->arena;
    VEC(struct template_filter) filters = {0};
    skip_blanks(s);
    *ret_insert = NULL;
    if (peek_is(s, "\"{{\"")) {
        s->at += 4;
        *ret_literal = STR("{{");
    } else {
        struct template_insert *insert = arena_new(arena, struct template_insert);
        insert->pos = place_of(s->node, s->open);
        if (!read_path(s, insert)) {
            return false;
        }
        skip_blanks(s);
        while (peek(s) == '|') {
            s->at++;
            struct template_filter filter;
            if (!read_filter(s, &filter)) {
                return false;
            }
            *vec_push(arena, &filters) = filter;
            skip_blanks(s);
        }
        insert->filters = filters.items;
        insert->filter_len = filters.len;
        *ret_insert = insert;
    }
    skip_blanks(s);
    if (!peek_is(s, "}}")) {
        return fault_no_end(s);
    }
    s->at += 2;
    return true;
}

/* A text of literal parts only: it was all escapes. */
static struct value joined_literals(struct arena *arena, const struct value *node, const struct template_part *parts,
                                    size_t len)
{
    struct buf text CLEANUP(buf_deinit) = BUF(node->text.len);
    for (size_t i = 0; i < len; i++) {
        buf_append(&text, parts[i].literal);
    }
    struct value value = value_of_text(arena_str(arena, buf_str(&text)));
    value.pos = node->pos;
    return value;
}

static bool compile_text(struct compiler *c, const struct value *node, struct template_node *ret)
{
    struct scanner s = {.c = c, .node = node, .text = node->text};
    VEC(struct template_part) parts = {0};
    size_t inserts = 0;
    size_t skipped = 0;
    while (str_find(str_slice(s.text, s.at, s.text.len), STR("{{"), &skipped)) {
        if (skipped > 0) {
            *vec_push(c->arena, &parts) = (struct template_part){.literal = str_slice(s.text, s.at, s.at + skipped)};
        }
        s.open = s.at + skipped;
        s.at = s.open + 2;
        if (!str_find(str_slice(s.text, s.at, s.text.len), STR("}}"), NULL)) {
            s.at = s.text.len;
            return fault_no_end(&s);
        }
        struct template_part part = {0};
        if (!read_insert(&s, &part.insert, &part.literal)) {
            return false;
        }
        *vec_push(c->arena, &parts) = part;
        inserts += part.insert != NULL ? 1 : 0;
    }
    if (s.at < s.text.len) {
        *vec_push(c->arena, &parts) = (struct template_part){.literal = str_slice(s.text, s.at, s.text.len)};
    }
    *ret = (struct template_node){.value = {.pos = node->pos}, .parts = parts.items, .len = parts.len};
    if (inserts == 0) {
        ret->kind = NODE_CONSTANT;
        ret->value = joined_literals(c->arena, node, parts.items, parts.len);
    } else if (parts.len == 1) {
        ret->kind = NODE_INSERT;
        ret->insert = parts.items[0].insert;
    } else {
        ret->kind = NODE_TEXT;
    }
    return true;
}

static bool compile_node(struct compiler *c, const struct value *node, struct template_node *ret);

/* A list or map of constants is a constant itself, so that expanding it copies nothing. */
static void fold_constants(struct compiler *c, struct template_node *node)
{
    for (size_t i = 0; i < node->len; i++) {
        if (node->items[i].kind != NODE_CONSTANT) {
            return;
        }
    }
    node->kind = NODE_CONSTANT;
    node->value.items = arena_array(c->arena, struct value, node->len);
    for (size_t i = 0; i < node->len; i++) {
        node->value.items[i] = node->items[i].value;
    }
}

static bool compile_items(struct compiler *c, const struct value *node, struct template_node *ret)
{
    bool ok = true;
    *ret = (struct template_node){
        .kind = node->kind == VALUE_MAP ? NODE_MAP : NODE_LIST, .value = *node, .len = node->len};
    ret->value.text = STR_NULL;
    ret->items = arena_array(c->arena, struct template_node, node->len);
    for (uint32_t i = 0; i < node->len; i++) {
        if (node->kind == VALUE_MAP && str_find(node->keys[i].text, STR("{{"), NULL)) {
            (void)diag_add(c->diag, node->keys[i].pos, "a key cannot hold a template");
            ok = diag_hint(c->diag, "templates stand in values only");
        }
        ok = compile_node(c, &node->items[i], &ret->items[i]) && ok;
    }
    if (ok) {
        fold_constants(c, ret);
    }
    return ok;
}

static bool compile_node(struct compiler *c, const struct value *node, struct template_node *ret)
{
    if (node->kind == VALUE_LIST || node->kind == VALUE_MAP) {
        return compile_items(c, node, ret);
    }
    if (node->kind == VALUE_TEXT && str_find(node->text, STR("{{"), NULL)) {
        return compile_text(c, node, ret);
    }
    *ret = (struct template_node){.kind = NODE_CONSTANT, .value = c->resolve ? value_resolve(c->arena, node) : *node};
    return true;
}

bool template_compile(struct arena *arena, const struct value *source, struct template_rules rules, bool resolve,
                      struct template **ret, struct diag *diag)
{
    struct compiler c = {.arena = arena, .rules = rules, .resolve = resolve, .diag = diag};
    struct template *t = arena_new(arena, struct template);
    t->source = source;
    if (!compile_node(&c, source, &t->root)) {
        return false;
    }
    *ret = t;
    return true;
}
