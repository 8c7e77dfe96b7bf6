#ifndef ASSAY_REPORTERS_TERMINAL_PARTS_H
#define ASSAY_REPORTERS_TERMINAL_PARTS_H

/* The parts of the terminal report that have files of their own. Private to it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "reporters/reporter.h"

struct buf;

enum { TERMINAL_INDENT = 2 };

void terminal_put(const struct report_in *in, const struct buf *text);

/* Appends text of ours that has to be read whole (a gate, a reason), escaped: where it does not fit, it goes on below, `indent` columns in. The
 * first line starts there already. Returns the columns used by the last line. */
size_t terminal_wrap(struct buf *out, struct str text, size_t indent, size_t columns);

/* Several variants of one suite in one table: figures down, variants across. */
void terminal_variants(const struct report_in *in, const struct report_run *runs, size_t count, struct arena *scratch);

/* The gates of the runs of one suite: a mark, the text, the figure; the reason below where it does not hold. */
void terminal_gates(const struct report_in *in, const struct report_run *runs, size_t count, struct arena *scratch);

/* The first `max_shown` (0 = all) samples that failed or errored, in plan order. */
MUST_CHECK bool terminal_failures(const struct report_in *in, const struct report_run *run, size_t max_shown,
                                  struct err *err);

#endif
