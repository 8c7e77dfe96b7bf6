#ifndef ASSAY_TESTS_TEMP_H
#define ASSAY_TESTS_TEMP_H

/* A folder of the test's own, gone when it leaves its scope: `struct temp_dir dir CLEANUP(temp_dir_remove) = temp_dir_make();`. */

#include "base/str.h"

struct temp_dir {
    char path[256];
};

struct temp_dir temp_dir_make(void); /* below TMPDIR, else the system's place; ends the program when it cannot */
void temp_dir_remove(struct temp_dir *dir);

/* dir/name, NUL-terminated. */
struct temp_path {
    char text[512];
};
struct temp_path temp_path(const struct temp_dir *dir, const char *name);

/* Writes a file of the folder and gives its path. Ends the program when it cannot. */
struct temp_path temp_file(const struct temp_dir *dir, const char *name, struct str data);

#endif
