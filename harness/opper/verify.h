#ifndef ASSAY_OPPER_VERIFY_H
#define ASSAY_OPPER_VERIFY_H

/* Reads back what was recorded on Opper and compares it with what is rendered from the journal now: every span of a run, and every metric on it. An
 * answer of 200 is no proof that a score was kept.
 *
 * Describes requests and hands them over by a port, as delivery does (opper/deliver.h), and writes nothing. Two requests a span, and one for every hundred
 * metrics more. Memory: VERIFY_WINDOW spans at most.
 *
 * Counted: verified (there once, equal), missing, differing (another value, comment, text, or twice in one dimension). The first few are named. What
 * cannot be read after some tries ends it: then nothing is said about the rest. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "model/recording.h"

struct call_port;
struct call_result;
struct clock;
struct delivery_order;
struct err;
struct verification;

enum { VERIFY_WINDOW = 64, VERIFY_NAMED = 10 };

/* `order` as for delivery_open; what it points to outlives the verification. */
MUST_CHECK bool verify_open(const struct delivery_order *order, struct verification **ret, struct err *err);
void verify_close(struct verification **v); /* for CLEANUP; the port has let go of every call by then */

MUST_CHECK bool verify_turn(struct verification *v, const struct call_port *port, struct err *err);
void verify_answer(struct verification *v, void *tag, const struct call_result *result);
void verify_cancel(struct verification *v, struct str why); /* it ends when nothing is under way any more */
int64_t verify_next_ns(const struct verification *v);       /* INT64_MAX = with the next answer */

struct verify_status {
    bool is_over;
    struct str trouble; /* why it ended before its end; empty = it did not */
    size_t in_flight;
    uint64_t spans;                 /* looked at so far */
    struct str named[VERIFY_NAMED]; /* "case 'x': metric 'answer' is missing" */
    size_t named_count;
};
void verify_status(const struct verification *v, struct verify_status *ret);

/* Of one run: verified_*, missing and differing are set. */
void verify_counts(const struct verification *v, int64_t run, struct recording_counts *ret);

#endif
