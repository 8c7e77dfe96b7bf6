#include "tests/targets/kit.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/json.h"
#include "data/yaml.h"
#include "tests/check.h"

static const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                          "HOME=/home/someone",
                                          "TZ=UTC",
                                          "OPPER_API_KEY=op-secret",
                                          "OTHER=other",
                                          "MY_TOKEN=token",
                                          NULL};

static bool read_env(const void *ctx, struct arena *arena, struct str name, struct str *ret)
{
    (void)arena;
    const char *value = environment_get(ctx, name);
    if (value != NULL) {
        *ret = str_from(value);
    }
    return value != NULL;
}

bool kit_load(struct kit *kit, const char *type, const char *yaml, const char *dir)
{
    *kit = (struct kit){.arena = ARENA_NULL, .env = {environment}, .type = target_find(str_from(type))};
    diag_init(&kit->diag, &kit->arena);
    struct value *node = arena_new(&kit->arena, struct value);
    CHECK(yaml, kit->type != NULL);
    if (!yaml_read(&kit->arena, "suite.yaml", str_from(yaml), node, &kit->diag)) {
        return false;
    }
    struct field_context *ctx = arena_new(&kit->arena, struct field_context);
    *ctx = (struct field_context){.arena = &kit->arena, .diag = &kit->diag};
    kit->options = arena_alloc(&kit->arena, kit->type->options_size);
    kit->service = (struct service){.base_url = "https://opper.test/v2"};
    kit->loaded =
        (struct target_load){.ctx = ctx, .dir = dir, .env = &kit->env, .workers_default = 7, .service = &kit->service};
    if (!field_decode(ctx, kit->type->rows, node, "target", kit->options)) {
        return false;
    }
    if (kit->type->load != NULL && !kit->type->load(&kit->loaded, kit->options, node)) {
        return false;
    }
    kit_case(kit, "\"2+2?\"", NULL, NULL);
    return diag_is_clean(&kit->diag);
}

void kit_close(struct kit *kit)
{
    arena_deinit(&kit->arena);
}

static struct value json_of(struct kit *kit, const char *text)
{
    struct value v = {.kind = VALUE_NULL};
    struct err err = ERR_NULL;
    if (text != NULL) {
        CHECK(text, json_read(&kit->arena, str_from(text), JSON_OURS, (struct src_pos){"case", 1, 1}, &v, NULL, &err));
    }
    return v;
}

void kit_case(struct kit *kit, const char *input, const char *row, const char *vars)
{
    kit->row = json_of(kit, row);
    kit->vars = json_of(kit, vars);
    kit->suite_vars = json_of(kit, "{\"tone\":\"dry\",\"suite_only\":[1]}");
    kit->eval_case = (struct eval_case){
        .id = STR("case-1"),
        .input = json_of(kit, input),
        .vars = kit->vars,
        .expected = json_of(kit, "4.0"),
        .has_expected = true,
    };
    kit->id = value_of_text(kit->eval_case.id);
    kit->scope = (struct scope){
        .row = row == NULL ? NULL : &kit->row,
        .vars = {vars == NULL ? NULL : &kit->vars, NULL, &kit->suite_vars},
        .id = &kit->id,
        .input = &kit->eval_case.input,
        .env = read_env,
        .env_ctx = &kit->env,
    };
    kit->in = (struct target_in){
        .options = kit->options,
        .eval_case = &kit->eval_case,
        .scope = &kit->scope,
        .suite = STR("sums"),
        .variant = STR("plain"),
        .trial = 2,
        .attempt = 3,
        .timeout_ns = 60000000000,
        .env = &kit->env,
        .arena = &kit->arena,
    };
    memset(kit->in.run.bytes, 0xab, sizeof(kit->in.run.bytes));
    memset(kit->in.span.bytes, 0xcd, sizeof(kit->in.span.bytes));
}

struct str kit_faults(struct kit *kit)
{
    struct buf text CLEANUP(buf_deinit) = BUF(1 << 16);
    for (size_t i = 0; i < kit->diag.faults.len; i++) {
        const struct fault *f = &kit->diag.faults.items[i];
        buf_printf(&text, "%u:%u: %.*s | %.*s\n", f->pos.line, f->pos.col, STR_ARG(f->text), STR_ARG(f->hint));
    }
    return arena_str(&kit->arena, buf_str(&text));
}

struct str kit_variable(const char *const *envp, const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; envp[i] != NULL; i++) {
        if (strncmp(envp[i], name, len) == 0 && envp[i][len] == '=') {
            return str_from(envp[i] + len + 1);
        }
    }
    return STR_NULL;
}

static void check_error(const struct kit_bad_call *row, const struct err *err)
{
    CHECK_CONTAINS(row->yaml, str_from(err->text), row->says);
    CHECK_INT(row->yaml, err->kind, ERR_SUITE);
}

void kit_check_bad_calls(const char *type, const struct kit_bad_call *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct kit kit;
        struct call call;
        struct err err = ERR_NULL;
        CHECK(rows[i].yaml, kit_load(&kit, type, rows[i].yaml, "/suites"));
        kit_case(&kit, "1", rows[i].row, NULL);
        CHECK(rows[i].yaml, !kit.type->prepare(&kit.in, &call, &err));
        check_error(&rows[i], &err);
        if (kit.type->check_case != NULL) {
            err = ERR_NULL;
            CHECK(rows[i].yaml, !kit.type->check_case(kit.options, &kit.scope, &kit.arena, &err));
            check_error(&rows[i], &err);
            CHECK(rows[i].yaml, err.pos.file != NULL);
        }
        kit_close(&kit);
    }
}
