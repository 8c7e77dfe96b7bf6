#include "tests/temp.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

struct temp_dir temp_dir_make(void)
{
    struct temp_dir dir;
    const char *above = getenv("TMPDIR");
    (void)snprintf(dir.path, sizeof(dir.path), "%s/assay-test-XXXXXX", above == NULL ? P_tmpdir : above);
    if (mkdtemp(dir.path) == NULL) {
        give_up(dir.path);
    }
    return dir;
}

void temp_dir_remove(struct temp_dir *dir)
{
    file_remove_tree(dir->path);
}

struct temp_path temp_path(const struct temp_dir *dir, const char *name)
{
    struct temp_path path;
    (void)snprintf(path.text, sizeof(path.text), "%s/%s", dir->path, name);
    return path;
}

struct temp_path temp_file(const struct temp_dir *dir, const char *name, struct str data)
{
    struct temp_path path = temp_path(dir, name);
    FILE *file CLEANUP(file_fclose) = fopen(path.text, "wb");
    if (file == NULL || (data.len > 0 && fwrite(data.ptr, 1, data.len, file) != data.len)) {
        give_up(path.text);
    }
    return path;
}
