#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"

/* One file per running invocation, `<store>-locks/<id>.lock`, under flock: the lock dies with its holder, whatever kills it. The file tells the next
 * one who that is. It is removed at the end, so a file that was opened may be gone by the time it is locked: then the name is looked at
 * again. A child that its holder was just starting when it was killed has the lock, too, until it runs its program: a moment, longer on
 * a busy machine. So a holder that is gone is waited for. */

enum { TRIES = 100, ORPHAN_TRIES = 500, ORPHAN_PAUSE_MS = 10, HOST_BYTES = 256 };

/* "process 123 on host since 2026-01-31T10:00:00.000Z" */
#define SIGNED_BY "process "
#define SIGNED_ON " on "
#define SIGNED_SINCE " since "

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

static void host_name(char *ret, size_t size)
{
    ret[0] = ret[size - 1] = '\0';
    if (gethostname(ret, size - 1) != 0) {
        ret[0] = '\0';
    }
}

/* By what lock_sign wrote. Of another host nothing is known. */
static bool holder_is_gone(struct str holder)
{
    char host[HOST_BYTES];
    size_t at = 0;
    uint64_t pid = 0;
    host_name(host, sizeof(host));
    if (!str_starts(holder, STR(SIGNED_BY))) {
        return false;
    }
    holder = str_slice(holder, sizeof(SIGNED_BY) - 1, holder.len);
    if (!str_find(holder, STR(SIGNED_ON), &at) || !num_parse_u64(str_slice(holder, 0, at), &pid) || pid == 0 ||
        pid > INT_MAX) {
        return false;
    }
    holder = str_slice(holder, at + sizeof(SIGNED_ON) - 1, holder.len);
    return str_find(holder, STR(SIGNED_SINCE), &at) && str_eq_cstr(str_slice(holder, 0, at), host) &&
           kill((pid_t)pid, 0) != 0 && errno == ESRCH;
}

static void lock_sign(int fd)
{
    char host[HOST_BYTES];
    char text[512];
    host_name(host, sizeof(host));
    struct clock_text now = clock_rfc3339(clock_unix_ms(&CLOCK_SYSTEM));
    int len = snprintf(text, sizeof(text), SIGNED_BY "%ld" SIGNED_ON "%s" SIGNED_SINCE "%s\n", (long)getpid(), host,
                       now.text);
    if (ftruncate(fd, 0) == 0 && len > 0) {
        ssize_t written = pwrite(fd, text, (size_t)len, 0); /* for people only: the lock holds without it */
        (void)written;
    }
}

static enum lock_result lock_wait(const char *dir, const char *path, char *ret_holder, size_t holder_size, int *ret_fd)
{
    int again = 0;
    int orphaned = 0;
    for (;;) {
        enum lock_result result = lock_try(dir, path, ret_fd);
        if (result == LOCK_AGAIN && again++ < TRIES) {
            continue;
        }
        if (result != LOCK_HELD) {
            return result;
        }
        lock_read_holder(path, ret_holder, holder_size);
        if (!holder_is_gone(str_from(ret_holder)) || orphaned++ == ORPHAN_TRIES) {
            return result;
        }
        const struct timespec pause = {.tv_nsec = ORPHAN_PAUSE_MS * NS_PER_MS};
        (void)nanosleep(&pause, NULL);
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
    char holder[512] = "";
    int fd CLEANUP(file_close) = -1;
    enum lock_result result = lock_wait(dir.ptr, path.ptr, holder, sizeof(holder), &fd);
    if (result == LOCK_HELD) {
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
