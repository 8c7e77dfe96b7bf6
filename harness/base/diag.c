#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

enum {
    NAMES_SHOWN_MAX = 12, /* a list of more is no help in one line */
    NAMES_BYTES_MAX = 120
};

void diag_init(struct diag *d, struct arena *arena)
{
    *d = (struct diag){.arena = arena};
}

void diag_source(struct diag *d, const char *file, struct str text)
{
    *vec_push(d->arena, &d->sources) = (struct source){file, text};
}

PRINTF_LIKE(2, 0) static struct str text_printed(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0) {
        return str_from(format);
    }
    char *text = arena_alloc(arena, (size_t)len + 1);
    (void)vsnprintf(text, (size_t)len + 1, format, args);
    return (struct str){text, (size_t)len};
}

/* The slot of a new fault; NULL when there are enough. */
static struct fault *fault_new(struct diag *d)
{
    if (d->faults.len >= LIMIT_FAULTS) {
        d->dropped++;
        return NULL;
    }
    return vec_push(d->arena, &d->faults);
}

/* The fault that diag_hint and diag_span speak of; NULL when it was not kept. */
static struct fault *fault_newest(struct diag *d)
{
    return d->faults.len == 0 || d->dropped > 0 ? NULL : &d->faults.items[d->faults.len - 1];
}

bool diag_add(struct diag *d, struct src_pos pos, const char *format, ...)
{
    struct fault *fault = fault_new(d);
    if (fault == NULL) {
        return false;
    }
    va_list args;
    va_start(args, format);
    *fault = (struct fault){.pos = pos, .kind = ERR_SUITE, .text = text_printed(d->arena, format, args)};
    va_end(args);
    return false;
}

bool diag_hint(struct diag *d, const char *format, ...)
{
    struct fault *fault = fault_newest(d);
    if (fault == NULL) {
        return false;
    }
    va_list args;
    va_start(args, format);
    fault->hint = text_printed(d->arena, format, args);
    va_end(args);
    return false;
}

bool diag_span(struct diag *d, uint32_t len)
{
    struct fault *fault = fault_newest(d);
    if (fault != NULL) {
        fault->len = len;
    }
    return false;
}

bool diag_add_err(struct diag *d, struct src_pos fallback, const struct err *err)
{
    struct fault *fault = fault_new(d);
    if (fault != NULL) {
        *fault = (struct fault){
            .pos = err->pos.file == NULL ? fallback : err->pos,
            .kind = err->kind,
            .text = arena_str(d->arena, str_from(err->text)),
        };
    }
    return false;
}

bool diag_hint_nearest(struct diag *d, struct str word, const char *const *names)
{
    const char *near = str_nearest(word, names);
    if (near != NULL) {
        return diag_hint(d, "did you mean '%s'?", near);
    }
    struct buf list CLEANUP(buf_deinit) = BUF(NAMES_BYTES_MAX);
    size_t count = 0;
    for (; names[count] != NULL; count++) {
        buf_append_cstr(&list, count == 0 ? "" : ", ");
        buf_append_cstr(&list, names[count]);
    }
    if (count == 0 || count > NAMES_SHOWN_MAX || list.overflow) {
        return false;
    }
    return diag_hint(d, "known: %.*s", STR_ARG(buf_str(&list)));
}

bool diag_is_clean(const struct diag *d)
{
    return d->faults.len == 0;
}

static int pos_compare(const struct src_pos *a, const struct src_pos *b)
{
    int order = strcmp(a->file == NULL ? "" : a->file, b->file == NULL ? "" : b->file);
    if (order != 0) {
        return order;
    }
    if (a->line != b->line) {
        return a->line < b->line ? -1 : 1;
    }
    return (a->col > b->col) - (a->col < b->col);
}

/* By insertion: there are LIMIT_FAULTS at most, and it keeps the order of equal places, which qsort does not promise. */
void diag_sort(struct diag *d)
{
    for (size_t i = 1; i < d->faults.len; i++) {
        struct fault moved = d->faults.items[i];
        size_t at = i;
        for (; at > 0 && pos_compare(&d->faults.items[at - 1].pos, &moved.pos) > 0; at--) {
            d->faults.items[at] = d->faults.items[at - 1];
        }
        d->faults.items[at] = moved;
    }
}
