#include "data/csv.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "data/value.h"

/* Where in a record the reader stands. A record may go over several lines; only one of them is here at a time. */
struct cursor {
    struct csv *csv;
    struct str line; /* as the file has it, without "\n" */
    size_t at;       /* next byte of it */
    size_t end;      /* where its last cell ends if that is not quoted: a final "\r" is left out */
    struct src_pos
        pos; /* the place of byte `pos_at`; moves forward only, so that a line's characters are counted once */
    size_t pos_at;
    size_t record_bytes;
    uint64_t offset; /* of the record */
};

static struct src_pos cursor_pos(struct cursor *c)
{
    c->pos.col += (uint32_t)utf8_count(str_slice(c->line, c->pos_at, c->at));
    c->pos_at = c->at;
    return c->pos;
}

static bool line_check_text(struct cursor *c, struct err *err)
{
    if (c->csv->lines.line == 1) {
        if (str_starts(c->line, STR("\xff\xfe")) || str_starts(c->line, STR("\xfe\xff"))) {
            return err_set_at(err, ERR_SUITE, c->pos, "the file is UTF-16; save it as UTF-8");
        }
        if (str_starts(c->line, STR("\xef\xbb\xbf"))) {
            c->at = 3;
            c->pos_at = 3;
        }
    }
    size_t bad_at = 0;
    if (!utf8_is_valid(c->line, &bad_at)) {
        c->at = bad_at;
        return err_set_at(err, ERR_SUITE, cursor_pos(c), "byte 0x%02x is not valid UTF-8; save the file as UTF-8",
                          (unsigned)(unsigned char)c->line.ptr[bad_at]);
    }
    return true;
}

/* The next line of the record. `began` is the quote that makes it go on, or the record: the place to name when it grows too long. */
static bool cursor_take_line(struct cursor *c, const struct src_pos *began, bool *ret_has, struct err *err)
{
    uint64_t offset = 0;
    if (!file_lines_next(&c->csv->lines, ret_has, &c->line, &offset, err)) {
        return false;
    }
    if (!*ret_has) {
        return true;
    }
    uint64_t number = c->csv->lines.line;
    c->pos = (struct src_pos){c->csv->lines.path, number < UINT32_MAX ? (uint32_t)number : UINT32_MAX, 1};
    c->pos_at = 0;
    c->at = 0;
    if (c->record_bytes == 0) {
        c->offset = offset;
    }
    c->record_bytes += c->line.len + 1;
    if (c->record_bytes > (size_t)LIMIT_ROW_BYTES + 1) {
        return err_set_at(err, ERR_LIMIT, *began, "the record is longer than %u bytes; is a quote left open?",
                          LIMIT_ROW_BYTES);
    }
    if (!line_check_text(c, err)) {
        return false;
    }
    c->end = c->line.len - (str_ends(c->line, STR("\r")) ? 1 : 0);
    return true;
}

/* The first line of the next record in which anything is written. */
static bool cursor_begin(struct cursor *c, struct csv *csv, bool *ret_has, struct err *err)
{
    do {
        *c = (struct cursor){.csv = csv};
        if (!cursor_take_line(c, &c->pos, ret_has, err)) {
            return false;
        }
    } while (*ret_has && c->at == c->end);
    return true;
}

static bool cell_take_quoted(struct cursor *c, struct arena *arena, struct str *ret, struct err *err)
{
    struct src_pos opened = cursor_pos(c);
    struct buf text CLEANUP(buf_deinit) = BUF(LIMIT_ROW_BYTES + 1); /* only for a cell in several pieces */
    c->at++;
    for (;;) {
        struct str rest = str_slice(c->line, c->at, c->line.len);
        size_t len = 0;
        if (!str_find_char(rest, '"', &len)) {
            bool has = false;
            buf_append(&text, rest);
            buf_append_char(&text, '\n');
            if (!cursor_take_line(c, &opened, &has, err)) {
                return false;
            }
            if (!has) {
                return err_set_at(err, ERR_SUITE, opened, "the quote opened here is never closed");
            }
            continue;
        }
        c->at += len + 1;
        bool is_doubled = c->at < c->line.len && c->line.ptr[c->at] == '"';
        if (!is_doubled && text.len == 0) {
            *ret = arena_str(arena, str_slice(rest, 0, len));
            break;
        }
        buf_append(&text, str_slice(rest, 0, len + (is_doubled ? 1 : 0)));
        if (!is_doubled) {
            *ret = arena_str(arena, buf_str(&text));
            break;
        }
        c->at++;
    }
    if (c->at < c->end && c->line.ptr[c->at] != c->csv->separator) {
        return err_set_at(err, ERR_SUITE, cursor_pos(c),
                          "text after the quote that closes a cell (opened at %u:%u); a quote inside is written twice",
                          opened.line, opened.col);
    }
    return true;
}

static bool cell_take_plain(struct cursor *c, struct arena *arena, struct str *ret, struct err *err)
{
    struct str rest = str_slice(c->line, c->at, c->end);
    size_t len = rest.len;
    size_t quote_at = 0;
    (void)str_find_char(rest, c->csv->separator, &len);
    struct str text = str_slice(rest, 0, len);
    if (str_find_char(text, '"', &quote_at)) {
        c->at += quote_at;
        return err_set_at(
            err, ERR_SUITE, cursor_pos(c),
            "a quote inside a cell that does not begin with one; quote the whole cell and write it twice");
    }
    c->at += len;
    *ret = arena_str(arena, text);
    return true;
}

/* One cell and the separator behind it; *ret_more says whether there was one, so that another cell follows, be it empty. */
static bool cell_take(struct cursor *c, struct arena *arena, struct value *ret, bool *ret_more, struct err *err)
{
    struct src_pos pos = cursor_pos(c);
    bool is_quoted = c->at < c->end && c->line.ptr[c->at] == '"';
    struct str text = STR_NULL;
    if (!(is_quoted ? cell_take_quoted : cell_take_plain)(c, arena, &text, err)) {
        return false;
    }
    *ret = (struct value){.kind = VALUE_TEXT, .text = text, .pos = pos};
    *ret_more = c->at < c->end;
    c->at += *ret_more ? 1 : 0;
    return true;
}

static bool header_add(struct csv *c, struct map *seen, struct value *key, struct err *err)
{
    if (key->text.len == 0) {
        return err_set_at(err, ERR_SUITE, key->pos, "column %u has no name; the first record names the columns",
                          c->column_count + 1);
    }
    if (c->column_count == LIMIT_COLUMNS) {
        return err_set_at(err, ERR_LIMIT, key->pos, "more than %u columns", LIMIT_COLUMNS);
    }
    const struct value *before = map_get(seen, key->text);
    if (before != NULL) {
        return err_set_at(err, ERR_SUITE, key->pos, "two columns are named '%.*s'; the first is at %u:%u",
                          STR_ARG(key->text), before->pos.line, before->pos.col);
    }
    (void)map_put(seen, c->arena, key->text, arena_copy(c->arena, key, sizeof(*key)));
    c->column_count++;
    return true;
}

static bool header_read(struct csv *c, struct err *err)
{
    struct cursor cursor;
    bool has = false;
    if (!cursor_begin(&cursor, c, &has, err)) {
        return false;
    }
    if (!has) {
        return err_set_at(err, ERR_SUITE, (struct src_pos){c->lines.path, 1, 1},
                          "the file holds no record; the first one names the columns");
    }
    VEC(struct value) keys = {0};
    struct map seen = MAP_NULL;
    bool has_more = true;
    while (has_more) {
        struct value *key = vec_push(c->arena, &keys);
        if (!cell_take(&cursor, c->arena, key, &has_more, err) || !header_add(c, &seen, key, err)) {
            return false;
        }
    }
    c->keys = keys.items;
    c->columns = arena_array(c->arena, struct str, c->column_count);
    for (uint32_t i = 0; i < c->column_count; i++) {
        c->columns[i] = c->keys[i].text;
    }
    return true;
}

bool csv_open(struct csv *c, struct arena *arena, const char *path, char separator, struct err *err)
{
    *c = (struct csv){.separator = separator, .arena = arena};
    /* a copy of the path: the places of every row point to it */
    if (!file_lines_open(&c->lines, arena_cstr(arena, str_from(path)), LIMIT_ROW_BYTES, err)) {
        return false;
    }
    if (!header_read(c, err)) {
        csv_close(c);
        return false;
    }
    return true;
}

bool csv_next(struct csv *c, struct arena *row_arena, bool *ret_has, struct value *ret, uint64_t *ret_offset,
              struct err *err)
{
    struct cursor cursor;
    bool has = false;
    c->is_lost = true;
    if (!cursor_begin(&cursor, c, &has, err)) {
        return false;
    }
    *ret_has = has;
    if (!has) {
        c->is_lost = false;
        return true;
    }
    struct value row = {.kind = VALUE_MAP, .len = c->column_count, .keys = c->keys, .pos = cursor.pos};
    row.items = arena_array(row_arena, struct value, c->column_count);
    uint32_t count = 0;
    struct src_pos surplus = {0}; /* the first cell without a column; the rest is read to find the end of the record */
    bool has_more = true;
    while (has_more) {
        struct value no_column;
        bool has_column = count < c->column_count;
        if (!has_column && surplus.line == 0) {
            surplus = cursor_pos(&cursor);
        }
        if (!cell_take(&cursor, row_arena, has_column ? &row.items[count] : &no_column, &has_more, err)) {
            return false;
        }
        count += has_column ? 1 : 0;
    }
    c->is_lost = false;
    if (surplus.line > 0) {
        return err_set_at(err, ERR_SUITE, surplus, "more cells than the %u columns named in line %u", c->column_count,
                          c->keys[0].pos.line);
    }
    if (count < c->column_count) {
        return err_set_at(err, ERR_SUITE, cursor_pos(&cursor), "the record ends after %u of %u cells: no '%.*s'", count,
                          c->column_count, STR_ARG(c->columns[count]));
    }
    *ret = row;
    if (ret_offset != NULL) {
        *ret_offset = cursor.offset;
    }
    return true;
}

bool csv_seek(struct csv *c, uint64_t offset, uint64_t line, struct err *err)
{
    return file_lines_seek(&c->lines, offset, line, err);
}

void csv_close(struct csv *c)
{
    file_lines_close(&c->lines);
}
