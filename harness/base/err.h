#ifndef ASSAY_BASE_ERR_H
#define ASSAY_BASE_ERR_H

/* An *error* means that assay could not do its work: a bad suite, no disk, no access. What a target or a scorer did badly is an *outcome*,
 * which is data (model/sample.h), never a struct err. The error lives on the caller's stack; nothing is freed.
 *
 * A function returns true for success; on false `err` is filled and its outputs are untouched. err_set and err_wrap return false, so a
 * failure is one line: `return err_set(err, ERR_IO, "cannot open '%s'", path);` */

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

enum err_kind {
    ERR_NONE,
    ERR_USAGE,     /* a command line that cannot be followed */
    ERR_SUITE,     /* a suite or configuration that is not valid */
    ERR_EMPTY,     /* nothing selected; a run or baseline that is not there */
    ERR_IO,        /* disk, store, report */
    ERR_NET,       /* endpoint unreachable */
    ERR_ACCESS,    /* refused: 401, 403 */
    ERR_SETUP,     /* setup failed, a program that cannot be started */
    ERR_LIMIT,     /* a ceiling of base/limits.h */
    ERR_CANCELLED, /* a signal */
    ERR_BUG        /* our own mistake */
};

struct src_pos {
    const char *file;   /* as the user wrote it; NULL = unknown. Lives as long as the loaded suite */
    uint32_t line, col; /* from 1; line 0 = unknown. col counts characters, as editors do */
};

struct err {
    enum err_kind kind; /* decides the exit code, in one table (cli/exit_code.h) */
    int sys;            /* errno; of ERR_CANCELLED the signal; or 0 */
    struct src_pos pos; /* set once, by whoever first knows it */
    char text[1024];    /* innermost cause, context prefixed on the way up */
};

#define ERR_NULL ((struct err){.kind = ERR_NONE})

/* The same for what runs for every sample, some ten times each: sets what is read of an error that is none, and not a KiB to zero. */
static inline void err_clear(struct err *err)
{
    err->kind = ERR_NONE;
    err->sys = 0;
    err->pos = (struct src_pos){0};
    err->text[0] = '\0';
}

PRINTF_LIKE(3, 4) bool err_set(struct err *err, enum err_kind kind, const char *format, ...);

/* As err_set, with ": <text of the errno>" appended and kept in `sys`. */
PRINTF_LIKE(4, 5) bool err_set_sys(struct err *err, enum err_kind kind, int sys, const char *format, ...);
PRINTF_LIKE(4, 5) bool err_set_at(struct err *err, enum err_kind kind, struct src_pos pos, const char *format, ...);

/* Put "<context>: " before the text. When it fills up, the cause is kept and the context cut. */
PRINTF_LIKE(2, 3) bool err_wrap(struct err *err, const char *format, ...);

#endif
