#include "data/csv.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/rng.h"
#include "data/value.h"
#include "tests/check.h"
#include "tests/temp.h"

static void test_bad(void)
{
    static const struct {
        const char *name, *data;
        uint32_t line, col;
        const char *text;
    } rows[] = {
        {"empty file", "", 1, 1, "holds no record"},
        {"only blank lines", "\n\r\n\n", 1, 1, "holds no record"},
        {"only a byte order mark", "\xef\xbb\xbf", 1, 1, "holds no record"},
        {"UTF-16 little",
         "\xff\xfe"
         "a",
         1, 1, "UTF-16"},
        {"UTF-16 big",
         "\xfe\xff"
         "a",
         1, 1, "UTF-16"},
        {"Latin-1", "a,b\nx,\xc3\xa9t\xe9\n", 2, 5, "byte 0xe9 is not valid UTF-8"},
        {"Latin-1 within quotes", "a,b\nx,\"\n\n \xe9\"\n", 4, 2, "not valid UTF-8"},
        {"a column without name", "a,,c\n", 1, 3, "column 2 has no name"},
        {"the last column without name", "a,b,\n", 1, 5, "column 3 has no name"},
        {"a quoted column without name", "\"\",a\n", 1, 1, "column 1 has no name"},
        {"a column twice", "id,b,\"id\"\n", 1, 6, "two columns are named 'id'; the first is at 1:1"},
        {"never closed", "a,b\n1,\"2\n3,4\n", 2, 3, "never closed"},
        {"never closed, at the end", "a,b\n1,\"", 2, 3, "never closed"},
        {"never closed, in the header", "a,\"b\n", 1, 3, "never closed"},
        {"never closed after a doubled one", "a\n\"x\"\"\n", 2, 1, "never closed"},
        {"text after the closing quote", "a,b\n1,\"2\"x\n", 2, 6,
         "text after the quote that closes a cell (opened at 2:3)"},
        {"a blank after the closing quote", "a,b\n\"1\" ,2\n", 2, 4, "text after the quote"},
        {"CR after the closing quote", "a,b\n\"1\"\r,2\n", 2, 4, "text after the quote"},
        {"text after it, lines later", "a,b\n1,\"2\n\n\xc3\xa9\xc3\xa9\"x\n", 4, 4, "(opened at 2:3)"},
        {"a quote inside", "a,b\n1,2\"3\n", 2, 4, "a quote inside a cell"},
        {"a quote after a blank", "a,b\n1, \"3\"\n", 2, 4, "a quote inside a cell"},
        {"columns count characters", "a,b\n\xf0\x9f\x98\x80\xc3\xa9,2\"3\n", 2, 5, "a quote inside a cell"},
        {"a byte order mark has no column",
         "\xef\xbb\xbf"
         "a,b\"\n",
         1, 4, "a quote inside a cell"},
        {"one cell too many", "a,b\n1,2,3\n", 2, 5, "more cells than the 2 columns named in line 1"},
        {"an empty one too many", "a,b\n1,2,\n", 2, 5, "more cells than the 2 columns"},
        {"one too few", "a,b,c\n1,2\n", 2, 4, "the record ends after 2 of 3 cells: no 'c'"},
        {"one too few, CRLF", "a,b,c\r\n1,2\r\n", 2, 4, "after 2 of 3 cells"},
        {"too few over lines", "\na,b,c\n1,\"\n\n\"\n", 5, 2, "after 2 of 3 cells"},
        {"a byte order mark inside", "a,b\n\xef\xbb\xbf\"1\",2\n", 2, 2, "a quote inside a cell"},
    };
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct temp_path path = temp_file(&dir, "data.csv", str_from(rows[i].data));
        struct err err = ERR_NULL;
        struct csv c CLEANUP(csv_close);
        struct value row;
        bool has = true;
        bool ok = csv_open(&c, &arena, path.text, ',', &err);
        while (ok && has) {
            ok = csv_next(&c, &arena, &has, &row, NULL, &err);
        }
        CHECK(rows[i].name, !ok);
        CHECK_INT(rows[i].name, err.kind, ERR_SUITE);
        CHECK_INT(rows[i].name, err.pos.line, rows[i].line);
        CHECK_INT(rows[i].name, err.pos.col, rows[i].col);
        CHECK_CSTR(rows[i].name, str_from(err.pos.file), path.text);
        CHECK_CONTAINS(rows[i].name, str_from(err.text), rows[i].text);
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct csv c CLEANUP(csv_close);
    CHECK("no file", !csv_open(&c, &arena, temp_path(&dir, "missing").text, ',', &err) && err.kind == ERR_IO);
}

static void test_good(void)
{
    static const struct {
        const char *name;
        char separator;
        const char *data;
        const char *cells[10]; /* row by row; NULL = the end */
        uint32_t lines[10];    /* of each record */
    } rows[] = {
        {"a header alone", ',', "a,b\n", {NULL}, {0}},
        {"a header without end", ',', "a,b", {NULL}, {0}},
        {"plain", ',', "a,b\n1,2\n3,4\n", {"1", "2", "3", "4"}, {2, 3}},
        {"CRLF", ',', "a,b\r\n1,2\r\n\"3\",\"4\"\r\n", {"1", "2", "3", "4"}, {2, 3}},
        {"no final end", ',', "a,b\n1,\"2\"", {"1", "2"}, {2}},
        {"a final CR", ',', "a,b\n1,2\r", {"1", "2"}, {2}},
        {"a byte order mark", ',', "\xef\xbb\xbf\"a\",b\n1,2\n", {"1", "2"}, {2}},
        {"blank lines", ',', "\n\na,b\n\n1,2\n\r\n\n3,4\n\n", {"1", "2", "3", "4"}, {5, 8}},
        {"empty cells", ',', "a,b\n,\n\"\",\"\"\n", {"", "", "", ""}, {2, 3}},
        {"blanks belong to the cell", ',', "a,b\n 1 ,\t\n", {" 1 ", "\t"}, {2}},
        {"quotes",
         ',',
         "a,b\n\"\"\"\",\"x\"\"y\"\n\"\"\"x\"\"\",\"\"\"\"\"\"\n",
         {"\"", "x\"y", "\"x\"", "\"\""},
         {2, 3}},
        {"separators", ',', "a,b\n\",\",\"1,2\"\n", {",", "1,2"}, {2}},
        {"line ends", ',', "a,b\n\"\n\",\"1\r\n\n2\n\"\r\n3,4\n", {"\n", "1\r\n\n2\n", "3", "4"}, {2, 7}},
        {"CR alone", ',', "a,b\nx\ry,\"\r\"\n", {"x\ry", "\r"}, {2}},
        {"formulas are text", ',', "a,b\n=1+1,@x\n", {"=1+1", "@x"}, {2}},
        {"UTF-8", ',', "a,b\n\xc3\xa9,\xf0\x9f\x98\x80\n", {"\xc3\xa9", "\xf0\x9f\x98\x80"}, {2}},
        {"TSV", '\t', "a\tb\n1,2\t\"3\t4\"\n", {"1,2", "3\t4"}, {2}},
        {"a quoted header", ',', "\"a\",\"b\"\n1,2\n", {"1", "2"}, {2}},
    };
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        struct temp_path path = temp_file(&dir, "data.csv", str_from(rows[i].data));
        struct err err = ERR_NULL;
        struct csv c CLEANUP(csv_close);
        CHECK(rows[i].name, csv_open(&c, &arena, path.text, rows[i].separator, &err));
        CHECK_INT(rows[i].name, c.column_count, 2);
        CHECK_CSTR(rows[i].name, c.columns[0], "a");
        CHECK_CSTR(rows[i].name, c.columns[1], "b");
        bool has = true;
        struct value row = {0};
        for (size_t n = 0; rows[i].cells[n] != NULL; n += 2) {
            CHECK(rows[i].name, csv_next(&c, &arena, &has, &row, NULL, &err) && has);
            CHECK_INT(rows[i].name, row.kind, VALUE_MAP);
            CHECK_INT(rows[i].name, row.len, 2);
            CHECK_INT(rows[i].name, row.pos.line, rows[i].lines[n / 2]);
            for (size_t k = 0; k < 2 && has && row.len == 2; k++) {
                CHECK_CSTR(rows[i].name, row.items[k].text, rows[i].cells[n + k]);
                CHECK_INT(rows[i].name, row.items[k].kind, VALUE_TEXT);
                CHECK("text, not a value to resolve", !row.items[k].is_plain);
            }
        }
        CHECK(rows[i].name, csv_next(&c, &arena, &has, &row, NULL, &err) && !has);
    }
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct temp_path path = temp_file(&dir, "data.csv", STR("a\n\"\"\n\nx\0y\n"));
    struct err err = ERR_NULL;
    struct csv c CLEANUP(csv_close);
    struct value row = {0};
    bool has = false;
    CHECK("one column", csv_open(&c, &arena, path.text, ',', &err));
    CHECK("an empty cell that is written",
          csv_next(&c, &arena, &has, &row, NULL, &err) && has && row.items[0].text.len == 0);
    CHECK("NUL", csv_next(&c, &arena, &has, &row, NULL, &err) && has);
    CHECK_STR("NUL", row.items[0].text, STR("x\0y"));
    CHECK_INT("keys have places", row.keys[0].pos.line, 1);
}

static void test_places(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct temp_path path = temp_file(&dir, "data.csv",
                                      STR("\xef\xbb\xbf"
                                          "a,b,c,d\n\xc3\xa9\xc3\xa9,\"x\n\n\xc3\xa9\",,\"\"\n"));
    struct err err = ERR_NULL;
    struct csv c CLEANUP(csv_close);
    struct value row = {0};
    bool has = false;
    CHECK("opens", csv_open(&c, &arena, path.text, ',', &err));
    CHECK("reads", csv_next(&c, &arena, &has, &row, NULL, &err) && has);
    static const uint32_t want[4][2] = {{2, 1}, {2, 4}, {4, 4}, {4, 5}};
    static const uint32_t want_keys[4][2] = {{1, 1}, {1, 3}, {1, 5}, {1, 7}};
    for (size_t i = 0; i < 4 && row.len == 4; i++) {
        CHECK_INT("line", row.items[i].pos.line, want[i][0]);
        CHECK_INT("column", row.items[i].pos.col, want[i][1]);
        CHECK_INT("key's line", row.keys[i].pos.line, want_keys[i][0]);
        CHECK_INT("key's column", row.keys[i].pos.col, want_keys[i][1]);
    }
}

static void test_limits(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    struct err err = ERR_NULL;
    struct value row = {0};
    bool has = false;

    struct temp_path line = temp_file(&dir, "line.csv", STR("a\n"));
    CHECK_INT("a line of NULs", truncate(line.text, (off_t)LIMIT_ROW_BYTES + 10), 0);
    struct csv c CLEANUP(csv_close);
    CHECK("a long line", csv_open(&c, &arena, line.text, ',', &err));
    CHECK("a long line", !csv_next(&c, &arena, &has, &row, NULL, &err));
    CHECK_INT("a long line", err.kind, ERR_LIMIT);
    CHECK_INT("a long line", err.pos.line, 2);
    csv_close(&c);

    struct buf data CLEANUP(buf_deinit) = BUF((size_t)LIMIT_ROW_BYTES * 2);
    buf_append_cstr(&data, "a,b\n1,\"");
    while (data.len < LIMIT_ROW_BYTES + 100) {
        buf_append_repeat(&data, 'x', 1 << 20);
        buf_append_char(&data, '\n');
    }
    buf_append_cstr(&data, "\"\n");
    struct temp_path record = temp_file(&dir, "record.csv", buf_str(&data));
    CHECK("a long record", csv_open(&c, &arena, record.text, ',', &err));
    CHECK("a long record", !csv_next(&c, &arena, &has, &row, NULL, &err));
    CHECK_INT("a long record", err.kind, ERR_LIMIT);
    CHECK_INT("the quote that opened it", err.pos.line, 2);
    CHECK_INT("the quote that opened it", err.pos.col, 3);
    csv_close(&c);

    buf_clear(&data);
    for (unsigned i = 0; i <= LIMIT_COLUMNS; i++) {
        buf_printf(&data, "%s%u", i == 0 ? "" : ",", i);
    }
    struct temp_path columns = temp_file(&dir, "columns.csv", buf_str(&data));
    CHECK("columns", !csv_open(&c, &arena, columns.text, ',', &err));
    CHECK_INT("columns", err.kind, ERR_LIMIT);
    CHECK_CONTAINS("columns", str_from(err.text), "more than 10000 columns");
}

/* Random tables, written and read back. */

enum { TABLE_COLUMNS_MAX = 5, TABLE_ROWS_MAX = 30, CELL_PIECES_MAX = 8 };

struct table {
    size_t columns, rows;
    struct str cells[TABLE_ROWS_MAX][TABLE_COLUMNS_MAX];
};

/* A record with too few or too many cells leaves the reader at the next one, wherever its cells end; any other fault does not. */
static void test_after_a_fault(void)
{
    static const struct {
        const char *name, *text; /* the second record is bad, a third one follows */
        bool is_lost;
    } rows[] = {
        {"too many", "a,b\n1,2,3\n4,5\n", false},
        {"too many, over lines", "a,b\n1,2,\"x\n9,9\",\"y\n\"\n4,5\n", false},
        {"too few", "a,b\n1\n4,5\n", false},
        {"a quote inside", "a,b\n1,2\"3\n4,5\n", true},
        {"text after a quote", "a,b\n\"1\"2,3\n4,5\n", true},
        {"no UTF-8", "a,b\n1,\xff\n4,5\n", true},
        {"too many, then a quote inside", "a,b\n1,2,3\"4\n4,5\n", true},
    };
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct temp_path path = temp_file(&dir, "bad.csv", str_from(rows[i].text));
        struct err err = ERR_NULL;
        struct csv c CLEANUP(csv_close);
        struct value row = {0};
        bool has = false;
        CHECK(rows[i].name, csv_open(&c, &arena, path.text, ',', &err));
        CHECK(rows[i].name, !csv_next(&c, &arena, &has, &row, NULL, &err));
        CHECK_INT(rows[i].name, c.is_lost, rows[i].is_lost);
        if (!rows[i].is_lost) {
            CHECK(rows[i].name, csv_next(&c, &arena, &has, &row, NULL, &err) && has);
            CHECK_CSTR(rows[i].name, row.items[0].text, "4");
        }
    }
}

static struct str random_cell(struct rng *r, struct arena *arena)
{
    static const char *const pieces[] = {
        "a", "1", " ", ",", "\t", "\"", "\n", "\r", "\r\n", "\xc3\xa9", "\xef\xbb\xbf", ";", "=", "\"\""};
    struct buf cell CLEANUP(buf_deinit) = BUF(100);
    for (uint64_t n = rng_below(r, CELL_PIECES_MAX); n > 0; n--) {
        buf_append_cstr(&cell, pieces[rng_below(r, ARRAY_LEN(pieces))]);
    }
    return arena_str(arena, buf_str(&cell));
}

static bool cell_needs_quotes(struct str cell, char separator)
{
    return str_find_char(cell, separator, NULL) || str_find_char(cell, '"', NULL) || str_find_char(cell, '\n', NULL) ||
           str_find_char(cell, '\r', NULL);
}

static void write_cell(struct buf *out, struct str cell, char separator, bool has_quotes)
{
    if (!has_quotes && !cell_needs_quotes(cell, separator)) {
        buf_append(out, cell);
        return;
    }
    buf_append_char(out, '"');
    for (size_t i = 0; i < cell.len; i++) {
        buf_append_repeat(out, cell.ptr[i], cell.ptr[i] == '"' ? 2 : 1);
    }
    buf_append_char(out, '"');
}

static void write_table(struct rng *r, struct buf *out, const struct table *t, char separator)
{
    const char *end = rng_below(r, 2) == 0 ? "\n" : "\r\n";
    buf_append_cstr(out, rng_below(r, 2) == 0 ? "" : "\xef\xbb\xbf");
    for (size_t k = 0; k < t->columns; k++) {
        buf_printf(out, "%.*sname %zu", k == 0 ? 0 : 1, &separator, k);
    }
    for (size_t i = 0; i < t->rows; i++) {
        buf_append_cstr(out, end);
        buf_append_cstr(out, rng_below(r, 5) == 0 ? end : "");
        for (size_t k = 0; k < t->columns; k++) {
            if (k > 0) {
                buf_append_char(out, separator);
            }
            /* the only cell of a record must be seen to be there */
            bool has_quotes = rng_below(r, 3) == 0 || (t->columns == 1 && t->cells[i][k].len == 0);
            write_cell(out, t->cells[i][k], separator, has_quotes);
        }
    }
    buf_append_cstr(out, rng_below(r, 2) == 0 ? "" : end);
}

static void check_row(const struct table *t, size_t i, const struct value *row)
{
    CHECK_INT("cells", row->len, t->columns);
    for (size_t k = 0; k < t->columns && row->len == t->columns; k++) {
        CHECK_STR("cell", row->items[k].text, t->cells[i][k]);
    }
}

static void check_table(struct rng *r, const struct temp_dir *dir, struct arena *arena)
{
    char separator = rng_below(r, 2) == 0 ? ',' : '\t';
    struct table t = {.columns = 1 + (size_t)rng_below(r, TABLE_COLUMNS_MAX),
                      .rows = (size_t)rng_below(r, TABLE_ROWS_MAX)};
    for (size_t i = 0; i < t.rows * TABLE_COLUMNS_MAX; i++) {
        t.cells[i / TABLE_COLUMNS_MAX][i % TABLE_COLUMNS_MAX] = random_cell(r, arena);
    }
    struct buf data CLEANUP(buf_deinit) = BUF(1 << 20);
    write_table(r, &data, &t, separator);
    struct temp_path path = temp_file(dir, "table", buf_str(&data));
    struct err err = ERR_NULL;
    struct csv c CLEANUP(csv_close);
    uint64_t offsets[TABLE_ROWS_MAX] = {0};
    uint64_t lines[TABLE_ROWS_MAX] = {0};
    CHECK("opens", csv_open(&c, arena, path.text, separator, &err));
    CHECK_CSTR("opens", str_from(err.text), "");
    CHECK_INT("columns", c.column_count, t.columns);
    bool has = true;
    struct value row = {0};
    for (size_t i = 0; i < t.rows; i++) {
        CHECK("reads", csv_next(&c, arena, &has, &row, &offsets[i], &err) && has);
        CHECK_CSTR("reads", str_from(err.text), "");
        check_row(&t, i, &row);
        lines[i] = row.pos.line - 1;
    }
    CHECK("ends", csv_next(&c, arena, &has, &row, NULL, &err) && !has);
    for (size_t n = 0; n < t.rows; n++) {
        size_t i = (size_t)rng_below(r, t.rows);
        CHECK("jumps", csv_seek(&c, offsets[i], lines[i], &err));
        CHECK("reads there", csv_next(&c, arena, &has, &row, NULL, &err) && has);
        check_row(&t, i, &row);
        CHECK_INT("the same line", row.pos.line, lines[i] + 1);
    }
}

static void test_round_trip(void)
{
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct rng r;
    rng_seed(&r, 20);
    for (int i = 0; i < 400; i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        check_table(&r, &dir, &arena);
    }
}

/* Whatever bytes come, reading ends with rows or with an error that has its place. */
static void test_noise(void)
{
    static const char alphabet[] = "ab,\"\"\n\r\t\xc3\xa9\xef";
    struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();
    struct rng r;
    rng_seed(&r, 21);
    for (int i = 0; i < 2000; i++) {
        struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
        char data[60];
        size_t len = (size_t)rng_below(&r, sizeof(data));
        for (size_t k = 0; k < len; k++) {
            data[k] = alphabet[rng_below(&r, sizeof(alphabet) - 1)];
        }
        struct temp_path path = temp_file(&dir, "noise", (struct str){data, len});
        struct err err = ERR_NULL;
        struct csv c CLEANUP(csv_close);
        struct value row = {0};
        bool has = true;
        bool ok = csv_open(&c, &arena, path.text, ',', &err);
        for (size_t n = 0; ok && has; n++) {
            CHECK("ends", n <= sizeof(data));
            ok = csv_next(&c, &arena, &has, &row, NULL, &err);
        }
        CHECK("an error has its place", ok || (err.kind == ERR_SUITE && err.pos.line > 0 && err.pos.col > 0));
    }
}

int main(void)
{
    static const struct check_test tests[] = {
        {"faults and their places", test_bad},
        {"records", test_good},
        {"places of cells", test_places},
        {"ceilings", test_limits},
        {"after a fault", test_after_a_fault},
        {"written and read back", test_round_trip},
        {"noise", test_noise},
    };
    return check_run("csv", tests, ARRAY_LEN(tests));
}
