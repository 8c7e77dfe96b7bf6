/* The table of scorers, walked: sorted, unique, documented, well-formed, and digests that stay what they are. */

#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "data/json.h"
#include "tests/check.h"
#include "tests/scorers/rig.h"

static void check_rows(const char *name, const struct field *rows)
{
    size_t short_forms = 0;
    for (const struct field *row = rows; row->key != NULL; row++) {
        CHECK(row->key, row->help != NULL && row->help[0] != '\0' && strlen(row->help) <= 100);
        CHECK(row->key, row->help == NULL || row->help[strlen(row->help) - 1] != '.');
        CHECK(row->key, field_find(rows, str_from(row->key)) == row); /* no other of that key before it */
        CHECK(row->key, (row->type == FIELD_CUSTOM) == (row->parse != NULL));
        CHECK(row->key, row->type != FIELD_CUSTOM || row->schema != NULL);
        CHECK(row->key, row->type != FIELD_WORD || row->words != NULL);
        CHECK(row->key, (row->type == FIELD_TEMPLATE) == (row->template_roots != 0));
        CHECK(row->key, !row->is_required || row->default_text == NULL);
        short_forms += row->is_short_form ? 1 : 0;
    }
    CHECK(name, short_forms <= 1);
}

static void test_scorers(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    const char *const *names = scorer_names(&arena);
    size_t count = 0;
    for (; SCORERS[count] != NULL; count++) {
        const struct scorer *scorer = SCORERS[count];
        const char *name = scorer->name;
        CHECK_CSTR(name, str_from(names[count]), name);
        CHECK(name, count == 0 || strcmp(SCORERS[count - 1]->name, name) < 0);
        CHECK(name, scorer_find(str_from(name)) == scorer);
        CHECK(name, scorer->summary != NULL && strlen(scorer->summary) > 10 && strlen(scorer->summary) <= 100);
        CHECK(name, scorer->version >= 1);
        CHECK(name, scorer->rows != NULL && scorer->options_size > 0);
        CHECK(name, (scorer->score != NULL) != (scorer->prepare != NULL));
        CHECK(name, (scorer->prepare != NULL) == (scorer->interpret != NULL));
        CHECK(name, scorer->drop == NULL || scorer->state_size > 0);
        CHECK(name, !scorer->ignores_output || !scorer->takes_absent);
        check_rows(name, scorer->rows);
        check_rows(name, scorer_rows(&arena, scorer));
    }
    CHECK("there are some", count >= 12 && names[count] == NULL);
    CHECK("no other", scorer_find(STR("regexp")) == NULL && scorer_find(STR("")) == NULL);
    check_rows("common", SCORER_COMMON_ROWS);
}

/* A changed digest makes every stored baseline incomparable: raise the scorer's version when its meaning changes, and the digest here with it. */
static void test_digests(void)
{
    static const struct {
        const char *scorer, *digest;
    } rows[] = {
        {"- exact", "a56c7736f5527f78"},
        {"- contains: [a, b]", "1308bfea562edf46"},
        {"- numeric: {expected: '{{expected}}', tolerance: 1e-6, dimension: answer}", "e7c9d4c88c61d3aa"},
        {"- regex: {pattern: '^A: ', flags: m, weight: 0.2}", "bdb46b6f6d54a885"},
        {"- one_of: {values: [x, 1, true, null-ish], expected: x}", "47d2da61c5eef1b2"},
        {"- latency: 20s", "422f0d9d7f2da3b6"},
        {"- length: {max: 20, unit: words}", "657ae422a0fb1e27"},
        {"- json: {from: /a, equals: {b: [1.50, null]}}", "21631fc9afcc8308"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        RIG(rig);
        if (rig_load(rig, rows[i].scorer, rows[i].scorer)) {
            struct digest_hex hex = digest_hex(&rig->dimensions[0].scorer);
            CHECK_CSTR(rows[i].scorer, str_slice(str_from(hex.text), 0, 16), rows[i].digest);
        }
    }
}

/* The schema of each is one JSON value that names all its keys. */
static void test_schema(void)
{
    for (size_t i = 0; SCORERS[i] != NULL; i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct buf text CLEANUP(buf_deinit) = BUF(1 << 20);
        struct json_writer w;
        struct value schema;
        struct err err = ERR_NULL;
        const struct field *rows = scorer_rows(&arena, SCORERS[i]);
        json_writer_init(&w, &text);
        field_schema(rows, &w);
        bool ok = json_read(&arena, buf_str(&text), JSON_OURS, (struct src_pos){0}, &schema, NULL, &err);
        CHECK(SCORERS[i]->name, ok);
        const struct value *properties = ok ? value_get(&schema, STR("properties")) : NULL;
        for (const struct field *row = rows; properties != NULL && row->key != NULL; row++) {
            CHECK(row->key, value_get(properties, str_from(row->key)) != NULL);
        }
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"scorers", test_scorers},
        {"digests", test_digests},
        {"schema", test_schema},
    };
    return check_run("scorers/table", tests, ARRAY_LEN(tests));
}
