#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { BUF_FIRST_BYTES = 256, PRINTF_ROOM = 256 };

void buf_init(struct buf *b, size_t max_bytes)
{
    *b = BUF(max_bytes);
}

void buf_deinit(struct buf *b)
{
    mem_free(b->ptr);
    *b = BUF(b->max);
}

void buf_clear(struct buf *b)
{
    if (b->len > 0) { /* an empty one is not touched: most are, and far away */
        b->ptr[0] = '\0';
    }
    b->len = 0;
    b->overflow = false;
}

char *buf_grow(struct buf *b, size_t bytes)
{
    size_t max = b->max < SIZE_MAX ? b->max : SIZE_MAX - 1; /* the NUL must count too */
    if (bytes > max || b->len > max - bytes) {
        b->overflow = true;
        return NULL;
    }
    size_t wanted = b->len + bytes + 1;
    if (wanted > b->cap) {
        size_t cap = b->cap == 0 ? BUF_FIRST_BYTES : b->cap;
        while (cap < wanted) {
            cap = cap > (size_t)-1 / 2 ? wanted : cap * 2;
        }
        b->ptr = mem_realloc(b->ptr, cap);
        b->cap = cap;
        b->ptr[b->len] = '\0';
    }
    return b->ptr + b->len;
}

void buf_append(struct buf *b, struct str text)
{
    char *at = buf_reserve(b, text.len);
    if (at == NULL) {
        return;
    }
    if (text.len > 0) {
        memcpy(at, text.ptr, text.len);
    }
    buf_advance(b, text.len);
}

void buf_append_cstr(struct buf *b, const char *text)
{
    buf_append(b, str_from(text));
}

void buf_append_char(struct buf *b, char c)
{
    if (b->len + 1 < b->cap && b->len < b->max) { /* most of JSON is written so */
        b->ptr[b->len++] = c;
        b->ptr[b->len] = '\0';
        return;
    }
    buf_append(b, (struct str){&c, 1});
}

void buf_append_repeat(struct buf *b, char c, size_t count)
{
    char *at = buf_reserve(b, count);
    if (at == NULL) {
        return;
    }
    memset(at, c, count);
    buf_advance(b, count);
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    buf_vprintf(b, format, args);
    va_end(args);
}

void buf_vprintf(struct buf *b, const char *format, va_list args)
{
    char room[PRINTF_ROOM]; /* most are short: printed once */
    va_list again;
    va_copy(again, args);
    int needed = vsnprintf(room, sizeof(room), format, args);
    char *at = needed < 0 ? NULL : buf_reserve(b, (size_t)needed);
    if (at == NULL) {
        b->overflow = true;
    } else if ((size_t)needed < sizeof(room)) {
        memcpy(at, room, (size_t)needed);
        buf_advance(b, (size_t)needed);
    } else {
        (void)vsnprintf(at, (size_t)needed + 1, format, again);
        buf_advance(b, (size_t)needed);
    }
    va_end(again);
}

void buf_consume(struct buf *b, size_t bytes)
{
    if (b->len == 0) {
        return;
    }
    size_t kept = bytes < b->len ? b->len - bytes : 0;
    memmove(b->ptr, b->ptr + (b->len - kept), kept);
    b->len = kept;
    b->ptr[kept] = '\0';
}

struct str buf_str(const struct buf *b)
{
    return (struct str){b->ptr == NULL ? "" : b->ptr, b->len};
}
