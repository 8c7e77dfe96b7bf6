#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"

/* A jump reads little, since one row may be all that is wanted there; reading on doubles it, until calls no longer cost. */
enum { BLOCK_FIRST_BYTES = 8 << 10, BLOCK_MAX_BYTES = 128 << 10 };

bool file_lines_open(struct file_lines *f, const char *path, size_t max_line_bytes, struct err *err)
{
    size_t ceiling = max_line_bytes < SIZE_MAX / 2 ? max_line_bytes : SIZE_MAX / 2;
    *f = (struct file_lines){.fd = -1,
                             .path = path,
                             .data = BUF(ceiling + BLOCK_MAX_BYTES),
                             .max_line_bytes = ceiling,
                             .block_bytes = BLOCK_FIRST_BYTES};
    return file_open(path, &f->fd, err);
}

bool file_lines_seek(struct file_lines *f, uint64_t offset, uint64_t line, struct err *err)
{
    uint64_t held_from = f->offset - f->at;
    if (offset >= held_from && offset - held_from <= f->data.len) {
        f->at = (size_t)(offset - held_from); /* the next variant wants the row of the one before: it is still here */
    } else {
        if (offset > INT64_MAX || lseek(f->fd, (off_t)offset, SEEK_SET) < 0) {
            return err_set_sys(err, ERR_IO, offset > INT64_MAX ? EOVERFLOW : errno, "cannot read '%s'", f->path);
        }
        buf_clear(&f->data);
        f->at = 0;
        f->is_eof = false;
        f->block_bytes = BLOCK_FIRST_BYTES;
    }
    f->offset = offset;
    f->line = line;
    return true;
}

static bool lines_fill(struct file_lines *f, struct err *err)
{
    buf_consume(&f->data, f->at);
    f->at = 0;
    char *room = buf_reserve(&f->data, f->block_bytes); /* there is room: what is left is at most a line */
    ptrdiff_t got = file_read_some(f->fd, room, f->block_bytes);
    if (got < 0) {
        return err_set_sys(err, ERR_IO, errno, "cannot read '%s'", f->path);
    }
    f->is_eof = got == 0;
    buf_advance(&f->data, (size_t)got);
    if (f->block_bytes < BLOCK_MAX_BYTES) {
        f->block_bytes *= 2;
    }
    return true;
}

bool file_lines_next(struct file_lines *f, bool *ret_has, struct str *ret_line, uint64_t *ret_offset, struct err *err)
{
    size_t searched = 0; /* bytes of this line that hold no end, not looked at again after a fill */
    for (;;) {
        struct str rest = str_slice(buf_str(&f->data), f->at, f->data.len);
        size_t len = rest.len;
        bool is_ended = str_find_char(str_slice(rest, searched, rest.len), '\n', &len);
        len += is_ended ? searched : 0;
        if (len > f->max_line_bytes) {
            uint32_t line = f->line < UINT32_MAX ? (uint32_t)f->line + 1 : UINT32_MAX;
            return err_set_at(err, ERR_LIMIT, (struct src_pos){f->path, line, 1}, "the line is longer than %zu bytes",
                              f->max_line_bytes);
        }
        if (is_ended || (f->is_eof && rest.len > 0)) {
            *ret_has = true;
            *ret_line = (struct str){rest.ptr, len};
            if (ret_offset != NULL) {
                *ret_offset = f->offset;
            }
            size_t step = len + (is_ended ? 1 : 0);
            f->at += step;
            f->offset += step;
            f->line++;
            return true;
        }
        if (f->is_eof) {
            *ret_has = false;
            return true;
        }
        searched = rest.len;
        if (!lines_fill(f, err)) {
            return false;
        }
    }
}

void file_lines_close(struct file_lines *f)
{
    file_close(&f->fd);
    buf_deinit(&f->data);
}
