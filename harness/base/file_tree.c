#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"

/* What a program left in its temporary folder may be nested deeper than the stack or the table of descriptors allows to follow. So nothing
 * walks down: every folder in the root gives up its files, its own folders move up into the root, and it is removed, until none is left.
 * Two descriptors, no recursion, one pass per level at most. Everything goes by descriptor and name, so no path is resolved twice. */

enum { PASSES_MAX = 100000 };

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static bool is_folder_at(int at_fd, const char *name)
{
    struct stat status;
    return fstatat(at_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

static DIR *folder_open(int at_fd, const char *name)
{
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd CLEANUP(file_close) = openat(at_fd, name, flags);
    if (fd < 0 && errno == EACCES && is_folder_at(at_fd, name) && fchmodat(at_fd, name, S_IRWXU, 0) == 0) {
        fd = openat(at_fd, name, flags);
    }
    if (fd < 0) {
        return NULL;
    }
    (void)fchmod(fd, S_IRWXU); /* a folder made read-only would keep its entries */
    DIR *folder = fdopendir(fd);
    if (folder != NULL) {
        (void)take_fd(&fd);
    }
    return folder;
}

static bool entry_remove(int at_fd, const char *name)
{
    return unlinkat(at_fd, name, 0) == 0 || unlinkat(at_fd, name, AT_REMOVEDIR) == 0;
}

static bool entry_move_up(int from_fd, const char *name, int root_fd)
{
    struct uuid id = id_random(); /* a name that is not there yet */
    struct uuid_text unique = id_text(&id);
    if (renameat(from_fd, name, root_fd, unique.text) == 0) {
        return true;
    }
    /* moving a folder writes its "..": a read-only one refuses */
    return errno == EACCES && is_folder_at(from_fd, name) && fchmodat(from_fd, name, S_IRWXU, 0) == 0 &&
           renameat(from_fd, name, root_fd, unique.text) == 0;
}

/* Both say whether anything changed. */
static bool folder_empty_into(DIR *folder, int root_fd)
{
    bool has_changed = false;
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        if (!is_dots(entry->d_name) &&
            (entry_remove(dirfd(folder), entry->d_name) || entry_move_up(dirfd(folder), entry->d_name, root_fd))) {
            has_changed = true;
        }
    }
    return has_changed;
}

static bool root_pass(DIR *root)
{
    bool has_changed = false;
    rewinddir(root);
    for (struct dirent *entry = readdir(root); entry != NULL; entry = readdir(root)) {
        if (is_dots(entry->d_name)) {
            continue;
        }
        if (entry_remove(dirfd(root), entry->d_name)) {
            has_changed = true;
            continue;
        }
        DIR *folder = folder_open(dirfd(root), entry->d_name);
        if (folder != NULL) {
            has_changed = folder_empty_into(folder, dirfd(root)) || has_changed;
            (void)closedir(folder);
            has_changed = entry_remove(dirfd(root), entry->d_name) || has_changed;
        }
    }
    return has_changed;
}

void file_remove_tree(const char *path)
{
    if (entry_remove(AT_FDCWD, path)) { /* a file, a symbolic link or, per sample, an empty folder */
        return;
    }
    DIR *root = folder_open(AT_FDCWD, path);
    if (root == NULL) {
        return;
    }
    for (int pass = 0; pass < PASSES_MAX && root_pass(root); pass++) {
    }
    (void)closedir(root);
    (void)unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}
