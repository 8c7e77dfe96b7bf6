#ifndef ASSAY_REPORTERS_HTML_SECTIONS_H
#define ASSAY_REPORTERS_HTML_SECTIONS_H

/* The sections of the report `html` that have files of their own. Private to it. A *group* is the runs of one suite: its variants. */

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "reporters/html_parts.h"
#include "reporters/reporter.h"

struct html_writing {
    const struct report_in *in;
    struct arena *scratch; /* of the report: nothing that grows with the cases */
    struct buf out;
    size_t body_bytes; /* of samples, so far: what comes late is cut shorter */
    size_t listed;     /* samples, so far */
};

struct html_group {
    const struct report_run *runs;
    size_t count;
    size_t at; /* which of the report's groups, from 0 */
};

void html_gates(struct html_writing *w, const struct html_group *group);
void html_dimensions(struct html_writing *w, const struct html_group *group);
void html_classes(struct html_writing *w, const struct html_group *group);
void html_histories(struct html_writing *w, const struct html_group *group);

/* Streams: what stands in w->out goes out before and after each sample. */
MUST_CHECK bool html_cases(struct html_writing *w, const struct html_group *group, struct err *err);

#endif
