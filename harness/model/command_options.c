#include "model/command_options.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/file.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"
#include "model/environment.h"

const char *const COMMAND_STDIN_WORDS[] = {"json", "text", "none", NULL};

static const struct str always_passed[] = {
    {"PATH", 4},
    {"HOME", 4},
    {"LANG", 4},
    {"TZ", 2},
};

static bool is_scalar(const struct value *v)
{
    return v->kind != VALUE_LIST && v->kind != VALUE_MAP;
}

bool command_row_parse(struct field_context *ctx, const struct field *field, const struct value *node, void *target)
{
    if (node->kind != VALUE_LIST) {
        (void)diag_add(ctx->diag, node->pos, "'%s' is a list: the program, then its arguments", field->key);
        return diag_hint(ctx->diag, "write %s: [python3, solve.py], or use `shell: text`", field->key);
    }
    if (node->len == 0) {
        return diag_add(ctx->diag, node->pos, "'%s' is empty: no program to run", field->key);
    }
    for (uint32_t i = 0; i < node->len; i++) {
        if (!is_scalar(&node->items[i])) {
            return diag_add(ctx->diag, node->items[i].pos, "an argument is a text, not %s",
                            value_kind_name(node->items[i].kind));
        }
    }
    *(const struct value **)target = node;
    return true;
}

bool shell_row_parse(struct field_context *ctx, const struct field *field, const struct value *node, void *target)
{
    if (node->kind != VALUE_TEXT || str_trim(node->text).len == 0) {
        (void)diag_add(ctx->diag, node->pos, "'%s' is a text for /bin/sh, not %s", field->key,
                       node->kind == VALUE_TEXT ? "an empty one" : value_kind_name(node->kind));
        return diag_hint(ctx->diag, "for a program and its arguments write command: [prog, arg]");
    }
    if (str_has_nul(node->text)) {
        return diag_add(ctx->diag, node->pos, "'%s' holds a NUL byte", field->key);
    }
    if (str_find(node->text, STR("{{"), NULL)) {
        (void)diag_add(ctx->diag, node->pos, "templates are refused in '%s': a value could become part of the program",
                       field->key);
        return diag_hint(ctx->diag, "read the value from stdin, \"$ASSAY_INPUT\" or a variable under `env:`, or use "
                                    "`command:` with arguments");
    }
    *(const struct value **)target = node;
    return true;
}

void command_row_schema(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_raw(w, STR("{\"type\":\"array\",\"minItems\":1,"
                    "\"items\":{\"type\":[\"string\",\"number\",\"boolean\",\"null\"]}}"));
}

void shell_row_schema(const struct field *field, struct json_writer *w)
{
    (void)field;
    json_raw(w, STR("{\"type\":\"string\",\"minLength\":1}"));
}

bool command_find_program(struct arena *arena, const char *dir, const struct environment *env, struct str name,
                          const char **ret_path, struct err *err)
{
    if (name.len == 0 || str_has_nul(name)) {
        return err_set(err, ERR_SUITE, "the program's name is empty or holds a NUL byte");
    }
    struct stat st;
    if (str_find_char(name, '/', NULL)) {
        const char *path = file_join(arena, str_from(dir), name);
        if (stat(path, &st) != 0) {
            return err_set(err, ERR_SUITE, "program '%.*s' not found in the suite's folder", STR_ARG(name));
        }
        if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0) {
            return err_set(err, ERR_SUITE, "program '%.*s' is not executable", STR_ARG(name));
        }
        *ret_path = path;
        return true;
    }
    const char *value = environment_get(env, STR("PATH"));
    struct str rest = value == NULL ? STR("/usr/local/bin:/usr/bin:/bin") : str_from(value);
    struct str folder;
    while (str_split(&rest, ':', &folder)) {
        const char *path = file_join(arena, folder.len == 0 ? STR(".") : folder, name);
        if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0) {
            *ret_path = path;
            return true;
        }
    }
    return err_set(err, ERR_SUITE, "program '%.*s' not found on PATH", STR_ARG(name));
}

/* Names that a template uses where they may not stand. */
struct path_check {
    bool found_case, found_key;
    struct str found;
};

static void check_path(void *ctx, const struct str *segments, size_t len)
{
    struct path_check *check = ctx;
    if (len >= 2 && str_eq_cstr(segments[0], "env") && str_eq_cstr(segments[1], "OPPER_API_KEY")) {
        check->found_key = true;
    }
    bool serves_all =
        str_eq_cstr(segments[0], "env") || str_eq_cstr(segments[0], "suite") || str_eq_cstr(segments[0], "variant");
    if (!serves_all && !check->found_case) {
        check->found_case = true;
        check->found = segments[0];
    }
}

static bool check_template(struct field_context *ctx, const struct command_options *o, const struct template *t)
{
    struct path_check check = {.found_case = false};
    template_visit(t, check_path, &check);
    struct src_pos pos = template_source(t)->pos;
    if (check.found_key) {
        (void)diag_add(ctx->diag, pos, "OPPER_API_KEY cannot be inserted");
        return diag_hint(ctx->diag, "name it under `pass_env:` when the program needs it");
    }
    if (o->is_worker && check.found_case) {
        (void)diag_add(ctx->diag, pos,
                       "a worker serves many cases: '%.*s' cannot stand in its arguments or environment",
                       STR_ARG(check.found));
        return diag_hint(ctx->diag,
                         "every line on stdin holds id, input, vars, tags and params; here only env, suite and "
                         "variant may stand");
    }
    return true;
}

static bool load_program(struct field_context *ctx, struct command_options *o, const struct command_load *in)
{
    if (o->shell_node != NULL) {
        o->path = "/bin/sh";
        o->name = "/bin/sh";
        if (o->is_worker) {
            (void)diag_add(ctx->diag, o->shell_node->pos, "a worker is a `command:`, not a `shell:`");
            return diag_hint(ctx->diag, "write command: [sh, -c, \"...\"]");
        }
        return true;
    }
    const struct value *first = &o->argv_node->items[0];
    if (str_find(first->text, STR("{{"), NULL)) {
        (void)diag_add(ctx->diag, first->pos, "a template cannot name the program");
        return diag_hint(ctx->diag, "templates may stand in the arguments after it");
    }
    struct err err = ERR_NULL;
    if (!command_find_program(ctx->arena, in->dir, in->env, first->text, &o->path, &err)) {
        return diag_add(ctx->diag, first->pos, "%s", err.text);
    }
    o->name = arena_cstr(ctx->arena, first->text);
    o->argument_count = o->argv_node->len - 1;
    o->arguments = arena_array(ctx->arena, struct template *, o->argument_count);
    bool ok = true;
    struct template_rules rules = {.roots = in->template_roots};
    for (size_t i = 0; i < o->argument_count; i++) {
        const struct value *node = &o->argv_node->items[i + 1];
        if (node->kind == VALUE_TEXT && str_has_nul(node->text)) {
            ok = diag_add(ctx->diag, node->pos, "an argument holds a NUL byte");
        } else if (!template_compile(ctx->arena, node, rules, false, &o->arguments[i], ctx->diag)) {
            ok = false;
        } else {
            ok = check_template(ctx, o, o->arguments[i]) && ok;
        }
    }
    return ok;
}

static bool is_variable_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && !(i > 0 && c >= '0' && c <= '9')) {
            return false;
        }
    }
    return name.len > 0;
}

static bool check_env_name(struct field_context *ctx, const struct value *key)
{
    if (!is_variable_name(key->text)) {
        return diag_add(ctx->diag, key->pos, "'%.*s' is no name of an environment variable", STR_ARG(key->text));
    }
    if (str_starts(key->text, STR("ASSAY_"))) {
        return diag_add(ctx->diag, key->pos, "variables that begin with ASSAY_ are set by assay");
    }
    if (str_eq_cstr(key->text, "OPPER_API_KEY")) {
        (void)diag_add(ctx->diag, key->pos, "OPPER_API_KEY cannot be set here");
        return diag_hint(ctx->diag, "name it under `pass_env:` when the program needs it");
    }
    return true;
}

static bool load_env(struct field_context *ctx, struct command_options *o, const struct command_load *in)
{
    bool ok = true;
    const char **env = arena_array(ctx->arena, const char *, ARRAY_LEN(always_passed) + o->pass_env.len);
    for (size_t i = 0; i < ARRAY_LEN(always_passed) + o->pass_env.len; i++) {
        struct str name =
            i < ARRAY_LEN(always_passed) ? always_passed[i] : o->pass_env.items[i - ARRAY_LEN(always_passed)];
        if (i >= ARRAY_LEN(always_passed) && !is_variable_name(name)) {
            ok = diag_add(ctx->diag, o->pass_env.pos, "'%.*s' is no name of an environment variable", STR_ARG(name));
            continue;
        }
        bool is_known = false;
        for (size_t k = 0; k < o->env_count && !is_known; k++) {
            is_known = strncmp(env[k], name.ptr, name.len) == 0 && env[k][name.len] == '=';
        }
        const char *value = environment_get(in->env, name);
        if (value != NULL && !is_known) {
            env[o->env_count++] = value - name.len - 1; /* the whole entry, as the environment holds it */
        }
    }
    o->env = env;
    o->environment = in->env;
    const char *keep = environment_get(in->env, STR("ASSAY_KEEP_TMP"));
    o->keeps_tmpdir = keep != NULL && strcmp(keep, "1") == 0;
    const char *tmpdir = environment_get(in->env, STR("TMPDIR"));
    o->tmpdir_base = tmpdir == NULL || tmpdir[0] != '/' ? "/tmp" : tmpdir;
    if (o->env_template == NULL) {
        return ok;
    }
    const struct value *map = template_source(o->env_template);
    if (map->kind != VALUE_MAP) {
        (void)diag_add(ctx->diag, map->pos, "'env' is a map of variables, not %s", value_kind_name(map->kind));
        return diag_hint(ctx->diag, "write env: {NAME: value}; names to pass on stand under `pass_env:`");
    }
    for (uint32_t i = 0; i < map->len; i++) {
        ok = check_env_name(ctx, &map->keys[i]) && ok;
        if (!is_scalar(&map->items[i])) {
            ok = diag_add(ctx->diag, map->items[i].pos, "variable '%.*s' is a text, not %s", STR_ARG(map->keys[i].text),
                          value_kind_name(map->items[i].kind));
        } else if (map->items[i].kind == VALUE_TEXT && str_has_nul(map->items[i].text)) {
            ok = diag_add(ctx->diag, map->items[i].pos, "variable '%.*s' holds a NUL byte", STR_ARG(map->keys[i].text));
        }
    }
    return check_template(ctx, o, o->env_template) && ok;
}

bool command_options_load(struct field_context *ctx, struct command_options *o, const struct command_load *in)
{
    if ((o->argv_node == NULL) == (o->shell_node == NULL)) {
        struct src_pos pos = o->shell_node != NULL ? o->shell_node->pos : in->pos;
        return diag_add(ctx->diag, pos, "%s: give one of `command` and `shell`%s", in->what,
                        o->shell_node != NULL ? ", not both" : "");
    }
    bool ok = load_program(ctx, o, in);
    ok = load_env(ctx, o, in) && ok;
    o->cwd_path = o->cwd.len == 0 ? in->dir : file_join(ctx->arena, str_from(in->dir), o->cwd);
    struct stat st;
    if (str_has_nul(o->cwd) || (stat(o->cwd_path, &st) == 0 && !S_ISDIR(st.st_mode))) {
        ok = diag_add(ctx->diag, in->pos, "%s: cwd '%.*s' is not a folder", in->what, STR_ARG(o->cwd));
    }
    if (o->params != NULL && o->params->kind != VALUE_MAP) {
        ok = diag_add(ctx->diag, o->params->pos, "'params' is a map, not %s", value_kind_name(o->params->kind));
    }
    if (o->is_worker && o->stdin_form != COMMAND_STDIN_JSON) {
        (void)diag_add(ctx->diag, in->pos, "%s: a worker reads JSON lines: no `stdin: %s`", in->what,
                       COMMAND_STDIN_WORDS[o->stdin_form]);
        ok = false;
    }
    if (!o->is_worker && o->workers > 0) {
        (void)diag_add(ctx->diag, in->pos, "%s: `workers` without `worker: true`", in->what);
        ok = false;
    }
    if (o->max_output == 0) {
        o->max_output = LIMIT_OUTPUT_BYTES;
    }
    if (o->workers == 0) {
        o->workers = in->workers_default > 0 ? in->workers_default : 1;
    }
    return ok;
}

void command_options_visit(const struct command_options *o, void (*visit)(void *ctx, const struct template *t),
                           void *ctx)
{
    for (size_t i = 0; i < o->argument_count; i++) {
        visit(ctx, o->arguments[i]);
    }
    if (o->env_template != NULL) {
        visit(ctx, o->env_template);
    }
}
