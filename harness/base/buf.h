#ifndef ASSAY_BASE_BUF_H
#define ASSAY_BASE_BUF_H

/* A growing byte buffer with a ceiling. It cannot be made without one: what exceeds it is dropped and the sticky `overflow` flag set, to be
 * checked once at the end. Always NUL-terminated one byte past `len`, so `ptr` may go to C calls when it holds no NUL.
 *
 * Ownership: the buffer owns its heap bytes; buf_deinit frees them. Use `struct buf b CLEANUP(buf_deinit) = BUF(max);`. */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct buf {
    char *ptr;
    size_t len, cap, max;
    bool overflow;
};

#define BUF(max_bytes) ((struct buf){.max = (max_bytes)})

void buf_init(struct buf *b, size_t max_bytes);
void buf_deinit(struct buf *b);
void buf_clear(struct buf *b); /* len 0, overflow off; keeps the memory */
void buf_append(struct buf *b, struct str text);
void buf_append_cstr(struct buf *b, const char *text);
void buf_append_char(struct buf *b, char c);
void buf_append_repeat(struct buf *b, char c, size_t count);
PRINTF_LIKE(2, 3) void buf_printf(struct buf *b, const char *format, ...);
PRINTF_LIKE(2, 0) void buf_vprintf(struct buf *b, const char *format, va_list args);

char *buf_grow(struct buf *b, size_t bytes); /* what buf_reserve does when the room is not there yet */

/* Room for `bytes` more (whatever max says is kept): write there, then buf_advance by what was written. NULL and overflow when over max. These two stand
 * here, so that a short piece of JSON costs little more than its bytes. */
static inline char *buf_reserve(struct buf *b, size_t bytes)
{
    /* the NUL counts, too; a buffer that was never written to has no room */
    bool is_there = bytes <= b->max - b->len && bytes < b->cap - b->len;
    return is_there ? b->ptr + b->len : buf_grow(b, bytes);
}

static inline void buf_advance(struct buf *b, size_t bytes)
{
    b->len += bytes;
    b->ptr[b->len] = '\0';
}

void buf_consume(struct buf *b, size_t bytes); /* drop from the front */
struct str buf_str(const struct buf *b);       /* valid until the next change */

#endif
