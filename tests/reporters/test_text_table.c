#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/utf8.h"
#include "reporters/text_table.h"
#include "tests/check.h"

static struct str print(struct arena *arena, const char *const *cells, size_t count, size_t columns, size_t width)
{
    struct text_table t;
    struct term term = {.columns = width};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    text_table_begin(&t, arena, columns);
    for (size_t i = 0; i < count; i++) {
        text_table_cell(&t, str_from(cells[i]), TERM_GREEN);
    }
    text_table_print(&t, &term, 2, out);
    (void)fclose(out);
    struct str ret = arena_str(arena, (struct str){text, len});
    free(text);
    return ret;
}

static const char *const CELLS[] = {
    "dimension", "n", "mean", "empty", "answer", "7", "0.857", "", "a_longer_name", "12345", "", "",
};

static void test_layout(void)
{
    static const struct {
        size_t width;
        const char *want;
    } rows[] = {
        {80, "  dimension          n   mean\n  answer             7  0.857\n  a_longer_name  12345\n"},
        {29, "  dimension          n   mean\n  answer             7  0.857\n  a_longer_name  12345\n"},
        {28, "  dimension         n   mean\n  answer            7  0.857\n  a_longer_na…  12345\n"},
        {20, "  dimensi…      n\n  answer        7\n  a_longe…  12345\n\n  dimensi…   mean\n  answer    0.857\n  "
             "a_longe…\n"},
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "width %zu", rows[i].width);
        CHECK_CSTR(name, print(&arena, CELLS, ARRAY_LEN(CELLS), 4, rows[i].width), rows[i].want);
    }
}

/* Whatever the cells and the width: no line is wider, nothing unsafe comes through. */
static void test_any_width(void)
{
    static const char *const cells[] = {
        "\x1b[31mname\n",
        "\xe4\xbd\xa0\xe5\xa5\xbd",
        "x",
        "",
        "a very long name of some dimension that somebody thought of",
        "123456789012345678901234567890",
        "\xff\xfe",
        "1",
        "\xcc\x81\xcc\x81\xcc\x81",
        "",
        "",
        "\t",
    };
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t width = 1; width < 140; width++) {
        struct str text = print(&arena, cells, ARRAY_LEN(cells), 4, width);
        struct str line;
        CHECK("no escape", !str_find_char(text, '\x1b', NULL));
        CHECK("valid", utf8_is_valid(text, NULL));
        while (str_split(&text, '\n', &line)) {
            CHECK("fits", term_width(line) <= (width < 8 ? 8 : width)); /* indent, a column, a gap, a column */
        }
    }
}

static void test_nothing(void)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    CHECK_CSTR("no cells", print(&arena, CELLS, 0, 4, 80), "");
    CHECK_CSTR("one column", print(&arena, CELLS, 1, 1, 80), "  dimension\n");
}

int main(void)
{
    static const struct check_test tests[] = {
        {"layout", test_layout}, {"any width", test_any_width}, {"nothing", test_nothing}};
    return check_run("reporters/text_table", tests, ARRAY_LEN(tests));
}
