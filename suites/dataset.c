#include "suites/dataset.h"

#include <string.h>

#include "base/limits.h"
#include "data/json.h"
#include "suites/loader.h"

static const struct {
    const char *ending;
    enum dataset_format format;
} ENDINGS[] = {
    {".jsonl", DATASET_JSONL},
    {".ndjson", DATASET_JSONL},
    {".csv", DATASET_CSV},
    {".tsv", DATASET_TSV},
};

static bool format_find(struct loader *l, struct dataset_spec *spec, struct src_pos pos)
{
    for (size_t i = 0; spec->format == DATASET_BY_ENDING && i < ARRAY_LEN(ENDINGS); i++) {
        if (str_ends(spec->file, str_from(ENDINGS[i].ending))) {
            spec->format = ENDINGS[i].format;
        }
    }
    if (spec->format != DATASET_BY_ENDING) {
        return true;
    }
    diag_add(l->diag, pos, "dataset: the ending of '%.*s' does not say its format", STR_ARG(spec->file));
    return diag_hint(l->diag, str_ends(spec->file, STR(".json"))
                                  ? "one JSON map a line is 'format: jsonl'; a file that is one list is written so by "
                                    "jq -c '.[]'"
                                  : "write format: jsonl, csv or tsv");
}

static bool mapping_check(struct loader *l, const struct dataset_spec *spec)
{
    const struct value *vars = spec->vars == NULL ? NULL : template_source(spec->vars);
    bool is_row = vars != NULL && vars->kind == VALUE_TEXT && !template_is_constant(spec->vars);
    if (vars != NULL && vars->kind != VALUE_MAP && !is_row) { /* one template may give a whole map */
        diag_add(l->diag, vars->pos, "dataset: 'vars' is a map, not %s", value_kind_name(vars->kind));
        return diag_hint(l->diag, "write vars: {name: \"{{column}}\"}");
    }
    return true;
}

/* The file is not looked for when the suite is a stored one: judging or rescoring again needs the records, not the rows. */
static bool file_check(struct loader *l, const struct dataset_spec *spec, struct src_pos pos)
{
    struct err err = ERR_NULL;
    struct data_rows rows = {0};
    if (l->options->stored_count > 0) {
        return true;
    }
    bool is_open = data_rows_open(&rows, spec, &err);
    data_rows_close(&rows);
    return is_open || diag_add_err(l->diag, pos, &err);
}

bool dataset_load(struct loader *l, const struct value *node)
{
    struct dataset_spec *spec = arena_new(l->arena, struct dataset_spec);
    *spec = (struct dataset_spec){.format = DATASET_BY_ENDING, .pos = node->pos};
    size_t first = l->diag->faults.len;
    bool is_clean = field_decode(&l->ctx, DATASET_ROWS, node, "dataset", spec);
    hint_foreign_keys(l->diag, first, HINT_DATASET, node);
    l->suite->dataset = spec;
    if (spec->file.ptr == NULL) {
        return is_clean;
    }
    const struct value *file = value_get(node, STR("file"));
    struct src_pos pos = file == NULL ? node->pos : file->pos;
    if (spec->file.len == 0 || str_has_nul(spec->file)) {
        return diag_add(l->diag, pos, "dataset: 'file' is empty or holds a NUL byte");
    }
    /* As the user would name it from here; a stored suite's own path may be one from another folder. */
    struct str folder = l->options->stored_count > 0          ? str_from(l->suite->dir)
                        : strchr(l->suite->path, '/') == NULL ? STR("")
                                                              : file_dir(str_from(l->suite->path));
    spec->path = file_join(l->arena, folder, spec->file);
    spec->stem = file_stem(spec->file);
    is_clean = is_clean && format_find(l, spec, pos) && mapping_check(l, spec);
    return is_clean && file_check(l, spec, pos);
}

static bool is_csv(const struct data_rows *d)
{
    return d->spec->format != DATASET_JSONL;
}

bool data_rows_open(struct data_rows *d, const struct dataset_spec *spec, struct err *err)
{
    *d = (struct data_rows){.spec = spec, .arena = ARENA_NULL};
    d->is_open = is_csv(d) ? csv_open(&d->csv, &d->arena, spec->path, spec->format == DATASET_CSV ? ',' : '\t', err)
                           : file_lines_open(&d->lines, spec->path, LIMIT_ROW_BYTES, err);
    if (!d->is_open) {
        err->pos.file = err->pos.file == NULL ? NULL : spec->path;
        arena_deinit(&d->arena);
    }
    return d->is_open;
}

void data_rows_close(struct data_rows *d)
{
    if (!d->is_open) {
        return;
    }
    if (is_csv(d)) {
        csv_close(&d->csv);
    } else {
        file_lines_close(&d->lines);
    }
    arena_deinit(&d->arena);
    d->is_open = false;
}

static uint32_t line_32(uint64_t line)
{
    return line < UINT32_MAX ? (uint32_t)line : UINT32_MAX;
}

/* The next line that is a row, without its line end and byte order mark. */
static bool json_line(struct data_rows *d, bool *ret_has, struct str *ret, uint64_t *ret_offset, struct err *err)
{
    for (;;) {
        if (!file_lines_next(&d->lines, ret_has, ret, ret_offset, err)) {
            return false;
        }
        if (*ret_has && *ret_offset == 0 && str_starts(*ret, STR("\xEF\xBB\xBF"))) {
            *ret = str_slice(*ret, 3, ret->len);
        }
        if (*ret_has && str_ends(*ret, STR("\r"))) {
            ret->len--;
        }
        if (!*ret_has || str_trim(*ret).len > 0) {
            return true;
        }
    }
}

static bool json_row(struct data_rows *d, struct arena *arena, bool *ret_has, struct data_row *ret, struct err *err)
{
    struct str line = STR_NULL;
    uint64_t offset = 0;
    d->is_lost = true;
    if (!json_line(d, ret_has, &line, &offset, err)) {
        return false;
    }
    d->is_lost = false;
    if (!*ret_has) {
        return true;
    }
    struct src_pos origin = {d->spec->path, line_32(d->lines.line), 1};
    struct value value;
    line = arena_str(arena, line); /* the tree may point into the text, which the next line overwrites */
    if (!json_read(arena, line, JSON_OURS, origin, &value, NULL, err)) {
        return false;
    }
    if (value.kind != VALUE_MAP) {
        return err_set_at(err, ERR_SUITE, origin, "a row is a JSON map {...}, not %s", value_kind_name(value.kind));
    }
    *ret = (struct data_row){value, offset, d->lines.line};
    return true;
}

bool data_rows_next(struct data_rows *d, struct arena *arena, bool *ret_has, struct data_row *ret, struct err *err)
{
    if (!is_csv(d)) {
        return json_row(d, arena, ret_has, ret, err);
    }
    struct value value;
    uint64_t offset = 0;
    if (!csv_next(&d->csv, arena, ret_has, &value, &offset, err)) {
        err->pos.file = err->pos.file == NULL ? NULL : d->spec->path; /* the reader's own copy goes with it */
        d->is_lost = d->csv.is_lost;
        return false;
    }
    if (*ret_has) {
        *ret = (struct data_row){value, offset, value.pos.line};
    }
    return true;
}

bool data_rows_seek(struct data_rows *d, uint64_t offset, uint64_t line, struct err *err)
{
    uint64_t before = line == 0 ? 0 : line - 1; /* both count the lines before */
    return is_csv(d) ? csv_seek(&d->csv, offset, before, err) : file_lines_seek(&d->lines, offset, before, err);
}

uint64_t data_rows_offset(const struct data_rows *d)
{
    return is_csv(d) ? d->csv.lines.offset : d->lines.offset;
}

bool data_rows_count(struct data_rows *d, uint64_t max, uint64_t *ret, struct err *err)
{
    struct arena arena CLEANUP(arena_deinit) = ARENA_NULL;
    uint64_t count = 0;
    uint64_t start = data_rows_offset(d);
    uint64_t start_line = is_csv(d) ? d->csv.lines.line : d->lines.line;
    bool has = true;
    while (has && (max == 0 || count < max)) {
        struct str line;
        struct data_row row;
        uint64_t offset = 0;
        if (!(is_csv(d) ? data_rows_next(d, &arena, &has, &row, err) : json_line(d, &has, &line, &offset, err))) {
            return false;
        }
        count += has ? 1 : 0;
        arena_reset(&arena);
    }
    *ret = count;
    return data_rows_seek(d, start, start_line + 1, err);
}
