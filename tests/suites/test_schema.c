#include "base/arena.h"
#include "base/buf.h"
#include "data/json.h"
#include "scorers/scorer.h"
#include "suites/schema.h"
#include "suites/spec.h"
#include "targets/target.h"
#include "tests/check.h"

struct schema {
    struct arena arena;
    struct value root;
};

static bool schema_read(struct schema *s)
{
    struct buf out CLEANUP(buf_deinit) = BUF(16 << 20);
    struct err err = ERR_NULL;
    schema_write(&s->arena, &out);
    bool is_read = json_read(&s->arena, arena_str(&s->arena, buf_str(&out)), JSON_OURS,
                             (struct src_pos){"schema", 1, 1}, &s->root, NULL, &err);
    CHECK(err.text, is_read && !out.overflow);
    return is_read;
}

static const struct value *get(const struct value *v, const char *key)
{
    const struct value *found = v == NULL ? NULL : value_get(v, str_from(key));
    CHECK(key, found != NULL);
    return found;
}

/* Every reference leads somewhere. */
static void check_references(const struct schema *s, const struct value *v)
{
    const struct value *to = value_get(v, STR("$ref"));
    if (to != NULL && to->kind == VALUE_TEXT) {
        CHECK("begins at the definitions", str_starts(to->text, STR("#/$defs/")));
        CHECK("is defined", value_get(get(&s->root, "$defs"), str_slice(to->text, 8, to->text.len)) != NULL);
    }
    for (uint32_t i = 0; (v->kind == VALUE_MAP || v->kind == VALUE_LIST) && i < v->len; i++) {
        check_references(s, &v->items[i]);
    }
}

/* Every row is a property with its help. */
static void check_table(const struct value *object, const struct field *rows, const char *name)
{
    const struct value *properties = get(object, "properties");
    size_t count = 0;
    for (; properties != NULL && rows[count].key != NULL; count++) {
        const struct value *property = get(properties, rows[count].key);
        if (property != NULL) {
            CHECK_CONTAINS(name, get(property, "description")->text, rows[count].help);
        }
    }
    CHECK_INT(name, properties == NULL ? 0 : properties->len, count);
    CHECK(name, get(object, "additionalProperties") != NULL && !get(object, "additionalProperties")->boolean);
}

static void test_schema(void)
{
    struct schema s = {.arena = ARENA_NULL};
    if (schema_read(&s)) {
        check_references(&s, &s.root);
        check_table(&get(&s.root, "allOf")->items[0], SUITE_ROWS, "suite");
        const struct value *defs = get(&s.root, "$defs");
        check_table(get(defs, "case"), CASE_ROWS, "case");
        const struct value *kinds = get(get(defs, "target"), "oneOf");
        const struct value *scorers = get(get(defs, "scorer"), "anyOf");
        size_t targets = 0;
        while (TARGETS[targets] != NULL) {
            const struct value *kind = &kinds->items[targets];
            CHECK_CSTR("each kind", get(kind, "required")->items[0].text, TARGETS[targets]->name);
            check_table(&get(kind, "allOf")->items[0], TARGETS[targets]->rows, "a map, never a short form");
            targets++;
        }
        CHECK_INT("no more", kinds->len, targets);
        size_t count = 0;
        while (SCORERS[count] != NULL) {
            CHECK_CSTR("each name alone", get(&scorers->items[0], "enum")->items[count].text, SCORERS[count]->name);
            CHECK("each with options",
                  get(get(&scorers->items[count + 1], "properties"), SCORERS[count]->name) != NULL);
            count++;
        }
        CHECK_INT("no more", scorers->len, count + 1);
    }
    arena_deinit(&s.arena);
}

static void test_help(void)
{
    struct buf out CLEANUP(buf_deinit) = BUF(1 << 20);
    schema_help_suite(&out);
    const struct field *const tables[] = {SUITE_ROWS, CASE_ROWS, DATASET_ROWS, GATE_ROWS};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        for (const struct field *row = tables[i]; row->key != NULL; row++) {
            CHECK_CONTAINS("each key", buf_str(&out), row->key);
            CHECK_CONTAINS("its help", buf_str(&out), row->help);
        }
    }
    for (size_t i = 0; SCORERS[i] != NULL; i++) {
        CHECK_CONTAINS("each scorer", buf_str(&out), SCORERS[i]->summary);
    }
    for (size_t i = 0; TARGETS[i] != NULL; i++) {
        CHECK_CONTAINS("each target", buf_str(&out), TARGETS[i]->summary);
    }
}

/* The rows themselves: documented, unique, with words and ranges that can be met. */
static void test_tables(void)
{
    const struct field *const tables[] = {SUITE_ROWS, CASE_ROWS, DATASET_ROWS, GATE_ROWS, INCLUDE_ROWS};
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        for (const struct field *row = tables[i]; row->key != NULL; row++) {
            CHECK(row->key, row->help != NULL && row->help[0] != '\0');
            CHECK(row->key, field_find(tables[i], str_from(row->key)) == row);
            CHECK(row->key, row->type != FIELD_WORD || row->words != NULL);
            CHECK(row->key, row->type != FIELD_CUSTOM || (row->parse != NULL && row->schema != NULL));
            CHECK(row->key, row->type != FIELD_TEMPLATE || row->template_roots != 0);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"JSON Schema", test_schema},
        {"help", test_help},
        {"tables", test_tables},
    };
    return check_run("schema", tests, ARRAY_LEN(tests));
}
