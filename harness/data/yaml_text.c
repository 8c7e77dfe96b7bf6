#include "data/yaml_text.h"

#include <string.h>

#include "base/diag.h"
#include "base/limits.h"
#include "base/utf8.h"

static const char byte_order_mark[] = "\xef\xbb\xbf";

static struct yaml_text text_of(const char *file, struct str bytes)
{
    return (struct yaml_text){.file = file, .bytes = bytes, .pos = {file, 1, 1}};
}

/* By the marks of either order; or, where there is none, by the zero byte that a first character of ASCII then has. UTF-32 has both, too. */
static bool looks_like_utf16(struct str text)
{
    return str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff")) ||
           (text.len >= 2 && (text.ptr[0] == '\0') != (text.ptr[1] == '\0')) || str_starts(text, STR("\0\0\xfe\xff"));
}

/* libyaml ends lines there. */
static bool ends_with_break(struct str text)
{
    static const char *const breaks[] = {"\n", "\r", "\xc2\x85", "\xe2\x80\xa8", "\xe2\x80\xa9"};
    for (size_t i = 0; i < ARRAY_LEN(breaks); i++) {
        if (str_ends(text, str_from(breaks[i]))) {
            return true;
        }
    }
    return text.len == 0;
}

/* Where a line begins with %TAG: libyaml compares each of these with all before it, so 2 MB of them take 14 seconds, before the first
 * event. Tags are not read anyway. */
static bool find_tag_directive(struct str text, size_t *ret_at)
{
    static const struct str directive = {"%TAG", 4};
    size_t from = 0;
    size_t at = 0;
    while (str_find(str_slice(text, from, text.len), directive, &at)) {
        if (ends_with_break(str_slice(text, 0, from + at))) {
            *ret_at = from + at;
            return true;
        }
        from += at + directive.len;
    }
    return false;
}

bool yaml_text_open(const char *file, struct str text, struct yaml_text *ret, struct diag *diag)
{
    struct src_pos start = {file, 1, 1};
    if (text.len > LIMIT_SUITE_BYTES) {
        struct err err = ERR_NULL;
        (void)err_set_at(&err, ERR_LIMIT, start, "the file is over %u MiB", LIMIT_SUITE_BYTES >> 20);
        return diag_add_err(diag, start, &err);
    }
    if (looks_like_utf16(text)) {
        (void)diag_add(diag, start, "the file is UTF-16 or UTF-32");
        return diag_hint(diag, "save it as UTF-8");
    }
    struct str mark = {byte_order_mark, sizeof(byte_order_mark) - 1};
    struct str bytes = str_starts(text, mark) ? str_slice(text, mark.len, text.len) : text;
    struct yaml_text result = text_of(file, bytes);
    struct yaml_text seek = result;
    size_t at = 0;
    if (!utf8_is_valid(bytes, &at)) {
        (void)diag_add(diag, yaml_text_place_of_byte(&seek, at), "the byte 0x%02x is not valid UTF-8",
                       (unsigned char)bytes.ptr[at]);
        return diag_hint(diag, "save the file as UTF-8");
    }
    if (bytes.len > 0 && str_find(bytes, mark, &at)) {
        (void)diag_add(diag, yaml_text_place_of_byte(&seek, at), "a byte order mark (U+FEFF) inside the file");
        return diag_hint(diag, "remove it; inside double quotes it may be written \\uFEFF");
    }
    if (find_tag_directive(bytes, &at)) {
        (void)diag_add(diag, yaml_text_place_of_byte(&seek, at), "tags are not read: no %%TAG");
        return diag_hint(diag, "remove the line");
    }
    *ret = result;
    return true;
}

static void step_character(struct yaml_text *t)
{
    bool is_line_end = t->bytes.ptr[t->at] == '\n';
    t->at++;
    while (t->at < t->bytes.len && ((unsigned char)t->bytes.ptr[t->at] & 0xc0) == 0x80) {
        t->at++;
    }
    t->index++;
    t->pos.line += is_line_end ? 1 : 0;
    t->pos.col = is_line_end ? 1 : t->pos.col + 1;
}

struct src_pos yaml_text_place(struct yaml_text *t, size_t index, size_t *ret_at)
{
    if (index < t->index) {
        *t = text_of(t->file, t->bytes);
    }
    while (t->index < index && t->at < t->bytes.len) {
        step_character(t);
    }
    if (ret_at != NULL) {
        *ret_at = t->at;
    }
    return t->pos;
}

struct src_pos yaml_text_place_of_byte(struct yaml_text *t, size_t at)
{
    if (at < t->at) {
        *t = text_of(t->file, t->bytes);
    }
    while (t->at < at && t->at < t->bytes.len) {
        step_character(t);
    }
    return t->pos;
}

struct str yaml_text_line(const struct yaml_text *t, size_t at)
{
    size_t from = at;
    while (from > 0 && t->bytes.ptr[from - 1] != '\n') {
        from--;
    }
    size_t to = at;
    while (to < t->bytes.len && t->bytes.ptr[to] != '\n') {
        to++;
    }
    return str_slice(t->bytes, from, to);
}
