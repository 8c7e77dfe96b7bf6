#include "base/utf8.h"

#include <string.h>

#include <utf8proc.h>

#include "base/buf.h"

enum {
    POINT_REPLACEMENT = 0xfffd,
    POINT_MAX = 0x10ffff,
    POINT_BYTES_MAX = 4,
    FOLD_POINTS_MAX = 8 /* full folding gives up to three */
};

/* The length of the well-formed sequence at `at` and its code point; 0 when ill-formed. Table 3-7 of the Unicode standard: the second byte's
 * range shuts out overlong forms, surrogates and what is over U+10FFFF. */
static size_t sequence_at(struct str s, size_t at, uint32_t *ret_point)
{
    const unsigned char *bytes = (const unsigned char *)s.ptr + at;
    size_t left = s.len - at;
    unsigned first = bytes[0];
    if (first < 0x80) {
        *ret_point = first;
        return 1;
    }
    if (first < 0xc2 || first > 0xf4) {
        return 0;
    }
    size_t len = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    unsigned low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (left < len || bytes[1] < low || bytes[1] > high) {
        return 0;
    }
    uint32_t point = first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
        point = point << 6 | (bytes[i] & 0x3fu);
    }
    *ret_point = point;
    return len;
}

/* Skips ASCII from `at`, eight bytes at a time: most text is nearly all ASCII, and every byte of a data file passes here. */
static size_t ascii_skip(struct str s, size_t at)
{
    uint64_t word = 0;
    while (s.len - at >= sizeof(word)) {
        memcpy(&word, s.ptr + at, sizeof(word));
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
        at += sizeof(word);
    }
    return at;
}

bool utf8_is_valid(struct str s, size_t *ret_bad_at)
{
    for (size_t at = ascii_skip(s, 0); at < s.len; at = ascii_skip(s, at)) {
        uint32_t point = 0;
        size_t len = sequence_at(s, at, &point);
        if (len == 0) {
            if (ret_bad_at != NULL) {
                *ret_bad_at = at;
            }
            return false;
        }
        at += len;
    }
    return true;
}

bool utf8_next(struct str s, size_t *at, uint32_t *ret_point)
{
    if (*at >= s.len) {
        return false;
    }
    uint32_t point = POINT_REPLACEMENT;
    size_t len = sequence_at(s, *at, &point);
    *at += len == 0 ? 1 : len;
    *ret_point = len == 0 ? POINT_REPLACEMENT : point;
    return true;
}

size_t utf8_encode(uint32_t point, char ret[static 4])
{
    bool is_scalar = point <= POINT_MAX && (point < 0xd800 || point > 0xdfff);
    return (size_t)utf8proc_encode_char((utf8proc_int32_t)(is_scalar ? point : POINT_REPLACEMENT),
                                        (utf8proc_uint8_t *)ret);
}

void utf8_append(struct buf *out, uint32_t point)
{
    char bytes[POINT_BYTES_MAX];
    buf_append(out, (struct str){bytes, utf8_encode(point, bytes)});
}

void utf8_append_valid(struct buf *out, struct str s)
{
    size_t from = 0;
    for (size_t at = 0; at < s.len;) {
        uint32_t point = 0;
        size_t len = sequence_at(s, at, &point);
        if (len == 0) {
            buf_append(out, str_slice(s, from, at));
            utf8_append(out, POINT_REPLACEMENT);
            from = at + 1;
            len = 1;
        }
        at += len;
    }
    buf_append(out, str_slice(s, from, s.len));
}

size_t utf8_count(struct str s)
{
    size_t count = ascii_skip(s, 0);
    uint32_t point = 0;
    for (size_t at = count; utf8_next(s, &at, &point);) {
        size_t next = ascii_skip(s, at);
        count += 1 + next - at;
        at = next;
    }
    return count;
}

/* The White_Space property, which utf8proc does not carry. */
static bool point_is_blank(uint32_t point)
{
    return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 || point == 0xa0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 || point == 0x202f ||
           point == 0x205f || point == 0x3000;
}

size_t utf8_count_words(struct str s)
{
    size_t count = 0;
    bool was_blank = true;
    uint32_t point = 0;
    for (size_t at = 0; utf8_next(s, &at, &point);) {
        bool is_blank = point_is_blank(point);
        count += was_blank && !is_blank ? 1 : 0;
        was_blank = is_blank;
    }
    return count;
}

int utf8_width(uint32_t point)
{
    if (point > POINT_MAX) {
        return 1;
    }
    if (point >= 0x20 && point < 0x7f) {
        return 1;
    }
    int width = utf8proc_charwidth((utf8proc_int32_t)point);
    utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)point);
    bool is_hole = category == UTF8PROC_CATEGORY_CN || category == UTF8PROC_CATEGORY_CO; /* terminals draw a box */
    return width == 0 && is_hole ? 1 : width;
}

bool utf8_joins_digits(uint32_t point)
{
    if (point == '_') {
        return true;
    }
    utf8proc_category_t category =
        point > POINT_MAX ? UTF8PROC_CATEGORY_CN : utf8proc_category((utf8proc_int32_t)point);
    return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT ||
           category == UTF8PROC_CATEGORY_LM || category == UTF8PROC_CATEGORY_ND;
}

static void fold_ascii(struct buf *out, struct str s)
{
    char *to = s.len == 0 ? NULL : buf_reserve(out, s.len);
    if (to == NULL) {
        return;
    }
    for (size_t i = 0; i < s.len; i++) {
        to[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] + ('a' - 'A') : s.ptr[i]);
    }
    buf_advance(out, s.len);
}

void utf8_fold(struct buf *out, struct str s)
{
    uint32_t point = 0;
    size_t from = 0;
    for (size_t at = ascii_skip(s, 0); at < s.len; at = ascii_skip(s, at)) {
        size_t start = at;
        (void)utf8_next(s, &at, &point);
        if (point < 0x80) {
            continue; /* with the others up to the next one that is not ASCII */
        }
        fold_ascii(out, str_slice(s, from, start));
        from = at;
        utf8proc_int32_t folded[FOLD_POINTS_MAX];
        utf8proc_ssize_t count =
            utf8proc_decompose_char((utf8proc_int32_t)point, folded, FOLD_POINTS_MAX, UTF8PROC_CASEFOLD, NULL);
        if (count < 0 || count > FOLD_POINTS_MAX) {
            utf8_append(out, point);
            continue;
        }
        for (utf8proc_ssize_t i = 0; i < count; i++) {
            utf8_append(out, (uint32_t)folded[i]);
        }
    }
    fold_ascii(out, str_slice(s, from, s.len));
}

struct str utf8_cut(struct str s, size_t max_bytes)
{
    if (s.len <= max_bytes) {
        return s;
    }
    size_t start = max_bytes;
    while (start > 0 && max_bytes - start < POINT_BYTES_MAX && ((unsigned char)s.ptr[start] & 0xc0) == 0x80) {
        start--;
    }
    uint32_t point = 0;
    size_t end = start;
    (void)utf8_next(s, &end, &point);
    return str_slice(s, 0, end > max_bytes ? start : max_bytes);
}
