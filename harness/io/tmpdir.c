#include "io/tmpdir.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/num.h"

enum { MODE = 0700 };

static const struct str variable = {"TMPDIR=", 7};

static void folder_path(const struct tmpdir_root *root, uint64_t number, char ret[TMPDIR_PATH_BYTES + 32])
{
    (void)snprintf(ret, TMPDIR_PATH_BYTES + 32, "%s/%" PRIu64, root->path, number);
}

bool tmpdir_take(struct tmpdir_root *root, const char *base, uint64_t *ret_number)
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
    if (root->ready_len > 0) {
        *ret_number = root->ready[--root->ready_len];
        root->all_len--;
        root->ready[root->ready_len] = root->ready[root->all_len]; /* close the gap before those that wait */
        return true;
    }
    char path[TMPDIR_PATH_BYTES + 32];
    folder_path(root, root->next, path);
    if (mkdir(path, MODE) != 0) {
        return false;
    }
    *ret_number = root->next++;
    return true;
}

void tmpdir_variable(const struct tmpdir_root *root, uint64_t number, char ret[TMPDIR_PATH_BYTES + 32])
{
    (void)snprintf(ret, TMPDIR_PATH_BYTES + 32, "TMPDIR=%s/%" PRIu64, root->path, number);
}

/* Whether a program left its folder as it found it. */
static bool is_untouched(const char *path)
{
    DIR *dir = opendir(path);
    struct stat st;
    if (dir == NULL) {
        return false;
    }
    bool is_empty = fstat(dirfd(dir), &st) == 0 && (st.st_mode & 07777) == MODE;
    const struct dirent *entry = NULL;
    while (is_empty && (entry = readdir(dir)) != NULL) {
        is_empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    (void)closedir(dir);
    return is_empty;
}

void tmpdir_give_back(struct tmpdir_root *root, uint64_t number)
{
    char path[TMPDIR_PATH_BYTES + 32];
    folder_path(root, number, path);
    if (!is_untouched(path)) {
        file_remove_tree(path);
        return;
    }
    if (root->all_len == root->cap) {
        root->cap = root->cap == 0 ? 64 : root->cap * 2;
        root->ready = mem_realloc(root->ready, root->cap * sizeof(*root->ready));
    }
    root->ready[root->all_len++] = number;
}

void tmpdir_settle(struct tmpdir_root *root)
{
    root->ready_len = root->all_len;
}

void tmpdir_root_remove(struct tmpdir_root *root)
{
    if (root->path[0] != '\0' && !root->is_kept) {
        file_remove_tree(root->path);
    }
    if (root->is_kept) { /* then the empty ones go by themselves, and the root if it is empty */
        for (size_t i = 0; i < root->all_len; i++) {
            char path[TMPDIR_PATH_BYTES + 32];
            folder_path(root, root->ready[i], path);
            (void)rmdir(path);
        }
    }
    mem_free(root->ready);
    *root = (struct tmpdir_root){.next = 0};
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
