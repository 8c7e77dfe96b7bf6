#include "base/mem.h"

#include <stdlib.h>
#include <unistd.h>

enum { EXIT_OUT_OF_MEMORY = 70 };

void mem_exhausted(void)
{
    static const char text[] = "assay: out of memory; what was recorded is safe (exit 70: internal)\n";
    ssize_t written = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)written;
    _exit(EXIT_OUT_OF_MEMORY);
}

void *mem_alloc(size_t size)
{
    void *ptr = calloc(1, size == 0 ? 1 : size);
    if (ptr == NULL) {
        mem_exhausted();
    }
    return ptr;
}

void *mem_realloc(void *old, size_t size)
{
    void *ptr = realloc(old, size == 0 ? 1 : size);
    if (ptr == NULL) {
        mem_exhausted();
    }
    return ptr;
}

void mem_free(void *ptr)
{
    free(ptr);
}
