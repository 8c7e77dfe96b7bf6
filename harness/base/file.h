#ifndef ASSAY_BASE_FILE_H
#define ASSAY_BASE_FILE_H

/* Files: whole with a ceiling, line by line with flat memory, and paths. Only regular files are read (a FIFO or a device could hang or never
 * end), except where a header says so. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/str.h"

struct arena;
struct err;

/* Opens a regular file for reading. Anything else is refused by name (ERR_IO) and without blocking. */
MUST_CHECK bool file_open(const char *path, int *ret_fd, struct err *err);

/* A new file in `dir`, for reading and writing, without a name: it is gone when it is closed, also with us. */
MUST_CHECK bool file_temporary(const char *dir, int *ret_fd, struct err *err);

/* Reads what is there now, at most `size` bytes, over interruptions: 0 = the end, -1 = errno. */
ptrdiff_t file_read_some(int fd, char *into, size_t size);

/* The ceiling is counted while reading, not taken from stat. "-" is not special. */
MUST_CHECK bool file_read(struct arena *arena, const char *path, size_t max_bytes, struct str *ret, struct err *err);

/* Writes a new file beside the target, syncs and renames it over: never half a file. A target that exists keeps its mode (and its owner
 * where we may set it), and a symbolic link to it stays; what is no regular file or may not be written is refused. */
MUST_CHECK bool file_write(const char *path, struct str data, struct err *err);

/* The same for what comes piece by piece: write to `stream`, then commit; until then the target is as it was. A device or a pipe is written to
 * directly. Whoever leaves without commit discards (CLEANUP), and nothing is left behind. Texts live in `arena`. */
struct file_new {
    FILE *stream;
    const char *path, *temp; /* temp NULL = written directly, or done */
    bool is_special;
};
MUST_CHECK bool file_new_open(struct file_new *f, struct arena *arena, const char *path, struct err *err);
MUST_CHECK bool file_new_commit(struct file_new *f, struct err *err);
void file_new_discard(struct file_new *f);
/* Discards, also after a commit that failed, and takes away what stands at the place: where that would be taken for what could not be written. */
void file_new_remove(struct file_new *f);

const char *file_mode_name(mode_t mode); /* for messages: "a folder", "a device" */

/* Lines of a file, in order. A line's text lives until the next call. "\n" ends a line; a "\r" before it is kept (readers of formats drop
 * it); a last line without end counts. `line` counts from 1, `offset` is the byte where the line starts. */
struct file_lines {
    int fd;
    const char *path;
    struct buf data;
    size_t at;       /* read position in data */
    uint64_t offset; /* file offset of the next line */
    uint64_t line;   /* number of the line last given */
    size_t max_line_bytes;
    size_t block_bytes; /* of the next read: small after a jump, growing while lines are read on */
    bool is_eof;
};
/* After a failure `f` is as closed. `path` is borrowed. */
MUST_CHECK bool file_lines_open(struct file_lines *f, const char *path, size_t max_line_bytes, struct err *err);
MUST_CHECK bool file_lines_seek(struct file_lines *f, uint64_t offset, uint64_t line,
                                struct err *err); /* go on there; `line` = its number - 1 */
/* *ret_has = false at the end. Errors: ERR_IO; ERR_LIMIT with file:line for a line over the ceiling. `ret_offset` may be NULL. */
MUST_CHECK bool file_lines_next(struct file_lines *f, bool *ret_has, struct str *ret_line, uint64_t *ret_offset,
                                struct err *err);
void file_lines_close(struct file_lines *f);

const char *file_join(struct arena *arena, struct str dir,
                      struct str path); /* path when absolute, else dir/path; dir "" = path; NULL with a NUL inside */
struct str file_dir(struct str path);   /* "a/b.yaml" -> "a", "b.yaml" -> ".", "/b" -> "/" */
struct str file_name(struct str path);  /* "a/b.yaml" -> "b.yaml" */
struct str file_stem(struct str path);  /* "a/b.yaml" -> "b", ".b" -> ".b" */
bool file_exists(const char *path);
bool file_is_regular(const char *path); /* NULL: no */
/* Whether both paths lead to one regular file; of paths where nothing is (yet), whether they name one place. */
bool file_is_same(const char *a, const char *b);
MUST_CHECK bool file_make_dir(const char *path, struct err *err); /* one level; an existing folder is fine */
void file_remove_tree(const char *path);                          /* best effort; follows no symbolic link */
void file_close(int *fd);                                         /* for CLEANUP: closes unless -1 */
void file_fclose(FILE **f);                                       /* for CLEANUP */

#endif
