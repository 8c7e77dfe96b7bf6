#ifndef ASSAY_TESTS_OPPER_RIG_H
#define ASSAY_TESTS_OPPER_RIG_H

/* A store with a run, a service in memory, and a delivery between them, in fake time: rig_drain lets minutes pass in milliseconds. */

#include "opper/deliver.h"
#include "tests/opper/double.h"
#include "tests/store/fixture.h"

struct rig {
    struct fixture f;
    struct clock clock;
    struct service_double service;
    const struct run_record *runs[1];
    const struct invocation_record *invocations[1];
    struct delivery *delivery;
    uint64_t queued;     /* samples recorded so far */
    int64_t patience_ns; /* a drain ends after so long without progress */
};

/* `metrics` of each sample's scores are 2 (the fixture's). The root's row is queued. */
void rig_open(struct rig *r, uint64_t cases, uint64_t seed);
void rig_close(struct rig *r);
void rig_start(struct rig *r);                  /* the delivery */
void rig_kill(struct rig *r);                   /* the process is gone: nothing is put back */
void rig_stop(struct rig *r);                   /* in order */
void rig_record(struct rig *r, uint64_t count); /* the next samples, each batch in one transaction */
void rig_end_root(struct rig *r);
void rig_end_root_with(struct rig *r, struct str summary, const struct root_metric *metrics, size_t count);
void rig_turn(struct rig *r);  /* one turn, and on to the next moment when something happens */
bool rig_drain(struct rig *r); /* until nothing is left; false when it stopped or no progress was made */

/* What the service holds is what the store says: each span and metric once, equal. */
void rig_check_ledger(struct rig *r, const char *what);

#endif
