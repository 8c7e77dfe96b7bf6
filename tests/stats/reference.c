#include "tests/stats/reference.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/file.h"
#include "base/num.h"
#include "base/vec.h"
#include "tests/check.h"

enum { FILE_MAX_BYTES = 16 << 20 };

static void fail(const char *file, uint64_t line, const char *what)
{
    (void)fprintf(stderr, "%s:%llu: %s\n", file, (unsigned long long)line, what);
    exit(1);
}

static void read_row(struct arena *arena, const char *file, uint64_t line, struct str text, struct reference_row *ret)
{
    VEC(double) values = {0};
    struct str part;
    while (str_split(&text, ' ', &part)) {
        if (part.len == 0) {
            continue;
        }
        if (ret->name == NULL) {
            ret->name = arena_cstr(arena, part);
            continue;
        }
        double value = 0;
        if (num_parse_json(part, &value) != NUM_OK) {
            fail(file, line, "no number");
        }
        *vec_push(arena, &values) = value;
    }
    ret->values = values.items;
    ret->count = values.len;
    ret->label = arena_printf(arena, "%s:%llu %s", file, (unsigned long long)line, ret->name).ptr;
}

struct reference reference_read(struct arena *arena, const char *dir, const char *file)
{
    const char *path = file_join(arena, str_from(dir), str_from(file));
    struct str text = STR_NULL;
    struct err err = ERR_NULL;
    if (!file_read(arena, path, FILE_MAX_BYTES, &text, &err)) {
        fail(file, 0, err.text);
    }
    VEC(struct reference_row) rows = {0};
    struct str line;
    for (uint64_t number = 1; str_split(&text, '\n', &line); number++) {
        line = str_trim(line);
        if (line.len > 0 && line.ptr[0] != '#') {
            read_row(arena, file, number, line, vec_push(arena, &rows));
        }
    }
    if (rows.len == 0) {
        fail(file, 0, "no rows");
    }
    return (struct reference){rows.items, rows.len};
}
