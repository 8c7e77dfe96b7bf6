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

enum { READ_BYTES = 64 << 10 };

const char *file_mode_name(mode_t mode)
{
    if (S_ISDIR(mode)) {
        return "a folder";
    }
    if (S_ISFIFO(mode)) {
        return "a pipe (FIFO)";
    }
    if (S_ISSOCK(mode)) {
        return "a socket";
    }
    return S_ISCHR(mode) || S_ISBLK(mode) ? "a device" : "no regular file";
}

bool file_open(const char *path, int *ret_fd, struct err *err)
{
    struct stat status;
    /* O_NONBLOCK: a FIFO without a writer would hold us in open; on regular files it does nothing */
    int fd CLEANUP(file_close) = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        int cause = errno;
        if (cause == ENXIO && stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
            return err_set(err, ERR_IO, "'%s' is %s; only regular files are read", path,
                           file_mode_name(status.st_mode));
        }
        return err_set_sys(err, ERR_IO, cause, "cannot open '%s'", path);
    }
    if (fstat(fd, &status) != 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot open '%s'", path);
    }
    if (!S_ISREG(status.st_mode)) {
        return err_set(err, ERR_IO, "'%s' is %s; only regular files are read", path, file_mode_name(status.st_mode));
    }
    *ret_fd = take_fd(&fd);
    return true;
}

bool file_temporary(const char *dir, int *ret_fd, struct err *err)
{
    int fd CLEANUP(file_close) = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) { /* not on every file system: then a name of a moment */
        char path[PATH_MAX];
        int len = snprintf(path, sizeof(path), "%s/.assay-XXXXXX", dir);
        fd = len > 0 && (size_t)len < sizeof(path) ? mkostemp(path, O_CLOEXEC) : -1;
        if (fd >= 0) {
            (void)unlink(path);
        }
    }
    if (fd < 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot make a temporary file in '%s'", dir);
    }
    *ret_fd = take_fd(&fd);
    return true;
}

ptrdiff_t file_read_some(int fd, char *into, size_t size)
{
    ssize_t got = 0;
    do {
        got = read(fd, into, size);
    } while (got < 0 && errno == EINTR);
    return got;
}

bool file_read(struct arena *arena, const char *path, size_t max_bytes, struct str *ret, struct err *err)
{
    int fd CLEANUP(file_close) = -1;
    if (!file_open(path, &fd, err)) {
        return false;
    }
    size_t ceiling = max_bytes < SIZE_MAX / 2 ? max_bytes : SIZE_MAX / 2;
    struct buf data CLEANUP(buf_deinit) = BUF(ceiling + READ_BYTES);
    for (;;) {
        ptrdiff_t got = file_read_some(fd, buf_reserve(&data, READ_BYTES), READ_BYTES);
        if (got < 0) {
            return err_set_sys(err, ERR_IO, errno, "cannot read '%s'", path);
        }
        if (got == 0) {
            *ret = arena_str(arena, buf_str(&data));
            return true;
        }
        buf_advance(&data, (size_t)got);
        if (data.len > ceiling) {
            return err_set(err, ERR_LIMIT, "'%s' is larger than %zu bytes", path, max_bytes);
        }
    }
}

const char *file_join(struct arena *arena, struct str dir, struct str path)
{
    if (dir.len == 0 || str_starts(path, STR("/"))) {
        return arena_cstr(arena, path);
    }
    if (str_has_nul(dir) || str_has_nul(path)) {
        return NULL;
    }
    return arena_printf(arena, "%.*s%s%.*s", STR_ARG(dir), str_ends(dir, STR("/")) ? "" : "/", STR_ARG(path)).ptr;
}

static size_t name_start(struct str path)
{
    size_t at = path.len;
    while (at > 0 && path.ptr[at - 1] != '/') {
        at--;
    }
    return at;
}

struct str file_dir(struct str path)
{
    size_t at = name_start(path);
    if (at == 0) {
        return STR(".");
    }
    while (at > 1 && path.ptr[at - 1] == '/') {
        at--;
    }
    return str_slice(path, 0, at);
}

struct str file_name(struct str path)
{
    return str_slice(path, name_start(path), path.len);
}

struct str file_stem(struct str path)
{
    struct str name = file_name(path);
    for (size_t at = name.len; at > 1; at--) {
        if (name.ptr[at - 1] == '.') {
            return str_slice(name, 0, at - 1);
        }
    }
    return name;
}

static bool is_same_folder(const char *a, const char *b)
{
    char dir_a[PATH_MAX];
    char dir_b[PATH_MAX];
    struct stat at_a;
    struct stat at_b;
    (void)snprintf(dir_a, sizeof(dir_a), "%.*s", STR_ARG(file_dir(str_from(a))));
    (void)snprintf(dir_b, sizeof(dir_b), "%.*s", STR_ARG(file_dir(str_from(b))));
    return stat(dir_a, &at_a) == 0 && stat(dir_b, &at_b) == 0 && at_a.st_dev == at_b.st_dev &&
           at_a.st_ino == at_b.st_ino;
}

bool file_is_same(const char *a, const char *b)
{
    struct stat at_a;
    struct stat at_b;
    bool has_a = stat(a, &at_a) == 0;
    bool has_b = stat(b, &at_b) == 0;
    if (has_a && has_b) {
        return S_ISREG(at_a.st_mode) && at_a.st_dev == at_b.st_dev && at_a.st_ino == at_b.st_ino;
    }
    return strcmp(a, b) == 0 ||
           (!has_a && !has_b && str_eq(file_name(str_from(a)), file_name(str_from(b))) && is_same_folder(a, b));
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

bool file_is_regular(const char *path)
{
    struct stat st;
    return path != NULL && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool file_make_dir(const char *path, struct err *err)
{
    if (mkdir(path, 0777) == 0) {
        return true;
    }
    int cause = errno;
    struct stat status;
    if (cause == EEXIST && stat(path, &status) == 0) {
        return S_ISDIR(status.st_mode) || err_set(err, ERR_IO, "'%s' is %s, not a folder", path,
                                                  S_ISREG(status.st_mode) ? "a file" : file_mode_name(status.st_mode));
    }
    return err_set_sys(err, ERR_IO, cause, "cannot make the folder '%s'", path);
}

void file_close(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

void file_fclose(FILE **f)
{
    if (*f != NULL) {
        (void)fclose(*f);
        *f = NULL;
    }
}
