#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"

/* One file per running invocation, `<store>-locks/<id>.lock`, under flock: the lock dies with its holder, whatever kills it. The file tells the next
 * one who that is. It is removed at the end, so a file that was opened may be gone by the time it is locked: then the name is looked at
 * again. */

enum { TRIES = 100 };

enum lock_result { LOCK_OK, LOCK_HELD, LOCK_AGAIN, LOCK_FAILED };

static bool lock_is_current(int fd, const char *path)
{
    struct stat ours;
    struct stat named;
    return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_dev == named.st_dev &&
           ours.st_ino == named.st_ino;
}

static enum lock_result lock_try(const char *dir, const char *path, int *ret_fd)
{
    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        return LOCK_FAILED;
    }
    int fd CLEANUP(file_close) = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) {
        return errno == ENOENT ? LOCK_AGAIN : LOCK_FAILED; /* the folder was tidied away between the two */
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? LOCK_HELD : errno == EINTR ? LOCK_AGAIN : LOCK_FAILED;
    }
    if (!lock_is_current(fd, path)) {
        return LOCK_AGAIN;
    }
    *ret_fd = take_fd(&fd);
    return LOCK_OK;
}

/* Who holds it, in the holder's own words. It may just have been taken and not signed yet. */
static void lock_read_holder(const char *path, char *ret, size_t size)
{
    int fd CLEANUP(file_close) = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, ret, size - 1);
    ret[got > 0 ? got : 0] = '\0';
    ret[strcspn(ret, "\n")] = '\0';
    if (ret[0] == '\0') {
        (void)snprintf(ret, size, "another process");
    }
}

static void lock_sign(int fd)
{
    char host[256] = "";
    char text[512];
    if (gethostname(host, sizeof(host) - 1) != 0) {
        host[0] = '\0';
    }
    struct clock_text now = clock_rfc3339(clock_unix_ms(&CLOCK_SYSTEM));
    int len = snprintf(text, sizeof(text), "process %ld on %s since %s\n", (long)getpid(), host, now.text);
    if (ftruncate(fd, 0) == 0 && len > 0) {
        ssize_t written = pwrite(fd, text, (size_t)len, 0); /* for people only: the lock holds without it */
        (void)written;
    }
}

bool store_lock(struct store *store, const struct uuid *invocation, struct store_lock *ret, struct err *err)
{
    struct uuid_text id = id_text(invocation);
    struct buf dir CLEANUP(buf_deinit) = BUF(PATH_MAX);
    struct buf path CLEANUP(buf_deinit) = BUF(PATH_MAX);
    buf_printf(&dir, "%s-locks", store->path);
    buf_printf(&path, "%s-locks/%s.lock", store->path, id.text);
    if (path.overflow) {
        return err_set_sys(err, ERR_IO, ENAMETOOLONG, "cannot lock invocation %s", id.text);
    }
    int fd CLEANUP(file_close) = -1;
    enum lock_result result = LOCK_AGAIN;
    for (int i = 0; i < TRIES && result == LOCK_AGAIN; i++) {
        result = lock_try(dir.ptr, path.ptr, &fd);
    }
    if (result == LOCK_HELD) {
        char holder[512];
        lock_read_holder(path.ptr, holder, sizeof(holder));
        return err_set(err, ERR_USAGE, "invocation %s is running already: %s", id.text, holder);
    }
    if (result != LOCK_OK) {
        return err_set_sys(err, ERR_IO, errno, "cannot lock invocation %s with '%s'", id.text, path.ptr);
    }
    lock_sign(fd);
    *ret = (struct store_lock){.path = take_ptr(&path.ptr), .fd = take_fd(&fd)};
    return true;
}

void store_unlock(struct store_lock *lock)
{
    if (lock->path == NULL) {
        return;
    }
    (void)unlink(lock->path); /* while it is held, so that nobody else can have locked this name */
    *strrchr(lock->path, '/') = '\0';
    (void)rmdir(lock->path); /* when it was the last one */
    file_close(&lock->fd);
    mem_free(lock->path);
    *lock = (struct store_lock){0};
}
