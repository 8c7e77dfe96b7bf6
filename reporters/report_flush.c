#include <errno.h>

#include "base/buf.h"
#include "base/err.h"
#include "reporters/reporter.h"

bool report_flush(struct buf *text, FILE *out, struct err *err)
{
    if (text->overflow) {
        return err_set(err, ERR_LIMIT, "a sample is too long for the report");
    }
    if (fwrite(text->ptr, 1, text->len, out) != text->len) {
        return err_set_sys(err, ERR_IO, errno, "cannot write the report");
    }
    buf_clear(text);
    return true;
}
