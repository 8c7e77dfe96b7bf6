#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/id.h"

/* What stands at the target's place, and what of it the new file takes over. */
struct target {
    char path[PATH_MAX]; /* behind symbolic links, so that they stay */
    bool is_there;
    struct stat status;
};

static bool target_find(const char *path, struct target *ret, struct err *err)
{
    if (realpath(path, ret->path) == NULL) {
        size_t len = strlen(path);
        if (errno != ENOENT) {
            return err_set_sys(err, ERR_IO, errno, "cannot write '%s'", path);
        }
        if (len >= sizeof(ret->path)) {
            return err_set_sys(err, ERR_IO, ENAMETOOLONG, "cannot write '%s'", path);
        }
        memcpy(ret->path, path, len + 1);
        ret->is_there = false;
        return true;
    }
    if (stat(ret->path, &ret->status) != 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot write '%s'", path);
    }
    if (!S_ISREG(ret->status.st_mode)) {
        return err_set(err, ERR_IO, "'%s' is %s; only a regular file is replaced", path,
                       file_mode_name(ret->status.st_mode));
    }
    if (access(ret->path, W_OK) != 0) { /* rename would not ask, yet who made it read-only meant it */
        return err_set_sys(err, ERR_IO, errno, "cannot write '%s'", path);
    }
    ret->is_there = true;
    return true;
}

static bool write_all(int fd, struct str data)
{
    while (data.len > 0) {
        ssize_t written = write(fd, data.ptr, data.len);
        if (written < 0 && errno != EINTR) {
            return false;
        }
        data = str_slice(data, written < 0 ? 0 : (size_t)written, data.len);
    }
    return true;
}

/* EINVAL: a file system that cannot sync; there is nothing better to do there. */
static bool sync_fd(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL;
}

/* The new file beside the target, as its owner and mode want it; -1 = errno. */
static int temp_open(const char *temp, const struct target *target)
{
    int fd CLEANUP(file_close) = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd >= 0 && target->is_there) {
        /* owner first: changing it clears mode bits. Only root may, and then a file of another user stays theirs */
        bool is_owner_kept = fchown(fd, target->status.st_uid, target->status.st_gid) == 0;
        (void)is_owner_kept;
        if (fchmod(fd, target->status.st_mode & 0777) != 0) {
            return -1;
        }
    }
    return take_fd(&fd);
}

static bool temp_name(const struct target *target, char ret[static PATH_MAX])
{
    struct uuid id = id_random();
    struct str dir = file_dir(str_from(target->path));
    int len = snprintf(ret, PATH_MAX, "%.*s/.assay-%s.tmp", STR_ARG(dir), id_text(&id).text);
    errno = ENAMETOOLONG;
    return len >= 0 && len < PATH_MAX;
}

/* Puts it in the target's place. The new name survives a power cut, too; a folder that we cannot read does not make this a failure. */
static bool temp_rename(const char *temp, const char *path)
{
    char dir[PATH_MAX];
    (void)snprintf(dir, sizeof(dir), "%.*s", STR_ARG(file_dir(str_from(temp))));
    if (rename(temp, path) != 0) {
        return false;
    }
    int dir_fd CLEANUP(file_close) = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd >= 0) {
        (void)sync_fd(dir_fd);
    }
    return true;
}

static bool temp_fill(const char *temp, const struct target *target, struct str data)
{
    int fd CLEANUP(file_close) = temp_open(temp, target);
    if (fd < 0 || !write_all(fd, data) || !sync_fd(fd)) {
        return false;
    }
    return close(take_fd(&fd)) == 0; /* network file systems report a full disk here */
}

bool file_write(const char *path, struct str data, struct err *err)
{
    struct target target;
    char temp[PATH_MAX];
    if (!target_find(path, &target, err)) {
        return false;
    }
    if (!temp_name(&target, temp)) {
        return err_set_sys(err, ERR_IO, errno, "cannot write '%s'", path);
    }
    if (!temp_fill(temp, &target, data) || !temp_rename(temp, target.path)) {
        int cause = errno;
        (void)unlink(temp);
        return err_set_sys(err, ERR_IO, cause, "cannot write '%s'", path);
    }
    return true;
}

/* --- piece by piece ----------------------------------------------------------------------------------------------------------------------- */

/* A device or a pipe takes what it is given: there is nothing to rename. */
static bool is_special(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

bool file_new_open(struct file_new *f, struct arena *arena, const char *path, struct err *err)
{
    struct target target = {0};
    char temp[PATH_MAX] = "";
    *f = (struct file_new){.path = path, .is_special = is_special(path)};
    if (f->is_special) {
        f->stream = fopen(path, "we");
    } else {
        if (!target_find(path, &target, err)) {
            return false;
        }
        int fd CLEANUP(file_close) = temp_name(&target, temp) ? temp_open(temp, &target) : -1;
        f->stream = fd >= 0 ? fdopen(fd, "w") : NULL;
        if (f->stream != NULL) {
            (void)take_fd(&fd);
            f->temp = arena_str(arena, str_from(temp)).ptr;
            f->path = arena_str(arena, str_from(target.path)).ptr;
        }
    }
    return f->stream != NULL || err_set_sys(err, ERR_IO, errno, "cannot write '%s'", path);
}

bool file_new_commit(struct file_new *f, struct err *err)
{
    FILE *stream = take_ptr(&f->stream);
    const char *temp = take_ptr(&f->temp);
    errno = 0;
    bool ok = fflush(stream) == 0 && ferror(stream) == 0 && (temp == NULL || sync_fd(fileno(stream)));
    int cause = errno;
    if (fclose(stream) != 0 && ok) { /* network file systems report a full disk here */
        ok = false;
        cause = errno;
    }
    if (ok && temp != NULL && !temp_rename(temp, f->path)) {
        ok = false;
        cause = errno;
    }
    if (!ok && temp != NULL) {
        (void)unlink(temp);
    }
    return ok || err_set_sys(err, ERR_IO, cause == 0 ? EIO : cause, "cannot write '%s'", f->path);
}

void file_new_discard(struct file_new *f)
{
    if (f->stream != NULL) {
        (void)fclose(take_ptr(&f->stream));
    }
    if (f->temp != NULL) {
        (void)unlink(take_ptr(&f->temp));
    }
}

void file_new_remove(struct file_new *f)
{
    file_new_discard(f);
    if (!f->is_special && f->path != NULL) {
        (void)unlink(f->path);
    }
}
