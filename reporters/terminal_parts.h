#ifndef ASSAY_REPORTERS_TERMINAL_PARTS_H
#define ASSAY_REPORTERS_TERMINAL_PARTS_H

/* The parts of the terminal report that have files of their own. Private to it, and to whatever else is printed beside it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "reporters/reporter.h"

enum {
    TERMINAL_INDENT = 2,
    TERMINAL_LABEL_COLUMNS = 10, /* "expected  " */
    TERMINAL_VERBOSE_LINES = 40,
    TERMINAL_NARROW = 40
};

void terminal_put(const struct report_in *in, const struct buf *text);

/* Appends text of ours that has to be read whole (a gate, a reason), escaped: where it does not fit, it goes on below, `indent` columns in. The
 * first line starts there already. Returns the columns used by the last line. */
size_t terminal_wrap(struct buf *out, struct str text, size_t indent, size_t columns);

/* Labelled lines below a case. Of the report only `out`, `term` and `is_verbose` are looked at. */
struct terminal_writing {
    const struct report_in *in;
    struct arena *arena; /* of the case */
    struct buf line;
};
void terminal_line(struct terminal_writing *w, const char *label, struct str text, enum term_style style);
/* Why it went wrong has to be read whole: it goes on below where it does not fit. */
void terminal_reason(struct terminal_writing *w, const char *label, struct str text, size_t max_bytes,
                     enum term_style style);
/* The first lines and the last one: an answer's end is where it says what it comes to. */
void terminal_excerpt(struct terminal_writing *w, const char *label, struct str text);
size_t terminal_count_lines(struct str text);
size_t terminal_room(const struct terminal_writing *w, size_t used); /* columns left, at least 1 */

/* Several variants of one suite in one table: figures down, variants across. */
void terminal_variants(const struct report_in *in, const struct report_run *runs, size_t count, struct arena *scratch);

/* The gates of the runs of one suite: a mark, the text, the figure; the reason below where it does not hold. */
void terminal_gates(const struct report_in *in, const struct report_run *runs, size_t count, struct arena *scratch);

/* The first `max_shown` (0 = all) samples that failed or errored, in plan order. */
MUST_CHECK bool terminal_failures(const struct report_in *in, const struct report_run *run, size_t max_shown,
                                  struct err *err);

#endif
