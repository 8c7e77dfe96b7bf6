#include "model/labels.h"

#include "base/arena.h"
#include "tests/check.h"

/* A label that somebody asks for is the one that is looked for, whatever it is called. */
static void test_one(void)
{
    static const struct {
        const char *key, *value;
    } rows[] = {
        {"branch", "main"},       {"", "nothing"},     {"a\"b", "c\"d"},         {"back\\", "\\"},
        {"a\",\"branch", "main"}, {"line\nend", "\t"}, {"\xc3\xa9", "\xc3\xa8"}, {"of two words", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct value map = labels_read(&arena, labels_one(&arena, str_from(rows[i].key), str_from(rows[i].value)));
        CHECK_INT(rows[i].key, map.len, 1);
        CHECK_CSTR(rows[i].key, labels_get(&map, rows[i].key), rows[i].value);
    }
}

static void test_tree(void)
{
    static const struct {
        const char *json;
        enum tree_state state;
    } rows[] = {
        {"{\"dirty\":\"yes\"}", TREE_DIRTY},
        {"{\"dirty\":\"no\"}", TREE_CLEAN},
        {"{\"dirty\":\"maybe\"}", TREE_UNKNOWN},
        {"{\"dirty\":true}", TREE_UNKNOWN},
        {"{}", TREE_UNKNOWN},
        {"", TREE_UNKNOWN},
        {"[\"dirty\",\"yes\"]", TREE_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct value labels = labels_read(&arena, str_from(rows[i].json));
        CHECK_INT(rows[i].json, labels_tree(&labels), rows[i].state);
    }
}

int main(void)
{
    static const struct check_test tests[] = {{"one", test_one}, {"tree", test_tree}};
    return check_run("labels", tests, ARRAY_LEN(tests));
}
