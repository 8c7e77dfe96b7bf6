#ifndef ASSAY_IO_TMPDIR_H
#define ASSAY_IO_TMPDIR_H

/* Private folders for programs: BASE/assay-XXXXXX/N, made before a start and removed after it. The path is also how a process that escaped its group is
 * known as ours: it stands in its environment as TMPDIR. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { TMPDIR_PATH_BYTES = 512 };

struct tmpdir_root {
    char path[TMPDIR_PATH_BYTES]; /* "" = not made yet */
    uint64_t next;
    bool is_kept; /* a folder of a sample was kept: the root stays too */
};

/* Makes the next folder: *ret_number names it. False: errno. `base` counts the first time. */
bool tmpdir_make(struct tmpdir_root *root, const char *base, uint64_t *ret_number);

/* "TMPDIR=<path of folder number>", NUL-terminated. */
void tmpdir_variable(const struct tmpdir_root *root, uint64_t number, char ret[TMPDIR_PATH_BYTES + 32]);
void tmpdir_remove(const struct tmpdir_root *root, uint64_t number);
void tmpdir_root_remove(struct tmpdir_root *root);

/* The folder's number when an environment ("A=b\0C=d\0") holds a TMPDIR of this root. */
bool tmpdir_is_in(const struct tmpdir_root *root, struct str environment, uint64_t *ret_number);

#endif
