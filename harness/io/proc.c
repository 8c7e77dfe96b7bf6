#include "io/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static struct str read_start(const char *path, char *room, size_t size)
{
    size_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && len < size) {
        ssize_t got = read(fd, room + len, size - len);
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return (struct str){room, len};
}

struct str proc_environment(pid_t pid, char *room, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%ld/environ", (long)pid);
    return read_start(path, room, size);
}

struct str proc_children(pid_t self, char *room, size_t size)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children", (long)self);
    return read_start(path, room, size);
}
