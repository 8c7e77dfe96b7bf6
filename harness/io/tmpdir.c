#include "io/tmpdir.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/num.h"

static const struct str variable = {"TMPDIR=", 7};

static void folder_path(const struct tmpdir_root *root, uint64_t number, char ret[TMPDIR_PATH_BYTES + 32])
{
    (void)snprintf(ret, TMPDIR_PATH_BYTES + 32, "%s/%" PRIu64, root->path, number);
}

bool tmpdir_make(struct tmpdir_root *root, const char *base, uint64_t *ret_number)
{
    if (root->path[0] == '\0') {
        int len = snprintf(root->path, sizeof(root->path), "%s/assay-XXXXXX", base == NULL ? "/tmp" : base);
        if (len < 0 || (size_t)len >= sizeof(root->path)) {
            root->path[0] = '\0';
            errno = ENAMETOOLONG;
            return false;
        }
        if (mkdtemp(root->path) == NULL) {
            root->path[0] = '\0';
            return false;
        }
    }
    char path[TMPDIR_PATH_BYTES + 32];
    folder_path(root, root->next, path);
    if (mkdir(path, 0700) != 0) {
        return false;
    }
    *ret_number = root->next++;
    return true;
}

void tmpdir_variable(const struct tmpdir_root *root, uint64_t number, char ret[TMPDIR_PATH_BYTES + 32])
{
    (void)snprintf(ret, TMPDIR_PATH_BYTES + 32, "TMPDIR=%s/%" PRIu64, root->path, number);
}

void tmpdir_remove(const struct tmpdir_root *root, uint64_t number)
{
    char path[TMPDIR_PATH_BYTES + 32];
    folder_path(root, number, path);
    if (rmdir(path) != 0 && errno != ENOENT) { /* most programs leave nothing there */
        file_remove_tree(path);
    }
}

void tmpdir_root_remove(struct tmpdir_root *root)
{
    if (root->path[0] != '\0' && !root->is_kept) {
        file_remove_tree(root->path);
    }
    root->path[0] = '\0';
}

bool tmpdir_is_in(const struct tmpdir_root *root, struct str environment, uint64_t *ret_number)
{
    size_t root_len = strlen(root->path);
    while (root_len > 0 && environment.len > 0) {
        size_t len = strnlen(environment.ptr, environment.len);
        struct str entry = {environment.ptr, len};
        if (str_starts(entry, variable) && len > variable.len + root_len &&
            memcmp(entry.ptr + variable.len, root->path, root_len) == 0 && entry.ptr[variable.len + root_len] == '/') {
            return num_parse_u64(str_slice(entry, variable.len + root_len + 1, len), ret_number);
        }
        size_t step = len < environment.len ? len + 1 : len;
        environment = (struct str){environment.ptr + step, environment.len - step};
    }
    return false;
}
