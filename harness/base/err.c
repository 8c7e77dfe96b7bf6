#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PRINTF_LIKE(5, 0)
static bool err_fill(struct err *err, enum err_kind kind, int sys, struct src_pos pos, const char *format, va_list args)
{
    *err = (struct err){.kind = kind, .sys = sys, .pos = pos};
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
    if (sys != 0) {
        size_t used = strlen(err->text);
        char reason[128];
        (void)snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror_r(sys, reason, sizeof(reason)));
    }
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
    char context[sizeof(err->text)];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(context, sizeof(context), format, args);
    va_end(args);
    size_t cause_len = strlen(err->text);
    size_t room = sizeof(err->text) - 1 - cause_len;
    if (room <= 2) {
        return false;
    }
    size_t context_len = strlen(context);
    if (context_len > room - 2) {
        context_len = room - 2;
    }
    memmove(err->text + context_len + 2, err->text, cause_len + 1);
    memcpy(err->text, context, context_len);
    memcpy(err->text + context_len, ": ", 2);
    return false;
}
