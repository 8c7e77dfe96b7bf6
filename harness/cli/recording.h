#ifndef ASSAY_CLI_RECORDING_H
#define ASSAY_CLI_RECORDING_H

/* Recording on Opper as commands see it: whether and what, by flags, suites and the project file; how long delivery may go on; and how it ended, in
 * words. */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "model/recording.h"
#include "run/session.h"

struct store;
struct suite;

#define RECORD_FLAG_ROW                                                                                                \
    {                                                                                                                  \
        "record", 0, OPTION_VALUE, "MODE",                                                                             \
            "auto, opper or local: where runs are recorded besides the store (docs/recording.md)"                      \
    }

/* Rows of what follows a run. */
#define DRAIN_ROWS                                                                                                     \
    {"drain", 0, OPTION_VALUE, "DURATION", "give up recording on Opper after so long without progress (default 60s)"}, \
        {"drain-max", 0, OPTION_VALUE, "DURATION", "and after so long in all (default 15m)"},                          \
    {                                                                                                                  \
        "verify", 0, OPTION_FLAG, NULL, "read back what was recorded on Opper and compare every span and metric"       \
    }

MUST_CHECK bool drain_limits_read(const struct args *args, struct drain_limits *ret, struct err *err);

/* What is recorded of each suite: flag over suite over project file; `auto` is decided by whether there is a key. Opens cli->service when it is
 * needed, and says in a line where runs are recorded. Errors: ERR_USAGE: --record with another word, no key where recording is promised. */
MUST_CHECK bool recording_resolve(struct cli *cli, const struct args *args, struct suite *const *suites, size_t count,
                                  struct record_options **ret, struct err *err);

/* Of runs that were begun before: opens cli->service when any of them is recorded on Opper. Errors: ERR_USAGE, no key where that is promised. */
MUST_CHECK bool recording_reopen(struct cli *cli, struct store *store, const struct run_record *runs, size_t count,
                                 struct err *err);

/* How runs stand, summed up. */
struct recording_sum {
    bool is_recorded; /* any of them */
    bool has_promise; /* one of them was promised */
    bool is_promised; /* and is not complete */
    struct recording_counts counts;
};
MUST_CHECK bool recording_sum(struct cli *cli, struct store *store, const struct run_record *runs, size_t count,
                              struct recording_sum *ret, struct err *err);

/* Lines for people: what is written, pending, refused, what a comparison found, and the command that goes on. */
void recording_print(struct cli *cli, FILE *out, const struct recording_sum *sum, const struct uuid *invocation,
                     const struct recorder_end *delivery);

/* Of several that were delivered together: a line for each (and what to do where something was refused or lost), then one for all. */
void recording_print_one(struct cli *cli, FILE *out, const struct recording_sum *sum, const struct uuid *invocation,
                         struct str suite);
void recording_print_all(struct cli *cli, FILE *out, const struct recording_sum *sum, size_t count,
                         const struct recorder_end *delivery);
void recording_sum_add(struct recording_sum *sum, const struct recording_sum *one);

/* "Opper has not confirmed 2 spans and 6 metrics" */
struct str recording_missing(struct cli *cli, const struct recording_sum *sum);

/* What stored runs came to when they were judged, together, whatever Opper has of them. */
MUST_CHECK bool recording_judged(struct cli *cli, const struct run_record *runs, size_t count, enum verdict *ret,
                                 struct str *ret_reason, struct err *err);

#endif
