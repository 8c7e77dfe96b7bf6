/* Templates: one fault within the scalar, or a template that expands as its header says, as a value and as text alike. Text without braces
 * stays as it is, and what was inserted is never read again. */

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"
#include "base/diag.h"
#include "base/err.h"
#include "base/utf8.h"
#include "data/json.h"
#include "data/template.h"
#include "tests/fuzz/fuzz.h"

enum { TEXT_BYTES_MAX = 64 << 20 };

/* Stands in inserted values only: asking for it means that one of them was read as a template. */
#define TRAP "TRAP"

static bool give_env(const void *ctx, struct arena *arena, struct str name, struct str *ret)
{
    (void)arena;
    const struct str *text = ctx;
    FUZZ_CHECK(!str_eq(name, STR(TRAP)) || str_find(*text, STR(TRAP), NULL));
    *ret = STR("{{env." TRAP "}}");
    return !str_eq(name, STR("UNSET"));
}

static void count_path(void *ctx, const struct str *segments, size_t len)
{
    size_t *paths = ctx;
    FUZZ_CHECK(len > 0 && segments[0].len > 0);
    (*paths)++;
}

static void check_expansion(struct arena *arena, const struct template *t, const struct scope *scope)
{
    struct value value = {.kind = VALUE_NULL};
    struct str text = STR_NULL;
    bool is_absent = false;
    bool is_text_absent = false;
    struct err err = ERR_NULL;
    struct err text_err = ERR_NULL;
    bool ok = template_expand(t, scope, arena, &value, &is_absent, &err);
    bool text_ok = template_expand_text(t, scope, arena, NULL, &text, &is_text_absent, &text_err);
    FUZZ_CHECK(ok || (err.text[0] != '\0' && err.pos.line == 3));
    FUZZ_CHECK(text_ok || (text_err.text[0] != '\0' && text_err.pos.line == 3));
    FUZZ_CHECK(!text_ok || ok);
    FUZZ_CHECK(!is_absent || (value.kind == VALUE_NULL && is_text_absent));
    if (ok && text_ok && !is_text_absent) {
        struct buf again CLEANUP(buf_deinit) = BUF(TEXT_BYTES_MAX);
        FUZZ_CHECK(value_append_text(&again, &value) && str_eq(buf_str(&again), text));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct diag diag;
    struct value node = value_of_text(fuzz_text(data, size));
    struct value scope_values;
    struct err err = ERR_NULL;
    struct template *t = NULL;
    struct template_rules rules = {.roots = ROOT_ROW | ROOT_VARS | ROOT_CASE | ROOT_OUTPUT | ROOT_ENV};
    if (!utf8_is_valid(node.text, NULL)) {
        return 0; /* the readers of suites refuse it before */
    }
    diag_init(&diag, &arena);
    node.pos = (struct src_pos){"suite.yaml", 3, 9};
    if (!template_compile(&arena, &node, rules, true, &t, &diag)) {
        FUZZ_CHECK(diag.faults.len == 1 && diag.faults.items[0].pos.line == 3 && diag.faults.items[0].pos.col >= 9);
        FUZZ_CHECK(diag.faults.items[0].pos.col <= 9 + 1 + size);
        return 0;
    }
    size_t paths = 0;
    template_visit(t, count_path, &paths);
    FUZZ_CHECK(template_is_constant(t) == (paths == 0));
    FUZZ_CHECK(template_is_constant(t) || str_find(node.text, STR("{{"), NULL));
    FUZZ_CHECK(json_read(&arena, STR("{\"a\":\"{{env." TRAP "}}\",\"b\":[1.50,null,{\"c\":true}],\"z\":null}"),
                         JSON_OURS, (struct src_pos){0}, &scope_values, NULL, &err));
    struct scope scope = {.row = &scope_values,
                          .vars = {NULL, &scope_values, NULL},
                          .input = &scope_values,
                          .id = &scope_values.items[0],
                          .output = &scope_values.items[1],
                          .meta = &scope_values,
                          .env = give_env,
                          .env_ctx = &node.text};
    check_expansion(&arena, t, &scope);
    struct scope empty = {.row = NULL};
    check_expansion(&arena, t, &empty);
    return 0;
}
