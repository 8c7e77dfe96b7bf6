#ifndef ASSAY_TESTS_REPORTERS_REPORT_H
#define ASSAY_TESTS_REPORTERS_REPORT_H

/* A report over records made here: two variants of a suite, samples with whatever a model may say. */

#include "base/arena.h"
#include "base/err.h"
#include "reporters/reporter.h"

enum { REPORT_RUNS = 2, REPORT_DIMENSIONS = 3, REPORT_HOSTILE = 20 };

struct report {
    struct arena arena;
    struct invocation_record invocation;
    struct plan_record plan;
    struct run_record runs[REPORT_RUNS];
    struct summary summaries[REPORT_RUNS];
    struct report_run report_runs[REPORT_RUNS];
    struct sample_record *samples; /* of every run */
    size_t sample_count;
    size_t fail_at; /* the cursor fails before this sample; SIZE_MAX = never */
    struct report_in in;
};

/* Texts that break formats: all bytes, "]]>", control characters, a line of 1 MB, markup, formulas, directions. ret_count of them. */
const struct str *report_hostile(struct arena *arena, size_t *ret_count);

enum report_content {
    REPORT_NICE, /* three samples that say "plain" */
    REPORT_EVIL, /* a sample a hostile text, which is its input, output, expected, comment, error, id and tag; scored and errored ones in turn */
    REPORT_HARMLESS /* the same, with an x for each byte of them: what differs from REPORT_EVIL is the content's doing */
};
void report_init(struct report *r, size_t run_count, enum report_content content);
void report_deinit(struct report *r); /* for CLEANUP */

/* Writes it; what came out, in the report's arena. Without color, `columns` wide. */
struct str report_write_text(struct report *r, const char *format, size_t columns);

/* The bytes that are there, of all values of a byte, twice. */
struct str report_all_bytes(struct arena *arena);

#endif
