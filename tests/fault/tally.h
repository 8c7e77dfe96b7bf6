#ifndef ASSAY_TESTS_FAULT_TALLY_H
#define ASSAY_TESTS_FAULT_TALLY_H

/* What the fault server saw: its counts, its logs, and the ledger that is made of them (server.c has the manual). Whoever serves says what happened. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "tests/fault/api.h"
#include "tests/fault/request.h"

enum { TALLY_KINDS = 20, TALLY_STATUSES = 1000 };

struct kind_count {
    const char *kind;
    uint64_t count;
};

struct tally {
    int64_t started_ns;
    const char *ledger_path; /* these three: NULL = not wanted */
    FILE *requests, *raw;
    uint64_t total, connections, faults, in_flight, most_in_flight, key_seen;
    struct kind_count kinds[TALLY_KINDS];
    uint64_t statuses[TALLY_STATUSES];
};

void tally_request(struct tally *t, const struct request *r, const char *kind); /* under way from here on */
void tally_answered(struct tally *t);                                           /* or its connection is gone */
void tally_status(struct tally *t, unsigned status);

/* A line of --requests: the n-th request of its connection, and the rule that acts (from 1; 0 = none). */
void tally_log(const struct tally *t, const struct request *r, const char *kind, uint64_t conn, uint64_t on_conn,
               uint64_t rule);

void tally_dump(const struct tally *t, struct buf *out); /* the ledger's last line */
void tally_flush(const struct tally *t);                 /* the logs are whole */
bool tally_end(struct tally *t,
               const struct api *api); /* writes the ledger, closes the logs; false: not all of it, errno */

#endif
