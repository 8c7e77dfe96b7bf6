#ifndef ASSAY_RUN_EVENTS_H
#define ASSAY_RUN_EVENTS_H

/* What a run tells while it goes on. cli/ shows it; nothing here prints. A sample is announced only after its commit: whoever saw it may rely on
 * its record, whatever happens next. Every callback may be NULL. */

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct run_record;
struct sample_record;
struct suite;

struct run_progress {
    uint64_t planned;  /* samples of the whole invocation, skipped cases left out */
    uint64_t recorded; /* now in the store, those of an earlier part of a resumed run included */
    uint64_t failed, errored;
    uint64_t in_flight;
    int64_t started_ns, now_ns; /* monotonic */
    uint64_t recorded_before;   /* of `recorded`, before this process */
    bool is_draining;
};

/* What is left to be recorded on Opper once the samples are done. */
struct run_delivery {
    uint64_t spans, confirmed; /* of these */
    bool is_verifying;         /* reading back: `confirmed` were looked at; spans is 0 */
    int64_t began_ns, now_ns;
    struct str trouble; /* what went wrong last; empty = nothing did */
};

struct run_events {
    void *ctx;
    void (*planning)(void *ctx, uint64_t cases); /* read so far by the pre-pass, of all suites; every some thousand */
    void (*sample)(void *ctx, const struct suite *suite, const struct run_record *run,
                   const struct sample_record *sample);
    void (*progress)(void *ctx, const struct run_progress *progress); /* after each turn of the loop; often */
    void (*delivery)(void *ctx, const struct run_delivery *delivery); /* some times a second */
    void (*note)(void *ctx, const char *text); /* one line for people: draining, a lowered concurrency */
};

#endif
