#include "base/err.h"
#include "tests/check.h"
#include "tests/targets/kit.h"

static void test_refused(void)
{
    static const struct {
        const char *yaml, *says;
    } rows[] = {
        {"{}", "replay"},
        {"{replay: '{{row.a}}', stdin: text}", "stdin"},
        {"{replay: '{{output}}'}", "output"},
        {"{replay: '{{env.HOME}}'}", "env"},
        {"{replay: '{{row.a'}", "{{"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        CHECK(rows[i].yaml, !kit_load(&kit, "replay", rows[i].yaml, "/suites"));
        CHECK_CONTAINS(rows[i].yaml, kit_faults(&kit), rows[i].says);
        kit_close(&kit);
    }
}

static void test_outputs(void)
{
    static const struct {
        const char *yaml, *row, *output;
        bool is_json;
    } rows[] = {
        {"replay: '{{175b.solution}}'", "{\"175b\":{\"solution\":\"A: 3\\n\"}}", "A: 3\n", false},
        {"replay: '{{row.a}}'", "{\"a\":1.50}", "1.50", false},
        {"replay: '{{row.a}}'", "{\"a\":true}", "true", false},
        {"replay: '{{row.a}}'", "{\"a\":null}", "", false},
        {"replay: '{{row.a}}'", "{\"a\":{\"b\": [1, 2]}}", "{\"b\":[1,2]}", true},
        {"replay: 'said {{a}}!'", "{\"a\":\"{{b}}\"}", "said {{b}}!", false},
        {"replay: always", "{}", "always", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct kit kit;
        struct output output;
        struct call call;
        struct err err = ERR_NULL;
        CHECK(rows[i].yaml, kit_load(&kit, "replay", rows[i].yaml, "/suites"));
        kit_case(&kit, "1", rows[i].row, NULL);
        CHECK(rows[i].yaml, kit.type->prepare(&kit.in, &call, &err));
        CHECK_INT(rows[i].yaml, call.kind, CALL_NONE);
        CHECK(rows[i].yaml, kit.type->interpret(&kit.in, NULL, &output, &err));
        CHECK_INT(rows[i].yaml, output.error, ERROR_NONE);
        CHECK_CSTR(rows[i].yaml, output.text, rows[i].output);
        CHECK(rows[i].yaml, output.is_json == rows[i].is_json);
        CHECK("no latency", !output.measures.has_latency);
        kit_close(&kit);
    }
}

static void test_undefined(void)
{
    struct kit kit;
    struct output output;
    struct err err = ERR_NULL;
    CHECK("load", kit_load(&kit, "replay", "replay: '{{row.gone}}'", "/suites"));
    kit_case(&kit, "1", "{\"a\":1}", NULL);
    CHECK("undefined", !kit.type->interpret(&kit.in, NULL, &output, &err));
    CHECK_CONTAINS("undefined", str_from(err.text), "row.gone");
    kit_close(&kit);
}

static void count(void *ctx, const struct template *t)
{
    (void)t;
    (*(size_t *)ctx)++;
}

static void test_table(void)
{
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        const struct target_type *t = TARGETS[i];
        CHECK(t->name, i == 0 || str_cmp(str_from(TARGETS[i - 1]->name), str_from(t->name)) < 0);
        CHECK(t->name, target_find(str_from(t->name)) == t);
        CHECK("says what it is", t->summary != NULL && t->summary[0] != '\0');
        CHECK("its own key", field_find(t->rows, str_from(t->name)) != NULL);
        CHECK("whole", t->prepare != NULL && t->interpret != NULL && t->is_transient != NULL &&
                           t->visit_templates != NULL && t->options_size > 0);
        for (size_t k = 0; t->rows[k].key != NULL; k++) {
            CHECK(t->rows[k].key, t->rows[k].help != NULL);
            CHECK(t->rows[k].key, field_find(t->rows, str_from(t->rows[k].key)) == &t->rows[k]);
        }
    }
    CHECK("unknown", target_find(STR("prompts")) == NULL);
    struct kit kit;
    size_t templates = 0;
    CHECK("load", kit_load(&kit, "command", "{command: [sh, a, '{{id}}'], env: {A: b}}", "/suites"));
    kit.type->visit_templates(kit.options, count, &templates);
    CHECK_INT("two arguments and the environment", templates, 3);
    kit_close(&kit);
}

int main(void)
{
    static const struct check_test tests[] = {
        {"refused", test_refused},
        {"outputs", test_outputs},
        {"undefined", test_undefined},
        {"table", test_table},
    };
    return check_run("replay", tests, ARRAY_LEN(tests));
}
