#include "reporters/sparkline.h"

#include <math.h>

#include "base/buf.h"
#include "model/history.h"

enum { BLOCKS = 8, DIGITS = 10 };

static bool breaks_at(const struct history_series *s, size_t at)
{
    for (size_t i = 0; i < s->break_count; i++) {
        if (s->breaks[i].at == at) {
            return true;
        }
    }
    return false;
}

/* Where the part that is shown begins. */
static size_t first_shown(const struct sparkline *s)
{
    size_t used = 0;
    size_t at = s->count;
    while (at > 0) {
        used += at < s->count && breaks_at(s->series, at) ? 2 : 1; /* a bar stands between two */
        if (used > s->columns) {
            break;
        }
        at--;
    }
    return at;
}

static void append_level(struct buf *out, double share, bool is_unicode)
{
    static const char *const blocks[BLOCKS] = {"\xe2\x96\x81", "\xe2\x96\x82", "\xe2\x96\x83", "\xe2\x96\x84",
                                               "\xe2\x96\x85", "\xe2\x96\x86", "\xe2\x96\x87", "\xe2\x96\x88"};
    int levels = is_unicode ? BLOCKS : DIGITS;
    int level = (int)(share * levels);
    level = level < 0 ? 0 : level >= levels ? levels - 1 : level;
    if (is_unicode) {
        buf_append_cstr(out, blocks[level]);
    } else {
        buf_append_char(out, (char)('0' + level));
    }
}

size_t sparkline_append(struct buf *out, const struct sparkline *s)
{
    size_t from = first_shown(s);
    size_t used = 0;
    double lo = INFINITY;
    double hi = -INFINITY;
    for (size_t i = from; i < s->count; i++) {
        const struct history_point *p = &s->series->points[i];
        lo = p->has_value && p->value < lo ? p->value : lo;
        hi = p->has_value && p->value > hi ? p->value : hi;
    }
    for (size_t i = from; i < s->count; i++) {
        const struct history_point *p = &s->series->points[i];
        if (i > from && breaks_at(s->series, i)) {
            buf_append_cstr(out, s->is_unicode ? "\xe2\x94\x86" : "|");
            used++;
        }
        if (p->has_value) {
            append_level(out, hi > lo ? (p->value - lo) / (hi - lo) : 0.5, s->is_unicode);
        } else {
            buf_append_char(out, ' ');
        }
        used++;
    }
    return used;
}
