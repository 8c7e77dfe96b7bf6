#ifndef ASSAY_BASE_MEM_H
#define ASSAY_BASE_MEM_H

/* Heap memory that is there or ends the program. All input sizes are capped and finished samples are on disk, so limping on without memory
 * would buy nothing: one line on stderr and exit status 70 (the table in cli/exit_code.h knows it as "internal"). */

#include <stddef.h>

#include "base/attr.h"

/* Never NULL. Zeroed. size 0 gives a unique pointer. Free with mem_free. */
void *mem_alloc(size_t size);

/* As realloc; new bytes are not zeroed. */
void *mem_realloc(void *old, size_t size);
void mem_free(void *ptr);

NORETURN void mem_exhausted(void);

#endif
