#ifndef ASSAY_CLI_EXECUTE_H
#define ASSAY_CLI_EXECUTE_H

/* The part that `run`, `resume` and `rescore` share: execute a planned session, judge, report, say how it ended. */

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/recording.h"
#include "cli/reports.h"
#include "run/session.h"

/* Rows of the options that the three commands share, for their tables. */
#define EXECUTE_ROWS                                                                                                   \
    {"report", 'r', OPTION_LIST, "FORMAT[=FILE]", "write a report; repeatable (assay help reporters)"},                \
        {"verbose", 'v', OPTION_FLAG, NULL, "a line for every sample; stderr of programs"},                            \
        {"quiet", 'q', OPTION_FLAG, NULL, "no progress, only the summary"},                                            \
        {"show", 0, OPTION_VALUE, "N", "failures shown in the summary (default 10; 0 = all)"}, DRAIN_ROWS,             \
    {                                                                                                                  \
        "grace", 0, OPTION_VALUE, "DURATION", "how long running samples may go on after Ctrl-C (default 10s)"          \
    }

struct execute_flags {
    struct report_set reports;
    bool is_verbose, is_quiet;
    bool verifies; /* what is recorded on Opper */
    uint64_t max_shown;
    int64_t grace_ns;
    struct drain_limits drain;
};

MUST_CHECK bool execute_flags_read(struct cli *cli, const struct args *args, struct execute_flags *ret,
                                   struct err *err);

/* --run-id NAME; STR_NULL when absent. A name is text that can be printed and typed again: not empty, no control characters. */
MUST_CHECK bool execute_run_id(const struct args *args, struct str *ret, struct err *err);

enum verdict execute_session(struct cli *cli, struct session *session, const struct execute_flags *flags);

#endif
