#ifndef ASSAY_OPPER_PULLED_H
#define ASSAY_OPPER_PULLED_H

/* A run as it comes back from Opper: the reverse of render.h. The root span tells what was run and how it ended; the spans below it, one by one, are its
 * samples.
 *
 * What render leaves out does not come back: expected values, what a target said besides its output, why a score could not be taken, the suite's files,
 * superseded attempts. Texts that were cut, or not sent, come back as what stands in their place.
 *
 * Errors: ERR_NET for what is no record of ours, naming the member; ERR_EMPTY for a run that cannot be had: not ended, not whole. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/id.h"
#include "base/str.h"
#include "model/record.h"

struct arena;
struct err;

struct pulled_root {
    struct uuid run, invocation;
    struct str suite, variant;
    struct str line;   /* line 1 of the run's export (docs/jsonl.md) */
    struct str labels; /* JSON map */
    bool is_finished, is_full_selection;
    enum verdict verdict;
    uint64_t samples; /* that it has */
};

/* `body`: the answer to GET /spans/{root}. A run that has not ended is read, too: is_finished false, and no line. */
MUST_CHECK bool pulled_read_root(struct arena *arena, struct str body, struct pulled_root *ret, struct err *err);

/* One item of a trace's "spans". `run` has its dimensions, as the line above has them. False in *ret_is_sample: the root, a call, a superseded attempt, a
 * span that is not ours. Texts live in `arena`, or in `item`. */
MUST_CHECK bool pulled_read_span(struct arena *arena, struct str item, const struct run_record *run,
                                 bool *ret_is_sample, struct sample_record *ret, struct err *err);

#endif
