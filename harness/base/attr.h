#ifndef ASSAY_BASE_ATTR_H
#define ASSAY_BASE_ATTR_H

/* The compiler attributes this project uses, under names that read as what they promise. */

#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define OUT_OF_LINE __attribute__((noinline)) /* keeps what its callers do mostly short */

/* Run `fn(&variable)` when the variable leaves its scope. Declare and initialise on one line; never together with goto. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Hand a pointer or descriptor over: returns it and leaves the variable empty, so that its cleanup does nothing. */
#define take_ptr(p)                                                                                                    \
    __extension__({                                                                                                    \
        __typeof__(*(p)) taken_ = *(p);                                                                                \
        *(p) = NULL;                                                                                                   \
        taken_;                                                                                                        \
    })

static inline int take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

#endif
