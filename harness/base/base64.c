#include "base/base64.h"

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { GROUP_BYTES = 3, GROUP_DIGITS = 4 };

size_t base64_size(size_t bytes)
{
    return bytes / GROUP_BYTES * GROUP_DIGITS + GROUP_DIGITS;
}

void base64_append(struct buf *out, struct str bytes)
{
    for (size_t at = 0; at < bytes.len; at += GROUP_BYTES) {
        size_t left = bytes.len - at < GROUP_BYTES ? bytes.len - at : GROUP_BYTES;
        uint32_t group = 0;
        for (size_t i = 0; i < GROUP_BYTES; i++) {
            group = group << 8 | (i < left ? (unsigned char)bytes.ptr[at + i] : 0u);
        }
        char text[GROUP_DIGITS];
        for (size_t i = 0; i < GROUP_DIGITS; i++) {
            text[i] = i <= left ? digits[group >> (18 - 6 * i) & 0x3f] : '=';
        }
        buf_append(out, (struct str){text, GROUP_DIGITS});
    }
}

/* The value of a digit; false for any other character. */
static bool digit_value(char c, uint32_t *ret)
{
    size_t at = 0;
    if (!str_find_char((struct str){digits, sizeof(digits) - 1}, c, &at)) {
        return false;
    }
    *ret = (uint32_t)at;
    return true;
}

bool base64_decode(struct arena *arena, struct str text, struct str *ret)
{
    if (text.len % GROUP_DIGITS != 0) {
        return false;
    }
    size_t padding = str_ends(text, STR("==")) ? 2 : str_ends(text, STR("=")) ? 1 : 0;
    size_t len = text.len / GROUP_DIGITS * GROUP_BYTES - padding;
    char *bytes = arena_alloc(arena, len);
    uint32_t group = 0;
    size_t written = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint32_t digit = 0;
        if (i < text.len - padding && !digit_value(text.ptr[i], &digit)) {
            return false;
        }
        group = group << 6 | digit;
        if (i % GROUP_DIGITS == GROUP_DIGITS - 1) {
            for (size_t n = 0; n < GROUP_BYTES; n++) {
                unsigned char byte = group >> (16 - 8 * n) & 0xff;
                if (written < len) {
                    bytes[written++] = (char)byte;
                } else if (byte != 0) {
                    return false;
                }
            }
            group = 0;
        }
    }
    *ret = (struct str){bytes, len};
    return true;
}
