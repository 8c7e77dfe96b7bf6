#include "model/command_call.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "data/json.h"
#include "data/value.h"
#include "model/case.h"
#include "model/environment.h"
#include "model/output.h"

enum { TERM_GRACE_S = 5, OWN_VARIABLES = 8 };

static void write_vars(struct json_writer *w, const struct command_sample *s)
{
    const struct value *maps[3] = {&s->eval_case->vars, NULL, NULL};
    if (s->scope != NULL) {
        memcpy(maps, s->scope->vars, sizeof(maps));
    }
    json_open_map(w);
    for (size_t m = 0; m < ARRAY_LEN(maps); m++) {
        for (uint32_t i = 0; maps[m] != NULL && maps[m]->kind == VALUE_MAP && i < maps[m]->len; i++) {
            bool is_hidden = false; /* by a map looked up earlier */
            for (size_t before = 0; before < m && !is_hidden; before++) {
                is_hidden = maps[before] != NULL && value_get(maps[before], maps[m]->keys[i].text) != NULL;
            }
            if (!is_hidden) {
                json_key_str(w, maps[m]->keys[i].text);
                json_value(w, &maps[m]->items[i]);
            }
        }
    }
    json_close_map(w);
}

static void write_map(struct json_writer *w, const char *key, const struct value *map)
{
    json_key(w, key);
    if (map != NULL && map->kind == VALUE_MAP) {
        json_value(w, map);
    } else {
        json_open_map(w);
        json_close_map(w);
    }
}

static void write_scorer_part(struct json_writer *w, const struct command_sample *s)
{
    json_key(w, "output");
    if (s->output->is_json) {
        json_value(w, &s->output->json);
    } else {
        json_text(w, s->output->text);
    }
    write_map(w, "options", s->options);
    write_map(w, "meta", &s->output->meta);
}

void command_call_write_line(struct buf *out, const struct command_options *o, const struct command_sample *s,
                             struct str worker_id)
{
    const struct eval_case *c = s->eval_case;
    struct json_writer w;
    json_writer_init(&w, out);
    json_open_map(&w);
    json_put_int(&w, "v", 1);
    if (worker_id.len > 0) {
        json_put_text(&w, "id", worker_id);
    }
    json_put_text(&w, "suite", s->suite);
    json_put_text(&w, "run", s->run_id);
    json_put_text(&w, "variant", s->variant);
    json_put_text(&w, "case", c->id);
    json_put_int(&w, "trial", s->trial);
    json_put_int(&w, "attempt", s->attempt);
    json_key(&w, "input");
    json_value(&w, &c->input);
    json_key(&w, "expected");
    if (s->sends_expected && c->has_expected) {
        json_value(&w, &c->expected);
    } else {
        json_null(&w);
    }
    json_key(&w, "vars");
    write_vars(&w, s);
    json_key(&w, "tags");
    json_open_list(&w);
    for (size_t i = 0; i < c->tag_count; i++) {
        json_text(&w, c->tags[i]);
    }
    json_close_list(&w);
    write_map(&w, "params", o->params);
    if (s->output != NULL) {
        write_scorer_part(&w, s);
    }
    json_close_map(&w);
}

/* The environment of one call, while it grows: entries "NAME=value". */
struct env_list {
    struct arena *arena;
    const char **items;
    size_t len;
};

static bool env_add(struct env_list *list, struct str name, struct str value, struct err *err)
{
    if (str_has_nul(value)) {
        return err_set(err, ERR_SUITE, "variable '%.*s' would hold a NUL byte", STR_ARG(name));
    }
    if (value.len > LIMIT_ARGUMENT_BYTES) {
        return err_set(err, ERR_SUITE, "variable '%.*s' would be longer than %u bytes", STR_ARG(name),
                       LIMIT_ARGUMENT_BYTES);
    }
    char *entry = arena_alloc(list->arena, name.len + value.len + 2);
    memcpy(entry, name.ptr, name.len);
    entry[name.len] = '=';
    if (value.len > 0) {
        memcpy(entry + name.len + 1, value.ptr, value.len);
    }
    list->items[list->len++] = entry;
    return true;
}

static bool env_add_number(struct env_list *list, struct str name, uint32_t number, struct err *err)
{
    return env_add(list, name, arena_printf(list->arena, "%u", (unsigned)number), err);
}

/* A copy of the buffer's text, freed with the arena. */
static bool value_as_text(struct arena *arena, const struct value *v, struct str *ret)
{
    if (v->kind == VALUE_TEXT || v->kind == VALUE_NUMBER) {
        *ret = v->text;
        return true;
    }
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_TEMPLATE_BYTES);
    if (!value_append_text(&text, v)) {
        return false;
    }
    *ret = arena_str(arena, buf_str(&text));
    return true;
}

static bool add_own_variables(struct env_list *list, const struct command_options *o, const struct command_sample *s,
                              struct err *err)
{
    if (!env_add(list, STR("ASSAY_RUN"), s->run_id, err) || !env_add(list, STR("ASSAY_VARIANT"), s->variant, err) ||
        !env_add(list, STR("ASSAY_TRACE_ID"), s->trace_id, err)) {
        return false;
    }
    if (o->is_worker) {
        return true; /* it serves many cases: theirs come with each line */
    }
    if (!env_add(list, STR("ASSAY_CASE"), s->eval_case->id, err) ||
        !env_add_number(list, STR("ASSAY_TRIAL"), s->trial, err) ||
        !env_add(list, STR("ASSAY_SPAN_ID"), s->span_id, err)) {
        return false;
    }
    struct str input;
    if (value_as_text(list->arena, &s->eval_case->input, &input) && input.len <= LIMIT_INPUT_ENV_BYTES &&
        !str_has_nul(input)) {
        return env_add(list, STR("ASSAY_INPUT"), input, err);
    }
    return true;
}

static bool make_env(const struct command_options *o, const struct command_sample *s, struct arena *arena,
                     struct command_spec *spec, struct err *err)
{
    struct value map = {.kind = VALUE_NULL};
    struct scope now = s->scope == NULL ? (struct scope){0} : *s->scope;
    bool is_absent = false;
    environment_names(o->environment, &now);
    if (o->env_template != NULL && !template_expand(o->env_template, &now, arena, &map, &is_absent, err)) {
        return false;
    }
    size_t own_count = map.kind == VALUE_MAP ? map.len : 0;
    struct env_list list = {
        .arena = arena,
        .items = arena_array(arena, const char *, o->env_count + own_count + OWN_VARIABLES + 1),
    };
    for (size_t i = 0; i < o->env_count; i++) {
        size_t name_len = strcspn(o->env[i], "=");
        if (own_count == 0 || value_get(&map, (struct str){o->env[i], name_len}) == NULL) {
            list.items[list.len++] = o->env[i];
        }
    }
    spec->wants_tmpdir = true;
    for (size_t i = 0; i < own_count; i++) {
        struct str text;
        if (!value_as_text(arena, &map.items[i], &text)) {
            return err_set_at(err, ERR_SUITE, map.items[i].pos, "variable '%.*s' is null", STR_ARG(map.keys[i].text));
        }
        if (!env_add(&list, map.keys[i].text, text, err)) {
            return false;
        }
        if (str_eq_cstr(map.keys[i].text, "TMPDIR")) {
            spec->wants_tmpdir = false; /* the suite's own choice */
        }
    }
    if (!add_own_variables(&list, o, s, err)) {
        return false;
    }
    spec->envp = list.items;
    spec->keep_tmpdir = o->keeps_tmpdir;
    spec->tmpdir_base = o->tmpdir_base;
    return true;
}

static bool make_argv(const struct command_options *o, const struct command_sample *s, struct arena *arena,
                      struct command_spec *spec, struct err *err)
{
    const char **argv = arena_array(arena, const char *, o->argument_count + 4);
    argv[0] = o->name;
    spec->argv = argv;
    if (o->shell_node != NULL) {
        argv[1] = "-c";
        argv[2] = arena_cstr(arena, o->shell_node->text);
        return true;
    }
    for (size_t i = 0; i < o->argument_count; i++) {
        struct str text = STR_NULL;
        bool is_absent = false;
        if (!template_expand_text(o->arguments[i], s->scope, arena, NULL, &text, &is_absent, err)) {
            return err_wrap(err, "argument %zu", i + 1);
        }
        argv[i + 1] = is_absent ? "" : arena_cstr(arena, text);
        if (argv[i + 1] == NULL) {
            return err_set_at(err, ERR_SUITE, template_source(o->arguments[i])->pos,
                              "argument %zu would hold a NUL byte", i + 1);
        }
        if (text.len > LIMIT_ARGUMENT_BYTES) {
            return err_set_at(err, ERR_SUITE, template_source(o->arguments[i])->pos,
                              "argument %zu would be longer than %u bytes: read it from stdin", i + 1,
                              LIMIT_ARGUMENT_BYTES);
        }
    }
    return true;
}

static bool make_line(const struct command_options *o, const struct command_sample *s, struct arena *arena,
                      struct call *ret, struct err *err)
{
    struct buf line CLEANUP(buf_deinit) = BUF((size_t)LIMIT_TEMPLATE_BYTES * 2);
    command_call_write_line(&line, o, s, ret->worker_id);
    if (line.overflow || (o->is_worker && line.len > LIMIT_LINE_BYTES)) {
        return err_set(err, ERR_LIMIT, "the line for the program is %zu bytes long, over the limit", line.len);
    }
    if (!o->is_worker) {
        buf_append_char(&line, '\n');
    }
    ret->input = arena_str(arena, buf_str(&line));
    return true;
}

bool command_call_make(const struct command_options *o, const struct command_sample *s, int64_t timeout_ns,
                       struct arena *arena, struct call *ret, struct err *err)
{
    struct call call = {
        .kind = o->is_worker ? CALL_WORKER : CALL_COMMAND,
        .timeout_ns = timeout_ns,
        .term_grace_ns = TERM_GRACE_S * NS_PER_S,
    };
    struct command_spec spec = {.path = o->path, .cwd = o->cwd_path, .max_output = (size_t)o->max_output};
    if (!make_argv(o, s, arena, &spec, err) || !make_env(o, s, arena, &spec, err)) {
        return false;
    }
    if (o->is_worker) {
        struct worker_spec *worker = arena_new(arena, struct worker_spec);
        *worker = (struct worker_spec){.key = o, .max = (uint32_t)o->workers, .program = spec};
        call.worker = worker;
        call.worker_id = arena_printf(arena, "%.*s.%u", STR_ARG(s->span_id), (unsigned)s->attempt);
    } else {
        call.command = spec;
    }
    if (o->stdin_form == COMMAND_STDIN_JSON) {
        if (!make_line(o, s, arena, &call, err)) {
            return false;
        }
    } else if (o->stdin_form == COMMAND_STDIN_TEXT && s->eval_case->input.kind != VALUE_NULL &&
               !value_as_text(arena, &s->eval_case->input, &call.input)) {
        return err_set(err, ERR_LIMIT, "the input is too long for the program's stdin");
    }
    *ret = call;
    return true;
}

bool command_call_setup(const char *const *argv, const char *dir, const struct environment *env, struct str invocation,
                        int64_t timeout_ns, struct arena *arena, struct call *ret, struct err *err)
{
    static const struct str passed[] = {{"PATH", 4}, {"HOME", 4}, {"LANG", 4}, {"TZ", 2}, {"TMPDIR", 6}};
    struct call call = {.kind = CALL_COMMAND, .timeout_ns = timeout_ns, .term_grace_ns = TERM_GRACE_S * NS_PER_S};
    struct command_spec *spec = &call.command;
    spec->argv = argv;
    spec->cwd = dir;
    spec->max_output = LIMIT_OUTPUT_BYTES;
    if (!command_find_program(arena, dir, env, str_from(argv[0]), &spec->path, err)) {
        return false;
    }
    struct env_list list = {.arena = arena, .items = arena_array(arena, const char *, ARRAY_LEN(passed) + 2)};
    for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
        const char *value = environment_get(env, passed[i]);
        if (value != NULL && !env_add(&list, passed[i], str_from(value), err)) {
            return false;
        }
    }
    if (invocation.len > 0 && !env_add(&list, STR("ASSAY_RUN"), invocation, err)) {
        return false;
    }
    spec->envp = list.items;
    *ret = call;
    return true;
}
