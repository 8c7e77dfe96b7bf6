#ifndef ASSAY_IO_PROC_H
#define ASSAY_IO_PROC_H

/* What /proc tells of processes. Empty where there is no such file system, no such process, or no right to look. */

#include <stddef.h>
#include <sys/types.h>

#include "base/str.h"

/* The environment of a process, "A=b\0C=d\0", in `room`, cut at `size`. Empty too in the middle of an exec, and of a zombie. */
struct str proc_environment(pid_t pid, char *room, size_t size);

/* The children of this process's first thread, "12 34 ", in `room`. */
struct str proc_children(pid_t self, char *room, size_t size);

#endif
