#include "base/str.h"

#include <string.h>

int str_cmp(struct str a, struct str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0) {
        return order;
    }
    return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq((struct str){s.ptr, prefix.len}, prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_slice(s, s.len - suffix.len, s.len), suffix);
}

static bool char_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

struct str str_trim(struct str s)
{
    while (s.len > 0 && char_is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && char_is_blank(s.ptr[s.len - 1])) {
        s.len--;
    }
    return s;
}

bool str_find(struct str s, struct str part, size_t *ret_at)
{
    const char *hit = NULL;
    if (part.len == 0) {
        hit = s.ptr;
    } else if (s.len >= part.len) {
        hit = memmem(s.ptr, s.len, part.ptr, part.len);
        if (hit == NULL) {
            return false;
        }
    } else {
        return false;
    }
    if (ret_at != NULL) {
        *ret_at = part.len == 0 ? 0 : (size_t)(hit - s.ptr);
    }
    return true;
}

bool str_find_char(struct str s, char c, size_t *ret_at)
{
    const char *hit = s.len == 0 ? NULL : memchr(s.ptr, c, s.len);
    if (hit == NULL) {
        return false;
    }
    if (ret_at != NULL) {
        *ret_at = (size_t)(hit - s.ptr);
    }
    return true;
}

bool str_has_nul(struct str s)
{
    return str_find_char(s, '\0', NULL);
}

bool str_has_control(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

bool str_split(struct str *rest, char separator, struct str *ret_part)
{
    if (rest->ptr == NULL) {
        return false;
    }
    size_t at = 0;
    if (!str_find_char(*rest, separator, &at)) {
        *ret_part = *rest;
        *rest = STR_NULL;
        return true;
    }
    *ret_part = str_slice(*rest, 0, at);
    *rest = (struct str){rest->ptr + at + 1, rest->len - at - 1};
    return true;
}

uint64_t str_hash(struct str s)
{
    /* FNV-1a, then a finalizer so that the low bits, which tables use, depend on all of the text */
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++) {
        hash = (hash ^ (unsigned char)s.ptr[i]) * 0x100000001b3u;
    }
    hash ^= hash >> 32;
    return hash;
}

enum { DISTANCE_MAX_LEN = 64 };

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t str_distance(struct str a, struct str b, size_t limit)
{
    size_t longer = a.len > b.len ? a.len : b.len;
    size_t shorter = a.len > b.len ? b.len : a.len;
    if (longer - shorter > limit || longer > DISTANCE_MAX_LEN) {
        return limit + 1;
    }
    size_t rows[3][DISTANCE_MAX_LEN + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *now = rows[2];
    memset(rows, 0, sizeof(rows));
    for (size_t j = 0; j <= b.len; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.len; i++) {
        now[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t cost = a.ptr[i - 1] == b.ptr[j - 1] ? 0 : 1;
            size_t best = min_size(min_size(last[j] + 1, now[j - 1] + 1), last[j - 1] + cost);
            bool is_swap = i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] && a.ptr[i - 2] == b.ptr[j - 1];
            now[j] = is_swap ? min_size(best, before[j - 2] + 1) : best;
        }
        size_t *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return min_size(last[b.len], limit + 1);
}

const char *str_nearest(struct str word, const char *const *candidates)
{
    const char *best = NULL;
    size_t third = word.len / 3 == 0 ? 1 : word.len / 3;
    size_t limit = third < 2 ? third : 2;
    for (size_t i = 0; candidates[i] != NULL; i++) {
        size_t distance = str_distance(word, str_from(candidates[i]), limit);
        if (distance <= limit) {
            best = candidates[i];
            if (distance == 0) {
                break;
            }
            limit = distance - 1; /* only a nearer one replaces it */
        }
    }
    return best;
}
