#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_EACH_ALONE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_EACH_ALONE 1
#endif
#endif
#ifndef ARENA_EACH_ALONE
#define ARENA_EACH_ALONE 0
#endif

/* The first chunk of an arena is small: there are hundreds of arenas at a time (requests, rows under way), and most hold little. It takes every allocation
 * that does not get a chunk of its own. */
enum { CHUNK_BYTES = 16 << 10, FIRST_BYTES = CHUNK_BYTES / 4, ALIGN_BYTES = 16, PRINTF_ROOM = 256 };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size, used;
    alignas(ALIGN_BYTES) char bytes[];
};

/* Of zeros: for one allocation. */
static struct arena_chunk *chunk_new(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct arena_chunk)) {
        mem_exhausted();
    }
    struct arena_chunk *chunk = mem_alloc(sizeof(struct arena_chunk) + size);
    chunk->size = size;
    return chunk;
}

/* For many, each of which is zeroed when it is made: most arenas use little of their chunk. */
static struct arena_chunk *chunk_open(struct arena_chunk *next)
{
    size_t size = next == NULL ? FIRST_BYTES : next->size < CHUNK_BYTES / 2 ? next->size * 2 : CHUNK_BYTES;
    struct arena_chunk *chunk = mem_realloc(NULL, sizeof(struct arena_chunk) + size);
    chunk->next = next;
    chunk->size = size;
    chunk->used = 0;
    return chunk;
}

static void chunks_free(struct arena_chunk *chunk)
{
    while (chunk != NULL) {
        struct arena_chunk *next = chunk->next;
        mem_free(chunk);
        chunk = next;
    }
}

void arena_deinit(struct arena *a)
{
    chunks_free(a->head);
    *a = ARENA_NULL;
}

/* Takes out the chunk that serves the next use best: the largest of ordinary size. */
static struct arena_chunk *take_kept(struct arena *a)
{
    struct arena_chunk **found = NULL;
    for (struct arena_chunk **link = &a->head; *link != NULL; link = &(*link)->next) {
        size_t size = (*link)->size;
        if (size <= CHUNK_BYTES && (found == NULL || size > (*found)->size)) {
            found = link;
        }
    }
    struct arena_chunk *keep = found == NULL ? NULL : *found;
    if (keep != NULL) {
        *found = keep->next;
    }
    return keep;
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *keep = ARENA_EACH_ALONE ? NULL : take_kept(a);
    chunks_free(a->head);
    *a = (struct arena){.head = keep};
    if (keep != NULL) {
        keep->next = NULL;
        keep->used = 0;
    }
}

/* *ret_zeroed: whether the bytes are zeros already. */
static void *take(struct arena *a, size_t size, bool *ret_zeroed)
{
    *ret_zeroed = true;
    if (size > SIZE_MAX - ALIGN_BYTES) {
        mem_exhausted();
    }
    a->total_bytes += size;
    if (ARENA_EACH_ALONE) {
        struct arena_chunk *alone = chunk_new(size);
        alone->next = a->head;
        a->head = alone;
        return alone->bytes;
    }
    size_t rounded = (size + ALIGN_BYTES - 1) & ~(size_t)(ALIGN_BYTES - 1);
    struct arena_chunk *head = a->head;
    if (head == NULL || head->size - head->used < rounded) {
        if (rounded > CHUNK_BYTES / 4) { /* a large one gets a chunk of its own, behind the head, which stays open */
            struct arena_chunk *large = chunk_new(rounded);
            large->used = rounded;
            if (head != NULL) {
                large->next = head->next;
                head->next = large;
            } else {
                a->head = large;
            }
            return large->bytes;
        }
        a->head = head = chunk_open(head);
    }
    void *ptr = head->bytes + head->used;
    head->used += rounded;
    *ret_zeroed = false;
    return ptr;
}

void *arena_alloc(struct arena *a, size_t size)
{
    bool is_zeroed = false;
    void *ptr = take(a, size, &is_zeroed);
    if (!is_zeroed) {
        memset(ptr, 0, size);
    }
    return ptr;
}

void *arena_alloc_array(struct arena *a, size_t item_size, size_t count)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(item_size, count, &bytes)) {
        mem_exhausted();
    }
    return arena_alloc(a, bytes);
}

void *arena_copy(struct arena *a, const void *from, size_t size)
{
    bool is_zeroed = false;
    void *to = take(a, size, &is_zeroed);
    if (size > 0) {
        memcpy(to, from, size);
    }
    return to;
}

static char *copy_text(struct arena *a, struct str s)
{
    bool is_zeroed = false;
    char *copy = take(a, s.len + 1, &is_zeroed);
    if (s.len > 0) {
        memcpy(copy, s.ptr, s.len);
    }
    copy[s.len] = '\0';
    return copy;
}

struct str arena_str(struct arena *a, struct str s)
{
    return (struct str){copy_text(a, s), s.len};
}

char *arena_cstr(struct arena *a, struct str s)
{
    if (str_has_nul(s)) {
        return NULL;
    }
    return copy_text(a, s);
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    char room[PRINTF_ROOM]; /* most are short: printed once */
    int needed = vsnprintf(room, sizeof(room), format, args);
    va_end(args);
    size_t len = needed < 0 ? 0 : (size_t)needed;
    char *text = NULL;
    if (len < sizeof(room)) {
        text = copy_text(a, (struct str){room, len});
    } else {
        text = arena_alloc(a, len + 1);
        (void)vsnprintf(text, len + 1, format, again);
    }
    va_end(again);
    return (struct str){text, len};
}
