#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* More than fits, so that the character at the cut is whole here. */
enum { TEXT_ROOM = sizeof(((struct err *)NULL)->text) + 8 };

/* What did not fit was cut anywhere: not within a character. */
static void text_cut(char *text, size_t max_bytes)
{
    text[utf8_cut(str_from(text), max_bytes).len] = '\0';
}

PRINTF_LIKE(5, 0)
static bool err_fill(struct err *err, enum err_kind kind, int sys, struct src_pos pos, const char *format, va_list args)
{
    char text[TEXT_ROOM]; /* apart, since an argument may be the text of `err` itself */
    char reason[128] = "";
    if (sys != 0) {
        char room[100];
        (void)snprintf(reason, sizeof(reason), ": %s", strerror_r(sys, room, sizeof(room)));
    }
    (void)vsnprintf(text, sizeof(text), format, args);
    text_cut(text, sizeof(err->text) - 1 - strlen(reason)); /* the reason is the cause: it stays */
    *err = (struct err){.kind = kind, .sys = sys, .pos = pos};
    size_t len = strlen(text);
    memcpy(err->text, text, len);
    memcpy(err->text + len, reason, strlen(reason) + 1);
    return false;
}

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool result = err_fill(err, kind, 0, (struct src_pos){0}, format, args);
    va_end(args);
    return result;
}

bool err_set_sys(struct err *err, enum err_kind kind, int sys, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool result = err_fill(err, kind, sys, (struct src_pos){0}, format, args);
    va_end(args);
    return result;
}

bool err_set_at(struct err *err, enum err_kind kind, struct src_pos pos, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool result = err_fill(err, kind, 0, pos, format, args);
    va_end(args);
    return result;
}

bool err_wrap(struct err *err, const char *format, ...)
{
    char context[TEXT_ROOM];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    size_t cause_len = strlen(err->text);
    size_t room = sizeof(err->text) - 1 - cause_len;
    if (room <= 2) {
        return false;
    }
    text_cut(context, room - 2);
    size_t context_len = strlen(context);
    memmove(err->text + context_len + 2, err->text, cause_len + 1);
    memcpy(err->text, context, context_len);
    memcpy(err->text + context_len, ": ", 2);
    return false;
}
