#ifndef ASSAY_IO_TMPDIR_H
#define ASSAY_IO_TMPDIR_H

/* Private folders for programs: BASE/assay-XXXXXX/N, given before a start and taken back after it. The path is also how a process that escaped its
 * group is known as ours: it stands in its environment as TMPDIR.
 *
 * Making and removing a folder costs a third of starting a program (170 us on ext4), so one that was left empty is used again: not at once, but after
 * a sweep has found no process that could still write there (tmpdir_settle). One with anything in it is removed. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { TMPDIR_PATH_BYTES = 512 };

struct tmpdir_root {
    char path[TMPDIR_PATH_BYTES]; /* "" = not made yet */
    uint64_t next;
    bool is_kept;    /* a folder of a sample was kept: the root stays too */
    uint64_t *ready; /* empty folders that may be given again, then those that wait for a sweep */
    size_t ready_len, all_len, cap;
};

/* An empty folder: *ret_number names it. False: errno. `base` counts the first time. */
bool tmpdir_take(struct tmpdir_root *root, const char *base, uint64_t *ret_number);

/* "TMPDIR=<path of folder number>", NUL-terminated. */
void tmpdir_variable(const struct tmpdir_root *root, uint64_t number, char ret[TMPDIR_PATH_BYTES + 32]);
void tmpdir_give_back(struct tmpdir_root *root, uint64_t number);
void tmpdir_settle(struct tmpdir_root *root); /* nobody of the programs that are over is alive */
void tmpdir_root_remove(struct tmpdir_root *root);

/* The folder's number when an environment ("A=b\0C=d\0") holds a TMPDIR of this root. */
bool tmpdir_is_in(const struct tmpdir_root *root, struct str environment, uint64_t *ret_number);

#endif
